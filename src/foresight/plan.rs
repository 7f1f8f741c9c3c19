//! What an evaluation would open now.

use crate::engine::{self, Because, EngineError, Footing, Settings, Survey};
use crate::foresight::{Moment, timeline};
use crate::ir::Policy;
use crate::store::{PolicyRow, Store};
use crate::time::Timestamp;
use serde::Serialize;

/// What would be opened, policy by policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The form of this document.
    pub schema: &'static str,
    /// The instant it holds for.
    pub now: Timestamp,
    /// The policies, in the order they were given.
    pub policies: Vec<PlannedPolicy>,
}

/// What one policy would open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedPolicy {
    /// The policy.
    pub policy: String,
    /// What it would find.
    #[serde(flatten)]
    pub survey: Survey,
    /// The runs that would begin, or would be held together where the limit is passed; no
    /// more of them than were asked for.
    pub opens: Vec<Opening>,
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
/// followed to their ends; all are counted.
///
/// With `active` the policies are asked as those that are at work in the store, else as if
/// they were activated now.
pub fn plan(
    store: &Store,
    (policies, active): (&[Policy], bool),
    settings: &Settings,
    (now, most): (Timestamp, usize),
) -> Result<Plan, EngineError> {
    let mut planned = Vec::with_capacity(policies.len());
    for policy in policies {
        let known = store.policy(&policy.name)?;
        let footing = match known {
            Some(PolicyRow { id, active: Some(version), .. }) if active => {
                Footing::Active { id, version }
            }
            known => Footing::Fresh(known.map(|row| row.id)),
        };
        let survey = engine::survey(store, policy, footing, (settings, now))?;
        let people = engine::Casting::new(store, policy, settings)?;
        let mut opens = Vec::new();
        for id in survey.opens.iter().take(most) {
            let Some(facts) = store.facts_by(*id, policy.activity.as_ref())? else {
                continue;
            };
            let reason = engine::reason(policy, &facts, survey.at)?;
            let cast = people.of(store, &facts)?;
            let run = engine::imagined_run(policy, &facts, (&reason, survey.at));
            let rivals = engine::rivals(store, policy, &run)?;
            opens.push(Opening {
                subject: facts.subject.name.clone(),
                user: facts.user.as_ref().map(|user| user.email.clone()),
                because: reason.because,
                timeline: timeline(
                    run,
                    (policy, &settings.calendar),
                    &rivals,
                    &facts,
                    &cast,
                ),
            });
        }
        planned.push(PlannedPolicy { policy: policy.name.clone(), survey, opens });
    }
    Ok(Plan { schema: "tenure.plan/1", now, policies: planned })
}
