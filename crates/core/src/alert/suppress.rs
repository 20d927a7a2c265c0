//! Whether people are told, and if not, why not.
//!
//! One idea carries it: *told* is what people believe, *level* is what is true, and a notice is due
//! whenever the two differ. Going up may be held back; coming down never is. Because a held notice
//! is simply a difference that still exists, nothing has to be queued: when the reason to hold is
//! gone and the problem is still there, the difference is told; when the problem is gone, there is
//! nothing to tell. That gives Icinga's rules for suppressed notifications without their bookkeeping.

use serde::{Deserialize, Serialize};

use super::rule::Level;

/// A reason to keep a rising level from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// A maintenance window is open.
    Maintenance,
    /// A monitor this one depends on is down: its own alarm tells the story.
    ParentDown,
    /// A monitor this one depends on is failing too, or has not been looked at since this one failed:
    /// whose trouble it is will be known in a moment.
    ParentPending,
    /// The prober has lost its own connectivity.
    ProberOffline,
    /// Too few samples since one of the above ended: what failed with the parent is given the time
    /// to come back with it.
    Settling,
    /// The newest sample was good already.
    Recovering,
    /// People know that it flaps; blue adds nothing to that.
    Flapping,
}

/// What people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A problem, not told of before.
    Opened,
    /// A problem they know of, now at the higher level.
    Upgraded,
    /// A problem they know of, now at the lower level.
    Downgraded,
    /// A problem they know of is over.
    Recovered,
    /// The monitor flaps.
    FlappingStarted,
    /// It no longer does.
    FlappingStopped,
}

/// A message that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// The level that decides who is told: the present one, or the one that is over.
    pub level: Level,
    /// Number of the problem; 0 when it flaps without one.
    pub problem: u64,
}

/// The decision, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// People believe what is true.
    Silent,
    /// Tell them now.
    Tell(Notice),
    /// Not now.
    Hold {
        /// What would be told.
        notice: Notice,
        /// Why it is not, in fixed order; never empty.
        because: Vec<Hold>,
    },
}

/// What is true now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// Level of the open problem.
    pub level: Option<Level>,
    /// Its number, or the last one's.
    pub problem: u64,
    /// The newest sample was good.
    pub recovering: bool,
    /// The monitor flaps.
    pub flapping: bool,
    /// A maintenance window is open.
    pub maintenance: bool,
    /// A parent is down.
    pub parent_down: bool,
    /// A parent may be down.
    pub parent_pending: bool,
    /// The prober is offline.
    pub prober_offline: bool,
    /// Enough samples since the circumstances above were last in force.
    pub settled: bool,
}

/// What people have been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Belief {
    /// The level; `None`: all is well.
    pub level: Option<Level>,
    /// That it flaps.
    pub flapping: bool,
}

/// Compares belief and truth.
#[must_use]
pub fn decide(belief: Belief, truth: Truth) -> Verdict {
    let Some(notice) = difference(belief, truth) else {
        return Verdict::Silent;
    };
    let because = match notice.kind {
        NoticeKind::Recovered | NoticeKind::Downgraded | NoticeKind::FlappingStopped => Vec::new(),
        NoticeKind::Opened | NoticeKind::Upgraded | NoticeKind::FlappingStarted => {
            holds(notice, belief, truth)
        }
    };
    if because.is_empty() {
        Verdict::Tell(notice)
    } else {
        Verdict::Hold { notice, because }
    }
}

fn difference(belief: Belief, truth: Truth) -> Option<Notice> {
    let notice = |kind, level| {
        Some(Notice {
            kind,
            level,
            problem: truth.problem,
        })
    };
    match (belief.level, truth.level) {
        (None, Some(now)) => return notice(NoticeKind::Opened, now),
        (Some(then), None) => return notice(NoticeKind::Recovered, then),
        (Some(then), Some(now)) if now > then => return notice(NoticeKind::Upgraded, now),
        (Some(then), Some(now)) if now < then => return notice(NoticeKind::Downgraded, now),
        _ => {}
    }
    let level = truth.level.unwrap_or(Level::Warning);
    match (belief.flapping, truth.flapping) {
        (false, true) => {
            let problem = if truth.level.is_some() {
                truth.problem
            } else {
                0
            };
            Some(Notice {
                kind: NoticeKind::FlappingStarted,
                level,
                problem,
            })
        }
        (true, false) => notice(NoticeKind::FlappingStopped, level),
        _ => None,
    }
}

fn holds(notice: Notice, belief: Belief, truth: Truth) -> Vec<Hold> {
    let rising = notice.kind != NoticeKind::FlappingStarted;
    let known_to_flap = belief.flapping && truth.flapping && notice.level == Level::Warning;
    [
        (truth.maintenance, Hold::Maintenance),
        (truth.parent_down, Hold::ParentDown),
        (truth.parent_pending, Hold::ParentPending),
        (truth.prober_offline, Hold::ProberOffline),
        (!truth.settled, Hold::Settling),
        (rising && truth.recovering, Hold::Recovering),
        (rising && known_to_flap, Hold::Flapping),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}
