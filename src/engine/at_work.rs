//! What is at work in a store: the policies that can be followed, and why the others cannot.

use crate::catalog::Catalog;
use crate::engine::Settings;
use crate::engine::errors::EngineError;
use crate::engine::library::read;
use crate::engine::never::{Nevers, nevers};
use crate::engine::pilot::Pin;
use crate::engine::references;
use crate::ir::Policy;
use crate::store::{PolicyRow, Store, StoreError};
use std::collections::BTreeMap;

/// What to do about a policy that cannot be followed.
pub const MEND: &str = "bring back what it names, or mend the file: tenure publish FILE, then tenure activate NAME";

/// The active policies of a store.
#[derive(Debug, Default)]
pub struct AtWork {
    /// Those that can be followed.
    pub policies: Vec<Policy>,
    /// The others, and why each cannot.
    pub blocked: BTreeMap<String, String>,
}

/// The active policies of a store, checked against the names that it holds now. `store` is only
/// read.
pub fn at_work(store: &Store, settings: &Settings) -> Result<AtWork, EngineError> {
    let catalog = store.catalog()?;
    let nevers = nevers(store, &catalog, settings)?;
    let mut found = AtWork::default();
    for row in store.policies()? {
        match follow(store, &row, (&catalog, &nevers))? {
            None => {}
            Some(Ok(policy)) => found.policies.push(policy),
            Some(Err(why)) => drop(found.blocked.insert(row.name, why)),
        }
    }
    Ok(found)
}

/// What is at work of a policy, where anything is.
pub fn active_policy(
    store: &Store,
    row: &PolicyRow,
    (catalog, settings): (&Catalog, &Settings),
) -> Result<Option<Policy>, EngineError> {
    let nevers = nevers(store, catalog, settings)?;
    let found = follow(store, row, (catalog, &nevers))?.transpose();
    found.map_err(|why| {
        let name = &row.name;
        EngineError::Refused(format!("policy `{name}` cannot be followed: {why}"))
    })
}

/// Why what is at work of a policy cannot be followed, where it cannot.
pub fn why_blocked(
    store: &Store,
    row: &PolicyRow,
    settings: &Settings,
) -> Result<Option<String>, EngineError> {
    let catalog = store.catalog()?;
    let nevers = nevers(store, &catalog, settings)?;
    Ok(follow(store, row, (&catalog, &nevers))?.and_then(Result::err))
}

/// What is at work of a policy, or why that cannot be followed.
fn follow(
    store: &Store,
    row: &PolicyRow,
    about: (&Catalog, &Nevers),
) -> Result<Option<Result<Policy, String>>, StoreError> {
    Pin::active(row).map(|pin| follow_pin(store, &pin, about)).transpose()
}

/// A version of a policy, or why that cannot be followed.
pub(super) fn follow_pin(
    store: &Store,
    pin: &Pin<'_>,
    (catalog, nevers): (&Catalog, &Nevers),
) -> Result<Result<Policy, String>, StoreError> {
    let policy = match read(store, pin, catalog)? {
        Ok(policy) => policy,
        Err(why) => return Ok(Err(why)),
    };
    let version = (pin.id, pin.version);
    let others = references::other_meaning(store, version, (&policy, catalog))?;
    let forbidden = nevers.as_ref().err().filter(|_| policy.takes());
    Ok(match others.or_else(|| forbidden.cloned()) {
        Some(why) => Err(why),
        None => Ok(policy),
    })
}
