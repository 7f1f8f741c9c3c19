//! The names of a store, written down and read again, mean the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tenure::catalog::{self, Catalog, CatalogError};
use tenure::diagnose::{Look, to_human};
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::Timestamp;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

fn of_the_store() -> Catalog {
    let mut store = Store::in_memory().unwrap();
    let folder = root().join("tests/worlds/acme");
    store.import(&folder, &ImportOptions::at(now()), &mut |_| {}).unwrap();
    store.catalog().unwrap()
}

fn written_down(catalog: &Catalog) -> Catalog {
    let text = serde_json::to_string(&catalog::write(catalog, now())).unwrap();
    catalog::read(&text).unwrap()
}

fn findings(text: &str, catalog: &Catalog) -> String {
    let mut sources = Sources::default();
    sources.add("case.tenure", text);
    let project = Project::check(sources, catalog);
    to_human(&project.findings, &project.sources, Look::PLAIN)
}

fn tenure(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenure"))
        .current_dir(root())
        .args(arguments)
        .args(["--now", "2026-11-20T12:00:00Z"])
        .output()
        .unwrap()
}

#[test]
fn every_case_has_the_same_findings_with_a_catalog_as_with_the_store() {
    let store = of_the_store();
    let away = written_down(&store);
    let mut compared = 0;
    for suite in ["accept", "reject", "check"] {
        let folder = root().join("tests/cases").join(suite);
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "tenure") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let with_catalog = findings(&text, &away);
            let with_store = findings(&text, &store);
            let dated = " (catalog of 2026-11-20 12:00 UTC)";
            assert_eq!(with_catalog.replace(dated, ""), with_store, "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} cases");
}

#[test]
fn what_is_written_down_twice_is_the_same_document() {
    let once = written_down(&of_the_store());
    let text = |catalog: &Catalog| {
        serde_json::to_string_pretty(&catalog::write(catalog, now())).unwrap()
    };
    assert_eq!(text(&written_down(&once)), text(&once));
}

#[test]
fn a_finding_says_of_when_the_names_are() {
    let text = "policy p\n  when in group Exces\n  then notify owner\n";
    let said = findings(text, &written_down(&of_the_store()));
    assert!(
        said.contains("not in the store (catalog of 2026-11-20 12:00 UTC)"),
        "{said}"
    );
    let tomorrow = now().after(tenure::time::Duration::days(1));
    let fresh = of_the_store().seen_from(tomorrow);
    assert!(!findings(text, &fresh).contains("catalog of"));
    let later = tomorrow.after(tenure::time::Duration(1));
    let old = of_the_store().seen_from(later);
    assert!(findings(text, &old).contains("catalog of 2026-11-20 12:00 UTC"));
}

#[test]
fn what_is_no_catalog_says_so() {
    let newer = catalog::read("{\"schema\":\"tenure.catalog/2\"}");
    assert!(matches!(newer, Err(CatalogError::Newer { .. })), "{newer:?}");
    let another = catalog::read("{\"schema\":\"tenure.check/1\"}");
    assert!(matches!(another, Err(CatalogError::Another { .. })), "{another:?}");
    for text in ["", "[]", "{}", "{\"schema\":\"tenure.catalog/1\"}", "name,label\n"] {
        let read = catalog::read(text);
        assert!(matches!(read, Err(CatalogError::Malformed { .. })), "{text}: {read:?}");
    }
}

