//! One look at the outside world, and what else was going on.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::schedule::Interval;

/// The result of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When the check began.
    pub at: Timestamp,
    /// What it found.
    pub reading: Reading,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The target was looked at; it may be up or down.
    Measured(Measured),
    /// The check could not be made. Says nothing about the target.
    Unknown(UnknownCause),
}

/// Facts about the target.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// Code of the failure, for instance `connect_refused`; `None` when the check passed.
    pub down: Option<String>,
    /// Metrics by name. Not measured: not in the list.
    pub metrics: Vec<(Cow<'static, str>, f64)>,
}

/// Why a check could not be made. Always the prober's side, never the target's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCause {
    /// The prober failed: out of sockets, not permitted, its own resolver silent, an internal error.
    ProberFault,
    /// The prober's own connectivity is gone.
    ProberOffline,
}

/// How the monitors stand that this one depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parent {
    /// It depends on nothing, or nothing is known of what it depends on.
    #[default]
    None,
    /// All were good when last looked at.
    Up {
        /// The oldest of those looks.
        seen: Timestamp,
    },
    /// One is failing, but not yet believed to be down.
    Suspect,
    /// One is down, or cut off itself.
    Down,
}

/// What surrounds a sample and has a say in whether people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The clock when the result is handled; tells a late result from a clock that was set back.
    pub now: Timestamp,
    /// How often this monitor is checked.
    pub interval: Interval,
    /// A maintenance window is open for this monitor.
    pub maintenance: bool,
    /// What is known of the monitors this one depends on: see [`parents::standing`](super::parents).
    pub parent: Parent,
    /// The prober's own connectivity gate is closed.
    pub prober_offline: bool,
}

impl Circumstances {
    /// Nothing special at `now`.
    #[must_use]
    pub fn clear(now: Timestamp, interval: Interval) -> Self {
        Self {
            now,
            interval,
            maintenance: false,
            parent: Parent::None,
            prober_offline: false,
        }
    }
}

impl Sample {
    /// A check that passed.
    #[must_use]
    pub fn up(at: Timestamp, metrics: Vec<(Cow<'static, str>, f64)>) -> Self {
        Self {
            at,
            reading: Reading::Measured(Measured {
                down: None,
                metrics,
            }),
        }
    }

    /// A check that failed with `code`.
    #[must_use]
    pub fn down(at: Timestamp, code: impl Into<String>) -> Self {
        Self {
            at,
            reading: Reading::Measured(Measured {
                down: Some(code.into()),
                metrics: Vec::new(),
            }),
        }
    }

    /// A check that could not be made.
    #[must_use]
    pub fn unknown(at: Timestamp, cause: UnknownCause) -> Self {
        Self {
            at,
            reading: Reading::Unknown(cause),
        }
    }
}

impl Measured {
    /// A metric's value; `None` when it was not measured or is not a finite number.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
            .filter(|v| v.is_finite())
    }
}
