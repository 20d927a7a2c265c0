//! The index of a block: pages of chunk entries, sorted by series.

use crate::bytes::{Malformed, Parsed, Reader, put_f64, put_signed, put_varint, put_varint128};
use crate::codec::MAX_ROWS;
use crate::codec::times::{Clock, MAX_INSTANT, checked_end};
use crate::run::Column;
use crate::stats::Stats;
use crate::value::{MAX_SCALE, SeriesId, decimal_to_f64};

/// What the index knows of a chunk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChunkMeta {
    pub first_at: i64,
    pub last_at: i64,
    pub clock: Clock,
    /// Rows in the chunk: samples, or roll-up slots.
    pub rows: usize,
    /// Where the chunk begins in the file.
    pub offset: u64,
    /// Its length, checksum included.
    pub len: usize,
    /// Some value has more digits than a float: the summary's numbers are rounded.
    pub wide: bool,
    pub stats: Stats,
}

/// One decoded index page.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Page {
    /// Series with the range of their chunks, sorted.
    pub series: Vec<(SeriesId, std::ops::Range<usize>)>,
    pub chunks: Vec<ChunkMeta>,
}

impl Page {
    pub fn chunks_of(&self, id: SeriesId) -> &[ChunkMeta] {
        match self.series.binary_search_by_key(&id, |(s, _)| *s) {
            Ok(i) => &self.chunks[self.series[i].1.clone()],
            Err(_) => &[],
        }
    }

    /// Memory the page takes, about.
    pub fn weight(&self) -> usize {
        self.series.len() * 32 + self.chunks.len() * size_of::<ChunkMeta>() + 64
    }

    /// Bytes of the page; chunks must lie in the file one after the other in this order, within partition `start`.
    pub fn encode(&self, start: i64) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.series.len() as u64);
        put_varint(&mut out, self.chunks.first().map_or(0, |c| c.offset));
        let mut previous = 0;
        for (id, range) in &self.series {
            put_varint128(&mut out, id.0 - previous);
            previous = id.0;
            put_varint(&mut out, range.len() as u64);
            for chunk in &self.chunks[range.clone()] {
                chunk.encode(&mut out, start);
            }
        }
        out
    }

    /// Reads a page, checking that its chunks lie before `data_end` and its series rise.
    pub fn decode(bytes: &[u8], start: i64, data_end: u64) -> Parsed<Self> {
        let mut r = Reader::new(bytes);
        let series = r.count(2)?;
        let mut offset = r.varint()?;
        let mut page = Self::default();
        let mut previous = 0u128;
        for i in 0..series {
            let step = r.varint128()?;
            if i > 0 && step == 0 {
                return Err(Malformed("series do not rise"));
            }
            previous = previous
                .checked_add(step)
                .ok_or(Malformed("series number too large"))?;
            let chunks = r.count(10)?;
            let from = page.chunks.len();
            for _ in 0..chunks {
                let chunk = ChunkMeta::decode(&mut r, start, offset)?;
                offset = offset
                    .checked_add(chunk.len as u64)
                    .filter(|&o| o <= data_end)
                    .ok_or(Malformed("chunk beyond the data"))?;
                if page.chunks[from..]
                    .last()
                    .is_some_and(|before| before.last_at >= chunk.first_at)
                {
                    return Err(Malformed("chunks do not rise"));
                }
                page.chunks.push(chunk);
            }
            page.series
                .push((SeriesId(previous), from..page.chunks.len()));
        }
        if r.is_empty() {
            Ok(page)
        } else {
            Err(Malformed("bytes left over"))
        }
    }
}

const EVEN: u8 = 0;
const GAPS: u8 = 1;
const LISTED: u8 = 2;
/// Set when the count of samples differs from the rows (roll-ups).
const COUNTED: u8 = 4;
/// See [`ChunkMeta::wide`].
const WIDE: u8 = 8;
const FLOATS: u8 = 0xff;

