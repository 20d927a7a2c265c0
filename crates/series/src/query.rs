//! Reading: raw ranges, aligned aggregation, quantiles, the latest value.

use std::ops::Range;
use std::sync::Arc;

use crate::block::{Block, ChunkMeta};
use crate::error::{Error, Result};
use crate::pieces::{Piece, in_time_order};
use crate::rollup::{merge_rows, slot_of};
use crate::run::Run;
use crate::stats::Stats;
use crate::store::Store;
use crate::value::{EXACT, Point, SeriesId, Value};
use crate::view::View;

/// Most points or buckets one answer may have.
pub const MAX_ANSWER: usize = 10_000_000;

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
        if self.step <= 0 {
            return Err(Error::bad_argument("step", "must be positive"));
        }
        if self.to < self.from {
            return Err(Error::bad_argument("to", "lies before from"));
        }
        let n = (i128::from(self.to) - i128::from(self.from) + i128::from(self.step) - 1)
            / i128::from(self.step);
        usize::try_from(n)
            .ok()
            .filter(|&n| n <= MAX_ANSWER)
            .ok_or_else(|| {
                Error::bad_argument("step", format!("gives more than {MAX_ANSWER} buckets"))
            })
    }

    fn bucket(&self, t: i64) -> usize {
        ((i128::from(t) - i128::from(self.from)) / i128::from(self.step)) as usize
    }

    fn bucket_end(&self, bucket: usize) -> i64 {
        let end = i128::from(self.from) + i128::from(self.step) * (bucket as i128 + 1);
        i64::try_from(end).map_or(self.to, |end| end.min(self.to))
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

/// One consistent picture of the store for a query.
struct Picture {
    view: Arc<View>,
}

/// Which source answers for which part of the range.
struct Plan {
    /// Starts of raw partitions answered by roll-ups instead.
    rolled: Vec<i64>,
    /// (tier, range) parts answered by roll-ups.
    parts: Vec<(i64, Range<i64>)>,
    approximate: bool,
}

impl Store {
    /// Raw samples of a series in `from..to`, in time order. Older parts that are kept only as roll-ups have none.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a chunk of the range is damaged, [`Error::BadArgument`] beyond [`MAX_ANSWER`] points.
    pub fn range(&self, series: SeriesId, from: i64, to: i64) -> Result<Vec<Point>> {
        let (picture, memory) = self.picture(series, from, to);
        let mut points = Vec::new();
        in_time_order(
            picture.raw_pieces(series, from, to, memory, &[])?,
            |piece| {
                let run = piece.read()?;
                let rows = run.times.before(from)..run.times.before(to);
                if points.len() + rows.len() > MAX_ANSWER {
                    return Err(Error::bad_argument(
                        "to",
                        format!("gives more than {MAX_ANSWER} points"),
                    ));
                }
                points.extend(rows.map(|i| run.point(i)));
                Ok(())
            },
        )?;
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
        let mut stats = vec![Stats::EMPTY; window.buckets()?];
        let plan = self.plan(&window);
        for &id in series {
            self.fold(id, &window, &plan, &mut stats)?;
        }
        Ok(Buckets {
            window,
            stats,
            approximate: plan.approximate,
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
            let (picture, memory) = self.picture(id, window.from, window.to);
            in_time_order(
                picture.raw_pieces(id, window.from, window.to, memory, &[])?,
                |piece| {
                    let run = piece.read()?;
                    let rows = run.times.before(window.from)..run.times.before(window.to);
                    total += rows.len();
                    if total > MAX_ANSWER {
                        return Err(Error::bad_argument(
                            "to",
                            format!("takes in more than {MAX_ANSWER} samples"),
                        ));
                    }
                    for i in rows {
                        values[window.bucket(run.times.get(i))].push(run.values.get(i).as_f64());
                    }
                    Ok(())
                },
            )?;
        }
        Ok(values.into_iter().map(|v| quantile_of(v, q)).collect())
    }

    /// The newest raw sample of a series, if any is kept.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Io`] if the index cannot be read.
    pub fn latest(&self, series: SeriesId) -> Result<Option<Point>> {
        let (picture, memory) = self.picture(series, i64::MIN, i64::MAX);
        let newest = |runs: Vec<Run>| merge_newest(&runs);
        let mut latest = newest(memory);
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

    /// The instant before which samples of the window are kept only as roll-ups.
    fn only_rolled_up(&self, window: &Window) -> Option<i64> {
        let view = Arc::clone(&self.live().view);
        let length = self.options.partition;
        let tiers = self.options.rollups.iter().map(|l| l.step);
        let lost = tiers
            .flat_map(|tier| {
                view.covered_between(tier, window.from, window.to, length)
                    .collect::<Vec<_>>()
            })
            .filter(|start| !has_raw(&view, *start))
            .max()?;
        Some(lost + length)
    }

    /// Samples of the series in memory (oldest first) together with the blocks that belong to them.
    fn picture(&self, series: SeriesId, from: i64, to: i64) -> (Picture, Vec<Run>) {
        let live = self.live();
        let view = Arc::clone(&live.view);
        let frozen = view.frozen.as_ref().map_or(&[][..], |f| f.runs(series));
        let runs = frozen
            .iter()
            .chain(live.head.runs(series))
            .filter_map(|run| run.between(from, to))
            .collect();
        drop(live);
        (Picture { view }, runs)
    }

    fn fold(
        &self,
        series: SeriesId,
        window: &Window,
        plan: &Plan,
        stats: &mut [Stats],
    ) -> Result<()> {
        let (picture, memory) = self.picture(series, window.from, window.to);
        let pieces = picture.raw_pieces(series, window.from, window.to, memory, &plan.rolled)?;
        in_time_order(pieces, |piece| {
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
        })?;
        for (tier, part) in &plan.parts {
            for (at, s) in picture.rows(series, *tier, part)? {
                stats[window.bucket(at)].merge(&s);
            }
        }
        Ok(())
    }

    /// Decides, per raw partition that has roll-ups, whether samples or a roll-up answer.
    fn plan(&self, window: &Window) -> Plan {
        let live = self.live();
        let view = Arc::clone(&live.view);
        let in_memory = |from, to| {
            live.head.overlaps(from, to)
                || view.frozen.as_ref().is_some_and(|f| f.overlaps(from, to))
        };
        let (length, origin) = (self.options.partition, self.options.origin);
        let exact = |tier: i64, to: i64| {
            window.step % tier == 0
                && slot_of(window.from, origin, tier) == window.from
                && slot_of(to, origin, tier) == to
        };
        let tiers: Vec<i64> = self.options.rollups.iter().map(|l| l.step).collect();
        let mut starts: Vec<i64> = tiers
            .iter()
            .flat_map(|&t| view.covered_between(t, window.from, window.to, length))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let mut plan = Plan {
            rolled: Vec::new(),
            parts: Vec::new(),
            approximate: false,
        };
        for start in starts {
            let part = start.max(window.from)..start.saturating_add(length).min(window.to);
            if part.is_empty() {
                continue;
            }
            let mut exact_tier = tiers.iter().rev().copied().filter(|&t| exact(t, part.end));
            let tier = if let Some(seen) = youngest_raw(&view, start) {
                let whole = !in_memory(start, start.saturating_add(length));
                exact_tier.find(|&t| whole && view.covered(t, start).is_some_and(|s| s >= seen))
            } else {
                let any = tiers
                    .iter()
                    .copied()
                    .find(|&t| view.covered(t, start).is_some());
                let best = exact_tier.find(|&t| view.covered(t, start).is_some());
                plan.approximate |= best.is_none();
                best.or(any)
            };
            if let Some(tier) = tier {
                plan.rolled.push(start);
                match plan.parts.last_mut() {
                    Some((t, last)) if *t == tier && last.end == part.start => last.end = part.end,
                    _ => plan.parts.push((tier, part)),
                }
            }
        }
        plan
    }
}

impl Picture {
    /// All pieces of a series in the range, oldest write first, without the given partitions.
    fn raw_pieces(
        &self,
        series: SeriesId,
        from: i64,
        to: i64,
        memory: Vec<Run>,
        without: &[i64],
    ) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        for block in self.view.tier(0) {
            if !block.overlaps(from, to) || without.binary_search(&block.id.start).is_ok() {
                continue;
            }
            let Some(page) = block.page_of(series)? else {
                continue;
            };
            let touched = page
                .chunks_of(series)
                .iter()
                .filter(|c| c.first_at < to && from <= c.last_at);
            pieces.extend(touched.map(|c| Piece::Chunk(Arc::clone(block), c.clone())));
        }
        pieces.extend(memory.into_iter().map(Piece::Run));
        Ok(pieces)
    }

    /// Roll-up rows of a series that begin in the range.
    fn rows(&self, series: SeriesId, tier: i64, part: &Range<i64>) -> Result<Vec<(i64, Stats)>> {
        let mut found = Vec::new();
        for block in self.view.tier(tier) {
            if !block.overlaps(part.start, part.end) {
                continue;
            }
            let Some(page) = block.page_of(series)? else {
                continue;
            };
            for chunk in page.chunks_of(series) {
                if chunk.first_at < part.end && part.start <= chunk.last_at {
                    found.push(block.rows(chunk)?);
                }
            }
        }
        let mut rows = merge_rows(found);
        rows.retain(|(at, _)| part.contains(at));
        Ok(rows)
    }
}

fn has_raw(view: &View, start: i64) -> bool {
    youngest_raw(view, start).is_some()
}

fn youngest_raw(view: &View, start: i64) -> Option<u64> {
    let raw = view.tier(0);
    let from = raw.partition_point(|b| b.id.start < start);
    raw[from..]
        .iter()
        .take_while(|b| b.id.start == start)
        .map(|b| b.id.sequence.1)
        .max()
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

fn merge_newest(runs: &[Run]) -> Option<Point> {
    // `max_by_key` keeps the last of equals: the youngest write.
    runs.iter()
        .map(|run| run.point(run.len() - 1))
        .max_by_key(|p| p.at)
}

/// The chunk's last value: from the index if a float can hold it exactly.
fn last_value(block: &Block, chunk: &ChunkMeta) -> Result<Value> {
    if chunk.stats.last.abs() < EXACT as f64 {
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
