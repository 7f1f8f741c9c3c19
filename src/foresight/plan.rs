//! What an evaluation would open now.

use crate::engine::{
    self, AtWork, Because, EngineError, Footing, Interrupted, Reached, Received, Senior,
    Settings, Survey, outranks,
};
use crate::foresight::ahead::observed;
use crate::foresight::timeline::{Known, timeline};
use crate::foresight::{Ahead, Moment};
use crate::ir::Policy;
use crate::store::{PolicyRow, Store};
use crate::text::fold;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The form of plans.
pub(super) const SCHEMA: &str = "tenure.plan/1";

/// What would be opened, policy by policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The form of this document.
    pub schema: &'static str,
    /// The instant it holds for.
    pub now: Timestamp,
    /// The event that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Received>,
    /// The open runs that the event would end, or begin anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interrupts: Vec<Interrupted>,
    /// The policies, in the order they were given; behind them what events would open. Of a
    /// policy each evaluation stands for itself.
    pub policies: Vec<PlannedPolicy>,
    /// Policies that cannot be followed, and why.
    pub blocked: BTreeMap<String, String>,
}

/// What one policy would open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedPolicy {
    /// The policy.
    pub policy: String,
    /// The condition of the pilot that it is at work for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The events that open its runs, or before which it is asked; nothing where none do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// Whether it is a gate: it is asked at these, and opens nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gate: bool,
    /// Whether nothing else opens them.
    #[serde(skip)]
    pub by_events: bool,
    /// The events on record that the evaluation is for, where it is for some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<i64>,
    /// Whether it is made of what an `app` item says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_app: bool,
    /// What it would find.
    #[serde(flatten)]
    pub survey: Survey,
    /// The runs that would begin, or would be held together where the limit is passed; no
    /// more of them than were asked for.
    pub opens: Vec<Opening>,
}

impl PlannedPolicy {
    /// Whether it waits for events, and nothing has happened.
    pub fn waits(&self) -> bool {
        let Survey { in_scope, out_of_scope, .. } = &self.survey;
        !self.on.is_empty() && *in_scope == 0 && out_of_scope.is_empty()
    }
}

/// One run that would begin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Opening {
    /// Whose access it is about.
    pub subject: String,
    /// The user, or the account's owner; nothing for an orphan.
    pub user: Option<String>,
    /// The tests that are true, with the values that make them so.
    pub because: Vec<Because>,
    /// What would follow if nobody answered.
    pub timeline: Vec<Moment>,
}

