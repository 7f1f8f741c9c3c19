//! Filling the store.

use std::path::{Path, PathBuf};
use tenure::store::{ImportOptions, ImportReport, Store, StoreError};
use tenure::time::Timestamp;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme")
}

fn import(store: &mut Store, folder: &Path) -> Result<ImportReport, StoreError> {
    store.import(folder, &ImportOptions::at(now()), &mut |_| ())
}

#[test]
fn acme_dump() {
    let mut store = Store::in_memory().unwrap();
    let report = import(&mut store, &acme());
    match report {
        Ok(r) => println!("{r:#?}"),
        Err(e) => println!("{e}"),
    }
    println!("{}", store.dump().unwrap());
    let report = import(&mut store, &acme()).unwrap();
    assert_eq!(report.changes(), 0, "{report:#?}");
}
