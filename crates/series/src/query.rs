//! Reading: raw ranges, aligned aggregation, quantiles, the latest value.

use std::panic::resume_unwind;
use std::sync::Arc;

use crate::block::{Block, ChunkMeta};
use crate::codec::times::MAX_INSTANT;
use crate::error::{Error, Result};
use crate::options::Rollup;
use crate::pieces::{Piece, in_time_order};
use crate::plan::{Picture, Plan};
use crate::run::Run;
use crate::stats::Stats;
use crate::store::Store;
use crate::value::{Point, SeriesId, Value};
use crate::view::View;

/// Most points [`Store::range`] returns and most samples [`Store::quantile`] takes in: some 50 MB.
pub const MAX_POINTS: usize = 2_000_000;
/// Most buckets an aggregation returns: some 15 MB.
pub const MAX_BUCKETS: usize = 200_000;

/// From so many series on, a question is answered by [`PARTS`] threads.
const MANY_SERIES: usize = 64;
const PARTS: usize = 4;
/// Beyond so many buckets every thread's own would take more memory than the time is worth.
const MANY_BUCKETS: usize = 20_000;

/// A time range cut into buckets: `from`, `from + step`, … up to `to` (exclusive). All in epoch µs; the last bucket is
/// cut at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Start of the first bucket.
    pub from: i64,
    /// End of the range, not included.
    pub to: i64,
    /// Width of a bucket.
    pub step: i64,
}

impl Window {
    /// One bucket for the whole range.
    pub fn whole(from: i64, to: i64) -> Self {
        Self {
            from,
            to,
            step: to.saturating_sub(from).max(1),
        }
    }

    fn buckets(&self) -> Result<usize> {
        if self.step <= 0 || self.step > 2 * MAX_INSTANT {
            return Err(Error::bad_argument(
                "step",
                "must be positive and at most 2^62 µs",
            ));
        }
        if self.from < -MAX_INSTANT || self.to > MAX_INSTANT {
            return Err(Error::bad_argument("from, to", "outside ±2^61 µs"));
        }
        if self.to < self.from {
            return Err(Error::bad_argument("to", "lies before from"));
        }
        let n = (i128::from(self.to) - i128::from(self.from) + i128::from(self.step) - 1)
            / i128::from(self.step);
        usize::try_from(n)
            .ok()
            .filter(|&n| n <= MAX_BUCKETS)
            .ok_or_else(|| {
                Error::bad_argument("step", format!("gives more than {MAX_BUCKETS} buckets"))
            })
    }

    /// The bucket of an instant inside the window.
    fn bucket(&self, t: i64) -> usize {
        ((t - self.from) / self.step) as usize
    }

    fn bucket_end(&self, bucket: usize) -> i64 {
        // Cannot overflow: the bucket begins inside the window, and both are checked to lie inside ±2^61.
        (self.from + self.step * bucket as i64)
            .saturating_add(self.step)
            .min(self.to)
    }
}

/// The answer to an aggregation: one summary per bucket, empty ones included.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// What was asked.
    pub window: Window,
    /// One summary per bucket.
    pub stats: Vec<Stats>,
    /// True if part of the range is kept only as roll-ups wider than, or not aligned with, the buckets: their samples
    /// are counted in the bucket in which the roll-up slot begins.
    pub approximate: bool,
}

impl Store {
    /// Raw samples of a series in `from..to`, in time order. Older parts that are kept only as roll-ups have none.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a chunk of the range is damaged, [`Error::BadArgument`] beyond [`MAX_POINTS`] points.
    pub fn range(&self, series: SeriesId, from: i64, to: i64) -> Result<Vec<Point>> {
        let picture = self.picture(series, from, to);
        let mut points = Vec::new();
        in_time_order(picture.pieces(series, from, to, &[])?, |piece| {
            let run = piece.read()?;
            let rows = run.times.before(from)..run.times.before(to);
            if points.len() + rows.len() > MAX_POINTS {
                return Err(Error::bad_argument(
                    "to",
                    format!("gives more than {MAX_POINTS} points"),
                ));
            }
            points.extend(rows.map(|i| run.point(i)));
            Ok(())
        })?;
        Ok(points)
    }

