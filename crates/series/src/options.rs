//! Settings of a store.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// One level of roll-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollup {
    /// Width of a slot in µs; whole seconds, and it must divide [`Options::partition`].
    pub step: i64,
    /// Age in µs, from the end of a partition, at which it is rolled up. Younger ranges are answered from raw samples,
    /// so a fine level that only serves to outlive them may come late and cost no space until then.
    pub after: i64,
    /// Age in µs at which it is dropped.
    pub retention: i64,
}

/// Settings of a store. All durations are in µs.
#[derive(Clone)]
pub struct Options {
    /// Length of a raw partition: files are merged, rolled up and dropped by partition. Default one day.
    /// Fixed when the store is created.
    pub partition: i64,
    /// Where partitions begin, as an offset from the epoch: −8 h makes them Beijing days, so that a daily or monthly
    /// report reads no chunk. Fixed when the store is created.
    pub origin: i64,
    /// How long raw samples are kept.
    pub raw_retention: i64,
    /// Levels of roll-ups, fine to coarse.
    pub rollups: Vec<Rollup>,
    /// Samples held in memory before they are written to a block (up to three times as many while the disk is busy).
    pub head_samples: usize,
    /// Longest time that samples of a finished partition wait in memory.
    pub flush_after: i64,
    /// How long after its end a partition is taken as finished.
    pub grace: i64,
    /// Samples further in the future than this are not stored: a clock gone wrong must not shape the history.
    pub max_future: i64,
    /// Block files held open at most.
    pub open_files: usize,
    /// Memory for decoded index pages, bytes.
    pub index_cache: usize,
    /// The wall clock, epoch µs.
    pub clock: Clock,
}

/// Tells the time, epoch µs; tests put their own in.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `f`.
    pub fn new(f: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(f))
    }

    /// The machine's clock.
    pub fn system() -> Self {
        Self::new(|| match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(d) => i64::try_from(d.as_micros()).unwrap_or(i64::MAX),
            Err(_) => 0,
        })
    }

    pub(crate) fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            partition: DAY,
            origin: 0,
            raw_retention: 90 * DAY,
            rollups: vec![
                Rollup {
                    step: 300 * SECOND,
                    after: 30 * DAY,
                    retention: 400 * DAY,
                },
                Rollup {
                    step: HOUR,
                    after: 0,
                    retention: 5 * 366 * DAY,
                },
                Rollup {
                    step: DAY,
                    after: 0,
                    retention: 20 * 366 * DAY,
                },
            ],
            head_samples: 1 << 20,
            flush_after: HOUR,
            grace: 10 * 60 * SECOND,
            max_future: DAY,
            open_files: 64,
            index_cache: 16 << 20,
            clock: Clock::system(),
        }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<()> {
        let whole = |field, v: i64| {
            if v > 0 && v % SECOND == 0 && v <= 366 * DAY {
                Ok(())
            } else {
                Err(Error::bad_argument(
                    field,
                    format!("{v} µs is not a whole number of seconds up to 366 days"),
                ))
            }
        };
        whole("partition", self.partition)?;
        if self.origin % SECOND != 0 || self.origin.abs() >= self.partition {
            return Err(Error::bad_argument(
                "origin",
                "must be whole seconds and shorter than a partition",
            ));
        }
        for pair in self.rollups.windows(2) {
            if pair[0].step >= pair[1].step {
                return Err(Error::bad_argument(
                    "rollups",
                    "must go from fine to coarse",
                ));
            }
        }
        for level in &self.rollups {
            whole("rollups.step", level.step)?;
            if self.partition % level.step != 0 {
                return Err(Error::bad_argument(
                    "rollups.step",
                    "must divide the partition",
                ));
            }
        }
        if self.head_samples == 0 || self.open_files == 0 {
            return Err(Error::bad_argument(
                "head_samples, open_files",
                "must be at least 1",
            ));
        }
        Ok(())
    }

    /// The partition of `tier` (0 = raw) that `t` lies in.
    pub(crate) fn partition_of(&self, tier: i64, t: i64) -> (i64, i64) {
        let length = self.partition * self.partitions_per_block(tier);
        let start = t - (t - self.origin).rem_euclid(length);
        (start, start + length)
    }

    /// Roll-up files span so many raw partitions that a chunk has some 2,000 rows (a year at most).
    fn partitions_per_block(&self, tier: i64) -> i64 {
        if tier == 0 {
            1
        } else {
            (2048 * tier / self.partition).clamp(1, 366)
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("partition", &self.partition)
            .field("origin", &self.origin)
            .field("raw_retention", &self.raw_retention)
            .field("rollups", &self.rollups)
            .field("head_samples", &self.head_samples)
            .finish_non_exhaustive()
    }
}
