//! The systems behind the data, as the configuration has them: who follows what is changed.

use crate::catalog::scim::{Lack, is_of_account, is_of_user, lack, path};
use crate::ir::{AppId, GroupId, GroupRef, Policy, StepKind, SubjectKind};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};

/// Which systems are reached by which connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Systems {
    /// Whether they follow the store.
    pub follow: bool,
    /// The connector whose word counts for users, where there is one.
    pub users: Option<String>,
    /// The connector of each group that has one.
    pub groups: BTreeMap<GroupId, String>,
    /// The connector of each source that has one, by its folded name: of groups that are to be
    /// made.
    pub sources: BTreeMap<String, String>,
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
    /// In a connected system that has no word for it: the store would say what is not so there.
    Ability {
        /// The connector.
        system: String,
        /// What it lacks.
        lack: Lack,
    },
}

impl Systems {
    /// Where nothing is known to follow a step of a policy that looks at these apps.
    pub fn missing(
        &self,
        (policy, kind): (&Policy, &StepKind),
        apps: &[AppId],
    ) -> Option<Missing> {
        if !kind.in_store() {
            return None;
        }
        let missing = match kind {
            StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                let lacks = |group: &&GroupRef| self.of_group(policy, group).is_none();
                let groups: Vec<_> = groups.iter().filter(lacks).cloned().collect();
                (!groups.is_empty()).then_some(Missing::Groups(groups))
            }
            kind if is_of_user(kind) => self.missing_of_user((policy, kind), apps),
            kind if is_of_account(kind) => self.missing_of_accounts((policy, kind), apps),
            _ => Some(Missing::People),
        };
        let follows = |missing: &Missing| {
            self.follow && !matches!(missing, Missing::Ability { .. })
        };
        missing.filter(|missing| !follows(missing))
    }

    /// The connector of a group, also of one that is made at its first use.
    fn of_group(&self, policy: &Policy, group: &GroupRef) -> Option<&str> {
        let connector = match policy.groups.iter().find(|made| made.id == group.id) {
            Some(made) => self.sources.get(&fold(&made.source)),
            None => self.groups.get(&group.id),
        };
        connector.map(String::as_str)
    }

    fn missing_of_user(
        &self,
        (policy, kind): (&Policy, &StepKind),
        apps: &[AppId],
    ) -> Option<Missing> {
        if !apps.is_empty() && apps.iter().all(|app| policy.has_way(kind, *app)) {
            return None;
        }
        let Some(system) = self.users.clone() else { return Some(Missing::People) };
        match lack(kind, policy.scope.kind == SubjectKind::Grant) {
            Some(lack) => Some(Missing::Ability { system, lack }),
            None => (!self.writes(kind)).then_some(Missing::People),
        }
    }

    fn missing_of_accounts(
        &self,
        (policy, kind): (&Policy, &StepKind),
        apps: &[AppId],
    ) -> Option<Missing> {
        let users = policy.scope.kind == SubjectKind::User;
        let lack = lack(kind, policy.scope.kind == SubjectKind::Grant);
        let mut missing = Vec::new();
        for app in apps.iter().filter(|app| !policy.has_way(kind, **app)) {
            let connected = self.accounts.get(app);
            let system = connected.and_then(|connected| connected.names.first());
            if let (Some(system), Some(lack), false) = (system, lack, users) {
                return Some(Missing::Ability { system: system.clone(), lack });
            }
            if lack.is_some() || !connected.is_some_and(|connected| connected.all) {
                missing.push(*app);
            }
        }
        // Somebody's sessions end in as many of their apps as can be reached.
        let enough = match kind {
            StepKind::EndSessions if users => missing.len() < apps.len(),
            _ => missing.is_empty() && !apps.is_empty(),
        };
        (!enough).then_some(Missing::Apps(missing))
    }

    /// Whether a step about a user is one that their system is asked for.
    fn writes(&self, kind: &StepKind) -> bool {
        self.users.is_some()
            && match kind {
                StepKind::Set { attribute, .. } => path(&attribute.field).is_some(),
                kind => is_of_user(kind) && lack(kind, false).is_none(),
            }
    }

    /// The connectors that a policy's steps may ask for something in these apps.
    pub fn used(&self, policy: &Policy, apps: &[AppId]) -> BTreeSet<&str> {
        let grants = policy.scope.kind == SubjectKind::Grant;
        let mut used = BTreeSet::new();
        for step in policy.every_step() {
            match &step.kind {
                StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                    used.extend(groups.iter().filter_map(|it| self.of_group(policy, it)));
                }
                kind if self.writes(kind) => used.extend(self.users.as_deref()),
                kind if is_of_account(kind) && lack(kind, grants).is_none() => {
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
