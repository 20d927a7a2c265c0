//! Files that are not what was written: told, never believed, never a crash.

use std::path::{Path, PathBuf};

use anlan_series::{Error, Options, SeriesId, Store, Window, verify};

use crate::support::{
    DAY, HOUR, Hand, NEW_YEAR, SECOND, copy_dir, home, open, options, put, sample,
};

/// Two series over a day at 10 minutes, one with gaps; in one raw block and one block of hours.
fn small_store(dir: &Path, hand: &Hand) {
    let store = open(dir, settings(hand));
    let batch: Vec<_> = (0..144)
        .flat_map(|i| {
            [
                sample(1, NEW_YEAR + i * 600 * SECOND, i as f64 / 10.0),
                sample(2, NEW_YEAR + i * 600 * SECOND, (i as f64).sin()),
            ]
        })
        .filter(|s| s.series == SeriesId::from(1) || s.at % (7 * 600 * SECOND) != 0)
        .collect();
    put(&store, &batch);
    store.maintain().unwrap();
}

fn settings(hand: &Hand) -> Options {
    let hours = options(hand).rollups[1];
    Options {
        rollups: vec![hours],
        flush_after: 0,
        ..options(hand)
    }
}

fn blocks(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    found.retain(|p| p.extension().is_some_and(|x| x == "blk"));
    found.sort();
    found
}

type Answers = (Vec<String>, Vec<String>);

/// All answers the store gives, or the first refusal.
fn answers(store: &Store) -> Result<Answers, Error> {
    let mut points = Vec::new();
    let mut hours = Vec::new();
    for series in [1u64, 2].map(SeriesId::from) {
        points.extend(
            store
                .range(series, NEW_YEAR, NEW_YEAR + DAY)?
                .iter()
                .map(|p| format!("{p:?}")),
        );
        let window = Window {
            from: NEW_YEAR,
            to: NEW_YEAR + DAY,
            step: HOUR,
        };
        hours.extend(
            store
                .aggregate(series, window)?
                .stats
                .iter()
                .map(|s| format!("{s:?}")),
        );
        points.push(format!("{:?}", store.latest(series)?));
    }
    Ok((points, hours))
}

#[test]
fn a_wrong_byte_anywhere_in_a_block_is_noticed() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + 2 * DAY);
    let origin = home.path().join("origin");
    small_store(&origin, &hand);
    let right = answers(&open(&origin, settings(&hand))).unwrap();
    let files = blocks(&origin);
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for at in 0..bytes.len() {
            let dir = home.path().join("wrong");
            copy_dir(&origin, &dir);
            let mut wrong = bytes.clone();
            wrong[at] ^= 0x10;
            std::fs::write(dir.join(file.file_name().unwrap()), wrong).unwrap();
            let problems = verify(&dir).unwrap().problems;
            assert_eq!(
                problems.len(),
                1,
                "byte {at} of {}: {problems:?}",
                file.display()
            );
            match Store::open(&dir, settings(&hand)) {
                Ok(store) if store.recovery().damaged.is_empty() => {
                    match answers(&store) {
                        // The damaged part was not needed.
                        Ok(got) => assert_eq!(got, right, "byte {at} of {}", file.display()),
                        Err(e) => assert!(matches!(e, Error::Corrupt { .. }), "{e}"),
                    }
                    // Upkeep goes on around it.
                    let _ = store.maintain();
                }
                Ok(store) => assert_eq!(store.recovery().damaged.len(), 1),
                // A format number raised by the damage.
                Err(e) => assert!(matches!(e, Error::TooNew { .. }), "{e}"),
            }
            std::fs::remove_dir_all(&dir).unwrap();
        }
    }
}

#[test]
fn a_block_cut_at_any_byte_is_set_aside() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + 2 * DAY);
    let origin = home.path().join("origin");
    small_store(&origin, &hand);
    for file in blocks(&origin) {
        let bytes = std::fs::read(&file).unwrap();
        for cut in 0..bytes.len() {
            let dir = home.path().join("cut");
            copy_dir(&origin, &dir);
            std::fs::write(dir.join(file.file_name().unwrap()), &bytes[..cut]).unwrap();
            let store = open(&dir, settings(&hand));
            assert_eq!(store.recovery().damaged.len(), 1, "cut at {cut}");
            answers(&store).unwrap();
            drop(store);
            assert!(
                dir.join(format!(
                    "{}.damaged",
                    file.file_name().unwrap().to_str().unwrap()
                ))
                .exists()
            );
            std::fs::remove_dir_all(&dir).unwrap();
        }
    }
}

#[test]
fn one_damaged_chunk_does_not_stop_merging_elsewhere_nor_the_roll_up() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + DAY);
    let day = |day: i64, series: u64| {
        (0..144).map(move |i| {
            sample(
                series,
                NEW_YEAR + day * DAY + i * 600 * SECOND,
                i as f64 + 0.5,
            )
        })
    };
    let store = open(home.path(), settings(&hand));
    for series in [1, 2] {
        put(&store, &day(0, series).collect::<Vec<_>>());
        put(&store, &day(1, series).collect::<Vec<_>>());
        store.flush().unwrap();
    }
    drop(store);
    // The first chunk of the oldest file: series 1 of the first day.
    let file = &blocks(home.path())[0];
    let mut bytes = std::fs::read(file).unwrap();
    bytes[3] ^= 1;
    std::fs::write(file, bytes).unwrap();

    let store = open(home.path(), settings(&hand));
    hand.set(NEW_YEAR + 3 * DAY);
    assert!(
        matches!(store.maintain(), Err(Error::Corrupt { .. })),
        "the damage is told"
    );
    assert!(store.maintain().is_ok(), "once");
    let whole = |series: u64, day: i64| {
        let from = NEW_YEAR + day * DAY;
        store
            .aggregate(
                SeriesId::from(series),
                Window {
                    from,
                    to: from + DAY,
                    step: HOUR,
                },
            )
            .map(|b| b.stats[0].count)
    };
    assert_eq!(
        blocks(home.path())
            .iter()
            .filter(|b| b.to_str().unwrap().contains("/0s-"))
            .count(),
        3
    );
    assert_eq!(
        [
            whole(2, 0).unwrap(),
            whole(1, 1).unwrap(),
            whole(2, 1).unwrap()
        ],
        [6, 6, 6]
    );
    assert!(
        store
            .range(SeriesId::from(1), NEW_YEAR, NEW_YEAR + DAY)
            .is_err()
    );
}

#[test]
fn strangers_in_the_directory_are_left_alone_or_refused() {
    let home = home();
    let hand = Hand::at(NEW_YEAR + 2 * DAY);
    small_store(home.path(), &hand);
    for (name, content) in [
        ("notes.txt", &b"keep me"[..]),
        ("wal-zz.log", b"not a segment"),
        ("0s-junk.blk", b""),
        (
            "wal-00000000000000ff.log",
            b"ANLANWAL nonsense that is long enough to have a head",
        ),
    ] {
        std::fs::write(home.path().join(name), content).unwrap();
    }
    let store = open(home.path(), settings(&hand));
    assert_eq!(
        (store.recovery().damaged.len(), store.recovery().torn.len()),
        (1, 1)
    );
    answers(&store).unwrap();
    assert_eq!(
        std::fs::read(home.path().join("notes.txt")).unwrap(),
        b"keep me"
    );
    drop(store);
    std::fs::write(home.path().join("META"), "partition many\n").unwrap();
    let error = Store::open(home.path(), settings(&hand)).unwrap_err();
    assert!(error.to_string().contains("partition"), "{error}");
}
