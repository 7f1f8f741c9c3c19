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
}

impl Effect {
    /// To whom or what it goes: the address, or the webhook's name.
    pub fn target(&self) -> &str {
        match self {
            Self::Mail(mail) => &mail.to,
            Self::Webhook(request) => &request.webhook,
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

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum Outcome {
    /// It arrived and was accepted.
    Delivered {
        /// What the receiver said, for people (`msg`).
        message: Option<String>,
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
    },
}

/// Whoever carries out effects: the real network, or a recorder.
pub trait Hands {
    /// Attempts each delivery and says how it ended, in the same order. An attempt never
    /// panics and never blocks for longer than its time limit.
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome>;
}
