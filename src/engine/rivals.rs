//! Runs beside each other: two that would ask one person about one account, where the second
//! waits for the first; and those of one policy about the accounts of one owner.

use crate::engine::Change;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::run::{Run, State};
use crate::engine::step::Rival;
use crate::facts::SubjectId;
use crate::ir::Policy;
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;

/// The open runs beside this one that are asking somebody about its subject, or about the
/// account that this is part of; none where the run will ask nobody any more.
pub fn rivals(
    store: &Store,
    policy: &Policy,
    run: &Run,
) -> Result<Vec<Rival>, EngineError> {
    let mut found = Vec::new();
    if policy.review_len == 0 || run.settled {
        return Ok(found);
    }
    for row in store.open_runs_about(run.subject.id)? {
        if row.id == run.id.0 {
            continue;
        }
        let other = read(&row)?;
        if asks(&other) {
            let asked = other.asked.iter().map(|asked| fold(&asked.email)).collect();
            found.push(Rival { run: row.id, asked });
        }
    }
    Ok(found)
}

/// Wakes the runs that wait for one that has just stopped asking.
pub(crate) fn next_please(
    store: &Store,
    (before, after): (&Run, &Run),
    now: Timestamp,
) -> Result<(), EngineError> {
    if !asks(before) || asks(after) {
        return Ok(());
    }
    for mut row in store.open_runs_about(after.subject.id)? {
        if matches!(read(&row)?.state, State::InLine { .. }) {
            row.wake_at = Some(now);
            store.save_run(&row)?;
        }
    }
    Ok(())
}

/// What other runs of the policy have changed for the same owner, of those that were open
/// while this one was.
pub(crate) fn siblings(
    store: &Store,
    policy_id: i64,
    run: &Run,
) -> Result<Vec<Change>, EngineError> {
    let Some(owner) = run.owner else { return Ok(Vec::new()) };
    if matches!(run.subject.id, SubjectId::User(_)) {
        return Ok(Vec::new());
    }
    let beside = store.runs_beside((policy_id, run.id.0), owner, run.opened_at)?;
    let mut changes = Vec::new();
    for row in beside {
        changes.extend(read(&row)?.changed);
    }
    Ok(changes)
}

/// Whether the run waits for somebody's answer.
fn asks(run: &Run) -> bool {
    matches!(run.state, State::Reviewing { .. })
}
