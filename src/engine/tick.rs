//! One tick: due schedules, due wake-ups, waiting effects, until nothing is due any more.

use crate::engine::arms::{asks_for_edges, conditions, narrowed};
use crate::engine::breaker::Paused;
use crate::engine::commit::{new_run, of_whom, opened_for, read};
use crate::engine::errors::EngineError;
use crate::engine::held::unmoved;
use crate::engine::library::{Library, Loaded};
use crate::engine::moment::{Footing, moment};
use crate::engine::observe::can_be_told;
use crate::engine::people::deserted;
use crate::engine::pilot::Pin;
use crate::engine::rank::{Rival, outranks};
use crate::engine::report;
use crate::engine::rivals::siblings;
use crate::engine::run::{Run, State};
use crate::engine::step::{Event, UNTIL_UNMATCHED, ended};
use crate::engine::survey::{Reason, Survey, matching, reason, survey};
use crate::engine::{Channels, Hands, Protected};
use crate::facts::SubjectId;
use crate::ir::{Condition, Limit, Never, Policy};
use crate::query::{Moment, Truth, verdict};
use crate::store::{EvaluationRow, HeldEvaluation, PolicyRow, Store};
use crate::syntax::names_in;
use crate::text::fold;
use crate::time::calendar::Calendar;
use crate::time::{Duration, Timestamp};
use chrono_tz::Tz;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// By which way messages reach people.
    pub channels: Channels,
    /// Whom and what no policy may take access from.
    pub protected: Protected,
    /// What never happens besides what the store says: plans and simulations take it from
    /// files that are not published yet.
    pub nevers: Vec<Never>,
    /// The days on which people work.
    pub calendar: Calendar,
    /// By which address people reach the server, where there is one: what the links of
    /// reviews begin with.
    pub links: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            admin: None,
            snooze: Duration::days(90),
            limit: None,
            channels: Channels::default(),
            protected: Protected::default(),
            nevers: Vec::new(),
            calendar: Calendar::default(),
            links: None,
        }
    }
}

/// The engine on one store.
pub struct Engine<'a> {
    pub(super) store: &'a Store,
    pub(super) hands: &'a mut dyn Hands,
    pub(super) settings: &'a Settings,
    pub(super) library: Library,
    pub(super) store_id: String,
    /// When something ran again after the latest outage.
    pub(super) back_at: Option<Timestamp>,
    pub(super) report: TickReport,
    /// Policies with runs that a limit has just held up.
    pub(super) limited: BTreeSet<String>,
    /// Whether it is to begin nothing more.
    stop: Arc<AtomicBool>,
}

/// What an evaluation comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause<'a> {
    /// Its time came.
    Schedule,
    /// Somebody asked for it.
    Activation,
    /// Somebody lets through what was held.
    Release {
        /// What was held.
        held: &'a HeldEvaluation,
        /// Who.
        by: &'a str,
        /// Why.
        reason: &'a str,
    },
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
    /// Runs that from now on wait for a person.
    pub stopped: Vec<Stopped>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
    /// Policies that cannot be followed, and why.
    pub blocked: BTreeMap<String, String>,
    /// Receivers of webhooks that are left alone for a while.
    pub paused: Vec<Paused>,
    /// When something is due next.
    pub next_due: Option<Timestamp>,
}

/// A run that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// The run.
    pub run: i64,
    /// Whose access it is about.
    pub subject: String,
    /// `failed` or `held`.
    pub state: String,
    /// Why.
    pub why: String,
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
    /// Whether they are only observed.
    pub observed: bool,
    /// What it found.
    #[serde(flatten)]
    pub survey: Survey,
}

/// A schedule followed up to an instant so far ahead was followed by a wrong clock.
const CLOCK_AHEAD: Duration = Duration(25 * 3_600);

impl<'a> Engine<'a> {
    /// An engine on a store, with the hands that carry its effects out.
    pub fn new(
        store: &'a Store,
        hands: &'a mut dyn Hands,
        settings: &'a Settings,
    ) -> Result<Self, EngineError> {
        let library = Library::new(store, settings)?;
        let store_id = store.id()?;
        let back_at = store.pulse()?.back_at;
        Ok(Self {
            store,
            hands,
            settings,
            library,
            store_id,
            back_at,
            report: TickReport::default(),
            limited: BTreeSet::new(),
            stop: Arc::default(),
        })
    }

