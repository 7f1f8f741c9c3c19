//! What happens is heeded by the runs that are open: it ends one, begins it anew, or has it look
//! whether it still applies.
//!
//! INVARIANT: no run does anything by itself before it has heeded all that is known to have
//! happened.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::hear::listen::{heard_as, words};
use crate::engine::hear::{CHUNK, together};
use crate::engine::pilot::Pin;
use crate::engine::run::State;
use crate::engine::step;
use crate::engine::tick::Engine;
use crate::facts::SubjectId;
use crate::ir::{Policy, SubjectKind};
use crate::store::{EventRow, RunRow, Store};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The runs that a batch concerns, what it means for each, and which event of it does.
type Concerned = BTreeMap<i64, (step::Event, i64)>;

/// An open run that an event ended, or began anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interrupted {
    /// The run.
    pub run: i64,
    /// Its policy.
    pub policy: String,
    /// Whose access it is about.
    pub subject: String,
    /// `called off` or `restarted`; where it was to begin anew and its subject matches no
    /// more, the state it ended in.
    pub became: String,
    /// The event.
    pub why: String,
}

impl Engine<'_> {
    /// Lets the open runs of all policies heed a batch, and says which of them it ends or
    /// begins anew.
    pub(crate) fn interrupt(
        &mut self,
        batch: &[EventRow],
        now: Timestamp,
    ) -> Result<Vec<Interrupted>, EngineError> {
        self.library.refresh(self.store, now)?;
        for row in self.store.policies()? {
            self.heed(row.id, batch, now)?;
        }
        Ok(std::mem::take(&mut self.report.interrupted))
    }

    /// Lets the open runs of all policies heed all that they have not heeded yet, and says which
    /// of them that ends or begins anew.
    pub(crate) fn catch_up_runs(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<Interrupted>, EngineError> {
        self.library.refresh(self.store, now)?;
        for row in self.store.policies()? {
            if !self.store.is_paused(row.id)? {
                self.heed_first(row.id, now)?;
            }
        }
        Ok(std::mem::take(&mut self.report.interrupted))
    }

    /// Lets the open runs of a policy heed a batch, in a transaction where it concerns any;
    /// whether it does. Nothing where one cannot be followed now.
    pub(super) fn heed(
        &mut self,
        policy: i64,
        batch: &[EventRow],
        now: Timestamp,
    ) -> Result<Option<bool>, EngineError> {
        let Some(concerned) = self.concerned(policy, batch)? else { return Ok(None) };
        if concerned.is_empty() {
            return Ok(Some(false));
        }
        let end = batch.last().map_or(0, |event| event.id);
        let store = self.store;
        store.atomically(|| {
            self.concern(concerned, now)?;
            Ok::<_, EngineError>(store.set_heeded_to(policy, end)?)
        })?;
        Ok(Some(true))
    }

    /// Lets the open runs of a policy heed all that is known, in the caller's transaction;
    /// whether they could.
    pub(in crate::engine) fn heed_first(
        &mut self,
        policy: i64,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let Some((mut next, last)) = store.unheeded(policy)? else { return Ok(true) };
        let mut heedless = false;
        while next < last && !heedless {
            let events = store.events_after(next, CHUNK)?;
            for batch in events.chunk_by(together) {
                let Some(concerned) = self.concerned(policy, batch)? else {
                    heedless = true;
                    break;
                };
                self.concern(concerned, now)?;
                next = batch.last().map_or(next, |event| event.id);
            }
        }
        store.set_heeded_to(policy, next)?;
        Ok(!heedless)
    }

    /// What a batch means for the open runs of a policy, each under its own version.
    fn concerned(
        &mut self,
        policy: i64,
        batch: &[EventRow],
    ) -> Result<Option<Concerned>, EngineError> {
        let store = self.store;
        let mut about: BTreeMap<i64, Vec<&EventRow>> = BTreeMap::new();
        // What its own runs do is no news to a policy.
        for event in batch.iter().filter(|event| event.policy != Some(policy)) {
            let Some(subject) = event.subject() else { continue };
            for run in runs_about(store, policy, subject)? {
                about.entry(run).or_default().push(event);
            }
        }
        let mut concerned = Concerned::new();
        for (id, events) in about {
            let Some(open) = store.run(id)? else { continue };
            let run = read(&open)?;
            let behind = |event: &&EventRow| event.id > run.after_event;
            let events: Vec<&EventRow> = events.into_iter().filter(behind).collect();
            if events.is_empty() {
                continue;
            }
            let Some(loaded) = self.loaded(&Pin::of_run(&open, &run))? else {
                return Ok(None);
            };
            concerned.insert(id, heeded(store, &loaded.policy, &events)?);
        }
        Ok(Some(concerned))
    }

    fn concern(
        &mut self,
        concerned: Concerned,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        for (id, (event, number)) in concerned {
            // One before it may have moved this one.
            let Some(open) = store.run(id)?.filter(|it| it.ended_at.is_none()) else {
                continue;
            };
            let why = match &event {
                step::Event::CalledOff { why } | step::Event::Restarted { why } => {
                    Some(why.clone())
                }
                _ => None,
            };
            self.moves(&open, event.clone(), now)?;
            let Some(after) = store.run(id)? else { continue };
            let what = match event {
                step::Event::CalledOff { .. } if after.ended_at.is_some() => "called off",
                _ if after.ended_at.is_some() => "ended",
                step::Event::Restarted { .. } => "restarted",
                _ => continue,
            };
            store.note_consequence((number, what), id)?;
            if let Some(why) = why {
                self.note_interrupted(after, (what, why))?;
            }
        }
        Ok(())
    }

    fn note_interrupted(
        &mut self,
        row: RunRow,
        (meant, why): (&str, String),
    ) -> Result<(), EngineError> {
        let run = read(&row)?;
        let became = match row.ended_at {
            Some(_) if run.state != State::Cancelled => row.state,
            _ => meant.to_owned(),
        };
        let (policy, subject) = (run.policy, row.subject.name);
        let interrupted = Interrupted { run: row.id, policy, subject, became, why };
        self.report.interrupted.push(interrupted);
        Ok(())
    }
}

