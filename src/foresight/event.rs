//! What events would open, before anything is enabled: one that is told, those that the clock
//! raises for access whose time has passed, or those that not everybody has heard of yet.

use crate::actions::Recorder;
use crate::engine::{
    self, AtWork, Engine, EngineError, EventMessage, Meant, Settings, outranks,
};
use crate::foresight::Ahead;
use crate::foresight::ahead::observed;
use crate::foresight::plan::{Plan, PlannedPolicy, SCHEMA};
use crate::foresight::plan::{footing, planned_policy, senior};
use crate::foresight::start::put_to_work;
use crate::ir::Policy;
use crate::store::{EventRow, ExpiryHeard, Store};
use crate::text::fold;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What would follow from an event if these policies (with their names and texts) were at work
/// beside those that are; without them, from those alone. `store` is changed: give it a copy.
///
/// The gates of all of them answer. Of the policies only those are in the plan that listen to
/// the event, and have been asked for.
pub fn plan_event(
    store: &Store,
    texts: Option<&[(String, String)]>,
    message: &EventMessage,
    settings: &Settings,
    (now, most): (Timestamp, usize),
) -> Result<Plan, EngineError> {
    put_to_work(store, texts.unwrap_or_default(), now)?;
    let last = store.last_event()?;
    let mut hands = Recorder::default();
    let mut engine = Engine::new(store, &mut hands, settings)?;
    let received = engine.receive((message, None), now)?;
    let batch = store.events_after(last, 1)?;
    // First, as when it happens: a run that it ends stands in the way of no other.
    let interrupts = engine.interrupt(&batch, now)?;
    let mut at_work = engine::at_work(store, settings)?;
    let asked = |name: &str| {
        texts.is_none_or(|texts| texts.iter().any(|(asked, _)| asked == name))
    };
    at_work.blocked.retain(|name, _| asked(name));
    let listens = |policy: &Policy| asked(&policy.name);
    let when = (settings, now, most);
    let mut ahead = Ahead::default();
    let mut found = heard(store, (&at_work, &listens), Some(&batch), &mut ahead, when)?;
    // The plan says which event it is about.
    found.policies.iter_mut().for_each(|policy| policy.events.clear());
    let mut blocked = at_work.blocked;
    blocked.extend(found.blocked);
    Ok(Plan {
        schema: SCHEMA,
        now,
        event: Some(received),
        interrupts,
        policies: found.policies,
        blocked,
    })
}

/// Whether there is access whose time has passed, and that nobody was told of; or, `at_work`,
/// anything else that has happened and that not all who are at work have heard of.
pub fn anything_new(
    store: &Store,
    at_work: bool,
    now: Timestamp,
) -> Result<bool, EngineError> {
    let next = store.next_expiry(&ExpiryHeard::everywhere())?;
    Ok(next.is_some_and(|next| next <= now)
        || at_work
            && (!store.behind(store.last_event()?)?.is_empty()
                || !store.awaiting()?.is_empty()))
}

/// Adds to a plan what comes of what nobody has heard of yet, for the policies that wait for
/// events, and for those that are made of what their `app` items say. `store` is changed: give
/// it a copy of the one that the plan was made of.
///
/// With texts (names and texts of policies) these are at work beside those that are, and only
/// what comes of them is added: of access whose time has passed, for of all else they are not
/// told. Without, what is at work, and what becomes of open runs.
pub fn add_news(
    plan: &mut Plan,
    (store, texts): (&Store, Option<&[(String, String)]>),
    settings: &Settings,
    most: usize,
) -> Result<(), EngineError> {
    let now = plan.now;
    put_to_work(store, texts.unwrap_or_default(), now)?;
    let last = store.last_event()?;
    let mut hands = Recorder::default();
    let mut engine = Engine::new(store, &mut hands, settings)?;
    engine.expiries(now)?;
    let batch = match texts {
        Some(_) => Some(store.events_after(last, u32::MAX)?),
        None => {
            plan.interrupts.extend(engine.catch_up_runs(now)?);
            None
        }
    };
    let at_work = engine::at_work(store, settings)?;
    let mut asked = BTreeSet::new();
    for (name, _) in texts.unwrap_or_default() {
        asked.extend(store.policy(name)?.map(|row| row.id));
    }
    let mut made = BTreeSet::new();
    for ending in store.endings()? {
        if texts.is_none() || asked.contains(&ending.source.0) {
            made.insert(ending.policy);
        }
    }
    let mut wanted = BTreeSet::new();
    for policy in at_work.policies.iter().filter(|policy| !policy.events.is_empty()) {
        let id = store.policy(&policy.name)?.map(|row| row.id);
        let ours = texts.is_none() || id.is_some_and(|id| asked.contains(&id));
        let asks = match policy.by_app {
            true => id.is_some_and(|id| made.contains(&id)),
            false => ours,
        };
        if asks {
            wanted.insert(fold(&policy.name));
        }
    }
    let listens = |policy: &Policy| wanted.contains(&fold(&policy.name));
    let mut ahead = Ahead::default();
    for planned in &plan.policies {
        let key = fold(&planned.policy);
        let policy = at_work.policies.iter().find(|it| fold(&it.name) == key);
        if let Some(policy) = policy {
            let on = footing(store, policy, true)?;
            ahead.note(policy, &planned.survey, observed(store, policy, on)?);
        }
    }
    let when = (settings, now, most);
    let mut found =
        heard(store, (&at_work, &listens), batch.as_deref(), &mut ahead, when)?;
    // What reaches nobody opens nothing either.
    found.policies.retain(|policy| !policy.waits());
    // What a policy waits for has happened.
    plan.policies.retain(|known| {
        let same = |it: &PlannedPolicy| fold(&it.policy) == fold(&known.policy);
        !known.waits() || !found.policies.iter().any(same)
    });
    plan.policies.extend(found.policies);
    plan.blocked.extend(found.blocked);
    Ok(())
}

