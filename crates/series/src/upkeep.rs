//! What keeps the store small and quick: flushing full heads, rolling up, dropping what is too old, merging files.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::block::{Block, BlockId, BlockWriter, ChunkMeta, Covered};
use crate::codec::Effort;
use crate::error::{Error, Result};
use crate::files::lock;
use crate::head::Head;
use crate::options::Rollup;
use crate::pieces::{Piece, each_series, in_time_order};
use crate::rollup::{Rows, merge_rows, roll_up};
use crate::run::{Run, join, merge};
use crate::store::Store;
use crate::value::SeriesId;
use crate::view::View;
use crate::wal::segment_sequence;

/// Rows per chunk at most: a day at 6 s in one piece, and quick to read when a minute of it is asked for.
const CHUNK_ROWS: usize = 16_384;
/// An unfinished partition is merged when it has so many files.
const MANY_FILES: usize = 8;
/// A wall clock that moves by more than this between two rounds is not believed for [`HOLD`].
const CLOCK_JUMP: i64 = 2 * 86_400_000_000;
/// How long nothing is dropped after such a jump.
const HOLD: i64 = 86_400_000_000;

/// State of the upkeep between rounds.
#[derive(Debug)]
pub(crate) struct Upkeep {
    /// Number of the next write.
    next: u64,
    /// The clock at the last round; at opening, the newest sample.
    last_now: Option<i64>,
    /// Nothing is dropped before this instant.
    hold_until: Option<i64>,
    /// Blocks that could not be merged because one is damaged; left alone until the next start.
    unmergeable: BTreeSet<String>,
}

