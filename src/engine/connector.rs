//! Systems that the configuration connects: by which a step on one of their accounts, groups or
//! users is done.

use crate::catalog::scim::{Lack, is_of_user, lack, path};
use crate::catalog::{Connected, Systems};
use crate::engine::people::Cast;
use crate::engine::{Change, Provision, Provisioning};
use crate::facts::{Facts, SubjectId};
use crate::ir::{AppId, GroupId, PermissionId, Policy, SecretRef, StepKind};
use crate::store::{Store, StoreError};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A connected system that speaks SCIM 2.0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connector {
    /// What the configuration calls it.
    pub name: String,
    /// Where its users and groups are found.
    pub url: String,
    /// The token that requests carry.
    pub token: Option<SecretRef>,
    /// Whether its word counts for who the users are.
    pub users: bool,
}

/// Which connector is that of which source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    connectors: Vec<Connector>,
    /// By the group, of those that the policy changes.
    groups: BTreeMap<GroupId, usize>,
    /// Of those that the policy takes: whose they are, and what the app calls them.
    permissions: BTreeMap<PermissionId, (AppId, String)>,
    /// The groups that are made where they are not there.
    makes: BTreeSet<GroupId>,
    /// The one of the subject's account.
    account: Option<usize>,
    /// The apps in which a user's accounts have one.
    apps: BTreeSet<AppId>,
}

impl Links {
    /// The systems, before any policy is known.
    pub(crate) fn of(connectors: &[Connector]) -> Self {
        Self { connectors: connectors.to_vec(), ..Self::default() }
    }

    /// The connected system that a change was made in.
    pub(crate) fn of_change(
        &self,
        store: &Store,
        change: &Change,
    ) -> Result<Option<&str>, StoreError> {
        if self.connectors.is_empty() {
            return Ok(None);
        }
        let link = match (change, change.account()) {
            (_, Some(account)) => self.named(store.source_of_account(account)?),
            (Change::Join { group, .. } | Change::Leave { group, .. }, _) => {
                self.named(store.source_of_group(*group)?)
            }
            (Change::UserStatus { .. }, _) => {
                return Ok(self.authority().map(|it| it.name.as_str()));
            }
            (Change::Set { field, .. }, _) if path(field).is_some() => {
                return Ok(self.authority().map(|it| it.name.as_str()));
            }
            _ => None,
        };
        let connector = link.and_then(|link| self.connectors.get(link));
        Ok(connector.map(|it| it.name.as_str()))
    }

