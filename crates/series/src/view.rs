//! The set of block files and waiting samples that a reader sees, unchanged for as long as the reader holds it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::block::Block;
use crate::head::Head;

/// An immutable picture of the store (without the live head).
#[derive(Debug, Default)]
pub(crate) struct View {
    /// All blocks by tier, partition and age.
    pub blocks: Vec<Arc<Block>>,
    /// A full head on its way into blocks.
    pub frozen: Option<Arc<Head>>,
    /// By (tier, start of the raw partition): youngest raw write in the roll-up.
    covered: BTreeMap<(i64, i64), u64>,
}

impl View {
    pub fn new(mut blocks: Vec<Arc<Block>>, frozen: Option<Arc<Head>>) -> Self {
        blocks.sort_by_key(|b| (b.id.tier, b.id.start, b.id.sequence));
        let mut covered = BTreeMap::new();
        for block in &blocks {
            for c in &block.covered {
                let known = covered
                    .entry((block.id.tier, c.start))
                    .or_insert(c.sequence);
                *known = c.sequence.max(*known);
            }
        }
        Self {
            blocks,
            frozen,
            covered,
        }
    }

    pub fn tier(&self, tier: i64) -> &[Arc<Block>] {
        let from = self.blocks.partition_point(|b| b.id.tier < tier);
        let to = self.blocks.partition_point(|b| b.id.tier <= tier);
        &self.blocks[from..to]
    }

    /// Blocks grouped by partition, in order of age within.
    pub fn partitions(&self, tier: i64) -> impl Iterator<Item = &[Arc<Block>]> {
        self.tier(tier).chunk_by(|a, b| a.id.same_partition(&b.id))
    }

    /// Youngest raw write that the roll-up of a raw partition has seen, if there is a roll-up.
    pub fn covered(&self, tier: i64, start: i64) -> Option<u64> {
        self.covered.get(&(tier, start)).copied()
    }

    /// Raw partitions that have a roll-up on `tier` and may touch `from..to`, given their length.
    pub fn covered_between(
        &self,
        tier: i64,
        from: i64,
        to: i64,
        length: i64,
    ) -> impl Iterator<Item = i64> + '_ {
        let first = from.saturating_sub(length).saturating_add(1);
        let range = if first < to {
            (tier, first)..(tier, to)
        } else {
            (tier, to)..(tier, to)
        };
        self.covered.range(range).map(|((_, start), _)| *start)
    }

    /// The youngest write in a raw partition's blocks, if it has any.
    pub fn youngest_raw(&self, start: i64) -> Option<u64> {
        let raw = self.tier(0);
        let from = raw.partition_point(|b| b.id.start < start);
        raw[from..]
            .iter()
            .take_while(|b| b.id.start == start)
            .map(|b| b.id.sequence.1)
            .max()
    }

    /// End of the youngest raw partition that was rolled up and has been dropped.
    pub fn dropped_until(&self, length: i64) -> Option<i64> {
        let raw: std::collections::BTreeSet<i64> =
            self.tier(0).iter().map(|b| b.id.start).collect();
        self.covered
            .keys()
            .filter(|(_, start)| !raw.contains(start))
            .map(|(_, start)| start + length)
            .max()
    }
}
