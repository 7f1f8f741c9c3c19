//! How the policies begin that a plan or a simulation asks about: those of files are put to work in
//! a copy of the store.

use crate::engine::{self, Engine, EngineError, Settings, TickReport, parse};
use crate::store::{Mode, Store};
use crate::time::Timestamp;
use serde::Serialize;

/// How a policy begins in a simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Start {
    /// The policy.
    pub policy: String,
    /// Whether it is activated; else it is at work with this text already, and goes on as it is.
    pub activated: bool,
    /// When it is first evaluated by its schedule, or at once.
    pub first_evaluation: Option<Timestamp>,
    /// Whether it has no schedule, and waits for events.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_events: bool,
}

/// Lets a policy (name and text) begin: one that is at work with the same text, for all in its
/// scope and in earnest, stays as it is; any other is activated, and what was at work of it first
/// hears what has happened. Gives also what came of that.
pub(super) fn begin(
    (engine, store): (&mut Engine<'_>, &Store),
    (name, text): &(String, String),
    (settings, at_once): (&Settings, bool),
    from: Timestamp,
) -> Result<(Start, TickReport), EngineError> {
    let catalog = store.catalog()?;
    let policy = parse(name, text, &catalog);
    let activated = !is_at_work(store, name, text)?;
    let mut heard = TickReport::default();
    if activated {
        let version = store.publish(name, text, from)?.version;
        match (&policy, store.policy(name)?) {
            (Ok(policy), _) => {
                let (what, mode) = ((policy, &catalog), Mode::default());
                heard = engine.activate((name, version), what, (&mode, from))?.heard;
            }
            // It will be blocked, which is to be seen.
            (Err(_), Some(row)) => store.activate(row.id, version, from)?,
            (Err(_), None) => {}
        }
    }
    let mut start = Start {
        policy: name.clone(),
        activated,
        first_evaluation: None,
        waits_for_events: false,
    };
    let scheduled_from = store.policy(name)?.and_then(|row| row.scheduled_from);
    if let (Ok(policy), Some(since)) = (&policy, scheduled_from) {
        start.waits_for_events = policy.waits_for_events();
        start.first_evaluation = match activated && at_once && !start.waits_for_events {
            true => Some(from),
            false => {
                let schedule = policy.schedule.as_ref();
                let next = schedule.and_then(|it| it.next_after(since, settings.zone));
                // What was missed is caught up at once.
                next.map(|next| next.max(from))
            }
        };
    }
    Ok((start, heard))
}

/// Whether a policy is at work with this text, for all in its scope and in earnest.
fn is_at_work(store: &Store, name: &str, text: &str) -> Result<bool, EngineError> {
    let Some(row) = store.policy(name)? else { return Ok(false) };
    let Some(version) = row.active.filter(|_| row.mode == Mode::default()) else {
        return Ok(false);
    };
    Ok(store.policy_text(row.id, version)?.as_deref() == Some(text))
}

/// Publishes and activates the policies (name and text) in a store that is only a copy.
pub(super) fn put_to_work(
    store: &Store,
    texts: &[(String, String)],
    from: Timestamp,
) -> Result<(), EngineError> {
    for (name, text) in texts {
        let version = store.publish(name, text, from)?.version;
        let Some(row) = store.policy(name)? else { continue };
        let catalog = store.catalog()?;
        match parse(name, text, &catalog) {
            Ok(policy) => {
                let (version, mode) = ((&row, version), Mode::default());
                store.atomically(|| {
                    let what = (&policy, &catalog);
                    engine::put_to_work(store, version, what, (&mode, from))
                })?;
            }
            // It will be blocked, which is to be seen.
            Err(_) => store.activate(row.id, version, from)?,
        }
    }
    Ok(())
}
