//! Overdue, major, recovered, resolved, confirmed, closed.

use crate::process::file::Clock;
use crate::process::{ActorKind, Event, Outcome, RefusalCode};
use serde_json::json;

use super::desk::{Desk, nobody, person};

#[test]
fn r087_the_customer_confirms_or_sends_it_back() {
    let mut desk = Desk::with_call();
    let (engineer, mut customer) = (person("first_line", 2), person("customer_contact", 9));
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "误操作", "solution": "指导用户"}),
        "",
    );
    assert_eq!(
        desk.fields["resolved_line"],
        json!(1),
        "offered from the current line"
    );
    assert!(
        desk.keys(&customer).iter().all(|k| k == "comment"),
        "somebody else's ticket"
    );
    customer.reporter = true;
    assert_eq!(desk.keys(&customer), ["confirm", "deny", "comment"]);
    assert_eq!(
        desk.try_act(&customer, "deny", json!({}), " ")
            .unwrap_err()
            .errors[0]
            .field,
        "note"
    );
    let back = desk.act(&customer, "deny", json!({}), "还是打不开");
    assert_eq!(
        (back.to_state.as_str(), back.events.as_slice(), back.clock),
        ("diagnosing", &[Event::Reopened][..], Clock::Running)
    );
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "误操作", "solution": "重新授权"}),
        "",
    );
    assert_eq!(
        desk.try_act(&customer, "confirm", json!({"satisfaction": "poor"}), "")
            .unwrap_err()
            .rule
            .as_deref(),
        Some("why_poor")
    );
    desk.act(&customer, "confirm", json!({"satisfaction": "good"}), "");
    assert_eq!(desk.fields["customer_confirmed"], json!(true));
}

#[test]
fn r087_satisfaction_is_sampled_when_the_desk_calls_back() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
        "",
    );
    let done = desk.act(
        &engineer,
        "record_confirmation",
        json!({"confirmed_by": "王科长"}),
        "",
    );
    let Some(Outcome::Task(task)) = done.effects.last() else {
        panic!("a task for the desk: {:?}", done.effects);
    };
    assert_eq!((task.key.as_str(), task.percent), ("satisfaction", 20));
    let drawn = (0..10_000_u128).filter(|n| task.draws(uuid::Uuid::from_u128(*n)));
    let drawn = drawn.count();
    assert!(
        (1_850..2_150).contains(&drawn),
        "about 1 in 5, not {drawn} of 10,000"
    );
    let rated = desk.act(
        &person("service_desk", 3),
        "rate",
        json!({"satisfaction": "good"}),
        "",
    );
    assert_eq!(
        (rated.to_state.as_str(), &desk.fields["satisfaction"]),
        ("confirmed", &json!("good"))
    );
}

#[test]
fn r087_who_has_said_how_content_he_is_is_not_asked_again() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
        "",
    );
    let done = desk.act(
        &engineer,
        "record_confirmation",
        json!({"confirmed_by": "王科长", "satisfaction": "good"}),
        "",
    );
    assert!(done.effects.is_empty(), "{:?}", done.effects);
}

#[test]
fn r087_a_customer_who_confirms_himself_is_sampled_alike() {
    let customer = person("project_lead", 9);
    for (given, drawn) in [(json!({}), 1), (json!({"satisfaction": "good"}), 0)] {
        let mut desk = Desk::with_call();
        desk.act(
            &person("first_line", 2),
            "resolve",
            json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
            "",
        );
        let done = desk.act(&customer, "confirm", given, "");
        let sampled = |outcome: &&Outcome| match outcome {
            Outcome::Task(task) => (task.key.as_str(), task.percent) == ("satisfaction", 20),
            _ => false,
        };
        assert_eq!(done.effects.iter().filter(sampled).count(), drawn);
    }
}

