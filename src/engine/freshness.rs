//! Data that is older than the configuration wants it.

use crate::engine::Settings;
use crate::engine::never::{may_forbid, nevers};
use crate::ir::{Condition, Field, Never, Policy, SubjectKind, TestKind};
use crate::store::{SourceAge, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// What somebody should know who relies on what a policy is about to decide: of which sources
/// that it looks at, or that say whether one of its steps never happens, the data is too old.
pub fn stale(
    store: &Store,
    policy: &Policy,
    (settings, now): (&Settings, Timestamp),
) -> Result<Vec<String>, StoreError> {
    if settings.freshness.is_empty() {
        return Ok(Vec::new());
    }
    let nevers = nevers(store, &store.catalog()?, settings)?;
    let nevers = nevers.as_deref().unwrap_or_default();
    stale_beside(store, (policy, nevers), (settings, now))
}

/// The same, of one about which it is known what never happens.
pub(super) fn stale_beside(
    store: &Store,
    (policy, nevers): (&Policy, &[Never]),
    (settings, now): (&Settings, Timestamp),
) -> Result<Vec<String>, StoreError> {
    if settings.freshness.is_empty() {
        return Ok(Vec::new());
    }
    let sources = store.source_ages()?;
    let relied_on = relied_on(store, (policy, nevers), &sources)?;
    let mut warnings = Vec::new();
    for SourceAge { name, as_of, .. } in &sources {
        let Some(limit) = settings.freshness.get(&fold(name)) else { continue };
        let Some(as_of) = as_of else { continue };
        if relied_on.contains(&fold(name)) && now.since(*as_of) > *limit {
            warnings.push(format!(
                "policy {} relies on `{name}`, whose data is of {as_of}, more than {limit} \
                 ago and so unknown: import it again",
                policy.name
            ));
        }
    }
    Ok(warnings)
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
