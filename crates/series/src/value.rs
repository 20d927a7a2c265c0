//! Series names, sample values and their lossless scaling to integers.

use std::fmt;

/// Names one series. The engine gives it no meaning; the server uses UUIDs or its own numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub u128);

impl From<u64> for SeriesId {
    fn from(id: u64) -> Self {
        Self(u128::from(id))
    }
}

impl From<uuid::Uuid> for SeriesId {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.as_u128())
    }
}

impl fmt::Debug for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeriesId({:#x})", self.0)
    }
}

/// Largest number of decimal places a value may carry.
pub const MAX_SCALE: u8 = 18;
/// Decimal places tried when a float is turned into a decimal; more is noise, kept as a raw float.
const MAX_DETECTED_SCALE: u8 = 9;
/// Integers up to here have an exact float, so scaling back and forth loses nothing.
pub(crate) const EXACT: i64 = 1 << 53;

pub(crate) const POW10: [i64; MAX_SCALE as usize + 1] = {
    let mut table = [1i64; MAX_SCALE as usize + 1];
    let mut i = 1;
    while i < table.len() {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// One measured value. Decimals are kept exactly; other floats bit for bit (except −0, which becomes 0).
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// `mantissa` × 10^−`scale`; 12.34 is `{ mantissa: 1234, scale: 2 }`.
    Decimal {
        /// The digits.
        mantissa: i64,
        /// Number of decimal places, at most [`MAX_SCALE`].
        scale: u8,
    },
    /// A finite float with no short decimal form.
    Float(f64),
}

impl Value {
    /// A whole number.
    pub fn integer(n: i64) -> Self {
        Self::Decimal {
            mantissa: n,
            scale: 0,
        }
    }

    /// The nearest float; exact for everything that came in as a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Decimal { mantissa, scale } => decimal_to_f64(mantissa, scale),
            Self::Float(v) => v,
        }
    }

    /// Finds the decimal that reads back as exactly `v`, trying `hint` places first.
    pub(crate) fn detect(v: f64, hint: u8) -> Self {
        let hint = hint.min(MAX_DETECTED_SCALE);
        for scale in std::iter::once(hint).chain(0..=MAX_DETECTED_SCALE) {
            let unit = POW10[usize::from(scale)] as f64;
            let mantissa = (v * unit).round();
            if mantissa.abs() <= EXACT as f64 && mantissa / unit == v {
                return Self::Decimal {
                    mantissa: mantissa as i64,
                    scale,
                };
            }
        }
        Self::Float(v)
    }

    pub(crate) fn problem(self) -> Option<&'static str> {
        match self {
            Self::Decimal { scale, .. } if scale > MAX_SCALE => {
                Some("value: more than 18 decimal places")
            }
            Self::Float(v) if !v.is_finite() => Some("value: not a finite number"),
            _ => None,
        }
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::detect(v, 0)
    }
}

/// Numerically equal: 1.0 and 1.00 are the same value.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (
                Self::Decimal {
                    mantissa: a,
                    scale: s,
                },
                Self::Decimal {
                    mantissa: b,
                    scale: t,
                },
            ) => {
                let top = s.max(t);
                let widen =
                    |m: i64, scale: u8| i128::from(m) * i128::from(POW10[usize::from(top - scale)]);
                top <= MAX_SCALE && widen(a, s) == widen(b, t)
            }
            // Digits that no float holds are not equal to their rounded form.
            (Self::Decimal { mantissa, .. }, _) | (_, Self::Decimal { mantissa, .. })
                if mantissa.unsigned_abs() > EXACT as u64 =>
            {
                false
            }
            (a, b) => a.as_f64() == b.as_f64(),
        }
    }
}

pub(crate) fn decimal_to_f64(mantissa: i64, scale: u8) -> f64 {
    mantissa as f64 / POW10[usize::from(scale)] as f64
}

/// One sample to store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The series it belongs to.
    pub series: SeriesId,
    /// The scheduled slot, epoch µs (not the moment the answer came: a regular clock costs no space).
    pub at: i64,
    /// What was measured.
    pub value: Value,
}

impl Sample {
    /// A sample from whatever names a series and counts as a value.
    pub fn new(series: impl Into<SeriesId>, at: i64, value: impl Into<Value>) -> Self {
        Self {
            series: series.into(),
            at,
            value: value.into(),
        }
    }
}

/// One stored sample of a known series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The scheduled slot, epoch µs.
    pub at: i64,
    /// What was measured.
    pub value: Value,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_decimals_become_integers() {
        for (v, mantissa, scale) in [
            (12.34, 1234, 2),
            (0.1, 1, 1),
            (-7.0, -7, 0),
            (1e15, 1_000_000_000_000_000, 0),
        ] {
            assert!(
                matches!(Value::from(v), Value::Decimal { mantissa: m, scale: s } if m == mantissa && s == scale),
                "{v}"
            );
        }
        assert!(matches!(Value::from(std::f64::consts::PI), Value::Float(_)));
        assert!(matches!(Value::from(1e300), Value::Float(_)));
        assert!(matches!(
            Value::from(-0.0),
            Value::Decimal { mantissa: 0, .. }
        ));
    }

    proptest! {
        #[test]
        fn any_float_reads_back_exactly(v in any::<f64>().prop_filter("finite", |v| v.is_finite()), hint in 0u8..=20) {
            prop_assert_eq!(Value::detect(v, hint).as_f64(), v);
        }

        #[test]
        fn any_decimal_text_reads_back_exactly(m in -1_000_000_000i64..1_000_000_000, s in 0usize..=6, hint in 0u8..=9) {
            let v: f64 = format!("{m}e-{s}").parse().unwrap();
            let found = Value::detect(v, hint);
            prop_assert!(!matches!(found, Value::Float(_)));
            prop_assert_eq!(found.as_f64(), v);
        }
    }
}
