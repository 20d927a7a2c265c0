//! Whether an indicator was reached, and whether a month may be signed.

use serde::{Deserialize, Serialize};

/// On which side of its goal an indicator is to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// ≥.
    AtLeast,
    /// ≤.
    AtMost,
}

/// What became of an indicator in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Reached.
    Met,
    /// Missed.
    Missed,
    /// There was nothing to measure.
    NoData,
}

/// Shares come out of divisions: what differs by less than this is the goal itself.
const CLOSE: f64 = 1e-9;

/// Judges a figure by its goal, both in the same unit.
#[must_use]
pub fn verdict(actual: Option<f64>, goal: f64, direction: Direction) -> Verdict {
    let Some(actual) = actual.filter(|value| value.is_finite()) else {
        return Verdict::NoData;
    };
    let reached = match direction {
        Direction::AtLeast => actual >= goal - CLOSE,
        Direction::AtMost => actual <= goal + CLOSE,
    };
    if reached {
        Verdict::Met
    } else {
        Verdict::Missed
    }
}

/// What a month still lacks before it can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Nothing.
    Ready,
    /// The figure that people enter by hand.
    LacksFigure,
    /// A measure against what was missed.
    LacksMeasure,
}

/// Whether one indicator keeps a month from being signed: what is entered by hand must be there, and
/// whatever was missed is answered by a measure.
#[must_use]
pub fn signing(verdict: Verdict, manual: bool, measure: &str) -> Signing {
    match verdict {
        Verdict::NoData if manual => Signing::LacksFigure,
        Verdict::Missed if measure.trim().is_empty() => Signing::LacksMeasure,
        _ => Signing::Ready,
    }
}
