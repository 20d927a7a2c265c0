//! The own-connectivity gate: when none of the reference targets answers, it is the prober that is
//! cut off, and nothing it sees may be called down.

use serde::{Deserialize, Serialize};

/// Failures in a row before a reference counts as unreachable.
const CONFIRM: u8 = 2;

/// What the reference targets (the gateway, two well-known sites, …) say about the prober itself.
/// Without references the gate stays open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gate {
    /// Failures in a row, per reference.
    failures: Vec<u8>,
}

/// What an observation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The prober is cut off.
    WentOffline,
    /// It is connected again.
    CameOnline,
}

impl Gate {
    /// A gate with this many reference targets, all taken to be reachable.
    #[must_use]
    pub fn new(references: usize) -> Self {
        Self {
            failures: vec![0; references],
        }
    }

    /// Whether the prober is cut off: every reference has failed twice in a row.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        !self.failures.is_empty() && self.failures.iter().all(|n| *n >= CONFIRM)
    }

    /// Whether that may be so: every reference failed when it was last looked at. Until one answers,
    /// or all have failed again, nothing else that fails is believed.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        !self.failures.is_empty() && self.failures.iter().all(|n| *n > 0)
    }

    /// Takes the result of one reference check. One answer from any of them opens the gate. A check
    /// that could not be made counts as not reachable: for this question it is the same.
    pub fn observe(&mut self, reference: usize, reachable: bool) -> Option<Change> {
        let before = self.is_offline();
        let failures = self.failures.get_mut(reference)?;
        *failures = if reachable {
            0
        } else {
            failures.saturating_add(1)
        };
        match (before, self.is_offline()) {
            (false, true) => Some(Change::WentOffline),
            (true, false) => Some(Change::CameOnline),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_only_when_every_reference_failed_twice_and_opens_on_one_answer() {
        let mut gate = Gate::new(2);
        assert_eq!(gate.observe(0, false), None);
        assert_eq!(gate.observe(0, false), None);
        assert!(!gate.is_in_doubt());
        assert_eq!(gate.observe(1, false), None);
        assert!(gate.is_in_doubt() && !gate.is_offline());
        assert_eq!(gate.observe(1, false), Some(Change::WentOffline));
        assert_eq!(gate.observe(1, false), None);
        assert_eq!(gate.observe(0, true), Some(Change::CameOnline));
    }

    #[test]
    fn without_references_the_gate_stays_open() {
        let mut gate = Gate::new(0);
        assert_eq!(gate.observe(0, false), None);
        assert!(!gate.is_offline());
    }
}
