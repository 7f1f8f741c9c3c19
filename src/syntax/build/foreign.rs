//! Comparisons in the words of other languages, and what they mean here.
//!
//! A certain edit must mean what was surely meant: `older than` a date is `<`, and behind
//! `inactive` it is `>`.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Op;
use crate::syntax::ast::{Path, TestKind, Value};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::syntax::reword;
use crate::text::{Span, Spanned};
use crate::time::Timestamp;
use pest::iterators::Pair;

/// What the words of an operator speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// Of equality, or of nothing in particular: `==`, `is`.
    Equal,
    /// Of size: `=>`, `more than`, `over`.
    Size,
    /// Of a place in time: `before`, `later than`.
    Time,
    /// Of age: what is older came earlier.
    Age,
    /// Of length: `longer than`.
    Length,
}

/// Whether an operator is one of another language.
pub(super) fn is_foreign(pair: &Pair<'_, Rule>) -> bool {
    let first = pair.clone().into_inner().next();
    first.is_some_and(|first| first.as_rule() == Rule::foreign_op)
}

/// What an operator means for sizes and lengths.
pub(super) fn operator(pair: &Pair<'_, Rule>) -> Op {
    let Some(inner) = pair.clone().into_inner().next() else { return Op::Eq };
    match inner.as_rule() {
        Rule::op_ge => Op::Ge,
        Rule::op_le => Op::Le,
        Rule::op_ne => Op::Ne,
        Rule::op_eq => Op::Eq,
        Rule::op_lt => Op::Lt,
        Rule::op_gt => Op::Gt,
        _ => meaning(inner.as_str()).0,
    }
}

