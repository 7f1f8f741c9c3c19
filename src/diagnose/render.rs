//! The findings as people and programs read them.

use crate::diagnose::{Code, Diagnostic, Severity};
use crate::text::{SourceFile, Sources, Span, harmless, spelled_out};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// How findings look to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether in colour.
    pub colour: bool,
    /// Columns to wrap at.
    pub width: usize,
}

impl Look {
    /// Without colour, 100 columns wide: the same wherever it goes.
    pub const PLAIN: Self = Self { colour: false, width: 100 };
}

/// The findings with the lines they are about, in the order of their places.
pub fn to_human(findings: &[Diagnostic], sources: &Sources, look: Look) -> String {
    let theme = if look.colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        .with_links(false)
        .without_syntax_highlighting();
    let mut out = String::new();
    // Nothing that a file holds may speak to the terminal, and no secret is shown again.
    let mut shown: Vec<_> =
        sources.iter().map(|(_, source)| harmless(&source.text)).collect();
    for secret in findings.iter().filter(|found| found.code == Code::SecretInFile) {
        if let Some(text) = shown.get_mut(secret.span.file.0 as usize) {
            *text = Cow::Owned(without(text, secret.span.range()));
        }
    }
    for finding in in_order(findings) {
        let file = finding.span.file;
        let Some(source) = sources.get(file) else { continue };
        let Some(text) = shown.get(file.0 as usize) else { continue };
        let report = Report {
            finding,
            excerpt: Excerpt { source, text },
            crop: crop(source, finding),
        };
        // Writing to a string fails only if the handler cannot read an excerpt; the
        // headline is better than nothing.
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&finding.message);
        }
        while out.ends_with('\n') {
            out.pop();
        }
        out.push_str("\n\n");
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// The findings as an array of objects, in the order of their places.
pub fn to_json(findings: &[Diagnostic], sources: &Sources) -> Value {
    let place = |span: Span| {
        let source = sources.get(span.file);
        let position = |offset: u32| {
            let place = source.map(|source| source.position(offset as usize));
            json!({
                "line": place.map(|place| place.line),
                "column": place.map(|place| place.column),
            })
        };
        (position(span.start), position(span.end))
    };
    let one = |finding: &Diagnostic| {
        let (start, end) = place(finding.span);
        let fixes = finding.fixes.iter().map(|fix| {
            let (start, end) = place(fix.span);
            json!({
                "start": start,
                "end": end,
                "replacement": fix.replacement,
                "certain": fix.certain,
            })
        });
        let others = finding.others.iter().map(|label| {
            let (start, end) = place(label.span);
            let file = sources.get(label.span.file).map(|file| &file.name);
            json!({ "file": file, "start": start, "end": end, "label": label.text })
        });
        json!({
            "code": finding.code.as_str(),
            "severity": match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "message": finding.message,
            "label": finding.label,
            "help": finding.help,
            "file": sources.get(finding.span.file).map(|file| &file.name),
            "start": start,
            "end": end,
            "others": others.collect::<Vec<_>>(),
            "fixes": fixes.collect::<Vec<_>>(),
        })
    };
    in_order(findings).into_iter().map(one).collect()
}

/// The same text with dots in place of a stretch, in as many bytes.
fn without(text: &str, range: Range<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if range.contains(&at) && !matches!(letter, '"' | '\n' | '\r') {
            out.extend(std::iter::repeat_n('.', letter.len_utf8()));
        } else {
            out.push(letter);
        }
    }
    out
}

pub(super) fn in_order(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut ordered: Vec<&Diagnostic> = findings.iter().collect();
    ordered.sort_by_key(|finding| (finding.span, finding.severity));
    ordered
}

/// A finding as the report library wants it.
struct Report<'a> {
    finding: &'a Diagnostic,
    excerpt: Excerpt<'a>,
    /// The part of the span that is drawn.
    crop: Span,
}

/// Lines longer than this are shown in part: the library cannot draw far columns.
const LONG: usize = 1_000;
/// What is shown of them, before and behind.
const AROUND: usize = 60;

