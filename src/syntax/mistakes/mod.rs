//! The second look: what somebody meant who wrote what no rule takes.
//!
//! Damaged stretches come here one by one, and each gives exactly one finding.

pub(super) mod arm;
mod behind;
mod condition;
mod field;
mod item;
mod step;

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::grammar::{Grammar, Rule, say};
use crate::syntax::scan::meant_item;
use crate::syntax::words::{CLAUSES, CONDITIONS, ITEMS, STEP_WORDS, unglue};
use crate::text::{Span, nearest};
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

/// How far a rule got in a damaged stretch.
pub(super) enum Reached {
    /// It ended here, and something is left.
    End(usize),
    /// It stopped here, where one of these was due.
    Stop(usize, Vec<&'static str>),
}

impl Cx<'_> {
    /// A stretch in which no clause could be read.
    pub(in crate::syntax) fn bad_clause(&mut self, span: Span) {
        let place = self.token_at(span.start as usize, span.end as usize);
        let word = self.snippet(place);
        if self.misread_clause(span, place) {
            return;
        }
        let finding = match word {
            "when" | "except" => {
                let message = format!("a condition is missing behind `{word}`");
                Diagnostic::error(Code::Syntax, place, message)
                    .label("nothing to ask")
                    .help(format!("write `{word} inactive > 90d`, for example"))
            }
            "and" | "or" => {
                let message = format!("a condition is missing behind `{word}`");
                Diagnostic::error(Code::Syntax, place, message)
                    .label("nothing follows")
                    .help(format!("take `{word}` out, or write one more condition"))
            }
            _ if STEP_WORDS.contains(&word) => {
                let message = "a step stands outside of `then`";
                Diagnostic::error(Code::Syntax, place, message)
                    .label("not a clause")
                    .help("steps stand behind `then`, with commas between them")
            }
            _ => self.unknown_clause(place),
        };
        self.report(finding);
    }

    fn unknown_clause(&self, place: Span) -> Diagnostic {
        let word = self.snippet(place);
        if !word.starts_with(char::is_alphabetic) {
            return unexpected(word, place).help("a clause or a step ends before it");
        }
        let message = format!("no clause begins with `{word}`");
        let finding =
            Diagnostic::error(Code::UnknownClause, place, message).label("not a clause");
        if let Some(near) = nearest(word, CLAUSES.iter().copied()).into_iter().next() {
            return finding.help(format!("write `{near}`")).maybe(place, near);
        }
        if let Some(apart) = unglue(word) {
            return finding.help(format!("write `{apart}`")).maybe(place, apart);
        }
        if CONDITIONS.contains(&word) {
            return finding.help("a condition stands behind `when` or `except`");
        }
        finding.help(
            "the clauses are `for`, `every`, `once`, `on`, `before`, `require`, `when`, `always`, \
             `otherwise`, `except`, `reviewers`, `limit`, `activity`, `count`, `rank`, `cancel`, \
             `restart`, `then`, `if kept`, `if failed` and `report`; a name of several words \
             stands in quotes",
        )
    }

