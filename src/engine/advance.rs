//! Runs that go on: by a wake-up, by something that happened, or by the end of their subject.

use crate::engine::Outcome;
use crate::engine::arms::followed;
use crate::engine::change::taken;
use crate::engine::commit::{commit, read};
use crate::engine::errors::EngineError;
use crate::engine::library::{Loaded, cast_for};
use crate::engine::run::{Entry, Run, State};
use crate::engine::step::{Event, Scene, Transition, step};
use crate::engine::tick::{Engine, Stopped};
use crate::facts::Facts;
use crate::store::RunRow;
use crate::time::{Duration, Timestamp};

/// Wake-ups are committed so many at a time.
const WAKE_BATCH: u32 = 100;
/// Runs of a policy that cannot be followed are looked at again after so long.
pub(super) const BLOCKED_PAUSE: Duration = Duration::HOUR;

impl Engine<'_> {
    pub(super) fn wake_ups(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        loop {
            let due = store.due_runs(now, WAKE_BATCH)?;
            if due.is_empty() {
                return Ok(moved);
            }
            moved = true;
            store.atomically(|| {
                for row in &due {
                    self.advance(row, Event::Due, now)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
    }

    /// One transition of one run, in the caller's transaction.
    pub(super) fn advance(
        &mut self,
        row: &RunRow,
        event: Event,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let run = read(row)?;
        let Some(loaded) = self.loaded(&run.policy, row.policy_id, row.version)? else {
            if event == Event::Due {
                let wake_at = Some(now.after(BLOCKED_PAUSE));
                self.store.save_run(&RunRow { wake_at, ..row.clone() })?;
            }
            return Ok(());
        };
        let taken = taken(&run.changed);
        let activity = loaded.policy.activity.as_ref();
        let Some(facts) = self.store.facts_beside(row.subject.id, (activity, &taken))?
        else {
            return self.gone(row.policy_id, run, event, (&loaded, now));
        };
        self.apply(&run, event, (row.policy_id, &loaded, &facts), now)
    }

    pub(super) fn apply(
        &mut self,
        run: &Run,
        event: Event,
        (policy_id, loaded, facts): (i64, &Loaded, &Facts),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let policy = &*followed(&loaded.policy, run);
        let cast = cast_for(self.store, (policy, &loaded.cast), facts)?;
        let taken = taken(&run.changed);
        let outside = self.store.outside_beside(&policy.scope, run.subject.id, &taken)?;
        let scene = Scene { policy, facts, cast: &cast, outside, now };
        let attempting = matches!(event, Event::Attempting { .. });
        let mut transition = step(run, event, &scene).map_err(EngineError::Refused)?;
        for (_, effect) in &mut transition.effects {
            self.settings.channels.route(effect);
        }
        if attempting && transition.run == *run {
            return Ok(());
        }
        self.note_stop(run, &transition.run);
        if transition.run != *run || !transition.trail.is_empty() {
            self.report.transitions += 1;
        }
        let rest = self.rest(loaded);
        commit(self.store, policy_id, &transition, (rest, now))
    }

    /// Notes a run that from now on waits for a person.
    pub(super) fn note_stop(&mut self, before: &Run, after: &Run) {
        let (State::Failed { why, .. } | State::Held { why, .. }) = &after.state else {
            return;
        };
        if before.state != after.state {
            self.report.stopped.push(Stopped {
                run: after.id.0,
                subject: after.subject.name.clone(),
                state: after.state.name().to_owned(),
                why: why.clone(),
            });
        }
    }

    /// A run whose subject is gone has nothing left to do but to take in what it hears.
    pub(super) fn gone(
        &mut self,
        policy_id: i64,
        mut run: Run,
        event: Event,
        (loaded, now): (&Loaded, Timestamp),
    ) -> Result<(), EngineError> {
        if !run.state.is_open() {
            return Ok(());
        }
        let mut why = format!("{} is gone", run.subject);
        let mut heard = None;
        if let Event::Cancelled { why } = event {
            let end = (State::Cancelled, why);
            return self.close((policy_id, run), heard, end, (self.rest(loaded), now));
        }
        if let (Event::Answered { key, outcome, .. }, State::Removing { step, effect }) =
            (event, &run.state)
            && *effect == key
        {
            let policy = followed(&loaded.policy, &run);
            let step = policy.steps.get(*step).map(|step| step.text.clone());
            let step = step.unwrap_or_default();
            heard = Some(match outcome {
                Outcome::Delivered { message } => {
                    run.took = true;
                    Entry::StepDone { step, message }
                }
                Outcome::Refused { why: said } | Outcome::Failed { why: said, .. } => {
                    why = format!("{why}; the step failed before: {said}");
                    Entry::StepFailed { step, why: said }
                }
            });
        }
        let state = if run.took {
            State::Removed
        } else {
            State::NoLongerApplies { why: why.clone() }
        };
        self.close((policy_id, run), heard, (state, why), (self.rest(loaded), now))
    }

    /// Ends a run without asking its policy.
    pub(super) fn close(
        &mut self,
        (policy_id, run): (i64, Run),
        heard: Option<Entry>,
        (state, why): (State, String),
        rest_and_now: (Duration, Timestamp),
    ) -> Result<(), EngineError> {
        let ended = Entry::Ended { state: state.name().to_owned(), why: Some(why) };
        let trail = heard.into_iter().chain([ended]).collect();
        let withdrawn = run.under_way();
        let run = Run { state, unheard: Vec::new(), ..run };
        let (effects, changes) = (Vec::new(), Vec::new());
        let transition = Transition {
            run,
            trail,
            effects,
            withdrawn,
            changes,
            wake_at: None,
        };
        self.report.transitions += 1;
        commit(self.store, policy_id, &transition, rest_and_now)
    }

    /// How long a subject of the policy rests after it was kept.
    pub(super) fn rest(&self, loaded: &Loaded) -> Duration {
        loaded.policy.rest.unwrap_or(self.settings.snooze)
    }
}
