//! How many there are of what: enough to choose where a statement starts.

use crate::ir::{AppId, GroupId, PermissionId};
use std::collections::BTreeMap;

/// Sizes of the store's tables and of the sets that conditions name. They only choose a
/// statement's shape; being wrong makes it slower and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Accounts.
    pub accounts: u64,
    /// Users.
    pub users: u64,
    /// Grants; counted only where they are asked about.
    pub grants: u64,
    /// Users of one department, on average.
    pub department: u64,
    /// Accounts of each app.
    pub apps: BTreeMap<AppId, u64>,
    /// Members of each group.
    pub groups: BTreeMap<GroupId, u64>,
    /// Holders of each permission.
    pub permissions: BTreeMap<PermissionId, u64>,
    /// Grants of all permissions that go by a name, folded.
    pub named: BTreeMap<String, u64>,
}

impl Statistics {
    /// Accounts in any of the apps; all where none is named.
    pub(crate) fn in_apps(&self, apps: &[AppId]) -> u64 {
        if apps.is_empty() {
            return self.accounts;
        }
        apps.iter().filter_map(|app| self.apps.get(app)).sum()
    }

    /// Grants of each account, on average; at least one.
    pub(crate) fn per_account(&self) -> u64 {
        (self.grants / self.accounts.max(1)).max(1)
    }

    /// Grants of all the permissions that go by these names.
    pub(crate) fn granted(&self, names: &[String]) -> u64 {
        names.iter().filter_map(|name| self.named.get(name)).sum()
    }

    /// Members of all the groups together.
    pub(crate) fn members<'a>(
        &self,
        groups: impl IntoIterator<Item = &'a GroupId>,
    ) -> u64 {
        groups.into_iter().filter_map(|group| self.groups.get(group)).sum()
    }

    /// Holders of all the permissions together.
    pub(crate) fn holders<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a PermissionId>,
    ) -> u64 {
        permissions
            .into_iter()
            .filter_map(|held| self.permissions.get(held))
            .sum()
    }
}
