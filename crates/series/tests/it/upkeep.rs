//! Roll-ups, retention and clocks that misbehave.

use anlan_series::{Error, Options, Rollup, SeriesId, Stats, Store, Value, Window, verify};

use crate::support::{DAY, HOUR, Hand, NEW_YEAR, SECOND, home, open, options, put, sample};

const MINUTE: i64 = 60 * SECOND;

/// A value per minute of the day that starts `day` days after New Year, for series 1 and 2.
fn fill_day(store: &Store, day: i64) {
    let start = NEW_YEAR + day * DAY;
    let batch: Vec<_> = (0..1440)
        .flat_map(|i| {
            [1, 2].map(|s| {
                sample(
                    s,
                    start + i * MINUTE,
                    (day * 1440 + i) as f64 * s as f64 / 10.0,
                )
            })
        })
        .collect();
    put(store, &batch);
}

/// Lives through `days` days, minute by minute data, with upkeep at each midnight.
fn live_through(store: &Store, hand: &Hand, days: std::ops::Range<i64>) {
    for day in days {
        hand.set(NEW_YEAR + (day + 1) * DAY + HOUR);
        fill_day(store, day);
        hand.set(NEW_YEAR + (day + 1) * DAY + 3 * HOUR);
        store.maintain().unwrap();
    }
}

fn block_names(dir: &std::path::Path) -> Vec<String> {
    let names = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| n.ends_with(".blk")).collect();
    names.sort();
    names
}

fn expected(day_from: i64, day_to: i64, series: i64) -> Stats {
    let value = |n: i64| n as f64 * series as f64 / 10.0;
    let (first, last) = (day_from * 1440, day_to * 1440 - 1);
    Stats {
        count: (last - first + 1) as u64,
        min: value(first),
        max: value(last),
        sum: (first..=last).sum::<i64>() as f64 * series as f64 / 10.0,
        first: value(first),
        last: value(last),
        first_at: NEW_YEAR + first * MINUTE,
        last_at: NEW_YEAR + last * MINUTE,
    }
}

fn assert_close(got: &Stats, want: &Stats) {
    assert_eq!(
        (got.count, got.min, got.max, got.first, got.last),
        (want.count, want.min, want.max, want.first, want.last)
    );
    assert!(
        (got.sum - want.sum).abs() <= want.sum.abs() * 1e-12,
        "{} {}",
        got.sum,
        want.sum
    );
}

#[test]
fn old_samples_live_on_as_roll_ups_and_every_level_is_dropped_in_its_time() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let store = open(home.path(), options(&hand));
    live_through(&store, &hand, 0..60);

    // Raw: the last ten days.
    let all = |s: u64| {
        store
            .range(SeriesId::from(s), NEW_YEAR, NEW_YEAR + 60 * DAY)
            .unwrap()
    };
    assert_eq!(all(1).first().unwrap().at, NEW_YEAR + 50 * DAY);
    assert_eq!(all(2).len(), 10 * 1440);
    // Whole range by days: hours answer for what is gone, samples for what is there; nothing is lost.
    let days = store
        .aggregate(
            SeriesId::from(2),
            Window {
                from: NEW_YEAR,
                to: NEW_YEAR + 60 * DAY,
                step: DAY,
            },
        )
        .unwrap();
    assert!(!days.approximate);
    for (day, got) in days.stats.iter().enumerate() {
        assert_close(got, &expected(day as i64, day as i64 + 1, 2));
    }
    // Five minutes are exact where they are kept, approximate beyond.
    let window = |from, to| Window {
        from: NEW_YEAR + from * DAY,
        to: NEW_YEAR + to * DAY,
        step: 300 * SECOND,
    };
    assert!(
        !store
            .aggregate(SeriesId::from(1), window(30, 60))
            .unwrap()
            .approximate
    );
    let rough = store.aggregate(SeriesId::from(1), window(0, 60)).unwrap();
    assert!(rough.approximate);
    assert_eq!(rough.stats.iter().map(|s| s.count).sum::<u64>(), 60 * 1440);
    // Few files: finished partitions are one file each.
    let names = block_names(home.path());
    assert_eq!(names.iter().filter(|n| n.starts_with("0s-")).count(), 10);
    assert!(names.len() < 35, "{names:?}");
    assert_eq!(verify(home.path()).unwrap().problems, Vec::<String>::new());
    // Quantiles need samples and say so.
    let error = store
        .quantile(&[SeriesId::from(1)], window(40, 60), 0.5)
        .unwrap_err();
    assert!(
        matches!(error, Error::NeedsRaw { first_raw } if first_raw == NEW_YEAR + 50 * DAY),
        "{error}"
    );
    assert!(
        store
            .quantile(&[SeriesId::from(1)], window(51, 60), 0.5)
            .is_ok()
    );
}

