//! When to try again, as data.
//!
//! The waits are those that Standard Webhooks recommends. Each is moved by up to a fifth,
//! so that what failed together doesn't come back together; by how much follows from the
//! key and the number of the attempt, so a replay waits as long as the first time.

#[cfg(test)]
mod tests;

use crate::time::Duration;
use sha2::{Digest as _, Sha256};

/// How many times a message to a person is tried again: the list, then daily, seven days in
/// all.
pub const MAIL_RETRY: u32 = 13;

/// How long a message that nothing can be attempted of waits to be sent.
pub(super) const MAIL_PATIENCE: Duration = Duration(7 * 24 * 3_600);

/// How many times a change in a connected system is tried again.
pub const CONNECTOR_RETRY: u32 = 5;

/// The waits after the first attempt, the second, and so on; the last one holds for all
/// that follow.
const WAITS: [Duration; 9] = [
    Duration(5),
    Duration(5 * 60),
    Duration(30 * 60),
    Duration(2 * 3_600),
    Duration(5 * 3_600),
    Duration(10 * 3_600),
    Duration(14 * 3_600),
    Duration(20 * 3_600),
    Duration::DAY,
];

/// The largest share of a wait by which it is moved, in thousandths.
const JITTER: i64 = 200;

/// How long to wait after the attempt with that number (the first is 1); `None` when the
/// attempts are used up: the first and `retry` more.
///
/// The wait is never shorter than what the receiver asked for.
pub fn next_delay(
    attempts_made: u32,
    retry: u32,
    key: &str,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    if attempts_made > retry {
        return None;
    }
    let index = usize::try_from(attempts_made.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS.get(index).or(WAITS.last()).copied().unwrap_or(Duration::DAY);
    let moved = moved(wait, attempts_made, key);
    Some(retry_after.map_or(moved, |asked| moved.max(asked)))
}

/// A wait, moved by up to a fifth: always alike for the same number and key.
pub(super) fn moved(wait: Duration, number: u32, key: &str) -> Duration {
    Duration(wait.0 * (1_000 + jitter(number, key)) / 1_000)
}

/// By how many thousandths a wait is moved.
fn jitter(attempt: u32, key: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update(attempt.to_be_bytes());
    hash.update(key);
    let head = hash
        .finalize()
        .iter()
        .take(4)
        .fold(0, |sum, byte| sum << 8 | i64::from(*byte));
    head % (2 * JITTER + 1) - JITTER
}
