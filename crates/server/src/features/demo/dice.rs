//! A small seeded generator: the demonstration is the same every time.

/// Pseudo-random numbers (`SplitMix64`). Not for secrets.
pub struct Dice(u64);

impl Dice {
    /// A generator that always gives the same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).unsigned_abs().saturating_add(1);
        low.saturating_add_unsigned(self.next() % span)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }

    /// One of these; nothing when there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(from.len()).ok()?.checked_sub(1)?;
        let place = usize::try_from(self.between(0, last)).ok()?;
        from.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_their_bounds() {
        let roll = || {
            let mut dice = Dice::new(7);
            (0..1000).map(|_| dice.between(-3, 3)).collect::<Vec<_>>()
        };
        let rolled = roll();
        assert_eq!(rolled, roll());
        for n in -3..=3 {
            assert!(rolled.contains(&n), "{n}");
        }
        assert!(rolled.iter().all(|n| (-3..=3).contains(n)));
    }
}
