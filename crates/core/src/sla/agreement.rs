//! A service agreement: levels, and for each level what is promised by when.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::key::{Key, Keys};
use super::target::{EventSet, TARGETS, Target};
use crate::definition::Text;
use crate::process::Event;
use crate::proposal::{Proposal, Subject, proposed};
use crate::time::{SignedDuration, seconds};

/// One service agreement, checked and complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Key by which projects name it, for example `A`.
    pub key: Key,
    /// What people call it.
    pub name: Text,
    /// In one sentence.
    pub summary: Text,
    /// Version of the file.
    pub version: u32,
    /// Calendar by which requests are accepted; a request outside it is taken as made when it opens.
    pub accept: Key,
    /// The levels, most serious first. Empty when the agreement knows none.
    pub levels: Vec<Level>,
    /// Promises that hold while no level has been chosen.
    pub unlevelled: Rules,
    /// Levels that follow by themselves from the length of an interruption.
    pub reclassify: Vec<Reclassify>,
}

impl Agreement {
    /// SHA-256 of everything it promises, presets included: the same for the same promises, however
    /// they are written down.
    ///
    /// # Errors
    /// Never in practice: an agreement is made of texts and numbers.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        let content = serde_json::to_vec(self)?;
        Ok(hex::encode(Sha256::digest(content)))
    }

    /// The level with this key.
    #[must_use]
    pub fn level(&self, key: &str) -> Option<&Level> {
        self.levels.iter().find(|level| &*level.key == key)
    }

    /// The level a ticket is proposed to have; used to replay tickets of another agreement, too.
    #[must_use]
    pub fn propose(&self, subject: Subject) -> Option<&Level> {
        proposed(&self.levels, |level| &level.proposal, subject)
    }

    /// What is promised at a level, or without one.
    #[must_use]
    pub fn rules(&self, level: Option<&str>) -> Option<&Rules> {
        match level {
            None => Some(&self.unlevelled),
            Some(key) => self.level(key).map(|level| &level.rules),
        }
    }

    /// Whether a promised time may be replaced by one agreed with the customer.
    #[must_use]
    pub fn is_negotiable(&self, level: Option<&str>, target: Target) -> bool {
        self.rules(level)
            .and_then(|rules| rules.get(target))
            .is_some_and(|rule| rule.negotiable)
    }

    /// Every rule of every level.
    pub fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        self.levels
            .iter()
            .map(|level| &level.rules)
            .chain([&self.unlevelled])
            .flat_map(Rules::iter)
    }

    /// The roles its ladders tell or hand over to, each once; whoever loads it can check that they exist.
    #[must_use]
    pub fn roles(&self) -> Vec<Key> {
        let steps = self.all_rules().flat_map(|rule| {
            rule.ladder
                .iter()
                .flat_map(|step| step.tell.iter())
                .chain(rule.on_start.iter())
                .chain(&rule.in_charge)
        });
        let mut roles: Vec<Key> = steps
            .chain(self.reclassify.iter().flat_map(|r| r.tell.iter()))
            .cloned()
            .collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

/// One fault level or class of request, in the agreement's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Level {
    /// Its key, for example `一级`.
    pub key: Key,
    /// What people call it.
    pub name: Text,
    /// When a ticket has this level.
    pub definition: Text,
    /// Tickets it is proposed for.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// What is promised.
    pub rules: Rules,
}

/// What is promised at one level: at most one rule for each target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules([Option<Arc<Rule>>; TARGETS]);

impl Rules {
    /// The rule for a target.
    #[must_use]
    pub fn get(&self, target: Target) -> Option<&Rule> {
        self.0[target.index()].as_deref()
    }

    /// All rules, in the order of a ticket's life.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().flatten().map(Arc::as_ref)
    }

    pub(super) fn put(&mut self, rule: Arc<Rule>) {
        let index = rule.target.index();
        self.0[index] = Some(rule);
    }
}

