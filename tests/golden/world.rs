//! The small company that the cases are written against.

use std::path::Path;
use std::sync::{Mutex, OnceLock};
use tenure::catalog::Catalog;
use tenure::session;
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::Timestamp;

/// The names that an import of the company makes known, and the people whom texts mention.
pub(crate) fn catalog(sources: &Sources) -> Catalog {
    static STORE: OnceLock<Mutex<Store>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        let mut store = Store::in_memory().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
        store.import(&folder, &ImportOptions::at(now), &mut |_| {}).unwrap();
        Mutex::new(store)
    });
    let store = store.lock().unwrap();
    let people = Some(session::mentioned(&store, sources).unwrap());
    Catalog { people, ..store.catalog().unwrap() }
}
