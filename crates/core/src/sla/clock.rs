//! What the evaluation of a ticket's history gives: clocks and wake-ups.

use serde::{Deserialize, Serialize};

use super::history::Negotiation;
use super::key::{Key, Keys};
use super::target::Target;
use crate::time::{SignedDuration, Timestamp, seconds};

/// Everything an agreement says about a ticket at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The level now in force.
    pub level: Option<Key>,
    /// The levels it has had, the last one open.
    pub level_periods: Vec<LevelPeriod>,
    /// Whether its promises count; not in a stage without commitment.
    pub counted: bool,
    /// One for each promise that has begun; in the order of a ticket's life.
    pub clocks: Vec<Clock>,
    /// When the next thing changes or somebody must be told; in order of time.
    pub wakeups: Vec<Wakeup>,
}

impl Assessment {
    /// The latest clock of a target.
    #[must_use]
    pub fn clock(&self, target: Target) -> Option<&Clock> {
        self.clocks
            .iter()
            .rev()
            .find(|clock| clock.target == target)
    }

    /// The clock that comes due next, overdue ones first; for the row of a list. One that stands
    /// still does not come due.
    #[must_use]
    pub fn next_due(&self) -> Option<&Clock> {
        self.clocks
            .iter()
            .filter(|clock| clock.is_open() && clock.status != Status::Paused)
            .min_by_key(|clock| clock.due)
    }

    /// Whether any counted promise was broken.
    #[must_use]
    pub fn is_breached(&self) -> bool {
        self.clocks
            .iter()
            .any(|clock| clock.counted && clock.status == Status::Breached)
    }
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not kept yet and not due yet.
    Running,
    /// Stands still while the ticket waits for somebody else.
    Paused,
    /// Kept in time.
    Met,
    /// Came due unkept; stopped since, or still open.
    Breached,
    /// Fell away before it came due.
    Cancelled,
}

/// One promise to one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What was promised.
    pub target: Target,
    /// Counts the clocks of one target from 1, where every dispatch has its own.
    pub cycle: u16,
    /// Level by which it is judged: the one in force when it stopped, or else now.
    pub level: Option<Key>,
    /// Calendar by which it is measured.
    pub calendar: Key,
    /// When it began.
    pub started_at: Timestamp,
    /// When the agreement says it is due, waits included.
    pub promised_due: Timestamp,
    /// When it is due: as promised, or as agreed with the customer. While it is paused: as if it went on now.
    pub due: Timestamp,
    /// When it was kept or fell away; nothing while it is open.
    pub stopped_at: Option<Timestamp>,
    /// How it stands.
    pub status: Status,
    /// Time used, by its calendar and without waits.
    #[serde(with = "seconds", rename = "elapsed_seconds")]
    pub elapsed: SignedDuration,
    /// Time left at the end or now, by its calendar; negative when overdue.
    #[serde(with = "seconds", rename = "remaining_seconds")]
    pub remaining: SignedDuration,
    /// Time allowed, by its calendar.
    #[serde(with = "seconds", rename = "duration_seconds")]
    pub allowed: SignedDuration,
    /// Whether it counts for the attainment of the agreement.
    pub counted: bool,
    /// The agreed time that replaced the promised one.
    pub negotiated: Option<Negotiation>,
    /// Agreed times that did not replace it.
    pub refused: Vec<Refused>,
    /// What levels it had before promised, and whether they were missed.
    pub earlier: Vec<Earlier>,
}

impl Clock {
    /// Whether the promise is still to be kept.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.stopped_at.is_none()
    }

    /// Whether it came due unkept and is still open.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.is_open() && self.status == Status::Breached
    }
}

/// An agreed time that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// What was agreed.
    pub negotiation: Negotiation,
    /// Why it does not replace the promise.
    pub why: WhyRefused,
}

/// Why an agreed time does not replace a promised one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyRefused {
    /// The agreement does not allow it for this target and level.
    NotNegotiable,
    /// It had already come due: what was missed cannot be agreed away.
    TooLate,
    /// It was already over when it was agreed.
    InThePast,
}

/// What an earlier level promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The level.
    pub level: Option<Key>,
    /// When it was due by that level.
    pub due: Timestamp,
    /// When that level ended.
    pub until: Timestamp,
    /// Whether it had come due by then.
    pub missed: bool,
}

/// A stretch in which the ticket had one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelPeriod {
    /// The level; nothing while none was chosen.
    pub level: Option<Key>,
    /// From when.
    pub from: Timestamp,
    /// Until when; nothing for the level in force.
    pub to: Option<Timestamp>,
    /// Whether it followed by itself from the length of an interruption.
    pub automatic: bool,
}

/// An instant at which something changes or somebody must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wakeup {
    /// When.
    pub at: Timestamp,
    /// Which target; nothing for a change of level.
    pub target: Option<Target>,
    /// Which clock of the target.
    pub cycle: u16,
    /// What.
    pub kind: WakeupKind,
    /// Whom to tell.
    pub to_roles: Keys,
    /// The role one holder of which takes the ticket over now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_charge: Option<Key>,
}

/// What a wake-up is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WakeupKind {
    /// Remind whoever works on it.
    Remind,
    /// So much of the time is used up.
    Warn {
        /// Percent of the time allowed.
        percent: u8,
    },
    /// It has come due unkept.
    Breach,
    /// Said again.
    Repeat {
        /// How many times it has been said, this one included.
        count: u32,
    },
    /// The next rung of the ladder.
    Escalate {
        /// Counts the rungs after the breach from 1.
        step: u8,
    },
    /// Have it given to somebody else.
    Reassign,
    /// The clock of this target starts now.
    StartTarget,
    /// The level changes by itself.
    Reclassify {
        /// Level before.
        from: Key,
        /// Level after.
        to: Key,
    },
}
