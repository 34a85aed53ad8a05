//! Chance, from a seed.

/// Splitmix64: the same numbers from the same seed, whatever version of whatever library.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// A stream of its own for every name: what one actor draws changes nothing for another.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        let mut chance = Self(seed);
        for byte in name.bytes() {
            chance.0 ^= u64::from(byte);
            chance.next();
        }
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// So many times out of a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.next() % of.len() as u64;
        of[usize::try_from(index).unwrap_or_default()]
    }
}