/// The span, or its beginning where it stands in a very long line.
fn crop(source: &SourceFile, finding: &Diagnostic) -> Span {
    let span = finding.span;
    if !long(source, span.range()) {
        return span;
    }
    let end = source.floor(span.range().end.min(span.range().start + AROUND));
    Span::new(span.file, span.range().start, end)
}

fn long(source: &SourceFile, range: Range<usize>) -> bool {
    let (first, last) = (source.line_of(range.start), source.line_of(range.end));
    (first..=last).any(|line| source.line_range(line).len() > LONG)
}

/// Asked for the lines of a span alone, the library wants to name its place.
fn names_place(before: usize, after: usize) -> bool {
    before == 0 && after == 0
}

/// A file that is read around a span only, so that many findings stay cheap.
struct Excerpt<'a> {
    source: &'a SourceFile,
    text: &'a str,
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = span.offset()..span.offset() + span.len();
        if long(self.source, whole.clone()) {
            return self.part(whole, names_place(before, after));
        }
        let mut first = self.source.line_of(whole.start);
        let mut last = self.source.line_of(whole.end);
        // The lines around are left out if they are too long to be drawn.
        let short = |line: usize| self.source.line_range(line).len() <= LONG;
        if first >= before && (first - before..first).all(short) {
            first -= before;
        }
        if (last + 1..=last + after).all(short) {
            last += after;
        }
        let range = self.source.line_range(first).start..self.source.line_range(last).end;
        let column = if names_place(before, after) {
            (self.source.position(span.offset()).column as usize).saturating_sub(1)
        } else {
            0
        };
        let text = self.text.get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            spelled_out(&self.source.name).into_owned(),
            text.as_bytes(),
            (range.start, range.len()).into(),
            first,
            column,
            last - first + 1,
        )))
    }
}

impl Excerpt<'_> {
    /// A stretch of a very long line.
    fn part<'a>(
        &'a self,
        span: Range<usize>,
        names_place: bool,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line = self.source.line_of(span.start);
        let whole = self.source.line_range(line);
        let start = self.source.floor(span.start.saturating_sub(AROUND).max(whole.start));
        let end = self.source.floor((span.end + AROUND).min(whole.end.max(span.end)));
        let text = self.text.get(start..end).ok_or(MietteError::OutOfBounds)?;
        let from = if names_place { span.start } else { start };
        let column = self.source.position(from).column;
        Ok(Box::new(MietteSpanContents::new_named(
            spelled_out(&self.source.name).into_owned(),
            text.as_bytes(),
            (start, text.len()).into(),
            line,
            column.saturating_sub(1) as usize,
            1,
        )))
    }
}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.finding.help.as_ref()?;
        Some(Box::new(spelled_out(help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = |span: Span| (span.start as usize, span.range().len());
        let label = (!self.finding.label.is_empty())
            .then(|| spelled_out(&self.finding.label).into_owned());
        let (offset, length) = span(self.crop);
        let first = LabeledSpan::new_primary_with_span(label, (offset, length));
        let file = self.finding.span.file;
        // A place in another file cannot be drawn into this one; its label names it.
        let near = !long(self.excerpt.source, self.finding.span.range());
        let others = self.finding.others.iter().filter(move |other| {
            near && other.span.file == file
                && !long(self.excerpt.source, other.span.range())
        });
        let others = others.map(move |other| {
            let (offset, length) = span(other.span);
            LabeledSpan::new(Some(spelled_out(&other.text).into_owned()), offset, length)
        });
        Some(Box::new(std::iter::once(first).chain(others)))
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.finding, out)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A message quotes what was written, however long that is.
        let message = spelled_out(&self.finding.message);
        match message.char_indices().nth(400) {
            Some((end, _)) => write!(out, "{}…", message.get(..end).unwrap_or("")),
            None => out.write_str(&message),
        }
    }
}

impl std::error::Error for Report<'_> {}
