//! A disk that is full or broken: the program says so in one sentence, keeps nothing of the
//! step, and goes on once the disk is well again.

use crate::crash::{Undisturbed, each};
use crate::dice::number;
use crate::site::{NOON, Said, Site, said};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;

/// Calls, how they fail, and whether all later ones fail as well.
const TROUBLES: &[(&str, &str, &str)] = &[
    ("pwrite64", "ENOSPC", ""),
    ("pwrite64", "EIO", ""),
    ("pwrite64", "EIO", "+"),
    ("fdatasync", "EIO", ""),
    ("fdatasync", "EIO", "+"),
    ("fsync", "EIO", "+"),
    ("ftruncate", "EIO", "+"),
    ("pread64", "EIO", ""),
    ("pread64", "EIO", "+"),
];

/// How often each call is made where nothing goes wrong.
fn calls(site: &Site, arguments: &[&str]) -> BTreeMap<&'static str, usize> {
    let log = site.path("log").display().to_string();
    let names: Vec<_> = TROUBLES.iter().map(|(call, ..)| *call).collect();
    let trace = format!("trace={}", names.join(","));
    let options = ["-o", log.as_str(), "-e", trace.as_str()];
    let done = site.traced(&options, arguments).output().unwrap();
    assert!(done.status.success(), "{done:?}: does this machine let strace work?");
    let log = fs::read_to_string(log).unwrap();
    let mut calls = BTreeMap::new();
    for name in names {
        let begins = format!(" {name}(");
        let made = log.lines().filter(|line| format!(" {line}").contains(&begins));
        calls.insert(name, made.count());
    }
    calls
}

/// Makes a call whose `number`th system call of a kind fails.
fn broken(
    site: &Site,
    trouble: (&str, &str, &str),
    number: usize,
    call: &[&str],
) -> Said {
    let (name, error, later) = trouble;
    let trace = format!("trace={name}");
    let inject = format!("inject={name}:error={error}:when={number}{later}");
    let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    said(site.traced(&options, call).output().unwrap())
}

/// One sentence and what to do, and no more.
fn is_clear(said: &Said, how: &str) {
    assert_eq!(said.code, Some(3), "{how}: {said:?}");
    let lines: Vec<_> = said.err.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("error: ")
            && lines[1].starts_with("  help: "),
        "{how}: {}",
        said.err
    );
    let disk = said.err.contains("disk") || said.err.contains("cannot be");
    assert!(disk && !said.err.contains("panicked"), "{how}: {}", said.err);
}

/// So many of the calls, spread over all but those that begin any program.
fn some(first: usize, count: usize) -> impl Iterator<Item = usize> {
    let most = usize::try_from(number("DISK_POINTS").unwrap_or(2)).unwrap();
    (first + 1..=count).step_by((count - first).div_ceil(most).max(1))
}

#[test]
fn on_a_broken_disk_it_says_so_and_goes_on_later() {
    let whole = Undisturbed::new();
    let run = ["run", "--now", &whole.due];
    let first = calls(&whole.site, &["--version"]);
    let calls = calls(&whole.site.copy(), &run);
    let cases: Vec<_> = TROUBLES
        .iter()
        .flat_map(|trouble| {
            some(first[trouble.0], calls[trouble.0]).map(move |number| (*trouble, number))
        })
        .collect();
    let codes = Mutex::new(BTreeMap::new());
    each(cases, |(trouble, number)| {
        let how = format!("{trouble:?} at {number}");
        let site = whole.site.copy();
        let said = broken(&site, trouble, number, &run);
        if said.code != Some(0) {
            is_clear(&said, &how);
        }
        *codes.lock().unwrap().entry(said.code).or_insert(0) += 1;
        whole.comes_to_the_same_end(&site, &how);
    });
    let codes = codes.into_inner().unwrap();
    assert!(
        codes.get(&Some(3)).is_some_and(|count| *count >= 8),
        "{codes:?} of {calls:?}"
    );
    whole.sent_the_same();
}

#[test]
fn an_import_on_a_broken_disk_keeps_nothing() {
    let site = Site::acme();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("identities.csv"),
        "email,status,department\nkim@acme.example,active,Legal\n",
    )
    .unwrap();
    let folder = folder.path().display().to_string();
    let call = ["import", &folder, "--partial", "--now", NOON];
    let before = site.dump();
    let copy = site.copy();
    let first = calls(&copy, &["--version"]);
    let calls = calls(&copy, &call);
    let after = copy.dump();
    assert_ne!(before, after);
    let mut failed = 0;
    for trouble in TROUBLES {
        for number in some(first[trouble.0], calls[trouble.0]) {
            let how = format!("{trouble:?} at {number}");
            let copy = site.copy();
            let said = broken(&copy, *trouble, number, &call);
            if said.code == Some(0) {
                assert_eq!(copy.dump(), after, "{how}");
                continue;
            }
            is_clear(&said, &how);
            failed += 1;
            // What was not said to be done may have reached the disk whole, or not at all.
            let dump = copy.dump();
            assert!(dump == before || dump == after, "{how}");
            copy.ok(&call);
            assert_eq!(copy.dump(), after, "{how}");
        }
    }
    assert!(failed > 4, "{failed} of {calls:?}");
}
