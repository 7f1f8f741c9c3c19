//! What no policy may take: what the configuration protects, and the last who can do a thing.

use crate::engine::errand::comes_down_to;
use crate::engine::never::{Refused, forbidden};
use crate::engine::step::{Scene, undone};
use crate::engine::{Cast, Change};
use crate::facts::{Facts, SubjectId};
use crate::ir::{GroupId, Step, StepKind};
use crate::store::{Store, StoreError};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};

/// What the configuration protects, as it is written there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// The addresses of users.
    pub users: Vec<String>,
    /// Accounts, as they are printed: `aws/root`.
    pub accounts: Vec<String>,
    /// The names of groups; their members are protected.
    pub groups: Vec<String>,
}

/// The same, as the store knows it; and who owns the apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shield {
    /// The folded addresses.
    users: BTreeSet<String>,
    /// By number: whose they are, and how they are printed.
    accounts: BTreeMap<i64, (i64, String)>,
    groups: BTreeMap<GroupId, String>,
    /// Groups that the store does not have: nobody knows who is protected.
    lost: Vec<String>,
    /// Users and accounts that it does not have.
    absent: Vec<String>,
    /// By folded address, the app.
    owners: BTreeMap<String, String>,
}

impl Shield {
    /// Looks up what is protected.
    pub(crate) fn new(store: &Store, protected: &Protected) -> Result<Self, StoreError> {
        let mut shield = Self::default();
        for (app, owner) in store.app_owners()? {
            shield.owners.entry(fold(&owner)).or_insert(app);
        }
        for email in &protected.users {
            if store.person(email)?.is_none() {
                shield.absent.push(email.clone());
            }
            shield.users.insert(fold(email));
        }
        for name in &protected.accounts {
            match store.find_subject(name)? {
                Some(SubjectId::Account(id)) => {
                    let owner = store.owner_of(id)?;
                    shield.accounts.insert(id, (owner, name.clone()));
                }
                _ => shield.absent.push(name.clone()),
            }
        }
        for name in &protected.groups {
            let found = store.groups_named(name)?;
            if found.is_empty() {
                shield.lost.push(name.clone());
            }
            shield.groups.extend(found.into_iter().map(|id| (id, name.clone())));
        }
        Ok(shield)
    }

    /// What somebody should look at in the configuration.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let of = |name: &String, what: &str| {
            format!("[protected] names `{name}`, which the store does not have{what}")
        };
        let lost = self.lost.iter();
        let lost =
            lost.map(|name| of(name, ": nothing is taken from anybody until then"));
        lost.chain(self.absent.iter().map(|name| of(name, ""))).collect()
    }
}

/// Why this step may not be done to this subject, if so.
pub(crate) fn refused(
    step: &Step,
    scene: &Scene<'_>,
    changed: &[Change],
) -> Option<Refused> {
    let kind = &step.kind;
    let kept = if kind.takes() { guarded(kind, scene.cast, scene.facts) } else { None };
    let before = undone(scene.facts, changed);
    let forbids = |kind: &StepKind| {
        forbidden(kind, &scene.cast.nevers, (scene.facts, &before), scene.now)
    };
    kept.map(Refused::from)
        .or_else(|| forbids(kind))
        .or_else(|| comes_down_to(kind, scene).iter().find_map(forbids))
}

/// Why this may not be taken, whoever takes it: it is protected, or the last of its kind.
pub(crate) fn guarded(kind: &StepKind, cast: &Cast, facts: &Facts) -> Option<String> {
    protected(kind, cast, facts).or_else(|| the_last(kind, cast, facts))
}

/// Whether the step reaches the whole user, and not only one account of theirs.
fn of_user(kind: &StepKind, subject: SubjectId) -> bool {
    matches!(subject, SubjectId::User(_))
        || matches!(
            kind,
            StepKind::DisableUser | StepKind::SuspendUser | StepKind::DeleteUser
        )
}

fn protected(kind: &StepKind, cast: &Cast, facts: &Facts) -> Option<String> {
    let shield = &cast.shield;
    if let Some(name) = shield.lost.first() {
        return Some(format!(
            "the group `{name}` is protected, and the store does not have it"
        ));
    }
    if let Some(user) = &facts.user {
        if shield.users.contains(&fold(&user.email)) {
            return Some(format!("{} is protected", user.email));
        }
        let mut held = facts.groups.keys().filter_map(|id| shield.groups.get(id));
        if let Some(group) = held.next() {
            return Some(format!("{} is protected, being in `{group}`", user.email));
        }
        let mut accounts = shield.accounts.values();
        if of_user(kind, facts.subject.id)
            && let Some((_, name)) = accounts.find(|(owner, _)| *owner == user.id)
        {
            return Some(format!("{} holds {name}, which is protected", user.email));
        }
    }
    let account = facts.account.as_ref()?;
    let (_, name) = shield.accounts.get(&account.id)?;
    Some(format!("{name} is protected"))
}

/// An app without its owner, or a privileged role without anybody, could not be put right by
/// those who are left.
fn the_last(kind: &StepKind, cast: &Cast, facts: &Facts) -> Option<String> {
    let user = facts.user.as_ref()?;
    let alone = &cast.alone;
    if let StepKind::UnassignRole(role) = kind {
        return alone.get(&role.id).map(|role| last_holder(&user.email, role));
    }
    let other_system = matches!(
        kind,
        StepKind::RunWebhook(_) | StepKind::RunFlow { .. } | StepKind::Call(_)
    );
    let ends = matches!(
        kind,
        StepKind::DisableUser | StepKind::SuspendUser | StepKind::DeleteUser
    );
    let whole = matches!(facts.subject.id, SubjectId::User(_));
    let reaches = ends || (other_system && whole);
    if !reaches {
        return None;
    }
    if let Some(app) = cast.shield.owners.get(&fold(&user.email)) {
        return Some(format!(
            "{} is the owner of {app}; name another one first",
            user.email
        ));
    }
    alone.values().next().map(|role| last_holder(&user.email, role))
}

fn last_holder(email: &str, role: &str) -> String {
    format!("{email} is the last who holds the privileged role `{role}`")
}
