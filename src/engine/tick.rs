//! One tick: due schedules, due wake-ups, waiting effects, until nothing is due any more.

use crate::engine::commit::{commit, new_run, read};
use crate::engine::errors::EngineError;
use crate::engine::library::{Library, Loaded, cast_for};
use crate::engine::retry::{MAIL_RETRY, next_delay};
use crate::engine::run::{Entry, Run, State};
use crate::engine::step::{Event, Scene, Transition, UNTIL_UNMATCHED, step};
use crate::engine::survey::{Survey, because, survey};
use crate::engine::{Delivery, Effect, Hands, Outcome};
use crate::facts::Facts;
use crate::ir::Limit;
use crate::store::{EvaluationRow, OutboxRow, PolicyRow, RunRow, Store};
use crate::time::{Duration, Timestamp};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the configuration says to the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The zone of schedules that name none.
    pub zone: Tz,
    /// The admin's address.
    pub admin: Option<String>,
    /// How long a subject rests after it was kept, where the policy does not say.
    pub snooze: Duration,
    /// How many runs all policies that take access away may open in 24 hours together; a
    /// share is one of all accounts.
    pub limit: Option<Limit>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            admin: None,
            snooze: Duration::days(90),
            limit: None,
        }
    }
}

/// The engine on one store.
pub struct Engine<'a> {
    store: &'a Store,
    hands: &'a mut dyn Hands,
    settings: &'a Settings,
    library: Library,
    store_id: String,
    report: TickReport,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Engine")
            .field("store", &self.store_id)
            .finish_non_exhaustive()
    }
}

/// What a tick did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TickReport {
    /// The evaluations, in order.
    pub evaluations: Vec<Evaluated>,
    /// How many transitions runs made.
    pub transitions: u64,
    /// How many effects arrived.
    pub delivered: u64,
    /// How many attempts failed and are made again later.
    pub postponed: u64,
    /// How many effects were refused or given up.
    pub failed: u64,
    /// Policies that cannot be followed, and why.
    pub blocked: BTreeMap<String, String>,
    /// When something is due next.
    pub next_due: Option<Timestamp>,
}

/// One evaluation of one policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluated {
    /// The policy.
    pub policy: String,
    /// The number of the evaluation on record.
    pub evaluation: i64,
    /// How many runs it opened.
    pub opened: u64,
    /// What it found.
    #[serde(flatten)]
    pub survey: Survey,
}

/// Effects are attempted, and their outcomes committed, so many at a time.
const BATCH: u32 = 32;
/// Wake-ups are committed so many at a time.
const WAKE_BATCH: u32 = 100;
/// Runs of a policy that cannot be followed are looked at again after so long.
const BLOCKED_PAUSE: Duration = Duration::HOUR;

impl<'a> Engine<'a> {
    /// An engine on a store, with the hands that carry its effects out.
    pub fn new(
        store: &'a Store,
        hands: &'a mut dyn Hands,
        settings: &'a Settings,
    ) -> Result<Self, EngineError> {
        let library = Library::new(store, settings.admin.as_deref())?;
        let store_id = store.id()?;
        Ok(Self {
            store,
            hands,
            settings,
            library,
            store_id,
            report: TickReport::default(),
        })
    }

    /// Does everything that is due at `now`.
    pub fn tick(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        self.library.refresh(self.store)?;
        self.work(now)
    }

    fn work(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        loop {
            let mut moved = self.schedules(now)?;
            moved |= self.wake_ups(now)?;
            moved |= self.deliveries(now)?;
            if !moved {
                break;
            }
        }
        self.report.next_due = self.next_due(now)?;
        Ok(std::mem::take(&mut self.report))
    }

    /// Evaluates a policy now, whatever its schedule says.
    pub fn evaluate_now(
        &mut self,
        name: &str,
        now: Timestamp,
    ) -> Result<TickReport, EngineError> {
        let row = self.store.policy(name)?;
        let row =
            row.ok_or_else(|| EngineError::Refused(format!("no policy `{name}`")))?;
        self.library.refresh(self.store)?;
        self.evaluate(&row, "activation", now)?;
        self.work(now)
    }

