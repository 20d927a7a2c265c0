//! Measures the metric history on the data shape of the peers' benchmark: 1,000 series × 1 day at 15 s, half counters
//! (Poisson increments, every 25th with a reset), half gauges of two decimals that change in 60 % of samples.
//!
//! `cargo run --release -p anlan-series --example series_bench [directory]`

use std::path::{Path, PathBuf};
use std::time::Instant;

use anlan_series::{Clock, Options, Result, Rollup, Sample, SeriesId, Stats, Store, Value, Window};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const SERIES: usize = 1000;
const STEP: i64 = 15 * SECOND;
const ROWS: usize = (DAY / STEP) as usize;
const SAMPLES: usize = SERIES * ROWS;
/// As the peers were fed: 10 slots of all series per request.
const SLOTS_PER_BATCH: usize = 10;
const ROUNDS: usize = 3;
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600 * SECOND;

/// SplitMix64: a fixed seed gives the same data on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (1.0 - self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut sum, mut n) = (0.0, 0);
        loop {
            sum -= (1.0 - self.unit()).ln();
            if sum >= mean {
                return n;
            }
            n += 1;
        }
    }
}

fn counter(random: &mut Random, i: usize) -> Vec<f64> {
    let mean = random.between(0.2, 200.0);
    let mut total = random.between(0.0, 1e9).floor();
    let mut list: Vec<f64> = (0..ROWS)
        .map(|_| {
            total += f64::from(random.poisson(mean));
            total
        })
        .collect();
    if i.is_multiple_of(50) {
        let reset = random.between(1000.0, 5000.0) as usize;
        let before = list[reset];
        list[reset..].iter_mut().for_each(|v| *v -= before);
    }
    list
}

fn gauge(random: &mut Random) -> Vec<f64> {
    let (base, noise) = (random.between(5.0, 95.0), random.between(0.05, 1.0));
    let mut level = base;
    (0..ROWS)
        .map(|row| {
            if row > 0 && random.unit() < 0.6 {
                level += noise * random.normal() + (base - level) * 0.02;
            }
            (level * 100.0).round() / 100.0
        })
        .collect()
}

/// Names as a server gives them: 128 bits without order.
fn series_id(i: u64) -> SeriesId {
    let mut random = Random(i);
    SeriesId(u128::from(random.next()) << 64 | u128::from(random.next()))
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64() * 1000.0))
}

fn query_ms<T>(rounds: usize, mut query: impl FnMut(usize) -> Result<T>) -> Result<f64> {
    let mut times = Vec::new();
    for round in 0..rounds {
        times.push(timed(|| query(round))?.1);
    }
    Ok(median(times))
}

/// Processor seconds of this process so far.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

fn resident_mib(field: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(field));
    line.and_then(|l| l.split_whitespace().next())
        .and_then(|n| n.parse::<f64>().ok())
        .unwrap_or_default()
        / 1024.0
}

fn options(now: i64, rollups: Vec<Rollup>) -> Options {
    Options {
        clock: Clock::new(move || now),
        rollups,
        raw_retention: 90 * DAY,
        ..Options::default()
    }
}