#[test]
#[cfg(target_os = "linux")]
fn few_files_are_open_however_many_there_are() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let few = || Options {
        open_files: 4,
        index_cache: 1000,
        raw_retention: 100 * DAY,
        ..options(&hand)
    };
    let store = open(home.path(), few());
    live_through(&store, &hand, 0..30);
    assert!(store.info().block_files > 30);
    for series in [1u64, 2] {
        assert_eq!(
            store
                .range(SeriesId::from(series), NEW_YEAR, NEW_YEAR + 30 * DAY)
                .unwrap()
                .len(),
            30 * 1440
        );
    }
    let here = std::fs::canonicalize(home.path()).unwrap();
    let open_blocks = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok())
        .filter(|to| to.starts_with(&here) && to.extension().is_some_and(|x| x == "blk"))
        .count();
    assert!((1..=4).contains(&open_blocks), "{open_blocks}");
}

#[test]
fn samples_are_rolled_up_before_they_go_even_if_that_was_not_due_yet() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let late_level = Rollup {
        step: HOUR,
        after: 100 * DAY,
        retention: 365 * DAY,
    };
    let store = open(
        home.path(),
        Options {
            rollups: vec![late_level],
            ..options(&hand)
        },
    );
    live_through(&store, &hand, 0..15);
    let days = Window {
        from: NEW_YEAR,
        to: NEW_YEAR + 15 * DAY,
        step: DAY,
    };
    let buckets = store.aggregate(SeriesId::from(1), days).unwrap();
    assert_eq!(store.info().raw_from, Some(NEW_YEAR + 5 * DAY));
    assert!(buckets.stats.iter().all(|s| s.count == 1440) && !buckets.approximate);
}

#[test]
fn a_late_sample_is_rolled_up_again_and_a_too_late_one_is_refused() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let mut store = open(home.path(), options(&hand));
    live_through(&store, &hand, 0..20);
    let late = NEW_YEAR + 15 * DAY + 30 * SECOND;
    put(&store, &[sample(1, late, 1e6)]);
    let day = Window {
        from: NEW_YEAR + 15 * DAY,
        to: NEW_YEAR + 16 * DAY,
        step: HOUR,
    };
    let peak = |store: &Store| store.aggregate(SeriesId::from(1), day).unwrap().stats[0].max;
    assert_eq!(peak(&store), 1e6, "from memory");
    hand.set(NEW_YEAR + 20 * DAY + 5 * HOUR);
    store.maintain().unwrap();
    assert_eq!(peak(&store), 1e6, "from a fresh roll-up");
    assert_eq!(
        store
            .range(SeriesId::from(1), day.from, day.to)
            .unwrap()
            .len(),
        1441
    );

    for _ in 0..2 {
        let report = store
            .append(&[
                sample(1, NEW_YEAR + DAY, 5.0),
                sample(1, NEW_YEAR + 19 * DAY, 5.0),
            ])
            .unwrap();
        assert_eq!((report.too_old, report.stored), (1, 1));
        drop(store);
        store = open(home.path(), options(&hand));
    }
}

#[test]
fn a_clock_that_jumps_forward_drops_nothing_for_a_day() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let store = open(home.path(), options(&hand));
    live_through(&store, &hand, 0..5);
    let before = block_names(home.path());
    hand.set(NEW_YEAR + 3000 * DAY);
    store.maintain().unwrap();
    hand.set(NEW_YEAR + 3000 * DAY + 20 * HOUR);
    store.maintain().unwrap();
    assert_eq!(
        store
            .range(SeriesId::from(1), NEW_YEAR, NEW_YEAR + 5 * DAY)
            .unwrap()
            .len(),
        5 * 1440,
        "{before:?}"
    );
    // It comes back: all goes on as before.
    live_through(&store, &hand, 5..8);
    assert_eq!(
        store
            .range(SeriesId::from(1), NEW_YEAR, NEW_YEAR + 9 * DAY)
            .unwrap()
            .len(),
        8 * 1440
    );
    // It stays wrong for longer than a day: then it is believed.
    for hours in [0, 23, 46] {
        hand.set(NEW_YEAR + 3000 * DAY + hours * HOUR);
        store.maintain().unwrap();
    }
    assert!(
        store
            .range(SeriesId::from(1), NEW_YEAR, NEW_YEAR + 9 * DAY)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let store = open(home.path(), options(&hand));
    live_through(&store, &hand, 0..3);
    hand.set(NEW_YEAR + DAY);
    // Slots that were measured already are measured again: the new value wins; ahead of the clock is refused.
    put(
        &store,
        &[
            sample(1, NEW_YEAR + DAY, -1.0),
            sample(1, NEW_YEAR + DAY - MINUTE, -2.0),
        ],
    );
    assert_eq!(
        store
            .append(&[sample(1, NEW_YEAR + 2 * DAY + 1, 1.0)])
            .unwrap()
            .in_future,
        1
    );
    store.maintain().unwrap();
    store.flush().unwrap();
    store.maintain().unwrap();
    let points = store
        .range(SeriesId::from(1), NEW_YEAR, NEW_YEAR + 4 * DAY)
        .unwrap();
    assert_eq!(points.len(), 3 * 1440);
    assert_eq!(
        (points[1439].value, points[1440].value),
        (Value::from(-2.0), Value::from(-1.0))
    );
    assert_eq!(
        store.latest(SeriesId::from(1)).unwrap().unwrap().at,
        NEW_YEAR + 3 * DAY - MINUTE
    );
}