/// What policies would open, and which of them cannot say.
#[derive(Default)]
struct Found {
    policies: Vec<PlannedPolicy>,
    blocked: BTreeMap<String, String>,
}

/// What some of the policies that are at work would open for a batch of events; without one,
/// for all that each has not heard of yet. One policy's trouble stops no other.
fn heard<'p>(
    store: &Store,
    (at_work, listens): (&'p AtWork, &dyn Fn(&Policy) -> bool),
    batch: Option<&[EventRow]>,
    ahead: &mut Ahead<'p>,
    when: (&Settings, Timestamp, usize),
) -> Result<Found, EngineError> {
    let mut found = Found::default();
    let mut hands = Recorder::default();
    let mut engine = Engine::new(store, &mut hands, when.0)?;
    for policy in at_work.policies.iter().filter(|policy| listens(policy)) {
        let news;
        let events = match batch {
            Some(batch) => batch,
            None => {
                news = unheard(store, policy)?;
                &news
            }
        };
        let asked = (at_work, policy);
        // What waits comes first, as when it happens.
        let waits = batch.is_none().then_some(&[][..]);
        for batch in waits.into_iter().chain(events.chunk_by(engine::together)) {
            let with = (&mut engine, store);
            let planned = match batch {
                [] => that_waits(with, asked, ahead, when),
                batch => heard_by(with, asked, batch, ahead, when),
            };
            match planned {
                Ok(planned) => found.policies.extend(planned),
                Err(
                    error @ (EngineError::Refused(_) | EngineError::Disagreement { .. }),
                ) => {
                    found.blocked.insert(policy.name.clone(), error.to_string());
                    break;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

/// What one policy would open for a batch of events; nothing where it listens to none of them.
fn heard_by<'p>(
    (engine, store): (&mut Engine<'_>, &Store),
    (at_work, policy): (&AtWork, &'p Policy),
    batch: &[EventRow],
    ahead: &mut Ahead<'p>,
    (settings, now, most): (&Settings, Timestamp, usize),
) -> Result<Option<PlannedPolicy>, EngineError> {
    let Some(row) = store.policy(&policy.name)? else { return Ok(None) };
    let meant = engine.means((row.id, policy), batch, now)?;
    // One that is made of an `app` item, and of which another policy takes everything, is no
    // news.
    if meant.heard.is_empty() || (policy.by_app && meant.reached.is_empty()) {
        return Ok(None);
    }
    planned_for(store, (at_work, policy), meant, ahead, (settings, now, most)).map(Some)
}

/// What one policy would open for events that wait to be decided; nothing where none do.
fn that_waits<'p>(
    (engine, store): (&mut Engine<'_>, &Store),
    (at_work, policy): (&AtWork, &'p Policy),
    ahead: &mut Ahead<'p>,
    when: (&Settings, Timestamp, usize),
) -> Result<Option<PlannedPolicy>, EngineError> {
    let row = store.policy(&policy.name)?.filter(|row| row.active.is_some());
    let Some(row) = row else { return Ok(None) };
    let meant = engine.all_that_waits((row.id, policy), when.1)?;
    if meant.heard.is_empty() {
        return Ok(None);
    }
    planned_for(store, (at_work, policy), meant, ahead, when).map(Some)
}

fn planned_for<'p>(
    store: &Store,
    (at_work, policy): (&AtWork, &'p Policy),
    meant: Meant,
    ahead: &mut Ahead<'p>,
    (settings, now, most): (&Settings, Timestamp, usize),
) -> Result<PlannedPolicy, EngineError> {
    engine::rivals_can_be_followed(store, policy, &at_work.blocked)?;
    let mut seniors = Vec::new();
    for other in at_work.policies.iter().filter(|other| outranks(other, policy)) {
        seniors.extend(senior(store, other, true)?);
    }
    let asked = (policy, seniors.as_slice());
    let on = footing(store, policy, true)?;
    let when = (settings, now);
    let mut survey = engine::survey_among(store, asked, on, &meant.reached, when)?;
    ahead.weigh(store, (policy, on.id()), (&mut survey, false), when)?;
    let found = (survey, Some(&meant.reached));
    let planned = planned_policy(store, policy, found, (ahead, settings, most))?;
    ahead.note(policy, &planned.survey, observed(store, policy, on)?);
    Ok(PlannedPolicy { events: meant.heard, ..planned })
}

/// What a policy that is at work has not heard of yet, and will at the next opportunity.
fn unheard(store: &Store, policy: &Policy) -> Result<Vec<EventRow>, EngineError> {
    let Some(row) = store.policy(&policy.name)? else { return Ok(Vec::new()) };
    let policy = row.id;
    let behind = store.behind(store.last_event()?)?;
    match behind.into_iter().find(|it| it.policy == policy) {
        Some(it) if !store.is_paused(policy)? => {
            Ok(store.events_after(it.heard_to, u32::MAX)?)
        }
        _ => Ok(Vec::new()),
    }
}
