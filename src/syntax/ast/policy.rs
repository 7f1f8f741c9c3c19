//! Policies as they were written.

use crate::ir::Origin;
use crate::syntax::ast::{Activity, Condition, NameRef, Path, Step, Value, Who};
use crate::text::{Span, Spanned};
use crate::time::schedule::Schedule;

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

impl Policy {
    /// When it is evaluated; at no time of its own where only events start it.
    pub fn schedule(&self) -> Option<Schedule> {
        let mut said = self.clauses.iter().filter_map(|clause| match &clause.kind {
            ClauseKind::Every(schedule) => Some(schedule.clone()),
            _ => None,
        });
        let started = |clause: &Clause| {
            matches!(clause.kind, ClauseKind::On(_) | ClauseKind::Before(_))
        };
        let default = || (!self.clauses.iter().any(started)).then(Schedule::default);
        said.next().or_else(default)
    }
}

/// A clause of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// Its first word; both of `if kept` and `if failed`.
    pub keyword: Span,
    /// All of it.
    pub span: Span,
}

/// The kinds of clauses.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `for accounts [in app A]`.
    Accounts(Vec<NameRef>),
    /// `for users`.
    Users,
    /// `for grants [in app A]`.
    Grants(Vec<NameRef>),
    /// `every …`, `once at …`.
    Every(Schedule),
    /// `on EVENT`, `on (EVENT, EVENT)`.
    On(Vec<Event>),
    /// `before user created [by signup]`.
    Before(Event),
    /// `require CONDITION "message"`.
    Require {
        /// What must hold.
        condition: Condition,
        /// What is said to those for whom it does not.
        message: Option<Spanned<String>>,
    },
    /// `when …`.
    When(Condition),
    /// `always`.
    Always,
    /// `otherwise`.
    Otherwise,
    /// `then …`: of the nearest `when`, `always` or `otherwise` before it.
    Then(Vec<Step>),
    /// `except …`.
    Except(Condition),
    /// `reviewers …`.
    Reviewers(Vec<Who>),
    /// `limit …`.
    Limit(Limit),
    /// `activity from …`.
    Activity(Activity),
    /// `count from activation`.
    CountFromActivation,
    /// `rank 1 in guest-lifecycle`.
    Rank {
        /// 1 is the best.
        rank: Spanned<u32>,
        /// The policies that are ranked together.
        set: Spanned<String>,
    },
    /// `cancel on EVENT`.
    CancelOn(Vec<Event>),
    /// `restart on EVENT`.
    RestartOn(Vec<Event>),
    /// `if kept …`.
    IfKept(Vec<Step>),
    /// `if failed …`.
    IfFailed(Vec<Step>),
    /// `report to WHO [including disabled]`.
    Report {
        /// Whom.
        who: Vec<Who>,
        /// `including disabled`.
        including_disabled: Option<Span>,
    },
    /// It could not be read; the finding has been made.
    Damaged,
}

/// Something that happens to a subject, or that another system tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// All of it.
    pub span: Span,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// `user created [by signup]`; by any origin where none is said.
    UserCreated(Vec<Spanned<Origin>>),
    /// `user updated [by self]`.
    UserUpdated(Vec<Spanned<Origin>>),
    /// `mfa updated [by admin]`.
    MfaUpdated(Vec<Spanned<Origin>>),
    /// `user suspended`.
    UserSuspended,
    /// `department changed [from "Sales"] [to "Legal"]`.
    Changed {
        /// Which attribute.
        attribute: Path,
        /// The old values; any where none is said.
        from: Vec<Spanned<Value>>,
        /// The new values; any where none is said.
        to: Vec<Spanned<Value>>,
    },
    /// `group joined G`.
    Joined(Vec<NameRef>),
    /// `group left G`.
    Left(Vec<NameRef>),
    /// `access rejected`: an access review's verdict.
    AccessRejected,
    /// `access expired`: an account's or a grant's.
    AccessExpired,
    /// `event "app.event.name"`.
    Named(Spanned<String>),
    /// `request "path"`.
    Request(Spanned<String>),
    /// It could not be read; the finding has been made.
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
