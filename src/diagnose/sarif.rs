//! The findings as SARIF 2.1.0, which code hosts and editors read.

use crate::diagnose::path::uri;
use crate::diagnose::render::in_order;
use crate::diagnose::{self, Code, Diagnostic, Severity, Weight};
use crate::text::{FileId, Sources, Span, fold};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log with one run, whose results stand in the order of their places. Files are named as
/// seen from `base`.
pub fn to_sarif(findings: &[Diagnostic], sources: &Sources, base: &Path) -> Value {
    let codes: BTreeSet<Code> = findings.iter().map(|finding| finding.code).collect();
    let mut log = Log {
        sources,
        base,
        rules: &codes,
        seen: BTreeMap::new(),
    };
    let findings = in_order(findings).into_iter();
    let results: Vec<Finding<'_>> =
        findings.map(|finding| log.finding(finding)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Tenure",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// What is known of a code.
fn rule(code: Code) -> Value {
    let explanation = code.page().map_or(code.title(), |page| page.explanation);
    // A full description is one paragraph; the help is all of the page.
    let first = explanation.split("\n\n").next().unwrap_or(explanation);
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": sentence(code.title()) },
        "fullDescription": { "text": first.replace('\n', " ") },
        "help": { "text": code.prose() },
        "defaultConfiguration": { "level": match code.weight() {
            Weight::Error => "error",
            Weight::Warning => "warning",
        } },
    })
}

/// Words as a sentence, as the format wants its texts.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// A `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Spot; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Spot>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spot {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
    physical_location: Place,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    artifact_location: File,
    region: Region,
}

#[derive(Serialize)]
struct File {
    uri: String,
}

/// Lines and columns from 1; the end is not included.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "tenureLine/v1")]
    line: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text,
    artifact_changes: [Change<'a>; 1],
    properties: Certainty,
}

/// Ours: whether `--fix` would apply it.
#[derive(Serialize)]
struct Certainty {
    certain: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: File,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Inserted<'a>,
}

#[derive(Serialize)]
struct Inserted<'a> {
    text: &'a str,
}

/// What results are made with.
struct Log<'a> {
    sources: &'a Sources,
    base: &'a Path,
    /// The codes that are met, in the order of the rules.
    rules: &'a BTreeSet<Code>,
    /// How often a code was met on a line of these words.
    seen: BTreeMap<(FileId, Code, String), u32>,
}

impl<'a> Log<'a> {
    fn finding(&mut self, finding: &'a Diagnostic) -> Finding<'a> {
        let mut text = finding.message.clone();
        if let Some(help) = &finding.help {
            text += &format!("\nhelp: {help}");
        }
        let label = (!finding.label.is_empty()).then_some(finding.label.as_str());
        let others = finding.others.iter().enumerate();
        Finding {
            rule_id: finding.code.as_str(),
            rule_index: self.rules.range(..finding.code).count(),
            level: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: Text { text },
            locations: [self.location(None, label, finding.span)],
            related_locations: others
                .map(|(id, other)| self.location(Some(id), Some(&other.text), other.span))
                .collect(),
            partial_fingerprints: Fingerprints { line: self.fingerprint(finding) },
            fixes: finding.fixes.iter().map(|fix| self.fix(finding.code, fix)).collect(),
        }
    }

    fn location(&self, id: Option<usize>, text: Option<&str>, span: Span) -> Spot {
        Spot {
            id,
            message: text.map(|text| Text { text: text.to_owned() }),
            physical_location: Place {
                artifact_location: self.file(span),
                region: self.region(span),
            },
        }
    }

    fn fix(&self, code: Code, fix: &'a diagnose::Fix) -> Fix<'a> {
        let what = match (self.sources.snippet(fix.span), fix.replacement.as_str()) {
            // What is to go must not be kept in a log.
            (_, new) if code == Code::SecretInFile => format!("write `{new}` instead"),
            ("", new) => format!("write `{new}`"),
            (old, "") => format!("delete `{old}`"),
            (old, new) => format!("replace `{old}` with `{new}`"),
        };
        Fix {
            description: Text { text: what },
            artifact_changes: [Change {
                artifact_location: self.file(fix.span),
                replacements: [Replacement {
                    deleted_region: self.region(fix.span),
                    inserted_content: Inserted { text: &fix.replacement },
                }],
            }],
            properties: Certainty { certain: fix.certain },
        }
    }

    fn file(&self, span: Span) -> File {
        let name = self.sources.get(span.file).map_or("", |source| &source.name);
        File { uri: uri(name, self.base) }
    }

    fn region(&self, span: Span) -> Region {
        let Some(source) = self.sources.get(span.file) else { return Region::default() };
        let start = source.position(span.start as usize);
        let end = source.position(span.end as usize);
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// What tells a finding from others in its file, wherever its line moves: its code, its
    /// line without regard to case and blanks, and how many such there were before.
    fn fingerprint(&mut self, finding: &Diagnostic) -> String {
        let file = finding.span.file;
        let line = self.sources.get(file).and_then(|source| {
            let line = source.line_of(finding.span.start as usize);
            source.text.get(source.line_range(line))
        });
        let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
        let line = fold(&words.join(" "));
        let count = self.seen.entry((file, finding.code, line.clone())).or_insert(0);
        *count += 1;
        let digest = Sha256::digest(format!("{}\n{line}\n{count}", finding.code));
        digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }
}
