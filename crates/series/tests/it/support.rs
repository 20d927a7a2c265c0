//! What the tests share: a clock in the test's hand, and small stores.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anlan_series::{Clock, Options, Rollup, Sample, SeriesId, Store, Value};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3600 * SECOND;
pub const DAY: i64 = 24 * HOUR;
/// 2026-01-01T00:00:00Z.
pub const NEW_YEAR: i64 = 1_767_225_600 * SECOND;

/// A clock that shows what the test says.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn at(t: i64) -> Self {
        Self(Arc::new(AtomicI64::new(t)))
    }

    pub fn set(&self, t: i64) {
        self.0.store(t, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let hand = Arc::clone(&self.0);
        Clock::new(move || hand.load(Ordering::SeqCst))
    }
}

/// Raw samples for 10 days, 5 minutes for 40, an hour for a year.
pub fn options(hand: &Hand) -> Options {
    Options {
        raw_retention: 10 * DAY,
        rollups: vec![
            Rollup {
                step: 300 * SECOND,
                after: 2 * DAY,
                retention: 40 * DAY,
            },
            Rollup {
                step: HOUR,
                after: 0,
                retention: 365 * DAY,
            },
        ],
        clock: hand.clock(),
        ..Options::default()
    }
}

/// A directory of the test's own; in memory where the machine has such a place, as thousands of syncs take minutes.
pub fn home() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a directory")
}

pub fn open(path: &Path, options: Options) -> Store {
    Store::open(path, options).expect("opens")
}

pub fn sample(series: u64, at: i64, value: f64) -> Sample {
    Sample {
        series: SeriesId::from(series),
        at,
        value: Value::from(value),
    }
}

pub fn put(store: &Store, samples: &[Sample]) {
    assert_eq!(
        store.append(samples).expect("appends").stored,
        samples.len()
    );
}

/// Copies a store's directory file by file.
pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
