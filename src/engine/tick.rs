//! One tick: due schedules, due wake-ups, waiting effects, until nothing is due any more.

use crate::engine::breaker::Paused;
use crate::engine::commit::read;
use crate::engine::deliver::{Attempted, SHIFT};
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::freshness::{TooOld, unknown};
use crate::engine::hear::Interrupted;
use crate::engine::library::{Library, Loaded};
use crate::engine::observe::can_be_told;
use crate::engine::pause::{Pause, pauses};
use crate::engine::pilot::Pin;
use crate::engine::run::{Run, State};
use crate::engine::states::PENDING;
use crate::engine::step::{Event, ended};
use crate::engine::stranded::Stranded;
use crate::engine::survey::Survey;
use crate::engine::unasked::unasked;
use crate::engine::waiting::Waiting;
use crate::engine::{Channels, Connector, Hands, Protected};
use crate::ir::{Limit, Never};
use crate::store::{Awaiting, Store};
use crate::time::calendar::Calendar;
use crate::time::{Duration, Timestamp};
use chrono_tz::Tz;
use serde::Serialize;
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
    /// The systems that are connected.
    pub connectors: Vec<Connector>,
    /// By which address people reach the server, where there is one: what the links of
    /// reviews begin with.
    pub links: Option<String>,
    /// How old the data of a source may be, by its folded name.
    pub freshness: BTreeMap<String, Duration>,
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
            connectors: Vec::new(),
            links: None,
            freshness: BTreeMap::new(),
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
    /// Sources whose data was too old for an evaluation.
    pub(super) too_old: TooOld,
    /// Policies with runs that a limit has just held up.
    pub(super) limited: BTreeSet<String>,
    /// What attempts are under way at, by its number in the outbox.
    pub(super) attempted: BTreeMap<i64, Attempted>,
    /// When the tick began.
    pub(super) began_at: Timestamp,
    /// Whether a tick ends where others may wait for the store, though something is due.
    takes_turns: bool,
    /// Whether it is to begin nothing more.
    stop: Arc<AtomicBool>,
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
    /// Runs that an event ended, or began anew.
    pub interrupted: Vec<Interrupted>,
    /// Runs that from now on wait for a person.
    pub stopped: Vec<Stopped>,
    /// Runs that ended as what they were opened for is so no more.
    pub ceased: Vec<Stopped>,
    /// Messages, and requests of runs that went on all the same, that will not arrive any more.
    pub lost: Vec<Lost>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
    /// Policies that somebody asked for in vain, as they are paused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Policies that cannot be followed, and why.
    pub blocked: BTreeMap<String, String>,
    /// Versions that are not at work, whose open runs cannot go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stranded: Vec<Stranded>,
    /// Receivers of webhooks that are left alone for a while.
    pub paused: Vec<Paused>,
    /// What else was tried in vain and is tried again, alike ones together.
    pub waiting: Vec<Waiting>,
    /// Events that policies could not decide yet, and what they wait for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awaiting: Vec<Awaiting>,
    /// The evaluations that are held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<i64>,
    /// What is paused by a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// When something is due next.
    pub next_due: Option<Timestamp>,
}

/// A run that waits for a person, or no longer applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// The run.
    pub run: i64,
    /// Whose access it is about.
    pub subject: String,
    /// `failed` or `held`, or `no longer applies`.
    pub state: String,
    /// Why.
    pub why: String,
}

/// A message or a request that was refused or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The run that it is of.
    pub run: i64,
    /// Whose access that is about.
    pub subject: String,
    /// `message` or `request`.
    pub kind: &'static str,
    /// The address, or the webhook, the call or the connected system.
    pub to: String,
    /// Why.
    pub why: String,
}

impl Stopped {
    pub(super) fn of(run: &Run, why: &str) -> Self {
        Self {
            run: run.id.0,
            subject: run.subject.name.clone(),
            state: run.standing().to_owned(),
            why: why.to_owned(),
        }
    }
}

impl TickReport {
    /// Whether something that was to be done was not: an evaluation is held, or a policy paused
    /// or blocked.
    pub fn is_no(&self) -> bool {
        let held = self.evaluations.iter().any(|found| found.survey.limit.held);
        held || !self.blocked.is_empty()
            || !self.stranded.is_empty()
            || !self.left_out.is_empty()
    }
}