#[test]
fn many_series_together_are_the_sum_of_each() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + DAY);
    let store = open(home.path(), options(&hand));
    let value = |series: u64, i: i64| ((series as i64 * 31 + i * 7) % 1000) as f64 / 4.0;
    for series in 0..300u64 {
        let batch: Vec<_> = (0..48)
            .map(|i| sample(series, NEW_YEAR + i * 1800 * SECOND, value(series, i)))
            .collect();
        put(&store, &batch);
    }
    store.flush().unwrap();
    let ids: Vec<SeriesId> = (0..300u64).map(SeriesId::from).collect();
    let window = Window {
        from: NEW_YEAR,
        to: NEW_YEAR + DAY,
        step: HOUR,
    };
    let together = store.aggregate_all(&ids, window).unwrap();
    let mut sum = vec![Stats::EMPTY; 24];
    for id in &ids {
        let each = store.aggregate(*id, window).unwrap();
        sum.iter_mut()
            .zip(&each.stats)
            .for_each(|(sum, s)| sum.merge(s));
    }
    // Quarters add up without rounding, so the order of adding does not show.
    assert_eq!(together.stats, sum);
    assert_eq!(together.stats[0].count, 600);
    let backwards: Vec<SeriesId> = ids
        .iter()
        .rev()
        .copied()
        .chain([SeriesId::from(999)])
        .collect();
    let latest = store.latest_all(&backwards).unwrap();
    assert!(
        backwards
            .iter()
            .zip(&latest)
            .all(|(id, found)| *found == store.latest(*id).unwrap())
    );
    assert_eq!((latest.len(), latest[300]), (301, None));
}

#[test]
fn impossible_samples_and_questions_are_refused_by_name() {
    let home = home();
    let hand = Hand::at(NEW_YEAR);
    let store = open(home.path(), options(&hand));
    let good = sample(1, NEW_YEAR, 1.0);
    for (bad, word) in [(f64::NAN, "finite"), (f64::INFINITY, "finite")] {
        let mut wrong = good;
        wrong.value = Value::Float(bad);
        let error = store.append(&[good, wrong]).unwrap_err();
        assert!(
            matches!(error, Error::BadSample { index: 1, .. }) && error.to_string().contains(word),
            "{error}"
        );
    }
    let mut wrong = good;
    wrong.value = Value::Decimal {
        mantissa: 1,
        scale: 19,
    };
    assert!(store.append(&[wrong]).is_err());
    wrong = good;
    wrong.at = i64::MIN;
    assert!(store.append(&[wrong]).is_err());
    assert_eq!(
        store.latest(SeriesId::from(1)).unwrap(),
        None,
        "nothing of a refused batch is kept"
    );

    let window = |from, to, step| {
        store
            .aggregate(SeriesId::from(1), Window { from, to, step })
            .map(|_| ())
    };
    assert!(window(0, 10, 0).unwrap_err().to_string().contains("step"));
    assert!(window(10, 0, 1).unwrap_err().to_string().contains("to"));
    assert!(
        window(-(1 << 61), 1 << 61, 1)
            .unwrap_err()
            .to_string()
            .contains("buckets")
    );
    assert!(window(i64::MIN, i64::MAX, i64::MAX).is_err());
    assert!(window(-(1 << 61), 1 << 61, 1 << 62).is_ok());
    assert!(store.quantile(&[], Window::whole(0, 1), 1.5).is_err());
    let bad = Options {
        partition: 0,
        ..options(&hand)
    };
    assert!(
        Store::open(&home.path().join("other"), bad)
            .unwrap_err()
            .to_string()
            .contains("partition")
    );
    assert!(matches!(
        Store::open(home.path(), options(&hand)),
        Err(Error::Locked(_))
    ));
}
