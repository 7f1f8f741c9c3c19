//! Systems that the configuration connects: by which a step on one of their accounts or groups
//! is done.

use crate::engine::people::Cast;
use crate::engine::{Provision, Provisioning};
use crate::facts::{Facts, SubjectId};
use crate::ir::{AppId, GroupId, Policy, SecretRef, StepKind};
use crate::store::{Store, StoreError};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A connected system that speaks SCIM 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// What the configuration calls it.
    pub name: String,
    /// Where its users and groups are found.
    pub url: String,
    /// The token that requests carry.
    pub token: Option<SecretRef>,
}

/// Which connector is that of which source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    connectors: Vec<Connector>,
    /// By the group, of those that the policy changes.
    groups: BTreeMap<GroupId, usize>,
    /// The groups that are made where they are not there.
    makes: BTreeSet<GroupId>,
    /// The one of the subject's account.
    account: Option<usize>,
}

impl Links {
    /// The connectors of the groups that a policy changes.
    pub(crate) fn new(
        store: &Store,
        connectors: &[Connector],
        policy: &Policy,
    ) -> Result<Rc<Self>, StoreError> {
        let mut links = Self { connectors: connectors.to_vec(), ..Self::default() };
        if connectors.is_empty() {
            return Ok(Rc::new(links));
        }
        for step in policy.every_step() {
            let (StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups)) =
                &step.kind
            else {
                continue;
            };
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

    /// The connector that a source names, else the one of its own name.
    fn named(&self, (source, connector): (String, Option<String>)) -> Option<usize> {
        let key = fold(connector.as_deref().unwrap_or(&source));
        self.connectors.iter().position(|it| fold(&it.name) == key)
    }

    /// The changes that a step asks of connected systems.
    pub(crate) fn provisions(&self, kind: &StepKind, facts: &Facts) -> Vec<Provision> {
        let account = |what: Provisioning| {
            let link = self.account.and_then(|link| self.connectors.get(link));
            let (Some(connector), Some(account)) = (link, &facts.account) else {
                return Vec::new();
            };
            vec![connector.asked(what, (account.username.clone(), facts))]
        };
        let (groups, joins) = match kind {
            StepKind::DisableAccount => return account(Provisioning::Deactivate),
            StepKind::DeleteAccount => return account(Provisioning::Delete),
            StepKind::AddToGroup(groups) => (groups, true),
            StepKind::RemoveFromGroup(groups) => (groups, false),
            _ => return Vec::new(),
        };
        let Some(user) = &facts.user else { return Vec::new() };
        let username = user.username.clone().unwrap_or_else(|| user.email.clone());
        let asked = groups.iter().filter_map(|group| {
            let connector = self.connectors.get(*self.groups.get(&group.id)?)?;
            let name = group.name.clone();
            let what = match joins {
                true => Provisioning::Join {
                    group: name,
                    make: self.makes.contains(&group.id),
                },
                false => Provisioning::Leave { group: name },
            };
            Some(connector.asked(what, (username.clone(), facts)))
        });
        asked.collect()
    }
}

impl Connector {
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

/// Whether all groups of a step, or the accounts of all these apps, belong to connected
/// systems that can do it.
pub fn is_connected(
    store: &Store,
    connectors: &[Connector],
    (policy, kind): (&Policy, &StepKind),
    apps: &[AppId],
) -> Result<bool, StoreError> {
    let links = Links::new(store, connectors, policy)?;
    Ok(match kind {
        StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) => {
            groups.iter().all(|group| links.groups.contains_key(&group.id))
        }
        StepKind::DisableAccount | StepKind::DeleteAccount => {
            let mut all = !apps.is_empty();
            for app in apps {
                let sources = store.sources_of_accounts(*app)?;
                all &= !sources.is_empty()
                    && sources.into_iter().all(|source| links.named(source).is_some());
            }
            all
        }
        _ => false,
    })
}

/// Whether the system itself is asked what is so, whatever the store knows.
pub(crate) fn asks_source(kind: &StepKind, facts: &Facts, cast: &Cast) -> bool {
    !matches!(facts.subject.id, SubjectId::User(_) if facts.user.is_none())
        && !cast.links.provisions(kind, facts).is_empty()
}
