//! What is remembered about one monitor between samples, and what can happen to it.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::microsecond;
use serde::{Deserialize, Serialize};

use super::flapping::Changes;
use super::rule::Level;
use super::sample::UnknownCause;
use super::suppress::Hold;
use super::tracker::Tracker;

/// What a list shows for a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Good, or never yet checked.
    Ok,
    /// Bad, but not often enough to be believed.
    Suspect,
    /// 预警, blue.
    Warning,
    /// 告警, red.
    Critical,
    /// Good again, but not often enough to be believed.
    Recovering,
    /// No result has come for several intervals.
    NoData,
    /// The prober could not look; says nothing about the target.
    Unknown,
    /// Failing while a monitor it depends on is down.
    Unreachable,
    /// A maintenance window is open.
    Maintenance,
    /// Switched off by a person.
    Paused,
}

/// An open problem. One outage is one problem, from the first bad sample to the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Counts the monitor's problems from 1: with the monitor's id, the key under which exactly one
    /// incident is opened.
    pub number: u64,
    /// The level now.
    pub level: Level,
    /// First bad sample.
    #[serde(with = "microsecond::required")]
    pub began: Timestamp,
    /// The sample that made it believed.
    #[serde(with = "microsecond::required")]
    pub opened: Timestamp,
    /// What that sample said, or the one that last raised the level: for the message and the ticket,
    /// which may come later than the opening.
    pub reason: Reason,
}

/// Why nothing is known at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// `None`: no result at all has come.
    pub cause: Option<UnknownCause>,
    /// Last moment something was known.
    #[serde(with = "microsecond::required")]
    pub since: Timestamp,
}

/// The level of a problem whose rule was changed under it: it stays until seen good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carried {
    pub level: Level,
    pub good: u8,
}

/// Everything remembered about one monitor. Default: never checked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Start of the newest accepted sample.
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "microsecond::optional"
    )]
    pub at: Option<Timestamp>,
    /// The open problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Problems so far.
    pub problems: u64,
    /// Start of the open outage: the service is not available.
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "microsecond::optional"
    )]
    pub outage: Option<Timestamp>,
    /// Set while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blind: Option<Blind>,
    /// Whether the monitor is flapping.
    #[serde(skip_serializing_if = "is_false")]
    pub flapping: bool,
    /// A maintenance window was open at the newest sample.
    #[serde(skip_serializing_if = "is_false")]
    pub maintenance: bool,
    /// Bad at the newest sample while a parent was down.
    #[serde(skip_serializing_if = "is_false")]
    pub unreachable: bool,
    /// The level people have been told of: what they believe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Level>,
    /// Whether people have been told that it flaps.
    #[serde(skip_serializing_if = "is_false")]
    pub told_flapping: bool,
    /// Why people have not been told of the present level; empty when they have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Hold>,
    /// Worst level in the newest sample alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw: Option<Level>,
    /// The newest sample met a condition that means unavailability.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) failing: bool,
    pub(super) changes: Changes,
    /// Samples in a row with nothing bad, up to the most a rule can ask for.
    pub(super) clean: u8,
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "microsecond::optional"
    )]
    pub(super) clean_since: Option<Timestamp>,
    /// Samples in a row under circumstances in which people may be told, up to 32.
    pub(super) clear: u8,
    pub(super) rule: u32,
    pub(super) trackers: Vec<Tracker>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carried: Option<Carried>,
}

