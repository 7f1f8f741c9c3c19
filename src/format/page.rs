//! Writes words on lines: blanks, breaks and comments.

use crate::format::mark::{Mark, Marked};
use crate::format::token::{Comment, Kind, Word};
use std::ops::Range;

/// Lines are broken where they would be longer, if they can be.
const WIDTH: usize = 100;

/// How much further in stands what a line goes on with.
pub(super) const STEP: usize = 2;

/// What is written, and where the pen is.
#[derive(Debug)]
pub(super) struct Page<'m, 'a> {
    pub(super) source: &'m Marked<'a>,
    pub(super) out: String,
    /// For each word, the line it was written on; a line does not end within a text.
    pub(super) lines: Vec<usize>,
    line: usize,
    /// Letters of the present line.
    column: usize,
    /// Where the present line begins, or will.
    indent: usize,
    /// Where the next line begins if the present one breaks where nobody asked for it.
    pub(super) hang: usize,
    /// Where in the present line the next word begins, if not further to the right.
    tab: usize,
    /// Nothing stands in the present line.
    fresh: bool,
    /// A comment ended the present line.
    ended: bool,
    /// What stands before in the present line.
    last: Option<Kind>,
    /// For each word, the letters of all before it; what is on one line is the difference.
    widths: Vec<usize>,
    /// For each word, the breaks that comments and texts ask for before it.
    breaks: Vec<usize>,
    /// The first word of the present item, whose comments stand above already.
    pub(super) head: usize,
}

impl<'m, 'a> Page<'m, 'a> {
    pub(super) fn new(source: &'m Marked<'a>) -> Self {
        let (mut widths, mut breaks) = (vec![0], vec![0]);
        let (mut width, mut broken) = (0, 0);
        let mut last: Option<&Word<'_>> = None;
        for word in &source.words {
            width += usize::from(blank_between(last.map(|last| last.kind), word.kind));
            width += word.text.chars().count();
            widths.push(width);
            broken += usize::from(word.is_block());
            broken += usize::from(
                !word.before.is_empty() || last.is_some_and(|last| last.behind.is_some()),
            );
            breaks.push(broken);
            last = Some(word);
        }
        Self {
            source,
            out: String::with_capacity(width + width / 4),
            lines: vec![0; source.words.len()],
            line: 0,
            column: 0,
            indent: 0,
            hang: 0,
            tab: 0,
            fresh: true,
            ended: false,
            last: None,
            widths,
            breaks,
            head: usize::MAX,
        }
    }

    /// Begins a line, unless an empty one waits already.
    pub(super) fn begin(&mut self, indent: usize, hang: usize) {
        if !self.fresh {
            self.break_line();
        }
        self.indent = indent;
        self.hang = hang;
    }

    fn break_line(&mut self) {
        self.out.push('\n');
        self.line += 1;
        self.column = 0;
        self.indent = self.hang;
        self.tab = 0;
        self.fresh = true;
        self.ended = false;
        self.last = None;
    }

    /// Leaves a line empty.
    pub(super) fn blank_line(&mut self) {
        self.begin(0, 0);
        self.out.push('\n');
        self.line += 1;
    }

    /// A comment on a line of its own.
    pub(super) fn comment(&mut self, comment: &Comment<'_>) {
        if !self.fresh {
            self.break_line();
        }
        self.margin();
        self.out.push_str(comment.text);
        let (indent, hang) = (self.indent, self.hang);
        self.break_line();
        (self.indent, self.hang) = (indent, hang);
    }

    fn margin(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
    }

    /// The text, and the line of each word.
    pub(super) fn finish(mut self) -> (String, Vec<usize>) {
        if !self.fresh {
            self.break_line();
        }
        (self.out, self.lines)
    }

    /// Where the next word would begin.
    pub(super) fn column(&self, next: Kind) -> usize {
        match (self.fresh, self.ended) {
            (true, _) => self.indent,
            (_, true) => self.hang,
            _ => self
                .tab
                .max(self.column + usize::from(blank_between(self.last, next))),
        }
    }

    /// Has the next word of the line begin no further left than here.
    pub(super) fn align(&mut self, column: usize) {
        self.tab = column;
    }

    /// A word with its comments.
    pub(super) fn word(&mut self, at: usize) {
        let source = self.source;
        let Some(word) = source.words.get(at) else { return };
        if at != self.head {
            for comment in &word.before {
                self.comment(comment);
            }
        }
        if self.ended {
            self.break_line();
        }
        if self.fresh {
            self.margin();
        } else if blank_between(self.last, word.kind) {
            let column = self.tab.max(self.column + 1);
            self.out.extend(std::iter::repeat_n(' ', column - self.column));
            self.column = column;
        }
        self.tab = 0;
        self.fresh = false;
        self.last = Some(word.kind);
        if let Some(line) = self.lines.get_mut(at) {
            *line = self.line;
        }
        if word.is_block() {
            block(&mut self.out, word.text, self.indent + STEP);
            let line = self.out.rsplit('\n').next().unwrap_or_default();
            self.column = line.chars().count();
        } else {
            self.out.push_str(word.text);
            self.column += word.text.chars().count();
        }
        if let Some(comment) = &word.behind {
            self.out.push_str("  ");
            self.out.push_str(comment.text);
            self.ended = true;
        }
    }

