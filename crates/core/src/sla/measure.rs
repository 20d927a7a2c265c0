//! How one clock moves: its rule, its calendars, and the waits it stands still for.

use super::agreement::{Promise, Rule, Until};
use crate::calendar::{Calendar, CalendarError};
use crate::time::{Interval, SignedDuration, Timestamp};

/// A rule with its calendars and the waits it stands still for, up to some instant.
pub(super) struct Measure<'a> {
    pub(super) rule: &'a Rule,
    /// Measures the time.
    pub(super) calendar: &'a Calendar,
    /// Says which instants and days are working ones.
    pub(super) hours: &'a Calendar,
    pub(super) start: Timestamp,
    /// Waits from the start on, in order, without overlap.
    pub(super) waits: Vec<Interval>,
}

impl Measure<'_> {
    /// When the promise comes due by the agreement alone.
    pub(super) fn promised(&self) -> Result<Timestamp, CalendarError> {
        match self.rule.promise {
            Promise::Days { days, until } => {
                let end = end_of_day(self.hours, self.start, days, until)?;
                self.shifted(end, self.start, Timestamp::MAX)
            }
            // Zero outside the calendar means: as soon as it opens.
            _ if self.length().is_zero() => self.calendar.next_working_start(self.start),
            _ => self.after(self.length()),
        }
    }

    /// When it is due before anybody agrees otherwise: as promised, with the grace of "at once".
    pub(super) fn due(&self) -> Result<Timestamp, CalendarError> {
        let counts_days = matches!(self.rule.promise, Promise::Days { .. });
        if counts_days || self.rule.grace.is_zero() || !self.length().is_zero() {
            return self.promised();
        }
        self.after(self.rule.grace)
    }

    /// The promise as a length; nothing sensible for a promise in days.
    fn length(&self) -> SignedDuration {
        match self.rule.promise {
            Promise::Within { length } => length,
            Promise::ByHours { working, .. } if self.hours.is_working(self.start) => working,
            Promise::ByHours { nonworking, .. } => nonworking,
            Promise::Days { .. } => SignedDuration::ZERO,
        }
    }

    /// When the clock has used up `length`.
    pub(super) fn after(&self, length: SignedDuration) -> Result<Timestamp, CalendarError> {
        let plain = self.calendar.add_working(self.start, length)?;
        self.shifted(plain, self.start, Timestamp::MAX)
    }

    /// `due`, pushed on by every wait between `from` and `to` that begins before it. A promise in
    /// days moves by the office hours waited, so that a wait over a weekend gains none.
    pub(super) fn shifted(
        &self,
        due: Timestamp,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Timestamp, CalendarError> {
        let calendar = match self.rule.promise {
            Promise::Days { .. } => self.hours,
            _ => self.calendar,
        };
        let mut due = due;
        for wait in self.waits_between(from, to) {
            if wait.from >= due {
                break;
            }
            let waited = calendar.working_between(wait.from, wait.to);
            // Nothing comes due while the clock stands still, not even an agreed time at night.
            due = calendar.add_working(due, waited)?.max(wait.to);
        }
        Ok(due)
    }

    /// Calendar time between two instants without waits.
    pub(super) fn used(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let whole = self.calendar.working_between(from, to);
        self.waits_between(from, to).fold(whole, |used, wait| {
            used - self.calendar.working_between(wait.from, wait.to)
        })
    }

    fn waits_between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Interval> {
        let whole = Interval::new(from, to);
        let waits = self.waits.iter().map(move |wait| wait.clip(&whole));
        waits.filter(|wait| !wait.is_empty())
    }
}

/// The end of the working day that lies `days` working days after the start.
fn end_of_day(
    hours: &Calendar,
    start: Timestamp,
    days: u32,
    until: Until,
) -> Result<Timestamp, CalendarError> {
    let end = |date| match until {
        Until::DayEnd => Some(hours.end_of_day(date)),
        Until::OfficeEnd => hours.end_of_office(date),
    };
    let day = hours.add_working_days(hours.date_of(start), days)?;
    // Asked after the office has closed, "today" is the next working day.
    match end(day).filter(|end| *end > start) {
        Some(end) => Ok(end),
        None => Ok(end(hours.add_working_days(day, 1)?).unwrap_or(start)),
    }
}
