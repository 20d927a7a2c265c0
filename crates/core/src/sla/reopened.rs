//! Solutions that turned out to be none.
//!
//! When a ticket is opened again, what had ended it no longer holds, and the time in between, in
//! which everybody believed it solved, is nobody's fault: the clocks stand still in it and go on
//! where they stood. Service that was restored stays restored.

use super::history::History;
use crate::process::Event;
use crate::time::{Interval, Timestamp};

/// What reopenings undid. Empty for almost every ticket.
#[derive(Default)]
pub(super) struct Reopened {
    /// From the solution to the moment it turned out to be none, in order.
    pub(super) gaps: Vec<Interval>,
    /// Places in the list of events of those that no longer hold, in order.
    void: Vec<usize>,
}

impl Reopened {
    /// Finds them. The list has them in the order in which they were written down, and nothing is opened
    /// again that was not over before: a reopening undoes what stands above it, whatever time it names.
    pub(super) fn find(history: &History, now: Timestamp) -> Self {
        let mut found = Self::default();
        if !history.events.iter().any(|e| e.event == Event::Reopened) {
            return found;
        }
        let mut since = None;
        let mut standing = Vec::new();
        for (i, happened) in history.events.iter().enumerate() {
            if happened.at > now {
                continue;
            }
            match happened.event {
                Event::Resolved | Event::Closed => {
                    since.get_or_insert(happened.at);
                    standing.push(i);
                }
                Event::Confirmed => standing.push(i),
                Event::Reopened => {
                    found.void.append(&mut standing);
                    let gap = since.take().map(|from| Interval::new(from, happened.at));
                    found.gaps.extend(gap.filter(|gap| !gap.is_empty()));
                }
                _ => {}
            }
        }
        found.void.sort_unstable();
        found
    }

    /// Whether the event at this place still holds.
    pub(super) fn holds(&self, place: usize) -> bool {
        self.void.binary_search(&place).is_err()
    }

    /// When the ticket was solved, over or withdrawn, if it is.
    pub(super) fn ended(&self, history: &History, now: Timestamp) -> Option<Timestamp> {
        let ends = [Event::Resolved, Event::Closed, Event::Cancelled];
        let happened = history.events.iter().enumerate();
        happened
            .filter(|(i, e)| e.at <= now && ends.contains(&e.event) && self.holds(*i))
            .map(|(_, e)| e.at)
            .min()
    }
}
