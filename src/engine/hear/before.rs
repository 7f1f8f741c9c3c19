//! Before a policy comes to stand otherwise it hears, as it stands, all that has happened. So
//! each event is judged by how the policy stood when it happened, however often something runs.

use crate::engine::activate::LeftHeld;
use crate::engine::errors::EngineError;
use crate::engine::hear::listen::heard_as;
use crate::engine::hear::{CHUNK, Ears};
use crate::engine::tick::{Engine, TickReport};
use crate::ir::Policy;
use crate::store::{PolicyRow, Store};
use crate::time::Timestamp;
use serde::Serialize;

/// What a policy heard before it came to stand otherwise, and what it passed over.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Before {
    /// What came of the events that it heard, as it stood.
    pub heard: TickReport,
    /// The events that start nothing, neither as it stood nor as it stands now.
    pub passed_over: Vec<i64>,
    /// Why it could not hear them.
    pub why: Option<String>,
    /// The events that it heard, could not decide, and does not decide any more.
    pub given_up: Vec<i64>,
    /// What was held.
    pub left: LeftHeld,
}

impl Engine<'_> {
    /// Lets a policy that is at work, and its open runs, hear all that has happened by now. Why
    /// it cannot, where it cannot.
    pub(in crate::engine) fn hear_out(
        &mut self,
        row: &PolicyRow,
        now: Timestamp,
    ) -> Result<Option<String>, EngineError> {
        let store = self.store;
        // What has expired by now happened before, too.
        self.expiries(now)?;
        if store.is_paused(row.id)? {
            return Ok(Some("it is paused".to_owned()));
        }
        self.look_again(row, now)?;
        let mut before = None;
        loop {
            let last = store.last_event()?;
            let behind = store.behind(last)?;
            let listener = behind.into_iter().find(|it| it.policy == row.id);
            let Some(listener) = listener.filter(|it| before != Some(*it)) else { break };
            before = Some(listener);
            let (heard_to, heeded_to) = (listener.heard_to, listener.heeded_to);
            self.catch_up(&mut Ears { row, heard_to, heeded_to }, (last, now))?;
        }
        let why = self.report.blocked.remove(&row.name);
        Ok(why.map(|why| format!("it could not be followed: {why}")))
    }

    /// What that led to.
    pub(in crate::engine) fn heard_so_far(&mut self) -> TickReport {
        let mut report = std::mem::take(&mut self.report);
        report.warnings.extend(std::mem::take(&mut self.too_old).warnings());
        report
    }
}

/// The events that a policy has not heard, of those that one of these texts listens to; all of
/// them where no text can be read.
pub(in crate::engine) fn not_heard(
    store: &Store,
    policy: i64,
    texts: &[&Policy],
) -> Result<Vec<i64>, EngineError> {
    let last = store.last_event()?;
    let behind = store.behind(last)?;
    let Some(listener) = behind.into_iter().find(|it| it.policy == policy) else {
        return Ok(Vec::new());
    };
    let mut next = listener.heard_to;
    let mut found = Vec::new();
    while next < last {
        let events = store.events_after(next, CHUNK)?;
        for event in &events {
            let listens = || {
                let mut texts = texts.iter();
                texts.any(|text| heard_as(&text.events, event).is_some())
            };
            let own = event.late || event.known || event.policy == Some(policy);
            if !own && (texts.is_empty() || listens()) {
                found.push(event.id);
            }
        }
        next = events.last().map_or(last, |event| event.id);
    }
    Ok(found)
}
