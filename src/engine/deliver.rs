//! Effects on their way: fit to leave, attempted, and concluded.

use crate::engine::advance::BLOCKED_PAUSE;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::leaving::Leaving;
use crate::engine::pilot::Pin;
use crate::engine::retry::{CONNECTOR_RETRY, MAIL_PATIENCE, MAIL_RETRY, next_delay};
use crate::engine::run::State;
use crate::engine::step::Event;
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::engine::{Delivery, Effect, Outcome};
use crate::store::OutboxRow;
use crate::time::Timestamp;

/// Effects are attempted, and their outcomes committed, so many at a time.
const BATCH: u32 = 32;

impl Engine<'_> {
    pub(super) fn deliveries(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        loop {
            let due = store.due_effects(now, BATCH)?;
            if due.is_empty() || self.stopped() {
                return Ok(moved);
            }
            moved = true;
            // Whoever pauses waits until it is let go.
            let leaving = Leaving::enter(store)?;
            let due = self.let_through(due, now)?;
            let rows = self.fit_to_leave(due, now)?;
            let effects: Vec<Effect> = rows
                .iter()
                .map(|row| serde_json::from_str(&row.effect))
                .collect::<Result<_, _>>()?;
            let batch: Vec<Delivery<'_>> = rows
                .iter()
                .zip(&effects)
                .map(|(row, effect)| Delivery {
                    key: &row.key,
                    effect,
                    attempts: row.attempts,
                })
                .collect();
            let may_leave = |key: &str| store.may_leave(key).unwrap_or(false);
            let outcomes = self.hands.deliver_while(&batch, &may_leave, now);
            drop(leaving);
            // What a slow receiver took is no part of the wait for the next attempt.
            let ended_at = self.hands.ended_at(now);
            store.atomically(|| {
                for ((row, effect), outcome) in rows.iter().zip(effects).zip(outcomes) {
                    let Some(outcome) = outcome else { continue };
                    self.conclude(row, effect, outcome, (now, ended_at))?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
    }

    /// Puts off the effects of policies that cannot be followed now, for their answers could
    /// not be taken in; and takes back what should no longer be.
    pub(super) fn fit_to_leave(
        &mut self,
        due: Vec<OutboxRow>,
        now: Timestamp,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let store = self.store;
        let mut free = Vec::with_capacity(due.len());
        for effect in due {
            // A report is of no run, and is what it is.
            let Some(run_id) = effect.run_id else {
                free.push(effect);
                continue;
            };
            let Some(row) = store.run(run_id)? else { continue };
            let run = read(&row)?;
            let Some(loaded) = self.loaded(&Pin::of_run(&row, &run))? else {
                store.put_off_effect(effect.id, now.after(BLOCKED_PAUSE))?;
                continue;
            };
            let key = effect.key.clone();
            let takes =
                matches!(&run.state, State::Removing { effect, .. } if *effect == key);
            let later = takes && effect.created_at < now;
            if later
                && let Some(until) =
                    self.room((&run, false), (row.policy_id, &loaded), now)?
            {
                store.put_off_effect(effect.id, until)?;
                continue;
            }
            // Also in the tick that decided it: what else is done in it, and an import beside
            // a long one, may have changed what it was decided by.
            if takes {
                let event = Event::Attempting { key };
                store.atomically(|| self.advance(&row, event, now))?;
            }
            if store.effect_waits(effect.id)? {
                if later && !run.begun {
                    store.note_taking((run_id, row.policy_id), now)?;
                }
                free.push(effect);
            }
        }
        Ok(free)
    }

    pub(super) fn conclude(
        &mut self,
        row: &OutboxRow,
        effect: Effect,
        outcome: Outcome,
        (now, ended_at): (Timestamp, Timestamp),
    ) -> Result<(), EngineError> {
        let store = self.store;
        let record = serde_json::to_string(&outcome)?;
        self.note_health(&effect, &outcome, ended_at)?;
        match &outcome {
            Outcome::Failed { why, retry_after } => {
                if let Some(delay) =
                    next_delay(row.attempts + 1, retries(&effect), &row.key, *retry_after)
                {
                    let again_at = ended_at.after(delay);
                    self.report.postponed += 1;
                    store.postpone_effect(row.id, &record, again_at)?;
                    let what = effect.target().to_owned();
                    let entry = Entry::AttemptFailed { what, why: why.clone(), again_at };
                    if let Some(run) = row.run_id {
                        let entry = serde_json::to_string(&entry)?;
                        store.append_trail(run, ended_at, &entry)?;
                    }
                    return Ok(());
                }
                self.report.failed += 1;
            }
            Outcome::Unready { why } if !too_late(row, &effect, now) => {
                return self.hold_back(row, (&effect, why, &record), now);
            }
            Outcome::Refused { .. } | Outcome::Unready { .. } => self.report.failed += 1,
            Outcome::Delivered { .. } | Outcome::AlreadySo { .. } => {
                self.report.delivered += 1;
            }
        }
        store.finish_effect(row.id, &record, now)?;
        let Some(run_id) = row.run_id else {
            if let Outcome::Refused { why }
            | Outcome::Failed { why, .. }
            | Outcome::Unready { why } = &outcome
            {
                let to = effect.target();
                let lost = format!("a report to {to} did not arrive: {why}");
                self.warn(lost);
            }
            return Ok(());
        };
        let Some(run) = store.run(run_id)? else { return Ok(()) };
        let event = Event::Answered { key: row.key.clone(), effect, outcome };
        self.advance(&run, event, now)
    }
}

/// Whether it is a message that is given up: nobody wants to read it so long after.
fn too_late(row: &OutboxRow, effect: &Effect, now: Timestamp) -> bool {
    matches!(effect, Effect::Mail(_)) && row.created_at.after(MAIL_PATIENCE) < now
}

/// How many times an effect is tried again.
fn retries(effect: &Effect) -> u32 {
    match effect {
        Effect::Mail(_) => MAIL_RETRY,
        Effect::Webhook(request) => request.retry,
        Effect::Call(calling) => calling.retry,
        Effect::Connector(_) => CONNECTOR_RETRY,
    }
}
