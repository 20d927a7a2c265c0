//! Power cuts and kills: what was synced is there, and what is there is right.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anlan_series::{Keeper, Options, Sample, SeriesId, Store, verify};

use crate::support::{DAY, Hand, NEW_YEAR, SECOND, copy_dir, home, open, options, put, sample};

fn batch(number: u64) -> Vec<Sample> {
    // Different sizes, new series now and then, floats and decimals.
    (0..=number % 5)
        .map(|i| {
            let value = if (number + i).is_multiple_of(7) {
                (number as f64).sqrt()
            } else {
                number as f64 / 4.0
            };
            sample(
                number % 4 * 10 + i,
                NEW_YEAR + number as i64 * 15 * SECOND,
                value,
            )
        })
        .collect()
}

/// Everything in the store, by series and time.
fn contents(store: &Store) -> Vec<(SeriesId, i64, f64)> {
    let mut all = Vec::new();
    for series in (0..60).map(SeriesId::from) {
        let points = store.range(series, 0, NEW_YEAR + 1000 * DAY).unwrap();
        all.extend(points.iter().map(|p| (series, p.at, p.value.as_f64())));
    }
    all
}

fn expected(batches: impl Iterator<Item = u64>) -> Vec<(SeriesId, i64, f64)> {
    let mut all: Vec<_> = batches
        .flat_map(batch)
        .map(|s| (s.series, s.at, s.value.as_f64()))
        .collect();
    all.sort_by_key(|(series, at, _)| (*series, *at));
    all
}

fn log_file(dir: &Path) -> std::path::PathBuf {
    let mut logs: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == "log"))
        .collect();
    assert_eq!(logs.len(), 1, "one segment");
    logs.remove(0)
}

