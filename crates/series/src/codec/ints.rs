//! Integers that change little from one to the next, in as narrow a type as most of them fit.
//!
//! pco writes the lower bound of each of its bins in full width: on 64-bit numbers that head is 5–10 % of a day's
//! chunk. So the numbers (or their differences, or the differences of those, whichever vary least) are taken around
//! their median, divided by their common unit, put into 8, 16 or 32 bits, and the few that do not fit (a counter reset,
//! an outage) are listed apart.
//!
//! Layout: form u8 (bits 0–1 width code, bit 2 differences, bit 3 plain varints, bit 4 unit); first number; median;
//! unit, if bit 4; exceptions (count, then position step and number each); the packed numbers. Differences of
//! differences are pco's own doing and told in its head.

use pco::{DeltaSpec, ModeSpec};

use super::{Effort, FEW, pack, unpack};
use crate::bytes::{Malformed, Parsed, Reader, put_signed, put_varint};

const WIDTH: u8 = 3;
const DIFFERENCES: u8 = 4;
const VARINTS: u8 = 8;
const UNIT: u8 = 16;
/// Bytes an exception takes, about; weighed against what the narrower type saves.
const EXCEPTION_COST: usize = 8;

pub(crate) fn encode(out: &mut Vec<u8>, list: &[i64], effort: Effort) {
    let start = out.len();
    encode_varints(out, list);
    if list.len() < FEW {
        return;
    }
    let differences: Vec<i64> = list.windows(2).map(|w| w[1].wrapping_sub(w[0])).collect();
    let second = differences.windows(2).map(|w| w[1].wrapping_sub(w[0]));
    let by_value = Centred::new(&list[1..]);
    let by_difference = Centred::new(&differences);
    let mut forms = [
        (
            likely_bits(by_value.offsets.iter().copied()),
            &by_value,
            0,
            0,
        ),
        (
            likely_bits(by_difference.offsets.iter().copied()),
            &by_difference,
            DIFFERENCES,
            0,
        ),
        (likely_bits(second), &by_difference, DIFFERENCES, 1),
    ];
    forms.sort_by(|a, b| a.0.total_cmp(&b.0));
    let tries = if effort == Effort::Thorough { 2 } else { 1 };
    for (_, numbers, form, order) in &forms[..tries] {
        if let Some(candidate) = numbers.packed(*form, *order, list[0], effort)
            && candidate.len() < out.len() - start
        {
            out.truncate(start);
            out.extend(candidate);
        }
    }
}

fn encode_varints(out: &mut Vec<u8>, list: &[i64]) {
    out.push(VARINTS);
    let mut previous = 0i64;
    for &v in list {
        put_signed(out, v.wrapping_sub(previous));
        previous = v;
    }
}

/// About how many bits the numbers take when their lengths are entropy-coded and their digits written out.
fn likely_bits(numbers: impl Iterator<Item = i64>) -> f64 {
    let mut by_length = [0u32; 65];
    for v in numbers {
        let zigzag = ((v << 1) ^ (v >> 63)) as u64;
        by_length[64 - zigzag.leading_zeros() as usize] += 1;
    }
    let total: f64 = by_length.iter().map(|&n| f64::from(n)).sum();
    let cost = |(length, &n): (usize, &u32)| {
        let n = f64::from(n);
        if n > 0.0 {
            n * ((total / n).log2() + length.saturating_sub(1) as f64)
        } else {
            0.0
        }
    };
    by_length.iter().enumerate().map(cost).sum()
}

/// Numbers seen from their median in their common unit; wrapping, so that the whole i64 range is covered.
struct Centred {
    median: i64,
    unit: u64,
    offsets: Vec<i64>,
    /// How many offsets need n bits, sign included, by n.
    by_bits: [usize; 65],
}

impl Centred {
    fn new(list: &[i64]) -> Self {
        let mut sorted = list.to_vec();
        let middle = sorted.len() / 2;
        let median = *sorted.select_nth_unstable(middle).1;
        let mut offsets: Vec<i64> = list.iter().map(|v| v.wrapping_sub(median)).collect();
        let unit = common_unit(&offsets);
        if unit > 1 {
            offsets.iter_mut().for_each(|o| *o /= unit as i64);
        }
        let mut by_bits = [0; 65];
        offsets.iter().for_each(|&o| by_bits[signed_bits(o)] += 1);
        Self {
            median,
            unit,
            offsets,
            by_bits,
        }
    }

    fn exceptions(&self, width: u8) -> usize {
        self.by_bits[(8 << width) + 1..].iter().sum()
    }

