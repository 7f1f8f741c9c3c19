//! Events: received or raised, put on record in order, and heard by each policy in that order.
//!
//! Every policy remembers up to which event it has listened, and up to which its open runs
//! have. So an event is heard once by each, also where a policy cannot be followed for a while.

mod again;
mod among;
mod before;
mod chronicle;
mod doubt;
mod expiry;
mod fields;
mod gate;
mod heed;
mod listen;
mod message;
mod over;
mod receive;
mod request;
mod told;

pub(crate) use crate::engine::hear::again::Wait;
pub(in crate::engine) use crate::engine::hear::again::{carry_over, leave_waiting};
pub(in crate::engine) use crate::engine::hear::among::counts;
pub(crate) use crate::engine::hear::among::{survey_among, whoever};
pub use crate::engine::hear::before::Before;
pub(in crate::engine) use crate::engine::hear::before::not_heard;
pub use crate::engine::hear::chronicle::{Affected, Happened, Listened, happened};
pub use crate::engine::hear::gate::{Answer, Refusal};
pub use crate::engine::hear::heed::Interrupted;
pub use crate::engine::hear::listen::event_words;
pub use crate::engine::hear::message::{EventMessage, KINDS};
pub use crate::engine::hear::receive::Received;

use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::hear::expiry::Taker;
use crate::engine::hear::listen::{heard_as, words};
use crate::engine::hear::over::over_since;
use crate::engine::library::Loaded;
use crate::engine::pilot::Pin;
use crate::engine::survey::Count;
use crate::engine::tick::Engine;
use crate::engine::trail::Because;
use crate::facts::SubjectId;
use crate::ir::{EventKind, Policy};
use crate::store::{EventRow, PolicyRow, Store};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Events are read so many at a time.
const CHUNK: u32 = 5_000;
/// A chain of events that policies raise for each other ends after so many.
const LONGEST_CHAIN: u32 = 8;

/// Why an event opens a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The event, and how it came about.
    pub because: Because,
    /// How many policies stand before the run in a chain of events.
    pub depth: u32,
    /// The last event of the batch: the run heeds those behind it.
    pub last: i64,
    /// The event itself.
    #[serde(default)]
    pub event: i64,
    /// Whether it is that access ends by itself.
    #[serde(default)]
    pub expired: bool,
    /// Why what it tells is over by now: then it opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
}

/// Whom the events of a batch reach.
pub(crate) type Reached = BTreeMap<SubjectId, Heard>;

