//! Events that a policy could not decide yet: each waits until newer data says what is so, or
//! until the run has ended that stands in its way, and is then looked at again.
//!
//! INVARIANT: what a policy has heard and could not decide is decided once, or named as passed
//! over: nothing that happened is forgotten.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::hear::among::{counts, survey_among};
use crate::engine::hear::expiry::Taker;
use crate::engine::hear::listen::heard_as;
use crate::engine::hear::over::over_now;
use crate::engine::hear::{Heard, Meant, whom};
use crate::engine::library::Loaded;
use crate::engine::moment::Footing;
use crate::engine::pilot::Pin;
use crate::engine::survey::Survey;
use crate::engine::tick::Engine;
use crate::facts::{Facts, SubjectId};
use crate::ir::Policy;
use crate::query::source_of;
use crate::store::{Awaited, EventRow, Mode, PolicyRow, Store, Wanted};
use crate::time::{Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How soon newer data is looked for again, where nothing was imported.
const AGAIN: Duration = Duration::HOUR;
const NEVER: Timestamp = Timestamp(i64::MAX);

/// For what an event waits that cannot be decided for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// For what, in words.
    pub(in crate::engine) why: String,
    /// The run for whose end it waits.
    run: Option<i64>,
    /// Whether it is known that nothing will come.
    for_good: bool,
}

impl Wait {
    /// For the sources whose data is too old, where any is missing for that.
    pub(super) fn for_data(missing: &[String], facts: &Facts) -> Option<Self> {
        let sources: Vec<&str> = missing.iter().filter_map(|it| source_of(it)).collect();
        let for_good = facts.doubts.as_ref().is_some_and(|it| it.stale.for_good);
        let why = format!("newer data of {}", sources.join(", "));
        (!sources.is_empty()).then_some(Self { why, run: None, for_good })
    }

    /// When that is looked at again: that a run has ended is seen at once.
    fn look_at(&self, now: Timestamp) -> Timestamp {
        match self.for_good || self.run.is_some() {
            true => NEVER,
            false => now.after(AGAIN),
        }
    }
}

/// Whether a run may open for an event.
pub(super) enum Way {
    /// It may.
    Free,
    /// It may not, and that is all that comes of the event.
    Barred,
    /// It may when this has come.
    For(Wait),
}

/// Whether a run may open for what a policy heard. Each expiry is a question of its own: what
/// was said of another one does not answer it, and while a run is open it waits.
pub(super) fn way(
    store: &Store,
    policy: i64,
    (facts, heard): (&Facts, &Heard),
    now: Timestamp,
) -> Result<Way, EngineError> {
    let blocking = store.in_the_way(policy, facts.subject.id, now)?;
    let blocking = blocking.map(|run| store.run(run)).transpose()?.flatten();
    let Some(row) = blocking else { return Ok(Way::Free) };
    if !heard.expired {
        return Ok(Way::Barred);
    }
    if row.ended_at.is_some() {
        return Ok(match read(&row)?.ends_at == facts.ends_at() {
            true => Way::Barred,
            false => Way::Free,
        });
    }
    let id = row.id;
    let why = match row.state.as_str() {
        "failed" => format!("run {id}, which failed: retry or cancel it"),
        _ => format!("the end of run {id}"),
    };
    Ok(Way::For(Wait { why, run: Some(id), for_good: false }))
}

impl Meant {
    /// For what those wait of whom it is not known yet whether another policy takes them.
    pub(in crate::engine) fn left_waits(&self) -> BTreeMap<SubjectId, Wait> {
        let left = self.left.iter();
        left.map(|(subject, (_, wait))| (*subject, wait.clone())).collect()
    }

    /// Why nothing opens for each of the events.
    pub(in crate::engine) fn why(&self, survey: &Survey) -> BTreeMap<i64, String> {
        let mut found = BTreeMap::<i64, Vec<String>>::new();
        let mut opens = BTreeSet::new();
        for (event, subject) in &self.whom {
            if survey.opens.contains(subject) {
                opens.insert(*event);
            }
            let waits = survey.waits.get(subject);
            let waits = waits.map(|it| format!("left waiting for {}", it.why));
            let why = waits.or_else(|| survey.why.get(subject).cloned());
            let of = found.entry(*event).or_default();
            of.extend(why.filter(|why| !of.contains(why)));
        }
        found.retain(|event, why| !opens.contains(event) && !why.is_empty());
        found
            .into_iter()
            .map(|(event, why)| (event, why.join("; ")))
            .collect()
    }
}

