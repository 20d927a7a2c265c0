//! The counters of one condition: how often it was seen, and how often in a row it was not.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::microsecond;
use serde::{Deserialize, Serialize};

use super::rule::Finding;

/// Counters of good samples stop here: more than any rule can ask for.
pub(super) const ENOUGH: u8 = 32;

/// Counters of one condition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Tracker {
    /// Bad (1) and not bad (0) samples; bit 0 is the newest.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub window: u32,
    /// When the bad samples in the window were taken, oldest first. Empty once holding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad_at: Vec<i64>,
    /// First bad sample of those that made it hold; `None` while it does not hold.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "microsecond::optional"
    )]
    pub since: Option<Timestamp>,
    /// Good samples in a row while it holds or an outage is open.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub good: u8,
    /// First of them.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "microsecond::optional"
    )]
    pub good_since: Option<Timestamp>,
}

impl Tracker {
    /// Takes one finding into the window of `window` samples.
    pub fn push(&mut self, finding: Finding, at: Timestamp, window: u8) {
        let holding = self.since.is_some();
        match finding {
            Finding::Absent => return,
            Finding::Between if holding => (self.good, self.good_since) = (0, None),
            Finding::Bad => (self.good, self.good_since) = (0, None),
            Finding::Good | Finding::Between => {
                self.good = (self.good + 1).min(ENOUGH);
                self.good_since.get_or_insert(at);
            }
        }
        if holding {
            return;
        }
        let mask = u32::MAX >> (32 - u32::from(window));
        self.window = (self.window << 1 | u32::from(finding == Finding::Bad)) & mask;
        if finding == Finding::Bad {
            self.bad_at.push(at.as_microsecond());
        }
        let lost = self
            .bad_at
            .len()
            .saturating_sub(self.window.count_ones() as usize);
        self.bad_at.drain(..lost);
    }

    /// Enough bad samples: the condition holds from the first of them.
    pub fn hold(&mut self) {
        self.since = self
            .bad_at
            .first()
            .and_then(|at| Timestamp::from_microsecond(*at).ok());
        self.bad_at = Vec::new();
        self.window = 0;
        (self.good, self.good_since) = (0, None);
    }

    /// Enough good samples: it holds no longer.
    pub fn let_go(&mut self) {
        self.since = None;
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "signature required by serde"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "signature required by serde"
)]
fn is_nought(n: &u8) -> bool {
    *n == 0
}
