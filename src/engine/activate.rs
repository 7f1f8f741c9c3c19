//! A version is put to work.

use crate::catalog::Catalog;
use crate::engine::commit::{commit, read};
use crate::engine::errors::EngineError;
use crate::engine::references::remember_names;
use crate::engine::rivals::next_please;
use crate::engine::run::{Run, State};
use crate::engine::states::lifecycle_item;
use crate::engine::step::Transition;
use crate::engine::trail::Entry;
use crate::ir::Policy;
use crate::store::{Mode, PolicyRow, Store};
use crate::time::Timestamp;

/// Makes a version the active one, for all in its scope or for a pilot, in earnest or to be
/// observed. `policy` is what its text says, narrowed to the pilot.
///
/// Open runs stay as they are. Those that were only observed end: from now on they would
/// stand for something else than what is at work.
pub fn activate(
    store: &Store,
    (row, version): (&PolicyRow, u32),
    (policy, catalog): (&Policy, &Catalog),
    (mode, now): (&Mode, Timestamp),
) -> Result<(), EngineError> {
    store
        .atomically(|| put_to_work(store, (row, version), (policy, catalog), (mode, now)))
}

/// The same, in the caller's transaction.
pub(crate) fn put_to_work(
    store: &Store,
    (row, version): (&PolicyRow, u32),
    (policy, catalog): (&Policy, &Catalog),
    (mode, now): (&Mode, Timestamp),
) -> Result<(), EngineError> {
    for open in store.open_runs_of(row.id)? {
        if open.observed {
            end(store, row.id, &read(&open)?, now)?;
        }
    }
    if !store.activate_as((row.id, version), mode, now)? {
        return Err(EngineError::Refused(format!(
            "policy `{}` has no version {version}",
            row.name
        )));
    }
    let text = store.policy_text(row.id, version)?.unwrap_or_default();
    store.set_lifecycle_item((row.id, version), &lifecycle_item(&text))?;
    Ok(remember_names(store, (row.id, version), (policy, catalog))?)
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