/// One evaluation of one policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluated {
    /// The policy.
    pub policy: String,
    /// The number of the evaluation on record.
    pub evaluation: i64,
    /// What it came from, as on record: `schedule`, `event`, …
    pub cause: &'static str,
    /// How many runs it opened.
    pub opened: u64,
    /// Whether they are only observed.
    pub observed: bool,
    /// What it found.
    #[serde(flatten)]
    pub survey: Survey,
}

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
            too_old: TooOld::default(),
            limited: BTreeSet::new(),
            attempted: BTreeMap::new(),
            began_at: Timestamp(0),
            takes_turns: false,
            stop: Arc::default(),
        })
    }

    /// Begins nothing more once that is true: what is due stays due.
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    /// Ends a tick that has taken long, though something is due still: the next one follows at
    /// once, and others who wait for the store have their turn between the two.
    pub fn take_turns(&mut self) {
        self.takes_turns = true;
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Does everything that is due at `now`.
    pub fn tick(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        self.library.refresh(self.store, now)?;
        for warning in self.library.warnings() {
            self.warn(warning);
        }
        for warning in unknown(self.store, self.settings)? {
            self.warn(warning);
        }
        if self.store.mapping_is_pending()? {
            self.warn(PENDING.to_owned());
        }
        self.work(now)
    }

    /// Reports what somebody should look at: once, however often it is met.
    pub(super) fn warn(&mut self, warning: String) {
        if !self.report.warnings.contains(&warning) {
            self.report.warnings.push(warning);
        }
    }

    pub(super) fn work(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        self.began_at = now;
        let mut now = now;
        while !self.stopped() {
            let mut moved = self.campaigns(now)?;
            moved |= self.still_there(now)?;
            moved |= self.schedules(now)?;
            moved |= self.wake_ups(now)?;
            // Each only when all before it is quiet: so it comes to the same end in the same
            // order, wherever a process before this one was stopped.
            moved = moved || self.expiries(now)?;
            moved = moved || self.awaited(now)?;
            moved = moved || self.events(now)?;
            moved = moved || self.deliveries(&mut now)?;
            if self.takes_turns && now.since(self.began_at) > SHIFT {
                break;
            }
            if !moved && !self.reports(now)? && !self.notices(now)? {
                break;
            }
        }
        for warning in std::mem::take(&mut self.too_old).warnings() {
            self.warn(warning);
        }
        // A run that stops at a request says so itself.
        let TickReport { lost, stopped, .. } = &mut self.report;
        let stopped: BTreeSet<i64> = stopped.iter().map(|it| it.run).collect();
        lost.retain(|it| it.kind == "message" || !stopped.contains(&it.run));
        self.report.paused = self.paused(now)?;
        self.tell_waiting()?;
        self.report.awaiting = self.store.awaiting()?;
        self.report.held = self.store.held()?.iter().map(|it| it.evaluation).collect();
        self.nobody_hears()?;
        self.report.pauses = pauses(self.store)?;
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
        self.library.refresh(self.store, now)?;
        let by_events = match Pin::active(&row) {
            Some(pin) => {
                self.loaded(&pin)?.is_some_and(|it| it.policy.waits_for_events())
            }
            None => false,
        };
        // Nothing has happened to anyone yet.
        if !by_events {
            self.evaluate(&row, Cause::Activation, now)?;
        }
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
        store.doubt(&self.settings.freshness, now)?;
        let missing = || EngineError::NoRun(run_id);
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
                let end = (State::Cancelled, run.leaves(why));
                let rest = run.rest.unwrap_or(self.settings.snooze);
                let rest = (now.after(rest), now);
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
            (Err(_), Event::Decided(decision)) => {
                store.atomically(|| {
                    self.hear_decision((run_id, row.policy_id), decision, now)
                })?;
            }
            (Err(why), _) => {
                let (policy, runs) = (run.policy, vec![run_id]);
                let version = row.version;
                let stranded = Stranded { policy, version, why, runs };
                return Err(EngineError::Refused(format!(
                    "{}; {}",
                    stranded.words(),
                    stranded.help()
                )));
            }
            (Ok(loaded), Event::Decided(_))
                if run.state.is_open()
                    && run.decision.is_none()
                    && !run.takes_decisions() =>
            {
                let run = (row.policy_id, &run);
                return Err(EngineError::Refused(unasked(store, run, &loaded.policy)?));
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
        // What is due comes when somebody resumes, and nobody knows when that is.
        if self.store.pause_of(None)?.is_some() {
            return Ok(None);
        }
        let mut due = self.store.next_due()?;
        due = due.into_iter().chain(self.store.next_campaign_end()?).min();
        let awaited = self.store.next_awaited(now)?;
        due = due.into_iter().chain(awaited).min();
        due = due.into_iter().chain(self.due_expiry()?.map(|(next, _)| next)).min();
        for row in self.store.policies()? {
            if let (Some(pin), Some(from)) = (Pin::active(&row), row.scheduled_from)
                && !self.store.is_paused(row.id)?
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

    pub(super) fn loaded(
        &mut self,
        pin: &Pin<'_>,
    ) -> Result<Option<Rc<Loaded>>, EngineError> {
        match self.library.get(self.store, pin)? {
            Ok(loaded) => Ok(Some(loaded)),
            Err(why) => {
                self.note_blocked(pin, why)?;
                Ok(None)
            }
        }
    }
}
