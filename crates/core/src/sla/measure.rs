//! How one clock moves: its rule, its calendar, and the waits it stands still for.

use super::agreement::{Promise, Rule, Until};
use crate::calendar::{Calendar, CalendarError};
use crate::time::{Interval, SignedDuration, Timestamp};

/// A rule with its calendar and the waits it stands still for, at one stage of a clock.
pub(super) struct Measure<'a> {
    pub(super) rule: &'a Rule,
    pub(super) calendar: &'a Calendar,
    pub(super) start: Timestamp,
    /// Waits from the start on, in order, cut off at the clock's end.
    pub(super) waits: Vec<Interval>,
}

impl Measure<'_> {
    /// The instant at which the promise comes due by the agreement alone.
    pub(super) fn promised(&self, hours: &Calendar) -> Result<Timestamp, CalendarError> {
        match self.promise(hours) {
            // Zero outside the calendar means: as soon as it opens.
            Ok(length) if length.is_zero() => self.calendar.next_working_start(self.start),
            Ok(length) => self.after(length),
            Err((days, until)) => self.shifted(
                end_of_day(hours, self.start, days, until)?,
                self.start,
                Timestamp::MAX,
            ),
        }
    }

    /// The promise as a length, or as days.
    fn promise(&self, hours: &Calendar) -> Result<SignedDuration, (u32, Until)> {
        match self.rule.promise {
            Promise::Within { length } => Ok(length),
            Promise::ByHours { working, .. } if hours.is_working(self.start) => Ok(working),
            Promise::ByHours { nonworking, .. } => Ok(nonworking),
            Promise::Days { days, until } => Err((days, until)),
        }
    }

    pub(super) fn with_grace(
        &self,
        promised: Timestamp,
        hours: &Calendar,
    ) -> Result<Timestamp, CalendarError> {
        match self.promise(hours) {
            Ok(length) if length.is_zero() && !self.rule.grace.is_zero() => {
                self.after(self.rule.grace)
            }
            _ => Ok(promised),
        }
    }

    pub(super) fn due(&self, hours: &Calendar) -> Result<Timestamp, CalendarError> {
        self.with_grace(self.promised(hours)?, hours)
    }

    /// When the clock has used up `length`.
    pub(super) fn after(&self, length: SignedDuration) -> Result<Timestamp, CalendarError> {
        self.shifted(
            self.calendar.add_working(self.start, length)?,
            self.start,
            Timestamp::MAX,
        )
    }

    /// `due`, pushed on by every wait between `from` and `to` that begins before it.
    pub(super) fn shifted(
        &self,
        due: Timestamp,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Timestamp, CalendarError> {
        let whole = Interval::new(from, to);
        let mut due = due;
        for wait in self
            .waits
            .iter()
            .map(|wait| wait.clip(&whole))
            .filter(|wait| !wait.is_empty())
        {
            if wait.from >= due {
                break;
            }
            due = self
                .calendar
                .add_working(due, self.calendar.working_between(wait.from, wait.to))?;
        }
        Ok(due)
    }

    /// Calendar time between two instants without waits.
    pub(super) fn used(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let whole = Interval::new(from, to);
        let waited = self
            .waits
            .iter()
            .map(|wait| wait.clip(&whole))
            .filter(|wait| !wait.is_empty());
        waited.fold(self.calendar.working_between(from, to), |used, wait| {
            used - self.calendar.working_between(wait.from, wait.to)
        })
    }

    pub(super) fn waits_until(&self, to: Timestamp) -> Vec<Interval> {
        let cut = |wait: &Interval| Interval::new(wait.from, wait.to.min(to));
        self.waits
            .iter()
            .map(cut)
            .filter(|wait| !wait.is_empty())
            .collect()
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
