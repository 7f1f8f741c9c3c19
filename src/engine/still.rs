//! What a run took away and newer data shows still: the run has failed.

use crate::engine::Change;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::pilot::Pin;
use crate::engine::run::State;
use crate::engine::step::Event;
use crate::engine::tick::Engine;
use crate::store::{Gone, StillThere, Store};
use crate::time::Timestamp;
use std::collections::BTreeMap;

impl Engine<'_> {
    /// Tells the runs whose work has come to nothing.
    pub(super) fn still_there(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        // All of a run at once: it fails once, and tells of it once.
        let mut of_runs: BTreeMap<i64, Vec<StillThere>> = BTreeMap::new();
        for found in store.still_there()? {
            of_runs.entry(found.run).or_default().push(found);
        }
        for (run, all) in of_runs {
            let found_out = || all.iter().try_for_each(|found| store.found_out(found.id));
            let Some(row) = store.run(run)? else {
                found_out()?;
                continue;
            };
            let run = read(&row)?;
            // What it is about to hear comes first, and what it cannot follow now it will later.
            if matches!(run.state, State::Removing { .. })
                || self.loaded(&Pin::of_run(&row, &run))?.is_none()
            {
                continue;
            }
            let given_up = run.state == State::Cancelled || run.undone.is_some();
            // Another run of the policy for the same subject has taken the matter over.
            let others = store.runs_of(row.subject.id)?;
            let another = others.iter().any(|other| {
                other.id > row.id
                    && other.policy_id == row.policy_id
                    && other.observed == row.observed
            });
            let mut shown = Vec::with_capacity(all.len());
            for found in &all {
                let change: Change = serde_json::from_str(&found.change)?;
                shown.push((change, found.shown_at));
            }
            let event = Event::StillThere { shown };
            store.atomically(|| {
                found_out()?;
                match given_up || another {
                    true => Ok(()),
                    false => self.advance(&row, event, now),
                }
            })?;
            moved = true;
        }
        Ok(moved)
    }
}

/// Looks from now on for what a change took; whoever is given something back is looked for no
/// longer.
pub(super) fn look_out(
    store: &Store,
    (run, change): (i64, &Change),
    now: Timestamp,
) -> Result<(), EngineError> {
    let gone = match change {
        Change::Disable { account, .. } => Gone::Disabled(*account),
        Change::DeleteAccount { account, .. } | Change::Unassign { account } => {
            Gone::Account(*account)
        }
        Change::Revoke { account, permission, .. } => {
            Gone::Permission(*account, permission.id.0)
        }
        Change::Leave { user, group, .. } => Gone::Membership(*user, group.0),
        Change::Join { user, group } => {
            return Ok(store.made_member(run, (*user, group.0), now)?);
        }
        // Of users, roles, passwords and sessions no source is known whose age could be told.
        Change::GiveRole { .. }
        | Change::TakeRole { .. }
        | Change::UserStatus { .. }
        | Change::DeleteUser { .. }
        | Change::ExpirePassword { .. }
        | Change::EndSessions { .. }
        | Change::SetLifecycle { .. }
        | Change::Set { .. } => return Ok(()),
    };
    let change = serde_json::to_string(change)?;
    Ok(store.look_out((run, gone), &change, now)?)
}
