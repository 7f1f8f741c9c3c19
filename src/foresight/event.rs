//! What an event would open, before anything is enabled.

use crate::actions::Recorder;
use crate::engine::{
    self, Engine, EngineError, EventMessage, Senior, Settings, outranks,
};
use crate::foresight::Plan;
use crate::foresight::plan::{SCHEMA, footing, planned_policy};
use crate::foresight::simulate::put_to_work;
use crate::ir::Policy;
use crate::store::Store;
use crate::time::Timestamp;

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
    let received = engine.receive(message, now)?;
    let batch = store.events_after(last, 1)?;
    // First, as when it happens: a run that it ends stands in the way of no other.
    let interrupts = engine.interrupt(&batch, now)?;
    let policies = engine::active_policies(store)?;
    let asked = |policy: &Policy| {
        texts.is_none_or(|texts| texts.iter().any(|(name, _)| *name == policy.name))
    };
    let mut planned = Vec::new();
    for policy in policies.iter().filter(|policy| asked(policy)) {
        let Some(row) = store.policy(&policy.name)? else { continue };
        let meant = engine::meant(store, (row.id, policy), &batch)?;
        if !meant.any {
            continue;
        }
        let mut rivals = Vec::new();
        for other in policies.iter().filter(|other| outranks(other, policy)) {
            rivals.push(Senior {
                policy: other,
                footing: footing(store, other, true)?,
            });
        }
        let subjects: Vec<_> = meant.reached.keys().copied().collect();
        let asked = (policy, rivals.as_slice());
        let on = footing(store, policy, true)?;
        let survey = engine::survey_among(store, asked, on, &subjects, (settings, now))?;
        let found = (survey, Some(&meant.reached));
        planned.push(planned_policy(store, policy, found, (settings, most))?);
    }
    Ok(Plan {
        schema: SCHEMA,
        now,
        event: Some(received),
        interrupts,
        policies: planned,
    })
}
