//! The systems behind the data, as the configuration has them: who follows what is changed.

use crate::ir::{AppId, GroupId, GroupRef, Policy, StepKind, SubjectKind};
use std::collections::{BTreeMap, BTreeSet};

/// Which systems are reached by which connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Systems {
    /// Whether they follow the store.
    pub follow: bool,
    /// The connector of each group that has one.
    pub groups: BTreeMap<GroupId, String>,
    /// Those of the accounts of each app where there are any.
    pub accounts: BTreeMap<AppId, Connected>,
}

/// The connectors of an app's accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connected {
    /// Their names.
    pub names: BTreeSet<String>,
    /// Whether each account has one.
    pub all: bool,
}

/// Where a step would change the store, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// In these groups.
    Groups(Vec<GroupRef>),
    /// In these apps.
    Apps(Vec<AppId>),
    /// For people, of whom no app tells.
    People,
}

impl Systems {
    /// Where nothing is known to follow a step of a policy that looks at these apps.
    pub fn missing(
        &self,
        (policy, kind): (&Policy, &StepKind),
        apps: &[AppId],
    ) -> Option<Missing> {
        if self.follow || !kind.in_store() {
            return None;
        }
        let users = policy.scope.kind == SubjectKind::User;
        match kind {
            StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                let lacks = |group: &&GroupRef| !self.groups.contains_key(&group.id);
                let groups: Vec<_> = groups.iter().filter(lacks).cloned().collect();
                (!groups.is_empty()).then_some(Missing::Groups(groups))
            }
            StepKind::DisableUser
            | StepKind::SuspendUser
            | StepKind::DeleteUser
            | StepKind::AssignRole(_)
            | StepKind::UnassignRole(_)
            | StepKind::Set { .. } => Some(Missing::People),
            StepKind::RequirePasswordChange if users => Some(Missing::People),
            kind => {
                let lacks = |app: &&AppId| {
                    !policy.has_way(kind, **app) && !self.does(kind, **app)
                };
                let missing: Vec<_> = apps.iter().filter(lacks).copied().collect();
                // Somebody's sessions end in as many of their apps as can be reached.
                let enough = match kind {
                    StepKind::EndSessions if users => missing.len() < apps.len(),
                    _ => missing.is_empty() && !apps.is_empty(),
                };
                (!enough).then_some(Missing::Apps(missing))
            }
        }
    }

    /// Whether connectors do a step for all accounts of an app.
    fn does(&self, kind: &StepKind, app: AppId) -> bool {
        matches!(kind, StepKind::DisableAccount | StepKind::DeleteAccount)
            && self.accounts.get(&app).is_some_and(|connected| connected.all)
    }

    /// The connectors that a policy's steps may ask for something in these apps.
    pub fn used(&self, policy: &Policy, apps: &[AppId]) -> BTreeSet<&str> {
        let mut used = BTreeSet::new();
        for step in policy.every_step() {
            match &step.kind {
                StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                    let names = groups.iter().filter_map(|it| self.groups.get(&it.id));
                    used.extend(names.map(String::as_str));
                }
                kind @ (StepKind::DisableAccount | StepKind::DeleteAccount) => {
                    let apps = apps.iter().filter(|app| !policy.has_way(kind, **app));
                    let names = apps
                        .filter_map(|app| self.accounts.get(app))
                        .flat_map(|connected| &connected.names);
                    used.extend(names.map(String::as_str));
                }
                _ => {}
            }
        }
        used
    }
}
