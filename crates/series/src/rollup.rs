//! Roll-ups: what is kept of raw samples per slot of 5 minutes, an hour or a day once the samples themselves are old.

use crate::bytes::{Malformed, Parsed, Reader};
use crate::codec::{Effort, decode_column, encode_column, ints};
use crate::run::{Column, Run, Times};
use crate::stats::Stats;
use crate::value::{MAX_SCALE, decimal_to_f64};

/// Roll-up slots of one series, rising in time, as columns. `stats[i].first_at` and `last_at` are the slot's start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub times: Times,
    pub stats: Vec<Stats>,
}

impl Rows {
    /// Rows from (slot start, summary) in rising order; `None` if there are none.
    pub fn new(slots: Vec<(i64, Stats)>) -> Option<Self> {
        if slots.is_empty() {
            return None;
        }
        let times = Times::Listed(slots.iter().map(|s| s.0).collect());
        let stats = slots
            .into_iter()
            .map(|(at, s)| Stats {
                first_at: at,
                last_at: at,
                ..s
            })
            .collect();
        Some(Self { times, stats })
    }

    pub fn total(&self) -> Stats {
        let mut total = Stats::EMPTY;
        self.stats.iter().for_each(|s| total.merge(s));
        total
    }

    /// Pieces small enough for one chunk each.
    pub fn pieces(self, most: usize) -> Vec<Self> {
        let times = self.times.to_vec();
        let parts = times.chunks(most).zip(self.stats.chunks(most));
        parts
            .map(|(t, s)| Self {
                times: Times::Listed(t.to_vec()),
                stats: s.to_vec(),
            })
            .collect()
    }

    fn column(&self, of: impl Fn(&Stats) -> f64) -> Vec<f64> {
        self.stats.iter().map(of).collect()
    }
}

/// Sums the runs (in time order, not overlapping) by slots of `step` µs counted from `origin`.
pub(crate) fn roll_up(runs: &[Run], origin: i64, step: i64) -> Vec<(i64, Stats)> {
    let mut slots: Vec<(i64, Stats)> = Vec::new();
    for run in runs {
        let mut from = 0;
        while from < run.len() {
            let slot = slot_of(run.times.get(from), origin, step);
            let to = run.times.before(slot + step);
            let stats = Stats::of(run, from..to);
            match slots.last_mut() {
                Some((at, known)) if *at == slot => known.merge(&stats),
                _ => slots.push((slot, stats)),
            }
            from = to;
        }
    }
    slots
}

/// Start of the slot that `t` lies in.
pub(crate) fn slot_of(t: i64, origin: i64, step: i64) -> i64 {
    t - (t - origin).rem_euclid(step)
}

/// Merges rows ordered by age: for the same slot the youngest wins.
pub(crate) fn merge_rows(parts: Vec<Rows>) -> Vec<(i64, Stats)> {
    let mut slots = std::collections::BTreeMap::new();
    for part in parts {
        for (i, stats) in part.stats.iter().enumerate() {
            slots.insert(part.times.get(i), *stats);
        }
    }
    slots.into_iter().collect()
}

const FLOATS: u8 = 0;
/// Minimum as it is; maximum, first and last less the minimum; all of one scale.
const RELATIVE: u8 = 1;
/// As RELATIVE, and the sum less count × minimum.
const RELATIVE_SUM: u8 = 2;

impl Rows {
    /// Value columns of a roll-up chunk: count, form u8, then min, max, first, last, sum.
    pub fn encode(&self, out: &mut Vec<u8>, effort: Effort) {
        let counts: Vec<i64> = self
            .stats
            .iter()
            .map(|s| s.count.min(i64::MAX as u64) as i64)
            .collect();
        encode_column(
            out,
            &Column::Decimal {
                scale: 0,
                mantissas: counts.clone(),
            },
            effort,
        );
        let (min, max) = (self.column(|s| s.min), self.column(|s| s.max));
        let (first, last) = (self.column(|s| s.first), self.column(|s| s.last));
        let sum = Column::from_floats(self.column(|s| s.sum));
        let n = self.stats.len();
        let Column::Decimal { scale, mantissas } =
            Column::from_floats([&min[..], &max, &first, &last].concat())
        else {
            out.push(FLOATS);
            [min, max, first, last]
                .into_iter()
                .for_each(|c| encode_column(out, &Column::Float(c), effort));
            return encode_column(out, &sum, effort);
        };
        let min = &mantissas[..n];
        let above_min = |c: &[i64]| {
            c.iter()
                .zip(min)
                .map(|(v, m)| v.wrapping_sub(*m))
                .collect::<Vec<i64>>()
        };
        let sum_above = match &sum {
            Column::Decimal {
                scale: s,
                mantissas,
            } if *s == scale => Some(
                mantissas
                    .iter()
                    .zip(&counts)
                    .zip(min)
                    .map(|((s, n), m)| s.wrapping_sub(n.wrapping_mul(*m)))
                    .collect(),
            ),
            _ => None::<Vec<i64>>,
        };
        out.extend([
            if sum_above.is_some() {
                RELATIVE_SUM
            } else {
                RELATIVE
            },
            scale,
        ]);
        ints::encode(out, min, effort);
        mantissas[n..]
            .chunks(n)
            .for_each(|c| ints::encode(out, &above_min(c), effort));
        match sum_above {
            Some(sum) => ints::encode(out, &sum, effort),
            None => encode_column(out, &sum, effort),
        }
    }

