//! What a plan opens counts for what stands behind it in the same plan, as it will when they run
//! in that order: for the limits, and for whose run is open then.

use crate::engine::{self, EngineError, Footing, Planned, Settings, Survey};
use crate::facts::SubjectId;
use crate::ir::Policy;
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan opens so far.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// For whom, by the folded names of the policies.
    own: BTreeMap<String, BTreeSet<SubjectId>>,
    /// How many runs of policies that take access away, and are in earnest.
    all: u64,
}

impl Ahead {
    /// Counts what comes before: whoever has a run of the policy by then is busy, and the limits
    /// are asked again. Where it is not asked of all in scope it is not known how many these are.
    pub(crate) fn weigh(
        &self,
        store: &Store,
        (policy, id): (&Policy, Option<i64>),
        (survey, of_all): (&mut Survey, bool),
        (settings, now): (&Settings, Timestamp),
    ) -> Result<(), EngineError> {
        let own = self.own.get(&fold(&policy.name));
        if survey.opens.is_empty() || (self.all == 0 && own.is_none()) {
            return Ok(());
        }
        let before = survey.opens.len();
        survey.opens.retain(|id| own.is_none_or(|own| !own.contains(id)));
        survey.busy += count(before - survey.opens.len());
        let planned = Planned {
            own: own.map_or(0, |own| count(own.len())),
            all: self.all,
        };
        let what = (of_all.then_some(survey.in_scope), count(survey.opens.len()));
        let of = (policy, id);
        survey.limit = engine::limit_behind(store, of, what, planned, (settings, now))?;
        Ok(())
    }

    /// Notes what a policy would open.
    pub(crate) fn note(&mut self, policy: &Policy, survey: &Survey, observed: bool) {
        if survey.limit.held || survey.opens.is_empty() {
            return;
        }
        let own = self.own.entry(fold(&policy.name)).or_default();
        own.extend(survey.opens.iter().copied());
        if policy.takes() && !observed {
            self.all += count(survey.opens.len());
        }
    }
}

/// Whether a policy is only observed, as what it is asked.
pub(super) fn observed(
    store: &Store,
    policy: &Policy,
    footing: Footing,
) -> Result<bool, EngineError> {
    Ok(match footing {
        Footing::Active { .. } => {
            store.policy(&policy.name)?.is_some_and(|row| row.mode.observe)
        }
        Footing::Fresh(_) => false,
    })
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
