//! What changes and who is told by the passing of time alone.

use super::super::*;
use super::*;

#[test]
fn r033_an_interruption_of_an_hour_makes_it_major() {
    let mut history = ticket("2026-11-23 10:00", "一般");
    history.outage = Some(Outage {
        from: beijing("2026-11-23 09:50"),
        to: None,
    });
    let before = judge("E", &history, "2026-11-23 10:30");
    assert_eq!(before.level.unwrap(), "一般");
    let wake = before.wakeups.iter().find(|w| w.target.is_none()).unwrap();
    assert_eq!(wake.at, beijing("2026-11-23 10:50"));
    assert!(matches!(&wake.kind, WakeupKind::Reclassify { to, .. } if *to == "重大"));
    // 61 minutes after the interruption began.
    let after = judge("E", &history, "2026-11-23 10:51");
    assert_eq!(after.level.as_ref().unwrap(), &"重大");
    assert!(after.level_periods[1].automatic);
    assert_eq!(
        due(&after, Target::Arrive),
        Some(beijing("2026-11-23 12:00"))
    );
    assert_eq!(
        due(&after, Target::Resolve),
        Some(beijing("2026-11-23 18:00"))
    );
    // Registered when it had already lasted 61 minutes: at once.
    let mut late = ticket("2026-11-23 10:51", "一般");
    late.outage = history.outage;
    assert_eq!(judge("E", &late, "2026-11-23 10:51").level.unwrap(), "重大");
    let pending = judge("E", &late, "2026-11-23 10:51").wakeups;
    assert!(
        pending
            .iter()
            .any(|w| w.target.is_none() && w.at == late.reported_at),
        "told until the ticket carries the new level"
    );
    late.level("重大", beijing("2026-11-23 10:51"));
    let recorded = judge("E", &late, "2026-11-23 10:51").wakeups;
    assert!(recorded.iter().all(|w| w.target.is_some()));
    // Somebody lowers it again: that decision stands.
    history
        .level("重大", beijing("2026-11-23 10:50"))
        .level("一般", beijing("2026-11-23 11:10"));
    assert_eq!(
        judge("E", &history, "2026-11-23 15:00").level.unwrap(),
        "一般"
    );
    // Over in 59 minutes: stays general.
    let mut short = ticket("2026-11-23 10:00", "一般");
    short.outage = Some(Outage {
        from: beijing("2026-11-23 10:00"),
        to: Some(beijing("2026-11-23 10:59")),
    });
    assert_eq!(
        judge("E", &short, "2026-11-23 15:00").level.unwrap(),
        "一般"
    );
}

#[test]
fn r035_unsolved_after_an_hour_the_senior_engineer_has_two() {
    let mut history = ticket("2026-11-23 10:00", "");
    let before = judge("F", &history, "2026-11-23 10:30");
    assert!(before.clock(Target::SeniorArrive).is_none());
    let wake = before
        .wakeups
        .iter()
        .find(|w| w.target == Some(Target::SeniorArrive))
        .unwrap();
    assert_eq!(
        (wake.at, &wake.kind, wake.in_charge.as_deref()),
        (
            beijing("2026-11-23 11:00"),
            &WakeupKind::StartTarget,
            Some("senior_engineer")
        )
    );
    let after = judge("F", &history, "2026-11-23 11:00");
    assert_eq!(
        due(&after, Target::SeniorArrive),
        Some(beijing("2026-11-23 13:00"))
    );
    history
        .happened(Event::SeniorArrived, beijing("2026-11-23 12:30"))
        .happened(Event::Resolved, beijing("2026-11-23 17:00"));
    let end = judge("F", &history, "2026-11-24 09:00");
    assert_eq!(status(&end, Target::SeniorArrive), Some(Status::Met));
    assert_eq!(status(&end, Target::Resolve), Some(Status::Breached));
    assert_eq!(status(&end, Target::Restore), Some(Status::Met));
    assert_eq!(due(&end, Target::Report), Some(beijing("2026-11-24 17:00")));
}

#[test]
fn r037_unsolved_after_12_hours_a_spare_part_is_due_in_24() {
    let mut history = ticket("2026-11-23 10:00", "");
    let after = judge("G", &history, "2026-11-23 22:00");
    assert_eq!(
        due(&after, Target::SparePart),
        Some(beijing("2026-11-24 22:00"))
    );
    assert!(after.clock(Target::DeveloperArrive).is_none());
    history.happened(Event::OnsiteFailed, beijing("2026-11-23 15:00"));
    assert_eq!(
        due(
            &judge("G", &history, "2026-11-23 15:00"),
            Target::DeveloperArrive
        ),
        Some(beijing("2026-11-23 17:00"))
    );
}

