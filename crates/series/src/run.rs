//! A run: samples of one series in memory, in strictly rising time order, as two columns.

use std::ops::Range;

use crate::value::{EXACT, MAX_SCALE, POW10, Point, Value, decimal_to_f64};

/// The time column. A clock that ticks evenly needs three numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Times {
    Regular { start: i64, step: i64, len: usize },
    Listed(Vec<i64>),
}

impl Times {
    pub fn len(&self) -> usize {
        match self {
            Self::Regular { len, .. } => *len,
            Self::Listed(list) => list.len(),
        }
    }

    /// The instant at `i`; the caller keeps `i` below `len`.
    pub fn get(&self, i: usize) -> i64 {
        match self {
            Self::Regular { start, step, .. } => start + step * i as i64,
            Self::Listed(list) => list[i],
        }
    }

    pub fn first(&self) -> i64 {
        self.get(0)
    }

    pub fn last(&self) -> i64 {
        self.get(self.len() - 1)
    }

    /// How many instants lie before `t`.
    pub fn before(&self, t: i64) -> usize {
        match self {
            Self::Regular { start, .. } if t <= *start => 0,
            Self::Regular { len, .. } if t > self.last() => *len,
            Self::Regular { start, step, .. } => ((t - start - 1) / step) as usize + 1,
            Self::Listed(list) => list.partition_point(|&x| x < t),
        }
    }

    pub fn to_vec(&self) -> Vec<i64> {
        match self {
            Self::Regular { .. } => (0..self.len()).map(|i| self.get(i)).collect(),
            Self::Listed(list) => list.clone(),
        }
    }

    fn insert(&mut self, i: usize, t: i64) {
        if let Self::Listed(list) = self {
            list.insert(i, t);
        } else {
            let mut list = self.to_vec();
            list.insert(i, t);
            *self = Self::Listed(list);
        }
    }

    fn push(&mut self, t: i64) {
        match self {
            Self::Regular { start, step, len } if *len == 1 => {
                *step = t - *start;
                *len = 2;
            }
            Self::Regular { start, step, len } if *start + *step * *len as i64 == t => *len += 1,
            _ => self.insert(self.len(), t),
        }
    }

    pub fn slice(&self, r: Range<usize>) -> Self {
        match self {
            Self::Regular { step, .. } => Self::Regular {
                start: self.get(r.start),
                step: *step,
                len: r.len(),
            },
            Self::Listed(list) => Self::Listed(list[r].to_vec()),
        }
    }
}

/// The value column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Decimal { scale: u8, mantissas: Vec<i64> },
    Float(Vec<f64>),
}

/// A value brought to a column's form.
enum Fitted {
    Mantissa(i64),
    Float(f64),
}

impl Column {
    pub fn of(value: Value) -> Self {
        match value {
            Value::Decimal { mantissa, scale } => Self::Decimal {
                scale,
                mantissas: vec![mantissa],
            },
            Value::Float(v) => Self::Float(vec![v]),
        }
    }

    /// Scales floats to integers if all of them allow it, else keeps them as they are.
    pub fn from_floats(floats: Vec<f64>) -> Self {
        let mut column: Option<Self> = None;
        for &v in &floats {
            let hint = column.as_ref().map_or(0, Self::scale_hint);
            match (Value::detect(v, hint), &mut column) {
                (Value::Float(_), _) => return Self::Float(floats),
                (value, None) => column = Some(Self::of(value)),
                (value, Some(known)) => {
                    if !known.push(value) || matches!(known, Self::Float(_)) {
                        return Self::Float(floats);
                    }
                }
            }
        }
        column.unwrap_or(Self::Float(floats))
    }

    pub fn get(&self, i: usize) -> Value {
        match self {
            Self::Decimal { scale, mantissas } => Value::Decimal {
                mantissa: mantissas[i],
                scale: *scale,
            },
            Self::Float(list) => Value::Float(list[i]),
        }
    }

    /// Whether some value has more digits than a float can hold.
    pub fn is_wide(&self) -> bool {
        match self {
            Self::Decimal { mantissas, .. } => mantissas.iter().any(|&m| is_wide(m)),
            Self::Float(_) => false,
        }
    }

    pub fn scale_hint(&self) -> u8 {
        match self {
            Self::Decimal { scale, .. } => *scale,
            Self::Float(_) => 0,
        }
    }

    pub fn to_floats(&self) -> Vec<f64> {
        match self {
            Self::Decimal { scale, mantissas } => mantissas
                .iter()
                .map(|&m| decimal_to_f64(m, *scale))
                .collect(),
            Self::Float(list) => list.clone(),
        }
    }

