//! Working time: which instants count, and how to add and measure them.
//!
//! A [`Calendar`] is a week of hours, seasons that replace the week for a while (summer and winter
//! hours), and exceptions by date that come in layers: the statutory holidays with their make-up
//! working days (调休), a regional layer, then the calendar's own days. The last layer that names a
//! date wins. A stretch belongs to the day it begins on, so a night shift of Friday still runs on
//! Saturday morning, even when Saturday is a holiday.
//!
//! Everything is read from files ([`Calendars::load`]); nothing here asks what time it is. Years
//! without a holiday file work their plain week, and [`Calendar::missing_years`] says so.
//!
//! Questions about instants use one sorted table per year ([`table`]), made on first use, so that
//! "add 40 working hours" costs two binary searches. Time before 1970 or after 2199 does not work.

mod holidays;
mod hours;
mod load;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod statutory;
mod table;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Serialize;

use self::hours::Week;
use self::table::{Stretch, Year};
use crate::definition::Text;
use crate::time::{Interval, SignedDuration, Timestamp, instant, micros};

pub use self::holidays::{Exception, HolidayYear};
pub use self::hours::TimeRange;
pub use self::load::{Calendars, Hours, OFFICE};

/// What kind of day a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A normal working day.
    Work,
    /// A normal day of rest.
    Rest,
    /// A holiday.
    Holiday,
    /// A day of rest on which people work (调休上班).
    Makeup,
    /// A day on which only a part of the normal hours, or hours of its own, are worked.
    Half,
}

/// One date of a calendar, as a calendar page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The date in the calendar's time zone.
    pub date: Date,
    /// Its kind.
    pub kind: DayKind,
    /// Which holiday, or why it differs; nothing on a normal day.
    pub name: Option<Text>,
    /// When people work, in order; empty when they do not.
    pub hours: Vec<TimeRange>,
}

/// The last working day before a holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Eve {
    /// The last working day.
    pub date: Date,
    /// The holiday that follows.
    pub holiday: Text,
    /// First day of that holiday.
    pub holiday_from: Date,
}

/// A holiday file that should be there by now and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingYear {
    /// The layer, for example `statutory-cn`.
    pub layer: String,
    /// The year nobody has imported yet.
    pub year: i16,
}

/// Why working time cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No working time is left between the instant and the year 2200.
    #[error("calendar `{calendar}` has not enough working time between {from} and the year 2200")]
    Never {
        /// The calendar.
        calendar: String,
        /// From where it was looked for.
        from: Timestamp,
    },
    /// The instant lies before 1970 or after 2199.
    #[error("{at} lies outside the years 1970 to 2199 that calendars cover")]
    OutOfRange {
        /// The instant.
        at: Timestamp,
    },
    /// A length below zero was to be added.
    #[error("cannot add a negative length of working time")]
    Negative,
}

/// Dates on which other hours apply than in the rest of the year.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Season {
    when: When,
    week: Week,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Every year, by (month, day), both included; may run over new year.
    Yearly { from: (i8, i8), to: (i8, i8) },
    /// Once, both dates included.
    Once { from: Date, to: Date },
}

impl When {
    fn contains(self, date: Date) -> bool {
        match self {
            Self::Once { from, to } => from <= date && date <= to,
            Self::Yearly { from, to } => {
                let day = (date.month(), date.day());
                if from <= to {
                    from <= day && day <= to
                } else {
                    from <= day || day <= to
                }
            }
        }
    }
}

/// What all layers together say about one date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct DayRule {
    /// Holiday, make-up day or hours of its own.
    replaced: Option<Exception>,
    /// Only this part of whatever hours the day has.
    open: Option<(Text, TimeRange)>,
}

impl DayRule {
    /// Lays a further layer on top.
    fn lay(&mut self, what: &Exception) {
        match what {
            Exception::Half { name, open } => self.open = Some((name.clone(), *open)),
            other => {
                *self = Self {
                    replaced: Some(other.clone()),
                    open: None,
                }
            }
        }
    }
}