/// What these policies would open now. `store` is only read; a policy that the store knows
/// by the same name lends its open runs and rests. Of each policy's runs the first `most` are
/// followed to their ends; all are counted, also for the limits of those behind it. One policy's
/// trouble stops no other.
///
/// With `active` the policies are asked as those that are at work in the store, else as if
/// they were activated now.
pub fn plan(
    store: &Store,
    (policies, active): (&[Policy], bool),
    settings: &Settings,
    (now, most): (Timestamp, usize),
) -> Result<Plan, EngineError> {
    let mut plan = Plan {
        schema: SCHEMA,
        now,
        event: None,
        interrupts: Vec::new(),
        policies: Vec::with_capacity(policies.len()),
        blocked: BTreeMap::new(),
    };
    let mut others = AtWork::default();
    if policies.iter().any(|policy| policy.rank.is_some()) {
        others = engine::at_work(store, settings)?;
        let asked: BTreeSet<String> =
            policies.iter().map(|policy| fold(&policy.name)).collect();
        others.policies.retain(|other| !asked.contains(&fold(&other.name)));
        others.blocked.retain(|other, _| !asked.contains(&fold(other)));
    }
    let mut ahead = Ahead::default();
    for policy in policies {
        let when = (settings, now, most);
        match of_all(store, (policy, active), (policies, &others), &mut ahead, when) {
            Ok(found) => plan.policies.push(found),
            Err(error @ (EngineError::Refused(_) | EngineError::Disagreement { .. })) => {
                plan.blocked.insert(policy.name.clone(), error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(plan)
}

/// What one of these policies would open, of all in its scope.
fn of_all<'p>(
    store: &Store,
    (policy, active): (&'p Policy, bool),
    (policies, others): (&[Policy], &AtWork),
    ahead: &mut Ahead<'p>,
    (settings, now, most): (&Settings, Timestamp, usize),
) -> Result<PlannedPolicy, EngineError> {
    let footing = footing(store, policy, active)?;
    engine::rivals_can_be_followed(store, policy, &others.blocked)?;
    let mut seniors = Vec::new();
    for (those, active) in [(policies, active), (others.policies.as_slice(), true)] {
        for other in those.iter().filter(|other| outranks(other, policy)) {
            if let Some(senior) = senior(store, other, active)? {
                seniors.push(senior);
            }
        }
    }
    let asked = (policy, seniors.as_slice());
    let when = (settings, now);
    let mut survey = match policy.waits_for_events() {
        // Nothing has happened to anyone.
        true => engine::survey_among(store, asked, footing, &Reached::new(), when)?,
        false => engine::survey(store, asked, footing, when)?,
    };
    ahead.weigh(store, (policy, footing.id()), (&mut survey, true), when)?;
    let planned = planned_policy(store, policy, (survey, None), (ahead, settings, most))?;
    ahead.note(policy, &planned.survey, observed(store, policy, footing)?);
    Ok(planned)
}

/// A better-ranked policy; one that is only observed holds nobody back.
pub(super) fn senior<'p>(
    store: &Store,
    policy: &'p Policy,
    active: bool,
) -> Result<Option<Senior<'p>>, EngineError> {
    let footing = footing(store, policy, active)?;
    let observed = observed(store, policy, footing)?;
    Ok((!observed).then_some(Senior { policy, footing }))
}

/// What a policy would open of what was found, for an event or without one, behind what is ahead
/// of it; the first `most` of these runs are followed to their ends.
pub(super) fn planned_policy(
    store: &Store,
    policy: &Policy,
    (survey, reached): (Survey, Option<&Reached>),
    (ahead, settings, most): (&Ahead<'_>, &Settings, usize),
) -> Result<PlannedPolicy, EngineError> {
    let people = engine::Casting::new(store, policy, settings)?;
    let mut opens = Vec::new();
    for id in survey.opens.iter().take(most) {
        let Some(facts) = store.facts_by(*id, policy.activity.as_ref())? else {
            continue;
        };
        let mut reason = engine::reason(policy, &facts, survey.at)?;
        let heard = reached.and_then(|them| them.get(id)).cloned();
        if let Some(heard) = &heard {
            reason.because.insert(0, heard.because.clone());
        }
        let cast = people.of(store, &facts)?;
        let run = engine::imagined_run(policy, &facts, (&reason, survey.at));
        let run = engine::Run { edge: run.edge || heard.is_some(), heard, ..run };
        let rivals = ahead.rivals(store, settings, (policy, &run))?;
        let known = Known { facts: &facts, cast: &cast, rivals: &rivals };
        let under = (policy, &settings.calendar);
        opens.push(Opening {
            subject: facts.subject.name.clone(),
            user: facts.user.as_ref().map(|user| user.email.clone()),
            because: reason.because,
            timeline: timeline(run, under, known, &|run| ahead.called(run)),
        });
    }
    let only = policy.pilot.as_ref().map(|pilot| pilot.text.clone());
    let gate = policy.gate.as_ref().map(|gate| &gate.event);
    let on = policy.events.iter().chain(gate).map(engine::event_words).collect();
    let name = policy.name.clone();
    let (by_app, by_events) = (policy.by_app, policy.waits_for_events());
    Ok(PlannedPolicy {
        gate: policy.gate.is_some(),
        by_events,
        policy: name,
        only,
        on,
        events: Vec::new(),
        by_app,
        survey,
        opens,
    })
}

/// As what a policy is asked.
pub(super) fn footing(
    store: &Store,
    policy: &Policy,
    active: bool,
) -> Result<Footing, EngineError> {
    Ok(match store.policy(&policy.name)? {
        Some(PolicyRow { id, active: Some(version), .. }) if active => {
            Footing::Active { id, version }
        }
        known => Footing::Fresh(known.map(|row| row.id)),
    })
}
