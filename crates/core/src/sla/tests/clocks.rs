//! How clocks go on, stand still, are kept, broken and replaced.

use super::super::*;
use super::*;
use crate::time::{SignedDuration, Timestamp};

#[test]
fn r015_a_stage_without_commitment_is_measured_and_not_counted() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.uncounted.push(crate::time::Interval::new(
        beijing("2026-11-16 00:00"),
        beijing("2026-11-30 00:00"),
    ));
    let assessment = judge("B", &history, "2026-11-24 10:00");
    let resolve = assessment.clock(Target::Resolve).unwrap();
    assert_eq!(
        (
            resolve.status,
            resolve.counted,
            assessment.counted,
            assessment.is_breached()
        ),
        (Status::Breached, false, false, false)
    );
    history.reported_at = beijing("2026-11-30 00:00");
    assert!(judge("B", &history, "2026-12-02 10:00").is_breached());
}

#[test]
fn r061_registered_the_next_day_counts_from_the_true_time() {
    // Told to the duty phone at 22:00, registered at 09:00: the hour to be on site ended at 23:00.
    let mut history = ticket("2026-11-20 22:00", "一级");
    history.levels[0].at = beijing("2026-11-21 09:00");
    history
        .happened(Event::Responded, beijing("2026-11-20 22:01"))
        .happened(Event::Arrived, beijing("2026-11-20 22:50"));
    let assessment = judge("A", &history, "2026-11-21 09:00");
    let arrive = assessment.clock(Target::Arrive).unwrap();
    assert_eq!(
        (arrive.started_at, arrive.due, arrive.status),
        (
            beijing("2026-11-20 22:00"),
            beijing("2026-11-20 23:00"),
            Status::Met
        )
    );
    assert_eq!(arrive.elapsed, SignedDuration::from_mins(50));
}

#[test]
fn r084_agreed_time_replaces_the_promise_and_moves_with_later_waits() {
    let mut history = ticket("2026-11-23 10:00", "I");
    let agreed = |at: &str, due: &str| Negotiation {
        target: Target::Resolve,
        at: beijing(at),
        due: beijing(due),
        reason: "待备件".into(),
        by: "李四".into(),
    };
    history
        .negotiated
        .push(agreed("2026-11-23 20:00", "2026-11-25 18:00"));
    history.pauses.push(Pause {
        reason: "waiting_customer".into(),
        from: beijing("2026-11-24 08:00"),
        to: Some(beijing("2026-11-24 12:00")),
    });
    let resolve = judge("B", &history, "2026-11-24 13:00")
        .clock(Target::Resolve)
        .unwrap()
        .clone();
    assert_eq!(
        (resolve.promised_due, resolve.due),
        (beijing("2026-11-23 22:00"), beijing("2026-11-25 22:00"))
    );
    history
        .negotiated
        .push(agreed("2026-11-25 10:00", "2026-11-27 18:00"));
    let again = judge("B", &history, "2026-11-25 11:00")
        .clock(Target::Resolve)
        .unwrap()
        .clone();
    assert_eq!(again.due, beijing("2026-11-27 18:00"));
    // Asked about an earlier moment, it answers as it would have then.
    assert_eq!(
        due(&judge("B", &history, "2026-11-23 15:00"), Target::Resolve),
        Some(beijing("2026-11-23 22:00"))
    );
}

#[test]
fn waiting_over_a_weekend_gains_no_working_time() {
    let text = "kind: agreement\nkey: x\nname: {zh: 甲, en: A}\nsummary: {zh: 甲, en: A}\nall:\n  resolve: {within: 4h, calendar: office}\n";
    let agreement = agreements().parse(text, calendars()).unwrap();
    let mut history = ticket("2026-11-20 15:00", "");
    history.pauses.push(Pause {
        reason: "waiting_customer".into(),
        from: beijing("2026-11-20 17:00"),
        to: None,
    });
    let at = |now: &str, history: &History| {
        evaluate(&agreement, nine_to_six(), history, beijing(now))
            .unwrap()
            .clock(Target::Resolve)
            .unwrap()
            .clone()
    };
    let paused = at("2026-11-21 12:00", &history);
    assert_eq!(
        (paused.status, paused.elapsed, paused.remaining),
        (
            Status::Paused,
            SignedDuration::from_hours(2),
            SignedDuration::from_hours(2)
        )
    );
    assert!(
        evaluate(
            &agreement,
            nine_to_six(),
            &history,
            beijing("2026-11-21 12:00")
        )
        .unwrap()
        .wakeups
        .is_empty()
    );
    history.pauses[0].to = Some(beijing("2026-11-23 10:00"));
    // Two of the waiting hours were working hours: one on Friday, one on Monday.
    assert_eq!(
        at("2026-11-23 10:00", &history).due,
        beijing("2026-11-23 12:00")
    );
}

