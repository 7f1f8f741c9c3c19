//! The ways by which messages reach people: the configuration's business, not a policy's.

use crate::engine::{Effect, Occasion};
use crate::ir::SecretRef;
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A way by which a message reaches somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// Into the mailbox.
    #[default]
    Mail,
    /// Into a chat.
    Chat(Chat),
}

/// A chat that is written to by an incoming webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// What the configuration calls it.
    pub name: String,
    /// Where its URL lies; it is a secret, for whoever knows it can write there.
    pub url: SecretRef,
}

/// Which message goes which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// What holds where nothing else does.
    pub default: Channel,
    /// By what a message is about.
    pub occasions: BTreeMap<Occasion, Channel>,
    /// By folded address; goes before all else.
    pub people: BTreeMap<String, Channel>,
}

impl Channels {
    /// The way of a message to somebody.
    pub fn of(&self, occasion: Occasion, to: &str) -> &Channel {
        let person = self.people.get(&fold(to));
        person.unwrap_or_else(|| self.usual(occasion))
    }

    /// The way of a message to those of whom nothing is said.
    pub fn usual(&self, occasion: Occasion) -> &Channel {
        self.occasions.get(&occasion).unwrap_or(&self.default)
    }

    /// Sends an effect its way. It is done once, before the effect is committed.
    pub(crate) fn route(&self, effect: &mut Effect) {
        if let Effect::Mail(mail) = effect {
            mail.chat = match self.of(mail.occasion, &mail.to) {
                Channel::Mail => None,
                Channel::Chat(chat) => Some(chat.clone()),
            };
            let unlinked = mail.unlinked.take();
            // A link decides for whom it was made, and a chat has many readers.
            if let (Some(_), Some(body)) = (&mail.chat, unlinked) {
                mail.body = body;
                mail.link = None;
            }
        }
    }
}

impl Occasion {
    /// Everything that messages are sent for.
    pub const ALL: [Self; 9] = [
        Self::Review,
        Self::Reminder,
        Self::Escalation,
        Self::Notice,
        Self::Task,
        Self::Kept,
        Self::Trouble,
        Self::Report,
        Self::Held,
    ];

    /// The name, as templates and the configuration have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Review => "review-request",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
            Self::Task => "task",
            Self::Kept => "kept",
            Self::Notice => "notice",
            Self::Trouble => "run-failed",
            Self::Report => "report",
            Self::Held => "evaluation-held",
        }
    }
}
