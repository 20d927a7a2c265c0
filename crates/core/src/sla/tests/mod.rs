//! What all tests of service levels share: the agreements of the product, a customer's hours, tickets.

mod attainment;
mod clocks;
mod due;
mod ladders;
mod properties;
mod refusals;

use std::sync::OnceLock;

use super::*;
use crate::calendar::Calendars;
use crate::calendar::tests::{all as calendars, beijing};
use crate::proposal::Subject;
use crate::time::Timestamp;

const FILES: &[(&str, &str)] = &[
    (
        "A.yaml",
        include_str!("../../../../../definitions/agreements/A.yaml"),
    ),
    (
        "B.yaml",
        include_str!("../../../../../definitions/agreements/B.yaml"),
    ),
    (
        "C.yaml",
        include_str!("../../../../../definitions/agreements/C.yaml"),
    ),
    (
        "D.yaml",
        include_str!("../../../../../definitions/agreements/D.yaml"),
    ),
    (
        "E.yaml",
        include_str!("../../../../../definitions/agreements/E.yaml"),
    ),
    (
        "F.yaml",
        include_str!("../../../../../definitions/agreements/F.yaml"),
    ),
    (
        "G.yaml",
        include_str!("../../../../../definitions/agreements/G.yaml"),
    ),
    (
        "H.yaml",
        include_str!("../../../../../definitions/agreements/H.yaml"),
    ),
    (
        "emergency.yaml",
        include_str!("../../../../../definitions/agreements/emergency.yaml"),
    ),
    (
        "escalation.yaml",
        include_str!("../../../../../definitions/agreements/escalation.yaml"),
    ),
    (
        "dispatch.yaml",
        include_str!("../../../../../definitions/agreements/dispatch.yaml"),
    ),
    (
        "complaint.yaml",
        include_str!("../../../../../definitions/agreements/complaint.yaml"),
    ),
    (
        "same-day.yaml",
        include_str!("../../../../../definitions/agreements/same-day.yaml"),
    ),
];

/// Every agreement of the product, loaded once.
pub(super) fn agreements() -> &'static Agreements {
    static ALL: OnceLock<Agreements> = OnceLock::new();
    ALL.get_or_init(|| Agreements::load(FILES.iter().copied(), calendars()).unwrap())
}

pub(super) fn agreement(key: &str) -> &'static Agreement {
    agreements().get(key).unwrap()
}

/// A customer who works from nine to six without a lunch break.
pub(super) fn nine_to_six() -> &'static Calendars {
    static OFFICE: OnceLock<Calendars> = OnceLock::new();
    OFFICE.get_or_init(|| calendars().with_office("office-0900-1800").unwrap())
}

/// A ticket reported at a time with a level of its own from the start.
pub(super) fn ticket(reported: &str, level: &str) -> History {
    let at = beijing(reported);
    let mut history = History::new(at);
    history.channel = Some("phone".into());
    if !level.is_empty() {
        history.level(level, at);
    }
    history
}

/// A ticket of which only the priority is known.
pub(super) fn of_priority(priority: u8) -> Subject<'static> {
    Subject {
        priority: Some(priority),
        ..Subject::default()
    }
}

pub(super) fn judge(key: &str, history: &History, now: &str) -> Assessment {
    evaluate(agreement(key), nine_to_six(), history, beijing(now)).unwrap()
}

pub(super) fn due(assessment: &Assessment, target: Target) -> Option<Timestamp> {
    assessment.clock(target).map(|clock| clock.due)
}

pub(super) fn status(assessment: &Assessment, target: Target) -> Option<Status> {
    assessment.clock(target).map(|clock| clock.status)
}

/// What wakes for a target, as (time, kind).
pub(super) fn wakes(assessment: &Assessment, target: Target) -> Vec<(Timestamp, WakeupKind)> {
    assessment
        .wakeups
        .iter()
        .filter(|w| w.target == Some(target))
        .map(|w| (w.at, w.kind.clone()))
        .collect()
}
