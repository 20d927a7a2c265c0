//! Months by the project's clocks: half-open, from the first midnight to the next month's.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// One month of one time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Its first day.
    pub first: Date,
}

impl Month {
    /// Reads `2026-10`.
    ///
    /// # Errors
    /// When the text is no month of the years 2000 to 2199.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || Error::field("month", "bad_month");
        if text.len() != 7 {
            return Err(bad());
        }
        let first: Date = format!("{text}-01").parse().map_err(|_| bad())?;
        if (2000..2200).contains(&first.year()) {
            Ok(Self { first })
        } else {
            Err(bad())
        }
    }

    /// The month of an instant.
    #[must_use]
    pub fn of(at: At, zone: &TimeZone) -> Self {
        let day = at.timestamp().to_zoned(zone.clone()).date();
        Self {
            first: day.first_of_month(),
        }
    }

    /// The month `n` later, or earlier when negative.
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        Self {
            first: self.first.saturating_add(Span::new().months(n)),
        }
    }

    /// Its first instant.
    #[must_use]
    pub fn begins(self, zone: &TimeZone) -> At {
        let start = self.first.to_zoned(zone.clone());
        start
            .map_or(Timestamp::MIN, |zoned| zoned.timestamp())
            .into()
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// As `2026-10`.
    #[must_use]
    pub fn key(self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }

    /// As `2026年10月`.
    #[must_use]
    pub fn words(self) -> String {
        format!("{}年{}月", self.first.year(), self.first.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::definitions::china;

    #[test]
    fn a_month_is_half_open_and_local() {
        let month = Month::parse("2026-10").unwrap();
        assert_eq!(month.begins(&china()).to_string(), "2026-09-30T16:00:00Z");
        assert_eq!(
            month.plus(1).begins(&china()).to_string(),
            "2026-10-31T16:00:00Z"
        );
        assert_eq!(month.plus(-10).key(), "2025-12");
        assert_eq!(month.last().to_string(), "2026-10-31");
        for wrong in ["2026-13", "2026-1", "x", "20261001", "0001-01", "2026-1é"] {
            assert!(Month::parse(wrong).is_err(), "{wrong}");
        }
    }
}
