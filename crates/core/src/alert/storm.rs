//! A storm: so many problems open at once that one message about all of them says more than one each.
//!
//! Kept per scope (a project, a prober). A folded problem counts as told: it appears in the storm's
//! own message and ticket, so nothing has to be caught up on when the storm is over.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When a burst becomes a storm, and when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Openings within [`Self::within_seconds`] that may still be told one by one.
    pub openings: u16,
    /// Length of the sliding window.
    pub within_seconds: u32,
    /// The storm is over when nothing opened for this long.
    pub calm_seconds: u32,
}

impl Default for Limits {
    /// Ten openings a minute; over after two quiet minutes.
    fn default() -> Self {
        Self {
            openings: 10,
            within_seconds: 60,
            calm_seconds: 120,
        }
    }
}

/// How an opening is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// By itself.
    Single,
    /// It is the one too many: tell of the storm, and fold this one into it.
    StormBegins,
    /// Folded into the storm's message.
    Folded,
}

/// A storm that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When it began.
    pub began: Timestamp,
    /// Problems folded into it.
    pub folded: u64,
}

/// Openings of one scope. At most `Limits::openings` instants are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Storm {
    recent: VecDeque<Timestamp>,
    began: Option<Timestamp>,
    newest: Option<Timestamp>,
    folded: u64,
}

impl Storm {
    /// Whether a storm is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.began.is_some()
    }

    /// Takes one opening that is about to be told.
    pub fn admit(&mut self, at: Timestamp, limits: Limits) -> Admission {
        let window = SignedDuration::from_secs(limits.within_seconds.into());
        // An instant "in the future" is one from before the clock was set back.
        self.recent
            .retain(|then| *then <= at && at.duration_since(*then) < window);
        self.newest = Some(at);
        if self.began.is_some() {
            self.folded += 1;
            return Admission::Folded;
        }
        if self.recent.len() < usize::from(limits.openings) {
            self.recent.push_back(at);
            return Admission::Single;
        }
        self.began = Some(at);
        self.folded = 1;
        Admission::StormBegins
    }

    /// Ends the storm once it has been calm for long enough.
    pub fn calm(&mut self, now: Timestamp, limits: Limits) -> Option<Ended> {
        let (began, newest) = (self.began?, self.newest?);
        let quiet = SignedDuration::from_secs(limits.calm_seconds.into());
        if now >= newest && now.duration_since(newest) < quiet {
            return None;
        }
        let ended = Ended {
            began,
            folded: self.folded,
        };
        *self = Self::default();
        Some(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).unwrap()
    }

    #[test]
    fn five_hundred_openings_are_ten_messages_and_one_storm() {
        let (mut storm, limits) = (Storm::default(), Limits::default());
        let told: Vec<_> = (0..500).map(|n| storm.admit(at(n / 20), limits)).collect();
        assert_eq!(told.iter().filter(|a| **a == Admission::Single).count(), 10);
        assert_eq!(
            told.iter()
                .filter(|a| **a == Admission::StormBegins)
                .count(),
            1
        );
        assert_eq!(storm.calm(at(100), limits), None);
        assert_eq!(
            storm.calm(at(145), limits),
            Some(Ended {
                began: at(0),
                folded: 490
            })
        );
        assert_eq!(storm.admit(at(146), limits), Admission::Single);
    }

    #[test]
    fn a_slow_trickle_is_no_storm() {
        let (mut storm, limits) = (Storm::default(), Limits::default());
        assert!((0..100).all(|n| storm.admit(at(n * 7), limits) == Admission::Single));
    }

    #[test]
    fn a_clock_set_back_ends_a_storm_rather_than_keeping_it_for_ever() {
        let (mut storm, limits) = (Storm::default(), Limits::default());
        for _ in 0..20 {
            storm.admit(at(1_000_000), limits);
        }
        assert!(storm.calm(at(0), limits).is_some());
    }
}
