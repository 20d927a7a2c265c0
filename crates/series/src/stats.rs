//! What is kept of many samples: count, minimum, maximum, sum, first and last.

use std::ops::Range;

use crate::run::{Column, Run};
use crate::value::decimal_to_f64;

/// Summary of the samples of a time range. Summaries of disjoint ranges add up with [`Stats::merge`].
///
/// Decimals are summed as integers, so `sum` carries one rounding per stored chunk and not one per sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// Number of samples; 0 means that the other fields say nothing.
    pub count: u64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Sum of the values.
    pub sum: f64,
    /// Value of the earliest sample.
    pub first: f64,
    /// Value of the latest sample.
    pub last: f64,
    /// Instant of the earliest sample, epoch µs (start of its slot if only roll-ups are kept).
    pub first_at: i64,
    /// Instant of the latest sample, epoch µs (start of its slot if only roll-ups are kept).
    pub last_at: i64,
}

impl Stats {
    /// No samples.
    pub const EMPTY: Self = Self {
        count: 0,
        min: 0.0,
        max: 0.0,
        sum: 0.0,
        first: 0.0,
        last: 0.0,
        first_at: 0,
        last_at: 0,
    };

    /// Arithmetic mean of the samples; `None` if there are none.
    pub fn avg(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// Adds the samples of another range, or of another series over the same range.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        self.count = self.count.saturating_add(other.count);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        if other.first_at < self.first_at {
            (self.first, self.first_at) = (other.first, other.first_at);
        }
        if other.last_at >= self.last_at {
            (self.last, self.last_at) = (other.last, other.last_at);
        }
    }

    /// Summary of some rows of a run.
    pub(crate) fn of(run: &Run, r: Range<usize>) -> Self {
        if r.is_empty() {
            return Self::EMPTY;
        }
        let (min, max, sum) = match &run.values {
            Column::Decimal { scale, mantissas } => {
                let (min, max, sum) = fold_integers(&mantissas[r.clone()]);
                (
                    decimal_to_f64(min, *scale),
                    decimal_to_f64(max, *scale),
                    decimal_sum(sum, *scale),
                )
            }
            Column::Float(list) => fold_floats(&list[r.clone()]),
        };
        Self {
            count: r.len() as u64,
            min,
            max,
            sum,
            first: run.values.get(r.start).as_f64(),
            last: run.values.get(r.end - 1).as_f64(),
            first_at: run.times.get(r.start),
            last_at: run.times.get(r.end - 1),
        }
    }
}

fn decimal_sum(sum: i128, scale: u8) -> f64 {
    match i64::try_from(sum) {
        Ok(sum) => decimal_to_f64(sum, scale),
        Err(_) => sum as f64 / 10f64.powi(i32::from(scale)),
    }
}

fn fold_integers(list: &[i64]) -> (i64, i64, i128) {
    let (mut min, mut max, mut sum) = (i64::MAX, i64::MIN, 0i64);
    for &v in list {
        min = min.min(v);
        max = max.max(v);
        sum = sum.wrapping_add(v);
    }
    // The narrow sum is right whenever it could not have wrapped; wide sums are several times slower.
    let most = min.unsigned_abs().max(max.unsigned_abs());
    let narrow = most
        .checked_mul(list.len() as u64)
        .is_some_and(|s| s <= i64::MAX as u64);
    let sum = if narrow {
        i128::from(sum)
    } else {
        list.iter().map(|&v| i128::from(v)).sum()
    };
    (min, max, sum)
}

fn fold_floats(list: &[f64]) -> (f64, f64, f64) {
    list.iter().fold(
        (f64::INFINITY, f64::NEG_INFINITY, 0.0),
        |(min, max, sum), &v| (min.min(v), max.max(v), sum + v),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Times;

    #[test]
    fn sums_of_huge_integers_do_not_wrap() {
        let run = Run {
            times: Times::Regular {
                start: 0,
                step: 1,
                len: 3,
            },
            values: Column::Decimal {
                scale: 0,
                mantissas: vec![i64::MAX, i64::MAX, i64::MAX - 2],
            },
        };
        let s = Stats::of(&run, 0..3);
        assert!((s.sum / (3.0 * i64::MAX as f64) - 1.0).abs() < 1e-12);
        assert_eq!(s.count, 3);
    }

    #[test]
    fn merging_keeps_the_ends_by_time_and_not_by_order() {
        let run = Run {
            times: Times::Regular {
                start: 10,
                step: 10,
                len: 4,
            },
            values: Column::Decimal {
                scale: 1,
                mantissas: vec![50, 10, 90, 20],
            },
        };
        let (late, mut all) = (Stats::of(&run, 2..4), Stats::EMPTY);
        all.merge(&late);
        all.merge(&Stats::of(&run, 0..2));
        assert_eq!(all, Stats::of(&run, 0..4));
        assert_eq!(all.avg(), Some(4.25));
        assert_eq!(Stats::EMPTY.avg(), None);
    }
}
