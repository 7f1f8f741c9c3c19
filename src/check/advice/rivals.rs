//! Two policies that undo each other's work, each time they are evaluated.

use crate::check::advice::Advice;
use crate::check::advice::claim::Claim;
use crate::check::advice::removal::flat;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Arm, ArmKind, Condition, ConditionKind, GroupRef, Policy, Step, StepKind,
};

/// Steps of more policies are not compared with one another.
const MOST_STEPS: usize = 2_000;

/// A step, and for whom it is done.
#[derive(Clone, Copy)]
struct Act<'a> {
    policy: &'a Policy,
    arm: &'a Arm,
    step: &'a Step,
}

impl Advice<'_> {
    /// Looks at every two policies. Silent where an event starts one of them, since then it
    /// acts once; where they are ranked in one set, of which one acts; and where nobody can
    /// meet both conditions.
    pub(super) fn rivals(&mut self) {
        let mut acts = Vec::new();
        for policy in &self.program.policies {
            if policy.schedule.is_none() {
                continue;
            }
            for arm in &policy.arms {
                let steps = policy.steps.get(arm.steps.clone()).unwrap_or_default();
                let steps =
                    flat(steps).into_iter().filter(|step| can_be_undone(&step.kind));
                acts.extend(steps.map(|step| Act { policy, arm, step }));
            }
        }
        acts.truncate(MOST_STEPS);
        for (at, second) in acts.iter().enumerate() {
            let mut before = acts.iter().take(at);
            let rival = before.find_map(|first| {
                let what = undone(&first.step.kind, &second.step.kind)?;
                let apart = std::ptr::eq(first.policy, second.policy)
                    || ranked(first.policy, second.policy)
                    || !meet(*first, *second);
                (!apart).then_some((first, what))
            });
            if let Some((first, what)) = rival {
                self.undo(*first, *second, &what);
            }
        }
    }

    fn undo(&mut self, first: Act<'_>, second: Act<'_>, what: &str) {
        let (one, other) = (&first.policy.name, &second.policy.name);
        let message = format!("`{one}` and `{other}` undo each other");
        let mut finding =
            Diagnostic::warning(Code::PoliciesUndoEachOther, second.step.span, message)
                .label(format!("undoes `{}` of `{one}`", first.step.text));
        finding = if first.step.span.file == second.step.span.file {
            finding.and(first.step.span, "undone by the other")
        } else {
            finding.and(first.step.span, format!("undone by `{other}`"))
        };
        let help = match &first.arm.kind {
            ArmKind::When(when) if self.words(when).len() <= 100 => format!(
                "somebody whom both reach is {what} again and again; leave those of `{one}` \
                 out of `{other}`: `except {}`",
                self.words(when)
            ),
            _ => format!(
                "somebody whom both reach is {what} again and again; leave them out of one \
                 of the two with `except`"
            ),
        };
        self.report(finding.help(help));
    }
}

fn can_be_undone(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::AddToGroup(_)
            | StepKind::RemoveFromGroup(_)
            | StepKind::AssignRole(_)
            | StepKind::UnassignRole(_)
            | StepKind::Set { .. }
    )
}

/// What happens to somebody for whom both steps are done, where one undoes the other.
fn undone(one: &StepKind, other: &StepKind) -> Option<String> {
    let shared = |one: &[GroupRef], other: &[GroupRef]| {
        let group = one.iter().find(|group| other.contains(group))?;
        Some(format!("added to `{}` and removed from it", group.name))
    };
    match (one, other) {
        (StepKind::AddToGroup(add), StepKind::RemoveFromGroup(remove))
        | (StepKind::RemoveFromGroup(remove), StepKind::AddToGroup(add)) => {
            shared(add, remove)
        }
        (StepKind::AssignRole(one), StepKind::UnassignRole(other))
        | (StepKind::UnassignRole(other), StepKind::AssignRole(one))
            if one == other =>
        {
            Some(format!("given the role `{}` and loses it", one.name))
        }
        (
            StepKind::Set { attribute, value },
            StepKind::Set { attribute: other, value: others },
        ) if attribute == other
            && value.compare(others).is_some_and(std::cmp::Ordering::is_ne) =>
        {
            let name = attribute.field.name();
            Some(format!("given the {name} `{value}` and `{others}`"))
        }
        _ => None,
    }
}

fn ranked(one: &Policy, other: &Policy) -> bool {
    let set = |policy: &Policy| policy.rank.as_ref().map(|rank| rank.set.clone());
    set(one).is_some() && set(one) == set(other)
}

/// Whether somebody may meet both conditions, as far as that shows at a glance.
fn meet(one: Act<'_>, other: Act<'_>) -> bool {
    // Claims of accounts and claims of users are about different things.
    if one.policy.scope.kind != other.policy.scope.kind {
        let user = |claims: Vec<Claim>| {
            claims.into_iter().filter(Claim::is_of_user).collect::<Vec<_>>()
        };
        return together(&user(claims(one)), &user(claims(other)))
            && spared(one, &user(claims(other)))
            && spared(other, &user(claims(one)));
    }
    together(&claims(one), &claims(other))
        && spared(one, &claims(other))
        && spared(other, &claims(one))
}

fn together(one: &[Claim], other: &[Claim]) -> bool {
    !one.iter()
        .any(|claim| other.iter().any(|others| claim.excludes(others)))
}

/// Whether the exception of a policy leaves some of those about whom this is claimed.
fn spared(act: Act<'_>, claims: &[Claim]) -> bool {
    let Some(except) = &act.policy.except else { return true };
    let life = Advice::life(act.policy.scope.kind);
    let parts = match &except.kind {
        ConditionKind::Or(parts) => parts.as_slice(),
        _ => std::slice::from_ref(except),
    };
    let parts = parts.iter().filter_map(|part| Claim::of(part, life));
    !parts
        .into_iter()
        .any(|except| claims.iter().any(|claim| claim.implies(&except)))
}

fn claims(act: Act<'_>) -> Vec<Claim> {
    let life = Advice::life(act.policy.scope.kind);
    let ArmKind::When(when) = &act.arm.kind else { return Vec::new() };
    let parts: &[Condition] = when.conjuncts();
    parts.iter().filter_map(|part| Claim::of(part, life)).collect()
}