#[test]
fn a_log_cut_at_any_byte_keeps_every_whole_record_before() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + DAY);
    let origin = home.path().join("origin");
    let store = open(&origin, options(&hand));
    let mut ends = Vec::new();
    for number in 0..12 {
        put(&store, &batch(number));
        ends.push(std::fs::metadata(log_file(&origin)).unwrap().len());
    }
    store.sync().unwrap();
    drop(store);
    let log = std::fs::read(log_file(&origin)).unwrap();
    for cut in 0..=log.len() {
        let dir = home.path().join("cut");
        copy_dir(&origin, &dir);
        std::fs::write(log_file(&dir), &log[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut as u64).count() as u64;
        let store = open(&dir, options(&hand));
        assert_eq!(contents(&store), expected(0..whole), "cut at {cut}");
        assert_eq!(
            store.recovery().torn.is_empty(),
            cut == 0 || ends.contains(&(cut as u64)) || cut == 22,
            "cut at {cut}"
        );
        // It takes new data, and a second opening sees the same and nothing torn.
        put(&store, &batch(100));
        drop(store);
        let store = open(&dir, options(&hand));
        assert_eq!(
            contents(&store),
            expected((0..whole).chain([100])),
            "cut at {cut}"
        );
        assert!(store.recovery().torn.is_empty());
        drop(store);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

#[test]
fn a_log_with_any_wrong_byte_keeps_every_record_before_it() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + DAY);
    let origin = home.path().join("origin");
    let store = open(&origin, options(&hand));
    let mut ends = Vec::new();
    for number in 0..8 {
        put(&store, &batch(number));
        ends.push(std::fs::metadata(log_file(&origin)).unwrap().len());
    }
    drop(store);
    let log = std::fs::read(log_file(&origin)).unwrap();
    for at in 0..log.len() {
        let dir = home.path().join("wrong");
        copy_dir(&origin, &dir);
        let mut wrong = log.clone();
        wrong[at] ^= 0x41;
        std::fs::write(log_file(&dir), wrong).unwrap();
        let whole = if at < 22 {
            0
        } else {
            ends.iter().filter(|end| **end <= at as u64).count() as u64
        };
        let store = open(&dir, options(&hand));
        assert_eq!(contents(&store), expected(0..whole), "wrong at {at}");
        assert_eq!(store.recovery().torn.len(), 1);
        drop(store);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

const CHILD: &str = "ANLAN_SERIES_CRASH_CHILD";

/// Run by the test below in a process of its own: writes, syncs, merges and tells on standard output how far it got.
#[test]
fn child_that_gets_killed() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let (dir, first) = task.split_once('|').unwrap();
    let first: u64 = first.parse().unwrap();
    let hand = Hand::at(NEW_YEAR + 30 * DAY);
    let store = open(Path::new(dir), crash_options(&hand));
    for number in first.. {
        put(&store, &batch(number));
        println!("appended {number}");
        if number % 3 == 0 {
            store.sync().unwrap();
        }
        if number % 17 == 0 {
            store.maintain().unwrap();
        }
        if number % 41 == 0 {
            store.flush().unwrap();
        }
    }
}

/// So small a head that flushing and merging go on all the time.
fn crash_options(hand: &Hand) -> Options {
    Options {
        head_samples: 64,
        flush_after: 0,
        raw_retention: 1000 * DAY,
        ..options(hand)
    }
}

#[test]
fn kill_9_at_any_moment_loses_nothing_that_was_appended() {
    let home = home();
    let dir = home.path().join("series");
    let mut next = 0;
    for round in 0..25u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::child_that_gets_killed", "--exact", "--nocapture"])
            .env(CHILD, format!("{}|{next}", dir.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stop_after = 20 + round * 37 % 211;
        let mut appended = None;
        for line in lines {
            let line = line.unwrap();
            // The harness may print on the same line.
            let Some((_, number)) = line.rsplit_once("appended ") else {
                continue;
            };
            let number: u64 = number.parse().unwrap();
            appended = Some(number);
            if number >= next + stop_after {
                child.kill().unwrap();
                break;
            }
        }
        child.wait().unwrap();
        let appended = appended.expect("the child wrote something");

        let problems = verify(&dir).unwrap().problems;
        assert!(
            problems.iter().all(|p| p.contains("unfinished")),
            "{problems:?}"
        );
        let hand = Hand::at(NEW_YEAR + 30 * DAY);
        let store = open(&dir, crash_options(&hand));
        assert!(store.recovery().damaged.is_empty());
        let got = contents(&store);
        // What returned is there; the batch after it may be, whole.
        let reached = got
            .iter()
            .map(|(_, at, _)| ((at - NEW_YEAR) / (15 * SECOND)) as u64)
            .max()
            .unwrap();
        assert!(
            reached >= appended,
            "round {round}: told {appended}, found {reached}"
        );
        assert_eq!(got, expected(0..=reached), "round {round}");
        next = reached + 1;
    }
    let hand = Hand::at(NEW_YEAR + 30 * DAY);
    let store = open(&dir, crash_options(&hand));
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_eq!(contents(&store), expected(0..next));
    assert_eq!(verify(&dir).unwrap().problems, Vec::<String>::new());
}

struct Stopper<'a>(&'a AtomicBool);

impl Drop for Stopper<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn a_snapshot_taken_under_load_is_a_prefix_of_what_was_written() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + 30 * DAY);
    let store = open(&home.path().join("series"), crash_options(&hand));
    let stop = AtomicBool::new(false);
    let (go, going) = std::sync::mpsc::sync_channel(60);
    std::thread::scope(|scope| {
        // However this ends, the other thread must, too.
        let _stopper = Stopper(&stop);
        let store = &store;
        scope.spawn(move || {
            (0..)
                .zip(going)
                .for_each(|(number, ())| put(store, &batch(number)));
        });
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                store.maintain().unwrap();
                let points = store.range(SeriesId::from(0), 0, NEW_YEAR + DAY).unwrap();
                let whole = points.windows(2).all(|w| w[1].at - w[0].at == 60 * SECOND);
                assert!(whole, "readers see no hole while files change");
            }
        });
        for copy in 0..20 {
            // The writer is at most 60 batches behind: it writes while the copy is made.
            (0..100).for_each(|_| go.send(()).unwrap());
            let target = home.path().join(format!("copy{copy}"));
            // Every other copy is made as another process makes it.
            if copy % 2 == 0 {
                store.snapshot(&target).unwrap();
            } else {
                anlan_series::copy(store.path(), &target).unwrap();
            }
            assert_eq!(verify(&target).unwrap().problems, Vec::<String>::new());
            let copied = open(&target, crash_options(&hand));
            let got = contents(&copied);
            let reached = got
                .iter()
                .map(|(_, at, _)| ((at - NEW_YEAR) / (15 * SECOND)) as u64 + 1)
                .max()
                .unwrap_or(0);
            assert_eq!(got, expected(0..reached), "copy {copy}");
            assert!(reached >= copy * 100 + 38, "copy {copy} has {reached}");
        }
        drop(go);
    });
    let error = store.snapshot(&home.path().join("copy0")).unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
}

