//! `docs/coverage.md`: what Tenure promises, and the tests that show it.
//!
//! The table is made once all cases have been played: one that failed, or is no case at all,
//! stands nowhere. Tests in Rust are of other binaries, and fail the same `cargo test`; that
//! they are really run is seen to in `tests/it/coverage.rs`.

use crate::rows::{Labelled, of_rust};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Brings the page up to date, or says that it is not.
pub(crate) fn settle(passed: Vec<(String, String)>, bless: bool) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = of_rust(root);
    for (test, text) in passed {
        let rows: Vec<String> = text.lines().filter_map(of_line).flatten().collect();
        tests.push(Labelled { test, rows });
    }
    let features = fs::read_to_string(root.join("tests/features.txt")).unwrap();
    let features = features.lines().filter(|line| !line.starts_with('#'));
    let features: Vec<_> = features.map(|line| line.split_once(' ').unwrap()).collect();
    let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Labelled { test, rows } in &tests {
        for row in rows {
            if !features.iter().any(|(number, _)| number == row) {
                return Err(format!("{test} names `{row}`, which is no feature"));
            }
            shown.entry(row).or_default().push(test);
        }
    }
    for tests in shown.values_mut() {
        tests.sort_unstable();
        tests.dedup();
    }
    let page = page(&features, &shown);
    let path = root.join("docs/coverage.md");
    if fs::read_to_string(&path).unwrap_or_default() == page {
        return Ok(());
    }
    if bless {
        fs::write(&path, page).unwrap();
        return Ok(());
    }
    Err("docs/coverage.md is out of date; BLESS=1 rewrites it".to_owned())
}

fn page(features: &[(&str, &str)], shown: &BTreeMap<&str, Vec<&str>>) -> String {
    let mut page = "\
# Coverage

What Tenure promises, each by its number, and the tests that show it. The test run writes this
page (`BLESS=1 cargo test --test golden`) and fails where it is out of date. A case stands here
only if it was played and gave its blessed answer; a Rust test (`it::…`, or `…::tests::…`) only
if it is one that the same `cargo test` runs, which fails with it.

"
    .to_owned();
    let covered = features.iter().filter(|(number, _)| shown.contains_key(number));
    let (covered, all) = (covered.count(), features.len());
    writeln!(page, "{covered} of {all} are shown.\n").unwrap();
    page += "| number | what | shown by |\n| --- | --- | --- |\n";
    for (number, what) in features {
        if let Some(tests) = shown.get(number) {
            let tests: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
            writeln!(page, "| {number} | {what} | {} |", tests.join(", ")).unwrap();
        }
    }
    page += "\n## Not covered\n\n| number | what |\n| --- | --- |\n";
    for (number, what) in features {
        if !shown.contains_key(number) {
            writeln!(page, "| {number} | {what} |").unwrap();
        }
    }
    page
}

/// The numbers that a line of a case names, if it is one that does.
fn of_line(line: &str) -> Option<Vec<String>> {
    let rows = line.trim_start().strip_prefix("# rows: ")?;
    Some(rows.split_whitespace().map(str::to_owned).collect())
}
