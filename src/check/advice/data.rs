//! Conditions and steps that the data takes the sense from: activity that is not on record,
//! groups without members or for another app, privileges that people can give themselves.

use crate::catalog::{App, Group};
use crate::check::advice::Advice;
use crate::check::advice::removal::flat;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    AppId, ArmKind, Attribute, Condition, ConditionKind, EventKind, Field, GroupId,
    GroupRef, Policy, Scope, StepKind, SubjectKind, Test, TestKind, ValueKind,
};
use crate::text::counted;

impl Advice<'_> {
    /// Looks at a policy beside the data.
    pub(super) fn data(&mut self, policy: &Policy) {
        let conditions: Vec<&Condition> = policy
            .arms
            .iter()
            .filter_map(|arm| match &arm.kind {
                ArmKind::When(when) => Some(when),
                ArmKind::Always | ArmKind::Otherwise => None,
            })
            .collect();
        for condition in &conditions {
            self.newcomers(condition, (policy.scope.kind, false));
        }
        self.activity(policy, &conditions);
        self.sessions_known(policy, &conditions);
        for condition in &conditions {
            self.empty_groups(condition, false);
        }
        if let Some(except) = &policy.except {
            self.empty_groups(except, true);
        }
        self.unlinked(policy);
        self.own_privilege(policy);
    }

    /// `never active` reaches everyone who has just been created. Silent beside anything
    /// that asks since when somebody or something is there.
    fn newcomers(&mut self, condition: &Condition, (kind, aged): (SubjectKind, bool)) {
        match &condition.kind {
            ConditionKind::And(parts) => {
                let aged = aged
                    || parts.iter().any(|part| part.tests().into_iter().any(about_age));
                for part in parts {
                    self.newcomers(part, (kind, aged));
                }
            }
            ConditionKind::Or(parts) => {
                for part in parts {
                    self.newcomers(part, (kind, aged));
                }
            }
            ConditionKind::Test(test) if test.kind == TestKind::NeverActive && !aged => {
                let created = match kind {
                    SubjectKind::Account => "account.created_at",
                    SubjectKind::User => "created_at",
                    SubjectKind::Grant => "granted_at",
                };
                let instead = format!("(never active and since {created} > 30d)");
                let message =
                    "`never active` reaches those who were created a minute ago";
                self.report(
                    Diagnostic::warning(Code::NeverActiveAlone, condition.span, message)
                        .label("true until the first sign of life")
                        .help(format!("write `{instead}`"))
                        .maybe(condition.span, instead),
                );
            }
            ConditionKind::Not(_) | ConditionKind::Test(_) => {}
        }
    }

    /// A question about activity that is on record for none of the policy's apps, or not for
    /// one that it names.
    fn activity(&mut self, policy: &Policy, conditions: &[&Condition]) {
        let (accounts, silent) = self.silent(&policy.scope);
        let asked = conditions.iter().find_map(|condition| first(condition, &about_life));
        let Some((part, test)) = asked.filter(|_| accounts > 0) else { return };
        let names: Vec<String> =
            silent.iter().map(|app| format!("`{}`", app.label)).collect();
        let of = match names.as_slice() {
            [] => "no sign of life is on record".to_owned(),
            names => {
                format!("no sign of life in {} is on record", names.join(" or "))
            }
        };
        let accounts = counted(
            usize::try_from(accounts).unwrap_or(usize::MAX),
            "account",
            "accounts",
        );
        let label = if test.kind == TestKind::NeverActive {
            format!("true of all {accounts}")
        } else {
            format!("unknown for all {accounts}")
        };
        self.report(
            Diagnostic::warning(Code::NoActivity, part.span, of)
                .label(label)
                .help("import activity.csv, or ask for something that is known"),
        );
    }

    /// A question about sessions, of which none is on record: then nobody has one. Silent
    /// where it is not known how many there are.
    fn sessions_known(&mut self, policy: &Policy, conditions: &[&Condition]) {
        if self.catalog.sessions != Some(false) {
            return;
        }
        let open = |test: &Test| test.kind == TestKind::HasSession;
        let conditions = conditions.iter().copied().chain(&policy.except);
        for (part, _) in conditions.filter_map(|condition| first(condition, &open)) {
            self.report(
                Diagnostic::warning(
                    Code::NoSessions,
                    part.span,
                    "no session is on record, of anybody",
                )
                .label("false of everyone")
                .help("import sessions.csv, or ask for something that is known"),
            );
        }
    }

    /// The apps without a sign of life that a scope names, and how many accounts they have.
    /// A scope without names is silent only as a whole.
    fn silent(&self, scope: &Scope) -> (u64, Vec<&App>) {
        let apps = self.catalog.apps.iter();
        if scope.apps.is_empty() || scope.kind == SubjectKind::User {
            let all = apps.clone().map(|app| app.accounts).sum();
            let seen = apps.clone().any(|app| app.seen);
            return if seen { (0, Vec::new()) } else { (all, Vec::new()) };
        }
        let silent: Vec<&App> = apps
            .filter(|app| scope.apps.contains(&app.id) && !app.seen && app.accounts > 0)
            .collect();
        (silent.iter().map(|app| app.accounts).sum(), silent)
    }

    /// An exception for a group that nobody is in.
    fn empty_groups(&mut self, condition: &Condition, spares: bool) {
        match &condition.kind {
            ConditionKind::And(parts) | ConditionKind::Or(parts) => {
                for part in parts {
                    self.empty_groups(part, spares);
                }
            }
            ConditionKind::Not(inner) => self.empty_groups(inner, !spares),
            ConditionKind::Test(Test {
                kind: TestKind::InGroup { groups, .. }, ..
            }) if spares => {
                let empty = groups.iter().filter_map(|group| self.group(group.id));
                let Some(group) = empty.into_iter().find(|group| group.members == 0)
                else {
                    return;
                };
                let message =
                    format!("`{}` has no members, so this spares nobody", group.name);
                self.report(
                    Diagnostic::warning(Code::EmptyException, condition.span, message)
                        .label(format!("an empty group of {}", group.source))
                        .help("name the group that they are in, or import its members"),
                );
            }
            ConditionKind::Test(_) => {}
        }
    }

    /// `remove from group` for a group that gives no access to the policy's app. Silent where
    /// the data links no group to that app.
    fn unlinked(&mut self, policy: &Policy) {
        let apps = &policy.scope.apps;
        if apps.is_empty() || policy.scope.kind == SubjectKind::User {
            return;
        }
        let linked: Vec<&Group> = self
            .catalog
            .groups
            .iter()
            .filter(|group| group.app.is_some_and(|app| apps.contains(&app)))
            .collect();
        for step in flat(&policy.steps) {
            let StepKind::RemoveFromGroup(groups) = &step.kind else { continue };
            let stray =
                groups.iter().filter_map(|group| self.group(group.id)).find(|group| {
                    match group.app {
                        Some(app) => !apps.contains(&app),
                        None => !linked.is_empty(),
                    }
                });
            let Some(group) = stray else { continue };
            let app = self.labels(apps);
            let label = match group.app {
                Some(other) => format!("a group of {}", self.labels(&[other])),
                None => "a group of no app".to_owned(),
            };
            let message = format!("`{}` is not linked to {app}", group.name);
            let finding =
                Diagnostic::warning(Code::UnlinkedGroup, step.span, message).label(label);
            let known: Vec<String> = linked
                .iter()
                .take(3)
                .map(|group| format!("`{}`", group.name))
                .collect();
            let help = match known.as_slice() {
                [] => format!("leaving it takes no access to {app}; name one that does"),
                known => format!("write a group that is: {}", known.join(", ")),
            };
            self.report(finding.help(help));
        }
    }

    pub(super) fn labels(&self, ids: &[AppId]) -> String {
        let apps = self.catalog.apps.iter().filter(|app| ids.contains(&app.id));
        let names: Vec<String> = apps.map(|app| format!("`{}`", app.label)).collect();
        names.join(" or ")
    }

    /// A privilege that hangs on what people can change themselves.
    fn own_privilege(&mut self, policy: &Policy) {
        let own: Vec<&Attribute> = self
            .program
            .attributes
            .iter()
            .filter(|declared| declared.editable)
            .map(|declared| &declared.attribute)
            .collect();
        if own.is_empty() {
            return;
        }
        let is_own = |attribute: &Attribute| {
            own.iter()
                .any(|own| own.level == attribute.level && own.field == attribute.field)
        };
        for arm in &policy.arms {
            let steps = flat(policy.steps.get(arm.steps.clone()).unwrap_or_default());
            // Where somebody is asked first, they do not give it to themselves.
            let alone = steps
                .iter()
                .take_while(|step| !matches!(step.kind, StepKind::Ask { .. }));
            let given = alone.into_iter().find_map(|step| {
                let name = self.privilege(&step.kind)?;
                Some((step.span, name))
            });
            let Some((given, name)) = given else { continue };
            let asked = match &arm.kind {
                ArmKind::When(when) => {
                    first(when, &|test| test.kind.attribute().is_some_and(is_own))
                        .and_then(|(part, test)| {
                            Some((part.span, test.kind.attribute()?.clone()))
                        })
                }
                ArmKind::Always | ArmKind::Otherwise => None,
            };
            let changed = policy.events.iter().find_map(|event| match &event.kind {
                EventKind::Changed { attribute, .. } if is_own(attribute) => {
                    Some((event.span, attribute.clone()))
                }
                _ => None,
            });
            let Some((span, attribute)) = asked.or(changed) else { continue };
            let own = attribute.field.name();
            let message =
                format!("whoever writes it into their own `{own}` gets `{name}`");
            self.report(
                Diagnostic::warning(Code::PrivilegeByOwnAttribute, span, message)
                    .label(format!("`{own}` is `editable by self`"))
                    .and(given, "gives a privilege")
                    .help(
                        "ask for something that people cannot change themselves, or let \
                         somebody confirm it with `ask manager` first",
                    ),
            );
        }
    }

    /// The privilege that a step gives.
    fn privilege(&self, kind: &StepKind) -> Option<String> {
        match kind {
            StepKind::AddToGroup(groups) => {
                let known =
                    groups.iter().filter_map(|group: &GroupRef| self.group(group.id));
                let mut privileged = known.filter(|group| group.privileged);
                privileged.next().map(|group| group.name.clone())
            }
            StepKind::AssignRole(role) => {
                let mut known = self.catalog.roles.iter();
                let known = known.find(|known| known.id == role.id && known.privileged);
                known.map(|role| role.name.clone())
            }
            _ => None,
        }
    }

    pub(super) fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id).copied()
    }
}

