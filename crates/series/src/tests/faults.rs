//! A disk that fills up or fails at any moment: an error, nothing lost that was taken, and work goes on afterwards.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::files::{Dir, lock};
use crate::{Clock, Error, Options, Rollup, Sample, SeriesId, Store, Value, verify};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const START: i64 = 20_000 * DAY;

fn options() -> Options {
    Options {
        head_samples: 40,
        flush_after: 0,
        rollups: vec![Rollup {
            step: 3600 * SECOND,
            after: 0,
            retention: 1000 * DAY,
        }],
        clock: Clock::new(|| START + 30 * DAY),
        ..Options::default()
    }
}

fn open(dir: &Dir) -> Store {
    Store::open_dir(dir.clone(), options()).unwrap()
}

fn batch(number: i64) -> Vec<Sample> {
    let sample = |series: u64| Sample {
        series: SeriesId::from(series),
        at: START + number * 1200 * SECOND,
        value: Value::from((number * number % 1013) as f64 / 10.0),
    };
    (0..4).map(sample).collect()
}

fn numbers_in(store: &Store) -> Vec<i64> {
    let of = |series: u64| {
        let points = store
            .range(SeriesId::from(series), START, START + 100 * DAY)
            .unwrap();
        for p in &points {
            let number = (p.at - START) / (1200 * SECOND);
            assert_eq!(p.value, batch(number)[0].value);
        }
        points
            .iter()
            .map(|p| (p.at - START) / (1200 * SECOND))
            .collect::<Vec<_>>()
    };
    let first = of(0);
    assert!(
        (1..4).all(|s| of(s) == first),
        "a batch is kept whole or not at all"
    );
    first
}

/// Does a bit of everything; returns the batches that were taken.
fn live(store: &Store, from: i64) -> (Vec<i64>, Vec<Error>) {
    let (mut taken, mut errors) = (Vec::new(), Vec::new());
    for number in from..from + 80 {
        match store.append(&batch(number)) {
            Ok(report) => {
                assert_eq!(report.stored, 4);
                taken.push(number);
            }
            Err(e) => errors.push(e),
        }
        let upkeep = match number % 20 {
            7 => store.sync(),
            13 => store.flush(),
            19 => store.maintain(),
            _ => Ok(()),
        };
        errors.extend(upkeep.err());
    }
    (taken, errors)
}

fn files(path: &Path) -> Vec<String> {
    Dir::new(path).names().unwrap()
}

#[test]
fn a_disk_that_is_full_after_any_number_of_bytes() {
    // The whole life without faults tells how many bytes there are to try.
    let home = super::home();
    let dir = Dir::create(&home.path().join("measure")).unwrap();
    *lock(&dir.faults.room) = Some(usize::MAX);
    live(&open(&dir), 0);
    let total = usize::MAX - lock(&dir.faults.room).unwrap();
    let mut failures = 0;
    for room in (0..total).step_by(61) {
        let dir = Dir::create(&home.path().join(format!("room{room}"))).unwrap();
        let store = open(&dir);
        *lock(&dir.faults.room) = Some(room);
        let (mut taken, errors) = live(&store, 0);
        failures += errors.len();
        assert!(errors.iter().all(Error::is_disk_full), "{errors:?}");
        assert_eq!(
            numbers_in(&store),
            taken,
            "room {room}: readable while full"
        );
        // A restart on the full disk reads the same.
        drop(store);
        let store = open(&dir);
        assert_eq!(
            numbers_in(&store),
            taken,
            "room {room}: after a restart on the full disk"
        );
        // Somebody makes room.
        *lock(&dir.faults.room) = None;
        let (more, errors) = live(&store, 1000);
        assert!(errors.is_empty(), "{errors:?}");
        taken.extend(more);
        assert_eq!(numbers_in(&store), taken);
        drop(store);
        let store = open(&dir);
        assert_eq!(numbers_in(&store), taken, "room {room}");
        assert!(
            files(dir.path()).iter().all(|f| !f.ends_with(".tmp")),
            "nothing half-written stays"
        );
        assert_eq!(verify(dir.path()).unwrap().problems, Vec::<String>::new());
        drop(store);
        std::fs::remove_dir_all(dir.path()).unwrap();
    }
    assert!(failures > 1000, "the disk was really full: {failures}");
}

