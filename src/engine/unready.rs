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
    /// Whoever asks for what is due now may have brought what was missing.
    pub fn look_for_secrets(&mut self, now: Timestamp) -> Result<(), EngineError> {
        Ok(self.store.wake_unready(now)?)
    }

    /// Tells the admin which requests lack a secret.
    pub(super) fn tell_of_secrets(
        &mut self,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let mut told = false;
        for (why, runs) in self.store.unready_runs(true)? {
            let subject =
                format!("{} for a secret", counted(runs.len(), "run waits", "runs wait"));
            let numbers: Vec<String> = runs.iter().take(20).map(i64::to_string).collect();
            let more = match runs.len().saturating_sub(numbers.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let body = format!(
                "{why}\n\nNothing is sent without it, and nobody is asked for it again: as \
                 soon as it is there, what waits goes by itself.\n\nWhat waits: {} {}{more}\n",
                if runs.len() == 1 { "run" } else { "runs" },
                numbers.join(", "),
            );
            told |=
                self.tell_daily((&format!("secret/{why}"), ""), (subject, body), now)?;
        }
        Ok(told)
    }

    /// Holds an effect back, and says so in the trail the first time.
    pub(super) fn hold_back(
        &mut self,
        row: &OutboxRow,
        (effect, why, record): (&Effect, &str, &str),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let new = self.store.hold_effect(row.id, record, now.after(AGAIN))?;
        if let (true, Some(run)) = (new, row.run_id) {
            let (what, why) = (effect.target().to_owned(), why.to_owned());
            let entry = Entry::HeldBack { what, why };
            self.store.append_trail(run, now, &serde_json::to_string(&entry)?)?;
        }
        Ok(())
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
