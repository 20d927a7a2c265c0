//! Round numbers for an axis.

/// A value axis from `low` to `high` with a tick every `step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Scale {
    /// Covers `min..=max` with four to six round steps. Counts begin at zero; a line of values far from zero (99.9 %) may
    /// begin higher, or nothing could be seen in it. Ticks of whole numbers are whole: there is no half an incident.
    pub fn covering(min: f64, max: f64, from_zero: bool, whole: bool, unit: &str) -> Self {
        let zoom = !from_zero && min > 0.0 && (max - min) < 0.35 * max;
        let (mut low, mut high) = if zoom {
            (min, max)
        } else {
            (min.min(0.0), max.max(0.0))
        };
        if high - low < 1e-9 * high.abs().max(1e-3) {
            let spread = if high == 0.0 { 5.0 } else { high.abs() * 0.01 };
            low -= if zoom { spread } else { 0.0 };
            high += spread;
        }
        let step = round_up((high - low) / 5.0);
        let step = if whole { step.max(1.0).ceil() } else { step };
        low = (low / step + 1e-9).floor() * step;
        high = (high / step - 1e-9).ceil() * step;
        if zoom && low >= min {
            low -= step;
        }
        // A percentage never exceeds 100: no empty band above it.
        if unit == "%" && max <= 100.0 && high > 100.0 {
            high = 100.0;
        }
        Self { low, high, step }
    }

    /// Whether the axis leaves out zero.
    pub fn is_cut(&self) -> bool {
        self.low > 0.0
    }

    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step + 1e-6).floor();
        let count = if count.is_finite() && count <= 12.0 {
            count as i32
        } else {
            0
        };
        (0..=count)
            .map(|i| self.low + f64::from(i) * self.step)
            .collect()
    }

    /// 0 at the bottom, 1 at the top.
    pub fn position(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A value on the axis as text, one decimal finer than the ticks: 99.995 must not read as 100.
    pub fn value(&self, value: f64) -> String {
        trimmed(value, self.decimals() + 1)
    }

    fn decimals(&self) -> usize {
        (0..6)
            .find(|d| is_whole(self.step * 10_f64.powi(*d)))
            .unwrap_or(6) as usize
    }

    /// A tick as text, with as many decimals as the step has.
    pub fn label(&self, value: f64) -> String {
        tick(value, self.decimals())
    }
}

fn is_whole(x: f64) -> bool {
    (x - x.round()).abs() < 1e-6 * x.abs().max(1.0)
}

/// The next 1, 2, 2.5 or 5 × 10ⁿ.
fn round_up(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|f| f * power >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// A tick; ten thousands as 万.
fn tick(x: f64, decimals: usize) -> String {
    if x.abs() >= 10_000.0 && is_whole(x / 100.0) {
        return format!("{}万", trimmed(x / 10_000.0, 2));
    }
    format!("{:.decimals$}", x + 0.0)
}

/// A value at a bar or sector: short, without trailing zeros.
pub(super) fn short(x: f64) -> String {
    trimmed(
        x,
        if is_whole(x) {
            0
        } else if x.abs() >= 10.0 {
            2
        } else {
            3
        },
    )
}

fn trimmed(x: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", x + 0.0);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn axes_have_round_ticks() {
        let scale = Scale::covering(3.0, 47.0, true, true, "件");
        assert_eq!(
            scale
                .ticks()
                .iter()
                .map(|t| scale.label(*t))
                .collect::<Vec<_>>(),
            ["0", "10", "20", "30", "40", "50"]
        );
        let two = Scale::covering(0.0, 2.0, true, true, "起");
        assert_eq!(two.ticks(), [0.0, 1.0, 2.0]);
        let scale = Scale::covering(99.86, 100.0, false, false, "%");
        assert!(
            scale.low < 99.86 && scale.low > 99.0 && scale.high == 100.0,
            "{scale:?}"
        );
        assert_eq!(scale.value(99.995), "99.995");
        assert_eq!(short(99.861), "99.86");
        assert_eq!(tick(12_500.0, 0), "1.25万");
        assert_eq!(short(12_500.0), "12500");
    }

    proptest! {
        #[test]
        fn every_value_lies_on_the_axis(min in -1e9_f64..1e9, spread in 0.0_f64..1e9, from_zero: bool, whole: bool) {
            let max = min + spread;
            let scale = Scale::covering(min, max, from_zero, whole, "");
            prop_assert!(scale.low <= min + 1e-6 * min.abs() && scale.high >= max - 1e-6 * max.abs());
            prop_assert!(scale.high > scale.low && scale.ticks().len() >= 2 && scale.ticks().len() <= 13);
        }
    }
}
