//! A version is put to work, or none any more.

use crate::catalog::Catalog;
use crate::engine::Settings;
use crate::engine::at_work::active_policy;
use crate::engine::commit::{commit, read};
use crate::engine::errors::EngineError;
use crate::engine::hear::{Before, carry_over, not_heard};
use crate::engine::pilot::Pin;
use crate::engine::references::remember_names;
use crate::engine::rivals::next_please;
use crate::engine::run::{Run, State};
use crate::engine::states::lifecycle_item;
use crate::engine::step::Transition;
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::ir::Policy;
use crate::store::{Mode, PolicyRow, Store};
use crate::time::Timestamp;
use serde::Serialize;

impl Engine<'_> {
    /// Makes a version the active one, for all in its scope or for a pilot, in earnest or to be
    /// observed. `policy` is what its text says, narrowed to the pilot.
    ///
    /// What has happened by now is judged by what was at work: that hears it first. Where it
    /// cannot, and stands otherwise from now on, nobody does.
    pub fn activate(
        &mut self,
        (name, version): (&str, u32),
        (policy, catalog): (&Policy, &Catalog),
        (mode, now): (&Mode, Timestamp),
    ) -> Result<Before, EngineError> {
        let store = self.store;
        self.library.refresh(store, now)?;
        // Something else may happen, or somebody else be faster, while it hears.
        for _ in 0..PATIENCE {
            let row = store.policy(name)?;
            let row =
                row.ok_or_else(|| EngineError::Refused(format!("no policy `{name}`")))?;
            let stood = Pin::active(&row);
            let (mut why, mut before) = (None, None);
            if let Some(pin) = &stood {
                why = self.hear_out(&row, now)?;
                before = self.library.get(store, pin)?.ok();
            }
            let texts: Vec<&Policy> =
                before.iter().map(|it| &*it.policy).chain([policy]).collect();
            let done = store.atomically(|| {
                let unheard = match stood {
                    Some(_) => not_heard(store, row.id, &texts)?,
                    None => Vec::new(),
                };
                let same = store.policy(name)?.as_ref() == Some(&row);
                if !same || (why.is_none() && !unheard.is_empty()) {
                    return Ok(None);
                }
                let passed_over = match (row.active, &row.mode) == (Some(version), mode) {
                    true => Vec::new(),
                    false => unheard,
                };
                store.pass_over(row.id, &passed_over)?;
                let given_up =
                    put_to_work(store, (&row, version), (policy, catalog), (mode, now))?;
                Ok::<_, EngineError>(Some((passed_over, given_up)))
            })?;
            if let Some((passed_over, given_up)) = done {
                let why = why.filter(|_| !passed_over.is_empty());
                let heard = self.heard_so_far();
                let left = left_held(store, &row, version)?;
                return Ok(Before { heard, passed_over, why, given_up, left });
            }
        }
        Err(EngineError::Refused(format!(
            "policy `{name}` cannot be activated now: something happens all the time"
        )))
    }
}

/// How often it is tried to put a policy to work that has just heard everything.
const PATIENCE: usize = 100;

/// Ends the evaluations of a policy; its open runs go on. Nothing is opened any more, so what it
/// has not heard yet is passed over.
pub fn deactivate(
    store: &Store,
    row: &PolicyRow,
    settings: &Settings,
) -> Result<Vec<i64>, EngineError> {
    let catalog = store.catalog()?;
    store.atomically(|| {
        // Of what cannot be followed nobody knows to what it listens.
        let policy = match active_policy(store, row, (&catalog, settings)) {
            Ok(policy) => policy,
            Err(EngineError::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let texts: Vec<&Policy> = policy.iter().collect();
        let passed_over = match row.active {
            Some(_) => not_heard(store, row.id, &texts)?,
            None => Vec::new(),
        };
        store.pass_over(row.id, &passed_over)?;
        let given_up = carry_over(store, row, None)?;
        store.deactivate(row.id)?;
        Ok([given_up, passed_over].concat())
    })
}

/// Puts a version to work, in the caller's transaction.
///
/// Gives the events that it had heard, could not decide, and does not decide any more.
///
/// Open runs stay as they are. Those that were only observed end: from now on they would
/// stand for something else than what is at work.
pub(crate) fn put_to_work(
    store: &Store,
    (row, version): (&PolicyRow, u32),
    (policy, catalog): (&Policy, &Catalog),
    (mode, now): (&Mode, Timestamp),
) -> Result<Vec<i64>, EngineError> {
    for open in store.open_runs_of(row.id)? {
        if open.observed {
            end(store, row.id, &read(&open)?, now)?;
        }
    }
    let given_up = carry_over(store, row, Some((version, policy, mode)))?;
    if !store.activate_as((row.id, version), mode, now)? {
        return Err(EngineError::Refused(format!(
            "policy `{}` has no version {version}",
            row.name
        )));
    }
    let text = store.policy_text(row.id, version)?.unwrap_or_default();
    store.set_lifecycle_item((row.id, version), &lifecycle_item(&text))?;
    remember_names(store, (row.id, version), (policy, catalog))?;
    Ok(given_up)
}

/// Evaluations of other versions that were held as one was put to work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftHeld {
    /// Those for events that it evaluates anew.
    pub anew: Vec<i64>,
    /// Those for events that stay held, as it is not at work for all these people in earnest.
    pub stay: Vec<i64>,
    /// Those for all in scope: the next evaluation finds again whom they held.
    pub over: Vec<i64>,
}

fn left_held(
    store: &Store,
    row: &PolicyRow,
    version: u32,
) -> Result<LeftHeld, EngineError> {
    let mut left = LeftHeld::default();
    let waiting = store.awaited(row.id, None)?;
    for held in store.held()? {
        if held.policy_id != row.id || held.version == version {
            continue;
        }
        let number = held.evaluation;
        let list = match held.for_events {
            false => &mut left.over,
            true if waiting.iter().any(|it| it.held == Some(number)) => &mut left.anew,
            true => &mut left.stay,
        };
        list.push(number);
    }
    Ok(left)
}

/// Ends an observed run.
fn end(
    store: &Store,
    policy_id: i64,
    run: &Run,
    now: Timestamp,
) -> Result<(), EngineError> {
    let state = State::Cancelled;
    let why = Some("the policy was activated anew".to_owned());
    let ended = Entry::Ended { state: state.name().to_owned(), why };
    let transition = Transition {
        takes: false,
        run: Run { state, ..run.clone() },
        trail: vec![ended],
        effects: Vec::new(),
        withdrawn: Vec::new(),
        changes: Vec::new(),
        wake_at: None,
    };
    commit(store, policy_id, &transition, (now, now))?;
    next_please(store, (run, &transition.run), now)
}
