//! The only place that asks what time it is.

use crate::time::Timestamp;

/// Where `now` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The wall clock.
    Wall,
    /// A fixed instant, for tests, replays and what-ifs.
    Fixed(Timestamp),
}

impl Clock {
    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone asks")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Wall => Timestamp(chrono::Utc::now().timestamp()),
            Self::Fixed(instant) => instant,
        }
    }
}
