//! The look before parsing: what no grammar should meet, and where each item begins.
//!
//! An item starts with its keyword in column 1, outside strings. Cutting there first means
//! that a broken item never hides the next. Whatever is found here damages its item, and
//! nothing else is said about that item.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::hidden;
use crate::syntax::words::{ITEMS, is_keyword};
use crate::text::{FileId, Span, fold, nearest};

/// Parentheses and `not`s that may stand within each other.
pub(super) const DEEPEST: usize = 64;
/// Nobody reads more about one file.
const MOST_FINDINGS: usize = 5_000;

/// A stretch of text that holds one item.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// First byte.
    pub(super) start: usize,
    /// First byte behind it.
    pub(super) end: usize,
    /// The word it starts with; may be none that starts an item.
    pub(super) keyword: &'a str,
    /// Whether a finding about it was made, so that parsing it would only repeat that.
    pub(super) broken: bool,
}

/// What a position of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Blanks, and comments.
    Blank,
    /// The end of a line.
    Newline,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// A text with its quotes.
    Text,
    /// A quote without its partner; the token ends with its line.
    UnclosedText,
    /// Three quotes without their partner.
    UnclosedBlock,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Any other sign.
    Other,
}

/// Cuts a file into items.
pub(super) fn scan(file: FileId, text: &str) -> (Vec<Piece<'_>>, Vec<Diagnostic>) {
    if let Some(finding) = hidden::refuse(file, text) {
        return (Vec::new(), vec![finding]);
    }
    let mut scan = Scan {
        file,
        pieces: Vec::new(),
        findings: Vec::new(),
        open: Vec::new(),
        hidden: hidden::any(text),
    };
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut column_one = true;
    while let Some((token, length)) = next(text, at) {
        scan.take(text, at, token, length, column_one);
        column_one = matches!(token, Token::Newline);
        at += length;
    }
    scan.close_piece(text.len());
    (scan.pieces, scan.findings)
}

/// Whether the text goes on in the next line: an open bracket or string, or a last word
/// that needs another.
pub(super) fn is_open(text: &str) -> bool {
    let (mut depth, mut at, mut last) = (0_usize, 0, "");
    while let Some((token, length)) = next(text, at) {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::UnclosedBlock => return true,
            Token::Blank
            | Token::Newline
            | Token::Text
            | Token::UnclosedText
            | Token::Word
            | Token::Other => {}
        }
        if !matches!(token, Token::Blank | Token::Newline) {
            last = text.get(at..at + length).unwrap_or_default();
        }
        at += length;
    }
    let unfinished = [
        "and",
        "or",
        "not",
        "then",
        "when",
        "except",
        "in",
        "has",
        "since",
        "until",
        "for",
        "from",
        "with",
        "to",
        "is",
        "as",
        "after",
        "ask",
        "notify",
        "escalate",
        "run",
        "add",
        "remove",
        "wait",
        "webhook",
        "every",
        "limit",
        "reviewers",
        "where",
        ",",
        "=",
        "<",
        ">",
    ];
    depth > 0 || unfinished.contains(&last)
}

struct Scan<'a> {
    file: FileId,
    pieces: Vec<Piece<'a>>,
    findings: Vec<Diagnostic>,
    /// Where the brackets of the present piece were opened.
    open: Vec<usize>,
    /// Whether the file holds characters that nobody sees.
    hidden: bool,
}

impl<'a> Scan<'a> {
    fn take(
        &mut self,
        text: &'a str,
        at: usize,
        token: Token,
        length: usize,
        column_one: bool,
    ) {
        let word = text.get(at..at + length).unwrap_or_default();
        if matches!(token, Token::Blank | Token::Newline) {
            if self.hidden
                && let Some(finding) = hidden::in_comment(self.file, at, word)
            {
                self.note(finding);
            }
            return;
        }
        if self.pieces.is_empty() || (column_one && starts_item(token, word)) {
            self.close_piece(at);
            let end = text.len();
            self.pieces
                .push(Piece { start: at, end, keyword: word, broken: false });
        }
        if self.hidden
            && let Some(finding) = hidden::in_word(self.file, at, word)
        {
            self.report(finding);
        }
        let span = Span::new(self.file, at, at + length);
        match token {
            Token::Open => {
                self.open.push(at);
                if self.open.len() > DEEPEST {
                    self.report(too_deep(span));
                }
            }
            Token::Close => {
                if self.open.pop().is_none() {
                    let message = "a `)` closes nothing";
                    let finding =
                        Diagnostic::error(Code::UnbalancedParentheses, span, message)
                            .label("no `(` was opened")
                            .help("take it out, or open a parenthesis before");
                    self.report(finding.maybe(span, ""));
                }
            }
            Token::UnclosedText => {
                let line = word.trim_end();
                let span = Span::new(self.file, at, at + line.len());
                self.report(
                    Diagnostic::error(Code::UnclosedText, span, "a text is not closed")
                        .label("it has no `\"` at its end")
                        .help("close it in the same line, or write `\"\"\"` around several lines"),
                );
            }
            Token::UnclosedBlock => self.report(
                Diagnostic::error(Code::UnclosedText, span, "a text is not closed")
                    .label("it begins here and never ends")
                    .help("write `\"\"\"` where it ends"),
            ),
            Token::Blank | Token::Newline | Token::Text | Token::Word | Token::Other => {}
        }
    }

