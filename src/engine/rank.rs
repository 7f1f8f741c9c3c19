//! Ranks: of the policies of one set, only the best-ranked that holds for a subject opens a
//! run for it.

use crate::engine::errors::EngineError;
use crate::engine::library::Loaded;
use crate::engine::moment::{Footing, moment};
use crate::engine::pilot::Pin;
use crate::engine::survey::{Count, matching, selection};
use crate::engine::tick::Engine;
use crate::facts::SubjectId;
use crate::ir::Policy;
use crate::query::Ask;
use crate::store::Store;
use crate::syntax::names_in;
use crate::text::fold;
use crate::time::Timestamp;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A policy whose rank is better.
#[derive(Clone, Copy, Debug)]
pub struct Senior<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// As what it is asked.
    pub footing: Footing,
}

/// Whether a policy is ranked better than another of the same set, about the same kind of
/// subject. Of two with one rank, published at different times, the first by name is better.
pub fn outranks(better: &Policy, policy: &Policy) -> bool {
    let (Some(one), Some(other)) = (&better.rank, &policy.rank) else { return false };
    let name = |policy: &Policy| fold(&policy.name);
    fold(&one.set) == fold(&other.set)
        && better.scope.kind == policy.scope.kind
        && (one.place, name(better)) < (other.place, name(policy))
}

impl Engine<'_> {
    /// The active policies that are ranked better. Where one cannot be followed nobody knows
    /// whom it holds for, and this one is not followed either.
    pub(super) fn rivals(
        &mut self,
        policy: &Policy,
    ) -> Result<Vec<(Rc<Loaded>, Footing)>, EngineError> {
        let mut rivals = Vec::new();
        let Some(rank) = &policy.rank else { return Ok(rivals) };
        for row in self.store.policies()? {
            // One that is only observed holds nobody back.
            let Some(pin) = Pin::active(&row).filter(|_| !row.mode.observe) else {
                continue;
            };
            let version = pin.version;
            if let Some(loaded) = self.loaded(&pin)? {
                if outranks(&loaded.policy, policy) {
                    rivals.push((loaded, Footing::Active { id: row.id, version }));
                }
                continue;
            }
            let text = self.store.policy_text(row.id, version)?.unwrap_or_default();
            if names_in(&text).contains(&fold(&rank.set)) {
                return Err(in_doubt(&row.name, &rank.set));
            }
        }
        Ok(rivals)
    }
}

fn in_doubt(rival: &str, set: &str) -> EngineError {
    EngineError::Refused(format!(
        "policy `{rival}` of the set `{set}` cannot be followed"
    ))
}

/// Refuses a policy where one of these, which are at work and cannot be followed, may be ranked
/// better.
pub(crate) fn rivals_can_be_followed(
    store: &Store,
    policy: &Policy,
    blocked: &BTreeMap<String, String>,
) -> Result<(), EngineError> {
    let Some(rank) = &policy.rank else { return Ok(()) };
    for name in blocked.keys() {
        let Some(row) = store.policy(name)?.filter(|row| !row.mode.observe) else {
            continue;
        };
        let text = match row.active {
            Some(version) => store.policy_text(row.id, version)?.unwrap_or_default(),
            None => continue,
        };
        if names_in(&text).contains(&fold(&rank.set)) {
            return Err(in_doubt(&row.name, &rank.set));
        }
    }
    Ok(())
}

/// Takes out whom a better-ranked policy holds for, or has an open run for. A policy that
/// takes access away leaves those too of whom that is not known.
pub(crate) fn leave_to_others(
    store: &Store,
    (policy, seniors): (&Policy, &[Senior<'_>]),
    opens: &mut Vec<SubjectId>,
    when: (Tz, Timestamp),
) -> Result<Vec<Count>, EngineError> {
    let mut counts = Vec::new();
    for Senior { policy: better, footing } in seniors {
        let at = moment(store, better, *footing, when)?;
        let mut theirs: BTreeSet<i64> =
            matching(store, better, at)?.into_iter().collect();
        if let Some(id) = footing.id() {
            let open = store.open_runs_of(id)?.into_iter();
            theirs.extend(open.map(|run| run.subject.id.number()));
        }
        let mut left = |theirs: &BTreeSet<i64>, because: String| {
            let before = opens.len();
            opens.retain(|subject| !theirs.contains(&subject.number()));
            let count = before.saturating_sub(opens.len());
            if count > 0 {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                counts.push(Count { because, count });
            }
        };
        left(&theirs, better.name.clone());
        if policy.takes() {
            let stale = store.stale();
            let asked = selection(better, None, (at, stale.as_deref()));
            let unknown = store.subjects(&asked, Ask::Undecided)?;
            let unknown = unknown.into_iter().collect();
            left(&unknown, format!("{}, which is undecided", better.name));
        }
    }
    Ok(counts)
}
