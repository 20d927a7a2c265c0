//! Internal work under a ticket: by when a support group (OLA, R-043) or a supplier (UC, R-044) must
//! have kept what it promised us, what ends with what, and when a contract is to be renewed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError};
use crate::time::{Date, SignedDuration, Timestamp};

/// Percent of the time after which whoever does it is warned.
const WARNED_AT: i32 = 80;

/// Days before its last day on which a contract is reminded of.
pub const REMINDED: [i64; 3] = [60, 30, 7];

/// Days before its last day from which on a contract is listed as ending soon.
pub const ENDING: i64 = 30;

/// One thing that a group or supplier promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// Somebody takes it up.
    Respond,
    /// Somebody is on site.
    Arrive,
    /// It is dealt with.
    Resolve,
}

impl Promise {
    /// All of them, in the order in which they are kept.
    pub const ALL: [Self; 3] = [Self::Respond, Self::Arrive, Self::Resolve];

    /// The word used in definitions, database and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Respond => "respond",
            Self::Arrive => "arrive",
            Self::Resolve => "resolve",
        }
    }

    /// Whether it is kept at the latest when the other one is: who is on site has responded.
    #[must_use]
    pub fn is_kept_with(self, other: Self) -> bool {
        self <= other
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown promise `{0}`")]
pub struct UnknownPromise(String);

impl FromStr for Promise {
    type Err = UnknownPromise;

    fn from_str(word: &str) -> Result<Self, UnknownPromise> {
        Self::ALL
            .into_iter()
            .find(|promise| promise.as_str() == word)
            .ok_or_else(|| UnknownPromise(word.to_owned()))
    }
}

/// Within how long a group or supplier keeps what it promises; nothing where it promises nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    /// To take it up.
    pub respond: Option<SignedDuration>,
    /// To be on site.
    pub arrive: Option<SignedDuration>,
    /// To deal with it.
    pub resolve: Option<SignedDuration>,
}

impl Within {
    const fn of(&self, promise: Promise) -> Option<SignedDuration> {
        match promise {
            Promise::Respond => self.respond,
            Promise::Arrive => self.arrive,
            Promise::Resolve => self.resolve,
        }
    }

    /// Whether nothing is promised.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.respond.is_none() && self.arrive.is_none() && self.resolve.is_none()
    }

    /// The promises of work handed over at `start`, in the order in which they are to be kept.
    ///
    /// # Errors
    /// When the calendar does not work so long.
    pub fn from(
        &self,
        start: Timestamp,
        calendar: &Calendar,
    ) -> Result<Vec<(Promise, Due)>, CalendarError> {
        Promise::ALL
            .into_iter()
            .filter_map(|promise| Some((promise, self.of(promise)?)))
            .map(|(promise, within)| Ok((promise, Due::after(start, within, calendar)?)))
            .collect()
    }
}

/// By when a task must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When whoever does it is warned.
    pub warn: Timestamp,
    /// When it must be done.
    pub at: Timestamp,
}

impl Due {
    /// `within` of the calendar's time after `start`.
    ///
    /// # Errors
    /// When the calendar does not work so long.
    pub fn after(
        start: Timestamp,
        within: SignedDuration,
        calendar: &Calendar,
    ) -> Result<Self, CalendarError> {
        Ok(Self {
            warn: calendar.add_working(start, within * WARNED_AT / 100)?,
            at: calendar.add_working(start, within)?,
        })
    }

    /// Due at an instant that somebody named; the warning comes by the clock on the wall.
    #[must_use]
    pub fn at(start: Timestamp, at: Timestamp) -> Self {
        let share = at.duration_since(start) * WARNED_AT / 100;
        Self {
            warn: start.saturating_add(share).unwrap_or(at).max(start),
            at,
        }
    }
}

/// The days before the last day of a contract on which it is reminded of, those that are over left out.
#[must_use]
pub fn reminders(ends_on: Date, today: Date) -> Vec<(i64, Date)> {
    REMINDED
        .into_iter()
        .map(|days| (days, ends_on.saturating_sub(jiff::Span::new().days(days))))
        .filter(|(_, day)| *day > today)
        .collect()
}

/// Whether a contract that runs is near its end.
#[must_use]
pub fn ends_soon(ends_on: Date, today: Date) -> bool {
    ends_on >= today && ends_on <= today.saturating_add(jiff::Span::new().days(ENDING))
}

