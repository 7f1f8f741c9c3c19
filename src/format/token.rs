//! The words of a file as they were written, each with the comments that stand at it.
//!
//! A comment behind a word in its line belongs to that word; one on a line of its own belongs
//! to the next word.

use crate::syntax::{self, Token};

/// A comment.
#[derive(Clone, Debug)]
pub(super) struct Comment<'a> {
    /// From the `#` to the last letter.
    pub(super) text: &'a str,
    /// Its line in the source.
    pub(super) line: usize,
    /// Whether a blank line stands before it.
    pub(super) blank: bool,
    /// Whether it begins in column 1.
    pub(super) outside: bool,
}

/// What kind of word it is, as far as blanks depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Text,
    Operator,
    Open,
    Close,
    Comma,
    /// Behind the last word.
    End,
}

/// A word, number, text or sign that no blank parts.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Its first byte in the source.
    pub(super) start: usize,
    /// Its line in the source; a line does not end within a text.
    pub(super) line: usize,
    /// Whether a blank line stands before it and behind its comments.
    pub(super) blank: bool,
    /// The comments on lines of their own before it.
    pub(super) before: Vec<Comment<'a>>,
    /// The comment behind it.
    pub(super) behind: Option<Comment<'a>>,
    /// For parentheses, where the other one is.
    pub(super) mate: usize,
}

impl Word<'_> {
    /// Whether it is a text of several lines.
    pub(super) fn is_block(&self) -> bool {
        self.kind == Kind::Text && self.text.contains('\n')
    }
}

/// The words of a text, and behind them one of the kind [`Kind::End`].
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut reader = Reader {
        text,
        words: Vec::with_capacity(text.len() / 5),
        pending: Vec::new(),
        line: 0,
        breaks: 0,
    };
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some((token, length)) = syntax::next_token(text, at) {
        reader.take(token, at, at + length);
        at += length;
    }
    reader.push(Kind::End, at, at);
    let mut words = reader.words;
    // A comment may pass several parentheses.
    while hand_on(&mut words) {}
    pair(&mut words);
    single(&mut words);
    pair(&mut words);
    words
}

struct Reader<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
    /// The comments since the last word, those behind it left out.
    pending: Vec<Comment<'a>>,
    line: usize,
    /// How many lines ended since the last word or comment.
    breaks: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, token: Token, start: usize, end: usize) {
        let written = self.text.get(start..end).unwrap_or_default();
        let kind = match token {
            Token::Newline => {
                self.line += 1;
                self.breaks += 1;
                return;
            }
            Token::Blank if written.starts_with('#') => {
                return self.comment(start, written);
            }
            Token::Blank => return,
            Token::Open => Kind::Open,
            Token::Close => Kind::Close,
            Token::Text | Token::UnclosedText | Token::UnclosedBlock => Kind::Text,
            Token::Word => Kind::Word,
            Token::Other => match written {
                "," => Kind::Comma,
                "<" | ">" | "=" | "!" => Kind::Operator,
                _ => Kind::Word,
            },
        };
        if let Some(last) = self.words.last_mut()
            && last.start + last.text.len() == start
            && is_one(last, kind, written)
        {
            last.text = self.text.get(last.start..end).unwrap_or_default();
            last.kind = kind;
            return;
        }
        self.push(kind, start, end);
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.words.push(Word {
            kind,
            text: self.text.get(start..end).unwrap_or_default(),
            start,
            line: self.line,
            blank: self.breaks > 1,
            before: std::mem::take(&mut self.pending),
            behind: None,
            mate: 0,
        });
        self.breaks = 0;
    }

    fn comment(&mut self, start: usize, written: &'a str) {
        let before = self.text.get(..start).unwrap_or_default();
        let comment = Comment {
            text: written.trim_end(),
            line: self.line,
            blank: self.breaks > 1,
            outside: before.is_empty() || before.ends_with(['\n', '\u{feff}']),
        };
        let is_behind = self.breaks == 0 && self.pending.is_empty();
        match self.words.last_mut() {
            Some(last) if is_behind => last.behind = Some(comment),
            Some(_) | None => self.pending.push(comment),
        }
        self.breaks = 0;
    }
}

/// Whether a token goes on with the word that it touches.
fn is_one(last: &Word<'_>, kind: Kind, written: &str) -> bool {
    match (last.kind, kind) {
        (Kind::Operator, Kind::Operator) => true,
        (Kind::Word, Kind::Word) => true,
        (Kind::Word, Kind::Text) => last.text.ends_with('.'),
        (Kind::Text, Kind::Word) => written == "." || last.text.ends_with('.'),
        _ => false,
    }
}

/// Gives comments that stand before a comma or `)` to it, so that no line begins with one.
/// Whether any has moved.
fn hand_on(words: &mut [Word<'_>]) -> bool {
    let mut moved_any = false;
    for at in 1..words.len() {
        let (done, rest) = words.split_at_mut(at);
        let (Some(last), [word, next, ..]) = (done.last_mut(), rest) else { continue };
        match word.kind {
            Kind::Comma if last.behind.is_some() || !word.before.is_empty() => {
                let mut moved = std::mem::take(&mut word.before);
                moved.extend(word.behind.take());
                if let Some(behind) = last.behind.take() {
                    word.behind = Some(behind);
                }
                next.before.splice(0..0, moved);
                moved_any = true;
            }
            Kind::Close if word.before.is_empty() && word.behind.is_none() => {
                word.behind = last.behind.take();
                moved_any |= word.behind.is_some();
            }
            _ => {}
        }
    }
    moved_any
}

/// Notes for each parenthesis where the other one is.
fn pair(words: &mut [Word<'_>]) {
    let mut open = Vec::new();
    for at in 0..words.len() {
        let Some(word) = words.get_mut(at) else { break };
        match word.kind {
            Kind::Open => open.push(at),
            Kind::Close => {
                let mate = open.pop().unwrap_or(at);
                word.mate = mate;
                if let Some(word) = words.get_mut(mate) {
                    word.mate = at;
                }
            }
            _ => {}
        }
    }
}

/// Takes the second pair of parentheses around one thing away, unless a comment parts them.
fn single(words: &mut Vec<Word<'_>>) {
    let mut needless = vec![false; words.len()];
    for (at, pair) in words.windows(2).enumerate() {
        let [outer, inner] = pair else { continue };
        if outer.kind != Kind::Open
            || inner.kind != Kind::Open
            || outer.mate != inner.mate + 1
        {
            continue;
        }
        let ends = (words.get(inner.mate), words.get(outer.mate));
        let (Some(inner_end), Some(outer_end)) = ends else { continue };
        let alone = |word: &Word<'_>| word.before.is_empty() && word.behind.is_none();
        if outer.behind.is_none()
            && alone(inner)
            && alone(inner_end)
            && outer_end.before.is_empty()
        {
            for at in [at + 1, inner.mate] {
                if let Some(needless) = needless.get_mut(at) {
                    *needless = true;
                }
            }
        }
    }
    let mut needless = needless.into_iter();
    words.retain(|_| needless.next() != Some(true));
}
