//! `check --fix`: what is certain is done, and no file is damaged.

use crate::site::{Said, Site};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use tenure::catalog::Catalog;
use tenure::diagnose::{Code, Diagnostic, Levels, apply};
use tenure::session::{Project, mend};
use tenure::text::{FileId, Sources, Span};

const WRONG: &str = "\
policy a when inactive >= 90d && department == “Sales” then notify owner escalate after 7d, notify admin
policy b when in group Exces then notify owner
";

const RIGHT: &str = "\
policy a when inactive >= 90d and department = \"Sales\" then notify owner, escalate after 7d, notify admin
policy b when in group Exces then notify owner
";

fn fix(site: &Site, more: &[&str]) -> Said {
    site.call(&[&["check", "--fix"], more].concat())
}

fn read(site: &Site, name: &str) -> String {
    fs::read_to_string(site.path(name)).unwrap()
}

/// Whether anything is left lying about in the folder.
fn litter(site: &Site) -> bool {
    let mut entries = fs::read_dir(site.path("")).unwrap();
    entries.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with('.'))
}

#[test]
fn what_is_certain_is_done_and_said() {
    let site = Site::acme();
    site.write("a.tenure", WRONG);
    let said = fix(&site, &["a.tenure"]);
    assert_eq!(read(&site, "a.tenure"), RIGHT);
    assert_eq!(said.code, Some(1), "`Exces` may mean something else");
    assert!(said.out.contains("unknown-group"), "{}", said.out);
    assert!(!said.out.contains("foreign-operator"), "{}", said.out);
    assert!(
        said.err
            .contains("fixed a.tenure:1:31: `&&` is now `and` (foreign-operator)\n"),
        "{}",
        said.err
    );
    assert!(said.err.contains("`,` is added (missing-comma)\n"), "{}", said.err);
    assert!(!litter(&site));
    let again = fix(&site, &["a.tenure"]);
    assert!(!again.err.contains("fixed"), "{}", again.err);
    assert_eq!(read(&site, "a.tenure"), RIGHT);

    site.write("a.tenure", WRONG);
    let said = fix(&site, &["a.tenure", "--json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    let fixed = document["fixed"].as_array().unwrap();
    assert!(fixed.len() >= 4, "{fixed:?}");
    assert_eq!(fixed[0]["old"], "&&");
    assert_eq!(document["not_fixed"], serde_json::json!([]));
    assert_eq!(document["errors"], 1);
}

#[test]
fn permissions_stay_and_links_stay_links() {
    let site = Site::acme();
    site.write("real.tenure", WRONG);
    let real = site.path("real.tenure");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.tenure", site.path("link.tenure")).unwrap();
    // An administrator, as in a container, mends the files of others.
    let other = chown(&real, Some(12_345), Some(12_345)).is_ok();
    let inode = fs::metadata(&real).unwrap().ino();
    fix(&site, &["link.tenure"]);
    assert_eq!(read(&site, "real.tenure"), RIGHT);
    assert!(fs::symlink_metadata(site.path("link.tenure")).unwrap().is_symlink());
    let after = fs::metadata(&real).unwrap();
    assert_eq!(after.permissions().mode() & 0o777, 0o640);
    assert!(!other || (after.uid(), after.gid()) == (12_345, 12_345));
    assert_ne!(after.ino(), inode, "a new file took the place, all at once");
}

#[test]
fn what_may_not_be_written_is_left_alone() {
    let site = Site::acme();
    site.write("a.tenure", WRONG);
    site.write("b.tenure", &WRONG.replace("policy ", "policy other-"));
    let path = site.path("a.tenure");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let said = fix(&site, &["a.tenure", "b.tenure"]);
    let wanted = "error: `a.tenure` is not fixed: it may not be written to\n";
    assert!(said.err.contains(wanted), "{}", said.err);
    assert!(!said.err.contains("fixed a.tenure"), "{}", said.err);
    assert_eq!(read(&site, "a.tenure"), WRONG);
    assert!(read(&site, "b.tenure").contains("90d and department"));
    // What is shown is what lies there.
    assert!(said.out.contains("a.tenure:1:31"), "{}", said.out);
    assert!(!said.out.contains("b.tenure:1"), "{}", said.out);

    let bytes = [WRONG.as_bytes(), b"# \xff\n"].concat();
    fs::write(site.path("c.tenure"), &bytes).unwrap();
    let said = fix(&site, &["c.tenure"]);
    assert!(said.out.contains("not-utf8"), "{}", said.out);
    assert_eq!(fs::read(site.path("c.tenure")).unwrap(), bytes);
}

#[test]
fn a_file_that_would_have_more_errors_stays() {
    let site = Site::empty();
    let text = "when inactive then notify owner\n";
    let catalog = Catalog { assume: true, ..Catalog::default() };
    let mut sources = Sources::default();
    for name in ["a.tenure", "b.tenure", "c.tenure"] {
        site.write(name, text);
        sources.add(site.path(name).display().to_string(), text);
    }
    let mut project = Project::check(sources, &catalog);
    assert_eq!(project.findings, []);
    // Edits of which one is no help.
    for (file, (start, end, new)) in
        [(5, 13, "never active"), (0, 4, "wen"), (19, 25, "ask")]
            .into_iter()
            .enumerate()
    {
        let span = Span::new(FileId(u32::try_from(file).unwrap()), start, end);
        let warning = Diagnostic::warning(Code::UnusedAllow, span, "x").fix(span, new);
        project.findings.push(warning);
    }
    let mended = mend(project, &catalog, &Levels::default());
    let why = "it would have more errors than before".to_owned();
    assert_eq!(mended.left, [(site.path("b.tenure").display().to_string(), why)]);
    assert_eq!(mended.edits.len(), 2);
    assert_eq!(mended.project.errors(), 0);
    assert_eq!(read(&site, "a.tenure"), "when never active then notify owner\n");
    assert_eq!(read(&site, "b.tenure"), text);
    assert_eq!(read(&site, "c.tenure"), "when inactive then ask owner\n");
}

/// A finding with a certain edit.
fn finding(start: usize, end: usize, new: &str) -> Diagnostic {
    let span = Span::new(FileId(0), start, end);
    Diagnostic::error(Code::Syntax, span, "x").fix(span, new)
}

#[test]
fn edits_that_meet_wait_for_the_next_round() {
    let applied = |findings: &[Diagnostic]| apply("abcdef", FileId(0), findings).0;
    assert_eq!(applied(&[finding(4, 5, "E"), finding(0, 1, "A")]), "AbcdEf");
    assert_eq!(applied(&[finding(0, 3, "X"), finding(2, 4, "Y")]), "Xdef");
    assert_eq!(applied(&[finding(0, 2, "X"), finding(2, 4, "Y")]), "Xcdef");
    assert_eq!(applied(&[finding(2, 2, ","), finding(2, 2, ";")]), "ab,cdef");
    assert_eq!(applied(&[finding(6, 6, "!")]), "abcdef!");
    assert_eq!(applied(&[finding(5, 9, "!")]), "abcdef");
    assert_eq!(applied(&[finding(1, 2, "b")]), "abcdef");
    let elsewhere = [finding(0, 1, "A")];
    let (_, edits) = apply("abcdef", FileId(1), &elsewhere);
    assert!(edits.is_empty());
    let span = Span::new(FileId(0), 0, 1);
    let maybe = Diagnostic::error(Code::Syntax, span, "x").maybe(span, "A");
    assert_eq!(applied(&[maybe]), "abcdef");
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let site = Site::empty();
    site.write("a.tenure", "when inactive >= 90d && never active then notify owner\n");
    let name = site.path("a.tenure").display().to_string();
    let mut sources = Sources::default();
    sources.add(name, read(&site, "a.tenure"));
    let catalog = Catalog { assume: true, ..Catalog::default() };
    let project = Project::check(sources, &catalog);
    site.write("a.tenure", "# somebody was here\n");
    let mended = mend(project, &catalog, &Levels::default());
    assert!(mended.edits.is_empty());
    assert_eq!(mended.left.len(), 1);
    assert_eq!(mended.project.errors(), 1);
    assert_eq!(read(&site, "a.tenure"), "# somebody was here\n");
}