#[test]
fn r088_closing_asks_three_questions_and_keeps_the_answers() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
        "",
    );
    desk.act(
        &engineer,
        "record_confirmation",
        json!({"confirmed_by": "王科长"}),
        "",
    );
    let close = desk
        .offered(&engineer)
        .into_iter()
        .find(|a| a.key == "close")
        .unwrap();
    let asked: Vec<_> = close
        .fields
        .iter()
        .filter(|f| f.required)
        .map(|f| f.key.as_str())
        .collect();
    assert_eq!(
        asked,
        ["close_archive", "close_ci_update", "close_knowledge"]
    );
    let closed = desk.act(
        &engineer,
        "close",
        json!({"close_archive": false, "close_ci_update": false, "close_knowledge": true}),
        "",
    );
    let tasks: Vec<_> = closed
        .effects
        .iter()
        .filter_map(|e| {
            if let Outcome::Task(t) = e {
                Some(t.key.as_str())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(tasks, ["knowledge_draft", "archive"]);
    assert_eq!(desk.fields["close_knowledge"], json!(true));
}

#[test]
fn r097_an_overdue_ticket_is_not_saved_without_reason_and_next_step() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    desk.breached = vec!["resolve".into()];
    let refusal = desk
        .try_act(
            &engineer,
            "diagnose",
            json!({"cause_category": "other", "cause": "c"}),
            "",
        )
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.rule.as_deref()),
        (RefusalCode::RuleNotKept, Some("overdue_explained"))
    );
    assert_eq!(
        refusal
            .errors
            .iter()
            .map(|e| e.field.as_str())
            .collect::<Vec<_>>(),
        ["miss_reason", "next_step"]
    );
    let form = desk
        .offered(&engineer)
        .into_iter()
        .find(|a| a.key == "diagnose")
        .unwrap();
    assert!(
        form.fields
            .iter()
            .any(|f| f.key == "miss_reason" && f.required),
        "the form asks for it"
    );
    desk.act(&engineer, "diagnose", json!({"cause_category": "other", "cause": "c", "miss_reason": "等备件", "next_step": "明日到货更换"}), "");
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "other", "solution": "s"}),
        "",
    );
}

#[test]
fn r032_after_a_day_the_timetable_is_demanded() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    desk.breached = vec!["timetable".into()];
    assert_eq!(
        desk.try_act(&engineer, "arrive", json!({}), "")
            .unwrap_err()
            .rule
            .as_deref(),
        Some("timetable_due")
    );
    let given = desk.act(
        &engineer,
        "submit_timetable",
        json!({"timetable": "周三更换，周四观察"}),
        "",
    );
    assert_eq!(given.events, [Event::TimetableDelivered]);
    desk.act(&engineer, "arrive", json!({}), "");
}

#[test]
fn r077_r081_a_major_incident_reaches_the_managers_and_owes_a_report() {
    let mut desk = Desk::with_call();
    let desk_person = person("service_desk", 1);
    let done = desk.act(&desk_person, "mark_major", json!({}), "全市业务中断");
    let told: Vec<_> = done
        .effects
        .iter()
        .filter_map(|e| {
            if let Outcome::Notify(n) = e {
                Some(n)
            } else {
                None
            }
        })
        .collect();
    assert!(
        told[0].urgent && told[0].to.contains(&"role:project_manager".to_owned()),
        "groups are spelt out: {:?}",
        told[0].to
    );
    assert!(done.effects.iter().any(
        |e| matches!(e, Outcome::Task(t) if t.key == "major_report" && t.due_hours == Some(24))
    ));
    assert!(!desk.keys(&desk_person).contains(&"mark_major".to_owned()));
    assert_eq!(
        desk.try_act(&desk_person, "mark_major", json!({}), "x")
            .unwrap_err()
            .code,
        RefusalCode::WrongState
    );
    // the platform promotes by itself when the interruption lasts.
    let mut other = Desk::with_call();
    other.act(
        &nobody(ActorKind::System),
        "mark_major",
        json!({}),
        "中断超过 1 小时",
    );
}