/// What an evaluation for events has decided waits no more; what it could not decide does.
pub(in crate::engine) fn leave_waiting(
    store: &Store,
    (policy, evaluation): (i64, i64),
    (meant, survey): (&Meant, &Survey),
    now: Timestamp,
) -> Result<(), EngineError> {
    for subject in &survey.opens {
        store.is_decided((policy, *subject), None)?;
    }
    for (event, subject) in &meant.whom {
        store.is_decided((policy, *subject), Some(*event))?;
    }
    let reached = meant.reached.iter();
    let left = meant.left.iter().map(|(subject, (heard, _))| (subject, heard));
    for (subject, heard) in reached.chain(left) {
        let Some(wait) = survey.waits.get(subject) else { continue };
        store.await_event(&Awaited {
            policy_id: policy,
            subject: *subject,
            event: heard.event,
            heard: serde_json::to_string(heard)?,
            why: wait.why.clone(),
            run: wait.run,
            held: None,
            look_at: wait.look_at(now),
        })?;
    }
    for held in &meant.anew {
        let by = format!("evaluation {evaluation}");
        store.settle_held((*held, "evaluated anew"), (&by, ""), now)?;
    }
    Ok(())
}

impl Engine<'_> {
    /// Looks again at what waits, where what it waits for may have come.
    pub(in crate::engine) fn awaited(
        &mut self,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let due = self.store.awaiting_now(now)?;
        if due.is_empty() {
            return Ok(false);
        }
        let mut moved = false;
        for row in self.store.policies()? {
            if due.contains(&row.id) && !self.store.is_paused(row.id)? {
                moved |= self.look_again(&row, now)?;
            }
        }
        Ok(moved)
    }

    /// Lets a policy decide what waits; whether it was evaluated.
    pub(super) fn look_again(
        &mut self,
        row: &PolicyRow,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let Some(pin) = Pin::active(row) else { return Ok(false) };
        if store.awaited(row.id, Some(now))?.is_empty() {
            return Ok(false);
        }
        let Some(loaded) = self.loaded(&pin)? else { return Ok(false) };
        let before = self.report.evaluations.len();
        match self.decide((row, &loaded), now) {
            Ok(()) => Ok(self.report.evaluations.len() > before),
            // One policy's trouble stops no other.
            Err(error @ (EngineError::Disagreement { .. } | EngineError::Refused(_))) => {
                self.report.blocked.insert(row.name.clone(), error.to_string());
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn decide(
        &mut self,
        (row, loaded): (&PolicyRow, &Loaded),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let policy = &*loaded.policy;
        let (meant, waits) = self.waiting_now((row, policy), now)?;
        // Where nothing has become known there is nothing to put on record.
        for (subject, wait) in waits {
            store.look_later((row.id, subject), wait.look_at(now))?;
        }
        match meant.heard.is_empty() {
            true => Ok(()),
            false => self.evaluate(row, Cause::Event { meant: &meant, end: 0 }, now),
        }
    }

    /// What those events mean to a policy that it can decide now, and which of them wait on.
    fn waiting_now(
        &mut self,
        (row, policy): (&PolicyRow, &Policy),
        now: Timestamp,
    ) -> Result<(Meant, BTreeMap<SubjectId, Wait>), EngineError> {
        let store = self.store;
        let all = store.awaited(row.id, Some(now))?;
        let mut meant = self.waiting_means(policy, &all, now)?;
        let version = row.active.unwrap_or_default();
        let footing = Footing::Active { id: row.id, version };
        let when = (self.settings, now);
        let asked = (policy, &[][..]);
        let mut waits = survey_among(store, asked, footing, &meant.reached, when)?.waits;
        waits.extend(meant.left_waits());
        if meant.anew.is_empty() {
            meant.reached.retain(|subject, _| !waits.contains_key(subject));
            meant.whom.retain(|(_, subject)| !waits.contains_key(subject));
            meant.left.clear();
        }
        meant.heard = meant.whom.iter().map(|(event, _)| *event).collect();
        meant.heard.dedup();
        Ok((meant, waits))
    }

    /// What all that waits means to a policy.
    pub(crate) fn all_that_waits(
        &mut self,
        (id, policy): (i64, &Policy),
        now: Timestamp,
    ) -> Result<Meant, EngineError> {
        let all = self.store.awaited(id, None)?;
        self.waiting_means(policy, &all, now)
    }

    fn waiting_means(
        &mut self,
        policy: &Policy,
        all: &[Awaited],
        now: Timestamp,
    ) -> Result<Meant, EngineError> {
        let mut meant = Meant::default();
        for it in all {
            let mut heard: Heard = serde_json::from_str(&it.heard)?;
            heard.over = over_now(self.store, (policy, &heard), now)?;
            meant.whom.push((it.event, it.subject));
            meant.anew.extend(it.held);
            let known = meant.reached.entry(it.subject).or_insert_with(|| heard.clone());
            // An expiry waits for what bars the way of others.
            if known.over.is_some() || heard.expired && heard.over.is_none() {
                *known = heard;
            }
        }
        if policy.by_app {
            self.leave_to_takers(&mut meant, now)?;
        }
        meant.heard = all.iter().map(|it| it.event).collect();
        meant.heard.dedup();
        Ok(meant)
    }

    /// Leaves what expires to the policies that take it, for one that is made of an `app` item.
    fn leave_to_takers(
        &mut self,
        meant: &mut Meant,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let mut taken = BTreeMap::new();
        for (subject, heard) in std::mem::take(&mut meant.reached) {
            if heard.over.is_some() {
                meant.reached.insert(subject, heard);
                continue;
            }
            let event = self.store.event_records(Wanted::One(heard.event), 1)?;
            let taker = match event.into_iter().next() {
                Some(record) => self.taker(subject, &record.event, now)?,
                None => None,
            };
            match taker {
                None => drop(meant.reached.insert(subject, heard)),
                Some(Taker { waits: Some(wait), .. }) => {
                    meant.left.insert(subject, (heard, wait));
                }
                Some(Taker { words, .. }) => *taken.entry(words).or_default() += 1,
            }
        }
        meant.taken = counts(taken);
        Ok(())
    }

    /// What would end a run ends the waiting of what would have opened it.
    pub(super) fn call_off_waiting(
        &self,
        (id, policy): (i64, &Policy),
        batch: &[EventRow],
    ) -> Result<(), EngineError> {
        let store = self.store;
        if policy.cancel_on.is_empty() || !store.awaits(id)? {
            return Ok(());
        }
        for event in batch
            .iter()
            .filter(|it| !it.late && !it.known && it.policy != Some(id))
        {
            let Some(heard) = heard_as(&policy.cancel_on, event) else { continue };
            for subject in whom(store, event, (&heard.kind, policy))? {
                store.is_over((id, subject), event.id)?;
            }
        }
        Ok(())
    }
}

/// What becomes of what waits, and of what is held for events, as another version is put to work
/// or none: the new one decides it, where it stands as the one before and listens to it; the
/// numbers of the events of which nothing comes.
pub(in crate::engine) fn carry_over(
    store: &Store,
    row: &PolicyRow,
    next: Option<(u32, &Policy, &Mode)>,
) -> Result<Vec<i64>, EngineError> {
    let mut over = BTreeSet::new();
    for it in store.awaited(row.id, None)? {
        let stays = match next {
            Some((version, policy, mode)) if *mode == row.mode => {
                let held = it.held.map(|held| store.held_evaluation(held)).transpose()?;
                // What that version held can be released again.
                let own = held.flatten().is_some_and(|held| held.version == version);
                let event = store.event_records(Wanted::One(it.event), 1)?;
                !own && event
                    .iter()
                    .any(|it| heard_as(&policy.events, &it.event).is_some())
            }
            _ => false,
        };
        if !stays {
            store.is_decided((row.id, it.subject), Some(it.event))?;
            // What is held stays so.
            over.extend(it.held.is_none().then_some(it.event));
        }
    }
    let over: Vec<i64> = over.into_iter().collect();
    store.note_passed_over(row.id, &over)?;
    let held = store.last_held(row.id, true)?.filter(|it| it.state == "held");
    if let (Some(held), Some((version, policy, mode))) = (held, next)
        && held.version != version
        && !mode.observe
        && (mode.only.is_none() || mode.only == row.mode.only)
    {
        let mut list = Vec::new();
        for (subject, heard) in store.held_for(held.evaluation)? {
            let event = serde_json::from_str::<Heard>(&heard)?.event;
            // What it does not listen to it does not take over; nor a list without its parts.
            let known = store.event(event)?;
            if known.is_none_or(|it| heard_as(&policy.events, &it).is_none()) {
                return Ok(over);
            }
            list.push((subject, heard, event));
        }
        for (subject, heard, event) in list {
            store.await_event(&Awaited {
                policy_id: row.id,
                subject,
                event,
                heard,
                why: "the next run, which evaluates it anew".to_owned(),
                run: None,
                held: Some(held.evaluation),
                look_at: Timestamp(0),
            })?;
        }
    }
    Ok(over)
}
