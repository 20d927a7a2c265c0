//! Lengths of time as people write them, and half-open intervals.
//!
//! Instants are [`Timestamp`]s, exact to the microsecond as the database keeps them. A length is a
//! [`SignedDuration`]; in JSON it is a whole number of seconds. An [`Interval`] contains its
//! beginning and not its end, so that two adjoining intervals never count a moment twice.

pub use jiff::civil::Date;
pub use jiff::{SignedDuration, Timestamp};

use serde::{Deserialize, Serialize};

/// Microseconds in one second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds in one minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Microseconds in one hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day of 24 hours.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The longest length a definition may name: ten years. Anything longer is a slip of the pen.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 3660);

/// Reads a length such as `30m`, `1h30m`, `12h`, `5d` or `1w`: whole numbers, units `w d h m s` in
/// falling order, each at most once. A day here is always 24 hours.
///
/// # Errors
/// A sentence saying what is wrong with the text.
pub fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    const UNITS: [(char, i64); 5] = [
        ('w', 604_800),
        ('d', 86_400),
        ('h', 3_600),
        ('m', 60),
        ('s', 1),
    ];
    let bad =
        || format!("`{text}` is not a length of time; write for example 30m, 1h30m, 12h, 5d or 1w");
    let mut rest = text.trim();
    if rest.starts_with('-') {
        return Err(format!(
            "`{text}` is negative; a length of time cannot be less than zero"
        ));
    }
    if rest.is_empty() {
        return Err(bad());
    }
    let mut seconds: i64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: i64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = rest[digits..].chars().next().ok_or_else(bad)?;
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or_else(bad)?;
        seconds = number
            .checked_mul(*size)
            .and_then(|n| seconds.checked_add(n))
            .ok_or_else(bad)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    if seconds > LONGEST.as_secs() {
        return Err(format!("`{text}` is longer than ten years"));
    }
    Ok(SignedDuration::from_secs(seconds))
}

/// Writes a length the way [`parse_duration`] reads it, in hours, minutes and seconds (`36h`, `1h30m`, `0m`).
#[must_use]
pub fn format_duration(length: SignedDuration) -> String {
    let total = length.as_secs().unsigned_abs();
    let (h, m, s) = (total / 3600, total / 60 % 60, total % 60);
    let mut text = String::from(if length.is_negative() { "-" } else { "" });
    for (number, unit) in [(h, 'h'), (m, 'm'), (s, 's')] {
        if number > 0 {
            text.push_str(&number.to_string());
            text.push(unit);
        }
    }
    if total == 0 {
        text.push_str("0m");
    }
    text
}

/// Lengths in JSON: a whole number of seconds, rounded towards zero.
pub mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::SignedDuration;

    /// Writes the whole seconds.
    pub fn serialize<S: Serializer>(
        length: &SignedDuration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(length.as_secs())
    }

    /// Reads whole seconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SignedDuration, D::Error> {
        i64::deserialize(deserializer).map(SignedDuration::from_secs)
    }
}

/// A stretch of time that contains `from` and not `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Interval {
    /// The stretch from `from` up to but without `to`.
    #[must_use]
    pub const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to }
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to <= self.from
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The part that lies in both.
    #[must_use]
    pub fn clip(&self, other: &Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }

    /// Its length, zero when empty.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        if self.is_empty() {
            SignedDuration::ZERO
        } else {
            self.to.duration_since(self.from)
        }
    }
}

/// The union of intervals: sorted, without overlap, adjoining ones joined, empty ones dropped.
#[must_use]
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|i| !i.is_empty());
    intervals.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(intervals.len());
    for next in intervals {
        match joined.last_mut() {
            Some(last) if next.from <= last.to => last.to = last.to.max(next.to),
            _ => joined.push(next),
        }
    }
    joined
}

/// A length in microseconds, held inside ±290,000 years.
pub(crate) fn micros(length: SignedDuration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(if length.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    })
}

/// The instant `at` microseconds after 1970, held inside the range a [`Timestamp`] has.
pub(crate) fn instant(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_as_people_write_them() {
        for (text, seconds) in [
            ("0m", 0),
            ("30m", 1_800),
            ("1h30m", 5_400),
            ("12h", 43_200),
            ("5d", 432_000),
            ("1w", 604_800),
            ("1w2d3h4m5s", 788_645),
        ] {
            assert_eq!(parse_duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in [
            "",
            "5",
            "-5m",
            "1x",
            "m",
            "1m1h",
            "1h1h",
            "1.5h",
            "99999999999999999999h",
            "9999w",
            "一h",
            "1 h",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(format_duration(SignedDuration::from_secs(5_400)), "1h30m");
        assert_eq!(format_duration(SignedDuration::from_secs(-30)), "-30s");
    }

    fn intervals() -> impl Strategy<Value = Vec<Interval>> {
        prop::collection::vec((0i64..100, 0i64..20), 0..12).prop_map(|list| {
            list.into_iter()
                .map(|(from, length)| {
                    Interval::new(instant(from * SECOND), instant((from + length) * SECOND))
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn every_length_reads_back(seconds in 0i64..316_000_000) {
            let length = SignedDuration::from_secs(seconds);
            prop_assert_eq!(parse_duration(&format_duration(length)).unwrap(), length);
        }

        #[test]
        fn a_union_holds_the_same_instants_in_order(list in intervals()) {
            let joined = union(list.clone());
            prop_assert!(joined.windows(2).all(|pair| pair[0].to < pair[1].from));
            for second in 0..125 {
                let inside = |list: &[Interval]| list.iter().any(|i| i.contains(instant(second * SECOND)));
                prop_assert_eq!(inside(&joined), inside(&list));
            }
        }
    }
}