impl Cx<'_> {
    /// An operator of another language.
    pub(super) fn foreign(&mut self, span: Span, right: &str) {
        let finding = self.no_operator(span).help(format!("write `{right}`"));
        self.report(finding.fix(span, self.parted(span, right)));
    }

    /// A word in place of a sign: names may stand close to signs, and not to words.
    fn parted(&self, span: Span, right: &str) -> String {
        if !right.starts_with(char::is_alphabetic) {
            return right.to_owned();
        }
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let behind = self.text.get(span.end as usize..).unwrap_or_default();
        let parts = |letter: char| letter.is_whitespace() || "(&|!".contains(letter);
        let front = if before.is_empty() || before.ends_with(parts) { "" } else { " " };
        let parts = |letter: char| letter.is_whitespace() || letter == ')';
        let back = if behind.is_empty() || behind.starts_with(parts) { "" } else { " " };
        format!("{front}{right}{back}")
    }

    /// The finding for an operator that is none.
    pub(super) fn no_operator(&self, span: Span) -> Diagnostic {
        let message = format!("`{}` is no operator here", self.one_line(span));
        Diagnostic::error(Code::ForeignOperator, span, message)
            .label("of another language")
    }

    /// The words of a stretch in one line.
    pub(in crate::syntax) fn one_line(&self, span: Span) -> String {
        self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// An operator before a length; those of other languages are understood and refused.
    pub(super) fn comparison(&mut self, pair: &Pair<'_, Rule>) -> Spanned<Op> {
        let span = self.span(pair);
        let op = operator(pair);
        if is_foreign(pair) {
            self.foreign(span, op.symbol());
        }
        Spanned::new(op, span)
    }

    /// A comparison of an attribute by an operator of another language.
    pub(super) fn foreign_comparison(
        &mut self,
        pair: &Pair<'_, Rule>,
        attribute: Path,
        value: Spanned<Value>,
        whole: Span,
    ) -> Option<(TestKind, bool)> {
        let span = self.span(pair);
        let (op, speaks) = meaning(pair.as_str().trim_end());
        if let Value::Words(state) = &value.value
            && self.state_of_subject(&attribute, op, state, whole)
        {
            return None;
        }
        let (op, sure) = match (speaks, &value.value) {
            (_, Value::Duration(_)) => {
                let finding = self.no_operator(span);
                let age = speaks == Speaks::Age;
                let between = (attribute.span, value.span);
                let finding = self.length_of_instant(finding, age, op, between);
                self.report(finding);
                return None;
            }
            // A test for likeness in some languages, for difference in others.
            _ if pair.as_str().starts_with("~=") => (op, false),
            (Speaks::Equal, _)
            | (Speaks::Size, Value::Number(_) | Value::Instant(_))
            | (Speaks::Time, Value::Instant(_)) => (op, true),
            // What is older has the earlier date.
            (Speaks::Age, Value::Instant(_)) => (turned(op), true),
            _ => (op, false),
        };
        let right = op.symbol();
        if sure {
            self.foreign(span, right);
        } else {
            let likeness = pair.as_str().starts_with("~=");
            let other = if likeness { ", or `matches` for a pattern" } else { "" };
            let help = format!("write `{right}`{other}");
            self.report(self.no_operator(span).help(help).maybe(span, right));
        }
        let op = Spanned::new(op, span);
        Some((TestKind::Compare { attribute, op, value }, false))
    }

    /// `last_login older than 90d`: a length of time beside an instant.
    fn length_of_instant(
        &self,
        finding: Diagnostic,
        age: bool,
        op: Op,
        (attribute, length): (Span, Span),
    ) -> Diagnostic {
        let whole = attribute.to(length);
        let (attribute, length) = (self.snippet(attribute), self.snippet(length));
        let op = op.symbol();
        let since = format!("since {attribute} {op} {length}");
        let until = format!("until {attribute} {op} {length}");
        if age {
            return finding.help(format!("write `{since}`")).fix(whole, since);
        }
        finding
            .help(format!("write `{since}` or `{until}`"))
            .maybe(whole, since)
            .maybe(whole, until)
    }

    /// `X between A and B`, whose bounds belong to it.
    pub(super) fn between(&mut self, pair: Pair<'_, Rule>, left: &str, whole: Span) {
        let span = self.span(&pair);
        let (mut negated, mut lengths, mut bounds) = (false, false, Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_not => negated = true,
                Rule::value => {
                    let Some(bound) = self.value(inner) else { return };
                    lengths |= matches!(bound.value, Value::Duration(_));
                    bounds.push(self.snippet(bound.span));
                }
                _ => {}
            }
        }
        let [low, high] = bounds.as_slice() else { return };
        let asked = |left: &str| {
            let inside = format!("({left} >= {low} and {left} <= {high})");
            if negated { format!("not {inside}") } else { inside }
        };
        let word = if negated { "not between" } else { "between" };
        let message = format!("`{word}` is no operator here");
        let finding = Diagnostic::error(Code::ForeignOperator, span, message)
            .label("of another language");
        let plain = left == "inactive" || left.contains(char::is_whitespace);
        self.report(if lengths && !plain {
            let (since, until) =
                (asked(&format!("since {left}")), asked(&format!("until {left}")));
            finding
                .help(format!("write `{since}` or `{until}`"))
                .maybe(whole, since)
                .maybe(whole, until)
        } else {
            let right = asked(left);
            finding.help(format!("write `{right}`")).fix(whole, right)
        });
    }

    /// `last_login within 30d`, `hire_date in the last 30d`.
    pub(super) fn within(&mut self, pair: Pair<'_, Rule>, path: &Path, whole: Span) {
        let Some((word, length)) = self.word_and_length(pair) else { return };
        let left = self.snippet(path.span);
        let length = self.snippet(length);
        let since = format!("since {left} <= {length}");
        let until = format!("until {left} <= {length}");
        let words = self.one_line(word);
        let finding = self.no_operator(word);
        if left == "active" {
            let right = format!("inactive <= {length}");
            let finding = finding.help(format!("write `{right}`"));
            return self.report(finding.maybe(whole, right));
        }
        self.report(if words.ends_with("last") || words.ends_with("past") {
            finding.help(format!("write `{since}`")).maybe(whole, since)
        } else if words.ends_with("next") {
            finding.help(format!("write `{until}`")).maybe(whole, until)
        } else {
            finding
                .help(format!("write `{since}` or `{until}`"))
                .maybe(whole, since)
                .maybe(whole, until)
        });
    }

    /// `inactive within 30d`, which may be `inactive for` that long, or for less.
    pub(super) fn inactive_within(&mut self, pair: Pair<'_, Rule>, whole: Span) {
        let Some((word, length)) = self.word_and_length(pair) else { return };
        let length = self.snippet(length);
        let (more, less) =
            (format!("inactive >= {length}"), format!("inactive <= {length}"));
        let finding = self.no_operator(word);
        self.report(
            finding
                .help(format!("write `{more}` or `{less}`"))
                .maybe(whole, more)
                .maybe(whole, less),
        );
    }

    fn word_and_length(&mut self, pair: Pair<'_, Rule>) -> Option<(Span, Span)> {
        let mut inner = pair.into_inner();
        let word = self.span(&inner.next()?);
        let length = self.length(inner.next()?)?;
        Some((word, length.span))
    }

    /// A date as people write it elsewhere.
    pub(super) fn foreign_date(&mut self, span: Span) {
        let written = self.one_line(span);
        let readings = dates(&written);
        let message = format!("`{written}` is not how dates are written");
        let mut finding = Diagnostic::error(Code::BadDate, span, message);
        finding = match readings.as_slice() {
            [] => finding
                .label("no day of the calendar")
                .help("dates are written `2026-11-20`, instants `2026-11-20T12:00:00Z`"),
            [only] => {
                let day = written.split(' ').next().unwrap_or_default();
                let finding = finding
                    .label(if only.starts_with(day) {
                        "a `T` stands between date and time, and the zone behind it"
                    } else {
                        "year, month and day, with `-` between them"
                    })
                    .help(format!("write `{only}`"));
                // Two digits may be any part of a date, and a time is of any zone.
                let year = only.get(..4).is_some_and(|year| day.contains(year));
                if year && day.len() == written.len() {
                    finding.fix(span, only)
                } else {
                    finding.maybe(span, only)
                }
            }
            several => {
                let list: Vec<String> =
                    several.iter().map(|date| format!("`{date}`")).collect();
                let finding = finding
                    .label("which is the day, and which the month")
                    .help(format!("write {}", list.join(" or ")));
                several
                    .iter()
                    .fold(finding, |finding, date| finding.maybe(span, date))
            }
        };
        self.report(finding);
    }
}

