//! Tests that stand beside policies.

use crate::ir::{
    Answer, AppId, Attribute, GroupRef, PermissionRef, RoleRef, RunState, Value, Who,
};
use crate::text::Span;
use crate::time::Duration;

/// A test: who is there, and what must happen. It sees nothing but what it says itself.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCase {
    /// What it shows.
    pub title: String,
    /// The policy it is about.
    pub policy: String,
    /// Where.
    pub span: Span,
    /// Who is there.
    pub given: Vec<TestSubject>,
    /// What must happen, in the order written.
    pub expects: Vec<Expect>,
}

/// A subject of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestSubject {
    /// Which.
    pub kind: TestSubjectKind,
    /// What is known of it.
    pub facts: Vec<TestFact>,
    /// Where.
    pub span: Span,
}

/// Which subject of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestSubjectKind {
    /// An account.
    Account {
        /// Its user name.
        name: String,
        /// Where.
        app: AppId,
    },
    /// A user, by address.
    User(String),
    /// A permission held by an account.
    Grant {
        /// The permission.
        permission: PermissionRef,
        /// The user name of the account.
        account: String,
        /// Where.
        app: AppId,
    },
}

/// What is known of a subject of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestFact {
    /// Whose account it is, by address.
    Owner(String),
    /// What the account holds.
    Permission(PermissionRef),
    /// What the user is a member of.
    Group(GroupRef),
    /// What the user holds.
    Role(RoleRef),
    /// The value of an attribute.
    Is(Attribute, Value),
    /// How long before the test begins an instant lies.
    Ago(Attribute, Duration),
}

/// What must happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// How long after the test begins.
    pub after: Duration,
    /// What happens then.
    pub happening: Option<Happening>,
    /// Whether it must not be.
    pub negated: bool,
    /// What is expected.
    pub outcome: Outcome,
    /// Where.
    pub span: Span,
}

/// What happens in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Somebody answers.
    Decides {
        /// Who.
        who: Who,
        /// What.
        answer: Answer,
    },
    /// The account is used.
    LogsIn,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An evaluation would open a run, or has just done so.
    Match,
    /// Somebody was asked.
    Asked(Who),
    /// A webhook was run.
    Ran(String),
    /// The run stands there.
    Run(RunState),
}
