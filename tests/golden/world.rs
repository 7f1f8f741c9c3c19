//! The small company that the cases are written against.

use std::path::Path;
use std::sync::{Mutex, OnceLock};
use tenure::catalog::Catalog;
use tenure::session::{self, Project};
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::Timestamp;

/// The texts, checked against the names that an import of the company makes known and the
/// people whom they mention, with its numbers.
pub(crate) fn check(sources: Sources) -> Project {
    static STORE: OnceLock<Mutex<Store>> = OnceLock::new();
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let store = STORE.get_or_init(|| {
        let mut store = Store::in_memory().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
        store.import(&folder, &ImportOptions::at(now), &mut |_| {}).unwrap();
        Mutex::new(store)
    });
    let store = store.lock().unwrap();
    let people = Some(session::mentioned(&store, &sources).unwrap());
    let expiring = session::expiring(&store, &sources).unwrap();
    let catalog = Catalog { people, expiring, ..store.catalog().unwrap() };
    let mut project = Project::check(sources, &catalog);
    project.count_readings(&store, &catalog, now).unwrap();
    project
}
