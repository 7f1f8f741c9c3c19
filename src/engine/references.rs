//! What the names of a policy stood for when it was put to work.
//!
//! Names come and go with the data. A group that is dropped by one source and made by another
//! has the name that the policy meant, and none of its members: such a policy is blocked
//! until somebody has looked at it.

use crate::catalog::Catalog;
use crate::engine::arms::conditions;
use crate::engine::people;
use crate::ir::{
    AppId, Attribute, Condition, GroupId, GroupRef, PermissionRef, Pilot, Policy,
    StepKind, TestKind, Value, ValueKind, Who,
};
use crate::store::{Store, StoreError};
use crate::text::fold;
use serde::{Deserialize, Serialize};

/// One name of a text, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reference {
    kind: Kind,
    name: String,
    ids: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    App,
    Group,
    Permission,
    Role,
}

/// Puts on record what the names of a version, and of its pilot, stand for now.
pub(super) fn remember_names(
    store: &Store,
    version: (i64, u32),
    (policy, catalog): (&Policy, &Catalog),
) -> Result<(), StoreError> {
    let names = written(&references(policy, catalog));
    store.set_policy_names(version.0, version.1, &names)?;
    if let Some(pilot) = &policy.pilot {
        let names = written(&of_pilot(pilot, &policy.scope.apps, catalog));
        store.set_pilot_names(version, &pilot.text, &names)?;
    }
    Ok(())
}

/// Why a version, or its pilot, can no longer be followed: one of its names stands for
/// something else than what is on record. Where nothing is, this puts it there.
pub(crate) fn changed(
    store: &Store,
    version: (i64, u32),
    (policy, catalog): (&Policy, &Catalog),
) -> Result<Option<String>, StoreError> {
    let now = references(policy, catalog);
    let before = store.policy_names(version.0, version.1)?;
    let mut why = before.as_ref().and_then(|before| differs(before, &now));
    let now = written(&now);
    // Once a declared group is there, the policy means that one.
    if why.is_none() && before.as_ref() != Some(&now) {
        store.set_policy_names(version.0, version.1, &now)?;
    }
    if let Some(pilot) = &policy.pilot {
        let now = of_pilot(pilot, &policy.scope.apps, catalog);
        let before = store.pilot_names(version, &pilot.text)?;
        let other = before.as_ref().and_then(|before| differs(before, &now));
        let now = written(&now);
        if other.is_none() && before.as_ref() != Some(&now) {
            store.set_pilot_names(version, &pilot.text, &now)?;
        }
        why = why.or(other);
    }
    Ok(why.as_deref().map(again))
}

/// The same, and nothing is put on record.
pub(crate) fn other_meaning(
    store: &Store,
    version: (i64, u32),
    (policy, catalog): (&Policy, &Catalog),
) -> Result<Option<String>, StoreError> {
    let before = store.policy_names(version.0, version.1)?;
    let mut why = before.and_then(|it| differs(&it, &references(policy, catalog)));
    if let Some(pilot) = &policy.pilot {
        let before = store.pilot_names(version, &pilot.text)?;
        let now = of_pilot(pilot, &policy.scope.apps, catalog);
        why = why.or_else(|| differs(&before?, &now));
    }
    Ok(why.as_deref().map(again))
}

fn again(why: &str) -> String {
    format!("{why}; publish and activate it again")
}

fn written(names: &[Reference]) -> String {
    serde_json::to_string(names).unwrap_or_default()
}

fn differs(before: &str, now: &[Reference]) -> Option<String> {
    let before: Vec<Reference> = serde_json::from_str(before).unwrap_or_default();
    // One text names the same things in the same order, whatever they stand for.
    let other = before
        .iter()
        .zip(now)
        .filter(|(before, now)| !before.means(now))
        .map(|(before, _)| before.means_another())
        .next();
    let uneven = before.len() != now.len();
    other.or_else(|| uneven.then(|| "its names now mean others".to_owned()))
}

/// The names of a pilot in the order of its condition.
fn of_pilot(pilot: &Pilot, within: &[AppId], catalog: &Catalog) -> Vec<Reference> {
    let mut all = Walk { catalog, within, found: Vec::new() };
    all.condition(&pilot.condition);
    all.found
}

