//! The findings as commands of a GitHub workflow, which shows them beside the changed lines.

use crate::diagnose::path::relative;
use crate::diagnose::render::in_order;
use crate::diagnose::{Diagnostic, Severity};
use crate::text::{Sources, spelled_out};
use std::path::Path;

/// A line for each finding, in the order of their places. Files are named as seen from
/// `base`, which is where the workflow checked them out.
pub fn to_github(findings: &[Diagnostic], sources: &Sources, base: &Path) -> String {
    let mut out = String::new();
    for finding in in_order(findings) {
        let Some(source) = sources.get(finding.span.file) else { continue };
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let file = relative(&source.name, base);
        let start = source.position(finding.span.start as usize);
        let end = source.position(finding.span.end as usize);
        let mut place =
            format!("file={},line={},endLine={}", property(&file), start.line, end.line);
        // Columns are understood within one line only.
        if start.line == end.line {
            place += &format!(",col={},endColumn={}", start.column, end.column);
        }
        let mut message = finding.message.clone();
        if let Some(help) = &finding.help {
            message += &format!("\nhelp: {help}");
        }
        let (title, message) = (property(finding.code.as_str()), data(&message));
        out += &format!("::{command} {place},title={title}::{message}\n");
    }
    out
}

/// The message of a command.
fn data(text: &str) -> String {
    spelled_out(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, which also must not hold what parts properties.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
