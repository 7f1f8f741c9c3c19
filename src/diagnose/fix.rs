//! Suggestions applied to the text.

use crate::diagnose::{Diagnostic, Fix, Severity};
use crate::text::FileId;

/// An edit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<'a> {
    /// What it is for.
    pub finding: &'a Diagnostic,
    /// The edit.
    pub fix: &'a Fix,
}

/// Applies the certain suggestions to the text of a file: one for each finding, and of those
/// that touch one another the first. What is left over fits the next text.
pub fn apply<'a>(
    text: &str,
    file: FileId,
    findings: &'a [Diagnostic],
) -> (String, Vec<Edit<'a>>) {
    let mut edits: Vec<Edit<'a>> = findings
        .iter()
        .filter_map(|finding| {
            let fix = finding.fixes.iter().find(|fix| fix.certain)?;
            (fix.span.file == file).then_some(Edit { finding, fix })
        })
        .collect();
    // An error goes before a warning about the same words.
    let order =
        |edit: &Edit<'_>| (edit.fix.span, edit.finding.severity != Severity::Error);
    edits.sort_by_key(order);
    let mut out = String::with_capacity(text.len());
    let mut made = Vec::new();
    let mut done: Option<usize> = None;
    for edit in edits {
        let range = edit.fix.span.range();
        let from = done.unwrap_or(0);
        // Two that meet may want the same place: `a` and `b` inserted there are not `ab`.
        let free = done.is_none_or(|done| range.start > done);
        let Some(between) = text.get(from..range.start).filter(|_| free) else {
            continue;
        };
        if text.get(range.clone()).is_none_or(|old| old == edit.fix.replacement) {
            continue;
        }
        out.push_str(between);
        out.push_str(&edit.fix.replacement);
        done = Some(range.end);
        made.push(edit);
    }
    out.push_str(text.get(done.unwrap_or(0)..).unwrap_or_default());
    (out, made)
}
