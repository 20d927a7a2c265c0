//! Bursts of alerts: what opens in a storm is folded into one ticket and one message for its project.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anlan_core::alert::storm::{Admission, Limits, Storm};
use uuid::Uuid;

use crate::platform::at::At;

/// The storms of this node, project by project. Kept in memory: after a restart a burst that goes
/// on is simply told as a new one.
#[derive(Debug, Default)]
pub struct Storms(Mutex<HashMap<Uuid, (Storm, Option<Uuid>)>>);

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
    pub fn admit(&self, project: Uuid, now: At) -> Told {
        let limits = Limits::default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (storm, ticket) = all.entry(project).or_default();
        if storm.calm(now.timestamp(), limits).is_some() {
            *ticket = None;
        }
        match (storm.admit(now.timestamp(), limits), *ticket) {
            (Admission::Single, _) => Told::Alone,
            (Admission::Folded, Some(ticket)) => Told::Folded(ticket),
            // Folded into a storm whose ticket could not be stored: this one stands for it.
            (Admission::StormBegins | Admission::Folded, _) => Told::StormBegins,
        }
    }

    /// Keeps the ticket that a storm is folded into.
    pub fn begun(&self, project: Uuid, ticket: Uuid) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, kept)) = all.get_mut(&project) {
            *kept = Some(ticket);
        }
    }
}