impl Engine<'_> {
    /// Lets every policy, and every open run, hear what it has not heard of yet.
    pub(super) fn events(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let last = store.last_event()?;
        let behind = store.behind(last)?;
        if behind.is_empty() {
            return Ok(false);
        }
        let rows = store.policies()?;
        let mut moved = false;
        for listener in behind {
            let Some(row) = rows.iter().find(|row| row.id == listener.policy) else {
                continue;
            };
            // It hears what happened meanwhile when it goes on.
            if store.is_paused(row.id)? {
                continue;
            }
            let mut ears = Ears {
                row,
                heard_to: listener.heard_to,
                heeded_to: listener.heeded_to,
            };
            moved |= self.catch_up(&mut ears, (last, now))?;
        }
        Ok(moved)
    }

    fn catch_up(
        &mut self,
        ears: &mut Ears<'_>,
        (last, now): (i64, Timestamp),
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let row = ears.row;
        // What cannot be followed listens when it can be again.
        let active = match Pin::active(row) {
            Some(pin) => self.loaded(&pin)?,
            None => None,
        };
        let mut deaf = active.is_none();
        let listens = active.as_ref().is_some_and(|it| !it.policy.events.is_empty());
        // One that is not at work hears nothing: it is put to work as of then.
        if row.active.is_none() {
            ears.heard_to = last;
        } else if active.is_some() && !listens {
            store.set_heard_to(row.id, last)?;
            ears.heard_to = last;
        }
        if !store.has_open_runs(row.id)? && !listens {
            store.set_heeded_to(row.id, last)?;
            ears.heeded_to = last;
        }
        let mut moved = false;
        let mut heedless = false;
        let mut next = ears.heeded_to.min(ears.heard_to);
        loop {
            let events = store.events_after(next, CHUNK)?;
            // What concerns nobody is noted at the end: where a process ends before, it is
            // only read again.
            let (mut heard_to, mut heeded_to) = (ears.heard_to, ears.heeded_to);
            for batch in events.chunk_by(together) {
                let Some(end) = batch.last().map(|event| event.id) else { continue };
                next = end;
                if end > ears.heeded_to && !heedless {
                    match self.heed(row.id, batch, now)? {
                        Some(concerned) => moved |= concerned,
                        None => heedless = true,
                    }
                    if !heedless {
                        heeded_to = end;
                    }
                }
                if end > ears.heard_to
                    && !deaf
                    && let Some(loaded) = &active
                {
                    match self.hear((row, loaded), batch, now) {
                        Ok(meant) => {
                            moved |= meant;
                            heard_to = end;
                        }
                        Err(
                            error @ (EngineError::Disagreement { .. }
                            | EngineError::Refused(_)),
                        ) => {
                            deaf = true;
                            let why = error.to_string();
                            self.report.blocked.insert(row.name.clone(), why);
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            if heard_to > ears.heard_to {
                store.set_heard_to(row.id, heard_to)?;
            }
            if heeded_to > ears.heeded_to {
                store.set_heeded_to(row.id, heeded_to)?;
            }
            if events.is_empty() || next >= last {
                return Ok(moved);
            }
        }
    }

    /// Lets the active version of a policy hear a batch; whether it was evaluated.
    fn hear(
        &mut self,
        (row, loaded): (&PolicyRow, &Loaded),
        batch: &[EventRow],
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let end = batch.last().map_or(0, |event| event.id);
        let meant = self.means((row.id, &loaded.policy), batch, now)?;
        for event in &meant.unheard {
            self.warn(format!(
                "event {event} stands behind {LONGEST_CHAIN} policies that raised events for \
                 each other: policy {} does not listen to it",
                row.name
            ));
        }
        self.call_off_waiting((row.id, &loaded.policy), batch)?;
        let any = !meant.heard.is_empty();
        if any {
            self.evaluate(row, Cause::Event { meant: &meant, end }, now)?;
        }
        Ok(any)
    }

    /// What a batch of events means to a policy. One that was made of an `app` item leaves to
    /// the others what they take, and one that listens late what an access review has taken.
    pub(crate) fn means(
        &mut self,
        (id, policy): (i64, &Policy),
        batch: &[EventRow],
        now: Timestamp,
    ) -> Result<Meant, EngineError> {
        let mut meant = meant(self.store, (id, policy), batch, now)?;
        let mut taken = BTreeMap::new();
        for event in batch {
            let Some(about) = event.subject() else { continue };
            if meant.reached.get(&about).is_none_or(|heard| heard.over.is_some()) {
                continue;
            }
            let taker = match event.kind.as_str() {
                _ if policy.by_app => self.taker(about, event, now)?,
                "access rejected" if policy.takes() => {
                    self.taken_by_review(about, event)?.map(Taker::of)
                }
                _ => None,
            };
            let Some(Taker { words, waits }) = taker else { continue };
            let heard = meant.reached.remove(&about);
            match (waits, heard) {
                // Whether that one takes it is known when it decides.
                (Some(wait), Some(heard)) => {
                    meant.left.insert(about, (heard, wait));
                }
                _ => *taken.entry(words).or_default() += 1,
            }
        }
        meant.taken = counts(taken);
        Ok(meant)
    }
}

/// What a batch of events means to a policy.
#[derive(Debug, Default)]
pub(crate) struct Meant {
    /// Those that it listens to.
    pub(crate) heard: Vec<i64>,
    /// Whom they reach.
    pub(crate) reached: Reached,
    /// Whom they would reach if no other policy took what expires.
    pub(in crate::engine) taken: Vec<Count>,
    /// Those of whom it is not known yet whether another policy takes what expires.
    left: BTreeMap<SubjectId, (Heard, Wait)>,
    /// Whom each event reaches.
    whom: Vec<(i64, SubjectId)>,
    /// The held evaluations that are made anew.
    anew: BTreeSet<i64>,
    /// Those that stand behind too many policies.
    unheard: Vec<i64>,
}

/// What a batch of events means to a policy, of which the store knows the number.
fn meant(
    store: &Store,
    (id, policy): (i64, &Policy),
    batch: &[EventRow],
    now: Timestamp,
) -> Result<Meant, EngineError> {
    let end = batch.last().map_or(0, |event| event.id);
    let mut meant = Meant::default();
    let mut nobody = Vec::new();
    for event in batch {
        // What its own runs do is no news to a policy.
        if event.late || event.known || event.policy == Some(id) {
            continue;
        }
        let Some(heard) = heard_as(&policy.events, event) else { continue };
        if event.depth >= LONGEST_CHAIN {
            meant.unheard.push(event.id);
            continue;
        }
        let about = whom(store, event, (&heard.kind, policy))?;
        if about.is_empty() {
            nobody.push(event.id);
            continue;
        }
        meant.heard.push(event.id);
        let (condition, value) = words(store, event)?;
        let heard = Heard {
            because: Because { condition, value, source: None },
            depth: event.depth,
            last: end,
            event: event.id,
            expired: heard.kind == EventKind::AccessExpired,
            over: over_since(store, (&heard.kind, event), now)?,
        };
        for subject in about {
            meant.whom.push((event.id, subject));
            // The first of which it is not over.
            let known = meant.reached.entry(subject).or_insert_with(|| heard.clone());
            if known.over.is_some() {
                known.clone_from(&heard);
            }
        }
    }
    // An evaluation is that of the events about those it looks at, if there are any.
    if meant.heard.is_empty() {
        meant.heard = nobody;
    }
    Ok(meant)
}

/// A policy, and how far it has listened.
struct Ears<'a> {
    row: &'a PolicyRow,
    heard_to: i64,
    heeded_to: i64,
}

/// Whether two events are one evaluation.
pub(crate) fn together(one: &EventRow, other: &EventRow) -> bool {
    one.batch == other.batch
}

/// The subjects of a policy that an event reaches. What happens to access happens to just that:
/// an account that ends says nothing of a permission, and the other way round.
fn whom(
    store: &Store,
    event: &EventRow,
    (kind, policy): (&EventKind, &Policy),
) -> Result<Vec<SubjectId>, EngineError> {
    let Some(about) = event.subject() else { return Ok(Vec::new()) };
    let access = matches!(kind, EventKind::AccessRejected | EventKind::AccessExpired);
    if access && about.kind() != policy.scope.kind {
        return Ok(Vec::new());
    }
    let mut subjects = store.reached(about, policy.scope.kind)?;
    if !policy.scope.apps.is_empty() {
        // Whoever is in another app is not reached, and not counted either.
        let mut inside = Vec::with_capacity(subjects.len());
        for subject in subjects {
            if store.outside(&whoever(&policy.scope), subject)? != Some("another app") {
                inside.push(subject);
            }
        }
        subjects = inside;
    }
    Ok(subjects)
}