/// What an operator of another language means for sizes and lengths, and what it speaks of.
fn meaning(written: &str) -> (Op, Speaks) {
    let words = written.to_ascii_lowercase();
    let mut words: Vec<&str> = words.split_whitespace().collect();
    if words.len() > 1 && matches!(words.first(), Some(&"is" | &"does")) {
        words.remove(0);
    }
    let negated = words.len() > 1 && words.first() == Some(&"not");
    if negated {
        words.remove(0);
    }
    let (op, speaks) = match words.as_slice() {
        ["<>" | "≠" | "!==" | "~=" | "ne" | "isn't" | "not"] => (Op::Ne, Speaks::Equal),
        ["=<" | "≤" | "le"] | ["at", "most"] => (Op::Le, Speaks::Size),
        ["=>" | "≥" | "ge"] | ["at", "least"] => (Op::Ge, Speaks::Size),
        ["gt" | "over" | "above"]
        | ["more" | "greater" | "bigger" | "larger" | "higher", "than"] => {
            (Op::Gt, Speaks::Size)
        }
        ["lt" | "under" | "below"] | ["less" | "fewer" | "smaller" | "lower", "than"] => {
            (Op::Lt, Speaks::Size)
        }
        ["after"] | ["later", "than"] => (Op::Gt, Speaks::Time),
        ["before"] | ["earlier", "than"] => (Op::Lt, Speaks::Time),
        ["older", "than"] => (Op::Gt, Speaks::Age),
        ["newer" | "younger", "than"] => (Op::Lt, Speaks::Age),
        ["longer", "than"] => (Op::Gt, Speaks::Length),
        ["shorter", "than"] => (Op::Lt, Speaks::Length),
        _ => (Op::Eq, Speaks::Equal),
    };
    (if negated { contrary(op) } else { op }, speaks)
}

/// The operator that holds where another does not.
fn contrary(op: Op) -> Op {
    match op {
        Op::Eq => Op::Ne,
        Op::Ne => Op::Eq,
        Op::Lt => Op::Ge,
        Op::Le => Op::Gt,
        Op::Gt => Op::Le,
        Op::Ge => Op::Lt,
    }
}

/// The operator that holds with its sides exchanged.
fn turned(op: Op) -> Op {
    match op {
        Op::Eq | Op::Ne => op,
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
    }
}

/// The instants that a date of another country may name, with the time behind it.
fn dates(written: &str) -> Vec<String> {
    let (date, time) = written.split_once(' ').unwrap_or((written, ""));
    let time = match time.find(':') {
        None => String::new(),
        Some(1) => format!("T0{time}Z"),
        Some(_) => format!("T{time}Z"),
    };
    let found = reword::dates(date).into_iter().map(|date| format!("{date}{time}"));
    found.filter(|right| Timestamp::parse(right).is_some()).collect()
}
