//! Conditions as they were written.

use crate::ir::{Direction, Op, TextTest};
use crate::text::{Span, Spanned};
use crate::time::{Duration, Timestamp};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it asks.
    pub kind: ConditionKind,
    /// Where.
    pub span: Span,
}

/// The forms of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
    /// Not that.
    Not(Box<Condition>),
    /// One question.
    Test(Box<TestKind>),
    /// It could not be read; the finding has been made.
    Damaged,
}

/// The questions.
#[derive(Clone, Debug, PartialEq)]
pub enum TestKind {
    /// `inactive`, `inactive > 90d`.
    Inactive(Option<(Op, Spanned<Duration>)>),
    /// `never active`.
    NeverActive,
    /// `in group G [for > 90d]`.
    InGroup(Vec<NameRef>, Option<Held>),
    /// `has permission P [for > 90d]`.
    HasPermission(Vec<NameRef>, Option<Held>),
    /// `has role R [for > 90d]`.
    HasRole(Vec<NameRef>, Option<Held>),
    /// `has session`.
    HasSession,
    /// `has account in app A`.
    HasAccount(Vec<NameRef>),
    /// `since hire_date > 30d`, `until end_date <= 14d`.
    Elapsed {
        /// Since or until.
        direction: Direction,
        /// The instant.
        attribute: Path,
        /// How it compares.
        op: Op,
        /// With what.
        length: Duration,
    },
    /// `until password_expires_at reaches (30d, 7d, 0d)`.
    Reaches {
        /// Since or until.
        direction: Direction,
        /// The instant.
        attribute: Path,
        /// The distances.
        distances: Vec<Spanned<Duration>>,
    },
    /// `cost_center is known`.
    Known {
        /// Of what.
        attribute: Path,
        /// `is known`, or `is unknown`.
        known: bool,
    },
    /// `department = "Legal"`.
    Compare {
        /// The left side.
        attribute: Path,
        /// The operator.
        op: Spanned<Op>,
        /// The right side.
        value: Spanned<Value>,
    },
    /// `email ends with "…"`.
    Text {
        /// The left side.
        attribute: Path,
        /// Where the words must stand.
        test: TextTest,
        /// The words.
        words: Spanned<Value>,
    },
    /// `title matches "…"`.
    Matches {
        /// The left side.
        attribute: Path,
        /// The regular expression.
        pattern: Spanned<Value>,
    },
    /// `department in ("Sales", "Legal")`.
    OneOf {
        /// The left side.
        attribute: Path,
        /// The values.
        values: Vec<Spanned<Value>>,
    },
    /// One word alone: the name of a `define`.
    Name(Path),
}

/// `for > 90d` behind a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How the time compares.
    pub op: Op,
    /// With what.
    pub length: Duration,
}

/// An attribute as it was written: `status`, `user.status`, `identity state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The parts between the dots.
    pub parts: Vec<String>,
    /// Where.
    pub span: Span,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `"…"`.
    Text(String),
    /// A word, or words, without quotes.
    Words(String),
    /// `ana@acme.example`.
    Email(String),
    /// `5`, `2.5`.
    Number(f64),
    /// `5%`.
    Percent(f64),
    /// `90d`.
    Duration(Duration),
    /// `2026-11-20`, `2026-11-20T12:00:00Z`.
    Instant(Timestamp),
}

/// A name that must be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRef {
    /// The name.
    pub name: Spanned<String>,
    /// Bare words behind it, where only one name fits.
    pub more: Vec<Spanned<String>>,
    /// `from SOURCE`.
    pub from: Option<Spanned<String>>,
}
