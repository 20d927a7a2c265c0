//! The time column. An even clock is fully told by the index (first instant, step, rows) and takes no byte here.

use super::{Effort, MAX_ROWS, ints};
use crate::bytes::{Malformed, Parsed, Reader, put_varint};
use crate::run::Times;

/// Instants are held inside ±2^61 µs (73,000 years), so that differences never overflow.
pub(crate) const MAX_INSTANT: i64 = 1 << 61;

/// How the time column of a chunk is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Every `step` µs.
    Even { step: i64 },
    /// Every `step` µs with missing slots, listed in the chunk.
    Gaps { step: i64 },
    /// Listed in the chunk.
    Listed,
}

/// Appends what the index does not tell and says which form was used.
pub(crate) fn encode(out: &mut Vec<u8>, times: &Times, effort: Effort) -> Clock {
    let list = match times {
        Times::Regular { step, .. } => return Clock::Even { step: *step },
        Times::Listed(list) => list,
    };
    if list.len() == 1 {
        return Clock::Even { step: 1 };
    }
    let deltas = || list.windows(2).map(|w| w[1] - w[0]);
    let step = deltas().fold(0, gcd);
    let gaps = deltas().filter(|&d| d != step).count();
    if gaps == 0 {
        return Clock::Even { step };
    }
    if gaps <= list.len() / 16 {
        put_varint(out, gaps as u64);
        let mut last = 0;
        for (i, d) in deltas().enumerate().filter(|&(_, d)| d != step) {
            put_varint(out, (i - last) as u64);
            put_varint(out, (d / step) as u64 - 2);
            last = i;
        }
        return Clock::Gaps { step };
    }
    ints::encode(out, list, effort);
    Clock::Listed
}

/// Reads `n` instants beginning at `first`; the reader is left behind them.
pub(crate) fn decode(r: &mut Reader<'_>, clock: Clock, first: i64, n: usize) -> Parsed<Times> {
    if n == 0 || n > MAX_ROWS {
        return Err(Malformed("row count outside 1..=65536"));
    }
    let times = match clock {
        Clock::Even { step } => {
            checked_end(first, step, n as u64 - 1)?;
            return Ok(Times::Regular {
                start: first,
                step,
                len: n,
            });
        }
        Clock::Gaps { step } => with_gaps(r, step, first, n)?,
        Clock::Listed => ints::decode(r, n)?,
    };
    let rising = times.windows(2).all(|w| w[0] < w[1]);
    let inside = times[0] == first && times[0] >= -MAX_INSTANT && times[n - 1] <= MAX_INSTANT;
    if !rising || !inside {
        return Err(Malformed("instants do not rise"));
    }
    Ok(Times::Listed(times))
}

fn with_gaps(r: &mut Reader<'_>, step: i64, first: i64, n: usize) -> Parsed<Vec<i64>> {
    let gaps = r.count(2)?;
    let mut missing = vec![0u64; n];
    let mut position = 0usize;
    let mut total = n as u64 - 1;
    for _ in 0..gaps {
        position += r.limited(n)?;
        let slots = r
            .varint()?
            .checked_add(1)
            .ok_or(Malformed("gap too long"))?;
        *missing
            .get_mut(position + 1)
            .ok_or(Malformed("gap beyond the last row"))? = slots;
        total = total.checked_add(slots).ok_or(Malformed("gap too long"))?;
    }
    checked_end(first, step, total)?;
    let mut slot = 0u64;
    Ok(missing
        .into_iter()
        .enumerate()
        .map(|(i, skipped)| {
            slot += skipped + u64::from(i > 0);
            first + step * slot as i64
        })
        .collect())
}

/// The instant `slots` after `first`, refused if it leaves the calendar.
pub(crate) fn checked_end(first: i64, step: i64, slots: u64) -> Parsed<i64> {
    let end = i128::from(first) + i128::from(step) * i128::from(slots);
    match i64::try_from(end) {
        Ok(end) if step > 0 && first >= -MAX_INSTANT && end <= MAX_INSTANT => Ok(end),
        _ => Err(Malformed("instant outside the calendar")),
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
