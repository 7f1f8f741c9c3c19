//! The page of each code is there, and true.
//!
//! `BLESS=1 cargo test --test it errors` begins missing pages and writes what follows from
//! the table of codes: headings, the index, the list of pages.

use crate::site::Site;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tenure::catalog::{Catalog, Systems};
use tenure::diagnose::{Code, Example, Look, Severity, Weight, to_human};
use tenure::session::{self, Project};
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::Timestamp;

/// The codes that no policy file can show; everybody's role is none of the company's.
const IN_WORDS: &[Code] =
    &[Code::FileTooLarge, Code::NulCharacter, Code::DuplicateRank, Code::DefaultRole];

/// What stands in pages that were begun.
const UNWRITTEN: &str = "(to be written)";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> PathBuf {
    root().join("docs/errors").join(format!("{name}.md"))
}

fn heading(code: Code) -> String {
    format!("{code}: {}", code.title())
}

#[expect(clippy::disallowed_methods, reason = "the tests' own door to the environment")]
fn blesses() -> bool {
    std::env::var("BLESS").is_ok_and(|value| value == "1")
}

/// What a file that follows from the table must be.
#[track_caller]
fn follows(file: &str, wanted: &str) {
    let path = root().join(file);
    if fs::read_to_string(&path).unwrap_or_default() == wanted {
        return;
    }
    assert!(blesses(), "{file} is stale: BLESS=1 cargo test --test it errors");
    fs::write(path, wanted).unwrap();
}

