//! Effects that lack a secret: held back until it is there, and no attempt.
//!
//! The receiver has done nothing wrong, so it is not left alone for it, and no retry is used
//! up. A change that is waited for is checked again each time, as before each attempt.

use crate::engine::Effect;
use crate::engine::errand::{Sent, requests};
use crate::engine::errors::EngineError;
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::ir::{Policy, SecretRef};
use crate::store::OutboxRow;
use crate::text::counted;
use crate::time::{Duration, Timestamp};

/// It is looked for again after so long; nobody says when it comes.
const AGAIN: Duration = Duration(60);

impl Engine<'_> {
    /// Holds an effect back, and says so in the trail the first time.
    pub(super) fn hold_back(
        &mut self,
        row: &OutboxRow,
        (effect, why, record): (&Effect, &str, &str),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let again_at = now.after(AGAIN);
        let new = self.store.hold_effect(row.id, record, again_at)?;
        if let (true, Some(run)) = (new, row.run_id) {
            let (what, why) = (effect.target().to_owned(), why.to_owned());
            let entry = Entry::AttemptFailed { what, why, again_at };
            self.store.append_trail(run, now, &serde_json::to_string(&entry)?)?;
        }
        Ok(())
    }

    /// What everything that is held back lacks.
    pub(super) fn lacking(&self) -> Result<Vec<String>, EngineError> {
        let held = self.store.held_effects()?.into_iter().map(|(why, count)| {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let verb = if count == 1 { "waits" } else { "wait" };
            format!("{} {verb}: {why}", counted(count, "request", "requests"))
        });
        Ok(held.collect())
    }
}

/// The secrets that a policy's requests may need, each with whose it is.
pub fn secrets(policy: &Policy) -> Vec<(String, SecretRef)> {
    let mut found = Vec::new();
    for sent in requests(policy) {
        let secret = match &sent {
            Sent::Webhook(webhook) => webhook.secret.clone(),
            Sent::Call(call) => call.bearer.clone(),
        };
        let secret = secret.map(|secret| (sent.name(), secret));
        found.extend(secret.filter(|secret| !found.contains(secret)));
    }
    found
}
