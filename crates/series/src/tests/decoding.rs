//! Decoders fed with any bytes: an answer or a refusal, never a panic, never more memory than the rows allow.

use proptest::prelude::*;

use crate::block::{ChunkMeta, Page, decode_rows, decode_run, encode_rows, encode_run};
use crate::bytes::Reader;
use crate::codec::times::Clock;
use crate::codec::{Effort, MAX_ROWS, decode_column, encode_column};
use crate::rollup::{Rows, roll_up};
use crate::run::{Column, Run, Times};
use crate::stats::Stats;

fn meta(rows: usize, clock: Clock, first_at: i64, last_at: i64, len: usize) -> ChunkMeta {
    ChunkMeta {
        first_at,
        last_at,
        clock,
        rows,
        offset: 0,
        len,
        wide: false,
        stats: Stats::EMPTY,
    }
}

fn any_column() -> impl Strategy<Value = Column> {
    let n = 1usize..600;
    prop_oneof![
        // A counter, a gauge, noise of any size, a constant with outliers, floats.
        (n.clone(), 1i64..500, any::<i64>()).prop_map(|(n, most, seed)| {
            let mut total = seed >> 20;
            let step = |i: i64| (i.wrapping_mul(seed | 1) >> 40).rem_euclid(most);
            let mantissas = (0..n as i64).map(|i| {
                total += step(i);
                total
            });
            Column::Decimal {
                scale: 0,
                mantissas: mantissas.collect(),
            }
        }),
        prop::collection::vec(-1000i64..1000, n.clone()).prop_map(|mantissas| Column::Decimal {
            scale: 2,
            mantissas
        }),
        prop::collection::vec(any::<i64>(), n.clone()).prop_map(|mantissas| Column::Decimal {
            scale: 18,
            mantissas
        }),
        prop::collection::vec(prop_oneof![20 => Just(7i64), 1 => any::<i64>()], n.clone())
            .prop_map(|mantissas| Column::Decimal {
                scale: 1,
                mantissas
            }),
        prop::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), n)
            .prop_map(Column::Float),
    ]
}

fn any_times(n: usize) -> impl Strategy<Value = Times> {
    prop_oneof![
        (any::<i32>(), 1i64..100_000_000).prop_map(move |(start, step)| Times::Regular {
            start: i64::from(start),
            step,
            len: n
        }),
        // Even with gaps, and uneven.
        (
            prop::sample::select(vec![1i64, 15_000_000]),
            prop::collection::vec(prop_oneof![30 => Just(1i64), 1 => 2i64..1000], n)
        )
            .prop_map(|(step, gaps)| rising(step, &gaps)),
        prop::collection::vec(1i64..2_000_000, n).prop_map(|gaps| rising(1, &gaps)),
    ]
}

fn rising(step: i64, gaps: &[i64]) -> Times {
    let mut at = 1_767_225_600_000_000;
    let next = |gap: &i64| {
        at += gap * step;
        at
    };
    Times::Listed(gaps.iter().map(next).collect())
}

fn any_run() -> impl Strategy<Value = Run> {
    let with_times = |values: Column| {
        let n = match &values {
            Column::Decimal { mantissas, .. } => mantissas.len(),
            Column::Float(list) => list.len(),
        };
        (any_times(n), Just(values)).prop_map(|(times, values)| Run { times, values })
    };
    any_column().prop_flat_map(with_times)
}

fn any_effort() -> impl Strategy<Value = Effort> {
    prop_oneof![Just(Effort::Quick), Just(Effort::Thorough)]
}

fn any_clock() -> impl Strategy<Value = Clock> {
    prop_oneof![
        (1i64..i64::MAX).prop_map(|step| Clock::Even { step }),
        (1i64..i64::MAX).prop_map(|step| Clock::Gaps { step }),
        Just(Clock::Listed),
    ]
}

/// Changes a few bytes, or cuts the end off.
fn spoil(
    bytes: &[u8],
    changes: &[(prop::sample::Index, u8)],
    cut: Option<prop::sample::Index>,
) -> Vec<u8> {
    let mut spoiled = bytes.to_vec();
    for (at, with) in changes {
        let at = at.index(spoiled.len());
        spoiled[at] ^= with;
    }
    if let Some(cut) = cut {
        spoiled.truncate(cut.index(bytes.len()));
    }
    spoiled
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn runs_read_back(run in any_run(), effort in any_effort()) {
        let mut bytes = Vec::new();
        let clock = encode_run(&mut bytes, &run, effort);
        let read = decode_run(&bytes, &meta(run.len(), clock, run.first_at(), run.last_at(), bytes.len())).unwrap();
        prop_assert_eq!(&read.values, &run.values);
        prop_assert_eq!(read.times.to_vec(), run.times.to_vec());
    }

    #[test]
    fn spoiled_runs_are_read_or_refused(
        run in any_run(), effort in any_effort(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()), rows in prop::option::weighted(0.2, 1..=MAX_ROWS),
    ) {
        let mut bytes = Vec::new();
        let clock = encode_run(&mut bytes, &run, effort);
        let spoiled = spoil(&bytes, &changes, cut);
        let rows = rows.unwrap_or(run.len());
        if let Ok(read) = decode_run(&spoiled, &meta(rows, clock, run.first_at(), run.last_at(), bytes.len())) {
            prop_assert_eq!(read.len(), rows);
        }
    }

    #[test]
    fn any_bytes_are_no_chunk_or_one_of_the_right_length(bytes in prop::collection::vec(any::<u8>(), 0..300), codec in 0u8..6, rows in 1..=MAX_ROWS, clock in any_clock(), first: i32) {
        let mut column = bytes.clone();
        if let Some(first) = column.first_mut() {
            *first = codec;
        }
        if let Ok(column) = decode_column(&mut Reader::new(&column), rows) {
            prop_assert_eq!(column.to_floats().len(), rows);
        }
        let meta = meta(rows, clock, i64::from(first), i64::from(first), bytes.len());
        let _ = decode_run(&bytes, &meta);
        let _ = decode_rows(&bytes, &meta);
        let _ = Page::decode(&bytes, i64::from(first), 1 << 40);
    }

    #[test]
    fn spoiled_roll_ups_are_read_or_refused(
        run in any_run(), effort in any_effort(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let rows = Rows::new(roll_up(std::slice::from_ref(&run), 0, 300_000_000)).unwrap();
        let mut bytes = Vec::new();
        let clock = encode_rows(&mut bytes, &rows, effort);
        let meta = meta(rows.stats.len(), clock, rows.times.first(), rows.times.last(), bytes.len());
        let read = decode_rows(&spoil(&bytes, &changes, None), &meta);
        if changes.iter().all(|(_, with)| *with == 0) {
            let read = read.unwrap();
            prop_assert_eq!(&read.stats, &rows.stats);
        }
    }
}

#[test]
fn a_count_of_rows_is_never_believed_beyond_its_limit() {
    let mut bytes = Vec::new();
    encode_column(
        &mut bytes,
        &Column::Decimal {
            scale: 0,
            mantissas: vec![1; 5],
        },
        Effort::Quick,
    );
    for rows in [0, MAX_ROWS + 1, usize::MAX] {
        assert!(decode_column(&mut Reader::new(&bytes), rows).is_err());
    }
}
