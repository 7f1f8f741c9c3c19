//! Data that is older than the configuration wants it.

use crate::engine::Settings;
use crate::engine::never::{may_forbid, nevers};
use crate::ir::{Condition, Field, Never, Policy, SubjectKind, TestKind};
use crate::store::{SourceAge, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// What somebody should know who relies on what policies are about to decide: of which sources
/// that they look at, or that say whether one of their steps never happens, the data is too old.
pub fn stale(
    store: &Store,
    policies: &[Policy],
    (settings, now): (&Settings, Timestamp),
) -> Result<Vec<String>, StoreError> {
    if settings.freshness.is_empty() {
        return Ok(Vec::new());
    }
    let nevers = nevers(store, &store.catalog()?, settings)?;
    let nevers = nevers.as_deref().unwrap_or_default();
    let mut found = TooOld::default();
    for policy in policies {
        found.look(store, (policy, nevers), (settings, now))?;
    }
    Ok(found.warnings())
}

/// So many policies are named in one warning; there may be hundreds.
const NAMED: usize = 5;

/// Sources whose data is too old, and the policies that rely on them.
#[derive(Default)]
pub(super) struct TooOld {
    sources: Vec<OldSource>,
}

struct OldSource {
    /// `whose data is of …`
    why: String,
    name: String,
    policies: Vec<String>,
}

impl TooOld {
    /// Looks at what one more policy relies on, and what never happens.
    pub(super) fn look(
        &mut self,
        store: &Store,
        (policy, nevers): (&Policy, &[Never]),
        (settings, now): (&Settings, Timestamp),
    ) -> Result<(), StoreError> {
        if settings.freshness.is_empty() {
            return Ok(());
        }
        let sources = store.source_ages()?;
        let relied_on = relied_on(store, (policy, nevers), &sources)?;
        for SourceAge { name, as_of, .. } in &sources {
            let Some(limit) = settings.freshness.get(&fold(name)) else { continue };
            let Some(as_of) = as_of else { continue };
            if relied_on.contains(&fold(name)) && now.since(*as_of) > *limit {
                let why = format!("whose data is of {as_of}, more than {limit} ago");
                self.note((name, why), &policy.name);
            }
        }
        Ok(())
    }

    fn note(&mut self, (name, why): (&str, String), policy: &str) {
        let known = self.sources.iter_mut().find(|it| it.name == name && it.why == why);
        match known {
            Some(known) if known.policies.iter().any(|it| it == policy) => {}
            Some(known) => known.policies.push(policy.to_owned()),
            None => self.sources.push(OldSource {
                why,
                name: name.to_owned(),
                policies: vec![policy.to_owned()],
            }),
        }
    }

    /// One for each source.
    pub(super) fn warnings(self) -> Vec<String> {
        let one = |OldSource { why, name, policies }: OldSource| {
            let who = named(&policies);
            format!("{who} on `{name}`, {why} and so unknown: import it again")
        };
        self.sources.into_iter().map(one).collect()
    }
}

/// `policies a and b rely`, as the subject of a sentence.
fn named(policies: &[String]) -> String {
    let (shown, more) = policies.split_at(policies.len().min(NAMED));
    match (shown, more.len()) {
        ([policy], _) => format!("policy {policy} relies"),
        ([first @ .., last], 0) => {
            format!("policies {} and {last} rely", first.join(", "))
        }
        (shown, more) => format!("policies {} and {more} more rely", shown.join(", ")),
    }
}

/// Names under `[freshness]` that no source has.
pub(super) fn unknown(
    store: &Store,
    settings: &Settings,
) -> Result<Vec<String>, StoreError> {
    if settings.freshness.is_empty() {
        return Ok(Vec::new());
    }
    let known = store.source_ages()?;
    let known: BTreeSet<String> = known.iter().map(|source| fold(&source.name)).collect();
    let strange = settings.freshness.keys().filter(|name| !known.contains(*name));
    let warning =
        |name| format!("`[freshness]` names `{name}`, and no source is called so");
    Ok(strange.map(warning).collect())
}

/// The sources, by folded name, of what a policy looks at.
fn relied_on(
    store: &Store,
    (policy, nevers): (&Policy, &[Never]),
    sources: &[SourceAge],
) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    let within = &policy.scope.apps;
    let mut seen = false;
    let mut accounts = policy.scope.kind != SubjectKind::User;
    let nevers = nevers.iter().filter(|never| may_forbid(never, policy));
    let conditions = [Some(&policy.when), policy.except.as_ref()].into_iter().flatten();
    let conditions = conditions.chain(nevers.map(|never| &never.when));
    for test in conditions.flat_map(Condition::tests) {
        match &test.kind {
            TestKind::InGroup { groups, .. } => {
                for group in groups {
                    names.insert(fold(&store.source_of_group(group.id)?.0));
                }
            }
            TestKind::NeverActive => seen = true,
            TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
                seen |= matches!(
                    instant.field,
                    Field::LastSeen | Field::LastLogin | Field::LastActivity
                );
            }
            TestKind::HasPermission { .. }
            | TestKind::HasAccount { .. }
            | TestKind::HasSession => accounts = true,
            _ => {}
        }
    }
    let orders = policy.activity.as_ref();
    for SourceAge { name, kind, app, .. } in sources {
        let of_app = app.is_some_and(|app| within.is_empty() || within.contains(&app));
        let own = kind == "integration" && of_app;
        if own && (accounts || seen) || kind == "idp" && seen && orders.is_none() {
            names.insert(fold(name));
        }
    }
    if let (Some(orders), true) = (orders, seen) {
        let of_apps = orders.apps.iter().filter(|(app, _)| {
            orders.own.is_none() && (within.is_empty() || within.contains(app))
        });
        let all = of_apps.map(|(_, activity)| activity).chain(&orders.own);
        names.extend(all.flat_map(|activity| &activity.sources).map(|name| fold(name)));
    }
    Ok(names)
}
