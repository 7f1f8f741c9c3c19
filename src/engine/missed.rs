//! Schedules that are missed while their policy cannot be followed: on record, so that nobody
//! takes an evaluation for made that was not.
//!
//! One row stands for each time that was missed; for all that were while nothing ran, one. What
//! was missed is caught up once, when the policy can be followed again.

use crate::engine::errors::EngineError;
use crate::engine::library::schedule_of;
use crate::engine::pilot::Pin;
use crate::engine::survey::{Missed, Survey};
use crate::engine::tick::Engine;
use crate::store::{EvaluationRow, PolicyRow};
use crate::time::Timestamp;

impl Engine<'_> {
    /// Puts on record that a policy was not evaluated at a scheduled time that has come, and
    /// why not: once for each such time.
    pub(super) fn miss(
        &self,
        (row, pin): (&PolicyRow, &Pin<'_>),
        why: &str,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let text = store.policy_text(pin.id, pin.version)?.unwrap_or_default();
        let Some(schedule) = schedule_of(pin.name, &text) else { return Ok(()) };
        let from = row.scheduled_from.max(store.last_missed(row.id)?);
        let due = from.and_then(|from| schedule.next_after(from, self.settings.zone));
        let Some(due) = due.filter(|due| *due <= now) else { return Ok(()) };
        let missed = Missed { due, why: why.to_owned() };
        let survey = Survey { missed: Some(missed), ..Survey::default() };
        store.record_evaluation(&EvaluationRow {
            id: 0,
            policy_id: row.id,
            version: pin.version,
            at: now,
            cause: "missed".to_owned(),
            opened: 0,
            held: false,
            observed: row.mode.observe,
            takes: false,
            report: serde_json::to_string(&survey)?,
            held_id: None,
        })?;
        Ok(())
    }
}