/// The open runs that are about what an event is about: itself, what belongs to it, and its
/// owner. What happens to another account of the same owner, or to a permission of the account,
/// is none of a run's business.
fn runs_about(
    store: &Store,
    policy: i64,
    about: SubjectId,
) -> Result<Vec<i64>, EngineError> {
    let mut runs = Vec::new();
    for kind in [SubjectKind::Account, SubjectKind::User, SubjectKind::Grant] {
        if (about.kind(), kind) == (SubjectKind::Grant, SubjectKind::Account) {
            continue;
        }
        for subject in store.reached(about, kind)? {
            runs.extend(store.open_run_on(policy, subject)?);
        }
    }
    Ok(runs)
}

/// What events mean for an open run: the first that ends it or begins it anew, else a look at
/// whether it still applies.
fn heeded(
    store: &Store,
    policy: &Policy,
    events: &[&EventRow],
) -> Result<(step::Event, i64), EngineError> {
    let of = |list| {
        events
            .iter()
            .find(|it| !it.late && !it.known && heard_as(list, it).is_some())
    };
    if let Some(event) = of(&policy.cancel_on) {
        let (condition, value) = words(store, event)?;
        let why = format!("{condition} ({value})");
        return Ok((step::Event::CalledOff { why }, event.id));
    }
    if let Some(event) = of(&policy.restart_on) {
        let (condition, value) = words(store, event)?;
        let why = format!("{condition} ({value})");
        return Ok((step::Event::Restarted { why }, event.id));
    }
    let first = events.first().map_or(0, |event| event.id);
    Ok((step::Event::Evaluated, first))
}
