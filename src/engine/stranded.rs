//! Runs whose version cannot be followed any more: they stand still, whatever is at work now. What
//! those say who were asked is taken in.

use crate::engine::Settings;
use crate::engine::at_work::follow_pin;
use crate::engine::commit::{commit, read};
use crate::engine::errors::EngineError;
use crate::engine::never::nevers;
use crate::engine::pilot::Pin;
use crate::engine::rivals::next_please;
use crate::engine::run::{Decision, State};
use crate::engine::step::{Transition, accept};
use crate::engine::tick::Engine;
use crate::store::Store;
use crate::time::Timestamp;
use serde::Serialize;

/// So many runs are named; of more only how many there are.
const NAMED: usize = 5;

/// A version that cannot be followed, and the open runs that follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranded {
    /// The policy.
    pub policy: String,
    /// The version.
    pub version: u32,
    /// Why it cannot be followed.
    pub why: String,
    /// The runs that stand still.
    pub runs: Vec<i64>,
}

impl Stranded {
    /// Which version cannot be followed, why, and which runs stand still.
    pub fn words(&self) -> String {
        let Self { policy, version, why, runs } = self;
        let stand = match runs.as_slice() {
            [run] => format!("run {run} stands still"),
            runs if runs.len() <= NAMED => {
                let runs: Vec<String> = runs.iter().map(i64::to_string).collect();
                format!("runs {} stand still", runs.join(", "))
            }
            runs => format!("{} runs stand still", runs.len()),
        };
        format!("policy {policy} version {version} cannot be followed: {why}; {stand}")
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        let run = match self.runs.as_slice() {
            [run] => run.to_string(),
            _ => "RUN".to_owned(),
        };
        format!("bring back what it names, or stop what follows it: tenure cancel {run}")
    }
}

/// The versions that open runs follow and that cannot be followed, those at work among them.
/// `store` is only read.
pub fn stranded(
    store: &Store,
    settings: &Settings,
) -> Result<Vec<Stranded>, EngineError> {
    let catalog = store.catalog()?;
    let nevers = nevers(store, &catalog, settings)?;
    let mut found = Vec::new();
    for row in store.policies()? {
        for (version, only) in store.pins_of_open_runs(row.id)? {
            let only = only.as_deref();
            let pin = Pin { id: row.id, name: &row.name, version, only };
            let Err(why) = follow_pin(store, &pin, (&catalog, &nevers))? else {
                continue;
            };
            let runs = store.open_runs_under((row.id, version), only)?;
            found.push(Stranded { policy: row.name.clone(), version, why, runs });
        }
    }
    Ok(found)
}

impl Engine<'_> {
    /// Reports what cannot be followed: what is at work as the policy, anything else with the
    /// runs that follow it.
    pub(super) fn note_blocked(
        &mut self,
        pin: &Pin<'_>,
        why: String,
    ) -> Result<(), EngineError> {
        let Pin { id, version, only, .. } = *pin;
        let row = self.store.policy(pin.name)?;
        let active = row.as_ref().and_then(Pin::active);
        let at_work =
            active.is_some_and(|active| (active.version, active.only) == (version, only));
        let runs = match at_work {
            true => Vec::new(),
            false => self.store.open_runs_under((id, version), only)?,
        };
        let policy = pin.name.to_owned();
        if runs.is_empty() {
            self.report.blocked.insert(policy, why);
            return Ok(());
        }
        let stranded = Stranded { policy, version, why, runs };
        if !self.report.stranded.contains(&stranded) {
            self.report.stranded.push(stranded);
        }
        Ok(())
    }

    /// Takes in what somebody decided about a run whose version cannot be followed, in the
    /// caller's transaction, as under a pause: what follows from it waits.
    pub(super) fn hear_decision(
        &mut self,
        (run_id, policy_id): (i64, i64),
        decision: Decision,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let row = store.run(run_id)?.ok_or(EngineError::NoRun(run_id))?;
        let before = read(&row)?;
        let mut run = before.clone();
        let decided = accept(&mut run, decision).map_err(EngineError::Refused)?;
        // Nobody is asked any more.
        let withdrawn = run.under_way();
        run.unheard.clear();
        run.reminding.clear();
        run.tasking.clear();
        run.awaits = None;
        run.state = State::At { step: 0 };
        let transition = Transition {
            run,
            trail: vec![decided],
            effects: Vec::new(),
            withdrawn,
            changes: Vec::new(),
            takes: false,
            wake_at: Some(now),
        };
        self.note_stop(&before, &transition.run);
        commit(store, policy_id, &transition, (now, now))?;
        next_please(store, (&before, &transition.run), now)
    }
}