/// Nothing of what the reader of JSON says of itself reaches a person.
#[test]
fn what_is_no_catalog_says_where_and_what_to_write() {
    let object = "an object in `{` and `}` should stand here, and not";
    let cases = [
        ("[]", format!("column 2: {object} a list")),
        ("3", format!("column 1: {object} `3`")),
        ("null", format!("column 4: {object} `null`")),
        ("\"x\"", format!("column 3: {object} a text")),
        ("{}", "column 2: the field `schema` is missing".to_owned()),
        (
            r#"{"schema": 3}"#,
            "column 12: a text in double quotes should stand here, and not `3`"
                .to_owned(),
        ),
        (
            r#"{"schema": "a", "schema": "b"}"#,
            "column 24: the field `schema` stands twice".to_owned(),
        ),
    ];
    let within = [
        (r#""apps": {}"#, "a list in `[` and `]` should stand here, and not an object"),
        (r#""apps": [[]]"#, "an object in `{` and `}` should stand here, and not a list"),
        (
            r#""apps": [{"name": "x", "label": "y", "accounts": -3}]"#,
            "a whole number from 0 on should stand here, and not `-3`",
        ),
        (
            r#""apps": [{"name": "x", "label": "y", "accounts": 1, "seen": "yes"}]"#,
            "`true` or `false` should stand here, and not a text",
        ),
        (r#""taken_at": "soon""#, "`soon` is not an instant"),
        (r#""taken_at": {}"#, "something else should stand here"),
        (
            r#""attributes": [{"of": "thing"}]"#,
            "`thing` is none of `account`, `user`, `grant`",
        ),
    ];
    let within = within.map(|(field, why)| {
        (format!("{{\"schema\": \"tenure.catalog/1\", {field}}}"), why.to_owned())
    });
    let cases = cases.map(|(text, why)| (text.to_owned(), why));
    for (text, why) in cases.into_iter().chain(within) {
        let said = catalog::read(&text).unwrap_err().to_string();
        assert!(
            said.starts_with("this is no catalog: line 1, column "),
            "{text}: {said}"
        );
        assert!(said.ends_with(&why), "{text}: {said}");
    }
}

#[test]
fn the_program_writes_a_catalog_and_checks_against_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.json");
    let name = file.to_str().unwrap();
    let data = ["--data", "tests/worlds/acme"];
    let export = ["catalog", "export", "--out", name, data[0], data[1]];
    let written = tenure(&export);
    assert!(written.status.success(), "{written:?}");
    let printed = tenure(&["catalog", "export", data[0], data[1]]);
    assert_eq!(
        String::from_utf8(printed.stdout).unwrap(),
        fs::read_to_string(&file).unwrap()
    );
    let case = "tests/cases/accept/09-items.tenure";
    let checked = tenure(&["check", "--catalog", name, case]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    let both = tenure(&["check", "--catalog", name, "--no-store", case]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let both = tenure(&["check", "--catalog", name, data[0], data[1], case]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let missing = tenure(&["check", "--catalog", "no-such-file.json", case]);
    assert_eq!(missing.status.code(), Some(2), "{missing:?}");
    fs::write(&file, "{\"schema\":\"tenure.catalog/9\"}").unwrap();
    let newer = tenure(&["check", "--catalog", name, case]);
    assert_eq!(newer.status.code(), Some(3), "{newer:?}");
    let said = String::from_utf8(newer.stderr).unwrap();
    assert!(said.contains("tenure.catalog/9"), "{said}");
}

#[test]
fn old_names_are_said_to_be_old_and_doubles_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let policy = file("p.tenure", "when inactive > 90d then notify owner\n".to_owned());
    let document = catalog::write(&of_the_store(), now());
    let names = serde_json::to_value(&document).unwrap();
    let checked = |names: &serde_json::Value| {
        let catalog = file("names.json", names.to_string());
        let output = tenure(&["check", &policy, "--catalog", &catalog]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = checked(&names);
    assert!(status == Some(0) && !said.contains("days ago"), "{said}");

    let mut old = names.clone();
    old["as_of"] = "2026-11-01T12:00:00Z".into();
    let (status, said) = checked(&old);
    assert!(status == Some(0) && said.contains("19 days ago"), "{said}");

    let mut double = names;
    let mut group = double["groups"][0].clone();
    group["name"] = group["name"].as_str().unwrap().to_uppercase().into();
    double["groups"].as_array_mut().unwrap().push(group);
    let (status, said) = checked(&double);
    assert!(status == Some(3) && said.contains("two groups named"), "{said}");
}