impl State {
    /// The open problem's level.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.problem.as_ref().map(|p| p.level)
    }

    /// A problem is open and the newest sample was good.
    #[must_use]
    pub fn is_recovering(&self) -> bool {
        self.problem.is_some() && self.raw.is_none()
    }

    /// The newest sample was bad in a way that would make the service unavailable, if it lasted.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    /// What to show now. `maintenance` and `parent_down` are what is true now, which may be newer
    /// than the newest sample. A paused monitor is [`Status::Paused`] whatever this says.
    #[must_use]
    pub fn status(&self, maintenance: bool, parent_down: bool) -> Status {
        if maintenance {
            return Status::Maintenance;
        }
        if let Some(blind) = self.blind {
            return if blind.cause.is_some() {
                Status::Unknown
            } else {
                Status::NoData
            };
        }
        if parent_down && self.raw.is_some() {
            return Status::Unreachable;
        }
        match (self.level(), self.raw) {
            (Some(_), None) => Status::Recovering,
            (Some(Level::Critical), _) => Status::Critical,
            (Some(Level::Warning), _) => Status::Warning,
            (None, Some(_)) => Status::Suspect,
            (None, None) => Status::Ok,
        }
    }
}

/// Something that happened to a monitor: one row of its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The sample (or the instant of the tick) that showed it.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Why.
    pub reason: Reason,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A first bad sample, not yet believed.
    Suspected {
        /// The level it would raise.
        level: Level,
    },
    /// The suspicion was not confirmed.
    Cleared,
    /// A problem opened.
    Opened {
        /// See [`Problem::number`].
        problem: u64,
        /// Its level.
        level: Level,
        /// First bad sample.
        began: Timestamp,
    },
    /// Blue became red.
    Upgraded {
        /// See [`Problem::number`].
        problem: u64,
        /// The level now.
        level: Level,
    },
    /// Red became blue.
    Downgraded {
        /// See [`Problem::number`].
        problem: u64,
        /// The level now.
        level: Level,
    },
    /// A good sample while a problem is open.
    Recovering,
    /// Bad again before recovery was believed.
    Relapsed,
    /// The problem is over.
    Recovered {
        /// See [`Problem::number`].
        problem: u64,
        /// First good sample of those that made it believed.
        ended: Timestamp,
    },
    /// The service became unavailable (counts for availability).
    OutageBegan {
        /// First bad sample.
        began: Timestamp,
    },
    /// The service is available again.
    OutageEnded {
        /// First good sample.
        ended: Timestamp,
    },
    /// State changes so often that it says nothing.
    FlappingStarted {
        /// Weighted change in percent.
        percent: u32,
    },
    /// It has calmed down.
    FlappingStopped {
        /// Weighted change in percent.
        percent: u32,
    },
    /// Nothing is known any more.
    DataLost {
        /// Last moment something was known.
        since: Timestamp,
    },
    /// Something is known again.
    DataReturned,
    /// A maintenance window took effect.
    MaintenanceEntered,
    /// The maintenance window is over.
    MaintenanceLeft,
    /// Failing while a parent is down.
    UnreachableEntered,
    /// Good again, or the parent is up.
    UnreachableLeft,
    /// People are not told of the present level, and why (written when the reasons change).
    Held {
        /// The reasons, in fixed order.
        because: Vec<Hold>,
    },
}

/// Why something happened: what an operator asks first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// The check failed.
    Down {
        /// The probe's failure code.
        code: String,
    },
    /// A metric was above its threshold.
    Above {
        /// Its name.
        metric: String,
        /// Its value.
        value: f64,
        /// The threshold.
        limit: f64,
    },
    /// A metric was below its threshold.
    Below {
        /// Its name.
        metric: String,
        /// Its value.
        value: f64,
        /// The threshold.
        limit: f64,
    },
    /// As many good samples in a row as the rule wants.
    Good {
        /// How many.
        samples: u8,
    },
    /// The condition that held no longer holds, a lower one still does.
    Eased,
    /// The rule was changed.
    RuleChanged,
    /// Many state changes in the window.
    Changes,
    /// No result within the time the rule allows.
    Silence,
    /// The prober could not look.
    Prober {
        /// Which way.
        cause: UnknownCause,
    },
    /// A result arrived.
    Result,
    /// A maintenance window began or ended.
    Maintenance,
    /// A monitor this one depends on went down or came back.
    Parent,
    /// The level is kept from people; the reasons are with the event.
    Suppressed,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "signature required by serde"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
