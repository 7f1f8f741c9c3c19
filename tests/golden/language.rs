//! Policies that are accepted, refused exactly, and refused in these words.

use crate::world;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use tenure::diagnose::{Diagnostic, Look, Severity, to_human};
use tenure::session::Project;
use tenure::text::{FileId, Sources, Span};

/// No error, and every policy in the program.
pub(crate) fn accept(path: &Path, text: &str) -> Result<String, String> {
    let Project { sources, program, findings, .. } = checked(path, text);
    let errors: Vec<Diagnostic> = errors(&findings).cloned().collect();
    if !errors.is_empty() {
        return Err(to_human(&errors, &sources, Look::PLAIN));
    }
    if program.policies.is_empty() {
        return Err("there is no policy in the program".into());
    }
    suggestions_work(path, text)?;
    Ok(String::new())
}

/// Exactly the findings that the `# expect:` lines name, each with its code, its place and
/// words that it contains; and each suggestion makes its finding go away.
pub(crate) fn reject(path: &Path, text: &str) -> Result<String, String> {
    let Project { sources, findings, .. } = checked(path, text);
    let mut left: Vec<&Diagnostic> = errors(&findings).collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# expect: ")) {
        let mut parts = line.splitn(3, ' ');
        let (code, place) = (parts.next().unwrap(), parts.next().unwrap());
        let words = parts.next().unwrap().trim();
        let words = words.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let words = words.replace("\\\"", "\"");
        let at = left.iter().position(|finding| {
            let said = [
                &finding.message,
                &finding.label,
                finding.help.as_ref().unwrap_or(&finding.message),
            ];
            finding.code.as_str() == code
                && range(finding, &sources) == place
                && said.iter().any(|said| said.contains(&words))
        });
        match at {
            Some(at) => drop(left.remove(at)),
            None => {
                return Err(format!("missing: {line}\n{}", listed(&findings, &sources)));
            }
        }
    }
    if let Some(more) = left.first() {
        return Err(format!("too much: {}\n{}", more.code, listed(&findings, &sources)));
    }
    suggestions_work(path, text)?;
    Ok(String::new())
}

/// The findings as people see them, and the policies that are left.
pub(crate) fn check(path: &Path, text: &str) -> Result<String, String> {
    let Project { sources, program, findings, .. } = checked(path, text);
    let mut out = to_human(&findings, &sources, Look::PLAIN);
    for policy in &program.policies {
        let steps: Vec<&str> =
            policy.steps.iter().map(|step| step.text.as_str()).collect();
        writeln!(out, "policy {}: {}", policy.name, steps.join(", ")).unwrap();
    }
    suggestions_work(path, text)?;
    Ok(out)
}

fn checked(path: &Path, text: &str) -> Project {
    let mut sources = Sources::default();
    // The folder of the checkout is no part of what people see.
    sources.add(path.file_name().unwrap().to_string_lossy(), text);
    world::check(sources)
}

fn errors(findings: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    findings.iter().filter(|finding| finding.severity == Severity::Error)
}

fn range(finding: &Diagnostic, sources: &Sources) -> String {
    let file = sources.get(finding.span.file).unwrap();
    let start = file.position(finding.span.start as usize);
    let end = file.position(finding.span.end as usize);
    if start.line == end.line {
        format!("{}:{}-{}", start.line, start.column, end.column)
    } else {
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    }
}

fn listed(findings: &[Diagnostic], sources: &Sources) -> String {
    let line = |finding: &Diagnostic| {
        let (code, place) = (finding.code, range(finding, sources));
        let help = finding.help.as_deref().unwrap_or("-");
        format!("  {code} {place} {} / {} / {help}", finding.message, finding.label)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Every suggestion, certain or not, once applied makes its finding go away, and a certain
/// one leaves no more errors than there were.
pub(crate) fn suggestions_work(path: &Path, text: &str) -> Result<(), String> {
    let before = checked(path, text).findings;
    for finding in &before {
        for fix in &finding.fixes {
            assert_eq!(fix.span.file, FileId(0));
            let mut edited = text.to_owned();
            edited.replace_range(fix.span.range(), &fix.replacement);
            let Project { sources, findings: after, .. } = checked(path, &edited);
            // The same words elsewhere are another finding; at its place there is none.
            let same = |other: &&Diagnostic| {
                other.code == finding.code && other.message == finding.message
            };
            let count = |all: &[Diagnostic]| all.iter().filter(same).count();
            let gone = count(&after) < count(&before);
            let place = moved(finding.span, fix.span, fix.replacement.len());
            let there = after
                .iter()
                .any(|other| other.code == finding.code && other.span.range() == place);
            let worse = fix.certain && errors(&after).count() > errors(&before).count();
            if !gone || there || worse {
                let listed = listed(&after, &sources);
                return Err(format!(
                    "the suggestion `{}` for {} does not help:\n{edited}\n{listed}",
                    fix.replacement, finding.code
                ));
            }
        }
    }
    Ok(())
}

/// Where a span lies once the bytes of another one were replaced by so many.
fn moved(span: Span, edited: Span, length: usize) -> Range<usize> {
    let shift = |at: usize| match at {
        at if at >= edited.range().end => at + length - edited.range().len(),
        at if at > edited.range().start => edited.range().start + length,
        at => at,
    };
    shift(span.range().start)..shift(span.range().end)
}
