//! Whether a step can be done where what it is about lives; asked before a policy is put to work.

use crate::engine::Connector;
use crate::engine::connector::{Lack, Links, is_of_user, path};
use crate::engine::errand::has_ways;
use crate::ir::{AppId, Policy, StepKind};
use crate::store::{Store, StoreError};

/// By what a step is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// By connected systems, or by the ways that apps say.
    Others,
    /// In the store alone, at least for some: it must be what other systems follow.
    Store,
    /// A connected system would have to do it, and cannot.
    None {
        /// Why.
        why: String,
        /// What to write instead.
        help: String,
    },
}

/// By what a step is done to the accounts in these apps, and to their owners.
pub fn means(
    store: &Store,
    connectors: &[Connector],
    (policy, kind): (&Policy, &StepKind),
    apps: &[AppId],
) -> Result<Means, StoreError> {
    if has_ways(policy, kind, apps) {
        return Ok(Means::Others);
    }
    let links = Links::new(store, connectors, policy)?;
    if let StepKind::AddToGroup(groups) | StepKind::RemoveFromGroup(groups) = kind {
        let all = groups.iter().all(|group| links.has_group(group.id));
        return Ok(if all { Means::Others } else { Means::Store });
    }
    let scope = policy.scope.kind;
    let none = |(name, lack): (&str, Lack)| Means::None {
        why: format!("`{name}` cannot do it: {}", lack.why),
        help: lack.help.to_owned(),
    };
    if is_of_user(kind) {
        if let Some(found) = links.lack_in(kind, scope, Vec::new()) {
            return Ok(none(found));
        }
        let written = match kind {
            StepKind::Set { attribute, .. } => path(&attribute.field).is_some(),
            _ => true,
        };
        let asked = written && links.authority().is_some();
        return Ok(if asked { Means::Others } else { Means::Store });
    }
    let of_account = matches!(
        kind,
        StepKind::RemoveAccess
            | StepKind::DisableAccount
            | StepKind::DeleteAccount
            | StepKind::RevokePermission(_)
            | StepKind::UnassignFromApp
            | StepKind::EndSessions
    );
    if !of_account {
        return Ok(Means::Store);
    }
    let mut all = !apps.is_empty();
    for app in apps {
        if has_ways(policy, kind, &[*app]) {
            continue;
        }
        let sources = store.sources_of_accounts(*app)?;
        if let Some(found) = links.lack_in(kind, scope, sources.clone()) {
            return Ok(none(found));
        }
        let can = !matches!(kind, StepKind::EndSessions | StepKind::UnassignFromApp);
        all &= can
            && !sources.is_empty()
            && sources.into_iter().all(|source| links.named(source).is_some());
    }
    Ok(if all { Means::Others } else { Means::Store })
}
