//! A transition becomes rows, all in the caller's one transaction.

use crate::engine::arms::{Chosen, narrowed, only_edges};
use crate::engine::errors::EngineError;
use crate::engine::run::{Run, RunId, State, Track};
use crate::engine::step::{Transition, blocks_until};
use crate::engine::still::look_out;
use crate::engine::survey::Reason;
use crate::engine::undo::target;
use crate::facts::{Facts, Subject};
use crate::ir::Policy;
use crate::query::Moment;
use crate::store::{Raising, RunRow, Store};
use crate::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// Writes a transition: the run, its trail, its effects, and what it changes in the store.
/// `rest` is until when its subject rests where it has ended and took nothing.
pub(crate) fn commit(
    store: &Store,
    policy_id: i64,
    transition: &Transition,
    (rest, now): (Timestamp, Timestamp),
) -> Result<(), EngineError> {
    let Transition {
        run,
        trail,
        effects,
        withdrawn,
        changes,
        takes,
        wake_at,
    } = transition;
    let open = run.state.is_open();
    // What arrives later, as a last mail does, moves neither the end nor the rest after it.
    let before = if open { None } else { store.run(run.id.0)? };
    let over = before.filter(|it| it.ended_at.is_some() && it.state == run.standing());
    let (ended_at, blocks_until) = match over {
        Some(row) => (row.ended_at, row.blocks_until),
        None => ((!open).then_some(now), rests(run, rest)),
    };
    store.save_run(&RunRow {
        id: run.id.0,
        policy_id,
        version: run.version,
        subject: run.subject.clone(),
        state: run.standing().to_owned(),
        opened_at: run.opened_at,
        ended_at,
        blocks_until,
        wake_at: *wake_at,
        observed: run.observed,
        only: run.only.clone(),
        body: serde_json::to_string(run)?,
    })?;
    for key in withdrawn {
        store.withdraw_effect(key, now)?;
    }
    for entry in trail {
        store.append_trail(run.id.0, now, &serde_json::to_string(entry)?)?;
    }
    for (key, effect) in effects {
        store.enqueue(key, run.id.0, &serde_json::to_string(effect)?, now)?;
    }
    if *takes {
        store.note_taking((run.id.0, policy_id), now)?;
    }
    if changes.is_empty() {
        return Ok(());
    }
    store.raising(&Raising {
        at: now,
        origin: None,
        batch: Some(store.last_event()? + 1),
        run: Some((policy_id, run.id.0)),
        depth: run.heard.as_ref().map_or(0, |heard| heard.depth + 1),
    })?;
    for change in changes {
        change.make(store, now)?;
        store.note_made(run.id.0, &target(change))?;
        look_out(store, (run.id.0, change), now)?;
    }
    Ok(store.end_raising()?)
}

/// Until when no other run opens. What was done for an edge is done: the next one is another.
fn rests(run: &Run, rest: Timestamp) -> Timestamp {
    match run.state {
        State::Removed | State::Done if run.edge => Timestamp(0),
        State::Cancelled if run.called_off => Timestamp(0),
        _ => blocks_until(&run.state, rest),
    }
}

/// Whom a run is about, and whose access it is.
pub(crate) fn of_whom(facts: &Facts) -> (Subject, Option<i64>) {
    (facts.subject.clone(), facts.user.as_ref().map(|user| user.id))
}

/// A run that has not begun.
pub(crate) fn new_run(
    (store_id, id): (&str, i64),
    (policy, version): (&str, u32),
    (subject, owner): (Subject, Option<i64>),
    now: Timestamp,
) -> Run {
    Run {
        id: RunId(id),
        policy: policy.to_owned(),
        version,
        key: key(store_id, id, &subject, now),
        subject,
        opened_at: now,
        state: State::At { step: 0 },
        asked: Vec::new(),
        decision: None,
        changed: Vec::new(),
        took: false,
        effects: 0,
        answer: None,
        unheard: Vec::new(),
        owner,
        settled: false,
        heard_until: None,
        beyond: false,
        observed: false,
        only: None,
        chosen: Chosen::default(),
        activated: None,
        edge: false,
        track: Track::default(),
        failure: None,
        together: None,
        reminding: Vec::new(),
        tasking: Vec::new(),
        partly: Vec::new(),
        undone: None,
        begun: false,
        released: false,
        acts_at: None,
        rejection: None,
        rejected_with: None,
        on_demand: false,
        room_at: None,
        awaits: None,
        heard: None,
        ends_at: None,
        after_event: 0,
        called_off: false,
        rest: None,
    }
}

/// The same run, opened for that reason at that moment.
pub(crate) fn opened_for(
    run: Run,
    reason: &Reason,
    (policy, at): (&Policy, Moment),
) -> Run {
    let followed = narrowed(policy, &reason.chosen);
    Run {
        chosen: reason.chosen.clone(),
        activated: at.activated,
        edge: only_edges(&followed),
        rest: policy.rest,
        ..run
    }
}

/// A run that is only thought of, for plans; it has no number and no keys that anyone sees.
pub fn imagined_run(
    policy: &Policy,
    facts: &Facts,
    (reason, at): (&Reason, Moment),
) -> Run {
    let run = new_run(("", 0), (&policy.name, 0), of_whom(facts), at.now);
    opened_for(run, reason, (policy, at))
}

/// The run of a row.
pub(crate) fn read(row: &RunRow) -> Result<Run, EngineError> {
    Ok(serde_json::from_str(&row.body)?)
}

/// What the keys of a run's effects begin with: the same in every process that follows the
/// run, and in no other store; nor in this one, should it be set back to an earlier state.
fn key(store_id: &str, run: i64, subject: &Subject, opened_at: Timestamp) -> String {
    stable_key(store_id, &format!("{run}/{subject}/{opened_at}"))
}

/// A key that is the same in every process that asks for it, and in no other store.
pub(crate) fn stable_key(store_id: &str, about: &str) -> String {
    let digest = Sha256::digest(format!("{store_id}/{about}"));
    let hex = digest.iter().take(12).map(|byte| format!("{byte:02x}"));
    format!("msg_{}", hex.collect::<String>())
}
