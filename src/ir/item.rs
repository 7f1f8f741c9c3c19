//! Items that policies refer to, and what is declared of the data.

use crate::ir::{
    AppId, Attribute, Call, Condition, GroupId, GroupRef, IdentityState, Origin,
    PermissionId, PermissionRef, Signs, Step, Value,
};
use crate::text::Span;
use crate::time::Duration;
use std::sync::Arc;

/// Where access is taken away in another system.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// Where to send.
    pub url: String,
    /// What to sign with.
    pub secret: Option<SecretRef>,
    /// How long one attempt may take; 15 seconds at most.
    pub timeout: Duration,
    /// How many times to try again after a failure that may pass.
    pub retry: u32,
    /// More headers.
    pub headers: Vec<(String, String)>,
}

/// Where a secret lies; the secret itself is never in a policy or a store.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretRef {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(String),
}

/// The words of a message, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The subject line, with `{{ … }}`.
    pub subject: String,
    /// The text, with `{{ … }}`.
    pub body: String,
}

impl Webhook {
    /// Whether a header, in lower case, is one that a delivery sets itself, or the protocol's.
    pub fn reserves(header: &str) -> bool {
        const NAMES: [&str; 12] = [
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
        ];
        let ours = ["webhook-", "proxy-"];
        NAMES.contains(&header) || ours.iter().any(|start| header.starts_with(start))
    }
}

/// Calls that are made together, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// What `run flow` gives it.
    pub parameters: Vec<String>,
    /// Its calls, in order.
    pub calls: Vec<Call>,
}

/// How things are known and done in an app.
#[derive(Clone, Debug, PartialEq)]
pub struct App {
    /// Which app.
    pub id: AppId,
    /// Which sources say when an account was last used.
    pub activity: Option<Activity>,
    /// By what an account is taken.
    pub deprovision: Option<By>,
    /// By what a permission is taken.
    pub permissions: Vec<(PermissionRef, By)>,
    /// By what those are of which no line says it.
    pub other_permissions: Option<By>,
    /// By what a step is done.
    pub steps: Vec<(Step, By)>,
    /// Where it is said.
    pub span: Span,
}

impl App {
    /// By what a permission is taken here. What takes the whole account is never meant by it:
    /// an expired permission would cost its holder everything.
    pub fn takes(&self, permission: PermissionId) -> Option<&By> {
        let own = self
            .permissions
            .iter()
            .find(|(known, _)| known.ids.contains(&permission));
        own.map(|(_, by)| by).or(self.other_permissions.as_ref())
    }
}

/// By what a step is done in an app.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// A flow.
    Flow(Arc<Flow>),
    /// A webhook.
    Webhook(Arc<Webhook>),
}

/// Which sources say when an account was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The sources, the one that decides first, in the store's spelling.
    pub sources: Vec<String>,
    /// Which signs count; logins and activity where nothing is said.
    pub only: Option<Signs>,
    /// Where it is said.
    pub span: Span,
}

/// Which sources say when accounts were last used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// The policy's own, for all accounts.
    pub own: Option<Activity>,
    /// Those of apps. The accounts of all others follow the order that sources have of
    /// themselves.
    pub apps: Vec<(AppId, Activity)>,
}

impl Orders {
    /// What is said of the accounts of an app; the policy's own goes first.
    pub fn of(&self, app: AppId) -> Option<&Activity> {
        self.own.as_ref().or_else(|| self.of_app(app))
    }

    /// What the app itself says.
    pub fn of_app(&self, app: AppId) -> Option<&Activity> {
        let (_, activity) = self.apps.iter().find(|(known, _)| *known == app)?;
        Some(activity)
    }
}

/// What is declared of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Which one, with its type.
    pub attribute: Attribute,
    /// Whether people can change it themselves.
    pub editable: bool,
    /// Where it is declared.
    pub span: Span,
}

/// What the lifecycle states mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The states, in the order written.
    pub states: Vec<LifecycleState>,
    /// Where it is said.
    pub span: Span,
}

/// What a lifecycle state means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleState {
    /// Its name.
    pub name: String,
    /// The identity state it stands for.
    pub identity: IdentityState,
    /// Whether people in it count as active all the same.
    pub disabled: bool,
}

impl LifecycleState {
    /// The identity state that people in it have.
    pub fn means(&self) -> IdentityState {
        if self.disabled { IdentityState::Active } else { self.identity }
    }
}

/// A group that is made at its first use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// Its number in the store, else one that says that it is not made yet.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Where it is made.
    pub source: String,
    /// Where it is declared.
    pub span: Span,
}

/// What never happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Never {
    /// The steps; empty for every step that takes access away.
    pub steps: Vec<Step>,
    /// To whom: accounts for which this is true or unknown.
    pub when: Condition,
    /// Where.
    pub span: Span,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Where it was written.
    pub span: Span,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A user is new; by any origin when none is named.
    UserCreated(Vec<Origin>),
    /// A user has changed.
    UserUpdated(Vec<Origin>),
    /// A second factor has changed.
    MfaUpdated(Vec<Origin>),
    /// A user was suspended.
    UserSuspended,
    /// An attribute has changed.
    Changed {
        /// Which one.
        attribute: Attribute,
        /// The old value is one of these; any when empty.
        from: Vec<Value>,
        /// The new value is one of these; any when empty.
        to: Vec<Value>,
    },
    /// A user has joined one of the groups.
    Joined(Vec<GroupRef>),
    /// A user has left one of the groups.
    Left(Vec<GroupRef>),
    /// An access review's verdict.
    AccessRejected,
    /// An account's or a grant's time has passed.
    AccessExpired,
    /// Another system tells of it.
    Named(String),
    /// Somebody asks for it.
    Request(String),
}
