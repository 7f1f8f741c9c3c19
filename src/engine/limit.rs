//! Limits: how many runs a policy, and all of them together, may open within 24 hours; and how
//! many may begin to take something away, whenever they were opened.
//!
//! INVARIANT: no more subjects lose something to a policy within 24 hours than its limit says,
//! but for what a person has released. Every attempt counts at its own time, so that neither
//! decisions nor retries that come together can pass the limit.

use crate::engine::errors::EngineError;
use crate::engine::library::Loaded;
use crate::engine::run::Run;
use crate::engine::survey::LimitState;
use crate::engine::tick::{Engine, Settings};
use crate::ir::{Policy, Scope, SubjectKind};
use crate::store::Store;
use crate::time::{Duration, Timestamp};

/// The length of time that limits speak of.
const WINDOW: Duration = Duration::DAY;

/// What the policy's own limit and the one of the whole store say of so many new runs.
pub(crate) fn limit(
    store: &Store,
    (policy, id): (&Policy, Option<i64>),
    (in_scope, opens): (u64, u64),
    (settings, now): (&Settings, Timestamp),
) -> Result<LimitState, EngineError> {
    let since = now.before(WINDOW);
    let opened = match id {
        Some(id) => store.opened_since(Some(id), since)?,
        None => 0,
    };
    let allowed = policy.allowed(in_scope);
    let mut state = LimitState { allowed, opened, held: false, of_store: false };
    if let Some(allowed) = allowed_to_all(store, policy, settings)? {
        let opened = store.opened_since(None, since)?;
        // The tighter of the two is the one to tell of.
        let left = |allowed: u64, opened: u64| allowed.saturating_sub(opened);
        if state
            .allowed
            .is_none_or(|own| left(allowed, opened) < left(own, state.opened))
        {
            state = LimitState {
                allowed: Some(allowed),
                opened,
                held: false,
                of_store: true,
            };
        }
    }
    let fits = |allowed| state.opened.saturating_add(opens) <= allowed;
    state.held = opens > 0 && !state.allowed.is_none_or(fits);
    Ok(state)
}

/// How many runs all policies that take access away may open together, where this is one.
fn allowed_to_all(
    store: &Store,
    policy: &Policy,
    settings: &Settings,
) -> Result<Option<u64>, EngineError> {
    let Some(limit) = settings.limit.as_ref().filter(|_| policy.takes()) else {
        return Ok(None);
    };
    let everyone = Scope {
        kind: SubjectKind::Account,
        apps: Vec::new(),
        long_term: true,
    };
    Ok(Some(limit.count(store.scope_count(&everyone)?)))
}

impl Engine<'_> {
    /// When a run may begin to take something away; nothing where it may now. One that has
    /// begun goes on, but where it begins anew; and one that a person released is let through.
    pub(super) fn room(
        &self,
        (run, anew): (&Run, bool),
        (policy_id, loaded): (i64, &Loaded),
        now: Timestamp,
    ) -> Result<Option<Timestamp>, EngineError> {
        let policy = &*loaded.policy;
        if !policy.takes()
            || (run.begun && !anew)
            || run.released
            || run.observed
            || !run.state.is_open()
        {
            return Ok(None);
        }
        let window = (now.before(WINDOW), run.id.0);
        // Without a limit nothing is counted: that would be all that began, for each run.
        let own = match policy.allowed(0) {
            Some(least) => Some(self.store.began_since(Some(policy_id), window)?)
                .filter(|own| *own >= least),
            None => None,
        };
        // Counting the scope takes its time too: mostly it need not be known.
        let mut until = None;
        if let Some(own) = own {
            let in_scope = self.store.scope_count(&policy.scope)?;
            if let Some(allowed) = policy.allowed(in_scope).filter(|it| own >= *it) {
                until = Some(self.free_at(Some(policy_id), window, (allowed, now))?);
            }
        }
        if let Some(allowed) = allowed_to_all(self.store, policy, self.settings)?
            && self.store.began_since(None, window)? >= allowed
        {
            until = until.max(Some(self.free_at(None, window, (allowed, now))?));
        }
        Ok(until)
    }

    /// When so few of those that began are within the window that there is room for one more.
    fn free_at(
        &self,
        policy_id: Option<i64>,
        window: (Timestamp, i64),
        (allowed, now): (u64, Timestamp),
    ) -> Result<Timestamp, EngineError> {
        let began = match allowed.checked_sub(1) {
            Some(later) => self.store.began_before(policy_id, window, later)?,
            None => None,
        };
        // One that began by a clock that was ahead is waited for no longer than a day.
        Ok(began.map_or(now, |began| began.min(now)).after(WINDOW))
    }
}
