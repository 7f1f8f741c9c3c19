//! Permissions that end, in an app that says only how a whole account is taken away.

use crate::check::advice::Advice;
use crate::check::advice::removal::flat;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    App, ArmKind, By, Condition, ConditionKind, EventKind, Field, Policy, StepKind,
    SubjectKind, TestKind, Value,
};
use crate::text::fold;

impl Advice<'_> {
    /// An expired permission whose removal would be that of the account. Silent for
    /// permissions that the condition does not ask for, if it asks for certain ones.
    pub(super) fn layer(&mut self, policy: &Policy) {
        let whens = || {
            policy.arms.iter().filter_map(|arm| match &arm.kind {
                ArmKind::When(when) => Some(when),
                ArmKind::Always | ArmKind::Otherwise => None,
            })
        };
        let ends = policy
            .events
            .iter()
            .any(|event| event.kind == EventKind::AccessExpired)
            || whens().any(asks_for_end);
        if policy.scope.kind != SubjectKind::Grant || !ends {
            return;
        }
        let steps = flat(&policy.steps);
        let removal = steps.iter().find(|step| step.kind == StepKind::RemoveAccess);
        let Some(removal) = removal else { return };
        let asked: Vec<String> = whens().flat_map(permissions).collect();
        for app in &self.program.apps {
            let Some(by) = &app.deprovision else { continue };
            // What is done to any permission is not done to the account.
            if app.way(&StepKind::RevokePermission(Vec::new())).is_some() {
                continue;
            }
            if !policy.scope.apps.is_empty() && !policy.scope.apps.contains(&app.id) {
                continue;
            }
            let bare: Vec<&str> = self.bare(app, &asked);
            let (Some(first), Some(known)) =
                (bare.first(), self.catalog.apps.iter().find(|known| known.id == app.id))
            else {
                continue;
            };
            let whole = match by {
                By::Flow(flow) => format!("flow {}", flow.name),
                By::Webhook(webhook) => format!("webhook {}", webhook.name),
            };
            let names: Vec<String> =
                bare.iter().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "`{}` says how to take an account, and not how to take {}",
                known.label,
                names.join(" or ")
            );
            self.report(
                Diagnostic::warning(Code::WrongLayer, removal.span, message)
                    .label(format!("fails: `{whole}` takes the whole account"))
                    .and(app.span, "says it for the account")
                    .help(format!(
                        "write `permission {} deprovision with …` in `app {}`, or \
                         `deprovision permissions with …` for all that have no line",
                        crate::check::quoted(first),
                        crate::check::quoted(&known.label)
                    )),
            );
            return;
        }
    }

    /// The permissions of an app that it says nothing about, of those that are asked for.
    fn bare(&self, app: &App, asked: &[String]) -> Vec<&str> {
        self.catalog
            .permissions
            .iter()
            .filter(|permission| {
                permission.app == app.id && app.takes(permission.id).is_none()
            })
            .filter(|permission| {
                asked.is_empty()
                    || asked.contains(&fold(&permission.label))
                    || asked.contains(&fold(&permission.value))
            })
            .map(|permission| permission.label.as_str())
            .collect()
    }
}

fn asks_for_end(when: &Condition) -> bool {
    when.tests().into_iter().any(|test| match &test.kind {
        TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
            instant.field == Field::ExpiresAt
        }
        TestKind::Compare { attribute, .. } => attribute.field == Field::ExpiresAt,
        _ => false,
    })
}

/// The permissions that a condition asks for, by any of their names.
fn permissions(when: &Condition) -> Vec<String> {
    let parts = when.conjuncts().iter().filter_map(|part| match &part.kind {
        ConditionKind::Test(test) => Some(&test.kind),
        _ => None,
    });
    let words = |value: &Value| fold(&value.to_string());
    parts
        .flat_map(|kind| match kind {
            TestKind::Compare { attribute, value, .. }
                if attribute.field == Field::Permission =>
            {
                vec![words(value)]
            }
            TestKind::OneOf { attribute, values }
                if attribute.field == Field::Permission =>
            {
                values.iter().map(words).collect()
            }
            _ => Vec::new(),
        })
        .collect()
}
