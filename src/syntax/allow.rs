//! `# allow CODE: reason`: comments that silence a warning.
//!
//! On a line of its own such a comment is about the next line that holds more than comments;
//! above the first line of an item, about the whole item. Behind something on a line it is
//! about that line. A line does not end within a text or between quotes.

use crate::diagnose::nearest_codes;
use crate::syntax::scan::{self, Token};
use crate::syntax::words::ITEMS;
use crate::text::{FileId, Sources, Span, Spanned};
use std::ops::Range;

/// A comment that silences a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The comment.
    pub span: Span,
    /// The code, as it was written.
    pub code: Spanned<String>,
    /// Whether it says why.
    pub reasoned: bool,
    /// What it is about: findings that begin here.
    pub covers: Span,
}

/// What stands between two ends of lines.
struct Line {
    range: Range<usize>,
    /// Where something other than blanks and comments begins.
    code: Option<usize>,
    comment: Option<Range<usize>>,
}

/// The comments of a file that silence warnings.
pub fn allows(sources: &Sources, file: FileId) -> Vec<Allow> {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    if !text.contains("allow") {
        return Vec::new();
    }
    let lines = lines(text);
    let (items, _) = scan::scan(file, text);
    let cover = |line: &Line, start: usize| {
        let item = items.binary_search_by_key(&start, |item| item.start).ok();
        match item.and_then(|at| items.get(at)) {
            Some(item) if ITEMS.contains(&item.keyword) => item.start..item.end,
            Some(_) | None => line.range.clone(),
        }
    };
    let mut allows = Vec::new();
    let mut below: Option<Range<usize>> = None;
    for line in lines.iter().rev() {
        if let Some(start) = line.code {
            below = Some(cover(line, start));
        }
        let Some(comment) = &line.comment else { continue };
        let words = text.get(comment.clone()).unwrap_or_default();
        let Some((code, reasoned)) = read(words) else { continue };
        let covers = if line.code.is_some() {
            line.range.clone()
        } else {
            below.clone().unwrap_or(comment.end..comment.end)
        };
        let span = |range: Range<usize>| Span::new(file, range.start, range.end);
        let code = comment.start + code.start..comment.start + code.end;
        let written = text.get(code.clone()).unwrap_or_default().to_owned();
        allows.push(Allow {
            span: span(comment.clone()),
            code: Spanned::new(written, span(code)),
            reasoned,
            covers: span(covers),
        });
    }
    allows.reverse();
    allows
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line { range: 0..0, code: None, comment: None };
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while let Some((token, length)) = scan::next(text, at) {
        let here = at..at + length;
        at = here.end;
        line.range.end = at;
        match token {
            Token::Newline => {
                let next = Line { range: at..at, code: None, comment: None };
                lines.push(std::mem::replace(&mut line, next));
            }
            Token::Blank => {
                let written = text.get(here.clone()).unwrap_or_default();
                if written.starts_with('#') {
                    line.comment =
                        Some(here.start..here.start + written.trim_end().len());
                }
            }
            Token::Open
            | Token::Close
            | Token::Text
            | Token::UnclosedText
            | Token::UnclosedBlock
            | Token::Word
            | Token::Other => {
                line.code.get_or_insert(here.start);
            }
        }
    }
    lines.push(line);
    lines
}

/// Where the code stands in a comment that silences something, and whether a reason follows.
/// Other comments may begin with the word too: `# allow managers to decide`.
fn read(comment: &str) -> Option<(Range<usize>, bool)> {
    let words = comment.trim_start_matches('#').trim_start();
    let rest = words.strip_prefix("allow")?;
    let code = rest.trim_start();
    let start = comment.len() - code.len();
    if code.len() == rest.len() {
        return None;
    }
    let is_name =
        |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    let length = code.find(|letter| !is_name(letter)).unwrap_or(code.len());
    let (code, rest) = code.split_at(length);
    let rest = rest.trim_start();
    let reason = rest.strip_prefix(':').map(str::trim);
    let meant = reason.is_some() || !nearest_codes(code).is_empty();
    (length > 0 && meant)
        .then(|| (start..start + length, reason.is_some_and(|reason| !reason.is_empty())))
}
