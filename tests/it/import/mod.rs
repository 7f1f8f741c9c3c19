//! Filling the store.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod cases;
mod change;
mod nested;
mod random;
mod text;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tenure::store::{ImportOptions, ImportReport, Store, StoreError};
use tenure::time::Timestamp;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The small company, in a folder that can be written to.
fn acme() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    lay_over(folder.path(), &root().join("tests/worlds/acme"));
    folder
}

/// Copies files over those of a folder; one in another form takes the place of the first.
fn lay_over(folder: &Path, files: &Path) {
    for entry in fs::read_dir(files).unwrap() {
        let path = entry.unwrap().path();
        let target = folder.join(path.file_name().unwrap());
        if target.extension().is_some_and(|form| form == "jsonl") {
            let _absent = fs::remove_file(target.with_extension("csv"));
        }
        fs::copy(path, target).unwrap();
    }
}

fn import(store: &mut Store, folder: &Path) -> Result<ImportReport, StoreError> {
    store.import(folder, &ImportOptions::at(now()), &mut |_| ())
}

fn filled(folder: &Path) -> Store {
    let mut store = Store::in_memory().unwrap();
    import(&mut store, folder).unwrap();
    store
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// A dump without what happened on the way.
fn without_events(dump: &str) -> String {
    let kept = dump.split_inclusive('\n').filter(|line| !line.starts_with("event "));
    kept.collect()
}

fn lines(store: &Store, starting: &str) -> Vec<String> {
    let dump = store.dump().unwrap();
    dump.lines()
        .filter(|line| line.starts_with(starting))
        .map(str::to_owned)
        .collect()
}
