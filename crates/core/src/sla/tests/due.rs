//! When promises come due: the acceptance examples of the contracts, each named after its row.

use super::super::*;
use super::*;

/// One test for each line: agreement, level, reported, target, due.
macro_rules! due_times {
    ($($name:ident: $agreement:literal, $level:literal, $reported:literal, $target:ident, $due:literal;)*) => {$(
        #[test]
        fn $name() {
            let assessment = judge($agreement, &ticket($reported, $level), $reported);
            assert_eq!(due(&assessment, Target::$target), Some(beijing($due)));
            assert_eq!(status(&assessment, Target::$target), Some(Status::Running));
        }
    )*};
}

due_times! {
    r026_level_1_on_saturday_night: "A", "一级", "2026-11-21 22:00", Arrive, "2026-11-21 23:00";
    r026_level_1_at_once_in_working_hours_with_grace: "A", "一级", "2026-11-23 10:00", Arrive, "2026-11-23 10:15";
    r026_level_1_responds_at_once_with_grace: "A", "一级", "2026-11-21 22:00", Respond, "2026-11-21 22:05";
    r026_level_2_second_response: "A", "二级", "2026-11-23 09:00", ReRespond, "2026-11-23 09:15";
    r026_level_2_arrival: "A", "二级", "2026-11-23 09:00", Arrive, "2026-11-23 10:00";
    r026_level_2_arrival_counts_working_time_only: "A", "二级", "2026-11-21 22:00", Arrive, "2026-11-23 10:00";
    r026_level_3_second_response: "A", "三级", "2026-11-23 09:00", ReRespond, "2026-11-23 09:30";
    r026_level_3_arrival: "A", "三级", "2026-11-23 09:00", Arrive, "2026-11-23 11:00";
    r028_level_iii_response: "B", "III", "2026-11-23 10:00", Respond, "2026-11-23 10:30";
    r028_level_iii_plan: "B", "III", "2026-11-23 10:00", Plan, "2026-11-23 12:00";
    r028_level_iii_resolve: "B", "III", "2026-11-23 10:00", Resolve, "2026-11-25 10:00";
    r028_level_i: "B", "I", "2026-11-23 10:00", Resolve, "2026-11-23 22:00";
    r028_level_ii: "B", "II", "2026-11-23 10:00", Resolve, "2026-11-24 10:00";
    r028_level_iv: "B", "IV", "2026-11-23 10:00", Resolve, "2026-11-28 10:00";
    r029_general_response_on_friday_evening: "C", "一般", "2026-11-20 17:00", Respond, "2026-11-20 17:10";
    r029_general_arrival: "C", "一般", "2026-11-20 17:00", Arrive, "2026-11-23 10:00";
    r029_general_resolve: "C", "一般", "2026-11-20 17:00", Resolve, "2026-11-21 17:00";
    r029_major_arrival: "C", "重大", "2026-11-20 23:30", Arrive, "2026-11-21 00:30";
    r029_major_resolve: "C", "重大", "2026-11-20 23:30", Resolve, "2026-11-21 03:30";
    r032_response: "D", "3级", "2026-11-23 10:00", Respond, "2026-11-23 10:30";
    r032_arrangement: "D", "3级", "2026-11-23 10:00", ArrangementFeedback, "2026-11-23 11:00";
    r032_timetable: "D", "3级", "2026-11-23 10:00", Timetable, "2026-11-24 10:00";
    r032_level_1: "D", "1级", "2026-11-23 10:00", Resolve, "2026-11-23 11:00";
    r032_level_2: "D", "2级", "2026-11-23 10:00", Resolve, "2026-11-23 12:00";
    r032_level_3: "D", "3级", "2026-11-23 10:00", Resolve, "2026-11-23 14:00";
    r032_level_4: "D", "4级", "2026-11-23 10:00", Resolve, "2026-11-24 10:00";
    r032_level_5: "D", "5级", "2026-11-23 10:00", Resolve, "2026-11-26 10:00";
    r033_general: "E", "一般", "2026-11-23 10:00", Resolve, "2026-11-23 12:00";
    r033_major_arrival: "E", "重大", "2026-11-23 10:00", Arrive, "2026-11-23 12:00";
    r033_major_resolve: "E", "重大", "2026-11-23 10:00", Resolve, "2026-11-23 18:00";
    r034_question_of_operation: "E", "操作类", "2026-11-23 10:00", Resolve, "2026-11-26 10:00";
    r034_question_of_data: "E", "数据类", "2026-11-23 10:00", Resolve, "2026-11-30 10:00";
    r035_response: "F", "", "2026-11-23 10:00", Respond, "2026-11-23 10:30";
    r035_resolve: "F", "", "2026-11-23 10:00", Resolve, "2026-11-23 11:00";
    r035_restore: "F", "", "2026-11-23 10:00", Restore, "2026-11-23 18:00";
    r036_general_request: "H", "一般请求", "2026-11-23 10:00", Resolve, "2026-11-24 10:00";
    r036_data_query: "H", "数据调整查询", "2026-11-23 10:00", Resolve, "2026-11-26 10:00";
    r037_response: "G", "", "2026-11-23 10:00", Respond, "2026-11-23 11:00";
    r037_repair: "G", "", "2026-11-23 10:00", Resolve, "2026-11-23 22:00";
    r038_emergency: "emergency", "", "2026-11-23 10:00", Restore, "2026-11-23 12:00";
    r038_emergency_solved: "emergency", "", "2026-11-23 10:00", Resolve, "2026-11-23 12:00";
}