    fn close_piece(&mut self, at: usize) {
        if let Some(open) = self.open.first().copied() {
            let span = Span::new(self.file, open, open + 1);
            self.report(
                Diagnostic::error(
                    Code::UnbalancedParentheses,
                    span,
                    "a `(` is never closed",
                )
                .label("opened here")
                .help("write `)` where it ends"),
            );
        }
        self.open.clear();
        if let Some(piece) = self.pieces.last_mut() {
            piece.end = at;
        }
    }

    /// Notes the first trouble of a piece; what follows may come from it.
    fn report(&mut self, finding: Diagnostic) {
        let Some(piece) = self.pieces.last_mut() else { return };
        if !piece.broken {
            piece.broken = true;
            self.note(finding);
        }
    }

    fn note(&mut self, finding: Diagnostic) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }
}

/// The finding for too much nesting.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    let message = format!("the nesting is deeper than {DEEPEST}");
    Diagnostic::error(Code::TooDeep, span, message)
        .label("one too many")
        .help("name a part of it with `define`")
}

/// Whether a word in column 1 starts an item, or was meant to.
fn starts_item(token: Token, word: &str) -> bool {
    if !matches!(token, Token::Word) {
        return false;
    }
    // `THEN` in column 1 goes on with its item, as `then` does.
    let lower = word.to_ascii_lowercase();
    ITEMS.contains(&lower.as_str()) || (!is_keyword(&lower) && meant_item(word).is_some())
}

/// The keyword of an item that a word was meant to be.
pub(super) fn meant_item(word: &str) -> Option<&'static str> {
    match fold(word).as_str() {
        "rule" => return Some("policy"),
        "let" | "def" | "definition" => return Some("define"),
        "hook" | "web" => return Some("webhook"),
        "application" | "applications" => return Some("app"),
        "attr" => return Some("attribute"),
        "invariant" | "forbid" => return Some("never"),
        _ => {}
    }
    let folded = fold(word);
    if let Some(item) = ITEMS.iter().find(|item| **item == folded) {
        return Some(item);
    }
    let near = nearest(word, ITEMS.iter().copied()).into_iter().next()?;
    // Four letters and more: `ap` or `on` in column 1 are too little to tell.
    (word.chars().count() >= 4).then_some(near)
}

/// The token at a byte offset, and its length in bytes.
pub(crate) fn next(text: &str, at: usize) -> Option<(Token, usize)> {
    let rest = text.get(at..)?;
    let first = rest.chars().next()?;
    Some(match first {
        '\n' => (Token::Newline, 1),
        '#' => (Token::Blank, rest.find('\n').unwrap_or(rest.len())),
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        '"' if rest.starts_with("\"\"\"") => {
            match rest.get(3..).and_then(|inner| inner.find("\"\"\"")) {
                Some(length) => (Token::Text, length + 6),
                None => (Token::UnclosedBlock, 3),
            }
        }
        '"' => match text_length(rest) {
            Ok(length) => (Token::Text, length),
            Err(length) => (Token::UnclosedText, length),
        },
        '\'' | '‘' | '’' => foreign(rest, first, &['‘', '’']),
        '“' | '”' | '„' | '«' | '»' => {
            foreign(rest, first, &['“', '”', '„', '«', '»', '"'])
        }
        first if first.is_whitespace() => (Token::Blank, first.len_utf8()),
        first if is_word(first) => {
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            (Token::Word, length)
        }
        first => (Token::Other, first.len_utf8()),
    })
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

/// The length of a quoted text, both quotes included; or of its line where it does not end.
fn text_length(rest: &str) -> Result<usize, usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return Err(at),
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err(rest.len())
}

/// Text in the quotes of another language; a lone one is a sign like any other.
fn foreign(rest: &str, first: char, closing: &[char]) -> (Token, usize) {
    let width = first.len_utf8();
    let inner = rest.get(width..).unwrap_or_default();
    let closing: &[char] = if first == '\'' { &['\''] } else { closing };
    let mut ends = inner.char_indices();
    match ends.find(|(_, letter)| *letter == '\n' || closing.contains(letter)) {
        Some((at, letter)) if letter != '\n' => {
            (Token::Text, width + at + letter.len_utf8())
        }
        Some(_) | None => (Token::Other, width),
    }
}
