//! Permissions that end, in an app that says only how a whole account is taken away.

use crate::catalog::Permission;
use crate::check::advice::Advice;
use crate::check::advice::removal::flat;
use crate::check::quoted;
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
        if policy.scope.kind != SubjectKind::Grant || policy.about_end().is_none() {
            return;
        }
        let steps = flat(&policy.steps);
        let removal = steps.iter().find(|step| step.kind == StepKind::RemoveAccess);
        let Some(removal) = removal else { return };
        let asked: Vec<String> = whens(policy).flat_map(permissions).collect();
        for app in &self.program.apps {
            let Some(by) = &app.deprovision else { continue };
            // What is done to any permission is not done to the account.
            if app.way(&StepKind::RevokePermission(Vec::new())).is_some() {
                continue;
            }
            if !policy.scope.apps.is_empty() && !policy.scope.apps.contains(&app.id) {
                continue;
            }
            let mut bare = self.bare(app);
            if !asked.is_empty() {
                bare.retain(|permission| named(permission, &asked));
            }
            let Some((names, label, help)) = self.unsaid(app, &bare) else { continue };
            let message = format!(
                "`{label}` says how to take an account, and not how to take {names}"
            );
            self.layered.insert(app.id);
            self.report(
                Diagnostic::warning(Code::WrongLayer, removal.span, message)
                    .label(format!("fails: `{}` takes the whole account", words(by)))
                    .and(app.span, "says it for the account")
                    .help(help),
            );
            return;
        }
    }

    /// Permissions that expire, and that nothing takes but the engine by what an `app` item
    /// says: it would fail each time. Silent where nobody holds any of them for a time, where
    /// no policy carries the item, and where a policy takes them as they expire.
    pub(super) fn expiries(&mut self) {
        let Some(expiring) = &self.catalog.expiring else { return };
        let program = self.program;
        for app in &program.apps {
            let Some(by) = &app.deprovision else { continue };
            let carries = |policy: &Policy| policy.apps.iter().any(|it| it.id == app.id);
            if app.way(&StepKind::RevokePermission(Vec::new())).is_some()
                || self.layered.contains(&app.id)
                || !program.policies.iter().any(carries)
            {
                continue;
            }
            let mut bare = self.bare(app);
            bare.retain(|permission| {
                let mut policies = program.policies.iter();
                expiring.contains(&permission.id)
                    && !policies.any(|policy| takes_expired(policy, app, permission))
            });
            let Some((names, label, help)) = self.unsaid(app, &bare) else { continue };
            let message = format!(
                "{names} expires, and `{label}` says only how to take an account"
            );
            self.report(
                Diagnostic::warning(Code::WrongLayer, app.span, message)
                    .label(format!(
                        "its expiry fails: `{}` takes the whole account",
                        words(by)
                    ))
                    .help(format!(
                        "{help}; or a policy that takes it `on access expired`"
                    )),
            );
        }
    }

    /// What is said of permissions that an app says nothing about: their names, the app's, and
    /// what to write. Nothing where there are none.
    fn unsaid(
        &self,
        app: &App,
        bare: &[&Permission],
    ) -> Option<(String, String, String)> {
        let known = self.catalog.apps.iter().find(|known| known.id == app.id)?;
        let names: Vec<String> = bare
            .iter()
            .map(|permission| format!("`{}`", permission.label))
            .collect();
        let help = format!(
            "write `permission {} deprovision with …` in `app {}`, or `deprovision \
             permissions with …` for all that have no line",
            quoted(&bare.first()?.label),
            quoted(&known.label)
        );
        Some((names.join(" or "), known.label.clone(), help))
    }

    /// The permissions of an app that it says nothing about.
    fn bare(&self, app: &App) -> Vec<&'_ Permission> {
        let permissions = self.catalog.permissions.iter();
        permissions
            .filter(|permission| {
                permission.app == app.id && app.takes(permission.id).is_none()
            })
            .collect()
    }
}

/// Whether a policy does something about a permission of an app as that expires.
fn takes_expired(policy: &Policy, app: &App, permission: &Permission) -> bool {
    let mut events = policy.events.iter();
    let asked: Vec<String> = whens(policy).flat_map(permissions).collect();
    policy.scope.kind == SubjectKind::Grant
        && (policy.scope.apps.is_empty() || policy.scope.apps.contains(&app.id))
        && events.any(|event| event.kind == EventKind::AccessExpired)
        && (asked.is_empty() || named(permission, &asked))
}

/// Whether a permission is one of those names.
fn named(permission: &Permission, asked: &[String]) -> bool {
    asked.contains(&fold(&permission.label)) || asked.contains(&fold(&permission.value))
}

fn words(by: &By) -> String {
    match by {
        By::Flow(flow) => format!("flow {}", flow.name),
        By::Webhook(webhook) => format!("webhook {}", webhook.name),
    }
}

fn whens(policy: &Policy) -> impl Iterator<Item = &Condition> {
    policy.arms.iter().filter_map(|arm| match &arm.kind {
        ArmKind::When(when) => Some(when),
        ArmKind::Always | ArmKind::Otherwise => None,
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
