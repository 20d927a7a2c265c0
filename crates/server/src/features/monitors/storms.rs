//! Bursts of alerts: what opens in a storm is folded into one ticket and one message for its project.

use std::collections::HashMap;

use anlan_core::alert::storm::{Admission, Limits, Storm};
use uuid::Uuid;

use crate::platform::at::At;

/// The storms of this node, project by project. Kept in memory: after a restart a burst that goes
/// on is simply told as a new one.
///
/// A value, not a shared thing: a transaction moves a copy on, which replaces the original only
/// once what it admitted is committed. So an alert that could not be stored is admitted afresh.
#[derive(Clone, Debug, Default)]
pub struct Storms(HashMap<Uuid, Burst>);

/// The alerts of one project and the ticket they are folded into, if they are many.
#[derive(Clone, Debug, Default)]
struct Burst {
    storm: Storm,
    ticket: Option<Uuid>,
}

/// How an alert is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// By itself, with a ticket of its own.
    Alone,
    /// As the beginning of a storm, with the storm's ticket.
    StormBegins,
    /// Not at all: it belongs to this ticket of the storm.
    Folded(Uuid),
}

impl Storms {
    /// Takes one red alert that is about to be told.
    pub fn admit(&mut self, project: Uuid, now: At) -> Told {
        let limits = Limits::default();
        let burst = self.0.entry(project).or_default();
        if burst.storm.calm(now.timestamp(), limits).is_some() {
            burst.ticket = None;
        }
        match (burst.storm.admit(now.timestamp(), limits), burst.ticket) {
            (Admission::Single, _) => Told::Alone,
            (Admission::Folded, Some(ticket)) => Told::Folded(ticket),
            (Admission::StormBegins | Admission::Folded, _) => Told::StormBegins,
        }
    }

    /// Keeps the ticket that a storm is folded into.
    pub fn begun(&mut self, project: Uuid, ticket: Uuid) {
        self.0.entry(project).or_default().ticket = Some(ticket);
    }
}