    /// Begins nothing more once that is true: what is due stays due.
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Does everything that is due at `now`.
    pub fn tick(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        self.library.refresh(self.store)?;
        self.report.warnings.extend(self.library.warnings());
        self.work(now)
    }

    pub(super) fn work(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        while !self.stopped() {
            let mut moved = self.schedules(now)?;
            moved |= self.wake_ups(now)?;
            moved |= self.deliveries(now)?;
            if !moved && !self.reports(now)? && !self.notices(now)? {
                break;
            }
        }
        self.report.paused = self.paused(now)?;
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
        self.evaluate(&row, Cause::Activation, now)?;
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
        if run.observed && !can_be_told(&event) {
            return Err(EngineError::Refused(format!(
                "run {run_id} is only observed: nobody was asked"
            )));
        }
        match (self.library.get(store, &Pin::of_run(&row, &run))?, event) {
            // A run whose policy cannot be followed can still be stopped.
            (Err(_), Event::Cancelled { why }) if run.state.is_open() => {
                let end = (State::Cancelled, why);
                let rest = (now.after(self.settings.snooze), now);
                store.atomically(|| {
                    let run = read(&store.run(run_id)?.ok_or_else(missing)?)?;
                    if !run.state.is_open() {
                        return Err(EngineError::Refused(ended(&run)));
                    }
                    self.close((row.policy_id, run), None, end, rest)
                })?;
            }
            // Nor does it take the policy to say how one ended.
            (Err(_), _) if !run.state.is_open() => {
                return Err(EngineError::Refused(ended(&run)));
            }
            (Err(why), _) => {
                return Err(EngineError::Refused(format!(
                    "policy `{}` cannot be followed: {why}",
                    run.policy
                )));
            }
            (Ok(_), event) => store.atomically(|| self.advance(&row, event, now))?,
        }
        self.notices(now)?;
        let run = read(&store.run(run_id)?.ok_or_else(missing)?)?;
        if decided && run.decision.is_none() {
            return Err(EngineError::Refused(format!("{} is gone", run.subject)));
        }
        Ok(run)
    }

    /// When a schedule, a run or an effect is due next, after `now`.
    pub(super) fn next_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, EngineError> {
        let mut due = self.store.next_due()?;
        for row in self.store.policies()? {
            if let (Some(pin), Some(from)) = (Pin::active(&row), row.scheduled_from)
                && let Ok(loaded) = self.library.get(self.store, &pin)?
            {
                let from = from.max(now);
                let next = loaded
                    .policy
                    .schedule
                    .as_ref()
                    .and_then(|it| it.next_after(from, self.settings.zone));
                due = due.into_iter().chain(next).min();
            }
        }
        Ok(due)
    }

    // Schedules.