#[test]
fn a_large_batch_that_half_fits_the_disk_leaves_nothing_behind() {
    // More samples than one record of the log takes: the first record is written, the second is not.
    let home = super::home();
    let dir = Dir::create(&home.path().join("series")).unwrap();
    let store = open(&dir);
    let large: Vec<Sample> = (0..70_000)
        .map(|i| Sample::new(9u64, START + i * SECOND, i as f64))
        .collect();
    let _taken = store.append(&batch(0)).unwrap();
    *lock(&dir.faults.room) = Some(540_000);
    assert!(store.append(&large).unwrap_err().is_disk_full());
    *lock(&dir.faults.room) = None;
    let _taken = store.append(&batch(1)).unwrap();
    drop(store);
    let store = open(&dir);
    assert!(store.recovery().torn.is_empty());
    assert_eq!(numbers_in(&store), [0, 1]);
    assert!(
        store
            .range(SeriesId::from(9), START, START + DAY)
            .unwrap()
            .is_empty()
    );
    // And with room, the records of a large batch are all kept.
    assert_eq!(store.append(&large).unwrap().stored, 70_000);
    drop(store);
    assert_eq!(
        open(&dir)
            .range(SeriesId::from(9), START, START + DAY)
            .unwrap()
            .len(),
        70_000
    );
}

#[test]
fn a_sync_that_fails_is_told_and_made_good_by_the_next() {
    for failing in 1..12 {
        let home = super::home();
        let dir = Dir::create(&home.path().join("series")).unwrap();
        let store = open(&dir);
        dir.faults.failing_syncs.store(failing, Ordering::SeqCst);
        let mut uncertain = None;
        for number in 0..5 {
            let _taken = store.append(&batch(number)).unwrap();
            if store.sync().is_err() {
                uncertain = Some(number);
            }
        }
        let uncertain = uncertain.expect("a sync failed");
        dir.faults.failing_syncs.store(0, Ordering::SeqCst);
        store.sync().unwrap();
        assert_eq!(numbers_in(&store), [0, 1, 2, 3, 4], "{failing} failing");
        // What the failed syncs left uncertain is in block files now: the logs may be lost.
        for name in files(dir.path()).iter().filter(|n| n.starts_with("wal-")) {
            dir.remove(name).unwrap();
        }
        drop(store);
        let kept = numbers_in(&open(&dir));
        assert!(
            (0..=uncertain).all(|n| kept.contains(&n)),
            "{failing} failing: {kept:?}"
        );
    }
}

#[test]
fn a_crash_between_any_two_writes_of_a_flush_or_merge_loses_nothing() {
    // A full disk stops the work at any byte; unlike above, the process dies there and then.
    let home = super::home();
    for room in (0..9000).step_by(83) {
        let dir = Dir::create(&home.path().join(format!("room{room}"))).unwrap();
        let store = open(&dir);
        let (taken, errors) = live(&store, 0);
        assert!(errors.is_empty());
        *lock(&dir.faults.room) = Some(room);
        let _ = store.flush();
        let _ = store.maintain();
        // What the store would still do at its end does not happen: copy the files as they lie.
        let crashed = home.path().join("crashed");
        std::fs::create_dir(&crashed).unwrap();
        for name in files(dir.path()) {
            std::fs::copy(dir.join(&name), crashed.join(&name)).unwrap();
        }
        let after = Store::open(&crashed, options()).unwrap();
        assert_eq!(numbers_in(&after), taken, "room {room}");
        after.flush().unwrap();
        after.maintain().unwrap();
        assert_eq!(numbers_in(&after), taken, "room {room}");
        drop(after);
        std::fs::remove_dir_all(&crashed).unwrap();
    }
}
