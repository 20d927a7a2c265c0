//! Which files and which samples in memory answer a query.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::options::Options;
use crate::pieces::Piece;
use crate::query::Window;
use crate::rollup::{merge_rows, slot_of};
use crate::run::Run;
use crate::stats::Stats;
use crate::store::Live;
use crate::value::SeriesId;
use crate::view::View;

/// One consistent picture of a series: the blocks, and its samples that are not in them yet (oldest write first).
pub(crate) struct Picture {
    pub view: Arc<View>,
    pub memory: Vec<Run>,
}

impl Picture {
    pub fn new(live: &Live, series: SeriesId, from: i64, to: i64) -> Self {
        let view = Arc::clone(&live.view);
        let frozen = view.frozen.as_ref().map_or(&[][..], |f| f.runs(series));
        let runs = frozen.iter().chain(live.head.runs(series));
        let memory = runs.filter_map(|run| run.between(from, to)).collect();
        Self { view, memory }
    }

    /// All pieces of the series in the range, oldest write first, except those of raw partitions that a roll-up answers for.
    pub fn pieces(
        &self,
        series: SeriesId,
        from: i64,
        to: i64,
        rolled: &[Range<i64>],
    ) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        for block in self.view.tier(0) {
            let replaced = rolled
                .binary_search_by_key(&block.id.start, |r| r.start)
                .is_ok();
            if replaced || !block.overlaps(from, to) {
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
        for run in &self.memory {
            pieces.extend(without(run, rolled).map(Piece::Run));
        }
        Ok(pieces)
    }

    /// Roll-up rows of the series that begin in the range.
    pub fn rows(
        &self,
        series: SeriesId,
        tier: i64,
        part: &Range<i64>,
    ) -> Result<Vec<(i64, Stats)>> {
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

/// What of a run lies outside the given ranges (rising, apart).
fn without<'a>(run: &'a Run, ranges: &'a [Range<i64>]) -> impl Iterator<Item = Run> + 'a {
    let starts = std::iter::once(i64::MIN).chain(ranges.iter().map(|r| r.end));
    let ends = ranges
        .iter()
        .map(|r| r.start)
        .chain(std::iter::once(i64::MAX));
    starts
        .zip(ends)
        .filter_map(|(from, to)| run.between(from, to))
}

/// Which source answers for which part of a window, given a view.
pub(crate) struct Plan {
    pub view: Arc<View>,
    /// Raw partitions answered by roll-ups, rising.
    pub rolled: Vec<Range<i64>>,
    /// Roll-ups to read: (tier, part of the window).
    pub parts: Vec<(i64, Range<i64>)>,
    /// Whether some part is answered by roll-ups that do not fit the buckets.
    pub approximate: bool,
}

impl Plan {
    /// Decides for every raw partition of the window that has roll-ups: where its samples are still kept, a roll-up
    /// answers only if it says exactly the same; where they are gone, the best there is.
    pub fn new(live: &Live, view: &Arc<View>, options: &Options, window: &Window) -> Self {
        let mut plan = Self {
            view: Arc::clone(view),
            rolled: Vec::new(),
            parts: Vec::new(),
            approximate: false,
        };
        let length = options.partition;
        let tiers: Vec<i64> = options.rollups.iter().map(|l| l.step).collect();
        let mut starts: Vec<i64> = tiers
            .iter()
            .flat_map(|&t| view.covered_between(t, window.from, window.to, length))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        for start in starts {
            let end = start.saturating_add(length);
            let part = start.max(window.from)..end.min(window.to);
            let fits = |tier: i64| {
                let on_slot = |t| slot_of(t, options.origin, tier) == t;
                window.step % tier == 0 && on_slot(window.from) && on_slot(part.end)
            };
            let kept = |tier: &&i64| view.covered(**tier, start).is_some();
            let exact = tiers.iter().rev().filter(kept).find(|t| fits(**t)).copied();
            let chosen = match view.youngest_raw(start) {
                Some(youngest) => {
                    let late = live.overlaps(start, end);
                    exact.filter(|&t| {
                        !late && view.covered(t, start).is_some_and(|seen| seen >= youngest)
                    })
                }
                None => {
                    plan.approximate |= exact.is_none();
                    exact.or_else(|| tiers.iter().find(kept).copied())
                }
            };
            if let Some(tier) = chosen {
                plan.rolled.push(start..end);
                plan.add(tier, part);
            }
        }
        plan
    }

    fn add(&mut self, tier: i64, part: Range<i64>) {
        match self.parts.last_mut() {
            Some((t, last)) if *t == tier && last.end == part.start => last.end = part.end,
            _ => self.parts.push((tier, part)),
        }
    }
}
