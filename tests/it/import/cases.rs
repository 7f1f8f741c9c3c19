//! Each folder of `tests/cases/import` is laid over the small company and imported; what comes
//! of it stands in its `expected.out`: the errors, or what differs from the company's dump.
//! `BLESS=1` writes what was seen.

use crate::import::{acme, filled, import, lay_over, root};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tenure::store::Store;

#[test]
fn cases_give_what_they_say() {
    let plain = filled(acme().path()).dump().unwrap();
    let mut cases: Vec<_> = fs::read_dir(root().join("tests/cases/import"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let mut wrong = String::new();
    for case in &cases {
        let seen = outcome(case, &plain);
        let file = case.join("expected.out");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &seen).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if seen != expected {
            write!(wrong, "{}\n{seen}\n", case.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{wrong}");
    assert!(!cases.is_empty());
}

fn outcome(case: &Path, plain: &str) -> String {
    let folder = acme();
    lay_over(folder.path(), case);
    let mut store = Store::in_memory().unwrap();
    let empty = store.dump().unwrap();
    let report = match import(&mut store, folder.path()) {
        Ok(report) => report,
        Err(error) => {
            assert_eq!(store.dump().unwrap(), empty, "something was kept");
            return format!("{error}\n");
        }
    };
    let mut out = String::new();
    for (file, near) in &report.ignored {
        writeln!(out, "ignored: {file}, near {near:?}").unwrap();
    }
    let dump = store.dump().unwrap();
    for change in similar::TextDiff::from_lines(plain, &dump).iter_all_changes() {
        if change.tag() != similar::ChangeTag::Equal {
            write!(out, "{}{}", change.tag(), change.value()).unwrap();
        }
    }
    assert_eq!(
        import(&mut store, folder.path()).unwrap().changes(),
        0,
        "{}",
        case.display()
    );
    assert_eq!(store.dump().unwrap(), dump);
    out
}