#[test]
fn every_code_has_a_page_with_its_title() {
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().copied() {
        let path = page(code.as_str());
        let Ok(text) = fs::read_to_string(&path) else {
            if blesses() {
                fs::write(&path, begun(code)).unwrap();
            }
            wrong.push(format!(
                "{code} has no page; BLESS=1 begins docs/errors/{code}.md"
            ));
            continue;
        };
        let (first, rest) = text.split_once('\n').unwrap_or_default();
        if first != format!("# {}", heading(code)) {
            if blesses() {
                fs::write(&path, format!("# {}\n{rest}", heading(code))).unwrap();
            } else {
                wrong.push(format!("{code}: BLESS=1 mends the heading of its page"));
            }
        }
        if text.contains(UNWRITTEN) {
            wrong.push(format!("docs/errors/{code}.md is not written"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn begun(code: Code) -> String {
    let example = |title| format!("\n## {title}\n\n```tenure\n{UNWRITTEN}\n```\n");
    let (wrong, right) = (example("Wrong"), example("Right"));
    format!("# {}\n\n{UNWRITTEN}\n{wrong}{right}", heading(code))
}

#[test]
fn every_page_has_a_code() {
    for entry in fs::read_dir(root().join("docs/errors")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let known = name.strip_suffix(".md").and_then(Code::named).is_some();
        assert!(known || name == "README.md", "docs/errors/{name} is about no code");
    }
}

#[test]
fn the_index_and_the_list_follow_the_table() {
    let mut index = String::from(
        "# Errors and warnings\n\n\
         Everything that `tenure check` finds has a code. `tenure explain CODE` shows its page.\n\
         Warnings can be [allowed or denied](../configuration.md#policies); errors cannot.\n\n\
         | code | | meaning |\n| --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let weight = match code.weight() {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        writeln!(index, "| [{code}]({code}.md) | {weight} | {} |", code.title()).unwrap();
    }
    follows("docs/errors/README.md", &index);

    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    names.retain(|name| page(name).exists());
    names.sort_unstable();
    let mut list = String::from(
        "//! The list of pages; `BLESS=1 cargo test --test it errors` writes it.\n\n\
         macro_rules! pages {\n    ($($name:literal)*) => {\n        \
         /// Each page under the name of its code.\n        \
         pub(super) const PAGES: &[(&str, &str)] = &[$((\n            \
         $name,\n            include_str!(concat!(\"../../docs/errors/\", $name, \".md\")),\n        \
         )),*];\n    };\n}\n\npages! {\n",
    );
    for name in names {
        writeln!(list, "    \"{name}\"").unwrap();
    }
    list.push_str("}\n");
    follows("src/diagnose/pages.rs", &list);
}

/// Each wrong example has exactly the mistake, each right one neither it nor any error.
#[test]
fn the_examples_are_true() {
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let mut store = Store::in_memory().unwrap();
    let world = root().join("tests/worlds/acme");
    store.import(&world, &ImportOptions::at(now), &mut |_| {}).unwrap();
    // That nothing is connected is known only where there is a configuration.
    let check = |code: Code, text: &str| {
        let systems = (code == Code::NoConnector).then(Systems::default);
        let mut sources = Sources::default();
        sources.add("example.tenure", text);
        let people = Some(session::mentioned(&store, &sources).unwrap());
        let catalog = Catalog { people, systems, ..store.catalog().unwrap() };
        Project::check(sources, &catalog)
    };
    let shown =
        |project: &Project| to_human(&project.findings, &project.sources, Look::PLAIN);
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().copied() {
        // A code without a page, or with a list that is stale, has a test of its own.
        if !page(code.as_str()).exists() {
            continue;
        }
        let Some(page) = code.page() else {
            wrong.push(format!("{code}: its page lacks a part, or is in no list yet"));
            continue;
        };
        let plain = ["**", "](", "\n#", "`. `"]
            .iter()
            .all(|it| !page.explanation.contains(it));
        if page.explanation.len() < 80 || !plain {
            wrong.push(format!("{code}: the explanation is short, or not plain"));
        }
        match page.wrong {
            Example::Words(_) if IN_WORDS.contains(&code) => {}
            Example::Words(_) => wrong.push(format!("{code}: show a file that has it")),
            Example::File(_) if IN_WORDS.contains(&code) => {
                wrong.push(format!("{code}: a file can show it, take it off the list"));
            }
            Example::File(text) => {
                let project = check(code, text);
                let found: BTreeSet<Code> =
                    project.findings.iter().map(|finding| finding.code).collect();
                if found != BTreeSet::from([code]) {
                    wrong.push(format!("{code}: the wrong example\n{}", shown(&project)));
                }
                let weight = |severity| match severity {
                    Severity::Error => code.weight() == Weight::Error,
                    Severity::Warning => code.weight() == Weight::Warning,
                };
                if !project.findings.iter().all(|finding| weight(finding.severity)) {
                    wrong.push(format!("{code}: the table gives it another weight"));
                }
            }
        }
        if let Example::File(text) = page.right {
            let project = check(code, text);
            let still = project.findings.iter().any(|finding| finding.code == code);
            if still || project.errors() > 0 {
                wrong.push(format!("{code}: the right example\n{}", shown(&project)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_program_explains_codes() {
    // Neither a store nor a configuration is needed.
    let site = Site::empty();
    let said = site.ok(&["explain", "unknown-group"]);
    assert!(
        said.out
            .starts_with("unknown-group: no group of that name\nan error\n\n")
    );
    assert!(said.out.contains("\n\nWrong:\n\n    when inactive"), "{}", said.out);
    for mark in ["```", "##", "(to be"] {
        assert!(!said.out.contains(mark), "{}", said.out);
    }
    let document = site.json(&["explain", "unused-allow"]);
    assert_eq!(document["schema"], "tenure.code/1");
    assert_eq!(document["severity"], "warning");
    assert_eq!(document["allowable"], true);
    assert!(document["wrong"]["file"].as_str().unwrap().contains("# allow"));
    let document = site.json(&["explain", "nul-character"]);
    assert!(document["wrong"]["words"].is_string());

    let near = site.no(1, &["explain", "unkown-group"]);
    assert!(near.contains("no error or warning is called `unkown-group`"), "{near}");
    assert!(near.contains("write `unknown-group`"), "{near}");
    let far = site.no(1, &["explain", "reclaim"]);
    assert!(far.contains("tenure explain POLICY SUBJECT"), "{far}");
    for code in Code::ALL {
        site.ok(&["explain", code.as_str()]);
    }
    assert_eq!(site.call(&["check", "--json", "--format", "sarif"]).code, Some(2));
}
