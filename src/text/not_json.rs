//! What is wrong with a text that should be JSON, in words for people.

use serde_json::Error;
use std::fmt;

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson {
    /// The byte at which the trouble is.
    pub at: usize,
    /// What it is, and what to write.
    pub why: &'static str,
    /// Its line and column, in letters; none where the text ends too early.
    place: Option<(usize, usize)>,
}

impl NotJson {
    /// What a failed attempt at reading this text means.
    pub fn new(text: &str, error: &Error) -> Self {
        let (at, place) = place(text, error);
        let why = match text.trim() {
            "" => "it is empty",
            _ => why(&error.to_string()),
        };
        let place = (!error.is_eof()).then_some(place);
        Self { at, why, place }
    }
}

/// The byte at which the reader stopped, and its line and column, in letters.
pub(super) fn place(text: &str, error: &Error) -> (usize, (usize, usize)) {
    let line: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = (line + error.column().saturating_sub(1)).min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let column = text.get(line..at).unwrap_or_default().chars().count() + 1;
    (at, (error.line().max(1), column))
}

impl fmt::Display for NotJson {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(out, "line {line}, column {column}: ")?;
        }
        out.write_str(self.why)
    }
}

/// The words of the reader, and ours.
const WORDS: &[(&str, &str)] = &[
    ("EOF while parsing a string", "it ends within a text: its closing `\"` is missing"),
    ("EOF while parsing a list", "it ends within a list: its `]` is missing"),
    ("EOF while parsing an object", "it ends within an object: its `}` is missing"),
    ("EOF", "it ends where a value should stand"),
    ("expected `:`", "a `:` is missing between a name and its value"),
    (
        "expected `,` or `]`",
        "a `,` is missing between two values, or the `]` behind the last",
    ),
    (
        "expected `,` or `}`",
        "a `,` is missing between two fields, or the `}` behind the last",
    ),
    ("expected `\"`", "a name in double quotes is missing"),
    ("key must be a string", "a name in double quotes is missing"),
    ("trailing comma", "a `,` stands behind the last value"),
    ("trailing characters", "something follows behind the end"),
    ("expected value", "no value begins so: texts stand in double quotes"),
    ("expected ident", "only `true`, `false` and `null` are written without quotes"),
    ("invalid number", "no number is written so"),
    ("number out of range", "the number is too large"),
    ("control character", "a line break or tab within a text is written `\\n` or `\\t`"),
    ("recursion limit", "it is nested too deeply"),
];

fn why(said: &str) -> &'static str {
    let known = WORDS.iter().find(|(theirs, _)| said.starts_with(theirs));
    // All else is about what stands behind a backslash.
    known.map_or("a backslash within a text is written `\\\\`", |(_, ours)| *ours)
}
