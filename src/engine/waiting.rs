//! What waits to be sent, and why: what was tried in vain, and what lacks a secret.

use crate::engine::breaker::Receiver;
use crate::engine::errors::EngineError;
use crate::engine::tick::Engine;
use crate::store::WaitingRow;
use crate::text::counted;
use crate::time::Timestamp;
use serde::Serialize;

/// Messages or requests that were tried in vain, and are tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// `message` or `request`.
    pub kind: &'static str,
    /// The chat, the webhook, the call or the connected system; nothing for mails.
    pub to: Option<String>,
    /// How many.
    pub count: u64,
    /// How the last attempt ended.
    pub why: String,
    /// When the first of them is tried again.
    pub next_at: Timestamp,
}

impl Waiting {
    /// How many of what.
    pub fn counted(&self) -> String {
        many(self.count, self.kind)
    }
}

fn many(count: u64, kind: &str) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), kind, &format!("{kind}s"))
}

impl Engine<'_> {
    /// Reports what waits to be tried again, and warns of what lacks a secret. What waits for
    /// a receiver that is left alone is told with that.
    pub(super) fn tell_waiting(&mut self) -> Result<(), EngineError> {
        for row in self.store.waiting_effects()? {
            let kind = if row.message { "message" } else { "request" };
            let WaitingRow { unready, to, url, why, count, next_at, .. } = row;
            let at = Receiver::of(url.as_deref(), to.as_deref());
            let alone = at.is_some_and(|it| it.is_among(&self.report.paused));
            if unready {
                let verb = if count == 1 { "waits" } else { "wait" };
                let warning = format!("{} {verb}: {why}", many(count, kind));
                self.warn(warning);
            } else if !alone {
                self.report.waiting.push(Waiting { kind, to, count, why, next_at });
            }
        }
        Ok(())
    }
}