/// The first question of that kind in a condition, with its place.
fn first<'c>(
    condition: &'c Condition,
    question: &dyn Fn(&Test) -> bool,
) -> Option<(&'c Condition, &'c Test)> {
    match &condition.kind {
        ConditionKind::And(parts) | ConditionKind::Or(parts) => {
            parts.iter().find_map(|part| first(part, question))
        }
        ConditionKind::Not(inner) => first(inner, question),
        ConditionKind::Test(test) => question(test).then_some((condition, test)),
    }
}

fn about_life(test: &Test) -> bool {
    let signs = |field: &Field| {
        matches!(field, Field::LastSeen | Field::LastLogin | Field::LastActivity)
    };
    test.kind == TestKind::NeverActive
        || test.kind.attribute().is_some_and(|attribute| signs(&attribute.field))
}

/// Whether a question asks since when somebody or something is there.
fn about_age(test: &Test) -> bool {
    if let TestKind::InGroup { held: Some(_), .. }
    | TestKind::HasRole { held: Some(_), .. }
    | TestKind::HasPermission { held: Some(_), .. } = &test.kind
    {
        return true;
    }
    let Some(attribute) = test.kind.attribute() else { return false };
    match attribute.field {
        // With `inactive` beside it, it is never true; that is another warning.
        Field::LastSeen => true,
        Field::CreatedAt | Field::GrantedAt | Field::LifecycleChangedAt => true,
        // The day somebody began, or another that came with the data.
        Field::Custom { .. } => attribute.kind == ValueKind::Instant,
        _ => false,
    }
}