/// A calendar of working time. Cheap to share, never changes; a new holiday file makes a new one.
#[derive(Debug)]
pub struct Calendar {
    key: String,
    name: Text,
    zone: TimeZone,
    week: Week,
    seasons: Vec<Season>,
    days: BTreeMap<Date, DayRule>,
    /// Layers it takes holidays from, with the years each has files for.
    layers: Vec<(String, BTreeSet<i16>)>,
    /// Works around the clock, every day.
    continuous: bool,
    /// Laid out on demand. It follows from the fields above, so nobody can tell when that happens.
    years: Box<[OnceLock<Year>]>,
}

impl Calendar {
    /// The key by which agreements and projects name it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether both have the same week, seasons and time zone, whatever holidays and single days are
    /// laid over them.
    #[must_use]
    pub fn has_hours_of(&self, other: &Self) -> bool {
        self.week == other.week && self.seasons == other.seasons && self.zone == other.zone
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// The time zone in which its hours and dates are meant.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether it works around the clock, every day of the year.
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        self.continuous
    }

    /// The years for which every layer has a holiday file.
    #[must_use]
    pub fn years(&self) -> Vec<i16> {
        let Some(((_, first), rest)) = self.layers.split_first() else {
            return Vec::new();
        };
        first
            .iter()
            .copied()
            .filter(|year| rest.iter().all(|(_, years)| years.contains(year)))
            .collect()
    }

    /// The date of an instant in the calendar's time zone.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Whether `at` is working time.
    #[must_use]
    pub fn is_working(&self, at: Timestamp) -> bool {
        self.continuous
            || self
                .stretch_from(at)
                .is_some_and(|s| s.start <= at.as_microsecond())
    }

    /// Everything a page shows about a date.
    #[must_use]
    pub fn day(&self, date: Date) -> Day {
        let (kind, name, hours) = self.read(date);
        Day {
            date,
            kind,
            name: name.cloned(),
            hours: hours.into_owned(),
        }
    }

