//! Conditions of policies that take access and that read as if they were turned round: an
//! exception for those who are not in a group, a removal from those who were active, a guard
//! behind an `or`.

use crate::check::advice::Advice;
use crate::check::advice::removal::{decided, flat, removes};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    ArmKind, Condition, ConditionKind, Direction, Field, Op, Policy, TestKind,
};

impl Advice<'_> {
    /// Looks at what a policy that takes access asks.
    pub(super) fn turned(&mut self, policy: &Policy) {
        if let Some(except) = &policy.except
            && flat(&policy.steps).iter().any(|step| removes(&step.kind))
        {
            self.spares_the_others(except);
        }
        for arm in &policy.arms {
            let steps = policy.steps.get(arm.steps.clone()).unwrap_or_default();
            let ArmKind::When(when) = &arm.kind else { continue };
            if !flat(steps).iter().any(|step| removes(&step.kind)) {
                continue;
            }
            if !decided(policy, arm) {
                self.takes_from_active(when);
            }
            self.guard_in_or(when);
        }
    }

    /// `except not in group Execs` spares everybody else.
    fn spares_the_others(&mut self, except: &Condition) {
        if let ConditionKind::Or(parts) = &except.kind {
            for part in parts {
                self.spares_the_others(part);
            }
            return;
        }
        let Some(inner) = denied_membership(except) else { return };
        let (written, right) = (self.words(except), self.words(inner));
        let message = format!("`{written}` turns the exception round");
        self.report(
            Diagnostic::warning(Code::TurnedException, except.span, message)
                .label("spares everybody else, and not these")
                .help(format!("write `{right}`, if these are the ones to be spared"))
                .maybe(except.span, right),
        );
    }

    /// `inactive < 90d` beside a step that takes access. Silent where the same row also asks
    /// for an age.
    fn takes_from_active(&mut self, when: &Condition) {
        let parts = when.conjuncts();
        if parts.iter().any(|part| bound(part) == Some(Bound::Lower)) {
            return;
        }
        let upper = |part: &&Condition| bound(part) == Some(Bound::Upper);
        let Some(part) = parts.iter().find(upper) else { return };
        let written = self.words(part);
        let message = format!("`{written}` is true of those who were active lately");
        let mut finding = Diagnostic::warning(Code::TakesFromActive, part.span, message)
            .label("and the policy takes their access");
        let turned = match &part.kind {
            ConditionKind::Not(inner) => Some(self.words(inner)),
            _ => ["<=", "<"].iter().find_map(|sign| {
                let other = if *sign == "<" { ">" } else { ">=" };
                written.contains(sign).then(|| written.replacen(sign, other, 1))
            }),
        };
        if let Some(turned) = turned {
            finding = finding
                .help(format!("write `{turned}`, if those who were away are meant"))
                .maybe(part.span, turned);
        }
        self.report(finding);
    }

    /// `inactive > 90d or not in group Execs` is true of everybody outside of the group.
    fn guard_in_or(&mut self, when: &Condition) {
        match &when.kind {
            ConditionKind::And(parts) => {
                for part in parts {
                    self.guard_in_or(part);
                }
            }
            ConditionKind::Or(parts) => {
                for part in parts {
                    self.guard_in_or(part);
                }
                let guards = parts.iter().filter(|it| denied_membership(it).is_some());
                let Some(guard) = guards.into_iter().next() else { return };
                let written = self.words(guard);
                let message = format!("`or {written}` is true of everybody else");
                self.report(
                    Diagnostic::warning(Code::GuardInOr, guard.span, message)
                        .label("whatever the rest of the condition says")
                        .help(format!(
                            "write `and {written}`, if it says who is to be spared"
                        )),
                );
            }
            ConditionKind::Not(_) | ConditionKind::Test(_) => {}
        }
    }
}

/// What stands behind the `not` of `not in group …`, `not has permission …`, `not has role …`.
fn denied_membership(condition: &Condition) -> Option<&Condition> {
    let ConditionKind::Not(inner) = &condition.kind else { return None };
    let ConditionKind::Test(test) = &inner.kind else { return None };
    let member = matches!(
        test.kind,
        TestKind::InGroup { .. }
            | TestKind::HasPermission { .. }
            | TestKind::HasRole { .. }
    );
    member.then_some(inner)
}

#[derive(PartialEq)]
enum Bound {
    Lower,
    Upper,
}

/// On which side a condition bounds the time since somebody was last seen.
fn bound(condition: &Condition) -> Option<Bound> {
    match &condition.kind {
        ConditionKind::Not(inner) => bound(inner).map(|bound| match bound {
            Bound::Lower => Bound::Upper,
            Bound::Upper => Bound::Lower,
        }),
        ConditionKind::Test(test) => {
            match &test.kind {
                TestKind::Elapsed {
                    instant, direction: Direction::Since, op, ..
                } if instant.field == Field::LastSeen => match op {
                    Op::Gt | Op::Ge => Some(Bound::Lower),
                    Op::Lt | Op::Le => Some(Bound::Upper),
                    Op::Eq | Op::Ne => None,
                },
                _ => None,
            }
        }
        ConditionKind::And(_) | ConditionKind::Or(_) => None,
    }
}