impl Upkeep {
    pub fn new(next: u64, newest: Option<i64>) -> Self {
        Self {
            next,
            last_now: newest,
            hold_until: None,
            unmergeable: BTreeSet::new(),
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Whether the clock can be trusted with dropping data: not for a day after a jump forward.
    fn may_drop(&mut self, now: i64) -> bool {
        let jumped = self.last_now.is_some_and(|last| now - last > CLOCK_JUMP);
        if jumped {
            tracing::warn!("the clock moved by days at once: nothing is dropped for a day");
            self.hold_until = Some(now + HOLD);
        }
        if self.last_now.is_some_and(|last| now < last) {
            self.hold_until = None;
        }
        self.last_now = Some(now);
        self.hold_until.is_none_or(|until| now >= until)
    }
}

impl Store {
    /// Writes everything in memory to block files. Needed by nobody in normal running: [`Store::maintain`] does it in time.
    ///
    /// # Errors
    /// [`Error::Io`] if the disk is full or fails; the samples stay in memory and in the log.
    pub fn flush(&self) -> Result<()> {
        let mut upkeep = lock(&self.upkeep);
        self.flush_frozen(&mut upkeep)?;
        let mut writer = lock(&self.writer);
        if self.live().head.samples == 0 {
            return Ok(());
        }
        self.rotate(&mut writer);
        drop(writer);
        self.flush_frozen(&mut upkeep)
    }

    /// One round of upkeep: flush what is due, roll up finished partitions, drop what is too old, merge files. Call it
    /// every minute or so from one background thread; readers and the writer go on meanwhile.
    ///
    /// # Errors
    /// The first failure; the other steps are still tried, and the next round tries again.
    pub fn maintain(&self) -> Result<()> {
        let now = self.options.clock.now();
        let mut upkeep = lock(&self.upkeep);
        let may_drop = upkeep.may_drop(now);
        let flushed = self.flush_due(&mut upkeep, now);
        let rolled = self.roll_up_due(&mut upkeep, now);
        let dropped = if may_drop {
            self.drop_expired(&mut upkeep, now)
        } else {
            Ok(())
        };
        let merged = self.merge_due(&mut upkeep, now);
        flushed.and(rolled).and(dropped).and(merged)
    }

    fn finished(&self, end: i64, now: i64) -> bool {
        end.saturating_add(self.options.grace) <= now
    }

    fn flush_due(&self, upkeep: &mut Upkeep, now: i64) -> Result<()> {
        self.flush_frozen(upkeep)?;
        let (span, born) = {
            let live = self.live();
            (live.head.span, live.head.born)
        };
        let Some((first, _)) = span else {
            return Ok(());
        };
        let waited = (now - born).unsigned_abs() >= self.options.flush_after.unsigned_abs();
        if waited && self.finished(self.options.partition_of(0, first).1, now) {
            self.rotate(&mut lock(&self.writer));
            self.flush_frozen(upkeep)?;
        }
        Ok(())
    }

    /// Writes the waiting head to one file per partition, then lets go of its log segments.
    pub(crate) fn flush_frozen(&self, upkeep: &mut Upkeep) -> Result<()> {
        let view = Arc::clone(&self.live().view);
        let Some(frozen) = view.frozen.clone() else {
            return Ok(());
        };
        let sequence = upkeep.number();
        let mut names = Vec::new();
        let written = self
            .write_head(&frozen, sequence, &mut names)
            .and_then(|()| self.dir.sync_names());
        let blocks = written.and_then(|()| {
            names
                .iter()
                .map(|n| Block::open(&self.dir, n, &self.cache))
                .collect()
        });
        let blocks: Vec<Block> = match blocks {
            Ok(blocks) => blocks,
            Err(e) => {
                // Half of a flush is of no use: the next try writes all of it again.
                for name in &names {
                    self.dir.remove(name)?;
                }
                return Err(e);
            }
        };
        self.publish(blocks, &[], true);
        self.flushed_segment
            .fetch_max(frozen.segment, Ordering::AcqRel);
        self.remove_segments(frozen.segment)
    }

    fn write_head(&self, head: &Head, sequence: u64, names: &mut Vec<String>) -> Result<()> {
        let horizon = self.horizon.load(Ordering::Acquire);
        let ids = head.ids();
        let starts: BTreeSet<i64> = ids
            .iter()
            .flat_map(|id| head.runs(*id))
            .flat_map(|run| self.partitions_touched(run.first_at(), run.last_at()))
            .filter(|start| *start >= horizon)
            .collect();
        for start in starts {
            let end = start + self.options.partition;
            let id = BlockId {
                tier: 0,
                start,
                end,
                sequence: (sequence, sequence),
            };
            let mut writer = BlockWriter::create(&self.dir, id, Effort::Quick)?;
            for series in &ids {
                let runs = head
                    .runs(*series)
                    .iter()
                    .filter_map(|run| run.between(start, end))
                    .collect();
                push_runs(&mut writer, *series, runs)?;
            }
            names.extend(writer.finish(&[])?);
        }
        Ok(())
    }

    fn partitions_touched(&self, first: i64, last: i64) -> impl Iterator<Item = i64> + use<> {
        let length = self.options.partition;
        let start = self.options.partition_of(0, first).0;
        (0..=(last - start) / length).map(move |i| start + i * length)
    }

    /// Swaps blocks in what readers see; the outgoing ones lose their files once nobody reads them.
    fn publish(&self, incoming: Vec<Block>, outgoing: &[Arc<Block>], flushed: bool) {
        let mut live = self.live_mut();
        let stays = |b: &&Arc<Block>| !outgoing.iter().any(|o| Arc::ptr_eq(o, b));
        let blocks = live
            .view
            .blocks
            .iter()
            .filter(stays)
            .cloned()
            .chain(incoming.into_iter().map(Arc::new));
        let frozen = if flushed {
            None
        } else {
            live.view.frozen.clone()
        };
        live.view = Arc::new(View::new(blocks.collect(), frozen));
        outgoing.iter().for_each(|b| b.give_up());
    }

    /// Removes log segments up to and including `last`, oldest first and each durably: a segment must not come back
    /// after a younger one has gone.
    fn remove_segments(&self, last: u64) -> Result<()> {
        let mut old: Vec<(u64, String)> = self
            .dir
            .names()?
            .into_iter()
            .filter_map(|n| Some((segment_sequence(&n)?, n)))
            .collect();
        old.sort();
        for (_, name) in old
            .into_iter()
            .take_while(|(sequence, _)| *sequence <= last)
        {
            self.dir.remove(&name)?;
            self.dir.sync_names()?;
        }
        Ok(())
    }

    fn roll_up_due(&self, upkeep: &mut Upkeep, now: i64) -> Result<()> {
        let view = Arc::clone(&self.live().view);
        for partition in view.partitions(0) {
            let id = &partition[0].id;
            if !self.finished(id.end, now) {
                continue;
            }
            let due = |level: &&Rollup| id.end.saturating_add(level.after) <= now;
            let levels: Vec<Rollup> = self.options.rollups.iter().filter(due).copied().collect();
            self.roll_up(upkeep, &view, partition, &levels)?;
        }
        Ok(())
    }

    /// Brings the roll-ups of one raw partition up to date on the given levels.
    fn roll_up(
        &self,
        upkeep: &mut Upkeep,
        view: &View,
        raw: &[Arc<Block>],
        levels: &[Rollup],
    ) -> Result<()> {
        let (start, seen) = (
            raw[0].id.start,
            raw.iter()
                .map(|b| b.id.sequence.1)
                .max()
                .unwrap_or_default(),
        );
        let stale: Vec<i64> = levels
            .iter()
            .map(|l| l.step)
            .filter(|&tier| view.covered(tier, start).is_none_or(|s| s < seen))
            .collect();
        if stale.is_empty() {
            return Ok(());
        }
        let number = upkeep.number();
        let create = |&tier: &i64| {
            let (start, end) = self.options.partition_of(tier, start);
            BlockWriter::create(
                &self.dir,
                BlockId {
                    tier,
                    start,
                    end,
                    sequence: (number, number),
                },
                Effort::Thorough,
            )
        };
        let mut writers = stale.iter().map(create).collect::<Result<Vec<_>>>()?;
        let walked = each_series(raw, |series, chunks| {
            // Joined, so that a slot is summed in one go and its sum stays a short decimal.
            let runs = join(merge(readable(chunks)?));
            for (tier, writer) in stale.iter().zip(&mut writers) {
                if let Some(rows) = Rows::new(roll_up(&runs, self.options.origin, *tier)) {
                    writer.push_rows(series, &rows)?;
                }
            }
            Ok(())
        });
        walked?;
        let mut blocks = Vec::new();
        for writer in writers {
            let name = writer.finish(&[Covered {
                start,
                sequence: seen,
            }])?;
            blocks.extend(
                name.map(|n| Block::open(&self.dir, &n, &self.cache))
                    .transpose()?,
            );
        }
        self.dir.sync_names()?;
        self.publish(blocks, &[], false);
        Ok(())
    }

    fn drop_expired(&self, upkeep: &mut Upkeep, now: i64) -> Result<()> {
        let view = Arc::clone(&self.live().view);
        let expired = |end: i64, retention: i64| end.saturating_add(retention) <= now;
        let mut gone: Vec<Arc<Block>> = Vec::new();
        for partition in view.partitions(0) {
            let id = &partition[0].id;
            if !expired(id.end, self.options.raw_retention) {
                continue;
            }
            let levels: Vec<Rollup> = self
                .options
                .rollups
                .iter()
                .filter(|l| !expired(id.end, l.retention))
                .copied()
                .collect();
            self.roll_up(upkeep, &view, partition, &levels)?;
            // From here on late samples of this partition are refused: a roll-up of them alone would replace the whole.
            self.horizon.fetch_max(id.end, Ordering::AcqRel);
            gone.extend_from_slice(partition);
        }
        for level in &self.options.rollups {
            gone.extend(
                view.tier(level.step)
                    .iter()
                    .filter(|b| expired(b.id.end, level.retention))
                    .cloned(),
            );
        }
        if !gone.is_empty() {
            self.publish(Vec::new(), &gone, false);
        }
        Ok(())
    }

    fn merge_due(&self, upkeep: &mut Upkeep, now: i64) -> Result<()> {
        let tiers = std::iter::once(0).chain(self.options.rollups.iter().map(|l| l.step));
        for tier in tiers {
            let view = Arc::clone(&self.live().view);
            for partition in view.partitions(tier) {
                let finished = self.finished(partition[0].id.end, now);
                let from = if finished {
                    0
                } else {
                    worth_merging(partition)
                };
                if partition.len() - from < 2 {
                    continue;
                }
                let effort = if finished || tier > 0 {
                    Effort::Thorough
                } else {
                    Effort::Quick
                };
                self.merge(upkeep, &partition[from..], effort)?;
            }
        }
        Ok(())
    }

    /// Merges blocks that follow each other in age into one.
    fn merge(&self, upkeep: &mut Upkeep, blocks: &[Arc<Block>], effort: Effort) -> Result<()> {
        let (Some(oldest), Some(youngest)) = (blocks.first(), blocks.last()) else {
            return Ok(());
        };
        if blocks.iter().any(|b| upkeep.unmergeable.contains(&b.name)) {
            return Ok(());
        }
        let id = BlockId {
            sequence: (oldest.id.sequence.0, youngest.id.sequence.1),
            ..oldest.id.clone()
        };
        let mut writer = BlockWriter::create(&self.dir, id.clone(), effort)?;
        let walked = each_series(blocks, |series, chunks| {
            if id.tier > 0 {
                let parts = chunks
                    .iter()
                    .map(|(b, c)| b.rows(c))
                    .collect::<Result<Vec<Rows>>>()?;
                let rows = Rows::new(merge_rows(parts))
                    .map_or_else(Vec::new, |rows| rows.pieces(CHUNK_ROWS));
                return rows
                    .iter()
                    .try_for_each(|rows| writer.push_rows(series, rows));
            }
            let mut runs = Vec::new();
            in_time_order(
                chunks
                    .into_iter()
                    .map(|(b, c)| Piece::Chunk(b, c))
                    .collect(),
                |piece| {
                    runs.push(piece.read()?);
                    Ok(())
                },
            )?;
            push_runs(&mut writer, series, runs)
        });
        if let Err(e) = walked {
            return leave_alone(upkeep, blocks, e);
        }
        let mut covered: Vec<Covered> = Vec::new();
        for c in blocks.iter().flat_map(|b| &b.covered) {
            covered.retain(|known| known.start != c.start || known.sequence > c.sequence);
            if !covered.iter().any(|known| known.start == c.start) {
                covered.push(*c);
            }
        }
        let name = writer.finish(&covered)?;
        let merged = name
            .map(|n| Block::open(&self.dir, &n, &self.cache))
            .transpose()?;
        // The new name must be durable before the old ones go.
        self.dir.sync_names()?;
        self.publish(merged.into_iter().collect(), blocks, false);
        Ok(())
    }
}

/// A damaged chunk keeps its neighbours from being merged, not the store from working.
fn leave_alone(upkeep: &mut Upkeep, blocks: &[Arc<Block>], e: Error) -> Result<()> {
    if matches!(e, Error::Corrupt { .. }) {
        upkeep
            .unmergeable
            .extend(blocks.iter().map(|b| b.name.clone()));
    }
    Err(e)
}

/// The chunks that can be read, by age: a damaged one must not cost the roll-up of all others.
fn readable(chunks: Vec<(Arc<Block>, ChunkMeta)>) -> Result<Vec<Run>> {
    let mut runs = Vec::with_capacity(chunks.len());
    for (block, chunk) in chunks {
        match block.run(&chunk) {
            Ok(run) => runs.push(run),
            Err(e @ Error::Corrupt { .. }) => tracing::error!("left out of the roll-up: {e}"),
            Err(e) => return Err(e),
        }
    }
    Ok(runs)
}

/// Where to begin merging in an unfinished partition, so that no file is rewritten for a small addition: the longest
/// tail in which no file is larger than all younger ones together. The length of the list if it is not worth it yet.
fn worth_merging(partition: &[Arc<Block>]) -> usize {
    if partition.len() < MANY_FILES {
        return partition.len();
    }
    let mut from = partition.len() - 1;
    let mut younger = partition[from].size;
    while from > 0 && partition[from - 1].size <= 2 * younger {
        from -= 1;
        younger += partition[from].size;
    }
    if partition.len() - from == 1 {
        partition.len() - 2
    } else {
        from
    }
}

/// Writes the runs of one series (ordered by age) in chunks of fitting size.
fn push_runs(writer: &mut BlockWriter, series: SeriesId, runs: Vec<Run>) -> Result<()> {
    for run in join(merge(runs)) {
        let pieces = run.len().div_ceil(CHUNK_ROWS);
        let size = run.len().div_ceil(pieces);
        if pieces == 1 {
            writer.push_run(series, &run)?;
            continue;
        }
        for from in (0..run.len()).step_by(size) {
            writer.push_run(series, &run.slice(from..run.len().min(from + size)))?;
        }
    }
    Ok(())
}
