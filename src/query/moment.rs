//! The time at which a condition is asked.

use crate::ir::{Direction, Op};
use crate::time::{Duration, Timestamp};

/// The present instant, and what a policy remembers of earlier ones. A bare [`Timestamp`]
/// is a moment since which nothing was missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The one present instant.
    pub now: Timestamp,
    /// When the policy was last evaluated by its schedule: `reaches` is true of a distance
    /// that was crossed after that. `None` is a re-check, in which it counts as true.
    pub since: Option<Timestamp>,
    /// When the policy was activated, where its lengths count from then at the earliest.
    pub activated: Option<Timestamp>,
}

impl Moment {
    /// At that instant, with nothing missed before it.
    pub fn at(now: Timestamp) -> Self {
        Self { now, since: Some(now), activated: None }
    }

    /// The same, last evaluated then.
    #[must_use]
    pub fn since(self, last: Timestamp) -> Self {
        Self { since: Some(last), ..self }
    }

    /// The same, as a re-check of what was found before.
    #[must_use]
    pub fn again(self) -> Self {
        Self { since: None, ..self }
    }

    /// The same, with every length counted from then at the earliest.
    #[must_use]
    pub fn counted_from(self, activated: Timestamp) -> Self {
        Self { activated: Some(activated), ..self }
    }

    /// The instant that a length since `at` counts from.
    pub(crate) fn start(self, at: Timestamp) -> Timestamp {
        self.activated.map_or(at, |activated| at.max(activated))
    }

    /// The time since an instant, or until it.
    pub(crate) fn elapsed(self, at: Timestamp, direction: Direction) -> Duration {
        match direction {
            Direction::Since => self.now.since(self.start(at)),
            Direction::Until => at.since(self.now),
        }
    }

    /// What `elapsed op length` says of the instant itself: an operator and the instant
    /// that it compares with.
    pub(crate) fn cutoff(
        self,
        direction: Direction,
        op: Op,
        length: Duration,
    ) -> (Op, Timestamp) {
        match direction {
            Direction::Since => self.clamped(mirrored(op), self.now.before(length)),
            Direction::Until => (op, self.now.after(length)),
        }
    }

    /// `max(instant, activated) op cutoff`, said of the instant. What is the same for every
    /// instant compares with the end of time, so that a missing one stays unknown.
    fn clamped(self, op: Op, cutoff: Timestamp) -> (Op, Timestamp) {
        const ALWAYS: (Op, Timestamp) = (Op::Ge, Timestamp(i64::MIN));
        const NEVER: (Op, Timestamp) = (Op::Lt, Timestamp(i64::MIN));
        let Some(activated) = self.activated else { return (op, cutoff) };
        // Where the activation is before the cut-off it changes nothing.
        match op {
            _ if activated < cutoff => (op, cutoff),
            Op::Le | Op::Eq if activated == cutoff => (Op::Le, cutoff),
            Op::Gt | Op::Ne if activated == cutoff => (Op::Gt, cutoff),
            Op::Lt | Op::Le | Op::Eq => NEVER,
            Op::Gt | Op::Ge | Op::Ne => ALWAYS,
        }
    }

    /// Where an instant lies whose distance has crossed `distance` since the last
    /// evaluation: after the first, and not after the second. In a re-check, `None`.
    pub(crate) fn crossed(
        self,
        direction: Direction,
        distance: Duration,
    ) -> Option<(Timestamp, Timestamp)> {
        let since = self.since?;
        let (first, last) = match direction {
            Direction::Until => (since.after(distance), self.now.after(distance)),
            Direction::Since => (since.before(distance), self.now.before(distance)),
        };
        let (Direction::Since, Some(activated)) = (direction, self.activated) else {
            return Some((first, last));
        };
        // Of the later of the instant and the activation.
        Some(match () {
            () if activated > last => (last, last),
            () if activated > first => (Timestamp(i64::MIN), last),
            () => (first, last),
        })
    }
}

impl From<Timestamp> for Moment {
    fn from(now: Timestamp) -> Self {
        Self::at(now)
    }
}

/// The operator that says the same with the sides swapped.
fn mirrored(op: Op) -> Op {
    match op {
        Op::Eq => Op::Eq,
        Op::Ne => Op::Ne,
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
    }
}
