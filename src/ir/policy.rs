//! Policies with their steps in order.

use crate::ir::{AppId, Attribute, Condition, GroupRef};
use crate::text::Span;
use crate::time::Duration;
use crate::time::schedule::Schedule;
use std::sync::Arc;

/// All items of the files of one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The policies, in the order of the files.
    pub policies: Vec<Policy>,
    /// The webhooks.
    pub webhooks: Vec<Arc<Webhook>>,
    /// The templates.
    pub templates: Vec<Arc<Template>>,
}

/// A policy: whom it looks at, when, what must hold, and the steps that follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name; a bare `when … then …` is named after its file.
    pub name: String,
    /// The text behind the name.
    pub title: Option<String>,
    /// Where its name stands, or its `when`.
    pub span: Span,
    /// Whom it looks at.
    pub scope: Scope,
    /// When it is evaluated.
    pub schedule: Schedule,
    /// What must be true.
    pub when: Condition,
    /// What must be false.
    pub except: Option<Condition>,
    /// Who decides after the first who were asked.
    pub reviewers: Vec<Who>,
    /// How many runs it may open in 24 hours.
    pub limit: Limit,
    /// The steps.
    pub steps: Vec<Step>,
    /// How many of the steps, from the first, are the review; 0 without one. A decision to
    /// remove goes on with the step of this index.
    pub review_len: usize,
    /// What follows when the last window closes undecided.
    pub if_ignored: Ignored,
    /// How long a subject rests after it was kept: the length that the condition compares
    /// `inactive` with. Without one the configuration's snooze holds, else 90 days.
    pub rest: Option<Duration>,
}

/// The subjects that a policy looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Accounts or users.
    pub kind: SubjectKind,
    /// Accounts in these apps only; all when empty.
    pub apps: Vec<AppId>,
    /// Whether people in a long-term inactive identity state are looked at: only when the
    /// condition asks for their lifecycle or identity state.
    pub long_term: bool,
}

/// What a policy acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Accounts, with or without an owner.
    Account,
    /// Users.
    User,
}

impl SubjectKind {
    /// The number the store keeps.
    pub fn number(self) -> i64 {
        match self {
            Self::Account => 0,
            Self::User => 1,
        }
    }
}

/// What follows when nobody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The run ends, nothing is taken.
    Keep,
    /// The steps after the review follow.
    Remove,
}

/// How many runs a policy may open in any 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// None is written: the smaller of 25 and 5% of the scope, at least 5, for a policy
    /// that takes access away; none for others.
    Default,
    /// A number of runs.
    Count(u64),
    /// Percent of the subjects in scope, rounded up.
    Percent(f64),
    /// The larger of the two.
    Larger(Box<Self>, Box<Self>),
    /// The smaller of the two.
    Smaller(Box<Self>, Box<Self>),
    /// None, for a reason.
    None {
        /// Why.
        reason: String,
    },
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// As it was written, white space folded: what plans and trails quote.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Asks whether access is still needed, and waits.
    Ask {
        /// Whom; empty means the default of `escalate`: the policy's reviewers, else the
        /// manager, else the app's owner, else the admin.
        who: Vec<Who>,
        /// In which words.
        message: Message,
        /// How long, from the delivery of the notice.
        window: Duration,
        /// Whether those asked before may still decide (`escalate`).
        escalation: bool,
    },
    /// Tells.
    Notify {
        /// Whom.
        who: Vec<Who>,
        /// In which words.
        message: Message,
    },
    /// Pauses.
    Wait(Duration),
    /// Calls a deprovisioning webhook.
    RunWebhook(Arc<Webhook>),
    /// Makes the user a member; already so is fine.
    AddToGroup(Vec<GroupRef>),
    /// Ends the user's membership; already so is fine.
    RemoveFromGroup(Vec<GroupRef>),
    /// Disables the account.
    DisableAccount,
}

/// A person, found when the step is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The account's owner, or the user.
    Owner,
    /// The owner's manager.
    Manager,
    /// The owner of the account's app.
    AppOwner,
    /// The policy's reviewers.
    Reviewers,
    /// The admin of the configuration.
    Admin,
    /// That address.
    Email(String),
    /// Every member.
    Group(GroupRef),
    /// The user that an attribute names.
    Attribute(Attribute),
}

/// The words of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The built-in words for the occasion.
    BuiltIn,
    /// A text with `{{ … }}`.
    Text(String),
    /// A template of the files.
    Template(Arc<Template>),
}

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

impl StepKind {
    /// Whether the step takes access away.
    pub fn takes(&self) -> bool {
        match self {
            Self::RunWebhook(_) | Self::RemoveFromGroup(_) | Self::DisableAccount => true,
            Self::Ask { .. }
            | Self::Notify { .. }
            | Self::Wait(_)
            | Self::AddToGroup(_) => false,
        }
    }
}

impl Policy {
    /// Whether any of its steps takes access away.
    pub fn takes(&self) -> bool {
        self.steps.iter().any(|step| step.kind.takes())
    }

    /// How many runs it may open in 24 hours with that many subjects in scope; `None` is
    /// without a limit.
    pub fn allowed(&self, in_scope: u64) -> Option<u64> {
        match &self.limit {
            Limit::Default if self.takes() => Some(percent(5.0, in_scope).clamp(5, 25)),
            Limit::Default | Limit::None { .. } => None,
            limit @ (Limit::Count(_)
            | Limit::Percent(_)
            | Limit::Larger(..)
            | Limit::Smaller(..)) => Some(limit.count(in_scope)),
        }
    }
}

impl Limit {
    /// How many that is of so many subjects.
    pub fn count(&self, in_scope: u64) -> u64 {
        match self {
            Self::Count(count) => *count,
            Self::Percent(share) => percent(*share, in_scope),
            Self::Larger(one, other) => one.count(in_scope).max(other.count(in_scope)),
            Self::Smaller(one, other) => one.count(in_scope).min(other.count(in_scope)),
            Self::Default | Self::None { .. } => u64::MAX,
        }
    }
}

/// That share of a whole, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of subjects are far below 2^52, and shares are not negative"
)]
fn percent(share: f64, whole: u64) -> u64 {
    // The share is taken in ten-thousandths first, so that 5% of 100 is 5 and never 6.
    let parts = (share * 10_000.0).round() as u128;
    u64::try_from((parts * u128::from(whole)).div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
