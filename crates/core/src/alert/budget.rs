//! The yearly allowance of downtime of a system.

use jiff::civil::Date;
use jiff::{SignedDuration, Span as Calendar, Timestamp};

use super::availability::{Availability, Interruption};

/// A yearly allowance of downtime, not to be used in one go (R-046: 20 h a year, 1 h at once).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Allowed in a service year, in seconds; above zero.
    pub total_seconds: u32,
    /// Allowed for a single interruption, in seconds.
    pub single_seconds: u32,
}

/// How a budget was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Used so far.
    pub used: SignedDuration,
    /// The instant at which the budget was used up; `None` while it is kept.
    pub exceeded_at: Option<Timestamp>,
    /// Interruptions of which more counts than a single one may last.
    pub too_long: Vec<Interruption>,
}

impl Budget {
    /// The shares, in percent, at which whoever answers for the contract is warned.
    pub const WARNINGS: [u8; 2] = [80, 100];

    /// Judges what a system's availability over the service year says; time that does not count is free.
    #[must_use]
    pub fn judge(self, year: &Availability) -> Usage {
        let total = SignedDuration::from_secs(self.total_seconds.into());
        let single = SignedDuration::from_secs(self.single_seconds.into());
        let too_long = year.interruptions.iter();
        Usage {
            used: year.down,
            exceeded_at: at(year, total, |length, left| length > left),
            too_long: too_long
                .filter(|one| one.counted > single)
                .copied()
                .collect(),
        }
    }

    /// The warnings that are due: each share that is used up, and since when.
    #[must_use]
    pub fn warnings(self, year: &Availability) -> Vec<(u8, Timestamp)> {
        let reached = |percent: u8| {
            Some((
                percent,
                at(year, self.share(percent), |length, left| length >= left)?,
            ))
        };
        Self::WARNINGS.into_iter().filter_map(reached).collect()
    }

    /// How much more downtime there may be before the next warning; `None` after the last.
    #[must_use]
    pub fn until_next(self, year: &Availability) -> Option<SignedDuration> {
        let left = |percent: u8| self.share(percent) - year.down;
        let mut left = Self::WARNINGS.into_iter().map(left);
        left.find(|left| left.is_positive())
    }

    fn share(self, percent: u8) -> SignedDuration {
        SignedDuration::from_millis(i64::from(self.total_seconds) * i64::from(percent) * 10)
    }
}

/// The instant in the first downtime that reaches, or passes, that much.
fn at(
    year: &Availability,
    used: SignedDuration,
    enough: fn(SignedDuration, SignedDuration) -> bool,
) -> Option<Timestamp> {
    let mut left = used;
    for span in &year.down_spans {
        let length = span.to.duration_since(span.from);
        if enough(length, left) {
            return span.from.checked_add(left).ok();
        }
        left -= length;
    }
    None
}

/// The service year of a contract that contains `day`: its first day and the first day of the next one.
/// Years are counted from the contract's first day; what was before it belongs to the first.
#[must_use]
pub fn service_year(begins: Date, day: Date) -> (Date, Date) {
    let anniversary = |n: i16| begins.saturating_add(Calendar::new().years(n));
    let mut n = (day.year() - begins.year()).max(0);
    if n > 0 && anniversary(n) > day {
        n -= 1;
    }
    (anniversary(n), anniversary(n + 1))
}
