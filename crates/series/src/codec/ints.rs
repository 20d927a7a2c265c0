//! Integers that change little from one to the next, in as narrow a type as most of them fit.
//!
//! pco writes the lower bound of each of its bins in full width: on 64-bit numbers that head is 5–10 % of a day's
//! chunk. So the differences (or the numbers, whichever vary less) are taken around their median, put into 8, 16 or
//! 32 bits, and the few that do not fit (a counter reset, an outage) are listed apart.
//!
//! Layout: form u8 (bits 0–1 width code, bit 2 differences, bit 3 plain varints); first number; median;
//! exceptions (count, then position step and number each); the packed numbers.

use pco::{DeltaSpec, ModeSpec};

use super::{Effort, FEW, pack, unpack};
use crate::bytes::{Malformed, Parsed, Reader, put_signed, put_varint};

const DIFFERENCES: u8 = 4;
const VARINTS: u8 = 8;
/// Bytes an exception takes, about; weighed against what the narrower type saves.
const EXCEPTION_COST: usize = 8;

pub(crate) fn encode(out: &mut Vec<u8>, list: &[i64], effort: Effort) {
    let start = out.len();
    encode_varints(out, list);
    if list.len() < FEW {
        return;
    }
    let differences: Vec<i64> = list.windows(2).map(|w| w[1].wrapping_sub(w[0])).collect();
    let by_difference = Centred::new(&differences);
    let by_value = Centred::new(&list[1..]);
    let try_both = effort == Effort::Thorough;
    if try_both || by_difference.spread <= by_value.spread {
        keep_shorter(out, start, &by_difference, DIFFERENCES, list[0], effort);
    }
    if try_both || by_difference.spread > by_value.spread {
        keep_shorter(out, start, &by_value, 0, list[0], effort);
    }
}

fn keep_shorter(
    out: &mut Vec<u8>,
    start: usize,
    numbers: &Centred,
    form: u8,
    first: i64,
    effort: Effort,
) {
    let widths: &[u8] = &[0, 1, 2, 3];
    let narrowest = widths
        .iter()
        .copied()
        .min_by_key(|&w| numbers.estimate(w))
        .unwrap_or(3);
    if let Some(candidate) = numbers.packed(narrowest, form, first, effort)
        && candidate.len() < out.len() - start
    {
        out.truncate(start);
        out.extend(candidate);
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

/// Numbers seen from their median, wrapping so that the whole i64 range is covered.
struct Centred {
    median: i64,
    offsets: Vec<i64>,
    /// How many offsets need at most n bits, by n.
    by_bits: [usize; 65],
    /// Sum of bits: a cheap measure of which form will pack better.
    spread: usize,
}

impl Centred {
    fn new(list: &[i64]) -> Self {
        let mut sorted = list.to_vec();
        let middle = sorted.len() / 2;
        let median = *sorted.select_nth_unstable(middle).1;
        let offsets: Vec<i64> = list.iter().map(|v| v.wrapping_sub(median)).collect();
        let mut by_bits = [0; 65];
        let mut spread = 0;
        for &o in &offsets {
            let bits = signed_bits(o);
            by_bits[bits] += 1;
            spread += bits;
        }
        Self {
            median,
            offsets,
            by_bits,
            spread,
        }
    }

    fn exceptions(&self, width: u8) -> usize {
        self.by_bits[(8 << width) + 1..].iter().sum()
    }

    /// What the choice of a width costs beyond the entropy of the numbers: bin heads and exceptions.
    fn estimate(&self, width: u8) -> usize {
        let bins = self.offsets.len().min(64);
        self.exceptions(width) * EXCEPTION_COST + bins * (1 << width)
    }

    fn packed(&self, width: u8, form: u8, first: i64, effort: Effort) -> Option<Vec<u8>> {
        let mut out = vec![form | width];
        put_signed(&mut out, first);
        put_signed(&mut out, self.median);
        put_varint(&mut out, self.exceptions(width) as u64);
        let mut last = 0;
        for (i, &o) in self.offsets.iter().enumerate() {
            if !fits(o, width) {
                put_varint(&mut out, (i - last) as u64);
                put_signed(&mut out, o);
                last = i;
            }
        }
        let kept = |o: &i64| if fits(*o, width) { *o } else { 0 };
        let (mode, delta) = match effort {
            Effort::Quick => (ModeSpec::Classic, DeltaSpec::TryConsecutive(0)),
            Effort::Thorough => (ModeSpec::Auto, DeltaSpec::Auto),
        };
        let bytes = match width {
            0 => pack::<i8>(
                &self
                    .offsets
                    .iter()
                    .map(|o| kept(o) as i8)
                    .collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            1 => pack::<i16>(
                &self
                    .offsets
                    .iter()
                    .map(|o| kept(o) as i16)
                    .collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            2 => pack::<i32>(
                &self
                    .offsets
                    .iter()
                    .map(|o| kept(o) as i32)
                    .collect::<Vec<_>>(),
                mode,
                delta,
                effort,
            ),
            _ => pack::<i64>(&self.offsets, mode, delta, effort),
        }?;
        out.extend(bytes);
        Some(out)
    }
}

/// Bits a two's complement number needs, sign included.
fn signed_bits(v: i64) -> usize {
    65 - (v ^ (v >> 63)).leading_zeros() as usize
}

fn fits(v: i64, width: u8) -> bool {
    signed_bits(v) <= 8 << width
}

pub(crate) fn decode(r: &mut Reader<'_>, n: usize) -> Parsed<Vec<i64>> {
    let form = r.u8()?;
    if form == VARINTS {
        return decode_varints(r, n);
    }
    if form & !(DIFFERENCES | 3) != 0 {
        return Err(Malformed("unknown integer form"));
    }
    let first = r.signed()?;
    let median = r.signed()?;
    let exceptions = r.count(2)?;
    let mut listed = Vec::with_capacity(exceptions);
    let mut position = 0usize;
    for _ in 0..exceptions {
        position += r.limited(n)?;
        listed.push((position, r.signed()?));
    }
    let mut list = Vec::with_capacity(n);
    list.push(first);
    match form & 3 {
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
    let mut previous = if form & DIFFERENCES != 0 {
        Some(first)
    } else {
        None
    };
    for v in &mut list[1..] {
        *v = v.wrapping_add(median);
        if let Some(p) = &mut previous {
            *v = v.wrapping_add(*p);
            *p = *v;
        }
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
