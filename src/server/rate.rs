//! How often one address may be wrong.
//!
//! What is right is never counted and never turned away: whoever shares an address with a
//! guesser still decides.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So many wrong tokens a minute.
const MOST: u32 = 20;

const MINUTE: Duration = Duration::from_mins(1);

/// So many addresses are remembered.
const ADDRESSES: usize = 10_000;

/// Who was wrong how often, and since when that is counted.
#[derive(Debug, Default)]
pub(super) struct Wrongs(Mutex<BTreeMap<IpAddr, (Instant, u32)>>);

impl Wrongs {
    /// Counts one more, and says whether that is too many.
    pub(super) fn count(&self, from: IpAddr) -> bool {
        let now = Instant::now();
        let mut wrongs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wrongs.len() >= ADDRESSES {
            wrongs.retain(|_, (since, _)| now.duration_since(*since) < MINUTE);
        }
        if wrongs.len() >= ADDRESSES {
            wrongs.clear();
        }
        let (since, count) = wrongs.entry(neighbours(from)).or_insert((now, 0));
        if now.duration_since(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count > MOST
    }
}

/// Whoever has one address of the newer kind has a whole net of them.
fn neighbours(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => four.into(),
            None => {
                let [a, b, c, d, ..] = six.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        },
    }
}
