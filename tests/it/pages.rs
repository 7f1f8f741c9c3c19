//! What the pages show is true.

use std::fs;
use std::path::Path;
use std::process::Command;
use tenure::diagnose::{Look, to_human};
use tenure::format::format;
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::syntax::parse;
use tenure::text::Sources;
use tenure::time::Timestamp;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced blocks of a page, with the word behind their fence.
fn blocks(page: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut found = Vec::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(kind), None) => open = Some((kind.to_owned(), Vec::new())),
            (Some(_), Some((kind, lines))) => found.push((kind, lines.join("\n"))),
            (None, Some((kind, mut lines))) => {
                lines.push(line);
                open = Some((kind, lines));
            }
            (None, None) => {}
        }
    }
    found
}

/// A text as `tenure fmt` lays it out.
fn laid_out(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("page", text.to_owned());
    let (file, _) = parse(&sources, id);
    format(&sources, &file)
}

#[test]
fn every_policy_on_a_page_is_understood() {
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let mut store = Store::in_memory().unwrap();
    let world = root().join("tests/worlds/acme");
    store.import(&world, &ImportOptions::at(now), &mut |_| {}).unwrap();
    let catalog = store.catalog().unwrap();
    let mut checked = 0;
    for page in [
        "README.md",
        "docs/language.md",
        "docs/runs.md",
        "docs/serving.md",
        "docs/data.md",
        "docs/configuration.md",
        "docs/CONTRIBUTING.md",
        "examples/README.md",
    ] {
        for (_, text) in blocks(page).into_iter().filter(|(kind, _)| kind == "tenure") {
            let mut text = text + "\n";
            assert_eq!(
                laid_out(&text),
                text,
                "{page}: this is how `tenure fmt` lays it out"
            );
            let shows_a_warning = text.contains("# allow unused-allow");
            // A block may lean on what the one before it declared.
            if text.contains("run webhook") && !text.contains("webhook revoke\n  url") {
                text = format!("webhook revoke\n  url \"https://a.example/\"\n\n{text}");
            }
            let mut sources = Sources::default();
            sources.add(page, text);
            let project = Project::check(sources, &catalog);
            let findings = to_human(&project.findings, &project.sources, Look::PLAIN);
            // One shows a warning.
            let wrong = match shows_a_warning {
                true => project.errors(),
                false => project.findings.len(),
            };
            assert_eq!(wrong, 0, "{page}\n{findings}");
            checked += 1;
        }
    }
    assert!(checked >= 5, "only {checked} blocks were found");
}

#[test]
fn the_readme_shows_what_the_example_prints() {
    let example = root().join("examples/the-line");
    let output = Command::new(env!("CARGO_BIN_EXE_tenure"))
        .current_dir(&example)
        .args(["plan", "reclaim.tenure", "--data", "company"])
        .args(["--now", "2026-11-20T12:00:00Z"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let shown = blocks("README.md");
    let (_, excerpt) = shown.iter().find(|(_, text)| text.starts_with("policy")).unwrap();
    assert!(
        printed.starts_with(excerpt),
        "{printed}\n\ndoes not begin with\n\n{excerpt}"
    );
}

#[test]
fn pages_link_to_pages_that_are_there() {
    let mut pages = vec![root().join("README.md"), root().join("examples/README.md")];
    for folder in ["docs", "docs/errors", "docs/editors"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        pages.extend(paths.filter(|path| path.is_file()));
    }
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let target = page.parent().unwrap().join(file);
            assert!(
                link.contains("://") || target.exists(),
                "{}: {link}",
                page.display()
            );
        }
    }
}