/// The one contract among those in force that supports what the ticket is about: each says by
/// words (systems, service items) what it supports. Nothing when none does, or more than one.
#[must_use]
pub fn proposed<'a, T: PartialEq>(
    contracts: impl IntoIterator<Item = (T, &'a [String])>,
    about: &[&str],
) -> Option<T> {
    let about: Vec<String> = about
        .iter()
        .map(|text| text.trim().to_lowercase())
        .filter(|text| !text.is_empty())
        .collect();
    let supports = |words: &[String]| {
        words.iter().any(|word| {
            let word = word.to_lowercase();
            about
                .iter()
                .any(|text| text.contains(&word) || word.contains(text))
        })
    };
    let mut found = contracts
        .into_iter()
        .filter(|(_, words)| supports(words))
        .map(|(supplier, _)| supplier);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::tests::{all, beijing};

    const fn hours(n: i64) -> SignedDuration {
        SignedDuration::from_hours(n)
    }

    #[test]
    fn r043_promises_run_by_the_calendar_of_the_group() {
        let within = Within {
            respond: Some(hours(1)),
            arrive: None,
            resolve: Some(hours(8)),
        };
        // (calendar, handed over, response, resolution), Friday evening 27 November 2026.
        let table = [
            (
                "7x24",
                "2026-11-27 17:30",
                "2026-11-27 18:30",
                "2026-11-28 01:30",
            ),
            (
                "5x8",
                "2026-11-27 17:30",
                "2026-11-30 09:30",
                "2026-11-30 17:30",
            ),
        ];
        for (calendar, start, respond, resolve) in table {
            let made = within
                .from(beijing(start), all().get(calendar).unwrap())
                .unwrap();
            let due: Vec<_> = made
                .iter()
                .map(|(promise, due)| (*promise, due.at))
                .collect();
            let expected = [
                (Promise::Respond, beijing(respond)),
                (Promise::Resolve, beijing(resolve)),
            ];
            assert_eq!(due, expected, "{calendar}");
        }
        assert!(Within::default().is_empty() && !within.is_empty());
    }

    #[test]
    fn the_warning_comes_at_four_fifths_of_the_time() {
        let start = beijing("2026-11-27 17:00");
        let office = all().get("5x8").unwrap();
        let due = Due::after(start, hours(10), office).unwrap();
        // One hour on Friday, seven on Monday: 9 to 12 and 13 to 17.
        assert_eq!(due.warn, beijing("2026-11-30 17:00"));
        let due = Due::at(start, beijing("2026-11-28 03:00"));
        assert_eq!(due.warn, beijing("2026-11-28 01:00"));
    }

    #[test]
    fn who_has_solved_it_has_responded() {
        let kept = |with| Promise::ALL.map(|promise: Promise| promise.is_kept_with(with));
        assert_eq!(kept(Promise::Respond), [true, false, false]);
        assert_eq!(kept(Promise::Arrive), [true, true, false]);
        assert_eq!(kept(Promise::Resolve), [true, true, true]);
    }

    #[test]
    fn r044_a_contract_is_reminded_of_sixty_thirty_and_seven_days_before_it_ends() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let ends = day("2026-12-31");
        let left = |today: &str| {
            let days = reminders(ends, day(today));
            days.into_iter().map(|(days, _)| days).collect::<Vec<_>>()
        };
        assert_eq!(left("2026-10-01"), [60, 30, 7]);
        assert_eq!(left("2026-10-31"), [60, 30, 7]);
        assert_eq!(left("2026-11-01"), [30, 7], "the day has begun");
        assert_eq!(left("2026-12-24"), Vec::<i64>::new());
        assert_eq!(reminders(ends, day("2026-12-20"))[0].1, day("2026-12-24"));
        let soon = |today: &str| ends_soon(ends, day(today));
        assert_eq!(
            ["2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01"].map(soon),
            [false, true, true, false]
        );
    }

    #[test]
    fn r080_the_one_supplier_whose_contract_supports_it_is_proposed() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let (servers, line) = (words(&["服务器", "存储"]), words(&["互联网专线", "Portal"]));
        let two = [(1, servers.as_slice()), (2, line.as_slice())];
        let table = [
            (vec!["核心服务器机房", ""], Some(1)),
            (vec!["", "互联网专线"], Some(2)),
            (vec!["专线", ""], Some(2)),
            (vec!["portal 网站", ""], Some(2)),
            (vec!["服务器", "互联网专线"], None),
            (vec!["打印机", " "], None),
            (vec!["", ""], None),
        ];
        for (about, expected) in table {
            assert_eq!(proposed(two, &about), expected, "{about:?}");
        }
        let twice = [(1, servers.as_slice()), (1, servers.as_slice())];
        assert_eq!(
            proposed(twice, &["服务器"]),
            Some(1),
            "two contracts, one supplier"
        );
    }
}