/// The names of a policy in the order of its text.
fn references(policy: &Policy, catalog: &Catalog) -> Vec<Reference> {
    let mut all = Walk {
        catalog,
        within: &policy.scope.apps,
        found: Vec::new(),
    };
    all.apps(&policy.scope.apps);
    for when in conditions(&policy.arms) {
        all.condition(when);
    }
    if let Some(except) = &policy.except {
        all.condition(except);
    }
    for step in policy.every_step() {
        match &step.kind {
            StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                all.groups(groups);
            }
            StepKind::AssignRole(role) | StepKind::UnassignRole(role) => {
                all.add(Kind::Role, &role.name, vec![role.id.0]);
            }
            StepKind::RevokePermission(permissions) => all.permissions(permissions),
            StepKind::Verify { condition, .. } => all.condition(condition),
            _ => {}
        }
    }
    for who in people::named(policy) {
        if let Who::Group(group) = who {
            all.groups(std::slice::from_ref(group));
        }
    }
    all.found
}

struct Walk<'a> {
    catalog: &'a Catalog,
    /// The apps of the policy; all when empty.
    within: &'a [AppId],
    found: Vec<Reference>,
}

impl Walk<'_> {
    fn condition(&mut self, condition: &Condition) {
        for test in condition.tests() {
            match &test.kind {
                TestKind::InGroup { groups, .. } => self.groups(groups),
                TestKind::HasPermission { permissions, .. } => {
                    self.permissions(permissions);
                }
                TestKind::HasRole { roles, .. } => {
                    for role in roles {
                        self.add(Kind::Role, &role.name, vec![role.id.0]);
                    }
                }
                TestKind::HasAccount { apps } => self.apps(apps),
                TestKind::Compare { attribute, value, .. } => {
                    self.values(attribute, std::slice::from_ref(value));
                }
                TestKind::OneOf { attribute, values } => self.values(attribute, values),
                TestKind::Elapsed { .. }
                | TestKind::Reaches { .. }
                | TestKind::NeverActive
                | TestKind::Known { .. }
                | TestKind::HasSession
                | TestKind::Text { .. }
                | TestKind::Matches { .. } => {}
            }
        }
    }

    /// The permissions that a grant's own is compared with.
    fn values(&mut self, attribute: &Attribute, values: &[Value]) {
        if attribute.kind != ValueKind::Permission {
            return;
        }
        for value in values {
            let Value::Text(name) = value else { continue };
            let key = fold(name);
            let known = self.catalog.permissions.iter().filter(|it| {
                (self.within.is_empty() || self.within.contains(&it.app))
                    && (fold(&it.label) == key || fold(&it.value) == key)
            });
            let ids = known.map(|it| it.id.0).collect();
            self.add(Kind::Permission, name, ids);
        }
    }

    fn groups(&mut self, groups: &[GroupRef]) {
        for group in groups {
            self.add(Kind::Group, &group.name, vec![group.id.0]);
        }
    }

    fn permissions(&mut self, permissions: &[PermissionRef]) {
        for permission in permissions {
            let ids = permission.ids.iter().map(|id| id.0).collect();
            self.add(Kind::Permission, &permission.name, ids);
        }
    }

    fn apps(&mut self, apps: &[AppId]) {
        for id in apps {
            let app = self.catalog.apps.iter().find(|app| app.id == *id);
            let name = app.map(|app| app.label.as_str()).unwrap_or_default();
            self.add(Kind::App, name, vec![id.0]);
        }
    }

    fn add(&mut self, kind: Kind, name: &str, mut ids: Vec<i64>) {
        ids.sort_unstable();
        self.found.push(Reference { kind, name: name.to_owned(), ids });
    }
}

impl Reference {
    /// Whether it stands for the same now. A group that was declared may be there by now.
    fn means(&self, now: &Self) -> bool {
        let declared = |id: &i64| GroupId(*id).is_declared();
        self.kind == now.kind
            && (self.ids == now.ids
                || self.kind == Kind::Group && self.ids.iter().all(declared))
    }

    fn means_another(&self) -> String {
        let kind = match self.kind {
            Kind::App => "another app",
            Kind::Group => "another group",
            Kind::Permission => "another permission",
            Kind::Role => "another role",
        };
        format!("`{}` now means {kind}", self.name)
    }
}