/// One test for each line: agreement, level, how long after the solution the report is due.
macro_rules! reports {
    ($($name:ident: $agreement:literal, $level:literal, $due:literal;)*) => {$(
        #[test]
        fn $name() {
            let mut history = ticket("2026-11-23 10:00", $level);
            history.happened(Event::Resolved, beijing("2026-11-23 11:00"));
            let assessment = judge($agreement, &history, "2026-11-23 11:00");
            assert_eq!(due(&assessment, Target::Report), Some(beijing($due)));
        }
    )*};
}

reports! {
    r028_report: "B", "III", "2026-11-24 11:00";
    r032_report: "D", "3级", "2026-11-25 11:00";
    r033_major_report: "E", "重大", "2026-11-24 11:00";
    r035_report: "F", "", "2026-11-24 11:00";
}

#[test]
fn r026_level_1_promises_an_answer_at_once_and_the_grace_is_not_part_of_the_promise() {
    let judged = judge("A", &ticket("2026-11-21 22:00", "一级"), "2026-11-21 22:00");
    let respond = judged.clock(Target::Respond).unwrap();
    assert_eq!(respond.promised_due, beijing("2026-11-21 22:00"));
    let arrive = judge("A", &ticket("2026-11-23 10:00", "一级"), "2026-11-23 10:00");
    let arrive = arrive.clock(Target::Arrive).unwrap();
    assert_eq!(arrive.promised_due, beijing("2026-11-23 10:00"));
}

#[test]
fn r036_every_priority_is_a_general_request_and_data_requests_are_named() {
    let requests = agreement("H");
    for priority in 1..=5 {
        let level = requests.propose(of_priority(priority)).unwrap();
        assert_eq!(level.key, "一般请求", "priority {priority}");
    }
    assert!(requests.level("数据调整查询").is_some());
}

/// One line for each kind of ticket: agreement, type, category, priority, level.
#[test]
#[rustfmt::skip]
fn r034_r036_the_kind_of_ticket_proposes_its_level() {
    for (key, kind, category, priority, level) in [
        ("E", "consult", None, 3, "操作类"),
        ("E", "consult", Some("website"), 1, "操作类"),
        ("E", "request", Some("operation"), 3, "操作类"),
        ("E", "consult", Some("data"), 3, "数据类"),
        ("E", "request", Some("data"), 4, "数据类"),
        ("E", "fault", Some("website"), 3, "一般"),
        ("E", "fault", Some("website"), 1, "重大"),
        ("H", "request", Some("data"), 1, "数据调整查询"),
        ("H", "request", Some("account"), 1, "一般请求"),
        ("H", "consult", Some("data"), 3, "一般请求"),
    ] {
        let subject = Subject { kind: Some(kind), category, priority: Some(priority) };
        let proposed = agreement(key).propose(subject).unwrap();
        assert_eq!(proposed.key, level, "{key} {subject:?}");
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
    assert_eq!(agreement("C").propose(of_priority(1)).unwrap().key, "重大");
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
    let text = include_str!("../../../../../definitions/agreements/C.yaml").replace(
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
fn r032_a_timetable_is_due_after_24_hours_unless_solved() {
    let mut history = ticket("2026-11-23 10:00", "3级");
    let overdue = |history: &History, now| {
        let assessment = judge("D", history, now);
        assessment.clock(Target::Timetable).map(Clock::is_overdue)
    };
    assert_eq!(overdue(&history, "2026-11-24 09:59"), Some(false));
    assert_eq!(overdue(&history, "2026-11-24 10:00"), Some(true));
    history.happened(Event::TimetableDelivered, beijing("2026-11-24 10:30"));
    assert_eq!(overdue(&history, "2026-11-24 11:00"), Some(false));
    let mut solved = ticket("2026-11-23 10:00", "3级");
    solved.happened(Event::Resolved, beijing("2026-11-23 13:00"));
    let assessment = judge("D", &solved, "2026-11-25 10:00");
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
fn r051_a_question_is_overdue_when_its_day_has_ended_without_a_reply() {
    let mut history = ticket("2026-11-20 16:30", "三级");
    history.kind = Some("consult".into());
    let overdue = |now| {
        let assessment = judge("A", &history, now);
        assessment.clock(Target::Reply).map(Clock::is_overdue)
    };
    assert_eq!(overdue("2026-11-20 23:59"), Some(false));
    assert_eq!(overdue("2026-11-21 00:00"), Some(true));
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