    /// Summaries of one series per bucket. Long ranges are answered from index entries and roll-ups where these give
    /// the same answer as the samples.
    ///
    /// # Errors
    /// [`Error::BadArgument`] for an impossible window, [`Error::Corrupt`] if a chunk of the range is damaged.
    pub fn aggregate(&self, series: SeriesId, window: Window) -> Result<Buckets> {
        self.aggregate_all(&[series], window)
    }

    /// As [`Store::aggregate`], all samples of several series taken together: `avg` is then the mean over all samples.
    /// A series named twice counts twice.
    ///
    /// # Errors
    /// As [`Store::aggregate`].
    pub fn aggregate_all(&self, series: &[SeriesId], window: Window) -> Result<Buckets> {
        let buckets = window.buckets()?;
        if series.len() < MANY_SERIES || buckets > MANY_BUCKETS {
            return self.aggregate_part(series, window, buckets);
        }
        // In the order of the files, so that each index page is decoded once.
        let mut series = series.to_vec();
        series.sort_unstable();
        // Always the same parts, so that sums are rounded the same way on every machine.
        let parts = std::thread::scope(|scope| {
            let part = |ids| scope.spawn(move || self.aggregate_part(ids, window, buckets));
            let running: Vec<_> = series
                .chunks(series.len().div_ceil(PARTS))
                .map(part)
                .collect();
            let ended = running
                .into_iter()
                .map(|part| part.join().unwrap_or_else(|e| resume_unwind(e)));
            ended.collect::<Result<Vec<Buckets>>>()
        })?;
        let mut whole = Buckets {
            window,
            stats: vec![Stats::EMPTY; buckets],
            approximate: false,
        };
        for part in parts {
            whole.approximate |= part.approximate;
            whole
                .stats
                .iter_mut()
                .zip(&part.stats)
                .for_each(|(sum, s)| sum.merge(s));
        }
        Ok(whole)
    }

    fn aggregate_part(
        &self,
        series: &[SeriesId],
        window: Window,
        buckets: usize,
    ) -> Result<Buckets> {
        let mut stats = vec![Stats::EMPTY; buckets];
        let view = Arc::clone(&self.live().view);
        let mut plan = self.plan(&view, &window);
        let mut approximate = plan.approximate;
        for &id in series {
            let picture = self.picture(id, window.from, window.to);
            if !Arc::ptr_eq(&picture.view, &plan.view) {
                // Files were merged or dropped since: what was planned may no longer be there.
                plan = self.plan(&picture.view, &window);
                approximate |= plan.approximate;
            }
            fold(id, &picture, &plan, &window, &mut stats)?;
        }
        Ok(Buckets {
            window,
            stats,
            approximate,
        })
    }

