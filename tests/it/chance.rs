//! Random choices that a seed repeats.

/// How many cases a test tries: `TENURE_CASES` where it is set, else `usual`.
pub(crate) fn cases(usual: u64) -> u64 {
    option_env!("TENURE_CASES").and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A seeded source of choices (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, not including, `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[usize::try_from(self.between(0, from.len() as u64)).unwrap()]
    }

    pub(crate) fn maybe(&mut self, percent: u64, from: &[String]) -> Option<String> {
        let index = usize::try_from(self.between(0, from.len() as u64)).unwrap();
        self.percent(percent).then(|| from[index].clone())
    }
}
