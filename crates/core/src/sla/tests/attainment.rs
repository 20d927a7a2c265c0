//! Counting promises, and judging last year by another agreement.

use super::super::*;
use super::*;

#[test]
fn r045_attainment_by_target_and_level() {
    let mut all = Attainment::default();
    for (level, solved) in [
        ("I", "2026-11-23 20:00"),
        ("I", "2026-11-23 23:00"),
        ("II", "2026-11-24 09:00"),
    ] {
        let mut history = ticket("2026-11-23 10:00", level);
        history.happened(Event::Resolved, beijing(solved));
        all.add(&judge("B", &history, "2026-11-25 10:00"));
    }
    all.add(&judge(
        "B",
        &ticket("2026-11-25 09:00", "I"),
        "2026-11-25 10:00",
    ));
    let resolve = all.target(Target::Resolve);
    assert_eq!((resolve.met, resolve.breached, resolve.open), (2, 1, 1));
    assert_eq!(resolve.rate(), Some(2.0 / 3.0));
    let first = all
        .rows()
        .find(|(t, level, _)| *t == Target::Resolve && level.is_some_and(|l| *l == "I"));
    assert_eq!(first.map(|(_, _, count)| count.decided()), Some(2));
    assert_eq!(
        (all.tickets, all.tickets_breached),
        (4, 4),
        "all of them responded late"
    );
    assert_eq!(all.target(Target::FirstCall).uncounted, 4);
    assert_eq!(Count::default().rate(), None);
}

#[test]
fn last_year_under_another_agreement() {
    let mut history = ticket("2026-11-23 10:00", "III");
    history.happened(Event::Resolved, beijing("2026-11-23 20:00"));
    assert_eq!(
        status(&judge("B", &history, "2026-11-24 10:00"), Target::Resolve),
        Some(Status::Met)
    );
    let under_d = history.translated(agreement("B"), agreement("D"), Subject::default());
    assert_eq!(under_d.levels[0].level, "3级");
    assert_eq!(
        status(&judge("D", &under_d, "2026-11-24 10:00"), Target::Resolve),
        Some(Status::Breached)
    );
    // Agreements without levels judge it as they judge everything.
    let under_f = history.translated(agreement("B"), agreement("F"), Subject::default());
    assert!(under_f.levels.is_empty());
    judge("F", &under_f, "2026-11-24 10:00");
}

#[test]
fn every_level_a_ticket_has_had_has_its_counterpart() {
    let mut history = ticket("2026-11-23 10:00", "一般");
    history.level("重大", beijing("2026-11-23 12:00"));
    let levels = |priority: Option<u8>| -> Vec<String> {
        let subject = priority.map(of_priority).unwrap_or_default();
        let under_b = history.translated(agreement("C"), agreement("B"), subject);
        under_b
            .levels
            .into_iter()
            .map(|change| change.level)
            .collect()
    };
    assert_eq!(levels(None), ["III", "I"]);
    // The general faults of C are of priority 3 to 5, the major ones of 1 and 2.
    assert_eq!(levels(Some(5)), ["IV", "I"]);
    assert_eq!(levels(Some(2)), ["III", "II"]);
}