    /// Whether words fit on the rest of the line, and nothing in them asks for a break.
    pub(super) fn fits(&self, words: &Range<usize>) -> bool {
        self.fit_at(self.column(self.kind(words.start)), words)
    }

    /// Whether several stretches fit on the rest of the line together.
    pub(super) fn fit_together(&self, stretches: &[Range<usize>]) -> bool {
        let mut column = self.column(Kind::Word);
        let apart = stretches.iter().skip(1).any(|words| {
            self.source
                .words
                .get(words.start)
                .is_none_or(|word| !word.before.is_empty())
        });
        let ended = stretches.iter().rev().skip(1).any(|words| {
            let last = words.end.checked_sub(1).and_then(|at| self.source.words.get(at));
            last.is_none_or(|last| last.behind.is_some())
        });
        for words in stretches {
            let Some(width) = self.width(words) else { return false };
            column += width + 1;
        }
        !apart && !ended && column <= WIDTH + 1
    }

    fn fit_at(&self, column: usize, words: &Range<usize>) -> bool {
        self.width(words).is_some_and(|width| column + width <= WIDTH)
    }

    /// The letters of words in one line, if nothing in them asks for a break.
    fn width(&self, words: &Range<usize>) -> Option<usize> {
        let Some(first) = self.source.words.get(words.start) else { return Some(0) };
        let between = |list: &[usize], start: usize| {
            let at = |index: usize| list.get(index).copied().unwrap_or_default();
            at(words.end).saturating_sub(at(start))
        };
        let after_first = words.end.min(words.start + 1);
        let is_whole = !first.is_block() && between(&self.breaks, after_first) == 0;
        is_whole.then(|| between(&self.widths, after_first) + first.text.chars().count())
    }

    /// Words in one line, if no comment asks for more.
    pub(super) fn flat(&mut self, words: Range<usize>) {
        for at in words {
            self.word(at);
        }
    }

    /// Words with breaks behind commas and before parts, each where the line is full.
    pub(super) fn flow(&mut self, words: Range<usize>) {
        if self.fits(&words) {
            return self.flat(words);
        }
        let mut start = words.start;
        while start < words.end {
            let mut end = start + 1;
            while end < words.end && !self.may_break(end) {
                end += 1;
            }
            let segment = start..end;
            if !self.fresh
                && !self.ended
                && start > words.start
                && !self.fits(&segment)
                && self.fit_at(self.hang, &segment)
            {
                self.begin(self.hang, self.hang);
            }
            self.flat(segment);
            start = end;
        }
    }

    fn may_break(&self, at: usize) -> bool {
        self.kind(at - 1) == Kind::Comma || self.mark(at) == Mark::Soft
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.source.words.get(at).map_or(Kind::End, |word| word.kind)
    }

    pub(super) fn mark(&self, at: usize) -> Mark {
        self.source.marks.get(at).copied().unwrap_or_default()
    }

    /// The places in a stretch that begin such a thing, those within parentheses left out.
    pub(super) fn starts(&self, words: &Range<usize>, mark: Mark) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = words.start;
        while at < words.end {
            if self.mark(at) == mark {
                found.push(at);
            }
            at = match self.source.words.get(at) {
                Some(word) if word.kind == Kind::Open => word.mate.max(at + 1),
                Some(_) | None => at + 1,
            };
        }
        found
    }
}

/// Whether a blank stands between two words of one line.
fn blank_between(last: Option<Kind>, next: Kind) -> bool {
    last.is_some_and(|last| last != Kind::Open)
        && !matches!(next, Kind::Close | Kind::Comma | Kind::End)
}

/// A text of several lines. Where only blanks follow the opening quotes, its lines move
/// together, so that it says the same; otherwise it stays as it is.
fn block(out: &mut String, text: &str, indent: usize) {
    let normal = text.replace("\r\n", "\n");
    let lines = normal
        .strip_prefix("\"\"\"")
        .and_then(|rest| rest.strip_suffix("\"\"\""))
        .and_then(|inner| inner.split_once('\n'))
        .filter(|(first, _)| first.trim().is_empty());
    let Some((_, rest)) = lines else {
        out.push_str(&normal);
        return;
    };
    let margin = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let filled = rest.split('\n').filter(|line| !line.trim().is_empty());
    let common = filled.map(margin).min().unwrap_or(0);
    out.push_str("\"\"\"");
    let mut lines = rest.split('\n').peekable();
    while let Some(line) = lines.next() {
        out.push('\n');
        let is_last = lines.peek().is_none();
        if !line.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line.get(common..).unwrap_or(line));
        } else if is_last {
            out.extend(std::iter::repeat_n(' ', indent));
        }
    }
    out.push_str("\"\"\"");
}