#[test]
fn recovery_seen_by_monitoring_is_offered_for_confirmation() {
    let mut desk = Desk::default();
    let (monitor, engineer) = (nobody(ActorKind::System), person("monitor_duty", 2));
    let alarm = json!({"title": "门户网站不可访问", "description": "HTTP 连续 3 次失败", "type": "fault", "channel": "monitor", "impact": 1, "urgency": 1,
        "interrupted": true, "outage_started_at": "2026-11-23T00:58:00Z", "category": "website"});
    let born = desk
        .register(&monitor, super::desk::input(alarm, ""))
        .unwrap();
    assert_eq!(born.fields["priority"], json!(1));
    assert!(
        !desk
            .keys(&engineer)
            .contains(&"confirm_recovery".to_owned())
    );
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    desk.later(10);
    let seen = desk.act(&monitor, "monitor_recovered", json!({}), "");
    assert_eq!(
        (seen.to_state.as_str(), seen.events.as_slice()),
        ("diagnosing", &[Event::Restored][..]),
        "noted, not closed"
    );
    assert_eq!(seen.fields["outage_ended_at"], json!(desk.now.to_string()));
    let offered = desk
        .offered(&engineer)
        .into_iter()
        .find(|a| a.key == "confirm_recovery")
        .unwrap();
    assert_eq!(offered.to_state.as_deref(), Some("resolved"));
    desk.act(&engineer, "confirm_recovery", json!({"cause_category": "software", "cause": "nginx 异常退出", "solution": "重启并加监控"}), "");
    assert_eq!(desk.state, "resolved");
}

#[test]
fn a_relapse_takes_the_recovery_back() {
    let mut desk = Desk::with_call();
    let (monitor, engineer) = (nobody(ActorKind::System), person("monitor_duty", 2));
    desk.act(&monitor, "monitor_recovered", json!({}), "");
    assert!(
        desk.keys(&engineer)
            .contains(&"confirm_recovery".to_owned())
    );
    desk.act(&monitor, "monitor_failed_again", json!({}), "");
    assert!(
        !desk
            .keys(&engineer)
            .contains(&"confirm_recovery".to_owned())
    );
}

#[test]
fn a_button_whose_form_can_put_things_right_is_not_blocked() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l1"}), "");
    let offered = desk.offered(&engineer);
    let start = offered.iter().find(|a| a.key == "start_handling").unwrap();
    assert_eq!(start.blocked, None);
    assert!(
        start.fields.iter().all(|f| f.required),
        "{:?}",
        start.fields
    );
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "other", "cause": "c", "solution": "s", "self_recovered": true}),
        "",
    );
    let offered = desk.offered(&engineer);
    let report = offered
        .iter()
        .find(|a| a.key == "report_delivered")
        .unwrap();
    assert!(
        report.blocked.as_ref().unwrap().zh.contains("请先上传报告"),
        "a file is no field of the form"
    );
}

#[test]
fn the_platform_goes_on_when_a_ticket_is_overdue() {
    let mut desk = Desk::with_call();
    let (engineer, system) = (person("first_line", 2), nobody(ActorKind::System));
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    desk.act(&engineer, "wait_user", json!({}), "等用户重启");
    desk.breached = vec!["resolve".into()];
    assert!(desk.try_act(&engineer, "resume", json!({}), "").is_err());
    desk.act(&system, "resume", json!({}), "");
}

#[test]
fn r100_a_report_names_kind_cause_method_and_damage() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
        "",
    );
    desk.attachments = 1;
    let refusal = desk
        .try_act(&engineer, "report_delivered", json!({}), "")
        .unwrap_err();
    assert_eq!(
        refusal
            .errors
            .iter()
            .map(|e| e.field.as_str())
            .collect::<Vec<_>>(),
        ["loss"]
    );
    let done = desk.act(&engineer, "report_delivered", json!({"loss": "无"}), "");
    assert_eq!(done.events, [Event::ReportDelivered]);
}

#[test]
fn r098_on_site_work_is_closed_with_its_report() {
    let mut desk = Desk::with_call();
    let engineer = person("onsite_engineer", 2);
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    desk.act(&engineer, "arrive", json!({}), "");
    desk.act(
        &engineer,
        "resolve",
        json!({"cause_category": "operation", "cause": "c", "solution": "s"}),
        "",
    );
    desk.act(
        &engineer,
        "record_confirmation",
        json!({"confirmed_by": "王科长"}),
        "",
    );
    assert_eq!(
        desk.try_act(&engineer, "close", json!({}), "")
            .unwrap_err()
            .rule
            .as_deref(),
        Some("onsite_report")
    );
    desk.attachments = 1;
    desk.act(&engineer, "close", json!({}), "");
}