#[test]
fn a_keeper_makes_appends_durable_and_does_the_upkeep() {
    let home = home();
    // Late enough for the long partitions of the hours to be over as well: only a finished one is
    // merged down to a single file, however many rounds of upkeep its rows came in.
    let hand = Hand::at(NEW_YEAR + 200 * DAY);
    let store = Arc::new(open(home.path(), crash_options(&hand)));
    let keeper = Keeper::start(
        Arc::clone(&store),
        Duration::from_millis(1),
        Duration::from_millis(1),
    )
    .unwrap();
    for number in 0..100 {
        put(&store, &batch(number));
    }
    // The partition is long over: upkeep writes it to blocks and merges them into one, with a block of hours beside.
    let deadline = Instant::now() + Duration::from_secs(60);
    while store.info().memory_samples > 0 || store.info().block_files > 3 {
        assert!(
            Instant::now() < deadline && keeper.last_error().is_none(),
            "{:?}",
            store.info()
        );
        std::thread::yield_now();
    }
    drop(keeper);
    assert_eq!(Arc::strong_count(&store), 1, "the thread is gone");
    assert_eq!(contents(&store), expected(0..100));
}

#[test]
fn a_tiny_disk_that_fills_up_refuses_and_recovers() {
    let home = home();
    let mount = home.path().join("disk");
    std::fs::create_dir(&mount).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
        .arg(&mount)
        .output();
    if !mounted.is_ok_and(|o| o.status.success()) {
        // Without the right to mount, the same is tested with injected faults in the crate's unit tests.
        return;
    }
    let result = std::panic::catch_unwind(|| fill_up(&mount));
    assert!(
        Command::new("umount")
            .arg(&mount)
            .status()
            .unwrap()
            .success()
    );
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn fill_up(mount: &Path) {
    let hand = Hand::at(NEW_YEAR + 30 * DAY);
    let dir = mount.join("series");
    let settings = || Options {
        head_samples: 2000,
        ..options(&hand)
    };
    let noise = |n: i64| {
        sample(
            1,
            NEW_YEAR + 25 * DAY + n * SECOND,
            ((n * n * 7919) % 1_000_003) as f64 / 100.0,
        )
    };
    let mut store = open(&dir, settings());
    std::fs::write(mount.join("ballast"), vec![0; 100 * 1024]).unwrap();
    let mut written = 0;
    let error = loop {
        let batch: Vec<_> = (written..written + 100).map(noise).collect();
        match store.append(&batch) {
            Ok(_) => written += 100,
            Err(e) => break e,
        }
    };
    assert!(error.is_disk_full(), "{error}");
    let all = |store: &Store| store.range(SeriesId::from(1), 0, i64::MAX).unwrap();
    let whole = |store: &Store, written: i64| {
        let points = all(store);
        assert_eq!(points.len() as i64, written);
        assert!(
            points
                .iter()
                .enumerate()
                .all(|(i, p)| p.value == noise(i as i64).value)
        );
    };
    whole(&store, written);
    assert!(store.append(&[noise(written)]).is_err() || all(&store).len() as i64 == written + 1);
    written = all(&store).len() as i64;
    // A restart on the full disk works, and reads all.
    drop(store);
    store = open(&dir, settings());
    whole(&store, written);
    let _ = store.flush();
    let _ = store.maintain();
    whole(&store, written);
    std::fs::remove_file(mount.join("ballast")).unwrap();
    let batch: Vec<_> = (written..written + 100).map(noise).collect();
    put(&store, &batch);
    written += 100;
    store.flush().unwrap();
    store.maintain().unwrap();
    whole(&store, written);
    assert_eq!(verify(&dir).unwrap().problems, Vec::<String>::new());
}
