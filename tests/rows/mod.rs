//! Which tests say that they show a feature of `tests/features.txt`.
//!
//! A case is a file with a line `# rows: L01 L02`; a Rust test has `/// rows: L01 L02` above
//! it. One that is ignored shows nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// A test, and the numbers of what it shows.
#[derive(Debug)]
pub(crate) struct Labelled {
    /// The test, as whoever runs it names it.
    pub(crate) test: String,
    /// The numbers, in the order written.
    pub(crate) rows: Vec<String>,
}

/// The Rust tests that name numbers: `it::crash::a_test` of `tests/it`, and
/// `engine::retry::tests::a_test` of what stands beside the sources.
pub(crate) fn of_rust(root: &Path) -> Vec<Labelled> {
    let mut found = Vec::new();
    for (folder, first) in [("tests/it", "it"), ("src", "")] {
        let folder = root.join(folder);
        for path in sources(&folder) {
            let text = fs::read_to_string(&path).unwrap();
            let inside = path.strip_prefix(&folder).unwrap().with_extension("");
            let parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
            let parts = [first.to_owned()].into_iter().chain(parts);
            let module: Vec<_> =
                parts.filter(|part| !part.is_empty() && part != "mod").collect();
            for (name, rows) in of_text(&text) {
                let test = format!("{}::{name}", module.join("::"));
                found.push(Labelled { test, rows });
            }
        }
    }
    found
}

/// The tests in a Rust file that name numbers.
fn of_text(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let (mut rows, mut is_test) = (Vec::new(), false);
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(named) = line.strip_prefix("/// rows: ") {
            rows.extend(named.split_whitespace().map(str::to_owned));
        } else if line.starts_with("#[test]") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            rows.clear();
        } else if !line.starts_with("///") && !line.starts_with("#[") {
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            if let (Some(name), true, false) = (name, is_test, rows.is_empty()) {
                found.push((name.to_owned(), rows.clone()));
            }
            (rows, is_test) = (Vec::new(), false);
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