#[test]
fn r037_waiting_for_the_part_stops_neither_the_repair_nor_the_part() {
    let mut history = ticket("2026-11-23 10:00", "");
    history.pauses.push(Pause {
        reason: "waiting_part".into(),
        from: beijing("2026-11-23 12:00"),
        to: None,
    });
    let later = judge("G", &history, "2026-11-24 22:01");
    assert_eq!(status(&later, Target::Resolve), Some(Status::Breached));
    assert_eq!(
        due(&later, Target::SparePart),
        Some(beijing("2026-11-24 22:00"))
    );
    assert_eq!(status(&later, Target::SparePart), Some(Status::Breached));
}

#[test]
fn r093_a_first_call_is_owed_to_people_only() {
    let mut history = ticket("2026-11-23 10:00", "一级");
    for (channel, owed) in [
        ("phone", true),
        ("wechat", true),
        ("monitor", false),
        ("inspection", false),
    ] {
        history.channel = Some(channel.into());
        let assessment = judge("A", &history, "2026-11-23 10:00");
        assert_eq!(
            assessment.clock(Target::FirstCall).is_some(),
            owed,
            "{channel}"
        );
    }
}

#[test]
fn r091_the_ladder_is_told_in_order() {
    let history = ticket("2026-11-23 10:00", "I");
    let assessment = judge("B", &history, "2026-11-23 10:00");
    let resolve = wakes(&assessment, Target::Resolve);
    let at = beijing;
    assert_eq!(
        resolve,
        [
            (at("2026-11-23 19:36"), WakeupKind::Warn { percent: 80 }),
            (at("2026-11-23 22:00"), WakeupKind::Breach),
            (at("2026-11-23 22:30"), WakeupKind::Escalate { step: 1 }),
            (at("2026-11-23 23:00"), WakeupKind::Escalate { step: 2 }),
            (at("2026-11-24 02:00"), WakeupKind::Reassign),
        ]
    );
    // What came due while nobody looked is told afterwards; repetitions are not made up for.
    let caught_up = evaluate_since(
        agreement("B"),
        nine_to_six(),
        &history,
        at("2026-11-23 21:00"),
        at("2026-11-24 00:10"),
    )
    .unwrap();
    assert_eq!(
        wakes(&caught_up, Target::Resolve),
        [
            (at("2026-11-23 22:00"), WakeupKind::Breach),
            (at("2026-11-23 22:30"), WakeupKind::Escalate { step: 1 }),
            (at("2026-11-23 23:00"), WakeupKind::Escalate { step: 2 }),
            (at("2026-11-24 00:00"), WakeupKind::Repeat { count: 2 }),
            (at("2026-11-24 01:00"), WakeupKind::Repeat { count: 3 }),
            (at("2026-11-24 02:00"), WakeupKind::Reassign),
        ]
    );
}

#[test]
fn r092_dispatch_tracking_reminds_twice_and_then_reassigns() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.happened(Event::Dispatched, beijing("2026-11-23 10:05"));
    let ack = |history: &History, now: &str| wakes(&judge("B", history, now), Target::Acknowledge);
    assert_eq!(
        ack(&history, "2026-11-23 10:05"),
        [
            (beijing("2026-11-23 10:20"), WakeupKind::Remind),
            (beijing("2026-11-23 10:35"), WakeupKind::Remind),
            (beijing("2026-11-23 10:50"), WakeupKind::Breach),
            (beijing("2026-11-23 10:50"), WakeupKind::Reassign),
        ]
    );
    let mut taken = history.clone();
    taken.happened(Event::Acknowledged, beijing("2026-11-23 10:25"));
    assert_eq!(
        ack(&taken, "2026-11-23 10:25"),
        [],
        "a confirmation at 20 minutes stops it"
    );
    assert_eq!(
        status(&judge("B", &taken, "2026-11-23 12:00"), Target::Acknowledge),
        Some(Status::Met)
    );
    // Given to somebody else: a clock of its own, and the first one's breach stays on record.
    history
        .happened(Event::Dispatched, beijing("2026-11-23 10:52"))
        .happened(Event::Acknowledged, beijing("2026-11-23 11:00"));
    let clocks: Vec<_> = judge("B", &history, "2026-11-23 12:00").clocks;
    let acks: Vec<_> = clocks
        .iter()
        .filter(|c| c.target == Target::Acknowledge)
        .map(|c| (c.cycle, c.status, c.counted))
        .collect();
    assert_eq!(
        acks,
        [(1, Status::Breached, false), (2, Status::Met, false)]
    );
}

#[test]
fn r093_without_a_call_in_an_hour_somebody_else_is_assigned() {
    let mut history = ticket("2026-11-23 10:00", "I");
    let call =
        |history: &History| wakes(&judge("B", history, "2026-11-23 10:50"), Target::FirstCall);
    assert_eq!(
        call(&history),
        [
            (beijing("2026-11-23 11:00"), WakeupKind::Breach),
            (beijing("2026-11-23 11:00"), WakeupKind::Reassign)
        ]
    );
    history.happened(Event::Called, beijing("2026-11-23 10:40"));
    assert_eq!(call(&history), []);
}
