//! Why a run that goes on takes no decision: since when nobody is asked, what it waits for, and
//! what can be done about it.

use crate::engine::arms::followed;
use crate::engine::deadline::Deadline;
use crate::engine::errors::EngineError;
use crate::engine::run::{Run, State};
use crate::engine::trail::Entry;
use crate::ir::Policy;
use crate::store::Store;
use crate::time::Timestamp;

/// What is said to whoever decides for a run that asks nobody now.
pub(super) fn unasked(
    store: &Store,
    (policy_id, run): (i64, &Run),
    policy: &Policy,
) -> Result<String, EngineError> {
    let policy = &*followed(policy, run);
    let id = run.id;
    let why = match closed(store, run)? {
        Some(at) => format!("its window closed at {at}, and nobody had decided"),
        None if policy.review_len == 0 => "its policy asks nobody".to_owned(),
        None if run.asked.is_empty() => "nobody was asked yet".to_owned(),
        None => "what it asked is settled".to_owned(),
    };
    let step = |index: usize| {
        let step = run.step(policy, index);
        step.map_or("its next step", |step| step.text.as_str())
    };
    let waits = match &run.state {
        State::Waiting { step: at, until } if run.step(policy, at + 1).is_some() => {
            format!("it waits until {until}, then follows `{}`", step(at + 1))
        }
        State::Waiting { until, .. } => format!("it waits until {until}"),
        State::Tasked { people, .. } => {
            let people = people.iter().map(|asked| asked.email.as_str());
            let people: Vec<&str> = people.collect();
            format!(
                "it waits until a task is done, which `tenure decide {id} done --as EMAIL` \
                 says of {}",
                people.join(", ")
            )
        }
        State::InLine { behind, .. } => {
            format!("it waits{}", Deadline::Behind(*behind).words())
        }
        State::Removing { step: at, .. } => {
            format!("it waits for the answer to `{}`", step(*at))
        }
        State::Failed { why, .. } => {
            format!("it has failed: {why}; `tenure retry {id}` lets it go on")
        }
        State::Held { why, .. } => {
            format!("it is held: {why}; `tenure retry {id}` lets it go on")
        }
        State::At { step: at } => format!("`{}` is next", step(*at)),
        state => format!("it is {}", state.name()),
    };
    let paused = if store.is_paused(policy_id)? { ", and is paused" } else { "" };
    Ok(format!(
        "run {id} is not asking anybody now: {why}; {waits}{paused}; `tenure cancel {id}` stops it"
    ))
}

/// When the window of the last stage closed, where the run was not set going anew since.
fn closed(store: &Store, run: &Run) -> Result<Option<Timestamp>, EngineError> {
    let mut closed = None;
    for (at, entry) in store.trail(run.id.0)? {
        match serde_json::from_str(&entry)? {
            Entry::Ignored { .. } => closed = Some(at),
            Entry::Asked { .. } | Entry::Restarted { .. } => closed = None,
            _ => {}
        }
    }
    Ok(closed)
}