impl ChunkMeta {
    fn encode(&self, out: &mut Vec<u8>, start: i64) {
        let (kind, step) = match self.clock {
            Clock::Even { step } => (EVEN, Some(step)),
            Clock::Gaps { step } => (GAPS, Some(step)),
            Clock::Listed => (LISTED, None),
        };
        let counted = self.stats.count != self.rows as u64;
        out.push(kind | if counted { COUNTED } else { 0 } | if self.wide { WIDE } else { 0 });
        put_varint(out, self.rows as u64);
        put_signed(out, self.first_at - start);
        if let Some(step) = step {
            put_varint(out, step as u64);
        }
        if kind != EVEN {
            put_varint(out, (self.last_at - self.first_at) as u64);
        }
        put_varint(out, self.len as u64);
        if counted {
            put_varint(out, self.stats.count);
        }
        let s = &self.stats;
        encode_stats(out, [s.first, s.min, s.max, s.last, s.sum]);
    }

    fn decode(r: &mut Reader<'_>, start: i64, offset: u64) -> Parsed<Self> {
        let kind = r.u8()?;
        let rows = r.limited(MAX_ROWS)?;
        if rows == 0 {
            return Err(Malformed("chunk without rows"));
        }
        let first_at = start
            .checked_add(r.signed()?)
            .filter(|t| (-MAX_INSTANT..=MAX_INSTANT).contains(t))
            .ok_or(Malformed("instant outside the calendar"))?;
        let mut step = || match i64::try_from(r.varint()?) {
            Ok(step) if step > 0 => Ok(step),
            _ => Err(Malformed("clock does not advance")),
        };
        let clock = match kind & !(COUNTED | WIDE) {
            EVEN => Clock::Even { step: step()? },
            GAPS => Clock::Gaps { step: step()? },
            LISTED => Clock::Listed,
            _ => return Err(Malformed("unknown clock")),
        };
        let last_at = match clock {
            Clock::Even { step } => checked_end(first_at, step, rows as u64 - 1)?,
            _ => checked_end(first_at, 1, r.varint()?)?,
        };
        let len = r.limited(u32::MAX as usize)?;
        if len < 4 {
            return Err(Malformed("chunk without checksum"));
        }
        let count = if kind & COUNTED != 0 {
            r.varint()?
        } else {
            rows as u64
        };
        let [first, min, max, last, sum] = decode_stats(r)?;
        let stats = Stats {
            count,
            min,
            max,
            sum,
            first,
            last,
            first_at,
            last_at,
        };
        Ok(Self {
            first_at,
            last_at,
            clock,
            rows,
            offset,
            len,
            wide: kind & WIDE != 0,
            stats,
        })
    }
}

/// Five numbers of similar size, as decimals relative to the first where that is exact.
fn encode_stats(out: &mut Vec<u8>, numbers: [f64; 5]) {
    match Column::from_floats(numbers.to_vec()) {
        Column::Decimal { scale, mantissas } => {
            out.push(scale);
            put_signed(out, mantissas[0]);
            mantissas[1..]
                .iter()
                .for_each(|m| put_signed(out, m.wrapping_sub(mantissas[0])));
        }
        Column::Float(list) => {
            out.push(FLOATS);
            list.iter().for_each(|&v| put_f64(out, v));
        }
    }
}

fn decode_stats(r: &mut Reader<'_>) -> Parsed<[f64; 5]> {
    let mut numbers = [0.0; 5];
    let scale = r.u8()?;
    if scale == FLOATS {
        for v in &mut numbers {
            *v = r.f64()?;
        }
        return Ok(numbers);
    }
    if scale > MAX_SCALE {
        return Err(Malformed("more than 18 decimal places"));
    }
    let base = r.signed()?;
    numbers[0] = decimal_to_f64(base, scale);
    for v in &mut numbers[1..] {
        *v = decimal_to_f64(base.wrapping_add(r.signed()?), scale);
    }
    Ok(numbers)
}
