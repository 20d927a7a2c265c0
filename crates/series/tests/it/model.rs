//! Random operations on a store and on an ordered map must tell the same story.

use std::collections::BTreeMap;

use anlan_series::{Options, Sample, SeriesId, Store, Value, Window, verify};
use proptest::prelude::*;

use crate::support::{DAY, HOUR, Hand, NEW_YEAR, SECOND, home, open, options, put};

#[derive(Clone, Debug)]
enum Step {
    /// Series, first slot, slots, value seed.
    Regular(u64, i64, i64, i64),
    /// Series, instant, value.
    One(u64, i64, Value),
    Flush,
    Maintain,
    Reopen,
    Snapshot,
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-100_000i64..100_000).prop_map(|m| Value::from(m as f64 / 100.0)),
        1 => any::<i64>().prop_map(Value::integer),
        1 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(Value::from),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let series = 1u64..4;
    let slot = -8 * 5760i64..0;
    prop_oneof![
        6 => (series.clone(), slot.clone(), 1i64..3000, any::<i64>()).prop_map(|(s, a, n, v)| Step::Regular(s, a, n, v)),
        6 => (series, -8 * DAY..0i64, any_value()).prop_map(|(s, t, v)| Step::One(s, t, v)),
        2 => Just(Step::Flush),
        2 => Just(Step::Maintain),
        1 => Just(Step::Reopen),
        1 => Just(Step::Snapshot),
    ]
}

type Model = BTreeMap<(SeriesId, i64), Value>;

fn samples(step: &Step) -> Vec<Sample> {
    match *step {
        Step::Regular(series, first, n, seed) => (0..n)
            .map(|i| Sample {
                series: SeriesId::from(series),
                at: NEW_YEAR + (first + i) * 15 * SECOND,
                value: Value::from(((seed % 1000 + i * i % 97) as f64) / 10.0),
            })
            .filter(|s| s.at < NEW_YEAR)
            .collect(),
        Step::One(series, at, value) => vec![Sample {
            series: SeriesId::from(series),
            at: NEW_YEAR + at,
            value,
        }],
        _ => Vec::new(),
    }
}

fn model_range(model: &Model, series: SeriesId, from: i64, to: i64) -> Vec<(i64, Value)> {
    model
        .range((series, from)..(series, to))
        .map(|((_, at), v)| (*at, *v))
        .collect()
}

fn check(store: &Store, model: &Model, window: Window) {
    for series in (1u64..4).map(SeriesId::from) {
        let got: Vec<_> = store
            .range(series, window.from, window.to)
            .unwrap()
            .iter()
            .map(|p| (p.at, p.value))
            .collect();
        assert_eq!(got, model_range(model, series, window.from, window.to));
        let newest = model
            .range((series, i64::MIN)..=(series, i64::MAX))
            .next_back();
        assert_eq!(
            store.latest(series).unwrap().map(|p| (p.at, p.value)),
            newest.map(|((_, t), v)| (*t, *v))
        );
        let buckets = store.aggregate(series, window).unwrap();
        assert!(!buckets.approximate);
        for (i, got) in buckets.stats.iter().enumerate() {
            let from = window.from + i as i64 * window.step;
            let expected = model_range(model, series, from, (from + window.step).min(window.to));
            assert_eq!(got.count, expected.len() as u64, "bucket {i}");
            if expected.is_empty() {
                continue;
            }
            let values: Vec<f64> = expected.iter().map(|(_, v)| v.as_f64()).collect();
            assert_eq!(
                got.min,
                values.iter().copied().fold(f64::INFINITY, f64::min)
            );
            assert_eq!(
                got.max,
                values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            );
            assert_eq!((got.first, got.last), (values[0], values[values.len() - 1]));
            let (sum, size) = (
                values.iter().sum::<f64>(),
                values.iter().map(|v| v.abs()).sum::<f64>(),
            );
            assert!(
                (got.sum - sum).abs() <= size * 1e-12 || !size.is_finite(),
                "{} {sum}",
                got.sum
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_store_tells_what_a_map_tells(
        steps in prop::collection::vec(any_step(), 1..40),
        from in 0i64..8, length in 1i64..8 * 24, step in prop::sample::select(vec![37 * SECOND, 300 * SECOND, HOUR, 3 * HOUR, DAY]),
        aligned: bool, head_samples in prop::sample::select(vec![50usize, 5000, 1_000_000]),
    ) {
        let home = home();
        let hand = Hand::at(NEW_YEAR);
        let settings = || Options { head_samples, ..options(&hand) };
        let mut store = open(&home.path().join("series"), settings());
        let mut model = Model::new();
        let odd = if aligned { 0 } else { 1234 * SECOND + 567 };
        let from = NEW_YEAR - 8 * DAY + from * DAY - odd;
        let window = Window { from, to: from + length * HOUR + odd, step };
        for (i, s) in steps.iter().enumerate() {
            match s {
                Step::Flush => store.flush().unwrap(),
                Step::Maintain => store.maintain().unwrap(),
                Step::Reopen => {
                    drop(store);
                    store = open(&home.path().join("series"), settings());
                    prop_assert!(store.recovery().torn.is_empty() && store.recovery().damaged.is_empty());
                }
                Step::Snapshot => {
                    let target = home.path().join(format!("copy{i}"));
                    store.snapshot(&target).unwrap();
                    prop_assert_eq!(verify(&target).unwrap().problems, Vec::<String>::new());
                    check(&open(&target, settings()), &model, window);
                }
                data => {
                    let batch = samples(data);
                    put(&store, &batch);
                    model.extend(batch.iter().map(|s| ((s.series, s.at), s.value)));
                }
            }
        }
        check(&store, &model, window);
        store.flush().unwrap();
        store.maintain().unwrap();
        check(&store, &model, window);
        prop_assert_eq!(verify(&home.path().join("series")).unwrap().problems, Vec::<String>::new());
    }
}
