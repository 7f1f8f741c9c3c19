//! Steps as they were written.

use crate::ir::{Ignored, Method, SecretRef};
use crate::syntax::ast::{Condition, Header, NameRef, Path, Value};
use crate::text::{Span, Spanned};
use crate::time::{Duration, Length};

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// `or skip`: its failure is noted, and the run goes on.
    pub or_skip: bool,
    /// All of it, `or skip` included.
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
        window: Option<Spanned<Length>>,
        /// `remind (3d, 1d)`: how long before the window closes.
        remind: Vec<Spanned<Length>>,
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
        after: Spanned<Length>,
        /// How long these have.
        window: Option<Spanned<Length>>,
    },
    /// `if ignored keep`, `if ignored remove`.
    IfIgnored(Ignored),
    /// `task WHO "…" [for 5d]`.
    Task {
        /// Whose.
        who: Vec<Who>,
        /// What is to be done.
        message: Option<Message>,
        /// `for 5d`.
        window: Option<Spanned<Length>>,
    },
    /// `wait 3d`.
    Wait(Spanned<Length>),
    /// `run webhook W`.
    RunWebhook(NameRef),
    /// `run flow F [with x = …]`.
    RunFlow {
        /// Which one.
        flow: NameRef,
        /// What it is given.
        with: Vec<(Spanned<String>, Spanned<Value>)>,
    },
    /// `call METHOD "url" …`.
    Call(Call),
    /// `remove access`.
    RemoveAccess,
    /// `unassign from app`.
    UnassignFromApp,
    /// `disable account`.
    DisableAccount,
    /// `delete account`.
    DeleteAccount,
    /// `revoke permission P`.
    RevokePermission(Vec<NameRef>),
    /// `disable user`.
    DisableUser,
    /// `suspend user`.
    SuspendUser,
    /// `delete user`.
    DeleteUser,
    /// `require password change`.
    RequirePasswordChange,
    /// `end sessions`.
    EndSessions,
    /// `add to group G`.
    AddToGroup(Vec<NameRef>),
    /// `remove from group G`.
    RemoveFromGroup(Vec<NameRef>),
    /// `assign role R`.
    AssignRole(Vec<NameRef>),
    /// `unassign role R`.
    UnassignRole(Vec<NameRef>),
    /// `set lifecycle STATE`, `set ATTRIBUTE = VALUE`.
    Set {
        /// Which attribute.
        attribute: Path,
        /// What it becomes.
        value: Spanned<Value>,
    },
    /// `verify CONDITION "…"`.
    Verify {
        /// What must hold.
        condition: Condition,
        /// What is said when it does not.
        message: Option<Spanned<String>>,
    },
    /// `all of (STEP, STEP)`.
    AllOf(Vec<Step>),
    /// `snooze 90d`.
    Snooze(Spanned<Length>),
    /// It could not be read; the finding has been made.
    Damaged,
}

/// `call METHOD "url" …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    pub method: Spanned<Method>,
    /// Where, with `{{ … }}`.
    pub url: Spanned<String>,
    /// `with bearer env TOKEN`.
    pub bearer: Option<Spanned<SecretRef>>,
    /// `header "X-Team" = "identity"`.
    pub headers: Vec<Header>,
    /// `json "…"`, with `{{ … }}`.
    pub json: Option<Spanned<String>>,
    /// `accept (404)`: what counts as success besides 2xx.
    pub accept: Vec<Spanned<u16>>,
    /// `timeout 10s`.
    pub timeout: Option<Spanned<Duration>>,
    /// `retry 3`.
    pub retry: Option<Spanned<u32>>,
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