    /// The connectors of the groups and permissions that a policy changes.
    pub(crate) fn new(
        store: &Store,
        connectors: &[Connector],
        policy: &Policy,
    ) -> Result<Rc<Self>, StoreError> {
        let mut links = Self::of(connectors);
        if connectors.is_empty() {
            return Ok(Rc::new(links));
        }
        for step in policy.every_step() {
            match &step.kind {
                StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                    for group in groups {
                        let made = policy.groups.iter().find(|made| made.id == group.id);
                        links.makes.extend(made.map(|made| made.id));
                        let source = match made {
                            Some(made) => store.source_called(&made.source)?,
                            None => store.source_of_group(group.id)?,
                        };
                        if let Some(link) = links.named(source) {
                            links.groups.insert(group.id, link);
                        }
                    }
                }
                StepKind::RevokePermission(names) => {
                    for id in names.iter().flat_map(|name| &name.ids) {
                        let known = store.app_of_permission(*id)?;
                        links.permissions.extend(known.map(|known| (*id, known)));
                    }
                }
                _ => {}
            }
        }
        Ok(Rc::new(links))
    }

    /// The same with that of an account.
    pub(crate) fn with_account(
        self: &Rc<Self>,
        store: &Store,
        facts: &Facts,
    ) -> Result<Rc<Self>, StoreError> {
        let Some(account) =
            facts.account.as_ref().filter(|_| !self.connectors.is_empty())
        else {
            return Ok(Rc::clone(self));
        };
        let account = self.named(store.source_of_account(account.id)?);
        Ok(Rc::new(Self { account, ..(**self).clone() }))
    }

    /// The same with the apps of a user's accounts.
    pub(crate) fn with_apps(
        self: &Rc<Self>,
        store: &Store,
        accounts: &[Facts],
    ) -> Result<Rc<Self>, StoreError> {
        let mut apps = BTreeSet::new();
        for facts in accounts.iter().filter(|_| !self.connectors.is_empty()) {
            if let (Some(account), Some(app)) = (&facts.account, &facts.app)
                && self.named(store.source_of_account(account.id)?).is_some()
            {
                apps.insert(app.id);
            }
        }
        Ok(Rc::new(Self { apps, ..(**self).clone() }))
    }

    /// Whether nothing is connected.
    pub(crate) fn is_empty(&self) -> bool {
        self.connectors.is_empty()
    }

    /// Whether the accounts of a user in an app live in a connected system.
    pub(crate) fn reach(&self, app: AppId) -> bool {
        self.apps.contains(&app)
    }

    /// The connector that a source names, else the one of its own name.
    pub(crate) fn named(
        &self,
        (source, connector): (String, Option<String>),
    ) -> Option<usize> {
        let key = fold(connector.as_deref().unwrap_or(&source));
        self.connectors.iter().position(|it| fold(&it.name) == key)
    }

    /// The system whose word counts for users.
    pub(crate) fn authority(&self) -> Option<&Connector> {
        self.connectors.iter().find(|it| it.users)
    }

    fn of_account(&self) -> Option<&Connector> {
        self.account.and_then(|link| self.connectors.get(link))
    }

    /// The changes that a step asks of connected systems.
    pub(crate) fn provisions(&self, kind: &StepKind, facts: &Facts) -> Vec<Provision> {
        match kind {
            StepKind::DisableAccount => {
                self.of_its_account(Provisioning::Deactivate, facts)
            }
            StepKind::DeleteAccount => self.of_its_account(Provisioning::Delete, facts),
            StepKind::RemoveAccess => match &facts.grant {
                Some(grant) => self.revoked(&grant.permission.value, facts),
                None => Vec::new(),
            },
            StepKind::RevokePermission(names) => {
                let ids = names.iter().flat_map(|name| &name.ids);
                let asked = ids.flat_map(|id| self.taken(*id, facts));
                asked.collect()
            }
            StepKind::DisableUser => self.of_user(Provisioning::Deactivate, facts),
            StepKind::DeleteUser => self.of_user(Provisioning::Delete, facts),
            StepKind::Set { attribute, value } => match path(&attribute.field) {
                Some(path) => {
                    let (path, value) = (path.to_owned(), value.to_string());
                    self.of_user(Provisioning::Write { path, value }, facts)
                }
                None => Vec::new(),
            },
            StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
                let joins = matches!(kind, StepKind::AddToGroup(_));
                let asked = groups.iter().filter_map(|group| {
                    let connector = self.connectors.get(*self.groups.get(&group.id)?)?;
                    let name = group.name.clone();
                    let what = match joins {
                        true => {
                            let make = self.makes.contains(&group.id);
                            Provisioning::Join { group: name, make }
                        }
                        false => Provisioning::Leave { group: name },
                    };
                    connector.of_person(what, facts)
                });
                asked.collect()
            }
            _ => Vec::new(),
        }
    }

    /// What is asked so that an account loses a permission, whether the store shows it or not.
    pub(crate) fn taken(&self, id: PermissionId, facts: &Facts) -> Vec<Provision> {
        let app = facts.app.as_ref().map(|app| app.id);
        match self.permissions.get(&id) {
            Some((of, value)) if Some(*of) == app => self.revoked(value, facts),
            _ => Vec::new(),
        }
    }

    fn revoked(&self, permission: &str, facts: &Facts) -> Vec<Provision> {
        let permission = permission.to_owned();
        self.of_its_account(Provisioning::Revoke { permission }, facts)
    }

    fn of_its_account(&self, what: Provisioning, facts: &Facts) -> Vec<Provision> {
        let (Some(connector), Some(account)) = (self.of_account(), &facts.account) else {
            return Vec::new();
        };
        vec![connector.asked(what, (account.username.clone(), facts))]
    }

    fn of_user(&self, what: Provisioning, facts: &Facts) -> Vec<Provision> {
        let asked = self.authority().and_then(|it| it.of_person(what, facts));
        asked.into_iter().collect()
    }

    /// Why the connected system of what a step is about cannot do it, and which system that is.
    pub(crate) fn lack(&self, kind: &StepKind, facts: &Facts) -> Option<(&str, Lack)> {
        let of_user = matches!(facts.subject.id, SubjectId::User(_));
        let grants = matches!(facts.subject.id, SubjectId::Grant(_));
        let lack = lack(kind, grants)?;
        let connector = match is_of_user(kind) || of_user {
            true if *kind == StepKind::EndSessions => return None,
            true => self.authority()?,
            false => self.of_account()?,
        };
        Some((&connector.name, lack))
    }
}

impl Connector {
    /// What is asked about the user, and not about one of their accounts.
    fn of_person(&self, what: Provisioning, facts: &Facts) -> Option<Provision> {
        let user = facts.user.as_ref()?;
        let username = user.username.clone().unwrap_or_else(|| user.email.clone());
        Some(self.asked(what, (username, facts)))
    }

    fn asked(
        &self,
        what: Provisioning,
        (username, facts): (String, &Facts),
    ) -> Provision {
        Provision {
            connector: self.name.clone(),
            url: self.url.clone(),
            token: self.token.clone(),
            what,
            username,
            email: facts.user.as_ref().map(|user| user.email.clone()),
        }
    }
}

/// Which systems are connected, of all groups and of these apps.
pub fn systems(
    store: &Store,
    connectors: &[Connector],
    apps: &[AppId],
) -> Result<Systems, StoreError> {
    let mut systems = Systems::default();
    if connectors.is_empty() {
        return Ok(systems);
    }
    let links = Links::of(connectors);
    systems.users = links.authority().map(|it| it.name.clone());
    let name = |source| Some(connectors.get(links.named(source)?)?.name.clone());
    for (group, source) in store.sources_of_groups()? {
        systems.groups.extend(name(source).map(|name| (group, name)));
    }
    for source in store.sources()? {
        let key = fold(&source.0);
        systems.sources.extend(name(source).map(|name| (key, name)));
    }
    for app in apps {
        let names: Vec<_> =
            store.sources_of_accounts(*app)?.into_iter().map(name).collect();
        if !names.is_empty() {
            let all = names.iter().all(Option::is_some);
            let names = names.into_iter().flatten().collect();
            systems.accounts.insert(*app, Connected { names, all });
        }
    }
    Ok(systems)
}

/// Whether the system itself is asked what is so, whatever the store knows.
pub(crate) fn asks_source(kind: &StepKind, facts: &Facts, cast: &Cast) -> bool {
    !matches!(facts.subject.id, SubjectId::User(_) if facts.user.is_none())
        && !cast.links.provisions(kind, facts).is_empty()
}