    /// The `q`-quantile (0 ≤ q ≤ 1, linear between neighbours) of all samples of the series per bucket; `None` where
    /// there are none.
    ///
    /// # Errors
    /// [`Error::NeedsRaw`] if part of the range is kept only as roll-ups, else as [`Store::aggregate`].
    pub fn quantile(
        &self,
        series: &[SeriesId],
        window: Window,
        q: f64,
    ) -> Result<Vec<Option<f64>>> {
        if !(0.0..=1.0).contains(&q) {
            return Err(Error::bad_argument("q", "must lie between 0 and 1"));
        }
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); window.buckets()?];
        if let Some(first_raw) = self.only_rolled_up(&window) {
            return Err(Error::NeedsRaw { first_raw });
        }
        let mut total = 0;
        for &id in series {
            let picture = self.picture(id, window.from, window.to);
            in_time_order(picture.pieces(id, window.from, window.to, &[])?, |piece| {
                let run = piece.read()?;
                let rows = run.times.before(window.from)..run.times.before(window.to);
                total += rows.len();
                if total > MAX_POINTS {
                    return Err(Error::bad_argument(
                        "to",
                        format!("takes in more than {MAX_POINTS} samples"),
                    ));
                }
                for i in rows {
                    values[window.bucket(run.times.get(i))].push(run.values.get(i).as_f64());
                }
                Ok(())
            })?;
        }
        Ok(values.into_iter().map(|v| quantile_of(v, q)).collect())
    }

    /// The newest raw sample of a series, if any is kept.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Io`] if the index cannot be read.
    pub fn latest(&self, series: SeriesId) -> Result<Option<Point>> {
        let picture = self.picture(series, i64::MIN, i64::MAX);
        // `max_by_key` keeps the last of equals: the youngest write.
        let mut latest = picture
            .memory
            .iter()
            .map(|run| run.point(run.len() - 1))
            .max_by_key(|p| p.at);
        // Of one partition's blocks the youngest wins at equal instants; partitions are walked newest first.
        for block in picture.view.tier(0).iter().rev() {
            if latest.is_some_and(|p| p.at >= block.span.1) {
                continue;
            }
            let Some(page) = block.page_of(series)? else {
                continue;
            };
            let Some(chunk) = page.chunks_of(series).last() else {
                continue;
            };
            if latest.is_none_or(|p| p.at < chunk.last_at) {
                latest = Some(Point {
                    at: chunk.last_at,
                    value: last_value(block, chunk)?,
                });
            }
        }
        Ok(latest)
    }

    /// The newest raw sample of each of many series, in the order asked.
    ///
    /// # Errors
    /// As [`Store::latest`].
    pub fn latest_all(&self, series: &[SeriesId]) -> Result<Vec<Option<Point>>> {
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_unstable_by_key(|&i| series[i]);
        let mut found = vec![None; series.len()];
        for i in order {
            found[i] = self.latest(series[i])?;
        }
        Ok(found)
    }

    /// The instant before which samples of the window are kept only as roll-ups.
    fn only_rolled_up(&self, window: &Window) -> Option<i64> {
        let view = Arc::clone(&self.live().view);
        let length = self.options.partition;
        let covered = |level: &Rollup| {
            let starts = view.covered_between(level.step, window.from, window.to, length);
            starts
                .filter(|start| view.youngest_raw(*start).is_none())
                .max()
        };
        self.options
            .rollups
            .iter()
            .filter_map(covered)
            .max()
            .map(|start| start + length)
    }

    fn picture(&self, series: SeriesId, from: i64, to: i64) -> Picture {
        Picture::new(&self.live(), series, from, to)
    }

    fn plan(&self, view: &Arc<View>, window: &Window) -> Plan {
        Plan::new(&self.live(), view, &self.options, window)
    }
}

fn fold(
    series: SeriesId,
    picture: &Picture,
    plan: &Plan,
    window: &Window,
    stats: &mut [Stats],
) -> Result<()> {
    in_time_order(
        picture.pieces(series, window.from, window.to, &plan.rolled)?,
        |piece| {
            if let Piece::Chunk(_, meta) = &piece
                && meta.first_at >= window.from
                && meta.last_at < window.to
            {
                let bucket = window.bucket(meta.first_at);
                if bucket == window.bucket(meta.last_at) {
                    stats[bucket].merge(&meta.stats);
                    return Ok(());
                }
            }
            fold_run(&piece.read()?, window, stats);
            Ok(())
        },
    )?;
    for (tier, part) in &plan.parts {
        for (at, s) in picture.rows(series, *tier, part)? {
            stats[window.bucket(at)].merge(&s);
        }
    }
    Ok(())
}

fn fold_run(run: &Run, window: &Window, stats: &mut [Stats]) {
    let mut from = run.times.before(window.from);
    let end = run.times.before(window.to);
    while from < end {
        let bucket = window.bucket(run.times.get(from));
        let to = run.times.before(window.bucket_end(bucket));
        stats[bucket].merge(&Stats::of(run, from..to));
        from = to;
    }
}

/// The chunk's last value: from the index if a float can hold it exactly.
fn last_value(block: &Block, chunk: &ChunkMeta) -> Result<Value> {
    if !chunk.wide {
        return Ok(Value::from(chunk.stats.last));
    }
    let run = block.run(chunk)?;
    Ok(run.values.get(run.len() - 1))
}

fn quantile_of(mut values: Vec<f64>, q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let rank = q * last as f64;
    let low = rank.floor() as usize;
    let (_, &mut at, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(at);
    Some(at + (next - at) * (rank - low as f64))
}
