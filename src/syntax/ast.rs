//! The tree as it was written: names unresolved, nothing typed, everything with its place.

use crate::ir::{Direction, Ignored, Op, SecretRef, TextTest};
use crate::text::{FileId, Span, Spanned};
use crate::time::schedule::Schedule;
use crate::time::{Duration, Timestamp};

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Which one.
    pub id: FileId,
    /// `edition 1`.
    pub edition: Option<Spanned<u32>>,
    /// The items, in the order written. Items that could not be read at all are missing.
    pub items: Vec<Item>,
}

/// An item of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// All of it.
    pub span: Span,
    /// Whether something in it could not be read. Its name counts all the same, and what
    /// could be read is checked.
    pub damaged: bool,
}

/// The kinds of items.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `policy NAME …`, or a bare `when … then …`.
    Policy(Policy),
    /// `define NAME as CONDITION`.
    Define(Define),
    /// `webhook NAME …`.
    Webhook(Webhook),
    /// `template NAME …`.
    Template(Template),
}

/// A policy with its clauses as they stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name; a bare `when` has none.
    pub name: Option<Spanned<String>>,
    /// The text behind the name.
    pub title: Option<Spanned<String>>,
    /// The name, or the `when` of a bare policy.
    pub head: Span,
    /// The clauses, in the order written.
    pub clauses: Vec<Clause>,
}

/// A clause of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// Its first word.
    pub keyword: Span,
}

/// The kinds of clauses.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `for accounts [in app A]`.
    Accounts(Vec<NameRef>),
    /// `for users`.
    Users,
    /// `every …`.
    Every(Schedule),
    /// `when …`.
    When(Condition),
    /// `except …`.
    Except(Condition),
    /// `reviewers …`.
    Reviewers(Vec<Who>),
    /// `limit …`.
    Limit(Limit),
    /// `then …`.
    Then(Vec<Step>),
    /// It could not be read, or is not supported yet; the finding has been made.
    Damaged,
}

/// How many runs a policy may open.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// A number of runs.
    Count(u64),
    /// A share of the subjects.
    Percent(f64),
    /// `the larger of … and …`.
    Larger(Box<Self>, Box<Self>),
    /// `the smaller of … and …`.
    Smaller(Box<Self>, Box<Self>),
    /// `none "reason"`.
    None(String),
}

/// `define NAME as CONDITION`.
#[derive(Clone, Debug, PartialEq)]
pub struct Define {
    /// Its name.
    pub name: Spanned<String>,
    /// What it stands for; `None` when that could not be read.
    pub condition: Option<Condition>,
}

/// `webhook NAME …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its name.
    pub name: Spanned<String>,
    /// Where to send.
    pub url: Option<Spanned<String>>,
    /// What to sign with.
    pub secret: Option<SecretRef>,
    /// How long one attempt may take.
    pub timeout: Option<Spanned<Duration>>,
    /// How many times to try again.
    pub retry: Option<u32>,
    /// More headers.
    pub headers: Vec<(String, String)>,
}

/// `template NAME …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its name.
    pub name: Spanned<String>,
    /// The subject line.
    pub subject: Option<Spanned<String>>,
    /// The text.
    pub body: Option<Spanned<String>>,
}

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

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// All of it.
    pub span: Span,
}

/// The steps.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `ask WHO …`.
    Ask {
        /// Whom.
        who: Vec<Who>,
        /// In which words.
        message: Option<Message>,
        /// `for 7d`.
        window: Option<Spanned<Duration>>,
    },
    /// `notify WHO …`.
    Notify {
        /// Whom.
        who: Vec<Who>,
        /// In which words.
        message: Option<Message>,
    },
    /// `escalate [to WHO] after 7d [for 3d]`.
    Escalate {
        /// Whom; empty is the default.
        who: Vec<Who>,
        /// How long those before had.
        after: Spanned<Duration>,
        /// How long these have.
        window: Option<Duration>,
    },
    /// `if ignored keep`, `if ignored remove`.
    IfIgnored(Ignored),
    /// `wait 3d`.
    Wait(Duration),
    /// `run webhook W`.
    RunWebhook(NameRef),
    /// `add to group G`.
    AddToGroup(Vec<NameRef>),
    /// `remove from group G`.
    RemoveFromGroup(Vec<NameRef>),
    /// `disable account`.
    DisableAccount,
    /// It could not be read, or is not supported yet; the finding has been made.
    Damaged,
}

/// Words of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `"…"`.
    Text(Spanned<String>),
    /// `with TEMPLATE`.
    Template(NameRef),
}

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// How they are found.
    pub kind: WhoKind,
    /// Where.
    pub span: Span,
}

/// How a person is found.
#[derive(Clone, Debug, PartialEq)]
pub enum WhoKind {
    /// `owner`, `manager`, `reviewers`, `admin`, or an attribute.
    Word(Path),
    /// `app owner`.
    AppOwner,
    /// `group G`.
    Group(NameRef),
    /// An address.
    Email(String),
}
