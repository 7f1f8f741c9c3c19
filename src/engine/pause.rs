//! Pauses: at once nothing leaves and windows stand still, until somebody resumes.
//!
//! What people say meanwhile is taken in, and no step is begun. What was missed is caught up
//! once, and every window is as long as it would have been.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::leaving::Leaving;
use crate::engine::pilot::Pin;
use crate::engine::run::{Asked, Run, State};
use crate::engine::tick::Engine;
use crate::engine::trail::{Entry, Stood};
use crate::ir::{Policy, StepKind};
use crate::store::{PauseRow, RunRow, Store};
use crate::time::calendar::Calendar;
use crate::time::{Length, Timestamp};
use serde::Serialize;

/// What is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// The policy; nothing where everything is.
    pub policy: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What goes on again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resumed {
    /// The pause that is over.
    #[serde(flatten)]
    pub pause: Pause,
    /// How many open runs go on.
    pub runs: u64,
}

impl Pause {
    /// Whether it is one of that policy, or of all.
    pub fn is_of(&self, policy: &str) -> bool {
        self.policy.as_ref().is_none_or(|name| name == policy)
    }

    /// Since when it is paused, by whom and why, behind the words that it is.
    pub fn told(&self) -> String {
        let Self { since, by, reason, .. } = self;
        format!("since {since} by {by}: {reason}")
    }
}

/// Pauses a policy, or without one everything. When this returns nothing of it leaves any more,
/// in whichever process; what had begun to leave has had its answer.
pub fn pause(
    store: &Store,
    policy: Option<&str>,
    (by, reason): (&str, &str),
    now: Timestamp,
) -> Result<Pause, EngineError> {
    let pause = store.atomically(|| {
        let (policy_id, name) = named(store, policy)?;
        if let Some(row) = store.pause_of(policy_id)? {
            let told = shown(row, name.clone()).told();
            let what = what(name.as_deref());
            return Err(EngineError::Refused(format!(
                "{what} is paused already, {told}"
            )));
        }
        let (by, reason) = (by.to_owned(), reason.to_owned());
        let row = PauseRow { policy_id, since: now, by, reason };
        store.begin_pause(&row)?;
        Ok(shown(row, name))
    })?;
    Leaving::over(store)?;
    Ok(pause)
}

/// What is paused; everything comes first.
pub fn pauses(store: &Store) -> Result<Vec<Pause>, EngineError> {
    let rows = store.pauses()?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let policies = store.policies()?;
    let name = |id| policies.iter().find(|row| row.id == id).map(|row| row.name.clone());
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = row.policy_id.and_then(name);
            shown(row, name)
        })
        .collect())
}

fn shown(row: PauseRow, policy: Option<String>) -> Pause {
    let PauseRow { since, by, reason, .. } = row;
    Pause { policy, since, by, reason }
}

fn what(policy: Option<&str>) -> String {
    policy.map_or_else(|| "everything".to_owned(), |name| format!("policy `{name}`"))
}

fn named(
    store: &Store,
    policy: Option<&str>,
) -> Result<(Option<i64>, Option<String>), EngineError> {
    let Some(name) = policy else { return Ok((None, None)) };
    match store.policy(name)? {
        Some(row) => Ok((Some(row.id), Some(row.name))),
        None => Err(EngineError::Refused(format!("no policy `{name}`"))),
    }
}

impl Engine<'_> {
    /// Whether an evaluation is left out because of a pause: one by schedule or by an event is
    /// caught up later, and one that somebody asks for is refused.
    pub(super) fn pause_forbids(
        &self,
        (policy_id, name): (i64, &str),
        cause: Cause<'_>,
    ) -> Result<bool, EngineError> {
        if !self.store.is_paused(policy_id)? {
            return Ok(false);
        }
        match cause {
            Cause::Schedule | Cause::Event { .. } => Ok(true),
            _ => Err(EngineError::Refused(format!(
                "policy `{name}` is paused: tenure resume first"
            ))),
        }
    }

    /// Ends the pause of a policy, or of everything. What is paused in no other way goes on,
    /// with windows as long as they would have been.
    pub fn resume(
        &mut self,
        policy: Option<&str>,
        by: &str,
        now: Timestamp,
    ) -> Result<Resumed, EngineError> {
        self.library.refresh(self.store, now)?;
        let store = self.store;
        store.atomically(|| {
            let (policy_id, name) = named(store, policy)?;
            let Some(row) = store.pause_of(policy_id)? else {
                return Err(not_paused(store, name.as_deref())?);
            };
            let pause = shown(row, name);
            store.end_pause(policy_id, (by, now))?;
            let mut runs = 0;
            for row in store.policies()? {
                if policy_id.is_some_and(|id| id != row.id) || store.is_paused(row.id)? {
                    continue;
                }
                let still = (store.still_since(row.id, now)?, now);
                store.put_off_campaign(row.id, still)?;
                let pauses = store.pauses_between(row.id, still)?;
                let review_ends = store.review_ends_at(row.id)?;
                for run in store.open_runs_of(row.id)? {
                    self.goes_on(&run, (still, review_ends), &pauses)?;
                    runs += 1;
                }
            }
            Ok(Resumed { pause, runs })
        })
    }

    /// Ends whatever pauses there are, for a simulation: it shows what would happen.
    pub(crate) fn resume_all(
        &mut self,
        by: &str,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        for pause in pauses(self.store)?.iter().rev() {
            self.resume(pause.policy.as_deref(), by, now)?;
        }
        Ok(())
    }

    /// A run that stood still goes on.
    fn goes_on(
        &mut self,
        row: &RunRow,
        ((since, now), review_ends): ((Timestamp, Timestamp), Option<Timestamp>),
        pauses: &[(PauseRow, Timestamp)],
    ) -> Result<(), EngineError> {
        let run = read(row)?;
        let loaded = self.library.get(self.store, &Pin::of_run(row, &run))?.ok();
        let policy = loaded.as_ref().map(|loaded| &*loaded.policy);
        let since = since.max(row.opened_at).min(now);
        let run = run.stood_still(policy, (since, now), &self.settings.calendar);
        let run =
            review_ends.map_or_else(|| run.clone(), |at| run.clone().open_until(at));
        let body = serde_json::to_string(&run)?;
        // Woken, it finds out itself what is due and what is not.
        let wake_at = row.wake_at.map(|_| now);
        self.store.save_run(&RunRow { wake_at, body, ..row.clone() })?;
        let stood = |(pause, until): &(PauseRow, Timestamp)| Stood {
            everything: pause.policy_id.is_none(),
            since: pause.since,
            until: *until,
            by: pause.by.clone(),
            why: pause.reason.clone(),
        };
        let of_its_time = |(_, until): &&(PauseRow, Timestamp)| *until >= since;
        let pauses = pauses.iter().filter(of_its_time).map(stood).collect();
        let entry = serde_json::to_string(&Entry::StoodStill { since, pauses })?;
        Ok(self.store.append_trail(row.id, now, &entry)?)
    }
}

