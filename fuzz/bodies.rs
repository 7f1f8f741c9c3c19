//! What is tried with a text, whoever made it: the fuzzer's targets and the replay of its
//! corpus (`tests/it/fuzz_corpus.rs`) share it.

use std::path::Path;
use tenure::catalog::Catalog;
use tenure::diagnose::{Diagnostic, Look, Severity, to_human, to_json};
use tenure::store::{ImportOptions, Store};
use tenure::syntax::ast::{Item, ItemKind};
use tenure::text::{FileId, Sources};
use tenure::time::Timestamp;
use tenure::{check as checker, syntax};

/// The text is read, as a file and as a condition at the prompt.
pub(crate) fn parse(text: &str) {
    let (sources, file) = sources(text);
    let (tree, findings) = syntax::parse(&sources, file);
    for item in &tree.items {
        assert!(text.get(item.span.range()).is_some(), "{item:?}");
    }
    are_true(&sources, &findings);
    let again = syntax::parse(&sources, file).1;
    assert_eq!(findings, again, "the same text gives the same findings");
    are_true(&sources, &syntax::parse_condition(&sources, file).1);
    syntax::is_incomplete(text);
}

/// The text is read and checked: what is not usable is said to be so.
pub(crate) fn check(text: &str, catalog: &Catalog) {
    let (sources, file) = sources(text);
    let (tree, mut findings) = syntax::parse(&sources, file);
    let is_policy = |item: &&Item| matches!(item.kind, ItemKind::Policy(_));
    let policies = tree.items.iter().filter(is_policy).count();
    let (program, more) = checker::check(&sources, &[tree], catalog);
    findings.extend(more);
    are_true(&sources, &findings);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    let kept = program.policies.len();
    let left_out = format!("{kept} of {policies} policies are kept: {findings:#?}");
    assert!(kept == policies || (wrong && kept < policies), "{left_out}");
    for policy in &program.policies {
        assert!(text.get(policy.span.range()).is_some(), "{policy:?}");
    }
}

/// The text, if it has no mistake in how it is written, is laid out: nothing becomes wrong,
/// nothing that is not blank is lost, and laying out again changes nothing.
pub(crate) fn format(text: &str) {
    let Some(once) = laid_out(text) else { return };
    let letters = |text: &str| {
        let mut letters: Vec<char> =
            text.chars().filter(|it| !it.is_whitespace()).collect();
        letters.sort_unstable();
        letters
    };
    // Clauses move; the mark of another system's files may go.
    let before = letters(text.trim_start_matches('\u{feff}'));
    assert_eq!(before, letters(&once), "{once}");
    let twice = laid_out(&once);
    assert_eq!(twice.as_ref(), Some(&once), "laid out again it is another");
}

fn laid_out(text: &str) -> Option<String> {
    let (sources, file) = sources(text);
    let (tree, findings) = syntax::parse(&sources, file);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    (!wrong).then(|| tenure::format::format(&sources, &tree))
}

/// The names of the small company that the cases are written against.
pub(crate) fn catalog(project: &Path) -> Catalog {
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let mut store = Store::in_memory().unwrap();
    let company = project.join("tests/worlds/acme");
    store.import(&company, &ImportOptions::at(now), &mut |_| {}).unwrap();
    store.catalog().unwrap()
}

fn sources(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add("fuzz.tenure", text);
    (sources, file)
}

/// Findings point into the text, can be shown, and bring edits that can be made.
fn are_true(sources: &Sources, findings: &[Diagnostic]) {
    for finding in findings {
        let text = &sources.get(finding.span.file).unwrap().text;
        let spans = finding.others.iter().map(|other| other.span);
        let edits = finding.fixes.iter().map(|fix| fix.span);
        for span in spans.chain(edits).chain([finding.span]) {
            assert!(text.get(span.range()).is_some(), "{finding:?}");
        }
        assert!(!finding.message.is_empty(), "{finding:?}");
    }
    let few = findings.get(..20).unwrap_or(findings);
    to_human(few, sources, Look::PLAIN);
    to_json(few, sources);
}
