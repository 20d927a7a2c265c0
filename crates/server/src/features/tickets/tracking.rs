//! The four points by which a ticket is tracked.

use anlan_core::sla::{Event, History, Target};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::at::At;

/// When each point was reached first; null while it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tracking {
    /// Responded to (响应), by whatever keeps that promise.
    pub responded_at: Option<At>,
    /// The cause was found (确诊).
    pub diagnosed_at: Option<At>,
    /// Handed to the second line (内部升级上报).
    pub escalated_internal_at: Option<At>,
    /// Handed to the vendor (升级到厂商).
    pub escalated_vendor_at: Option<At>,
}

impl Tracking {
    /// Reads them from a ticket's stored history.
    #[must_use]
    pub fn read(history: &str) -> Self {
        let Ok(history) = serde_json::from_str::<History>(history) else {
            return Self::default();
        };
        let first = |of: &[Event]| {
            let events = history.events.iter();
            let reached = events.filter(|one| of.contains(&one.event));
            reached.map(|one| At::from(one.at)).min()
        };
        Self {
            responded_at: first(Target::Respond.kept_by()),
            diagnosed_at: first(&[Event::Diagnosed]),
            escalated_internal_at: first(&[Event::EscalatedInternal]),
            escalated_vendor_at: first(&[Event::EscalatedVendor]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r094_each_point_is_reached_by_its_first_event() {
        let at = |n: i64| jiff::Timestamp::from_second(n).unwrap();
        let mut history = History::new(at(0));
        for (event, n) in [
            (Event::Called, 60),
            (Event::Responded, 90),
            (Event::Diagnosed, 300),
            (Event::Diagnosed, 900),
            (Event::EscalatedVendor, 1_000),
        ] {
            history.happened(event, at(n));
        }
        let read = Tracking::read(&serde_json::to_string(&history).unwrap());
        let seconds = |point: Option<At>| point.map(|at| at.0 / 1_000_000);
        assert_eq!(seconds(read.responded_at), Some(60));
        assert_eq!(seconds(read.diagnosed_at), Some(300));
        assert_eq!(seconds(read.escalated_internal_at), None);
        assert_eq!(seconds(read.escalated_vendor_at), Some(1_000));
        assert_eq!(Tracking::read("{}"), Tracking::default());
    }
}