fn not_paused(store: &Store, name: Option<&str>) -> Result<EngineError, EngineError> {
    let is = format!("{} is not paused", what(name));
    let pauses = pauses(store)?;
    let others: Vec<String> =
        pauses.iter().map(|pause| what(pause.policy.as_deref())).collect();
    Ok(EngineError::Refused(match others.is_empty() {
        true => is,
        false => format!("{is}; paused: {}", others.join(", ")),
    }))
}

impl Run {
    /// The same run, whose windows stood still from one instant to another.
    #[must_use]
    pub fn stood_still(
        self,
        policy: Option<&Policy>,
        span: (Timestamp, Timestamp),
        calendar: &Calendar,
    ) -> Self {
        moved(self, policy, span, calendar)
    }
}

impl Run {
    /// The same run of an access review, whose question is open until the review ends, also where
    /// it arrived while that stood still.
    fn open_until(mut self, ends: Timestamp) -> Self {
        if let State::Reviewing { closes_at: Some(at), .. } = &mut self.state {
            *at = ends;
            let heard = self.asked.iter_mut().filter_map(|asked| asked.heard.as_mut());
            heard.chain(&mut self.heard_until).for_each(|heard| *heard = ends);
        }
        self
    }
}

fn moved(
    mut run: Run,
    policy: Option<&Policy>,
    (from, to): (Timestamp, Timestamp),
    calendar: &Calendar,
) -> Run {
    // A window that opened meanwhile, as an answer came in late, stood still since then.
    let behind = |at: Timestamp, begun: Timestamp, window: Option<Length>| {
        let from = from.max(begun).min(to);
        match window {
            _ if at <= from => at,
            Some(Length::BusinessDays(_)) => calendar.stood_still(at, (from, to)),
            _ => at.after(to.since(from)),
        }
    };
    let length = |step: usize| {
        let step = policy.and_then(|policy| run.step(policy, step));
        match step.map(|step| &step.kind) {
            Some(StepKind::Ask { window, .. }) => Some(*window),
            Some(StepKind::Task { window, .. }) => *window,
            Some(StepKind::Wait(length)) => Some(*length),
            _ => None,
        }
    };
    let asks = |step: usize| {
        let step = policy.and_then(|policy| policy.steps.get(step));
        match step.map(|step| &step.kind) {
            Some(StepKind::Ask { window, .. }) => Some(*window),
            _ => None,
        }
    };
    let mut begun = from;
    let mut state = run.state.clone();
    let mut stage = None;
    match &mut state {
        State::Reviewing { step, asked_at, closes_at, reminders, .. } => {
            let window = length(*step);
            stage = window;
            begun = from.max(*asked_at).min(to);
            *asked_at = asked_at.after(to.since(begun));
            if let Some(closes_at) = closes_at {
                *closes_at = behind(*closes_at, begun, window);
            }
            for reminder in reminders {
                *reminder = behind(*reminder, begun, window);
            }
        }
        State::Tasked { step, asked_at, closes_at, .. } => {
            let window = length(*step);
            begun = from.max(*asked_at).min(to);
            *asked_at = asked_at.after(to.since(begun));
            if let Some(closes_at) = closes_at {
                *closes_at = behind(*closes_at, begun, window);
            }
        }
        State::Waiting { step, until } => *until = behind(*until, from, length(*step)),
        _ => {}
    }
    let heard =
        |asked: &Asked| Some(behind(asked.heard?, begun, asks(asked.step).or(stage)));
    let heard: Vec<Option<Timestamp>> = run.asked.iter().map(heard).collect();
    let until = run.heard_until.map(|until| behind(until, begun, stage));
    for (asked, heard) in run.asked.iter_mut().zip(heard) {
        asked.heard = heard;
    }
    run.acts_at = run.acts_at.map(|at| behind(at, from, None));
    run.heard_until = until;
    run.state = state;
    run
}
