//! Items other than policies and tests.

use crate::ir::{IdentityState, SecretRef, ValueKind};
use crate::syntax::ast::{Call, Condition, NameRef, Path, Step};
use crate::text::{Span, Spanned};
use crate::time::Duration;

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
    pub secret: Option<Spanned<SecretRef>>,
    /// How long one attempt may take.
    pub timeout: Option<Spanned<Duration>>,
    /// How many times to try again.
    pub retry: Option<Spanned<u32>>,
    /// More headers.
    pub headers: Vec<Header>,
}

/// `header "X-Team" = "identity"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: Spanned<String>,
    /// What it says.
    pub value: Spanned<String>,
    /// All of it.
    pub span: Span,
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

/// `app NAME …`: how things are known and done there.
#[derive(Clone, Debug, PartialEq)]
pub struct App {
    /// The app.
    pub name: NameRef,
    /// What is said of it, in the order written.
    pub fields: Vec<AppField>,
}

/// A field of an app.
#[derive(Clone, Debug, PartialEq)]
pub struct AppField {
    /// What it says.
    pub kind: AppFieldKind,
    /// All of it.
    pub span: Span,
}

/// What is said of an app.
#[derive(Clone, Debug, PartialEq)]
pub enum AppFieldKind {
    /// `activity from salesforce, okta`.
    Activity(Activity),
    /// `deprovision with webhook revoke`.
    Deprovision(By),
    /// `deprovision permissions with webhook revoke-seat`.
    Permissions(By),
    /// `permission "Sales Cloud" deprovision with webhook revoke-seat`.
    Permission {
        /// Which one.
        permission: NameRef,
        /// By what it is taken.
        by: By,
    },
    /// `end sessions with flow end-salesforce-sessions`.
    Step {
        /// Which step is done so.
        step: Step,
        /// By what.
        by: By,
    },
}

/// By what a step is done in an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// `flow F`.
    Flow(NameRef),
    /// `webhook W`.
    Webhook(NameRef),
}

/// `activity from salesforce, okta [logins only | activity only]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The sources, the one that decides first.
    pub sources: Vec<Spanned<String>>,
    /// `logins only`, `activity only`.
    pub only: Option<Spanned<crate::ir::Signs>>,
}

/// `attribute cost_center text [editable by self]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Which one.
    pub name: Path,
    /// The type of its values; `None` when that could not be read.
    pub kind: Option<Spanned<ValueKind>>,
    /// `editable by self`.
    pub editable: Option<Span>,
}

/// `lifecycle …`: what each lifecycle state means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The keyword.
    pub keyword: Span,
    /// The states, in the order written.
    pub states: Vec<LifecycleState>,
}

/// `archived is inactive long-term disabled`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleState {
    /// Its name.
    pub name: Spanned<String>,
    /// The identity state it stands for.
    pub identity: Spanned<IdentityState>,
    /// `disabled`: people in it count as active all the same.
    pub disabled: Option<Span>,
}

/// `group "Night Shift" in okta`: one that is made at its first use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Spanned<String>,
    /// Where it is made; `None` when that could not be read.
    pub source: Option<Spanned<String>>,
}

/// `flow NAME [with upn] …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name.
    pub name: Spanned<String>,
    /// What `run flow` gives it.
    pub parameters: Vec<Spanned<String>>,
    /// Its calls, in order.
    pub calls: Vec<Spanned<Call>>,
}

/// `never STEPS when CONDITION`.
#[derive(Clone, Debug, PartialEq)]
pub struct Never {
    /// The keyword.
    pub keyword: Span,
    /// What never happens.
    pub forbidden: Forbidden,
    /// To whom; `None` when that could not be read.
    pub when: Option<Condition>,
}

/// What a `never` forbids.
#[derive(Clone, Debug, PartialEq)]
pub enum Forbidden {
    /// `take access`: every step that takes.
    TakeAccess(Span),
    /// These steps.
    Steps(Vec<Step>),
}
