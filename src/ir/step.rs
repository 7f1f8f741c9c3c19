//! Steps, and the people in them.

use crate::ir::{
    Attribute, Condition, Flow, GroupRef, Method, PermissionRef, RoleRef, SecretRef,
    Template, Value, Webhook,
};
use crate::text::Span;
use crate::time::{Duration, Length};
use std::sync::Arc;

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// `or skip`: its failure is noted, and the run goes on.
    pub or_skip: bool,
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
        window: Length,
        /// How long before the window closes those asked are reminded, the longest first.
        remind: Vec<Length>,
        /// In which words they are: built in means those of the question.
        reminder: Message,
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
    /// Gives somebody something to do, and waits until they say that it is done.
    Task {
        /// Whom.
        who: Vec<Who>,
        /// What is to be done.
        message: Message,
        /// After which time the admin is told that it is not done yet.
        window: Option<Length>,
    },
    /// Pauses.
    Wait(Length),
    /// Calls a deprovisioning webhook.
    RunWebhook(Arc<Webhook>),
    /// Makes the calls of a flow.
    RunFlow {
        /// Which one.
        flow: Arc<Flow>,
        /// What each of its parameters is: a constant, or an attribute of the subject.
        with: Vec<(String, Given)>,
    },
    /// Makes one request.
    Call(Call),
    /// Takes the grant or the account away, by the most specific way there is.
    RemoveAccess,
    /// Ends the user's assignment to the account's app.
    UnassignFromApp,
    /// Disables the account.
    DisableAccount,
    /// Deletes the account.
    DeleteAccount,
    /// Takes permissions from the account.
    RevokePermission(Vec<PermissionRef>),
    /// Disables the user.
    DisableUser,
    /// Suspends the user.
    SuspendUser,
    /// Deletes the user.
    DeleteUser,
    /// Makes the user choose a new password.
    RequirePasswordChange,
    /// Ends open sessions: the account's, or the user's in every app.
    EndSessions,
    /// Makes the user a member; already so is fine.
    AddToGroup(Vec<GroupRef>),
    /// Ends the user's membership; already so is fine.
    RemoveFromGroup(Vec<GroupRef>),
    /// Gives the user a role; already so is fine.
    AssignRole(RoleRef),
    /// Takes a role from the user; already so is fine.
    UnassignRole(RoleRef),
    /// Sets an attribute of the user.
    Set {
        /// Which one.
        attribute: Attribute,
        /// What it becomes.
        value: Value,
    },
    /// Reads the sources again; what is not true then fails the run.
    Verify {
        /// What must be true.
        condition: Condition,
        /// What is said when it is not.
        message: Option<String>,
    },
    /// Each is tried; the failure of one stops no other.
    AllOf(Vec<Step>),
}

/// What a parameter of a flow is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Always this.
    Constant(Value),
    /// What the attribute of the subject holds then.
    Attribute(Attribute),
}

/// One request to another system.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// How.
    pub method: Method,
    /// Where, with `{{ … }}`.
    pub url: String,
    /// The token that it carries.
    pub bearer: Option<SecretRef>,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// Its body, with `{{ … }}`.
    pub json: Option<String>,
    /// The statuses that count as success besides 2xx.
    pub accept: Vec<u16>,
    /// How long one attempt may take; 15 seconds at most.
    pub timeout: Duration,
    /// How many times to try again after a failure that may pass.
    pub retry: u32,
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

impl Step {
    /// The step, and those that stand in its parentheses.
    pub fn with_inner(&self) -> impl Iterator<Item = &Self> {
        let inner = match &self.kind {
            StepKind::AllOf(steps) => steps.as_slice(),
            _ => &[],
        };
        std::iter::once(self).chain(inner)
    }
}

impl StepKind {
    /// Whether the step changes what the store itself holds.
    pub fn in_store(&self) -> bool {
        match self {
            Self::RemoveAccess
            | Self::UnassignFromApp
            | Self::DisableAccount
            | Self::DeleteAccount
            | Self::RevokePermission(_)
            | Self::DisableUser
            | Self::SuspendUser
            | Self::DeleteUser
            | Self::RequirePasswordChange
            | Self::EndSessions
            | Self::AddToGroup(_)
            | Self::RemoveFromGroup(_)
            | Self::AssignRole(_)
            | Self::UnassignRole(_)
            | Self::Set { .. } => true,
            Self::Ask { .. }
            | Self::Notify { .. }
            | Self::Task { .. }
            | Self::Wait(_)
            | Self::RunWebhook(_)
            | Self::RunFlow { .. }
            | Self::Call(_)
            | Self::Verify { .. }
            | Self::AllOf(_) => false,
        }
    }

    /// Whether the step takes access away.
    pub fn takes(&self) -> bool {
        match self {
            Self::RunWebhook(_)
            | Self::RunFlow { .. }
            | Self::Call(_)
            | Self::RemoveAccess
            | Self::UnassignFromApp
            | Self::DisableAccount
            | Self::DeleteAccount
            | Self::RevokePermission(_)
            | Self::DisableUser
            | Self::SuspendUser
            | Self::DeleteUser
            | Self::EndSessions
            | Self::RemoveFromGroup(_)
            | Self::UnassignRole(_) => true,
            Self::AllOf(steps) => steps.iter().any(|step| step.kind.takes()),
            Self::Ask { .. }
            | Self::Notify { .. }
            | Self::Task { .. }
            | Self::Wait(_)
            | Self::RequirePasswordChange
            | Self::AddToGroup(_)
            | Self::AssignRole(_)
            | Self::Set { .. }
            | Self::Verify { .. } => false,
        }
    }
}
