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
use crate::ir::{Limit, Policy, Scope, SubjectKind};
use crate::store::Store;
use crate::time::{Duration, Timestamp};

/// The length of time that limits speak of.
const WINDOW: Duration = Duration::DAY;

/// What the policy's own limit and the one of the whole store say of so many new runs. Where
/// it is not known how many are in scope, no more of them are counted than matter.
pub(crate) fn limit(
    store: &Store,
    of: (&Policy, Option<i64>),
    what: (Option<u64>, u64),
    when: (&Settings, Timestamp),
) -> Result<LimitState, EngineError> {
    limit_behind(store, of, what, Planned::default(), when)
}

/// Runs that a plan opens before, and that count as if they were opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Planned {
    /// By the policy itself.
    pub(crate) own: u64,
    /// By all policies that take access away.
    pub(crate) all: u64,
}

/// The same behind what is planned.
pub(crate) fn limit_behind(
    store: &Store,
    (policy, id): (&Policy, Option<i64>),
    (in_scope, opens): (Option<u64>, u64),
    planned: Planned,
    (settings, now): (&Settings, Timestamp),
) -> Result<LimitState, EngineError> {
    let since = now.before(WINDOW);
    let opened = match id {
        Some(id) => store.opened_since(Some(id), since)?,
        None => 0,
    };
    let opened = opened.saturating_add(planned.own);
    let allowed = match (policy.limited(), in_scope) {
        (None, _) => None,
        (Some(limit), Some(in_scope)) => Some(limit.count(in_scope)),
        (Some(limit), None) => Some(most_of(store, &limit, &policy.scope)?),
    };
    let mut state = LimitState {
        allowed,
        opened,
        held: false,
        of_store: false,
        planned: planned.own,
    };
    if let Some(limit) = of_all(policy, settings) {
        let allowed = most_of(store, limit, &everyone())?;
        let opened = store.opened_since(None, since)?.saturating_add(planned.all);
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
                planned: planned.all,
            };
        }
    }
    let fits = |allowed| state.opened.saturating_add(opens) <= allowed;
    state.held = opens > 0 && !state.allowed.is_none_or(fits);
    Ok(state)
}

/// How many runs all policies that take access away may open together, where this is one.
fn of_all<'a>(policy: &Policy, settings: &'a Settings) -> Option<&'a Limit> {
    settings.limit.as_ref().filter(|_| policy.takes())
}

fn everyone() -> Scope {
    Scope {
        kind: SubjectKind::Account,
        apps: Vec::new(),
        long_term: true,
    }
}

/// How many runs a limit allows with that scope.
fn most_of(store: &Store, limit: &Limit, scope: &Scope) -> Result<u64, EngineError> {
    Ok(limit.count(counted(store, scope, limit.enough())?))
}

/// The same, where that is no more than so many.
fn used_up(
    store: &Store,
    (limit, scope): (&Limit, &Scope),
    began: u64,
) -> Result<Option<u64>, EngineError> {
    let most = limit.more_than(began).or_else(|| limit.enough());
    let allowed = limit.count(counted(store, scope, most)?);
    Ok((began >= allowed).then_some(allowed))
}

/// How many are in scope, up to a number from which on it does not matter: one event is not to
/// cost more where there are more accounts.
fn counted(store: &Store, scope: &Scope, most: Option<u64>) -> Result<u64, EngineError> {
    Ok(match most {
        Some(0) => 0,
        Some(most) => store.scope_count_to(scope, most)?,
        None => store.scope_count(scope)?,
    })
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
        let everyone = everyone();
        // Without a limit nothing is counted: that would be all that began, for each run.
        let own = policy.limited();
        let own = own.as_deref().map(|limit| (Some(policy_id), (limit, &policy.scope)));
        let all = of_all(policy, self.settings).map(|limit| (None, (limit, &everyone)));
        let mut until = None;
        for (of, limit) in own.into_iter().chain(all) {
            let began = self.store.began_since(of, window)?;
            if let Some(allowed) = used_up(self.store, limit, began)? {
                until = until.max(Some(self.free_at(of, window, (allowed, now))?));
            }
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
