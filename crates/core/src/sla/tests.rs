//! The acceptance examples of the contracts, each named after its row.

use std::sync::OnceLock;

use super::*;
use crate::calendar::Calendars;
use crate::calendar::tests::{all as calendars, beijing};
use crate::time::{SignedDuration, Timestamp};

const FILES: &[(&str, &str)] = &[
    (
        "A.yaml",
        include_str!("../../../../definitions/agreements/A.yaml"),
    ),
    (
        "B.yaml",
        include_str!("../../../../definitions/agreements/B.yaml"),
    ),
    (
        "C.yaml",
        include_str!("../../../../definitions/agreements/C.yaml"),
    ),
    (
        "D.yaml",
        include_str!("../../../../definitions/agreements/D.yaml"),
    ),
    (
        "E.yaml",
        include_str!("../../../../definitions/agreements/E.yaml"),
    ),
    (
        "F.yaml",
        include_str!("../../../../definitions/agreements/F.yaml"),
    ),
    (
        "G.yaml",
        include_str!("../../../../definitions/agreements/G.yaml"),
    ),
    (
        "H.yaml",
        include_str!("../../../../definitions/agreements/H.yaml"),
    ),
    (
        "emergency.yaml",
        include_str!("../../../../definitions/agreements/emergency.yaml"),
    ),
    (
        "escalation.yaml",
        include_str!("../../../../definitions/agreements/escalation.yaml"),
    ),
    (
        "dispatch.yaml",
        include_str!("../../../../definitions/agreements/dispatch.yaml"),
    ),
    (
        "complaint.yaml",
        include_str!("../../../../definitions/agreements/complaint.yaml"),
    ),
    (
        "same-day.yaml",
        include_str!("../../../../definitions/agreements/same-day.yaml"),
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
fn ticket(reported: &str, level: &str) -> History {
    let at = beijing(reported);
    let mut history = History::new(at);
    if !level.is_empty() {
        history.level(level, at);
    }
    history
}

fn judge(key: &str, history: &History, now: &str) -> Assessment {
    evaluate(agreement(key), nine_to_six(), history, beijing(now)).unwrap()
}

fn due(assessment: &Assessment, target: Target) -> Option<Timestamp> {
    assessment.clock(target).map(|clock| clock.due)
}

fn status(assessment: &Assessment, target: Target) -> Option<Status> {
    assessment.clock(target).map(|clock| clock.status)
}

/// What wakes for a target, as (time, kind).
fn wakes(assessment: &Assessment, target: Target) -> Vec<(Timestamp, WakeupKind)> {
    assessment
        .wakeups
        .iter()
        .filter(|w| w.target == Some(target))
        .map(|w| (w.at, w.kind.clone()))
        .collect()
}

/// Due times of a fresh ticket: (agreement, level, reported, target, due).
#[test]
fn due_times_of_every_agreement() {
    use Target as T;
    let table: &[(&str, &str, &str, &str, Target, &str)] = &[
        (
            "r026 level 1 on Saturday night",
            "A",
            "一级",
            "2026-11-21 22:00",
            T::Arrive,
            "2026-11-21 23:00",
        ),
        (
            "r026 level 1 at once in working hours, with grace",
            "A",
            "一级",
            "2026-11-23 10:00",
            T::Arrive,
            "2026-11-23 10:15",
        ),
        (
            "r026 level 1 responds at once, with grace",
            "A",
            "一级",
            "2026-11-21 22:00",
            T::Respond,
            "2026-11-21 22:05",
        ),
        (
            "r026 level 2 second response",
            "A",
            "二级",
            "2026-11-23 09:00",
            T::ReRespond,
            "2026-11-23 09:15",
        ),
        (
            "r026 level 2 arrival",
            "A",
            "二级",
            "2026-11-23 09:00",
            T::Arrive,
            "2026-11-23 10:00",
        ),
        (
            "r026 level 2 arrival counts working time only",
            "A",
            "二级",
            "2026-11-21 22:00",
            T::Arrive,
            "2026-11-23 10:00",
        ),
        (
            "r026 level 3 second response",
            "A",
            "三级",
            "2026-11-23 09:00",
            T::ReRespond,
            "2026-11-23 09:30",
        ),
        (
            "r026 level 3 arrival",
            "A",
            "三级",
            "2026-11-23 09:00",
            T::Arrive,
            "2026-11-23 11:00",
        ),
        (
            "r028 level III response",
            "B",
            "III",
            "2026-11-23 10:00",
            T::Respond,
            "2026-11-23 10:30",
        ),
        (
            "r028 level III plan",
            "B",
            "III",
            "2026-11-23 10:00",
            T::Plan,
            "2026-11-23 12:00",
        ),
        (
            "r028 level III resolve",
            "B",
            "III",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-25 10:00",
        ),
        (
            "r028 level I",
            "B",
            "I",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 22:00",
        ),
        (
            "r028 level II",
            "B",
            "II",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-24 10:00",
        ),
        (
            "r028 level IV",
            "B",
            "IV",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-28 10:00",
        ),
        (
            "r029 general response on Friday evening",
            "C",
            "一般",
            "2026-11-20 17:00",
            T::Respond,
            "2026-11-20 17:10",
        ),
        (
            "r029 general arrival",
            "C",
            "一般",
            "2026-11-20 17:00",
            T::Arrive,
            "2026-11-23 10:00",
        ),
        (
            "r029 general resolve",
            "C",
            "一般",
            "2026-11-20 17:00",
            T::Resolve,
            "2026-11-21 17:00",
        ),
        (
            "r029 major arrival",
            "C",
            "重大",
            "2026-11-20 23:30",
            T::Arrive,
            "2026-11-21 00:30",
        ),
        (
            "r029 major resolve",
            "C",
            "重大",
            "2026-11-20 23:30",
            T::Resolve,
            "2026-11-21 03:30",
        ),
        (
            "r032 response",
            "D",
            "3级",
            "2026-11-23 10:00",
            T::Respond,
            "2026-11-23 10:30",
        ),
        (
            "r032 arrangement",
            "D",
            "3级",
            "2026-11-23 10:00",
            T::ArrangementFeedback,
            "2026-11-23 11:00",
        ),
        (
            "r032 timetable",
            "D",
            "3级",
            "2026-11-23 10:00",
            T::Timetable,
            "2026-11-24 10:00",
        ),
        (
            "r032 level 1",
            "D",
            "1级",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 11:00",
        ),
        (
            "r032 level 2",
            "D",
            "2级",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 12:00",
        ),
        (
            "r032 level 3",
            "D",
            "3级",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 14:00",
        ),
        (
            "r032 level 4",
            "D",
            "4级",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-24 10:00",
        ),
        (
            "r032 level 5",
            "D",
            "5级",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-26 10:00",
        ),
        (
            "r033 general",
            "E",
            "一般",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 12:00",
        ),
        (
            "r033 major arrival",
            "E",
            "重大",
            "2026-11-23 10:00",
            T::Arrive,
            "2026-11-23 12:00",
        ),
        (
            "r033 major resolve",
            "E",
            "重大",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 18:00",
        ),
        (
            "r034 question of operation",
            "E",
            "操作类",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-26 10:00",
        ),
        (
            "r034 question of data",
            "E",
            "数据类",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-30 10:00",
        ),
        (
            "r035 response",
            "F",
            "",
            "2026-11-23 10:00",
            T::Respond,
            "2026-11-23 10:30",
        ),
        (
            "r035 resolve",
            "F",
            "",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 11:00",
        ),
        (
            "r035 restore",
            "F",
            "",
            "2026-11-23 10:00",
            T::Restore,
            "2026-11-23 18:00",
        ),
        (
            "r036 general request",
            "H",
            "一般请求",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-24 10:00",
        ),
        (
            "r036 data query",
            "H",
            "数据调整查询",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-26 10:00",
        ),
        (
            "r037 response",
            "G",
            "",
            "2026-11-23 10:00",
            T::Respond,
            "2026-11-23 11:00",
        ),
        (
            "r037 repair",
            "G",
            "",
            "2026-11-23 10:00",
            T::Resolve,
            "2026-11-23 22:00",
        ),
        (
            "r038 emergency",
            "emergency",
            "",
            "2026-11-23 10:00",
            T::Restore,
            "2026-11-23 12:00",
        ),
    ];
    for (name, key, level, reported, target, expected) in table {
        let assessment = judge(key, &ticket(reported, level), reported);
        assert_eq!(due(&assessment, *target), Some(beijing(expected)), "{name}");
        assert_eq!(
            status(&assessment, *target),
            Some(Status::Running),
            "{name}"
        );
    }
}

#[test]
fn r026_level_3_agrees_another_arrival_with_the_customer() {
    let mut history = ticket("2026-11-23 09:00", "三级");
    history.negotiated.push(Negotiation {
        target: Target::Arrive,
        at: beijing("2026-11-23 09:40"),
        due: beijing("2026-11-24 14:00"),
        reason: "用户要求次日下午".into(),
        by: "张三".into(),
    });
    let assessment = judge("A", &history, "2026-11-23 12:00");
    let arrive = assessment.clock(Target::Arrive).unwrap();
    assert_eq!(
        (arrive.promised_due, arrive.due),
        (beijing("2026-11-23 11:00"), beijing("2026-11-24 14:00"))
    );
    assert_eq!(arrive.status, Status::Running);
    assert_eq!(
        arrive.negotiated.as_ref().unwrap().reason,
        "用户要求次日下午"
    );
    // Level 2 does not allow it: the promise stands and both stay visible.
    let mut firm = history.clone();
    firm.levels[0].level = "二级".into();
    let assessment = judge("A", &firm, "2026-11-23 12:00");
    let arrive = assessment.clock(Target::Arrive).unwrap();
    assert_eq!(
        (arrive.due, arrive.status),
        (beijing("2026-11-23 10:00"), Status::Breached)
    );
    assert_eq!(arrive.refused[0].why, WhyRefused::NotNegotiable);
    // What was missed cannot be agreed away, nor can a time that has already passed be agreed.
    history.negotiated[0].at = beijing("2026-11-23 11:30");
    let late = judge("A", &history, "2026-11-23 12:00");
    assert_eq!(
        late.clock(Target::Arrive).unwrap().refused[0].why,
        WhyRefused::TooLate
    );
    history.negotiated[0].at = beijing("2026-11-23 10:00");
    history.negotiated[0].due = beijing("2026-11-23 09:30");
    let past = judge("A", &history, "2026-11-23 12:00");
    assert_eq!(
        past.clock(Target::Arrive).unwrap().refused[0].why,
        WhyRefused::InThePast
    );
}

#[test]
fn r026_a_second_response_falls_away_when_the_telephone_solved_it() {
    let mut history = ticket("2026-11-23 09:00", "二级");
    history.happened(Event::PhoneSolved, beijing("2026-11-23 09:10"));
    let assessment = judge("A", &history, "2026-11-23 09:30");
    assert_eq!(
        status(&assessment, Target::ReRespond),
        Some(Status::Cancelled)
    );
    history.events[0] = Happened {
        event: Event::PhoneFailed,
        at: beijing("2026-11-23 09:10"),
    };
    assert_eq!(
        status(&judge("A", &history, "2026-11-23 09:14"), Target::ReRespond),
        Some(Status::Running)
    );
    assert_eq!(
        status(&judge("A", &history, "2026-11-23 09:15"), Target::ReRespond),
        Some(Status::Breached)
    );
}

#[test]
fn r027_r030_every_level_is_defined_in_both_languages() {
    for agreement in agreements().iter() {
        for level in &agreement.levels {
            assert!(
                !level.definition.is_incomplete() && !level.name.is_incomplete(),
                "{} {}",
                agreement.key,
                level.key
            );
        }
    }
    assert!(
        agreement("A")
            .level("一级")
            .unwrap()
            .definition
            .zh
            .contains("业务发生中断")
    );
    assert_eq!(agreement("C").level_for_priority(1).unwrap().key, "重大");
}

#[test]
fn r028_report_within_24_hours_after_the_solution() {
    let mut history = ticket("2026-11-23 10:00", "III");
    assert_eq!(
        due(&judge("B", &history, "2026-11-23 11:00"), Target::Report),
        None,
        "no report before there is a solution"
    );
    history.happened(Event::Resolved, beijing("2026-11-24 16:00"));
    let assessment = judge("B", &history, "2026-11-24 17:00");
    assert_eq!(
        due(&assessment, Target::Report),
        Some(beijing("2026-11-25 16:00"))
    );
    assert_eq!(status(&assessment, Target::Resolve), Some(Status::Met));
    history.happened(Event::ReportDelivered, beijing("2026-11-25 16:00"));
    assert_eq!(
        status(&judge("B", &history, "2026-11-26 00:00"), Target::Report),
        Some(Status::Met),
        "in time on the very second"
    );
}

#[test]
fn r031_times_may_run_from_the_response() {
    let text = include_str!("../../../../definitions/agreements/C.yaml").replace(
        "arrive: {within: 2h,",
        "arrive: {from: responded, within: 2h,",
    );
    let from_response = agreements().parse(&text, calendars()).unwrap();
    let mut history = ticket("2026-11-20 17:00", "一般");
    let now = beijing("2026-11-20 17:30");
    assert!(
        evaluate(&from_response, nine_to_six(), &history, now)
            .unwrap()
            .clock(Target::Arrive)
            .is_none()
    );
    history.happened(Event::Responded, beijing("2026-11-20 17:08"));
    let assessment = evaluate(&from_response, nine_to_six(), &history, now).unwrap();
    assert_eq!(
        due(&assessment, Target::Arrive),
        Some(beijing("2026-11-23 10:08"))
    );
}

#[test]
fn r032_after_24_hours_nothing_is_saved_without_a_timetable() {
    let mut history = ticket("2026-11-23 10:00", "3级");
    assert!(judge("D", &history, "2026-11-24 09:59").demands.is_empty());
    let demands = judge("D", &history, "2026-11-24 10:00").demands;
    assert_eq!(
        (demands.len(), demands[0].since, &*demands[0].fields[0]),
        (1, beijing("2026-11-24 10:00"), "timetable")
    );
    history.happened(Event::TimetableDelivered, beijing("2026-11-24 10:30"));
    assert!(judge("D", &history, "2026-11-24 11:00").demands.is_empty());
    let mut solved = ticket("2026-11-23 10:00", "3级");
    solved.happened(Event::Resolved, beijing("2026-11-23 13:00"));
    let assessment = judge("D", &solved, "2026-11-25 10:00");
    assert!(assessment.demands.is_empty());
    assert_eq!(
        status(&assessment, Target::Timetable),
        Some(Status::Cancelled)
    );
}

#[test]
fn r032_lowering_the_level_keeps_both_periods_and_recomputes() {
    let mut history = ticket("2026-11-23 10:00", "1级");
    history.level("3级", beijing("2026-11-23 11:30"));
    let assessment = judge("D", &history, "2026-11-23 12:00");
    let levels: Vec<_> = assessment
        .level_periods
        .iter()
        .map(|p| (p.level.clone().unwrap().to_string(), p.from, p.to))
        .collect();
    assert_eq!(
        levels,
        [
            (
                "1级".to_owned(),
                beijing("2026-11-23 10:00"),
                Some(beijing("2026-11-23 11:30"))
            ),
            ("3级".to_owned(), beijing("2026-11-23 11:30"), None)
        ]
    );
    let resolve = assessment.clock(Target::Resolve).unwrap();
    assert_eq!(
        (resolve.due, resolve.status),
        (beijing("2026-11-23 14:00"), Status::Running)
    );
    // The hour of level 1 had been missed by then, and that stays visible.
    assert_eq!(
        (resolve.earlier[0].due, resolve.earlier[0].missed),
        (beijing("2026-11-23 11:00"), true)
    );
    // A verdict from before the change stays with the level of its time.
    let mut solved = ticket("2026-11-23 10:00", "2级");
    solved
        .happened(Event::Resolved, beijing("2026-11-23 11:30"))
        .level("1级", beijing("2026-11-23 12:30"));
    let resolve = judge("D", &solved, "2026-11-23 13:00")
        .clock(Target::Resolve)
        .unwrap()
        .clone();
    assert_eq!(
        (resolve.level.unwrap().to_string(), resolve.status),
        ("2级".to_owned(), Status::Met)
    );
}

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
        (wake.at, &wake.kind, &*wake.to_roles[0]),
        (
            beijing("2026-11-23 11:00"),
            &WakeupKind::StartTarget,
            "senior_engineer"
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
fn r039_other_office_hours_give_other_due_times() {
    let history = ticket("2026-11-20 17:00", "一般");
    let due_with = |office| {
        let calendars = calendars().with_office(office).unwrap();
        due(
            &evaluate(agreement("C"), &calendars, &history, history.reported_at).unwrap(),
            Target::Arrive,
        )
        .unwrap()
    };
    assert_eq!(due_with("office-0900-1800"), beijing("2026-11-23 10:00"));
    assert_eq!(
        due_with("office-summer-winter"),
        beijing("2026-11-23 10:30")
    );
    assert!(calendars().with_office("nowhere").is_none());
}

#[test]
fn r049_complaint_on_friday_afternoon() {
    let mut history = ticket("2026-11-20 16:00", "一级");
    history.kind = Some("complaint".into());
    assert_eq!(
        due(
            &judge("A", &history, "2026-11-20 16:00"),
            Target::WrittenReport
        ),
        Some(beijing("2026-11-23 15:00"))
    );
    history.kind = Some("fault".into());
    assert_eq!(
        due(
            &judge("A", &history, "2026-11-20 16:00"),
            Target::WrittenReport
        ),
        None
    );
}

#[test]
fn r050_a_mail_is_answered_the_same_day() {
    let mut history = ticket("2026-11-20 16:30", "三级");
    history.channel = Some("email".into());
    let reply = |history: &History| due(&judge("A", history, "2026-11-20 16:30"), Target::Reply);
    assert_eq!(reply(&history), Some(beijing("2026-11-21 00:00")));
    history.channel = Some("phone".into());
    assert_eq!(reply(&history), None);
    // Ends with the office when so configured; after closing time, and on days off, the next working day counts.
    let text = "kind: agreement\nkey: x\nname: {zh: 甲, en: A}\nsummary: {zh: 甲, en: A}\nall:\n  reply: {within: same_day, until: office_end}\n";
    let office_end = agreements().parse(text, calendars()).unwrap();
    let due_at = |reported: &str| {
        due(
            &evaluate(
                &office_end,
                nine_to_six(),
                &ticket(reported, ""),
                beijing(reported),
            )
            .unwrap(),
            Target::Reply,
        )
    };
    assert_eq!(
        due_at("2026-11-20 16:30"),
        Some(beijing("2026-11-20 18:00"))
    );
    assert_eq!(
        due_at("2026-11-20 18:00"),
        Some(beijing("2026-11-23 18:00"))
    );
    assert_eq!(
        due_at("2026-10-03 10:00"),
        Some(beijing("2026-10-08 18:00"))
    );
    assert_eq!(
        due_at("2026-10-09 18:30"),
        Some(beijing("2026-10-10 18:00")),
        "a make-up Saturday"
    );
}

#[test]
fn r051_an_unanswered_question_needs_reason_and_time_at_the_end_of_the_day() {
    let mut history = ticket("2026-11-20 16:30", "三级");
    history.kind = Some("consult".into());
    assert!(judge("A", &history, "2026-11-20 23:59").demands.is_empty());
    let demands = judge("A", &history, "2026-11-21 00:00").demands;
    assert_eq!(
        demands[0]
            .fields
            .iter()
            .map(|f| f.to_string())
            .collect::<Vec<_>>(),
        ["miss_reason", "agreed_at"]
    );
    history.happened(Event::Replied, beijing("2026-11-20 17:00"));
    assert_eq!(
        status(&judge("A", &history, "2026-11-21 09:00"), Target::Reply),
        Some(Status::Met)
    );
}

#[test]
fn r010_a_promise_in_working_days_ends_with_the_last_of_them() {
    let text = "kind: agreement\nkey: x\nname: {zh: 甲, en: A}\nsummary: {zh: 甲, en: A}\nall:\n  resolve: {within: 5wd, until: office_end}\n";
    let agreement = agreements().parse(text, calendars()).unwrap();
    let assessment = evaluate(
        &agreement,
        nine_to_six(),
        &ticket("2026-04-30 10:00", ""),
        beijing("2026-04-30 10:00"),
    )
    .unwrap();
    assert_eq!(
        due(&assessment, Target::Resolve),
        Some(beijing("2026-05-11 18:00"))
    );
}

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