#[test]
fn a_solution_that_was_none_lets_the_clock_go_on() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.happened(Event::Resolved, beijing("2026-11-23 14:00"));
    assert_eq!(
        status(&judge("B", &history, "2026-11-23 15:00"), Target::Resolve),
        Some(Status::Met)
    );
    history.happened(Event::Reopened, beijing("2026-11-23 18:00"));
    let resolve = judge("B", &history, "2026-11-23 19:00")
        .clock(Target::Resolve)
        .unwrap()
        .clone();
    assert_eq!(
        (resolve.status, resolve.due, resolve.elapsed),
        (
            Status::Running,
            beijing("2026-11-24 02:00"),
            SignedDuration::from_hours(5)
        )
    );
    history.happened(Event::Resolved, beijing("2026-11-24 01:00"));
    let end = judge("B", &history, "2026-11-24 09:00");
    assert_eq!(status(&end, Target::Resolve), Some(Status::Met));
    assert_eq!(
        due(&end, Target::Report),
        Some(beijing("2026-11-25 01:00")),
        "the report follows the solution that held"
    );
}

#[test]
fn m7_a_reopening_entered_with_an_earlier_time_undoes_the_solution_all_the_same() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.happened(Event::Resolved, beijing("2026-11-23 14:00"));
    history.happened(Event::Reopened, beijing("2026-11-23 13:30"));
    let judged = judge("B", &history, "2026-11-23 19:00");
    assert_eq!(status(&judged, Target::Resolve), Some(Status::Running));
    assert_eq!(
        judged.clock(Target::Resolve).unwrap().elapsed,
        SignedDuration::from_hours(9)
    );
}

#[test]
fn a_clock_that_stands_still_is_due_next_at_no_instant() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.happened(Event::Responded, beijing("2026-11-23 10:05"));
    history.happened(Event::Arrived, beijing("2026-11-23 10:30"));
    history.pauses.push(Pause {
        reason: "waiting_user".into(),
        from: beijing("2026-11-23 11:00"),
        to: None,
    });
    let judged = judge("B", &history, "2026-11-23 12:00");
    assert_eq!(status(&judged, Target::Resolve), Some(Status::Paused));
    let next = judged.next_due();
    assert!(
        next.is_none_or(|clock| clock.status != Status::Paused),
        "{next:?}"
    );
}

#[test]
fn a_withdrawn_ticket_promises_nothing_any_more() {
    let mut history = ticket("2026-11-23 10:00", "I");
    history.happened(Event::Cancelled, beijing("2026-11-23 10:10"));
    let assessment = judge("B", &history, "2026-11-24 10:00");
    assert!(
        assessment
            .clocks
            .iter()
            .all(|c| c.status == Status::Cancelled)
    );
    assert!(assessment.wakeups.is_empty() && assessment.next_due().is_none());
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let unknown = evaluate(
        agreement("B"),
        calendars(),
        &ticket("2026-11-23 10:00", "V"),
        beijing("2026-11-23 10:00"),
    );
    assert!(matches!(unknown, Err(EvaluateError::UnknownLevel { .. })));
    let missing = evaluate(
        agreement("B"),
        &Calendars::default(),
        &ticket("2026-11-23 10:00", "I"),
        beijing("2026-11-23 10:00"),
    );
    assert!(matches!(missing, Err(EvaluateError::UnknownCalendar(_))));
    let mut strange = ticket("2026-11-23 10:00", "I");
    strange.reported_at = Timestamp::MIN;
    strange.levels.clear();
    assert!(matches!(
        evaluate(agreement("B"), calendars(), &strange, Timestamp::MAX),
        Err(EvaluateError::Calendar(_))
    ));
}

#[test]
fn results_survive_json() {
    let mut history = ticket("2026-11-23 10:00", "一般");
    history.outage = Some(Outage {
        from: history.reported_at,
        to: None,
    });
    history.pauses.push(Pause {
        reason: "waiting_vendor".into(),
        from: beijing("2026-11-23 10:20"),
        to: None,
    });
    let assessment = judge("E", &history, "2026-11-23 10:30");
    let json = serde_json::to_value(&assessment).unwrap();
    let resolve = json["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["target"] == "resolve")
        .unwrap();
    assert_eq!(
        (&resolve["status"], &resolve["remaining_seconds"]),
        (&"paused".into(), &6_000.into())
    );
    assert_eq!(
        serde_json::from_value::<Assessment>(json).unwrap(),
        assessment
    );
    let text = serde_json::to_string(&history).unwrap();
    assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    serde_json::to_string(agreement("A")).unwrap();
}

#[test]
fn waiting_over_a_weekend_gains_no_working_day_either() {
    let text = "kind: agreement\nkey: x\nname: {zh: 甲, en: A}\nsummary: {zh: 甲, en: A}\nall:\n  plan: {within: 2wd, until: office_end}\n";
    let agreement = agreements().parse(text, calendars()).unwrap();
    let mut history = ticket("2026-11-20 10:00", "");
    let plan = |history: &History| {
        let judged = evaluate(
            &agreement,
            nine_to_six(),
            history,
            beijing("2026-11-23 12:00"),
        );
        due(&judged.unwrap(), Target::Plan)
    };
    assert_eq!(plan(&history), Some(beijing("2026-11-24 18:00")));
    history.pauses.push(Pause {
        reason: "waiting_customer".into(),
        from: beijing("2026-11-20 17:00"),
        to: Some(beijing("2026-11-23 10:00")),
    });
    assert_eq!(
        plan(&history),
        Some(beijing("2026-11-25 11:00")),
        "two office hours later"
    );
}