    /// Gives a run something that a person said.
    pub fn tell(
        &mut self,
        run_id: i64,
        event: Event,
        now: Timestamp,
    ) -> Result<Run, EngineError> {
        let store = self.store;
        let missing = || EngineError::Refused(format!("there is no run {run_id}"));
        let row = store.run(run_id)?.ok_or_else(missing)?;
        let run = read(&row)?;
        let decided = matches!(event, Event::Decided(_));
        match (self.library.get(store, (row.policy_id, &run.policy, row.version))?, event)
        {
            // A run whose policy cannot be followed can still be stopped.
            (Err(_), Event::Cancelled { why }) if run.state.is_open() => {
                let end = (State::Cancelled, why);
                let rest = (self.settings.snooze, now);
                store.atomically(|| self.close((row.policy_id, run), end, rest))?;
            }
            (Err(why), _) => {
                return Err(EngineError::Refused(format!(
                    "policy `{}` cannot be followed: {why}",
                    run.policy
                )));
            }
            (Ok(_), event) => store.atomically(|| self.advance(&row, event, now))?,
        }
        let run = read(&store.run(run_id)?.ok_or_else(missing)?)?;
        if decided && run.decision.is_none() {
            return Err(EngineError::Refused(format!("{} is gone", run.subject)));
        }
        Ok(run)
    }

    /// When a schedule, a run or an effect is due next, after `now`.
    fn next_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, EngineError> {
        let mut due = self.store.next_due()?;
        for row in self.store.policies()? {
            if let (Some(version), Some(from)) = (row.active, row.scheduled_from)
                && let Ok(loaded) =
                    self.library.get(self.store, (row.id, &row.name, version))?
            {
                let from = from.max(now);
                let next = loaded.policy.schedule.next_after(from, self.settings.zone);
                due = due.into_iter().chain(next).min();
            }
        }
        Ok(due)
    }

    // Schedules.

    fn schedules(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let mut moved = false;
        for row in self.store.policies()? {
            let (Some(version), Some(from)) = (row.active, row.scheduled_from) else {
                continue;
            };
            let Some(loaded) = self.loaded(&row.name, row.id, version)? else { continue };
            let next = loaded.policy.schedule.next_after(from, self.settings.zone);
            // However many times were missed, they are caught up once.
            if next.is_some_and(|next| next <= now) {
                self.evaluate(&row, "schedule", now)?;
                moved = true;
            }
        }
        Ok(moved)
    }

    fn evaluate(
        &mut self,
        row: &PolicyRow,
        cause: &str,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(version) = row.active else {
            return Err(EngineError::Refused(format!(
                "policy `{}` is not active",
                row.name
            )));
        };
        let Some(loaded) = self.loaded(&row.name, row.id, version)? else {
            return Ok(());
        };
        let store = self.store;
        let evaluated = store.atomically(|| {
            self.recheck((row.id, version), &loaded, now)?;
            let survey =
                survey(store, &loaded.policy, Some(row.id), (self.settings, now))?;
            let opens = if survey.limit.held { &[][..] } else { survey.opens.as_slice() };
            for subject in opens {
                let Some(facts) = store.facts(*subject)? else { continue };
                let id = (self.store_id.as_str(), store.next_run_id()?);
                let run = new_run(id, (&row.name, version), facts.subject.clone(), now);
                let because = because(&loaded.policy, &facts, now)?;
                self.apply(
                    &run,
                    Event::Opened { because },
                    (row.id, &loaded, &facts),
                    now,
                )?;
            }
            let opened = u64::try_from(opens.len()).unwrap_or(u64::MAX);
            let evaluation = store.record_evaluation(&EvaluationRow {
                id: 0,
                policy_id: row.id,
                version,
                at: now,
                cause: cause.to_owned(),
                opened,
                held: survey.limit.held,
                report: serde_json::to_string(&survey)?,
            })?;
            store.set_scheduled_from(row.id, now)?;
            let policy = row.name.clone();
            Ok::<_, EngineError>(Evaluated { policy, evaluation, opened, survey })
        })?;
        self.report.evaluations.push(evaluated);
        Ok(())
    }

    /// Runs whose condition ceased to hold end; subjects that rest until they were once seen
    /// not to match are let go when they are.
    fn recheck(
        &mut self,
        (policy_id, version): (i64, u32),
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let open = store.open_runs_of(policy_id)?;
        let resting = store.resting_until_unmatched(policy_id, UNTIL_UNMATCHED)?;
        if open.is_empty() && resting.is_empty() {
            return Ok(());
        }
        let matching: BTreeSet<i64> =
            crate::engine::survey::matching(store, &loaded.policy, now)?
                .into_iter()
                .collect();
        for row in open {
            // A run under an older version has a condition of its own.
            if row.version != version || !matching.contains(&row.subject.id.number()) {
                self.advance(&row, Event::Evaluated, now)?;
            }
        }
        for (run, subject) in resting {
            if !matching.contains(&subject) {
                store.unblock(run)?;
            }
        }
        Ok(())
    }

    // Wake-ups.