    pub(super) fn schedules(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let mut moved = false;
        for row in self.store.policies()? {
            let (Some(pin), Some(from)) = (Pin::active(&row), row.scheduled_from) else {
                continue;
            };
            let Some(loaded) = self.loaded(&pin)? else { continue };
            if from > now.after(CLOCK_AHEAD) {
                // Nothing fires twice, so nothing fires; but nobody should have to guess why.
                self.report.warnings.push(format!(
                    "policy {} was last evaluated at {from}, which lies ahead: where that \
                     clock was wrong, activate the policy again",
                    row.name
                ));
            }
            let next = loaded
                .policy
                .schedule
                .as_ref()
                .and_then(|it| it.next_after(from, self.settings.zone));
            // However many times were missed, they are caught up once.
            if next.is_some_and(|next| next <= now) {
                match self.evaluate(&row, Cause::Schedule, now) {
                    Ok(()) => moved = true,
                    // One policy's trouble stops no other.
                    Err(
                        error @ (EngineError::Disagreement { .. }
                        | EngineError::Refused(_)),
                    ) => drop(
                        self.report.blocked.insert(row.name.clone(), error.to_string()),
                    ),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(moved)
    }

    pub(super) fn evaluate(
        &mut self,
        row: &PolicyRow,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(pin) = Pin::active(row) else {
            return Err(EngineError::Refused(format!(
                "policy `{}` is not active",
                row.name
            )));
        };
        let version = pin.version;
        let Some(loaded) = self.loaded(&pin)? else {
            return Ok(());
        };
        let rivals = self.rivals(&loaded.policy)?;
        let store = self.store;
        let evaluated = store.atomically(|| {
            // Whoever deactivates a policy is obeyed at once.
            let still = store.policy(&row.name)?;
            if still
                .is_none_or(|it| (it.active, it.mode) != (row.active, row.mode.clone()))
            {
                return Ok(None);
            }
            let told_to = store.told_to(row.id)?;
            self.recheck(&pin, &loaded, now)?;
            let footing = Footing::Active { id: row.id, version };
            let rivals: Vec<Rival<'_>> = rivals
                .iter()
                .map(|(loaded, footing)| Rival {
                    policy: &loaded.policy,
                    footing: *footing,
                })
                .collect();
            let asked = (&*loaded.policy, rivals.as_slice());
            let mut survey = survey(store, asked, footing, (self.settings, now))?;
            if let Cause::Release { held, .. } = cause {
                unmoved(store, held, &survey.opens)?;
                survey.limit.held = false;
            }
            let opens = if survey.limit.held { &[][..] } else { survey.opens.as_slice() };
            // All reasons are found before the first run changes anything: one may change
            // what another was selected for.
            let mut reasons = Vec::with_capacity(opens.len());
            let activity = loaded.policy.activity.as_ref();
            for subject in opens {
                if let Some(facts) = store.facts_by(*subject, activity)? {
                    reasons.push((*subject, reason(&loaded.policy, &facts, survey.at)?));
                }
            }
            let report = report::note(store, &loaded, &survey)?;
            let opened = self.open((row, cause), &loaded, reasons, survey.at)?;
            let evaluation = store.record_evaluation(&EvaluationRow {
                id: 0,
                policy_id: row.id,
                version,
                at: now,
                cause: cause.name().to_owned(),
                opened,
                held: survey.limit.held,
                observed: row.mode.observe,
                report: serde_json::to_string(&survey)?,
            })?;
            self.settle((row, cause), (evaluation, version), (&survey, now))?;
            if let Some(found) = report {
                let body = found.body(opened)?;
                store.owe_report((evaluation, row.id), (&body, told_to))?;
            }
            store.set_scheduled_from(row.id, now)?;
            let policy = row.name.clone();
            let observed = row.mode.observe;
            let evaluated = Evaluated { policy, evaluation, opened, observed, survey };
            Ok::<_, EngineError>(Some(evaluated))
        })?;
        self.report.evaluations.extend(evaluated);
        Ok(())
    }

    /// Opens a run for each of those for whom there is a reason, and says how many these were.
    fn open(
        &mut self,
        (row, cause): (&PolicyRow, Cause<'_>),
        loaded: &Loaded,
        reasons: Vec<(SubjectId, Reason)>,
        at: Moment,
    ) -> Result<u64, EngineError> {
        let store = self.store;
        let version = row.active.unwrap_or_default();
        let mut opened = 0;
        for (subject, reason) in reasons {
            // A run before it may have taken the subject: two permissions of one account.
            let activity = loaded.policy.activity.as_ref();
            let Some(facts) = store.facts_by(subject, activity)? else { continue };
            let id = (self.store_id.as_str(), store.next_run_id()?);
            let run = new_run(id, (&row.name, version), of_whom(&facts), at.now);
            let run = Run {
                released: matches!(cause, Cause::Release { .. }),
                ..opened_for(run, &reason, (&loaded.policy, at)).opened_as(&row.mode)
            };
            let event = Event::Opened { because: reason.because };
            let beside = siblings(store, row.id, &run)?;
            self.apply((&run, &beside), event, (row.id, loaded, &facts), at.now)?;
            opened += 1;
        }
        Ok(opened)
    }

    /// The active policies that are ranked better. Where one cannot be followed nobody knows
    /// whom it holds for, and this one is not followed either.
    fn rivals(
        &mut self,
        policy: &Policy,
    ) -> Result<Vec<(Rc<Loaded>, Footing)>, EngineError> {
        let mut rivals = Vec::new();
        let Some(rank) = &policy.rank else { return Ok(rivals) };
        for row in self.store.policies()? {
            // One that is only observed holds nobody back.
            let Some(pin) = Pin::active(&row).filter(|_| !row.mode.observe) else {
                continue;
            };
            let version = pin.version;
            if let Some(loaded) = self.loaded(&pin)? {
                if outranks(&loaded.policy, policy) {
                    rivals.push((loaded, Footing::Active { id: row.id, version }));
                }
                continue;
            }
            let text = self.store.policy_text(row.id, version)?.unwrap_or_default();
            if names_in(&text).contains(&fold(&rank.set)) {
                return Err(EngineError::Refused(format!(
                    "policy `{}` of the set `{}` cannot be followed",
                    row.name, rank.set
                )));
            }
        }
        Ok(rivals)
    }

    /// Runs whose condition ceased to hold end; subjects that rest until they were once seen
    /// not to match are let go when they are.
    pub(super) fn recheck(
        &mut self,
        pin: &Pin<'_>,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let (policy_id, version) = (pin.id, pin.version);
        let open = store.open_runs_of(policy_id)?;
        let policy = &*loaded.policy;
        let kind = policy.scope.kind;
        let several = policy.arms.len() > 1;
        let resting =
            store.resting_until_unmatched((policy_id, kind), UNTIL_UNMATCHED)?;
        if open.is_empty() && resting.is_empty() {
            return Ok(());
        }
        let footing = Footing::Active { id: policy_id, version };
        // No edge is looked for here: what one opened is not undone by its having passed, and
        // who did what one was for is let go.
        let at = Moment {
            since: Some(now),
            ..moment(store, policy, footing, (self.settings.zone, now))?
        };
        let matching: BTreeSet<i64> = matching(store, policy, at)?.into_iter().collect();
        let edges = conditions(&policy.arms).into_iter().any(asks_for_edges);
        for row in open {
            // A run under an older version or of another pilot, and one of some of several
            // arms, has a condition of its own; an edge that opened one stays true for it.
            let pinned = (row.version, row.only.as_deref()) == (version, pin.only);
            let own = several || edges || !pinned;
            if own
                || !matching.contains(&row.subject.id.number())
                || deserted(store, &row)?
            {
                self.advance(&row, Event::Evaluated, now)?;
            }
        }
        for (run, subject) in resting {
            if !several && matching.contains(&subject.number()) {
                continue;
            }
            // Only who is known not to match is let go: nothing is taken twice on a guess.
            if self.ceased(run, (policy, version), (subject, at))? {
                store.unblock(run)?;
            }
        }
        Ok(())
    }

    /// Whether none of what opened a run that has ended holds any more.
    fn ceased(
        &self,
        run: i64,
        (policy, version): (&Policy, u32),
        (subject, at): (SubjectId, Moment),
    ) -> Result<bool, EngineError> {
        let policy = match self.store.run(run)? {
            Some(row) if policy.arms.len() > 1 && row.version == version => {
                narrowed(policy, &read(&row)?.chosen)
            }
            _ => Cow::Borrowed(policy),
        };
        let mut opened_by = conditions(&policy.arms);
        if opened_by.is_empty() {
            opened_by.push(policy.own_when());
        }
        let Some(facts) = self.store.facts_by(subject, policy.activity.as_ref())? else {
            return Ok(true);
        };
        let except = policy.except.as_ref();
        let ceased = |when: &&Condition| verdict(when, except, &facts, at);
        Ok(opened_by.iter().map(ceased).all(|truth| truth == Truth::False))
    }

    pub(super) fn loaded(
        &mut self,
        pin: &Pin<'_>,
    ) -> Result<Option<Rc<Loaded>>, EngineError> {
        match self.library.get(self.store, pin)? {
            Ok(loaded) => Ok(Some(loaded)),
            Err(why) => {
                self.report.blocked.insert(pin.name.to_owned(), why);
                Ok(None)
            }
        }
    }
}

impl Cause<'_> {
    /// The word for it on record.
    fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Activation => "activation",
            Self::Release { .. } => "release",
        }
    }
}
