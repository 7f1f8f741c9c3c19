//! Identity states: what a `lifecycle` item says of them, and computing everybody's anew.
//!
//! INVARIANT: nobody's identity state follows a change of the mapping unseen: it is pending
//! until somebody has it computed, and then all of it or nothing.

use crate::engine::demand::Named;
use crate::engine::errors::EngineError;
use crate::engine::tick::Settings;
use crate::ir::{IdentityState, Limit, Scope, SubjectKind};
use crate::store::{Pending, StateChange, Store};
use crate::syntax::{self, ast};
use crate::text::Sources;
use crate::time::{Duration, Timestamp};

/// What is said as long as the mapping is not what identity states were computed by.
pub const PENDING: &str = "the meaning of lifecycle states has changed: identity states are \
    pending until tenure process --lifecycle";

/// What processing did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    /// Whose identity state changes.
    pub changes: Vec<Pending>,
    /// How many were changed by processing in the 24 hours before.
    pub changed: u64,
    /// How many may change in 24 hours.
    pub allowed: u64,
    /// Whether these are too many, so that nothing is changed.
    pub held: bool,
}

/// Who asks for something, and why it may pass the limit, where they say so.
pub type Asker<'a> = (&'a str, Option<&'a str>);

/// The states that the `lifecycle` item of a text names, with what each means. People in a
/// disabled one are active.
pub fn lifecycle_item(text: &str) -> Vec<(String, IdentityState)> {
    let mut sources = Sources::default();
    let file = sources.add("policy.tenure", text);
    let (tree, _) = syntax::parse(&sources, file);
    let items = tree.items.iter().filter_map(|item| match &item.kind {
        ast::ItemKind::Lifecycle(lifecycle) => Some(lifecycle),
        _ => None,
    });
    let meaning = items.flat_map(|it| &it.states).map(|state| {
        let meant = match state.disabled {
            Some(_) => IdentityState::Active,
            None => state.identity.value,
        };
        (state.name.value.clone(), meant)
    });
    meaning.collect()
}

/// Whose identity state would change if everybody's were computed now, and what the limit
/// says of it.
pub fn pending_lifecycle(
    store: &Store,
    settings: &Settings,
    now: Timestamp,
) -> Result<Processed, EngineError> {
    found(store, store.pending_states()?, (settings, now))
}

/// Computes everybody's identity state. Where the limit would be passed nothing changes, but
/// for whoever says why it may.
pub fn process_lifecycle(
    store: &Store,
    settings: &Settings,
    by: Asker<'_>,
    now: Timestamp,
) -> Result<Processed, EngineError> {
    store.atomically(|| {
        let mut processed = pending_lifecycle(store, settings, now)?;
        processed.held &= by.1.is_none();
        if !processed.held {
            apply(store, &processed.changes, by, now)?;
            store.settle_mapping()?;
        }
        Ok(processed)
    })
}

/// The same for some users only; what else is pending stays so.
pub fn process_states(
    store: &Store,
    users: &[Named],
    (settings, by): (&Settings, Asker<'_>),
    now: Timestamp,
) -> Result<Processed, EngineError> {
    let mut changes = Vec::new();
    for (user, _) in users {
        changes.extend(store.pending_state(*user)?);
    }
    let mut processed = found(store, changes, (settings, now))?;
    processed.held &= by.1.is_none();
    if !processed.held {
        apply(store, &processed.changes, by, now)?;
    }
    Ok(processed)
}

fn apply(
    store: &Store,
    changes: &[Pending],
    by: Asker<'_>,
    now: Timestamp,
) -> Result<(), EngineError> {
    store.done_by((by.0, None), now, || {
        for &Pending { user, before, after, .. } in changes {
            let change = StateChange {
                user,
                before,
                after,
                cause: "process",
                by: Some(by),
            };
            store.change_identity_state(&change, now)?;
        }
        Ok(())
    })
}

/// The limit is the one that a policy over all users has which takes access away; whoever
/// changes what their lifecycle states mean loses as much by it.
fn found(
    store: &Store,
    changes: Vec<Pending>,
    (settings, now): (&Settings, Timestamp),
) -> Result<Processed, EngineError> {
    let users = |kind| Scope { kind, apps: Vec::new(), long_term: true };
    let everyone = store.scope_count(&users(SubjectKind::User))?;
    let mut allowed = Limit::of_taking().count(everyone);
    if let Some(limit) = &settings.limit {
        allowed =
            allowed.min(limit.count(store.scope_count(&users(SubjectKind::Account))?));
    }
    let changed = store.states_changed_since("process", now.before(Duration::DAY))?;
    let count = u64::try_from(changes.len()).unwrap_or(u64::MAX);
    let held = count > 0 && changed.saturating_add(count) > allowed;
    Ok(Processed { changes, changed, allowed, held })
}
