//! The arms of a policy: which of them a run is made of, and the policy that it follows.
//!
//! A run is followed under a policy of its own arms alone, so that nothing that follows a run
//! has to know of the others.

use crate::engine::run::Run;
use crate::facts::Facts;
use crate::ir::{Arm, ArmKind, Condition, ConditionKind, Policy, Test, TestKind};
use crate::query::{Moment, Truth, evaluate};
use crate::text::Span;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The arms that a run is made of, as they were chosen when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Their places among the arms of the policy; none where the policy has but one.
    pub arms: Vec<usize>,
    /// Not every `when` was known to be false, so that `otherwise` takes nothing.
    #[serde(default)]
    pub harmless: bool,
}

/// The arms whose steps a run for this subject is made of.
pub(crate) fn choose(policy: &Policy, facts: &Facts, at: Moment) -> Chosen {
    if policy.arms.len() < 2 {
        return Chosen::default();
    }
    let conditions = conditions(&policy.arms);
    let truths: Vec<Truth> =
        conditions.iter().map(|when| evaluate(when, facts, at)).collect();
    let otherwise = !truths.contains(&Truth::True);
    let mut truths = truths.iter();
    let mut chosen = Chosen::default();
    for (place, arm) in policy.arms.iter().enumerate() {
        let taken = match arm.kind {
            ArmKind::When(_) => truths.next() == Some(&Truth::True),
            ArmKind::Always => true,
            ArmKind::Otherwise => otherwise,
        };
        if taken {
            chosen.arms.push(place);
        }
    }
    let unknown = |when: &&Condition| evaluate(when, facts, at) == Truth::Unknown;
    chosen.harmless = otherwise && conditions.iter().any(unknown);
    chosen
}

/// The policy that a run follows.
pub fn followed<'p>(policy: &'p Policy, run: &Run) -> Cow<'p, Policy> {
    narrowed(policy, &run.chosen)
}

/// A policy of some of its arms, with the steps and the review of these alone.
pub(crate) fn narrowed<'p>(policy: &'p Policy, chosen: &Chosen) -> Cow<'p, Policy> {
    if policy.arms.len() < 2 {
        return Cow::Borrowed(policy);
    }
    let mut steps = Vec::new();
    let mut arms = Vec::new();
    let mut review_len = 0;
    for place in &chosen.arms {
        let Some(arm) = policy.arms.get(*place) else { continue };
        let otherwise = matches!(arm.kind, ArmKind::Otherwise);
        let first = steps.len();
        for (index, step) in
            arm.steps.clone().zip(policy.steps.iter().skip(arm.steps.start))
        {
            if otherwise && chosen.harmless && step.kind.takes() {
                continue;
            }
            steps.push(step.clone());
            if index + 1 == policy.review_len {
                review_len = steps.len();
            }
        }
        let kind = match &arm.kind {
            ArmKind::Otherwise => ArmKind::When(none_of(policy, arm.span)),
            kind => kind.clone(),
        };
        arms.push(Arm { kind, span: arm.span, steps: first..steps.len() });
    }
    let mut when = conditions(&arms).into_iter().cloned().collect::<Vec<_>>();
    let always = arms.iter().any(|arm| matches!(arm.kind, ArmKind::Always));
    let kind = match when.pop() {
        _ if always => ConditionKind::And(Vec::new()),
        Some(only) if when.is_empty() => only.kind,
        last => {
            when.extend(last);
            ConditionKind::Or(when)
        }
    };
    let when = Condition { kind, span: policy.when.span };
    Cow::Owned(Policy { when, arms, steps, review_len, ..policy.clone() })
}

/// The condition of the arm that a step belongs to; `None` where it is always true.
pub(crate) fn condition_of(policy: &Policy, step: usize) -> Option<&Condition> {
    if policy.arms.len() < 2 {
        return Some(&policy.when);
    }
    let arm = policy.arms.iter().find(|arm| arm.steps.contains(&step))?;
    match &arm.kind {
        ArmKind::When(condition) => Some(condition),
        ArmKind::Always | ArmKind::Otherwise => None,
    }
}

/// Every condition that a policy opens runs on, in the order written.
pub(crate) fn conditions(arms: &[Arm]) -> Vec<&Condition> {
    let found = arms.iter().filter_map(|arm| match &arm.kind {
        ArmKind::When(condition) => Some(condition),
        ArmKind::Always | ArmKind::Otherwise => None,
    });
    found.collect()
}

/// Whether everything that opened a run was an edge, which is crossed once: such a subject has
/// nothing to rest from.
pub(crate) fn only_edges(policy: &Policy) -> bool {
    let conditions = conditions(&policy.arms);
    let always = policy.arms.iter().any(|arm| matches!(arm.kind, ArmKind::Always));
    !always && !conditions.is_empty() && conditions.into_iter().all(asks_for_edges)
}

/// Whether an edge is a part of the condition.
pub(crate) fn asks_for_edges(condition: &Condition) -> bool {
    let edge = |test: &&Test| matches!(test.kind, TestKind::Reaches { .. });
    condition.tests().iter().any(edge)
}

/// No `when` of the policy is true: the condition of `otherwise`.
fn none_of(policy: &Policy, span: Span) -> Condition {
    let not = |when: &Condition| Condition {
        kind: ConditionKind::Not(Box::new(when.clone())),
        span,
    };
    let kind =
        ConditionKind::And(conditions(&policy.arms).into_iter().map(not).collect());
    Condition { kind, span }
}
