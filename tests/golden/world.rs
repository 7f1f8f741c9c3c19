//! The small company that the cases are written against.

use std::path::Path;
use std::sync::OnceLock;
use tenure::catalog::Catalog;
use tenure::store::{ImportOptions, Store};
use tenure::time::Timestamp;

/// The names that an import of the company makes known.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        let mut store = Store::in_memory().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
        store.import(&folder, &ImportOptions::at(now), &mut |_| {}).unwrap();
        store.catalog().unwrap()
    })
}
