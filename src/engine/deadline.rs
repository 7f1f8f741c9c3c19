//! Until when a run stays where it is, as people count: not when it is looked at next.

use crate::engine::run::{Run, State};
use crate::time::Timestamp;

/// Until when a run stays where it is if nobody does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Until then.
    At(Timestamp),
    /// The window counts from the delivery of a message, and none has arrived.
    FromDelivery,
    /// Until that run asks nobody any more, and takes nothing away.
    Behind(i64),
}

impl Deadline {
    /// Until when, behind the word for where it stays.
    pub fn words(&self) -> String {
        match self {
            Self::At(at) => format!(" until {at}"),
            Self::FromDelivery => {
                ", no message has arrived yet: its window counts from the delivery"
                    .to_owned()
            }
            Self::Behind(other) => {
                format!(" until run {other} neither asks anybody nor takes it away")
            }
        }
    }
}

impl Run {
    /// Until when it stays where it is, where that is known or will be.
    pub fn deadline(&self) -> Option<Deadline> {
        match &self.state {
            // What waits is what follows the failure; it has failed for good.
            _ if self.failure.is_some() => None,
            // What it waits for comes at no time that is known.
            State::Waiting { .. } if self.awaits.is_some() => None,
            State::Reviewing { closes_at: Some(at), .. }
            | State::Waiting { until: at, .. } => Some(Deadline::At(*at)),
            State::Tasked { closes_at: Some(at), delivered: true, .. } => {
                Some(Deadline::At(*at))
            }
            State::Reviewing { closes_at: None, .. }
            | State::Tasked { delivered: false, .. } => Some(Deadline::FromDelivery),
            State::InLine { behind, .. } => Some(Deadline::Behind(*behind)),
            State::Held { .. } => {
                let goes_on = self.room_at.or(self.awaits.as_ref().map(|it| it.at));
                goes_on.map(Deadline::At)
            }
            _ => None,
        }
    }
}
