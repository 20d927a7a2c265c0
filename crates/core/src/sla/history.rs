//! What happened to a ticket, with the true times: the only thing besides the agreement that clocks depend on.

use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::process::Event;
use crate::time::{Interval, Timestamp};

/// Everything the clocks of one ticket depend on. Lists may come in any order; of two things at the
/// same instant the one listed first happened first.
///
/// Times are the true ones, not those of the entry into the system: a case registered the next
/// morning is measured from the night before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// When the fault was told to us.
    pub reported_at: Timestamp,
    /// Type of the ticket (`fault`, `consult`, `complaint` …); some targets hold for some types only.
    #[serde(default)]
    pub kind: Option<String>,
    /// Channel it came by (`email`, `phone` …); some targets hold for some channels only.
    #[serde(default)]
    pub channel: Option<String>,
    /// The agreement's own level, and every change of it. Empty while nobody has chosen one.
    #[serde(default)]
    pub levels: Vec<LevelChange>,
    /// What happened.
    #[serde(default)]
    pub events: Vec<Happened>,
    /// When the clocks stood still.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Times agreed with the customer.
    #[serde(default)]
    pub negotiated: Vec<Negotiation>,
    /// Stages of the project without commitment: measured, not counted.
    #[serde(default)]
    pub uncounted: Vec<Interval>,
    /// The interruption of service, if there is one.
    #[serde(default)]
    pub outage: Option<Outage>,
}

impl History {
    /// A ticket that has only just been reported.
    #[must_use]
    pub fn new(reported_at: Timestamp) -> Self {
        Self {
            reported_at,
            kind: None,
            channel: None,
            levels: Vec::new(),
            events: Vec::new(),
            pauses: Vec::new(),
            negotiated: Vec::new(),
            uncounted: Vec::new(),
            outage: None,
        }
    }

    /// Adds an event.
    pub fn happened(&mut self, event: Event, at: Timestamp) -> &mut Self {
        self.events.push(Happened { event, at });
        self
    }

    /// Adds a level or a change of level.
    pub fn level(&mut self, level: impl Into<String>, at: Timestamp) -> &mut Self {
        self.levels.push(LevelChange {
            at,
            level: level.into(),
        });
        self
    }
}

/// From this instant on the ticket has this level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelChange {
    /// When it was decided.
    pub at: Timestamp,
    /// Key of the level in the agreement.
    pub level: String,
}

/// An event and its true time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// What.
    pub event: Event,
    /// When.
    pub at: Timestamp,
}

/// A stretch in which the ticket waited for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Why: the key of the waiting state, for example `waiting_customer`. Targets say which of them they stand still for.
    pub reason: String,
    /// From when.
    pub from: Timestamp,
    /// Until when; nothing while it lasts.
    #[serde(default)]
    pub to: Option<Timestamp>,
}

/// A time agreed with the customer that replaces a promised one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negotiation {
    /// Which target.
    pub target: Target,
    /// When it was agreed.
    pub at: Timestamp,
    /// Until when it is now due.
    pub due: Timestamp,
    /// Why.
    pub reason: String,
    /// Who agreed to it.
    pub by: String,
}

/// An interruption of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// When it began.
    pub from: Timestamp,
    /// When service was back; nothing while it is not.
    #[serde(default)]
    pub to: Option<Timestamp>,
}
