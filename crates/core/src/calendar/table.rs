//! One year of a calendar as a sorted table of working stretches with running totals.
//!
//! Working time can then be added and measured by binary search instead of walking through days: a
//! year is laid out once, when first asked for, and read a million times.

use crate::time::DAY;

/// First year that is laid out.
pub(super) const FIRST: i16 = 1970;
/// First year that is not laid out any more: the horizon of every search.
pub(super) const HORIZON: i16 = 2200;

/// Number of years in the table.
pub(super) const YEARS: usize = (HORIZON - FIRST) as usize;

/// Microseconds from 1970 to the beginning of each year in UTC, and to the horizon.
static STARTS: [i64; YEARS + 1] = year_starts();

const fn year_starts() -> [i64; YEARS + 1] {
    let mut starts = [0; YEARS + 1];
    let mut i = 1;
    while i <= YEARS {
        let year = FIRST as i64 + i as i64 - 1;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        starts[i] = starts[i - 1] + if leap { 366 * DAY } else { 365 * DAY };
        i += 1;
    }
    starts
}

/// The instants, in microseconds, between which calendars know anything.
pub(super) fn bounds() -> (i64, i64) {
    (STARTS[0], STARTS[YEARS])
}

/// Beginning and end in UTC of the year with this index.
pub(super) fn year_bounds(index: usize) -> (i64, i64) {
    (STARTS[index], STARTS[index + 1])
}

/// Index of the UTC year in which `at` lies; `at` must lie inside [`bounds`].
pub(super) fn year_of(at: i64) -> usize {
    // No year is longer than 366 days, so the estimate is never too late and at most a year too early.
    let mut index = usize::try_from(at / (366 * DAY))
        .unwrap_or(0)
        .min(YEARS - 1);
    while index + 1 < YEARS && STARTS[index + 1] <= at {
        index += 1;
    }
    index
}

/// A working stretch in microseconds since 1970, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: i64,
    pub(super) end: i64,
    /// Working time of the year before `start`.
    before: i64,
}

/// All working time of one UTC year.
#[derive(Debug)]
pub(super) struct Year {
    stretches: Box<[Stretch]>,
    /// Working time of the whole year.
    pub(super) total: i64,
}

impl Year {
    /// Lays out a year from stretches `(start, end)` that may overlap, reach beyond the year and come in any order.
    pub(super) fn lay_out(index: usize, mut raw: Vec<(i64, i64)>) -> Self {
        let (first, last) = year_bounds(index);
        raw.sort_unstable();
        let mut stretches: Vec<Stretch> = Vec::with_capacity(raw.len());
        for (start, end) in raw {
            let (start, end) = (start.max(first), end.min(last));
            if start >= end {
                continue;
            }
            match stretches.last_mut() {
                Some(previous) if start <= previous.end => previous.end = previous.end.max(end),
                _ => stretches.push(Stretch {
                    start,
                    end,
                    before: 0,
                }),
            }
        }
        let mut total = 0;
        for stretch in &mut stretches {
            stretch.before = total;
            total += stretch.end - stretch.start;
        }
        Self {
            stretches: stretches.into(),
            total,
        }
    }

    /// Working time of the year before `at`.
    pub(super) fn before(&self, at: i64) -> i64 {
        match self
            .stretches
            .partition_point(|s| s.start <= at)
            .checked_sub(1)
        {
            None => 0,
            Some(i) => {
                self.stretches[i].before + at.min(self.stretches[i].end) - self.stretches[i].start
            }
        }
    }

    /// The first instant with `worked` working time of the year before it; `0 < worked <= total`.
    pub(super) fn after(&self, worked: i64) -> i64 {
        let i = self
            .stretches
            .partition_point(|s| s.before < worked)
            .saturating_sub(1);
        self.stretches[i].start + (worked - self.stretches[i].before)
    }

    /// The stretch that contains `at`, or else the next one of the year.
    pub(super) fn at_or_next(&self, at: i64) -> Option<Stretch> {
        self.stretches
            .get(self.stretches.partition_point(|s| s.end <= at))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_where_they_should() {
        let index = usize::try_from(2026 - FIRST).unwrap();
        let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(year_bounds(index).0, start.as_microsecond());
        for i in 0..YEARS {
            let (first, last) = year_bounds(i);
            assert_eq!((year_of(first), year_of(last - 1)), (i, i));
        }
    }

    #[test]
    fn adds_and_measures() {
        let year = Year::lay_out(0, vec![(50, 60), (10, 20), (15, 30), (-5, 5), (60, 70)]);
        assert_eq!(year.total, 5 + 20 + 20);
        let measured: Vec<i64> = [0, 3, 7, 10, 20, 40, 55, 90]
            .iter()
            .map(|t| year.before(*t))
            .collect();
        assert_eq!(measured, [0, 3, 5, 5, 15, 25, 30, 45]);
        let reached: Vec<i64> = [1, 5, 6, 25, 26, 45]
            .iter()
            .map(|w| year.after(*w))
            .collect();
        assert_eq!(reached, [1, 5, 11, 30, 51, 70]);
        assert_eq!(year.at_or_next(30).map(|s| s.start), Some(50));
        assert!(year.at_or_next(70).is_none());
    }
}