fn one_round(dir: &Path, batches: &[Vec<Sample>]) -> Result<Vec<(&'static str, f64)>> {
    let _ = std::fs::remove_dir_all(dir);
    let per_second = |ms: f64| SAMPLES as f64 / ms * 1000.0;
    let (cpu, memory) = (cpu_seconds(), resident_mib("VmRSS:"));
    let store = Store::open(dir, options(START + DAY, Vec::new()))?;
    let ((), ingest) = timed(|| {
        for batch in batches {
            let _taken = store.append(batch)?;
        }
        store.sync()
    })?;
    let ingest_cpu = cpu_seconds() - cpu;
    let grown = resident_mib("VmRSS:") - memory;
    let ids: Vec<SeriesId> = (0..SERIES as u64).map(series_id).collect();
    let (from, to) = (START, START + DAY);
    let day_in_pieces = query_ms(15, |i| store.range(ids[i * 61 + 1], from, to))?;
    let ((), settle) = timed(|| store.flush())?;
    drop(store);

    let store = Store::open(dir, options(START + 2 * DAY, Vec::new()))?;
    let ((), merge) = timed(|| store.maintain())?;
    let settled_cpu = cpu_seconds() - cpu;
    let raw = store.info();
    let cold = query_ms(1, |_| store.range(ids[65], from, to))?;
    let one = query_ms(31, |i| store.range(ids[(i * 61 + 1) % SERIES], from, to))?;
    let window = |step| Window { from, to, step };
    let all = query_ms(7, |_| store.aggregate_all(&ids, window(300 * SECOND)))?;
    let cpu_before = cpu_seconds();
    for _ in 0..20 {
        store.aggregate_all(&ids, window(300 * SECOND))?;
    }
    let all_cpu = (cpu_seconds() - cpu_before) / 20.0 * 1000.0;
    let all_minutes = query_ms(5, |_| store.aggregate_all(&ids, window(60 * SECOND)))?;
    let whole = query_ms(7, |_| store.aggregate_all(&ids, Window::whole(from, to)))?;
    let quantile = query_ms(5, |_| store.quantile(&ids[..1], window(300 * SECOND), 0.95))?;
    let latest = query_ms(5, |_| store.latest_all(&ids))?;
    drop(store);

    let level = |step| Rollup {
        step,
        after: 0,
        retention: 1000 * DAY,
    };
    let store = Store::open(
        dir,
        options(
            START + 2 * DAY,
            vec![level(300 * SECOND), level(3600 * SECOND), level(DAY)],
        ),
    )?;
    let ((), rolling) = timed(|| store.maintain())?;
    let with_rollups = store.info();
    let all_rolled = query_ms(7, |_| store.aggregate_all(&ids, window(300 * SECOND)))?;
    let by_raw: Stats = {
        let buckets = store.aggregate_all(&ids, Window::whole(from, to))?;
        buckets.stats[0]
    };
    assert_eq!(by_raw.count, SAMPLES as u64, "all samples are there");
    let per_sample = |bytes: u64| bytes as f64 / SAMPLES as f64;
    Ok(vec![
        ("samples/s in, incl. final sync", per_second(ingest)),
        (
            "CPU-s per million samples, in",
            ingest_cpu / (SAMPLES as f64 / 1e6),
        ),
        (
            "CPU-s per million samples, in and settled",
            settled_cpu / (SAMPLES as f64 / 1e6),
        ),
        ("flush of the rest, ms", settle),
        ("merge of the day, ms", merge),
        ("memory grown by, MiB", grown),
        (
            "bytes per sample at rest (data + index)",
            per_sample(raw.raw_bytes),
        ),
        (
            "bytes per sample, all roll-ups included",
            per_sample(with_rollups.block_bytes),
        ),
        ("making all roll-ups, ms", rolling),
        ("24 h of one series, unmerged files, ms", day_in_pieces),
        ("24 h of one series, first query, ms", cold),
        ("24 h of one series, 5,760 points, ms", one),
        ("avg of 1,000 series, 24 h, 300 s, from samples, ms", all),
        ("the same, CPU ms", all_cpu),
        (
            "avg of 1,000 series, 24 h, 60 s, from samples, ms",
            all_minutes,
        ),
        (
            "avg of 1,000 series, 24 h, 300 s, from roll-ups, ms",
            all_rolled,
        ),
        ("avg of 1,000 series, 24 h, one bucket, ms", whole),
        ("p95 of one series, 24 h, 300 s, ms", quantile),
        ("latest of 1,000 series, ms", latest),
    ])
}

