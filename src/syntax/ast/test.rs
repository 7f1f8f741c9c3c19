//! Tests that stand beside policies.

use crate::ir::{Answer, RunState};
use crate::syntax::ast::{NameRef, Path, Value, Who};
use crate::text::{Span, Spanned};
use crate::time::Duration;

/// `test "…" policy P given … expect …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows.
    pub title: Option<Spanned<String>>,
    /// The keyword.
    pub keyword: Span,
    /// The policy it is about.
    pub policy: Option<NameRef>,
    /// Who is there.
    pub given: Vec<Given>,
    /// What must happen, in the order written.
    pub expects: Vec<Expect>,
}

/// `given account zoe in app Salesforce, owner zoe@acme.example, last_activity 120d ago`.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The subject.
    pub kind: GivenKind,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// All of it.
    pub span: Span,
}

/// A subject of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenKind {
    /// `account zoe in app Salesforce`.
    Account {
        /// Its user name.
        name: Spanned<String>,
        /// Where.
        app: NameRef,
    },
    /// `user zoe@acme.example`.
    User(Spanned<String>),
    /// `grant "Sales Cloud" of account zoe in app Salesforce`.
    Grant {
        /// The permission.
        permission: NameRef,
        /// The account that holds it.
        account: Spanned<String>,
        /// Where.
        app: NameRef,
    },
}

/// A fact of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// All of it.
    pub span: Span,
}

/// What a fact says.
#[derive(Clone, Debug, PartialEq)]
pub enum FactKind {
    /// `owner zoe@acme.example`.
    Owner(Spanned<String>),
    /// `permission P`.
    Permission(NameRef),
    /// `group G`.
    Group(NameRef),
    /// `role R`.
    Role(NameRef),
    /// `department "Sales"`.
    Is {
        /// Of what.
        attribute: Path,
        /// What it is.
        value: Spanned<Value>,
    },
    /// `last_activity 120d ago`.
    Ago {
        /// Of what.
        attribute: Path,
        /// How long before the test begins.
        length: Spanned<Duration>,
    },
    /// It could not be read; the finding has been made.
    Damaged,
}

/// `[after D] [when …] expect [no] …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// How long after the test begins; at its beginning where nothing is said.
    pub after: Option<Spanned<Duration>>,
    /// What happens then.
    pub happening: Option<Spanned<Happening>>,
    /// `no`.
    pub negated: bool,
    /// What is expected.
    pub outcome: Outcome,
    /// All of it.
    pub span: Span,
}

/// What happens in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// `when owner decides keep`.
    Decides {
        /// Who.
        who: Who,
        /// What.
        answer: Answer,
    },
    /// `when account logs in`.
    LogsIn,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// `match`.
    Match,
    /// `asked WHO`.
    Asked(Who),
    /// `ran webhook W`.
    Ran(NameRef),
    /// `run STATE`.
    Run(Spanned<RunState>),
    /// It could not be read; the finding has been made.
    Damaged,
}
