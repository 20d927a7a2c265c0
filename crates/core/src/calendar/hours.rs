//! The hours of one day, and the week they repeat in.

use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use jiff::civil::Weekday;

/// Minutes in a day of the wall clock.
const DAY: u16 = 24 * 60;

/// A stretch of one day by the wall clock, to the minute. It may run past midnight: `22:00-06:00`
/// belongs to the day it begins on. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeRange {
    /// Minutes from 00:00 to the beginning, below 1,440.
    start: u16,
    /// Minutes from 00:00 of the same day to the end; above 1,440 when it runs past midnight.
    end: u16,
}

impl TimeRange {
    /// The whole day.
    pub const WHOLE_DAY: Self = Self { start: 0, end: DAY };

    /// Minutes from 00:00 to the beginning.
    #[must_use]
    pub const fn start(self) -> u16 {
        self.start
    }

    /// Minutes from 00:00 to the end; above 1,440 when it runs past midnight.
    #[must_use]
    pub const fn end(self) -> u16 {
        self.end
    }

    /// Reads `09:00-12:00`.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "`{text}` is not a stretch of a day; write for example 09:00-12:00, 22:00-06:00 or 00:00-24:00"
            )
        };
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let (start, end) = (minutes(from).ok_or_else(bad)?, minutes(to).ok_or_else(bad)?);
        if start == DAY {
            return Err(format!(
                "`{text}` begins at 24:00; that is 00:00 of the next day"
            ));
        }
        match end {
            _ if end == start => Err(format!("`{text}` is empty; the whole day is 00:00-24:00")),
            0 => Ok(Self { start, end: DAY }),
            _ if end < start => Ok(Self {
                start,
                end: end + DAY,
            }),
            _ => Ok(Self { start, end }),
        }
    }

    /// What lies in both, or nothing.
    pub(super) fn within(self, other: Self) -> Option<Self> {
        let both = Self {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        };
        (both.start < both.end).then_some(both)
    }

    fn texts(self) -> [String; 2] {
        let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
        [
            clock(self.start),
            clock(if self.end > DAY {
                self.end - DAY
            } else {
                self.end
            }),
        ]
    }
}

/// `09:30` as minutes, up to and including 24:00.
fn minutes(text: &str) -> Option<u16> {
    let (h, m) = text.trim().split_once(':')?;
    let two = |s: &str| {
        (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))
            .then(|| s.parse::<u16>().ok())
            .flatten()
    };
    let (h, m) = (two(h)?, two(m)?);
    (m < 60 && h * 60 + m <= DAY).then_some(h * 60 + m)
}

/// In JSON `["09:00", "12:00"]`.
impl Serialize for TimeRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        for text in self.texts() {
            pair.serialize_element(&text)?;
        }
        pair.end()
    }
}

impl<'de> Deserialize<'de> for TimeRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [from, to] = <[String; 2]>::deserialize(deserializer)?;
        Self::parse(&format!("{from}-{to}")).map_err(de::Error::custom)
    }
}

/// Sorts the hours of a day and refuses overlaps.
pub(super) fn in_order(mut hours: Vec<TimeRange>) -> Result<Vec<TimeRange>, String> {
    hours.sort_unstable();
    for pair in hours.windows(2) {
        if pair[1].start < pair[0].end {
            let ([a, b], [c, d]) = (pair[0].texts(), pair[1].texts());
            return Err(format!("{a}-{b} and {c}-{d} overlap"));
        }
    }
    Ok(hours)
}

/// The hours of each day of a week, Monday first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Week(pub(super) [Vec<TimeRange>; 7]);

impl Week {
    pub(super) fn of(&self, day: Weekday) -> &[TimeRange] {
        &self.0[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    /// The hours of a normal working weekday: the first of Monday to Friday that has any, or else of the week.
    pub(super) fn normal(&self) -> &[TimeRange] {
        self.0
            .iter()
            .find(|hours| !hours.is_empty())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn never_works(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    pub(super) fn always_works(&self) -> bool {
        self.0
            .iter()
            .all(|hours| hours.as_slice() == [TimeRange::WHOLE_DAY])
    }
}

/// The days a key such as `mon`, `mon-fri` or `sat,sun` names, as offsets from Monday.
pub(super) fn weekdays(key: &str) -> Result<Vec<usize>, String> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let one = |name: &str| {
        NAMES
            .iter()
            .position(|n| *n == name.trim())
            .ok_or_else(|| format!("`{}` is not a weekday; use mon, tue, wed, thu, fri, sat, sun, or ranges as mon-fri", name.trim()))
    };
    let mut days = Vec::new();
    for part in key.split(',') {
        match part.split_once('-') {
            None => days.push(one(part)?),
            Some((from, to)) => {
                let (from, to) = (one(from)?, one(to)?);
                if from > to {
                    return Err(format!("`{part}` runs backwards"));
                }
                days.extend(from..=to);
            }
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stretches_of_a_day() {
        let minutes = |text| TimeRange::parse(text).map(|r| (r.start(), r.end()));
        assert_eq!(minutes("09:00-12:00"), Ok((540, 720)));
        assert_eq!(minutes("22:00-06:00"), Ok((1320, 1800)));
        assert_eq!(minutes("18:00-24:00"), Ok((1080, 1440)));
        assert_eq!(minutes("18:00-00:00"), Ok((1080, 1440)));
        assert_eq!(minutes("00:00-24:00"), Ok((0, 1440)));
        for bad in [
            "",
            "9:00-12:00",
            "09:00",
            "09:60-10:00",
            "24:01-25:00",
            "24:00-06:00",
            "09:00-09:00",
            "+9:00-10:00",
            "09:00–12:00",
        ] {
            assert!(TimeRange::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn overlaps_are_refused() {
        let hours =
            |list: &[&str]| in_order(list.iter().map(|t| TimeRange::parse(t).unwrap()).collect());
        assert!(hours(&["13:00-18:00", "09:00-12:00"]).is_ok());
        assert!(
            hours(&["09:00-12:00", "11:59-18:00"])
                .unwrap_err()
                .contains("overlap")
        );
    }

    #[test]
    fn reads_weekdays() {
        assert_eq!(weekdays("mon-fri").unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(weekdays("sat, sun").unwrap(), [5, 6]);
        assert!(weekdays("fri-mon").is_err());
        assert!(weekdays("monday").is_err());
    }
}
