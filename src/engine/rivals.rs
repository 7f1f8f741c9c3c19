//! Two runs that would ask one person about one account: the second waits for the first.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::run::{Run, State};
use crate::engine::step::Rival;
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

/// Whether the run waits for somebody's answer.
fn asks(run: &Run) -> bool {
    matches!(run.state, State::Reviewing { .. })
}
