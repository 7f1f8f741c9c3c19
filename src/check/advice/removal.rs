//! Access that goes: without anyone asked, from everyone, with sessions left open, at once.

use crate::check::advice::Advice;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Arm, ArmKind, By, Condition, ConditionKind, Direction, EventKind, Field,
    IdentityState, Ignored, Op, Policy, Step, StepKind, Test, TestKind, Value,
};
use crate::text::{Span, fold};

impl Advice<'_> {
    /// Looks at what a policy takes.
    pub(super) fn removal(&mut self, policy: &Policy) {
        for arm in &policy.arms {
            let steps = flat(policy.steps.get(arm.steps.clone()).unwrap_or_default());
            self.review(policy, arm, &steps);
            self.exception(policy, arm, &steps);
            self.sessions(policy, &steps);
            self.deletion(policy, arm, &steps);
        }
    }

    /// A removal that nobody is asked about. Silent
    /// - where it was decided elsewhere: by whatever an event tells of, by a state that is
    ///   not active, by a date that has come;
    /// - where somebody was told before, and had time to do something about it;
    /// - for steps that may do anything (`call`, `run flow`), and for ended sessions, which
    ///   take nothing for good.
    fn review(&mut self, policy: &Policy, arm: &Arm, steps: &[&Step]) {
        let Some(at) = steps.iter().position(|step| removes(&step.kind)) else { return };
        let asks = policy.steps.iter().any(|step| {
            matches!(step.kind, StepKind::Ask { .. } | StepKind::Task { .. })
        });
        if asks || decided(policy, arm) || warned(steps.get(..at).unwrap_or_default()) {
            return;
        }
        let Some(step) = steps.get(at) else { return };
        let message = format!("`{}` takes access, and nobody is asked before", step.text);
        let mut finding = Diagnostic::warning(
            Code::RemovalWithoutReview,
            step.span,
            message,
        )
        .label("no review before it")
        .help("write `ask owner,` before it: those who still need the access keep it");
        // A review stands before everything that changes something, and in one arm only.
        let changes = |step: &&&Step| {
            !matches!(step.kind, StepKind::Notify { .. } | StepKind::Wait(_))
        };
        let first = steps.iter().find(changes).map(|step| step.span);
        if policy.arms.len() == 1 && first == Some(step.span) {
            let before = Span { end: step.span.start, ..step.span };
            finding = finding.maybe(before, "ask owner, ");
        }
        self.report(finding);
    }

    /// A removal from everyone who has been away. Silent where the condition says anything
    /// about who they are, where it was decided elsewhere, and where nothing goes unless
    /// somebody says so.
    fn exception(&mut self, policy: &Policy, arm: &Arm, steps: &[&Step]) {
        let ArmKind::When(when) = &arm.kind else { return };
        let removal = steps.iter().find(|step| removes(&step.kind));
        let asks = steps.iter().any(|step| matches!(step.kind, StepKind::Ask { .. }));
        let Some(removal) = removal else { return };
        if policy.except.is_some()
            || decided(policy, arm)
            || asks && policy.if_ignored == Ignored::Keep
            || !when.tests().into_iter().all(about_time)
        {
            return;
        }
        let message = format!("`{}` spares nobody", self.words(when));
        self.report(
            Diagnostic::warning(Code::NoException, when.span, message)
                .label("true of anybody, however important")
                .and(removal.span, "takes their access")
                .help(
                    "add `and not in group …`, or `except in group …`, for those who must \
                     never lose it by accident",
                ),
        );
    }

    /// Somebody is locked out and stays logged in. Silent where a call or a flow beside it
    /// may do that, and where the account is deleted, which ends them.
    fn sessions(&mut self, policy: &Policy, steps: &[&Step]) {
        let disables = |kind: &StepKind| {
            matches!(
                kind,
                StepKind::DisableAccount | StepKind::DisableUser | StepKind::SuspendUser
            )
        };
        let ends = |kind: &StepKind| {
            matches!(
                kind,
                StepKind::EndSessions
                    | StepKind::Call(_)
                    | StepKind::RunFlow { .. }
                    | StepKind::DeleteAccount
                    | StepKind::DeleteUser
            )
        };
        let Some(step) = steps.iter().find(|step| disables(&step.kind)) else { return };
        let always = policy
            .arms
            .iter()
            .filter(|arm| matches!(arm.kind, ArmKind::Always))
            .flat_map(|arm| {
                flat(policy.steps.get(arm.steps.clone()).unwrap_or_default())
            });
        if steps.iter().copied().chain(always).any(|step| ends(&step.kind))
            || self.done_by_flow(&step.kind)
        {
            return;
        }
        let message = format!("`{}` leaves open sessions open", step.text);
        let behind = Span { start: step.span.end, ..step.span };
        self.report(
            Diagnostic::warning(Code::SessionsLeftOpen, step.span, message)
                .label("whoever is logged in stays so")
                .help("write `end sessions` behind it")
                .maybe(behind, ", end sessions"),
        );
    }

    /// Whether an app has a flow for a step, which may do more than the step.
    fn done_by_flow(&self, kind: &StepKind) -> bool {
        let ways = self.program.apps.iter().flat_map(|app| &app.steps);
        let mut flows = ways.filter(|(_, by)| matches!(by, By::Flow(_)));
        flows.any(|(step, _)| step.kind == *kind)
    }

    /// Something is deleted that was in use the moment before. Silent where it was disabled
    /// before, and some time has passed since: by the steps, or by the condition.
    fn deletion(&mut self, policy: &Policy, arm: &Arm, steps: &[&Step]) {
        let deletes = |kind: &StepKind| {
            matches!(kind, StepKind::DeleteAccount | StepKind::DeleteUser)
        };
        let Some(at) = steps.iter().position(|step| deletes(&step.kind)) else { return };
        let Some(step) = steps.get(at) else { return };
        let before = steps.get(..at).unwrap_or_default();
        let waits =
            before.iter().rposition(|step| matches!(step.kind, StepKind::Wait(_)));
        let disabled = |step: &&Step| {
            matches!(
                step.kind,
                StepKind::DisableAccount | StepKind::DisableUser | StepKind::SuspendUser
            )
        };
        let suspended = policy
            .events
            .iter()
            .any(|event| matches!(event.kind, EventKind::UserSuspended));
        let waited = waits.is_some_and(|waits| {
            suspended || before.get(..waits).unwrap_or_default().iter().any(disabled)
        });
        let known = match &arm.kind {
            ArmKind::When(when) => holds(when, &|test| out_of_use(test)),
            ArmKind::Always | ArmKind::Otherwise => false,
        };
        if waited || known {
            return;
        }
        let already = before.iter().any(disabled);
        let (label, instead) = match step.kind {
            _ if already => ("disabled right before", "wait 30d"),
            StepKind::DeleteUser => {
                ("in use until now", "disable user, end sessions, wait 30d")
            }
            _ => ("in use until now", "disable account, end sessions, wait 30d"),
        };
        let message = format!("`{}` leaves no time in which it can be undone", step.text);
        let finding = Diagnostic::warning(Code::DeleteWithoutWait, step.span, message)
            .label(label)
            .help(format!("write `{instead}` before it"));
        let span = Span { end: step.span.start, ..step.span };
        let finding = finding.maybe(span, format!("{instead}, "));
        self.report(finding);
    }
}