    /// A clause whose first word is right.
    pub(super) fn broken_clause(&mut self, span: Span, keyword: Span, help: &str) {
        let (at, before) = match self.reach(Rule::clause_prefix, span) {
            Reached::End(at) => (
                at,
                self.snippet(Span::new(self.file, span.start as usize, at)).trim_end(),
            ),
            Reached::Stop(at, _) => (at, ""),
        };
        let place = self.token_at(at, span.end as usize);
        if place.start >= span.end || self.snippet(place).is_empty() {
            let message = format!("`{}` is not finished", self.snippet(keyword));
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label("something is missing behind it")
                    .help(help),
            );
            return;
        }
        self.left(place, before, help);
    }

    /// A piece of text that is no item.
    pub(in crate::syntax) fn bad_item(&mut self, span: Span) {
        let place = self.token_at(span.start as usize, span.end as usize);
        let word = self.snippet(place);
        if ITEMS.contains(&word) {
            let line = self.text.get(..place.start as usize).unwrap_or_default();
            let line = line.rfind('\n').map_or(0, |newline| newline + 1);
            if line < place.start as usize && line + 3 != place.start as usize {
                let blanks = Span::new(self.file, line, place.start as usize);
                self.report(
                    Diagnostic::error(
                        Code::UnknownItem,
                        place,
                        "an item begins in column 1",
                    )
                    .label("indented, and nothing before it goes on here")
                    .help("take the blanks before it away")
                    .fix(blanks, ""),
                );
                return;
            }
            let message = format!("this `{word}` could not be read");
            self.report(
                Diagnostic::error(Code::Syntax, place, message).label("not finished"),
            );
            return;
        }
        let (word, place) = self.two_words(word, place, span);
        let message = format!("no item begins with `{word}`");
        let mut finding = Diagnostic::error(Code::UnknownItem, place, message)
            .label("not an item")
            .help(
                "items are `policy`, `when`, `define`, `webhook`, `template`, `flow`, `app`, \
                 `attribute`, `lifecycle`, `group`, `never` and `test`, in column 1",
            );
        if let Some(near) = meant_item(word.split(' ').next().unwrap_or(word)) {
            finding = finding.help(format!("write `{near}`")).maybe(place, near);
        }
        self.report(finding);
    }

    /// `web hook` is one word that was taken apart.
    fn two_words<'t>(
        &'t self,
        word: &'t str,
        place: Span,
        span: Span,
    ) -> (&'t str, Span) {
        let next = self.token_at(place.end as usize, span.end as usize);
        if word == "web" && self.snippet(next) == "hook" {
            return ("web hook", place.to(next));
        }
        (word, place)
    }

    /// Something stands behind what was whole already.
    pub(super) fn left(&mut self, place: Span, before: &str, help: &str) {
        let word = self.snippet(place);
        let mut finding = unexpected(word, place).help(help);
        if !before.is_empty() && before.len() < 40 && !before.contains('\n') {
            finding = finding.label(format!("does not fit behind `{before}`"));
        }
        if let Some(apart) = unglue(word).filter(|_| !CONDITIONS.contains(&word)) {
            finding = finding.help(format!("write `{apart}`")).maybe(place, apart);
        }
        self.report(finding);
    }

    /// Something else was due at a place.
    pub(super) fn due(&mut self, at: usize, span: Span, due: &[&'static str]) {
        let place = self.token_at(at, span.end as usize);
        let word = self.snippet(place);
        if word.is_empty() {
            let written =
                self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("`{written}` is not finished");
            let mut finding = Diagnostic::error(Code::Syntax, span, message)
                .label("something is missing behind it");
            if !due.is_empty() {
                finding = finding.help(format!("{} is due", one_of(due)));
            }
            self.report(finding);
            return;
        }
        let mut finding = unexpected(word, place);
        if !due.is_empty() {
            finding = finding.help(format!("{} is due here", one_of(due)));
        }
        self.report(finding);
    }

    /// How far a rule gets in a stretch.
    pub(super) fn reach(&self, rule: Rule, span: Span) -> Reached {
        let text = self.snippet(span);
        let start = span.start as usize;
        match Grammar::parse(rule, text) {
            Ok(pairs) => {
                let end = pairs.last().map_or(0, |pair| pair.as_span().end());
                Reached::End(start + end)
            }
            Err(error) => {
                let at = match error.location {
                    InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
                };
                let mut due = match error.variant {
                    ErrorVariant::ParsingError { positives, .. } => {
                        positives.into_iter().filter_map(say).collect::<Vec<_>>()
                    }
                    ErrorVariant::CustomError { .. } => Vec::new(),
                };
                due.sort_unstable();
                due.dedup();
                Reached::Stop(start + at, due)
            }
        }
    }

    /// The word, text or sign at or behind a place; empty at the end.
    pub(in crate::syntax) fn token_at(&self, at: usize, end: usize) -> Span {
        let text = self.text.get(at..end).unwrap_or_default();
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            if !rest.starts_with('#') {
                break;
            }
            rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
        }
        let start = at + (text.len() - rest.len());
        let word = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
        let length = match rest.chars().next() {
            None => 0,
            Some('"') => rest
                .get(1..)
                .and_then(|inner| inner.find('"'))
                .map_or(1, |inner| inner + 2),
            Some(first) if word(first) => {
                let whole = rest.find(|letter| !word(letter)).unwrap_or(rest.len());
                rest.get(..whole)
                    .map_or(whole, |whole| whole.trim_end_matches('.').len().max(1))
            }
            Some(first) => first.len_utf8(),
        };
        Span::new(self.file, start, start + length)
    }
}

pub(super) fn unexpected(word: &str, place: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, place, format!("`{word}` is not expected here"))
        .label("does not fit here")
}

pub(super) fn one_of(due: &[&'static str]) -> String {
    match due {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => {
            let first = first.iter().take(6).copied().collect::<Vec<_>>().join(", ");
            format!("{first} or {last}")
        }
    }
}
