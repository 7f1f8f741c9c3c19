//! The moment at which a policy is asked: what it remembers of its own activation, and of the
//! last time it was evaluated.

use crate::engine::arms::{asks_for_edges, conditions};
use crate::engine::errors::EngineError;
use crate::ir::Policy;
use crate::query::Moment;
use crate::store::Store;
use crate::time::schedule::Schedule;
use crate::time::{Duration, Timestamp};
use chrono_tz::Tz;

/// As what a policy is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footing {
    /// As one that is activated at this very moment; the number of the policy of that name,
    /// where the store has one.
    Fresh(Option<i64>),
    /// As the version of the store that is at work.
    Active {
        /// The policy's number.
        id: i64,
        /// The version.
        version: u32,
    },
}

impl Footing {
    /// The store's number of the policy, where it has one.
    pub fn id(self) -> Option<i64> {
        match self {
            Self::Fresh(id) => id,
            Self::Active { id, .. } => Some(id),
        }
    }
}

/// The moment of an evaluation of a policy for all in scope.
///
/// An edge is looked for since the last such evaluation, and never further back than one
/// period before the first one that was due after the activation. So it is found once: after
/// an outage the next evaluation finds what was missed, and a clock that went back finds
/// nothing again.
pub fn moment(
    store: &Store,
    policy: &Policy,
    footing: Footing,
    (zone, now): (Tz, Timestamp),
) -> Result<Moment, EngineError> {
    let activated = match footing {
        Footing::Active { id, version } => store.activated_at(id, version)?,
        Footing::Fresh(_) => None,
    };
    let activated = activated.unwrap_or(now);
    let mut moment = Moment::at(now);
    if policy.count_from_activation.is_some() {
        moment = moment.counted_from(activated);
    }
    let edges = conditions(&policy.arms).into_iter().any(asks_for_edges);
    if let (true, Some(schedule)) = (edges, &policy.schedule) {
        let last = match footing.id() {
            Some(id) => store.last_evaluated(id)?,
            None => None,
        };
        let first = schedule.next_after(activated, zone).filter(|due| *due <= now);
        let first = first.unwrap_or(now);
        let since = first.before(period(schedule, (zone, first)));
        moment = moment.since(last.map_or(since, |last| last.max(since)));
    }
    Ok(moment)
}

/// The time between the last instant of a schedule before `at` and the next one.
fn period(schedule: &Schedule, (zone, at): (Tz, Timestamp)) -> Duration {
    // A year and two months hold two instants of every schedule that comes again.
    const BACK: [i64; 4] = [1, 8, 63, 430];
    let just_before = at.before(Duration(1));
    let Some(next) = schedule.next_after(just_before, zone) else { return Duration(0) };
    for days in BACK {
        let mut last = None;
        let mut due = schedule.next_after(next.before(Duration::days(days)), zone);
        while let Some(found) = due.filter(|due| *due < next) {
            last = Some(found);
            due = schedule.next_after(found, zone);
        }
        if let Some(last) = last {
            return next.since(last);
        }
    }
    Duration(0)
}
