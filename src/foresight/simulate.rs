//! What would become of it over the days.

use crate::actions::Recorder;
use crate::engine::{Engine, EngineError, Entry, Settings, TickReport};
use crate::foresight::start::{Start, begin};
use crate::store::Store;
use crate::time::{Duration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that would happen within a length of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulation {
    /// The form of this document.
    pub schema: &'static str,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub until: Timestamp,
    /// How each of the policies that are asked about begins.
    pub policies: Vec<Start>,
    /// What would happen, in order.
    pub events: Vec<Line>,
    /// Where each run would stand at the end.
    pub runs: Vec<RunLine>,
    /// Evaluations that would pass their limit and so open nothing.
    pub held: Vec<HeldLine>,
    /// Policies that cannot be followed, and why.
    pub blocked: BTreeMap<String, String>,
}

/// One line of a run's trail, with the run it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Whole days since the first instant.
    pub day: i64,
    /// The run.
    pub run: i64,
    /// Its policy.
    pub policy: String,
    /// Whose access it is about.
    pub subject: String,
    /// Whether the run is only observed, so that nothing of it is done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// A run at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// The run.
    pub run: i64,
    /// Its policy.
    pub policy: String,
    /// Whose access it is about.
    pub subject: String,
    /// Where it stands.
    pub state: String,
    /// Whether it is only observed, so that nothing of it is done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
}

/// An evaluation that would be held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLine {
    /// When.
    pub at: Timestamp,
    /// The policy.
    pub policy: String,
    /// How many runs it would have opened.
    pub would_open: u64,
    /// How many had been opened by then of those that count.
    pub opened: u64,
    /// How many of them may be.
    pub allowed: u64,
    /// Whether that is the limit of the whole store, and not the policy's own.
    pub of_store: bool,
}

/// Activates the policies (name and text) at `from` as `activate` does, with `at_once` as
/// `activate --at-once`, and lets the days pass; one that is at work with the same text goes on
/// as it is. `store` is changed: give it a copy. Nobody answers; notices arrive and other systems
/// succeed at once. `progress` hears of each instant that is reached.
pub fn simulate(
    store: &Store,
    (texts, at_once): (&[(String, String)], bool),
    settings: &Settings,
    (from, length): (Timestamp, Duration),
    progress: &mut dyn FnMut(Timestamp),
) -> Result<Simulation, EngineError> {
    let until = from.after(length);
    let before = store.ledger(0)?.last().map_or(0, |line| line.0);
    let mut hands = Recorder::default();
    let mut seen = Seen::default();
    // The imports are missing that would come in between: what is fresh stays so.
    store.doubt(&settings.freshness, from)?;
    store.keep_doubts();
    let mut engine = Engine::new(store, &mut hands, settings)?;
    engine.resume_all("the simulation", from)?;
    let mut policies = Vec::new();
    for text in texts {
        let (start, heard) =
            begin((&mut engine, store), text, (settings, at_once), from)?;
        policies.push(start);
        seen.add(from, heard);
    }
    for start in policies.iter().filter(|start| start.activated && at_once) {
        seen.add(from, engine.evaluate_now(&start.policy, from)?);
    }
    let report = engine.tick(from)?;
    // A policy's own clock: it never stands still, so this ends.
    let mut due = report.next_due;
    seen.add(from, report);
    while let Some(now) = due.filter(|due| *due <= until) {
        progress(now);
        let report = engine.tick(now)?;
        due = report.next_due;
        seen.add(now, report);
    }
    // Of what is only observed nobody is asked, and nothing comes.
    let mut events = ledger(store, before, from)?;
    events.retain(|line| !line.observed);
    let mut runs = runs(store)?;
    runs.retain(|line| !line.observed);
    Ok(Simulation {
        schema: "tenure.simulation/1",
        from,
        until,
        policies,
        events,
        runs,
        held: seen.held,
        blocked: seen.blocked,
    })
}

/// What the ticks reported.
#[derive(Default)]
struct Seen {
    held: Vec<HeldLine>,
    blocked: BTreeMap<String, String>,
}

impl Seen {
    fn add(&mut self, at: Timestamp, report: TickReport) {
        self.blocked.extend(report.blocked);
        let held = report.evaluations.into_iter().filter(|found| found.survey.limit.held);
        self.held.extend(held.map(|found| HeldLine {
            at,
            policy: found.policy,
            would_open: u64::try_from(found.survey.opens.len()).unwrap_or(u64::MAX),
            opened: found.survey.limit.opened,
            allowed: found.survey.limit.allowed.unwrap_or(u64::MAX),
            of_store: found.survey.limit.of_store,
        }));
    }
}

/// The trails of all runs behind a line, in the order of what happened.
pub fn ledger(
    store: &Store,
    after: i64,
    from: Timestamp,
) -> Result<Vec<Line>, EngineError> {
    let runs: BTreeMap<i64, RunLine> =
        runs(store)?.into_iter().map(|line| (line.run, line)).collect();
    let mut lines = Vec::new();
    for (_, run, at, event) in store.ledger(after)? {
        let Some(known) = runs.get(&run) else { continue };
        let entry = serde_json::from_str(&event)?;
        // It says nothing of what happened.
        if matches!(entry, Entry::Known(_)) {
            continue;
        }
        lines.push(Line {
            at,
            day: at.since(from).0.div_euclid(Duration::DAY.0),
            run,
            policy: known.policy.clone(),
            subject: known.subject.clone(),
            observed: known.observed,
            entry,
        });
    }
    Ok(lines)
}

fn runs(store: &Store) -> Result<Vec<RunLine>, EngineError> {
    let names: BTreeMap<i64, String> = store
        .policies()?
        .into_iter()
        .map(|policy| (policy.id, policy.name))
        .collect();
    let rows = store.runs(false)?.into_iter();
    Ok(rows
        .map(|row| RunLine {
            run: row.id,
            policy: names.get(&row.policy_id).cloned().unwrap_or_default(),
            subject: row.subject.name,
            state: row.state,
            observed: row.observed,
        })
        .collect())
}