/// All steps, those of `all of` in the place of it.
pub(super) fn flat(steps: &[Step]) -> Vec<&Step> {
    let mut found = Vec::new();
    for step in steps {
        match &step.kind {
            StepKind::AllOf(steps) => found.extend(flat(steps)),
            _ => found.push(step),
        }
    }
    found
}

/// Whether a step surely takes access away, for good.
pub(super) fn removes(kind: &StepKind) -> bool {
    kind.takes()
        && !matches!(
            kind,
            StepKind::Call(_) | StepKind::RunFlow { .. } | StepKind::EndSessions
        )
}

/// Whether somebody is told, and there is time before what follows.
fn warned(before: &[&Step]) -> bool {
    let told = before
        .iter()
        .position(|step| matches!(step.kind, StepKind::Notify { .. }));
    let waits = before.iter().rposition(|step| matches!(step.kind, StepKind::Wait(_)));
    told.zip(waits).is_some_and(|(told, waits)| told < waits)
}

/// Whether what an arm does was decided elsewhere.
pub(super) fn decided(policy: &Policy, arm: &Arm) -> bool {
    let event = policy.schedule.is_none() && !policy.events.is_empty();
    let asked_for = policy.events.iter().any(|event| {
        matches!(event.kind, EventKind::AccessRejected | EventKind::AccessExpired)
    });
    let known = match &arm.kind {
        ArmKind::When(when) => holds(when, &|test| has_left(test) || date_has_come(test)),
        ArmKind::Always | ArmKind::Otherwise => false,
    };
    event || asked_for || known
}