    pub fn slice(&self, r: Range<usize>) -> Self {
        match self {
            Self::Decimal { scale, mantissas } => Self::Decimal {
                scale: *scale,
                mantissas: mantissas[r].to_vec(),
            },
            Self::Float(list) => Self::Float(list[r].to_vec()),
        }
    }

    /// Brings `value` and the column to one form without losing a digit; `None` if there is no such form.
    fn fit(&mut self, value: Value) -> Option<Fitted> {
        match (&mut *self, value) {
            (
                Self::Decimal { scale, mantissas },
                Value::Decimal {
                    mantissa,
                    scale: other,
                },
            ) => {
                if other <= *scale {
                    rescale(mantissa, *scale - other).map(Fitted::Mantissa)
                } else {
                    let by = other - *scale;
                    let scaled: Option<Vec<i64>> =
                        mantissas.iter().map(|&m| rescale(m, by)).collect();
                    *mantissas = scaled?;
                    *scale = other;
                    Some(Fitted::Mantissa(mantissa))
                }
            }
            (Self::Decimal { mantissas, .. }, Value::Float(v)) => {
                if mantissas.iter().any(|&m| is_wide(m)) {
                    return None;
                }
                *self = Self::Float(self.to_floats());
                Some(Fitted::Float(v))
            }
            (Self::Float(_), Value::Decimal { mantissa, .. }) if is_wide(mantissa) => None,
            (Self::Float(_), value) => Some(Fitted::Float(value.as_f64())),
        }
    }

    /// False, and nothing changed, if `value` and the column have no common lossless form.
    pub fn push(&mut self, value: Value) -> bool {
        match (self.fit(value), self) {
            (Some(Fitted::Mantissa(m)), Self::Decimal { mantissas, .. }) => mantissas.push(m),
            (Some(Fitted::Float(v)), Self::Float(list)) => list.push(v),
            _ => return false,
        }
        true
    }

    fn insert(&mut self, i: usize, value: Value) -> bool {
        match (self.fit(value), self) {
            (Some(Fitted::Mantissa(m)), Self::Decimal { mantissas, .. }) => mantissas.insert(i, m),
            (Some(Fitted::Float(v)), Self::Float(list)) => list.insert(i, v),
            _ => return false,
        }
        true
    }

    fn replace(&mut self, i: usize, value: Value) -> bool {
        match (self.fit(value), self) {
            (Some(Fitted::Mantissa(m)), Self::Decimal { mantissas, .. }) => mantissas[i] = m,
            (Some(Fitted::Float(v)), Self::Float(list)) => list[i] = v,
            _ => return false,
        }
        true
    }
}

fn is_wide(mantissa: i64) -> bool {
    mantissa.unsigned_abs() > EXACT as u64
}

/// `m` with `by` more decimal places, if that stays exact.
fn rescale(m: i64, by: u8) -> Option<i64> {
    if by == 0 {
        return Some(m);
    }
    if by > MAX_SCALE {
        return None;
    }
    m.checked_mul(POW10[usize::from(by)])
        .filter(|&m| !is_wide(m))
}

/// Samples of one series, strictly rising in time, never empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub times: Times,
    pub values: Column,
}

/// A late sample may move this many newer ones aside; later still, it starts a run of its own.
const MAX_SHIFT: usize = 256;

impl Run {
    pub fn of(p: Point) -> Self {
        Self {
            times: Times::Regular {
                start: p.at,
                step: 1,
                len: 1,
            },
            values: Column::of(p.value),
        }
    }

    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn first_at(&self) -> i64 {
        self.times.first()
    }

    pub fn last_at(&self) -> i64 {
        self.times.last()
    }