/// Many series with few samples each: 100,000 series, an hour at 60 s, gauges of two decimals.
fn many_series(dir: &Path) -> Result<Vec<(&'static str, f64)>> {
    const MANY: u64 = 100_000;
    const SLOTS: i64 = 60;
    let _ = std::fs::remove_dir_all(dir);
    let memory = resident_mib("VmRSS:");
    let store = Store::open(dir, options(START + DAY, Vec::new()))?;
    let mut random = Random(7);
    let mut levels: Vec<f64> = (0..MANY).map(|_| random.between(5.0, 95.0)).collect();
    let ids: Vec<SeriesId> = (0..MANY).map(series_id).collect();
    let (mut ingest, mut most) = (0.0, 0.0f64);
    for slot in 0..SLOTS {
        let at = START + slot * 60 * SECOND;
        let mut samples = Vec::with_capacity(levels.len());
        for (id, level) in ids.iter().zip(&mut levels) {
            if random.unit() < 0.6 {
                *level += random.normal();
            }
            samples.push(Sample::new(*id, at, (*level * 100.0).round() / 100.0));
        }
        let ((), ms) = timed(|| {
            samples
                .chunks(10_000)
                .try_for_each(|batch| store.append(batch).map(|_| ()))
        })?;
        ingest += ms;
        most = most.max(resident_mib("VmRSS:") - memory);
    }
    store.flush()?;
    let held = resident_mib("VmRSS:") - memory;
    let total = MANY as f64 * SLOTS as f64;
    drop(store);
    let store = Store::open(dir, options(START + 2 * DAY, Vec::new()))?;
    let ((), merge) = timed(|| store.maintain())?;
    let hour = Window {
        from: START,
        to: START + SLOTS * 60 * SECOND,
        step: 300 * SECOND,
    };
    let latest = timed(|| store.latest_all(&ids))?.1;
    let all = timed(|| store.aggregate_all(&ids, hour))?.1;
    Ok(vec![
        ("100,000 series: samples/s in", total / ingest * 1000.0),
        ("100,000 series: memory grown by at most, MiB", most),
        ("100,000 series: memory held after the flush, MiB", held),
        ("100,000 series: merge, ms", merge),
        (
            "100,000 series: bytes per sample at rest (data + index)",
            store.info().raw_bytes as f64 / total,
        ),
        ("100,000 series: latest of all, ms", latest),
        ("100,000 series: avg of all, 1 h, 300 s, ms", all),
    ])
}

fn main() -> Result<()> {
    let dir = std::env::args().nth(1).map_or_else(
        || std::env::temp_dir().join("anlan-series-bench"),
        PathBuf::from,
    );
    let mut random = Random(42);
    let values: Vec<Vec<f64>> = (0..SERIES)
        .map(|i| {
            if i % 2 == 0 {
                counter(&mut random, i)
            } else {
                gauge(&mut random)
            }
        })
        .collect();
    let sample = |series: usize, row: usize| Sample {
        series: series_id(series as u64),
        at: START + row as i64 * STEP,
        value: Value::from(values[series][row]),
    };
    let rows: Vec<usize> = (0..ROWS).collect();
    let batches: Vec<Vec<Sample>> = rows
        .chunks(SLOTS_PER_BATCH)
        .map(|rows| {
            (0..SERIES)
                .flat_map(|s| rows.iter().map(move |&r| (s, r)))
                .map(|(s, r)| sample(s, r))
                .collect()
        })
        .collect();
    println!(
        "{SAMPLES} samples, {SERIES} series, {} per batch",
        SERIES * SLOTS_PER_BATCH
    );
    let rounds = (0..ROUNDS)
        .map(|_| one_round(&dir, &batches))
        .collect::<Result<Vec<_>>>()?;
    for (i, (name, _)) in rounds[0].iter().enumerate() {
        let list: Vec<f64> = rounds.iter().map(|r| r[i].1).collect();
        let (low, high) = list
            .iter()
            .fold((f64::INFINITY, 0.0f64), |(l, h), &v| (l.min(v), h.max(v)));
        println!("{name:52} {:>14.4} [{low:.4} - {high:.4}]", median(list));
    }
    for (name, figure) in many_series(&dir)? {
        println!("{name:52} {figure:>14.4}");
    }
    println!(
        "peak resident memory, test data included, MiB {:>20.1}",
        resident_mib("VmHWM:")
    );
    let _ = std::fs::remove_dir_all(&dir);
    Ok(())
}