/// Whether such a question must be true for the condition to be.
fn holds(condition: &Condition, question: &dyn Fn(&Test) -> bool) -> bool {
    match &condition.kind {
        ConditionKind::And(parts) => parts.iter().any(|part| holds(part, question)),
        ConditionKind::Or(parts) => parts.iter().all(|part| holds(part, question)),
        ConditionKind::Not(_) => false,
        ConditionKind::Test(test) => question(test),
    }
}

/// Whether somebody is in a state that others have put them in because they leave.
fn has_left(test: &Test) -> bool {
    let active = |value: &Value| fold(&value.to_string()) == IdentityState::Active.name();
    match &test.kind {
        TestKind::Compare { attribute, op, value } => {
            is_state(&attribute.field)
                && match op {
                    Op::Eq => !active(value),
                    Op::Ne => active(value),
                    Op::Lt | Op::Le | Op::Gt | Op::Ge => false,
                }
        }
        TestKind::OneOf { attribute, values } => {
            is_state(&attribute.field) && !values.iter().any(active)
        }
        _ => false,
    }
}

fn is_state(field: &Field) -> bool {
    matches!(field, Field::Status | Field::Lifecycle | Field::IdentityState)
}

/// Whether a date is compared that somebody has put down: the end of a grant, a contract.
fn date_has_come(test: &Test) -> bool {
    let set = |field: &Field| matches!(field, Field::ExpiresAt | Field::Custom { .. });
    match &test.kind {
        TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
            set(&instant.field)
        }
        TestKind::Compare { attribute, value, .. } => {
            set(&attribute.field) && matches!(value, Value::Instant(_))
        }
        _ => false,
    }
}

/// Whether something is out of use, and has been for a while.
fn out_of_use(test: &Test) -> bool {
    match &test.kind {
        TestKind::Elapsed { instant, direction: Direction::Since, op, length } => {
            let while_ago = matches!(op, Op::Gt | Op::Ge) && length.0 > 0;
            let changed = matches!(
                instant.field,
                Field::LifecycleChangedAt | Field::ExpiresAt | Field::Custom { .. }
            );
            while_ago && changed
        }
        _ => has_left(test) && !is_lifecycle(test),
    }
}

/// Whether it is the lifecycle that is asked for: it may have changed the moment before.
fn is_lifecycle(test: &Test) -> bool {
    match &test.kind {
        TestKind::Compare { attribute, .. } | TestKind::OneOf { attribute, .. } => {
            attribute.field == Field::Lifecycle
        }
        _ => false,
    }
}

/// Whether a question asks when, and not who.
fn about_time(test: &Test) -> bool {
    let time = |field: &Field| {
        matches!(
            field,
            Field::LastSeen
                | Field::LastLogin
                | Field::LastActivity
                | Field::CreatedAt
                | Field::GrantedAt
                | Field::PasswordChangedAt
                | Field::PasswordExpiresAt
        )
    };
    match &test.kind {
        TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
            time(&instant.field)
        }
        TestKind::Compare { attribute, .. } | TestKind::Known { attribute, .. } => {
            time(&attribute.field)
        }
        TestKind::NeverActive | TestKind::HasSession => true,
        _ => false,
    }
}