    pub fn point(&self, i: usize) -> Point {
        Point {
            at: self.times.get(i),
            value: self.values.get(i),
        }
    }

    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.len()).map(|i| self.point(i))
    }

    pub fn slice(&self, r: Range<usize>) -> Self {
        Self {
            times: self.times.slice(r.clone()),
            values: self.values.slice(r),
        }
    }

    /// The part inside `from..to`, if any.
    pub fn between(&self, from: i64, to: i64) -> Option<Self> {
        let r = self.times.before(from)..self.times.before(to);
        if r.is_empty() {
            None
        } else if r.len() == self.len() {
            Some(self.clone())
        } else {
            Some(self.slice(r))
        }
    }

    /// Appends a newer point; false, and nothing changed, if the column cannot hold it.
    fn push(&mut self, p: Point) -> bool {
        let fits = self.values.push(p.value);
        if fits {
            self.times.push(p.at);
        }
        fits
    }

    /// Takes a point in, in time order, replacing one of the same instant.
    /// False, and nothing changed, if a run of its own is needed.
    fn accept(&mut self, p: Point) -> bool {
        if p.at > self.last_at() {
            return self.push(p);
        }
        let i = self.times.before(p.at);
        if self.times.get(i) == p.at {
            return self.values.replace(i, p.value);
        }
        if self.len() - i > MAX_SHIFT || !self.values.insert(i, p.value) {
            return false;
        }
        self.times.insert(i, p.at);
        true
    }
}

/// Adds one point to runs ordered by age: among equal instants the last run wins. True if a point was added
/// (rather than one replaced in place).
pub(crate) fn add_point(runs: &mut Vec<Run>, p: Point) -> bool {
    if let Some(last) = runs.last_mut() {
        let before = last.len();
        if last.accept(p) {
            return last.len() > before;
        }
    }
    runs.push(Run::of(p));
    true
}

/// Merges runs ordered by age (oldest first) into runs that follow each other in time; where two hold the same
/// instant the younger wins.
pub(crate) fn merge(mut runs: Vec<Run>) -> Vec<Run> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|&i| runs[i].first_at());
    let apart = order
        .windows(2)
        .all(|w| runs[w[0]].last_at() < runs[w[1]].first_at());
    if apart {
        runs.sort_by_key(Run::first_at);
        return runs;
    }
    let mut points: Vec<(Point, usize)> = runs
        .iter()
        .enumerate()
        .flat_map(|(age, run)| run.points().map(move |p| (p, age)))
        .collect();
    drop(runs);
    points.sort_by_key(|&(p, age)| (p.at, age));
    points.dedup_by(|younger, older| {
        let same = younger.0.at == older.0.at;
        if same {
            *older = *younger;
        }
        same
    });
    let mut merged: Vec<Run> = Vec::new();
    for (p, _) in points {
        if !merged.last_mut().is_some_and(|last| last.push(p)) {
            merged.push(Run::of(p));
        }
    }
    merged
}

/// Joins neighbours of [`merge`]'s result where one column can hold both.
pub(crate) fn join(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        let Some(last) = joined.last_mut() else {
            joined.push(run);
            continue;
        };
        let mut rest = 0;
        while rest < run.len() && last.push(run.point(rest)) {
            rest += 1;
        }
        if rest < run.len() {
            joined.push(run.slice(rest..run.len()));
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            (-5000i64..5000, 0u8..4)
                .prop_map(|(mantissa, scale)| Value::Decimal { mantissa, scale }),
            any::<i64>().prop_map(Value::integer),
            any::<f64>()
                .prop_filter("finite", |v| v.is_finite())
                .prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn runs_keep_what_a_map_keeps(points in prop::collection::vec((0i64..400, any_value()), 1..600), cut in 0usize..600) {
            let (mut old, mut new, mut map) = (Vec::new(), Vec::new(), BTreeMap::new());
            for (i, &(at, value)) in points.iter().enumerate() {
                add_point(if i < cut { &mut old } else { &mut new }, Point { at, value });
                map.insert(at, value);
            }
            old.extend(new);
            let got: Vec<(i64, Value)> = join(merge(old)).iter().flat_map(|r| r.points().map(|p| (p.at, p.value)).collect::<Vec<_>>()).collect();
            prop_assert_eq!(got, map.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn before_counts_rightly(start in -100i64..100, step in 1i64..20, len in 1usize..50, t in -300i64..1300) {
            let times = Times::Regular { start, step, len };
            let listed = Times::Listed((0..len).map(|i| times.get(i)).collect());
            prop_assert_eq!(times.before(t), listed.before(t));
        }
    }

    #[test]
    fn an_even_clock_stays_three_numbers() {
        let mut runs = Vec::new();
        for i in 0..1000 {
            add_point(
                &mut runs,
                Point {
                    at: 7 + i * 15_000_000,
                    value: Value::from(i as f64 / 100.0),
                },
            );
        }
        assert_eq!(runs.len(), 1);
        assert_eq!(
            runs[0].times,
            Times::Regular {
                start: 7,
                step: 15_000_000,
                len: 1000
            }
        );
        assert!(matches!(&runs[0].values, Column::Decimal { scale: 2, .. }));
    }
}
