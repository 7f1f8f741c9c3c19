//! What a run may ask of the world, and what the world may answer.

use crate::engine::Occasion;
use crate::engine::channel::Chat;
use crate::ir::SecretRef;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// Something that leaves the process. It is committed with the decision that caused it,
/// before it is sent, and never changed afterwards: each attempt sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Effect {
    /// A message to a person.
    Mail(Mail),
    /// A request to a webhook.
    Webhook(Request),
    /// A call of a policy, or of a flow.
    Call(Calling),
    /// A change in a connected system.
    Connector(Provision),
}

impl Effect {
    /// To whom or what it goes: the address, or the webhook's name.
    pub fn target(&self) -> &str {
        match self {
            Self::Mail(mail) => &mail.to,
            Self::Webhook(request) => &request.webhook,
            Self::Call(calling) => &calling.name,
            Self::Connector(provision) => &provision.connector,
        }
    }
}

/// A message to one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Why it is sent.
    #[serde(default)]
    pub occasion: Occasion,
    /// The address.
    pub to: String,
    /// The person's name.
    pub to_name: String,
    /// The subject line, without line breaks.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The chat that it goes to instead of the mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<Chat>,
    /// The key of the run whose review the text holds the link of. The token of the link is
    /// no part of the text: whoever sends it puts it in, the same each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The text without a link, for a chat, where others would have it too; until it is known
    /// which way the message goes.
    #[serde(skip)]
    pub unlinked: Option<String>,
}

/// Where the token of a link comes into a text. No name and no other value in a message holds
/// this sign, so nobody else's words become a link with a token.
pub const TOKEN: char = '\u{e000}';

impl Mail {
    /// Whom it reaches and, where that is not by mail, how.
    pub fn addressee(&self) -> String {
        match &self.chat {
            Some(chat) => format!("{} by chat {}", self.to, chat.name),
            None => self.to.clone(),
        }
    }
}

/// A request to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The webhook's name.
    pub webhook: String,
    /// Where to send.
    pub url: String,
    /// The policy's own headers.
    pub headers: Vec<(String, String)>,
    /// The exact body, JSON.
    pub body: String,
    /// What to sign with; looked up at each attempt and kept nowhere.
    pub secret: Option<SecretRef>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How many times to try again after a failure that may pass.
    pub retry: u32,
}

/// A change that a connected system is asked for. What is so there is read at each attempt,
/// right before it is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// What the configuration calls the system.
    pub connector: String,
    /// Where its users and groups are found.
    pub url: String,
    /// The token that requests carry; looked up at each attempt and kept nowhere.
    pub token: Option<SecretRef>,
    /// The change.
    pub what: Provisioning,
    /// The name of the user there.
    pub username: String,
    /// Their address.
    pub email: Option<String>,
}

/// What changes in a connected system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provisioning {
    /// The user becomes a member.
    Join {
        /// The name of the group.
        group: String,
        /// Whether it is made where it is not there.
        #[serde(default)]
        make: bool,
    },
    /// The user ceases to be a member.
    Leave {
        /// The name of the group.
        group: String,
    },
    /// The user is not active any more.
    Deactivate,
    /// The user is deleted.
    Delete,
    /// The user loses an entitlement or a role.
    Revoke {
        /// What the system calls it.
        permission: String,
    },
    /// An attribute of the user becomes another.
    Write {
        /// Where SCIM keeps it.
        path: String,
        /// What it becomes.
        value: String,
    },
}

/// A call with every value filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calling {
    /// What people call it: the method and the host.
    pub name: String,
    /// How.
    pub method: String,
    /// Where to send.
    pub url: String,
    /// The policy's own headers.
    pub headers: Vec<(String, String)>,
    /// The exact body, JSON.
    pub body: Option<String>,
    /// The token that it carries; looked up at each attempt and kept nowhere.
    pub bearer: Option<SecretRef>,
    /// The statuses that count as success besides 2xx.
    pub accept: Vec<u16>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How many times to try again after a failure that may pass.
    pub retry: u32,
}

/// One attempt at an effect.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The idempotency key: the same on every attempt. It is the `webhook-id`, and the left
    /// part of the Message-ID.
    pub key: &'a str,
    /// What to send.
    pub effect: &'a Effect,
    /// How many attempts there were before.
    pub attempts: u32,
}

/// What stands before the words of a receiver that reports a failure.
pub(crate) const REPORTS_FAILURE: &str = "the receiver reports a failure: ";

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum Outcome {
    /// It arrived and was accepted.
    Delivered {
        /// What the receiver said, for people (`msg`).
        message: Option<String>,
    },
    /// There was nothing to do: it was read, and is so.
    AlreadySo {
        /// What was read, for people.
        why: String,
    },
    /// It was refused for good.
    Refused {
        /// Why, for people; holds no secret.
        why: String,
    },
    /// It failed in a way that may pass.
    Failed {
        /// Why, for people; holds no secret.
        why: String,
        /// How long the receiver asked us to wait (`Retry-After`).
        retry_after: Option<Duration>,
        /// Whether the receiver is there and answered; else nobody did, or only whoever stands
        /// before it.
        #[serde(default)]
        answered: bool,
    },
    /// Nothing was attempted: a secret that it needs is not there, or none.
    Unready {
        /// What it lacks, for people; holds no secret.
        why: String,
    },
}

impl Outcome {
    /// It failed, for nobody answered.
    pub fn silent(why: String) -> Self {
        Self::Failed { why, retry_after: None, answered: false }
    }

    /// It failed though the receiver is there; what it asks for may work another time.
    pub fn unsettled(why: String) -> Self {
        Self::Failed { why, retry_after: None, answered: true }
    }
}

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The number that it was begun with.
    pub id: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}

/// Whoever carries out effects: the real network, or a recorder.
///
/// For hands that answer at once `deliver` is all there is to say. Others begin attempts, and say
/// of each when it has ended; an attempt never panics and has its time limit.
pub trait Hands {
    /// Attempts each delivery and says how it ended, in the same order.
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome>;

    /// Whether time stands still while attempts are under way, as it does for every clock but
    /// the wall's.
    fn stands_still(&self) -> bool {
        true
    }

    /// Whether an attempt at that effect would leave at once, and wait for none that is under
    /// way.
    fn is_free(&self, _effect: &Effect) -> bool {
        true
    }

    /// Begins an attempt that is free to leave, under a number; says how it ended where that
    /// is known at once.
    fn begin(
        &mut self,
        _id: i64,
        delivery: Delivery<'_>,
        now: Timestamp,
    ) -> Option<Outcome> {
        self.deliver(&[delivery], now).pop()
    }

    /// Waits a moment for attempts that are under way, and says which have ended, and what
    /// time it is then.
    fn ended(&mut self, now: Timestamp) -> (Timestamp, Vec<Ended>) {
        (now, Vec::new())
    }

    /// Nothing is to be done for now.
    fn rest(&mut self) {}
}
