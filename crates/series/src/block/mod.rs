//! Block files: immutable, written once, renamed into place, removed as a whole.
//!
//! ```text
//! chunks      of all series, in order of series and time: [times] [value columns] crc32
//! index pages entries of some 64 chunks each, sorted by series; crc32
//! directory   what the block is (tier, partition, sequence range, span), where each page lies
//! trailer     28 bytes: directory offset u64, length u32, crc32 u32, format u16, 10 bytes of magic
//! ```
//!
//! Everything is little-endian; lengths and counts are varints. A chunk's index entry carries its first instant,
//! clock, rows, length and count/min/max/sum/first/last, so that a query over long ranges reads no chunk.

mod index;
mod reader;
mod writer;

pub(crate) use index::{ChunkMeta, Page};
pub(crate) use reader::{Block, Cache};
pub(crate) use writer::BlockWriter;

use crate::bytes::{Malformed, Parsed, Reader};
use crate::codec::times::{Clock, decode as decode_times, encode as encode_times};
use crate::codec::{Effort, decode_column, encode_column};
use crate::rollup::Rows;
use crate::run::Run;

/// Format written and highest format read.
pub(crate) const FORMAT: u16 = 1;
const MAGIC: [u8; 10] = *b"ANLANBLOCK";
const TRAILER: usize = 28;

/// What a block holds and where it stands among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockId {
    /// 0 for raw samples, else the width of a roll-up slot in µs.
    pub tier: i64,
    /// Start of the partition, epoch µs.
    pub start: i64,
    /// End of the partition (exclusive), epoch µs.
    pub end: i64,
    /// Oldest and youngest write this block contains: a younger one wins over an older one, and one whose range lies
    /// inside another's (same tier and partition) has been merged into it.
    pub sequence: (u64, u64),
}

impl BlockId {
    /// File name: sorts by tier, partition and age.
    pub fn file_name(&self) -> String {
        let (low, high) = self.sequence;
        format!(
            "{}s-{:+020}-{low:016x}-{high:016x}.blk",
            self.tier / 1_000_000,
            self.start / 1_000_000
        )
    }

    pub fn same_partition(&self, other: &Self) -> bool {
        (self.tier, self.start, self.end) == (other.tier, other.start, other.end)
    }

    /// Whether everything in `other` has been merged into this block.
    pub fn supersedes(&self, other: &Self) -> bool {
        self != other
            && self.same_partition(other)
            && self.sequence.0 <= other.sequence.0
            && other.sequence.1 <= self.sequence.1
    }
}

/// That the roll-up of a raw partition is in this block, and how much of the partition it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    /// Start of the raw partition.
    pub start: i64,
    /// Youngest raw write that was rolled up.
    pub sequence: u64,
}

pub(crate) fn encode_run(out: &mut Vec<u8>, run: &Run, effort: Effort) -> Clock {
    let clock = encode_times(out, &run.times, effort);
    encode_column(out, &run.values, effort);
    clock
}

pub(crate) fn decode_run(bytes: &[u8], meta: &ChunkMeta) -> Parsed<Run> {
    let mut r = Reader::new(bytes);
    let times = decode_times(&mut r, meta.clock, meta.first_at, meta.rows)?;
    let values = decode_column(&mut r, meta.rows)?;
    if !r.is_empty() || times.last() != meta.last_at {
        return Err(Malformed("chunk does not match its index entry"));
    }
    Ok(Run { times, values })
}

pub(crate) fn encode_rows(out: &mut Vec<u8>, rows: &Rows, effort: Effort) -> Clock {
    let clock = encode_times(out, &rows.times, effort);
    rows.encode(out, effort);
    clock
}

pub(crate) fn decode_rows(bytes: &[u8], meta: &ChunkMeta) -> Parsed<Rows> {
    let mut r = Reader::new(bytes);
    let times = decode_times(&mut r, meta.clock, meta.first_at, meta.rows)?;
    let rows = Rows::decode(&mut r, times)?;
    if !r.is_empty() || rows.times.last() != meta.last_at {
        return Err(Malformed("chunk does not match its index entry"));
    }
    Ok(rows)
}