    fn wake_ups(&mut self, now: Timestamp) -> Result<bool, EngineError> {
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
    fn advance(
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
        let Some(facts) = self.store.facts(row.subject.id)? else {
            return self.gone(row.policy_id, run, &loaded, now);
        };
        self.apply(&run, event, (row.policy_id, &loaded, &facts), now)
    }

    fn apply(
        &mut self,
        run: &Run,
        event: Event,
        (policy_id, loaded, facts): (i64, &Loaded, &Facts),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let cast = cast_for(self.store, (&loaded.policy, &loaded.cast), facts)?;
        let scene = Scene { policy: &loaded.policy, facts, cast: &cast, now };
        let transition = step(run, event, &scene).map_err(EngineError::Refused)?;
        if transition.run != *run || !transition.trail.is_empty() {
            self.report.transitions += 1;
        }
        let rest = self.rest(loaded);
        commit(self.store, policy_id, &transition, (rest, now))
    }

    /// A run whose subject is gone has nothing left to do.
    fn gone(
        &mut self,
        policy_id: i64,
        run: Run,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if !run.state.is_open() {
            return Ok(());
        }
        let why = format!("{} is gone", run.subject);
        let state = State::NoLongerApplies { why: why.clone() };
        self.close((policy_id, run), (state, why), (self.rest(loaded), now))
    }

    /// Ends a run without asking its policy.
    fn close(
        &mut self,
        (policy_id, run): (i64, Run),
        (state, why): (State, String),
        rest_and_now: (Duration, Timestamp),
    ) -> Result<(), EngineError> {
        let trail = vec![Entry::Ended { state: state.name().to_owned(), why: Some(why) }];
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
    fn rest(&self, loaded: &Loaded) -> Duration {
        loaded.policy.rest.unwrap_or(self.settings.snooze)
    }

    // Effects.

    fn deliveries(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        loop {
            let due = store.due_effects(now, BATCH)?;
            if due.is_empty() {
                return Ok(moved);
            }
            moved = true;
            let rows = self.leave_blocked(due, now)?;
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
            let outcomes = self.hands.deliver(&batch, now);
            store.atomically(|| {
                for ((row, effect), outcome) in rows.iter().zip(effects).zip(outcomes) {
                    self.conclude(row, effect, outcome, now)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
    }

    /// Puts off the effects of policies that cannot be followed now: their answers could not
    /// be taken in.
    fn leave_blocked(
        &mut self,
        due: Vec<OutboxRow>,
        now: Timestamp,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let store = self.store;
        let mut free = Vec::with_capacity(due.len());
        for effect in due {
            let Some(row) = store.run(effect.run_id)? else { continue };
            let run = read(&row)?;
            if self.loaded(&run.policy, row.policy_id, row.version)?.is_some() {
                free.push(effect);
            } else {
                store.put_off_effect(effect.id, now.after(BLOCKED_PAUSE))?;
            }
        }
        Ok(free)
    }

    fn conclude(
        &mut self,
        row: &OutboxRow,
        effect: Effect,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let record = serde_json::to_string(&outcome)?;
        match &outcome {
            Outcome::Failed { why, retry_after } => {
                if let Some(delay) =
                    next_delay(row.attempts + 1, retries(&effect), &row.key, *retry_after)
                {
                    let again_at = now.after(delay);
                    self.report.postponed += 1;
                    store.postpone_effect(row.id, &record, again_at)?;
                    let what = effect.target().to_owned();
                    let entry = Entry::AttemptFailed { what, why: why.clone(), again_at };
                    return Ok(store.append_trail(
                        row.run_id,
                        now,
                        &serde_json::to_string(&entry)?,
                    )?);
                }
                self.report.failed += 1;
            }
            Outcome::Refused { .. } => self.report.failed += 1,
            Outcome::Delivered { .. } => self.report.delivered += 1,
        }
        store.finish_effect(row.id, &record, now)?;
        let Some(run) = store.run(row.run_id)? else { return Ok(()) };
        let event = Event::Answered { key: row.key.clone(), effect, outcome };
        self.advance(&run, event, now)
    }

    fn loaded(
        &mut self,
        name: &str,
        id: i64,
        version: u32,
    ) -> Result<Option<Rc<Loaded>>, EngineError> {
        match self.library.get(self.store, (id, name, version))? {
            Ok(loaded) => Ok(Some(loaded)),
            Err(why) => {
                self.report.blocked.insert(name.to_owned(), why);
                Ok(None)
            }
        }
    }
}

/// How many times an effect is tried again.
fn retries(effect: &Effect) -> u32 {
    match effect {
        Effect::Mail(_) => MAIL_RETRY,
        Effect::Webhook(request) => request.retry,
    }
}