    /// Whether anybody works on the date.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.continuous || !self.read(date).2.is_empty()
    }

    /// The first instant at or after which `length` of working time has passed since `from`. Zero gives `from` itself.
    ///
    /// # Errors
    /// When the calendar does not work enough before the year 2200, `from` lies outside its years, or `length` is negative.
    pub fn add_working(
        &self,
        from: Timestamp,
        length: SignedDuration,
    ) -> Result<Timestamp, CalendarError> {
        let (start, mut left) = (from.as_microsecond(), micros(length));
        if left < 0 {
            return Err(CalendarError::Negative);
        }
        self.check_range(from)?;
        if left == 0 {
            return Ok(from);
        }
        if self.continuous {
            let end = start.saturating_add(left);
            return if end < table::bounds().1 {
                Ok(instant(end))
            } else {
                Err(self.never(from))
            };
        }
        let first = table::year_of(start);
        let mut passed = self.year(first).before(start);
        for index in first..table::YEARS {
            let year = self.year(index);
            if left <= year.total - passed {
                return Ok(instant(year.after(passed + left)));
            }
            left -= year.total - passed;
            passed = 0;
        }
        Err(self.never(from))
    }

    /// The working time between two instants; negative when `to` lies before `from`.
    #[must_use]
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        if to < from {
            return -self.working_between(to, from);
        }
        let (first, last) = table::bounds();
        let (from, to) = (
            from.as_microsecond().clamp(first, last - 1),
            to.as_microsecond().clamp(first, last - 1),
        );
        if self.continuous {
            return SignedDuration::from_micros(to - from);
        }
        let (a, b) = (table::year_of(from), table::year_of(to));
        let between: i64 = (a..b).map(|index| self.year(index).total).sum();
        SignedDuration::from_micros(between + self.year(b).before(to) - self.year(a).before(from))
    }

    /// `at` when it is working time, otherwise the next instant that is.
    ///
    /// # Errors
    /// When nobody works before the year 2200, or `at` lies outside the years of calendars.
    pub fn next_working_start(&self, at: Timestamp) -> Result<Timestamp, CalendarError> {
        self.check_range(at)?;
        if self.continuous {
            return Ok(at);
        }
        let stretch = self.stretch_from(at).ok_or_else(|| self.never(at))?;
        Ok(if stretch.start <= at.as_microsecond() {
            at
        } else {
            instant(stretch.start)
        })
    }

    /// The `count`-th working day after `date`. Zero gives `date` itself when somebody works then, otherwise the next working day.
    ///
    /// # Errors
    /// When there are not so many working days before the year 2200.
    pub fn add_working_days(&self, date: Date, count: u32) -> Result<Date, CalendarError> {
        let mut left = if self.is_working_day(date) {
            count
        } else {
            count.max(1)
        };
        let mut day = date;
        while left > 0 {
            day = day
                .tomorrow()
                .ok()
                .filter(|d| d.year() < table::HORIZON)
                .ok_or_else(|| self.never(self.midnight(date)))?;
            left -= u32::from(self.is_working_day(day));
        }
        Ok(day)
    }

    /// The instant at which the date begins.
    #[must_use]
    pub fn midnight(&self, date: Date) -> Timestamp {
        self.at(date, 0)
    }

    /// The instant at which the date ends (24:00).
    #[must_use]
    pub fn end_of_day(&self, date: Date) -> Timestamp {
        self.at(date, TimeRange::WHOLE_DAY.end())
    }

    /// The instant at which the last working hours of the date end; nothing when nobody works then.
    #[must_use]
    pub fn end_of_office(&self, date: Date) -> Option<Timestamp> {
        self.read(date)
            .2
            .last()
            .map(|hours| self.at(date, hours.end()))
    }

    /// The last working day before each holiday that begins between the two dates, both included.
    ///
    /// A holiday here is a run of days off with at least one holiday in it, weekends beside it included.
    /// At most twenty years are looked through.
    #[must_use]
    pub fn holiday_eves(&self, from: Date, to: Date) -> Vec<Eve> {
        let to = to.min(from.saturating_add(20.years()));
        let mut eves = Vec::new();
        for (date, rule) in self.days.range(from..=to) {
            let Some(Exception::Holiday { name }) = &rule.replaced else {
                continue;
            };
            let Some(eve) = self.working_day_before(*date) else {
                continue;
            };
            // The second and later days of one run lead back to the same eve.
            let begins = !self
                .days
                .range(eve..*date)
                .any(|(_, rule)| matches!(rule.replaced, Some(Exception::Holiday { .. })));
            if begins {
                eves.push(Eve {
                    date: eve,
                    holiday: name.clone(),
                    holiday_from: *date,
                });
            }
        }
        eves
    }

    /// The last working day before the next holiday that begins after `date`; `date` itself when it is that day.
    #[must_use]
    pub fn last_working_day_before_holiday(&self, date: Date) -> Option<Eve> {
        let to = date.saturating_add(2.years());
        self.holiday_eves(date, to)
            .into_iter()
            .find(|eve| eve.date >= date)
    }

    /// Holiday files that are missing: of this year, and from December on of the next.
    #[must_use]
    pub fn missing_years(&self, today: Date) -> Vec<MissingYear> {
        let next = (today.month() == 12).then(|| today.year().saturating_add(1));
        let needed = || std::iter::once(today.year()).chain(next);
        let missing = |(layer, years): &(String, BTreeSet<i16>)| {
            needed()
                .filter(|year| !years.contains(year))
                .map(|year| MissingYear {
                    layer: layer.clone(),
                    year,
                })
                .collect::<Vec<_>>()
        };
        self.layers.iter().flat_map(missing).collect()
    }

    /// The working stretches inside an interval, in order; at most `limit` of them.
    #[must_use]
    pub fn stretches(&self, inside: Interval, limit: usize) -> Vec<Interval> {
        let mut found: Vec<Interval> = Vec::new();
        let mut at = inside.from;
        while found.len() < limit && at < inside.to {
            let next = if self.continuous {
                Some(inside)
            } else {
                self.stretch_from(at)
                    .map(|s| Interval::new(instant(s.start), instant(s.end)))
            };
            let Some(next) = next.map(|s| s.clip(&inside)).filter(|s| !s.is_empty()) else {
                break;
            };
            at = next.to;
            match found.last_mut() {
                // A stretch over new year lies in two tables.
                Some(last) if last.to == next.from => last.to = next.to,
                _ => found.push(next),
            }
        }
        found
    }

    fn working_day_before(&self, date: Date) -> Option<Date> {
        (1..=60)
            .map_while(|back| date.checked_sub(back.days()).ok())
            .find(|day| self.is_working_day(*day))
    }

    fn never(&self, from: Timestamp) -> CalendarError {
        CalendarError::Never {
            calendar: self.key.clone(),
            from,
        }
    }

    fn check_range(&self, at: Timestamp) -> Result<(), CalendarError> {
        let (first, last) = table::bounds();
        if (first..last).contains(&at.as_microsecond()) {
            Ok(())
        } else {
            Err(CalendarError::OutOfRange { at })
        }
    }

    /// The working stretch around `at`, or else the next one.
    fn stretch_from(&self, at: Timestamp) -> Option<Stretch> {
        let (first, last) = table::bounds();
        let at = at.as_microsecond();
        if at >= last {
            return None;
        }
        let at = at.max(first);
        (table::year_of(at)..table::YEARS).find_map(|index| self.year(index).at_or_next(at))
    }

    fn year(&self, index: usize) -> &Year {
        self.years[index].get_or_init(|| self.lay_out(index))
    }

    /// Collects the stretches of a UTC year. Local days may lie on both sides of its ends, and a night shift begins a day earlier.
    fn lay_out(&self, index: usize) -> Year {
        let (first, last) = table::year_bounds(index);
        let mut raw = Vec::with_capacity(800);
        let mut day = self.date_of(instant(first)).saturating_sub(2.days());
        let end = self.date_of(instant(last)).saturating_add(1.day());
        while day <= end {
            let (_, _, hours) = self.read(day);
            raw.extend(hours.iter().map(|h| {
                (
                    self.at(day, h.start()).as_microsecond(),
                    self.at(day, h.end()).as_microsecond(),
                )
            }));
            day = day.saturating_add(1.day());
        }
        Year::lay_out(index, raw)
    }

    /// The instant of a minute of a date by the wall clock. Where clocks jump forward, a time that does not exist means the same moment
    /// counted from before the jump; where they fall back, the first of the two.
    fn at(&self, date: Date, minutes: u16) -> Timestamp {
        let days = i32::from(minutes / 1440);
        let in_day = i64::from(minutes % 1440);
        let wall = date
            .saturating_add(days.days())
            .to_datetime(Time::midnight())
            .saturating_add(in_day.minutes());
        self.zone
            .to_ambiguous_timestamp(wall)
            .compatible()
            .unwrap_or(Timestamp::MAX)
    }

    fn week_on(&self, date: Date) -> &Week {
        self.seasons
            .iter()
            .find(|season| season.when.contains(date))
            .map_or(&self.week, |season| &season.week)
    }

    /// Kind, reason and hours of a date.
    fn read(&self, date: Date) -> (DayKind, Option<&Text>, Cow<'_, [TimeRange]>) {
        let week = self.week_on(date);
        let normal = week.of(date.weekday());
        let plain = if normal.is_empty() {
            DayKind::Rest
        } else {
            DayKind::Work
        };
        let Some(rule) = self.days.get(&date) else {
            return (plain, None, Cow::Borrowed(normal));
        };
        let (kind, name, hours) = match &rule.replaced {
            None | Some(Exception::Half { .. }) => (plain, None, normal),
            Some(Exception::Holiday { name }) => (DayKind::Holiday, Some(name), &[][..]),
            Some(Exception::Makeup { name }) => (DayKind::Makeup, Some(name), week.normal()),
            Some(Exception::Hours { name, hours }) => (DayKind::Half, Some(name), hours.as_slice()),
        };
        match &rule.open {
            Some((reason, open)) if !hours.is_empty() => (
                DayKind::Half,
                Some(reason),
                Cow::Owned(hours.iter().filter_map(|h| h.within(*open)).collect()),
            ),
            _ => (kind, name, Cow::Borrowed(hours)),
        }
    }
}
