//! Flapping: a state that changes so often that its changes say nothing any more.
//!
//! The weighted 20-sample window that Icinga uses: each sample that differs from the one before
//! sets a bit, newer bits weigh more (0.8 for the oldest to 1.18 for the newest), and the weighted
//! share of set bits is compared with two thresholds, so that flapping itself does not flap.

use serde::{Deserialize, Serialize};

use super::rule;

/// Samples the window looks back over.
pub const WINDOW: u32 = 20;

/// The window: bit 0 is the newest sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(u32);

impl Changes {
    /// Records whether the newest sample differs from the one before.
    #[must_use]
    pub fn push(self, changed: bool) -> Self {
        Self((self.0 << 1 | u32::from(changed)) & ((1 << WINDOW) - 1))
    }

    /// Weighted share of changes, in hundredths of a percent times twenty: exact, no floating point.
    fn weight(self) -> u32 {
        (0..WINDOW)
            .filter(|age| self.0 & (1 << age) != 0)
            .map(|age| 80 + 2 * (WINDOW - 1 - age))
            .sum()
    }

    /// Weighted share of changes in percent, 0 to 99.
    #[must_use]
    pub fn percent(self) -> u32 {
        self.weight() / WINDOW
    }

    /// Whether this is flapping, given whether it was.
    #[must_use]
    pub fn is_flapping(self, was: bool, limits: rule::Flapping) -> bool {
        let limit = u32::from(if was { limits.low } else { limits.high });
        self.weight() > limit * WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bits: &str) -> Changes {
        bits.chars()
            .fold(Changes::default(), |c, bit| c.push(bit == '1'))
    }

    /// Values computed by hand from 100 · Σ(0.8 + 0.02 i) / 20.
    #[test]
    fn weights_are_those_of_the_20_bit_window() {
        assert_eq!(of("").percent(), 0);
        assert_eq!(of("11111111111111111111").percent(), 99);
        assert_eq!(of("00000000000000000001").weight(), 118);
        assert_eq!(of("10000000000000000000").weight(), 80);
        assert_eq!(
            of("100000000000000000000"),
            Changes::default(),
            "the 21st has left the window"
        );
    }

    #[test]
    fn two_thresholds_keep_flapping_from_flapping() {
        let limits = rule::Flapping::USUAL;
        // Six changes, weight between 25 % and 30 %: not enough to begin, too much to end.
        let some = of("01001001001001001000");
        assert!((25..30).contains(&some.percent()), "{}", some.percent());
        assert!(!some.is_flapping(false, limits));
        assert!(some.is_flapping(true, limits));
        assert!(of("10101010101010101010").is_flapping(false, limits));
        assert!(!of("00000000000000000011").is_flapping(true, limits));
    }
}
