//! What became of many promises: attainment by target and level, and the question "what would we
//! have kept under another agreement?".

use std::collections::BTreeMap;

use serde::Serialize;

use super::agreement::{Agreement, Level};
use super::clock::{Assessment, Status};
use super::history::History;
use super::key::Key;
use super::target::Target;
use crate::proposal::Subject;

/// What became of the promises of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Kept in time.
    pub met: u64,
    /// Came due unkept.
    pub breached: u64,
    /// Still running or paused, not due yet.
    pub open: u64,
    /// Fell away before they came due.
    pub cancelled: u64,
    /// Measured and not counted: stages without commitment, and our own discipline.
    pub uncounted: u64,
}

impl Count {
    /// Promises that are decided: kept or broken.
    #[must_use]
    pub const fn decided(&self) -> u64 {
        self.met + self.breached
    }

    /// Share kept of those decided, 0 to 1; nothing when none is.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of tickets stay far below 2^52"
    )]
    pub fn rate(&self) -> Option<f64> {
        (self.decided() > 0).then(|| self.met as f64 / self.decided() as f64)
    }

    fn add(&mut self, status: Status, counted: bool) {
        let place = match status {
            _ if !counted => &mut self.uncounted,
            Status::Met => &mut self.met,
            Status::Breached => &mut self.breached,
            Status::Running | Status::Paused => &mut self.open,
            Status::Cancelled => &mut self.cancelled,
        };
        *place += 1;
    }
}

/// Promises of many tickets, counted by target and level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attainment {
    counts: BTreeMap<(Target, Option<Key>), Count>,
    /// Tickets looked at.
    pub tickets: u64,
    /// Tickets with at least one counted promise broken.
    pub tickets_breached: u64,
}

impl Attainment {
    /// Adds one ticket.
    pub fn add(&mut self, assessment: &Assessment) {
        self.tickets += 1;
        self.tickets_breached += u64::from(assessment.is_breached());
        for clock in &assessment.clocks {
            let key = (clock.target, clock.level.clone());
            let count = self.counts.entry(key).or_default();
            count.add(clock.status, clock.counted);
        }
    }

    /// Every target and level that occurred, in the order of a ticket's life.
    pub fn rows(&self) -> impl Iterator<Item = (Target, Option<&Key>, &Count)> {
        let rows = self.counts.iter();
        rows.map(|((target, level), count)| (*target, level.as_ref(), count))
    }

    /// One target over all levels.
    #[must_use]
    pub fn target(&self, target: Target) -> Count {
        let mut sum = Count::default();
        for (_, _, count) in self.rows().filter(|(t, _, _)| *t == target) {
            sum.met += count.met;
            sum.breached += count.breached;
            sum.open += count.open;
            sum.cancelled += count.cancelled;
            sum.uncounted += count.uncounted;
        }
        sum
    }
}

impl History {
    /// The same history with the levels of another agreement, so that it can be judged by it: each
    /// level becomes the one that the same ticket would be proposed there, or else the one of like rank.
    /// The ticket's own priority says more than a level that stands for several.
    #[must_use]
    pub fn translated(&self, from: &Agreement, to: &Agreement, subject: Subject) -> Self {
        let mut history = self.clone();
        history.levels.retain_mut(|change| {
            let level = counterpart(from, to, &change.level, subject);
            let known = level.is_some();
            if let Some(level) = level {
                change.level = level.key.to_string();
            }
            known
        });
        history
    }
}

fn counterpart<'a>(
    from: &Agreement,
    to: &'a Agreement,
    key: &str,
    subject: Subject,
) -> Option<&'a Level> {
    let rank = from.levels.iter().position(|level| &*level.key == key)?;
    let priorities = &from.levels[rank].proposal.priorities;
    let priority = subject
        .priority
        .filter(|priority| priorities.contains(priority))
        .or(priorities.first().copied());
    let proposed = to.propose(Subject {
        priority,
        ..subject
    });
    proposed.or_else(|| to.levels.get(rank).or_else(|| to.levels.last()))
}