    /// Reads the value columns that belong to `times`; the reader is left behind them.
    pub fn decode(r: &mut Reader<'_>, times: Times) -> Parsed<Self> {
        let n = times.len();
        let Column::Decimal {
            scale: 0,
            mantissas: counts,
        } = decode_column(r, n)?
        else {
            return Err(Malformed("counts are not whole numbers"));
        };
        let form = r.u8()?;
        let [min, max, first, last, sum] = match form {
            FLOATS => {
                let mut column = || decode_column(r, n).map(|c| c.to_floats());
                [column()?, column()?, column()?, column()?, column()?]
            }
            RELATIVE | RELATIVE_SUM => {
                let scale = r.u8()?;
                if scale > MAX_SCALE {
                    return Err(Malformed("more than 18 decimal places"));
                }
                let floats = |c: &[i64]| {
                    c.iter()
                        .map(|&m| decimal_to_f64(m, scale))
                        .collect::<Vec<f64>>()
                };
                let min = ints::decode(r, n)?;
                let mut column = || {
                    let above = ints::decode(r, n)?;
                    Ok(floats(
                        &above
                            .iter()
                            .zip(&min)
                            .map(|(v, m)| v.wrapping_add(*m))
                            .collect::<Vec<_>>(),
                    ))
                };
                let (max, first, last) = (column()?, column()?, column()?);
                let sum = if form == RELATIVE_SUM {
                    let above = ints::decode(r, n)?.into_iter().zip(&counts).zip(&min);
                    floats(
                        &above
                            .map(|((s, n), m)| s.wrapping_add(n.wrapping_mul(*m)))
                            .collect::<Vec<_>>(),
                    )
                } else {
                    decode_column(r, n)?.to_floats()
                };
                [floats(&min), max, first, last, sum]
            }
            _ => return Err(Malformed("unknown roll-up form")),
        };
        let stats = (0..n)
            .map(|i| Stats {
                count: counts[i].unsigned_abs(),
                min: min[i],
                max: max[i],
                sum: sum[i],
                first: first[i],
                last: last[i],
                first_at: times.get(i),
                last_at: times.get(i),
            })
            .collect();
        Ok(Self { times, stats })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-100_000i64..100_000).prop_map(|n| n as f64 / 100.0),
            (0i64..1 << 52).prop_map(|n| n as f64),
            any::<f64>().prop_filter("finite", |v| v.is_finite() && *v != 0.0),
        ]
    }

    proptest! {
        #[test]
        fn rows_read_back(rows in prop::collection::vec((0u64..1000, [any_number(), any_number(), any_number(), any_number(), any_number()]), 1..200), thorough: bool) {
            let slots = rows.iter().enumerate().map(|(i, (count, [min, max, sum, first, last]))| {
                let at = i as i64 * 300;
                (at, Stats { count: *count, min: *min, max: *max, sum: *sum, first: *first, last: *last, first_at: at, last_at: at })
            }).collect();
            let rows = Rows::new(slots).unwrap();
            let mut out = Vec::new();
            rows.encode(&mut out, if thorough { Effort::Thorough } else { Effort::Quick });
            let mut r = Reader::new(&out);
            prop_assert_eq!(Rows::decode(&mut r, rows.times.clone()).unwrap(), rows);
            prop_assert!(r.is_empty());
        }
    }

    #[test]
    fn slots_are_counted_from_the_origin_also_before_it() {
        assert_eq!(slot_of(-1, 0, 300), -300);
        assert_eq!(slot_of(299, 0, 300), 0);
        assert_eq!(slot_of(5, 10, 24), -14);
    }
}