    /// The width that costs least in bin heads and exceptions.
    fn width(&self) -> u8 {
        let bins = self.offsets.len().min(64);
        let cost = |w: &u8| self.exceptions(*w) * EXCEPTION_COST + bins * (1 << w);
        (0..=3).min_by_key(cost).unwrap_or(3)
    }

    fn packed(&self, form: u8, order: usize, first: i64, effort: Effort) -> Option<Vec<u8>> {
        let width = self.width();
        let mut out = vec![form | width | if self.unit > 1 { UNIT } else { 0 }];
        put_signed(&mut out, first);
        put_signed(&mut out, self.median);
        if self.unit > 1 {
            put_varint(&mut out, self.unit);
        }
        put_varint(&mut out, self.exceptions(width) as u64);
        let mut last = 0;
        for (i, &o) in self.offsets.iter().enumerate() {
            if !fits(o, width) {
                put_varint(&mut out, (i - last) as u64);
                put_signed(&mut out, o);
                last = i;
            }
        }
        let kept = self
            .offsets
            .iter()
            .map(|&o| if fits(o, width) { o } else { 0 });
        let (mode, delta) = (ModeSpec::Classic, DeltaSpec::TryConsecutive(order));
        let packed = match width {
            0 => pack(
                &kept.map(|o| o as i8).collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            1 => pack(
                &kept.map(|o| o as i16).collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            2 => pack(
                &kept.map(|o| o as i32).collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            _ => pack(&self.offsets, mode, delta, effort),
        };
        out.extend(packed?);
        Some(out)
    }
}

/// The largest number that divides all offsets; 1 if it would not fit a signed number.
fn common_unit(offsets: &[i64]) -> u64 {
    let mut unit = 0u64;
    for o in offsets {
        let (mut a, mut b) = (unit, o.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        unit = a;
        if unit == 1 {
            break;
        }
    }
    if unit > i64::MAX as u64 {
        1
    } else {
        unit.max(1)
    }
}

/// Bits a two's complement number needs, sign included.
fn signed_bits(v: i64) -> usize {
    65 - (v ^ (v >> 63)).leading_zeros() as usize
}

fn fits(v: i64, width: u8) -> bool {
    signed_bits(v) <= 8 << width
}

/// Reads `n` integers, at least one; the reader is left behind them.
pub(crate) fn decode(r: &mut Reader<'_>, n: usize) -> Parsed<Vec<i64>> {
    let form = r.u8()?;
    if form == VARINTS {
        return decode_varints(r, n);
    }
    if form & !(WIDTH | DIFFERENCES | UNIT) != 0 {
        return Err(Malformed("unknown integer form"));
    }
    let first = r.signed()?;
    let median = r.signed()?;
    let unit = if form & UNIT != 0 {
        r.varint()? as i64
    } else {
        1
    };
    let exceptions = r.count(2)?;
    let mut listed = Vec::with_capacity(exceptions);
    let mut position = 0usize;
    for _ in 0..exceptions {
        position += r.limited(n)?;
        listed.push((position, r.signed()?));
    }
    let mut list = Vec::with_capacity(n);
    list.push(first);
    match form & WIDTH {
        0 => list.extend(unpack::<i8>(r, n - 1)?.into_iter().map(i64::from)),
        1 => list.extend(unpack::<i16>(r, n - 1)?.into_iter().map(i64::from)),
        2 => list.extend(unpack::<i32>(r, n - 1)?.into_iter().map(i64::from)),
        _ => list.extend(unpack::<i64>(r, n - 1)?),
    }
    for (i, v) in listed {
        *list
            .get_mut(i + 1)
            .ok_or(Malformed("exception beyond the last row"))? = v;
    }
    if form & DIFFERENCES != 0 {
        let mut previous = first;
        for v in &mut list[1..] {
            previous = previous
                .wrapping_add(v.wrapping_mul(unit))
                .wrapping_add(median);
            *v = previous;
        }
    } else {
        list[1..]
            .iter_mut()
            .for_each(|v| *v = v.wrapping_mul(unit).wrapping_add(median));
    }
    Ok(list)
}

fn decode_varints(r: &mut Reader<'_>, n: usize) -> Parsed<Vec<i64>> {
    if n > r.rest().len() {
        return Err(Malformed("bytes end too early"));
    }
    let mut list = Vec::with_capacity(n);
    let mut previous = 0i64;
    for _ in 0..n {
        previous = previous.wrapping_add(r.signed()?);
        list.push(previous);
    }
    Ok(list)
}
