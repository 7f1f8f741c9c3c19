//! Numbers that are random and the same each time.

/// What an environment variable says of how much to try.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how many")]
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A generator of random numbers.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The one of that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, not including, `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }

    /// A number from 0 up to, not including, `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Whether something happens that does so in `percent` of all cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the choices.
    pub(crate) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let choice = usize::try_from(self.below(choices.len() as u64)).unwrap();
        choices[choice].clone()
    }

    /// One of the choices, or nothing.
    pub(crate) fn maybe<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        (!self.chance(25)).then(|| self.pick(choices))
    }
}
