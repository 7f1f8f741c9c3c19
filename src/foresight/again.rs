//! What takes again what was put back, though nobody meant it to.

use crate::engine::{self, Again, EngineError, Settings, Undone};
use crate::facts::{Facts, SubjectId};
use crate::foresight::plan::PlannedPolicy;
use crate::foresight::{add_news, anything_new, plan};
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Fills in what the policies that are at work would open next for what runs gave back, as a
/// plan of all of them says it; and which of them cannot say. `store` is one in which that is
/// undone, and it is changed: give it a copy.
pub fn add_again(
    undone: &mut [Undone],
    store: &Store,
    settings: &Settings,
    now: Timestamp,
) -> Result<BTreeMap<String, String>, EngineError> {
    if undone.iter().all(|run| run.touched.is_empty()) {
        return Ok(BTreeMap::new());
    }
    let at_work = engine::at_work(store, settings)?;
    let mut ahead = plan(store, (&at_work.policies, true), settings, (now, 0))?;
    ahead.blocked.extend(at_work.blocked);
    if anything_new(store, true, now)? {
        add_news(&mut ahead, (store, None), settings, 0)?;
    }
    let mut takes = BTreeSet::new();
    for policy in engine::at_work(store, settings)?.policies {
        let row = store.policy(&policy.name)?;
        if policy.takes() && row.is_some_and(|row| !row.mode.observe) {
            takes.insert(fold(&policy.name));
        }
    }
    ahead.policies.retain(|policy| takes.contains(&fold(&policy.policy)));
    for policy in &ahead.policies {
        let opens: BTreeSet<SubjectId> = policy.survey.opens.iter().copied().collect();
        for run in undone.iter_mut() {
            for subject in run.touched.iter().filter(|it| opens.contains(it)) {
                let Some(facts) = store.facts(*subject)? else { continue };
                run.again.push(Again {
                    subject: facts.subject.name.clone(),
                    policy: policy.policy.clone(),
                    why: why(policy, &facts, now),
                });
            }
        }
    }
    Ok(ahead.blocked)
}

/// Why a policy opens a run for a subject.
fn why(policy: &PlannedPolicy, facts: &Facts, now: Timestamp) -> String {
    let account = || facts.account.as_ref().and_then(|account| account.expires_at);
    let expires = match facts.subject.id {
        SubjectId::Grant(_) => {
            facts.grant.as_ref().and_then(|it| it.permission.expires_at)
        }
        SubjectId::Account(_) => account(),
        SubjectId::User(_) => None,
    };
    let mut why = match expires.filter(|at| *at <= now && !policy.events.is_empty()) {
        Some(at) => format!("it expired at {at}"),
        None => "it matches".to_owned(),
    };
    if policy.survey.limit.held {
        why.push_str(", though the limit holds that evaluation");
    }
    why
}
