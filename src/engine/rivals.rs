//! Runs beside each other: two that would ask one person about one account, or one that would ask
//! about what another one takes, where the second waits for the first; and those of one policy about the accounts of one owner.

use crate::engine::Change;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::run::{Run, State, Track};
use crate::engine::step::Rival;
use crate::facts::SubjectId;
use crate::ir::Policy;
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;

/// The open runs beside this one that are asking somebody about its subject, or about the
/// account that this is part of, or that take it away; none where the run will ask nobody any more.
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
        // Who is only observed asks nobody, so that nobody in earnest waits for it.
        if row.id == run.id.0 || (row.observed && !run.observed) {
            continue;
        }
        let other = read(&row)?;
        // Who takes one permission does not take the account.
        let covers = || -> Result<bool, EngineError> {
            let (own, its) = (run.subject.id, other.subject.id);
            let account = store.account_of(own)?.map(SubjectId::Account);
            Ok(own == its || account == Some(its))
        };
        if asks(&other) {
            let asked = other.asked.iter().map(|asked| fold(&asked.email)).collect();
            found.push(Rival { run: row.id, asked, takes: false });
        } else if takes(&other) && covers()? {
            found.push(Rival { run: row.id, asked: Vec::new(), takes: true });
        }
    }
    Ok(found)
}

/// Wakes the runs that wait for one that has just stopped asking, and takes nothing now.
pub(crate) fn next_please(
    store: &Store,
    (before, after): (&Run, &Run),
    now: Timestamp,
) -> Result<(), EngineError> {
    let first = |run: &Run| asks(run) || takes(run);
    if !first(before) || first(after) {
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
    if beside.is_empty() {
        return Ok(Vec::new());
    }
    let account = store.account_of(run.subject.id)?;
    let mut changes = Vec::new();
    // What was only observed was not changed.
    for row in beside.into_iter().filter(|row| !row.observed) {
        changes.extend(read(&row)?.changed);
    }
    // What was done to another account says nothing of this one.
    changes.retain(|change| change.account().is_none_or(|id| Some(id) == account));
    Ok(changes)
}

/// Whether it is decided that the run takes something away, and that is under way: whoever said
/// so is not asked again about the same. One that waits for days takes nothing meanwhile.
fn takes(run: &Run) -> bool {
    let settled = run.settled && run.track == Track::Then && run.failure.is_none();
    settled
        && match run.state {
            State::At { .. } | State::Removing { .. } => true,
            State::Held { .. } => run.room_at.is_some(),
            // A policy that hears of the rejection may ask about it.
            State::Waiting { .. } => run.is_rejected() && run.rejection.is_none(),
            _ => false,
        }
}

/// Whether the run waits for somebody's answer.
fn asks(run: &Run) -> bool {
    matches!(run.state, State::Reviewing { .. })
}