impl Serialize for Rules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// What is promised.
    pub target: Target,
    /// By when.
    pub promise: Promise,
    /// How long "at once" may take: added where the promise is zero, since no clock can be kept in no time.
    #[serde(with = "seconds", rename = "grace_seconds")]
    pub grace: SignedDuration,
    /// Calendar in which the time is measured.
    pub calendar: Key,
    /// Calendar that says which instants and days are working ones, for promises that depend on it.
    pub hours: Key,
    /// When its clock starts.
    pub start: Start,
    /// Any of these keeps it.
    pub stop: EventSet,
    /// Any of these ends it unkept and without blame.
    pub cancel: EventSet,
    /// For which waits it stands still.
    pub pause: Pauses,
    /// Whether a time agreed with the customer may replace it.
    pub negotiable: bool,
    /// Whether every start event begins a clock of its own, as every dispatch does.
    pub each: bool,
    /// Our own discipline and not a promise to the customer: never counted.
    pub internal: bool,
    /// Ticket types and channels it holds for.
    pub only: Only,
    /// Who is told when.
    pub ladder: Vec<Step>,
    /// Roles that are told when the clock starts.
    pub on_start: Keys,
    /// The role one holder of which takes the ticket over when the clock starts.
    pub in_charge: Option<Key>,
}

/// By when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Promise {
    /// Within a length of the calendar's time.
    Within {
        /// The length.
        #[serde(with = "seconds", rename = "seconds")]
        length: SignedDuration,
    },
    /// Within a length that depends on whether the clock starts in working time.
    ByHours {
        /// When it starts in working time.
        #[serde(with = "seconds", rename = "working_seconds")]
        working: SignedDuration,
        /// When it does not.
        #[serde(with = "seconds", rename = "nonworking_seconds")]
        nonworking: SignedDuration,
    },
    /// Until the end of a working day: the same day for zero, otherwise that many working days later; the day it starts on does not count.
    Days {
        /// How many working days later.
        days: u32,
        /// Which end of that day.
        until: Until,
    },
}

/// Which end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// 24:00.
    DayEnd,
    /// The end of the working hours.
    OfficeEnd,
}

/// When a clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Start {
    /// When the ticket was reported.
    Reported,
    /// When an event first happens.
    Event {
        /// Which.
        event: Event,
    },
    /// When another target comes due unkept.
    Breach {
        /// Which.
        target: Target,
    },
}

/// For which waits a clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pauses {
    /// For none.
    None,
    /// For all.
    All,
    /// For waits with these reasons.
    Only(Keys),
}

impl Pauses {
    pub(super) fn include(&self, reason: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(reasons) => reasons.iter().any(|r| &**r == reason),
        }
    }
}

/// Ticket types and channels a rule holds for; any one that fits is enough, and both empty means all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// Ticket types.
    #[serde(default)]
    pub types: Vec<Key>,
    /// Channels.
    #[serde(default)]
    pub channels: Vec<Key>,
}

impl Only {
    pub(super) fn covers(&self, kind: Option<&str>, channel: Option<&str>) -> bool {
        let named = |list: &[Key], value: Option<&str>| {
            value.is_some_and(|v| list.iter().any(|k| &**k == v))
        };
        (self.types.is_empty() && self.channels.is_empty())
            || named(&self.types, kind)
            || named(&self.channels, channel)
    }
}

/// One step of a ladder: at which point of the clock who is told, and what is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When.
    pub at: At,
    /// Repeated with this distance, so many times in all.
    pub repeat: Option<Repeat>,
    /// Roles to tell.
    pub tell: Keys,
    /// What is done.
    pub act: Act,
}

/// A point of a clock. Lengths are measured as the clock measures: in its calendar, without pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum At {
    /// When so much of the time allowed is used up.
    Percent {
        /// 1 to 99.
        percent: u8,
    },
    /// So long after the start.
    Elapsed {
        /// How long.
        #[serde(with = "seconds", rename = "seconds")]
        length: SignedDuration,
    },
    /// When it comes due unkept, or so long after.
    Breach {
        /// How long after.
        #[serde(with = "seconds", rename = "seconds")]
        after: SignedDuration,
    },
}

/// How a step repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// Distance.
    #[serde(with = "seconds", rename = "every_seconds")]
    pub every: SignedDuration,
    /// How many times in all, the first included.
    pub times: u32,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Remind whoever works on it.
    Remind,
    /// Tell those above.
    Escalate,
    /// Have it given to somebody else.
    Reassign,
}

/// A level that follows from the length of an interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reclassify {
    /// Level before.
    pub from: Key,
    /// Level after.
    pub to: Key,
    /// When service has been interrupted for so long.
    #[serde(with = "seconds", rename = "outage_seconds")]
    pub outage: SignedDuration,
    /// Roles to tell.
    pub tell: Keys,
}
