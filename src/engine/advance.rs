//! Runs that go on: by a wake-up, by something that happened, or by the end of their subject.

use crate::engine::arms::followed;
use crate::engine::change::taken;
use crate::engine::commit::{commit, read};
use crate::engine::errors::EngineError;
use crate::engine::library::{Loaded, cast_for};
use crate::engine::pilot::Pin;
use crate::engine::rivals::{next_please, rivals, siblings};
use crate::engine::run::{Run, State};
use crate::engine::step::{Event, Scene, Transition, step, taken_by};
use crate::engine::tick::{Engine, Stopped};
use crate::engine::trail::Entry;
use crate::engine::{Change, Outcome, Settings};
use crate::facts::Facts;
use crate::ir::Policy;
use crate::store::{RunRow, Store};
use crate::time::{Duration, Length, Timestamp};

/// Wake-ups are committed so many at a time.
const WAKE_BATCH: u32 = 250;
/// Runs of a policy that cannot be followed are looked at again after so long.
pub(super) const BLOCKED_PAUSE: Duration = Duration::HOUR;

impl Engine<'_> {
    pub(super) fn wake_ups(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        while !self.stopped() && !store.due_runs(now, 1)?.is_empty() {
            moved = true;
            store.atomically(|| {
                // None of these is paused, and nobody pauses one meanwhile.
                for row in &store.due_runs(now, WAKE_BATCH)? {
                    self.acts(row, Event::Due, now)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
        Ok(moved)
    }

    /// One transition of one run, in the caller's transaction. The run is read again in it:
    /// another process may have brought it further since.
    pub(super) fn advance(
        &mut self,
        row: &RunRow,
        event: Event,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if !event.is_of_its_own() {
            return self.moves(row, event, now);
        }
        if self.store.is_paused(row.policy_id)? {
            return Ok(());
        }
        self.acts(row, event, now)
    }

    /// One transition that comes by itself, of a run that is not paused.
    fn acts(
        &mut self,
        row: &RunRow,
        event: Event,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if self.store.unheeded(row.policy_id)?.is_none() {
            return self.moves(row, event, now);
        }
        if !self.heed_first(row.policy_id, now)? {
            return self.put_off((row, &event), now);
        }
        // That may have moved it.
        match self.store.run(row.id)?.filter(|it| it.ended_at.is_none()) {
            Some(row)
                if event != Event::Due || row.wake_at.is_some_and(|at| at <= now) =>
            {
                self.moves(&row, event, now)
            }
            _ => Ok(()),
        }
    }

    /// What is due and cannot be followed now is looked at again later.
    fn put_off(
        &self,
        (row, event): (&RunRow, &Event),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if *event == Event::Due {
            let wake_at = Some(now.after(BLOCKED_PAUSE));
            self.store.save_run(&RunRow { wake_at, ..row.clone() })?;
        }
        Ok(())
    }

    /// One transition of a run that has heeded what happened before.
    pub(super) fn moves(
        &mut self,
        row: &RunRow,
        event: Event,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        // Somebody may have decided meanwhile.
        let Some(row) = &self.store.run(row.id)? else { return Ok(()) };
        let run = read(row)?;
        let Some(loaded) = self.loaded(&Pin::of_run(row, &run))? else {
            return self.put_off((row, &event), now);
        };
        let beside = siblings(self.store, row.policy_id, &run)?;
        let taken = taken(&[beside.as_slice(), run.changed.as_slice()].concat());
        let activity = loaded.policy.activity.as_ref();
        let Some(facts) = self.store.facts_beside(row.subject.id, (activity, &taken))?
        else {
            return self.gone(row.policy_id, run, event, (&loaded, now));
        };
        self.apply((&run, &beside), event, (row.policy_id, &loaded, &facts), now)
    }

    pub(super) fn apply(
        &mut self,
        (run, siblings): (&Run, &[Change]),
        event: Event,
        (policy_id, loaded, facts): (i64, &Loaded, &Facts),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if run.observed {
            return self.observe(run, event, (policy_id, loaded, facts), now);
        }
        let attempting = matches!(event, Event::Attempting { .. });
        let newer = self.with_groups_made((policy_id, run), loaded)?;
        let loaded = newer.as_deref().unwrap_or(loaded);
        let about = (policy_id, loaded, facts);
        let mut transition = self.transition((run, siblings), event, about, now)?;
        self.make_groups(&loaded.policy, &mut transition)?;
        if attempting && transition.run == *run {
            return Ok(());
        }
        self.note(run, &transition);
        let rest = self.rest(loaded, &transition.run.state, now);
        commit(self.store, policy_id, &transition, (rest, now))?;
        next_please(self.store, (run, &transition.run), now)
    }

    /// What follows for a run from what happened, with what is known of its subject.
    pub(super) fn transition(
        &mut self,
        (run, siblings): (&Run, &[Change]),
        event: Event,
        (policy_id, loaded, facts): (i64, &Loaded, &Facts),
        now: Timestamp,
    ) -> Result<Transition, EngineError> {
        let policy = &*followed(&loaded.policy, run);
        let taken = taken(&[siblings, run.changed.as_slice()].concat());
        let mut scope = policy.scope.clone();
        scope.long_term |= run.on_demand || run.heard.is_some();
        let outside = self.store.outside_beside(&scope, run.subject.id, &taken)?;
        let cast = cast_for(self.store, (policy, &loaded.cast), facts, &run.awaited())?;
        // Whoever sets it going again begins anew, also to count.
        let anew = matches!(event, Event::Retried { .. } | Event::Restarted { .. });
        let scene = Scene {
            policy,
            facts,
            cast: &cast,
            outside,
            room_at: self.room((run, anew), (policy_id, loaded), now)?,
            paused: self.store.is_paused(policy_id)?,
            rivals: &rivals(self.store, policy, run)?,
            siblings,
            back_at: self.back_at,
            calendar: &self.settings.calendar,
            zone: self.settings.zone,
            links: self.settings.links.as_deref(),
            review_ends: review_ends(self.store, (policy_id, run))?,
            now,
        };
        let mut transition = step(run, event, &scene).map_err(EngineError::Refused)?;
        self.library.picture(facts, &mut transition.trail);
        for (_, effect) in &mut transition.effects {
            self.settings.channels.route(effect);
        }
        Ok(transition)
    }

    /// Notes a transition for the report.
    pub(super) fn note(&mut self, run: &Run, transition: &Transition) {
        self.note_stop(run, &transition.run);
        self.note_ceased(run, &transition.run);
        if transition.run != *run || !transition.trail.is_empty() {
            self.report.transitions += 1;
        }
        // Whoever had the task is gone, and somebody else has it now.
        let heirs: Vec<&str> = match (&run.state, &transition.run.state) {
            (State::Tasked { step, .. }, State::Tasked { step: now, .. })
                if step == now =>
            {
                transition.trail.iter().filter_map(given).collect()
            }
            _ => Vec::new(),
        };
        if !heirs.is_empty() {
            self.warn(format!(
                "the task of run {} fell to {}: nobody who had it is left",
                run.id,
                heirs.join(", ")
            ));
        }
    }

    /// Notes a run that from now on waits for a person.
    pub(super) fn note_stop(&mut self, before: &Run, after: &Run) {
        // What it waited for before is over, or is something else: it is told of once, as it is.
        if before.trouble().is_some() && before.trouble() != after.trouble() {
            self.report.stopped.retain(|it| it.run != after.id.0);
        }
        let Some(why) = after.trouble() else { return };
        // One that is only observed waits for nobody.
        if after.observed {
            return;
        }
        if after.room_at.is_some() && before.room_at.is_none() {
            self.limited.insert(after.policy.clone());
        }
        if before.trouble() != Some(why) {
            self.report.stopped.push(Stopped::of(after, why));
        }
    }

    /// Notes a run that has just ended as it no longer applies.
    fn note_ceased(&mut self, before: &Run, after: &Run) {
        if let State::NoLongerApplies { why } = &after.state
            && !matches!(before.state, State::NoLongerApplies { .. })
            && !after.observed
        {
            self.report.ceased.push(Stopped::of(after, why));
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
        if let Event::Cancelled { why } | Event::CalledOff { why } = event {
            let end = (State::Cancelled, run.leaves(why));
            let rest = self.rest(loaded, &end.0, now);
            return self.close((policy_id, run), heard, end, (rest, now));
        }
        if let Event::LeftTo { policy } = event {
            let end = (State::Done, taken_by(&policy));
            let rest = self.rest(loaded, &end.0, now);
            return self.close((policy_id, run), heard, end, (rest, now));
        }
        if let (Event::Answered { key, outcome, .. }, State::Removing { step, effect }) =
            (event, &run.state)
            && *effect == key
        {
            let policy = followed(&loaded.policy, &run);
            let asked = run.step(&policy, *step);
            let step = asked.map(|step| step.text.clone()).unwrap_or_default();
            heard = Some(match outcome {
                Outcome::Delivered { message } => {
                    run.took = true;
                    Entry::StepDone { step, message }
                }
                Outcome::AlreadySo { why } => Entry::StepSkipped { step, why },
                Outcome::Refused { why: said }
                | Outcome::Failed { why: said, .. }
                | Outcome::Unready { why: said } => {
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
        let rest = self.rest(loaded, &state, now);
        self.close((policy_id, run), heard, (state, why), (rest, now))
    }

    /// Ends a run without asking its policy.
    pub(super) fn close(
        &mut self,
        (policy_id, run): (i64, Run),
        heard: Option<Entry>,
        (state, why): (State, String),
        rest_and_now: (Timestamp, Timestamp),
    ) -> Result<(), EngineError> {
        let ended = Entry::Ended { state: state.name().to_owned(), why: Some(why) };
        let trail = heard.into_iter().chain([ended]).collect();
        let withdrawn = run.under_way();
        let before = run.clone();
        let run = Run {
            state,
            unheard: Vec::new(),
            reminding: Vec::new(),
            tasking: Vec::new(),
            ..run
        };
        let (effects, changes) = (Vec::new(), Vec::new());
        let transition = Transition {
            run,
            trail,
            effects,
            withdrawn,
            changes,
            takes: false,
            wake_at: None,
        };
        self.report.transitions += 1;
        self.note_stop(&before, &transition.run);
        self.note_ceased(&before, &transition.run);
        commit(self.store, policy_id, &transition, rest_and_now)?;
        next_please(self.store, (&before, &transition.run), rest_and_now.1)
    }

    /// Until when a subject of the policy rests after a run that ends so now: a keep may say
    /// it itself.
    pub(super) fn rest(&self, loaded: &Loaded, end: &State, now: Timestamp) -> Timestamp {
        rest_after(Some(&loaded.policy), end, (self.settings, now))
    }
}

/// Until when a subject rests after a run that ends so now; by what is configured where the
/// policy cannot be followed.
pub(super) fn rest_after(
    policy: Option<&Policy>,
    end: &State,
    (settings, now): (&Settings, Timestamp),
) -> Timestamp {
    let snooze = policy.and_then(|policy| policy.snooze.as_ref());
    let snooze = snooze.filter(|_| *end == State::Kept);
    let rest = policy.and_then(|policy| policy.rest).unwrap_or(settings.snooze);
    let rest = snooze.map_or(Length::Time(rest), |snooze| snooze.value);
    settings.calendar.after(now, rest)
}

/// When the access review ends that a run belongs to, where it is one of an open one.
pub(super) fn review_ends(
    store: &Store,
    (policy_id, run): (i64, &Run),
) -> Result<Option<Timestamp>, EngineError> {
    match run.acts_at {
        Some(_) => Ok(store.review_ends_at(policy_id)?),
        None => Ok(None),
    }
}

/// To whom a task was given.
fn given(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Assigned { who, .. } => Some(who),
        _ => None,
    }
}
