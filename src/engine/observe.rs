//! Runs that are only observed: every decision is made and put on record, and nothing of it
//! leaves or changes anything.

use crate::engine::Outcome;
use crate::engine::commit::commit;
use crate::engine::errors::EngineError;
use crate::engine::library::Loaded;
use crate::engine::rivals::next_please;
use crate::engine::run::Run;
use crate::engine::step::{Event, Transition};
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::facts::Facts;
use crate::store::Mode;
use crate::time::Timestamp;
use std::collections::VecDeque;

impl Engine<'_> {
    /// The transitions of an observed run. What would have left counts as arrived at once,
    /// as in a simulation; nobody decides, and what it would have changed is known to it
    /// alone.
    pub(super) fn observe(
        &mut self,
        run: &Run,
        event: Event,
        (policy_id, loaded, facts): (i64, &Loaded, &Facts),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let mut run = run.clone();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let mut facts = facts.clone();
            for change in &run.changed {
                change.foretell(&mut facts, (&loaded.cast, run.opened_at));
            }
            let next =
                self.transition((&run, &[]), event, (policy_id, loaded, &facts), now)?;
            self.note(&run, &next);
            let Transition { effects, mut trail, .. } = next;
            events.extend(effects.into_iter().map(|(key, effect)| {
                let outcome = Outcome::Delivered { message: None };
                Event::Answered { key, effect, outcome }
            }));
            // It would be untrue.
            trail.retain(|entry| !matches!(entry, Entry::Delivered { .. }));
            let record = Transition {
                trail,
                effects: Vec::new(),
                withdrawn: Vec::new(),
                changes: Vec::new(),
                takes: false,
                ..next
            };
            let rest = self.rest(loaded, &record.run.state, now);
            commit(self.store, policy_id, &record, (rest, now))?;
            next_please(self.store, (&run, &record.run), now)?;
            run = record.run;
        }
        Ok(())
    }
}

impl Run {
    /// The same, opened by a policy that is at work in that way.
    pub(crate) fn opened_as(self, mode: &Mode) -> Self {
        Self {
            observed: mode.observe,
            only: mode.only.clone(),
            ..self
        }
    }
}

/// Whether an observed run takes that from people: nobody was asked anything.
pub(super) fn can_be_told(event: &Event) -> bool {
    matches!(event, Event::Retried { .. } | Event::Cancelled { .. })
}
