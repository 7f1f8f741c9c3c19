//! Any text in a cell arrives as it was, and any bytes in a file are an answer.

use crate::import::{acme, import};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use std::collections::BTreeMap;
use std::fs;
use tenure::store::Store;
use tenure::text::fold;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_another_program_writes_is_read_as_it_was(
        names in vec("[a-c,\"\n\r ßØ;\\\\']{1,12}", 1..20),
    ) {
        let names: BTreeMap<String, &str> =
            names.iter().map(|name| (fold(name.trim()), name.trim())).collect();
        let names: Vec<&str> = names.into_values().filter(|name| !name.is_empty()).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut out = csv::Writer::from_path(folder.path().join("roles.csv")).unwrap();
        out.write_record(["role", "default"]).unwrap();
        for name in &names {
            out.write_record([name, "false"]).unwrap();
        }
        out.flush().unwrap();
        let mut store = Store::in_memory().unwrap();
        import(&mut store, folder.path()).unwrap();
        let found = store.catalog().unwrap().roles;
        let found: Vec<&str> = found.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(found, names);
    }

    #[test]
    fn no_bytes_bring_it_down(
        bytes in vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
        file in prop::sample::select(vec!["apps", "identities", "memberships", "grants"]),
        form in prop::sample::select(vec!["csv", "jsonl"]),
    ) {
        let folder = acme();
        let path = folder.path().join(format!("{file}.csv"));
        let mut text = fs::read(&path).unwrap();
        let at = at.index(text.len());
        text.splice(at..at, bytes);
        fs::remove_file(&path).unwrap();
        fs::write(path.with_extension(form), text).unwrap();
        let mut store = Store::in_memory().unwrap();
        if let Err(error) = import(&mut store, folder.path()) {
            assert!(error.to_string().starts_with("nothing was imported"), "{error}");
            assert_eq!(store.dump().unwrap(), "");
        }
    }
}
