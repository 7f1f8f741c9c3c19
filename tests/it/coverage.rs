//! Tests that say which features they show are tests that are run.

use crate::rows::of_rust;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn whatever_names_a_feature_is_run() {
    let list = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let run: BTreeSet<_> =
        list.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for labelled in of_rust(root) {
        assert!(!labelled.rows.is_empty());
        match labelled.test.strip_prefix("it::") {
            Some(name) => assert!(run.contains(name), "{name} is not run"),
            // The library's tests are modules of the files beside them.
            None => {
                let module = labelled.test.rsplit_once("::tests::").unwrap().0;
                let path = root.join("src").join(module.replace("::", "/"));
                let text = std::fs::read_to_string(path.join("mod.rs")).unwrap();
                assert!(text.contains("#[cfg(test)]\nmod tests;"), "{module}");
            }
        }
    }
}
