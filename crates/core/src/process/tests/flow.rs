//! From the call to the cure: accepting, dispatching, the three lines, diagnosis, handling.

use crate::process::file::{Clock, StateKind};
use crate::process::{Event, Outcome, RefusalCode};
use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, levels, person};

fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

/// 受理→记录分类→电话→远程→现场→二线→响应→诊断→方案→处理→解决→客户确认→归档→配置核对→关闭.
#[test]
fn r078_one_ticket_walks_through_every_step() {
    let mut desk = Desk::with_call();
    let (dispatcher, engineer, mut second) = (
        person("service_desk", 1),
        person("onsite_engineer", 2),
        person("second_line", 3),
    );
    let mut customer = person("customer_contact", 9);
    customer.reporter = true;
    second.group_member = true;

    desk.act(
        &dispatcher,
        "accept",
        json!({"category": "website", "level": "l2", "system": "门户网站"}),
        "",
    );
    desk.act(
        &dispatcher,
        "dispatch",
        json!({"assignee": id(2)}),
        "请尽快",
    );
    desk.later(5);
    desk.act(&engineer, "acknowledge", json!({}), "");
    desk.act(
        &engineer,
        "call",
        json!({"call_result": "reached"}),
        "已告知客户正在处理",
    );
    desk.act(
        &engineer,
        "phone_support",
        json!({"phone_result": "not_helped"}),
        "按手册重启服务无效",
    );
    desk.act(
        &engineer,
        "remote",
        json!({"remote_consent_by": "王科长", "remote_consent_at": desk.now.to_string()}),
        "",
    );
    desk.act(&engineer, "go_onsite", json!({}), "");
    desk.later(40);
    desk.act(&engineer, "arrive", json!({}), "");
    desk.act(
        &engineer,
        "second_line",
        json!({"group": id(50)}),
        "应用服务器日志已保存",
    );
    let taken = desk.act(&second, "acknowledge", json!({}), "");
    assert_eq!(
        taken.fields["assignee"],
        json!(id(3)),
        "who acknowledges owns it"
    );
    desk.act(
        &second,
        "diagnose",
        json!({"cause_category": "environment", "cause": "磁盘写满"}),
        "",
    );
    desk.act(
        &second,
        "plan",
        json!({"solution": "清理日志并扩容", "workaround": "先清理"}),
        "",
    );
    desk.act(
        &second,
        "third_line",
        json!({"vendor_name": "存储厂商", "vendor_case": "C-1"}),
        "请厂商确认扩容步骤",
    );
    desk.act(&second, "wait_vendor", json!({}), "等厂商回复");
    assert_eq!(desk.history.last().unwrap().clock, Clock::Paused);
    desk.later(60);
    desk.act(&second, "resume", json!({}), "");
    desk.act(
        &second,
        "start_handling",
        json!({"backup_done": true, "backup_evidence": "/backup/portal-20261123.tar.gz"}),
        "",
    );
    desk.act(&second, "resolve", json!({"resolved_line": 2}), "");
    desk.act(&customer, "confirm", json!({"satisfaction": "good"}), "");
    let closed = desk.act(
        &dispatcher,
        "close",
        json!({"close_archive": true, "close_ci_update": true, "close_knowledge": false}),
        "",
    );

    assert_eq!(
        (closed.state_kind, closed.clock),
        (StateKind::Closed, Clock::Stopped)
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
    assert_eq!(tasks, ["ci_update"]);
    let names: Vec<&str> = desk
        .history
        .iter()
        .map(|d| d.action_name.zh.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "登记",
            "受理",
            "派单",
            "接单",
            "电话联系客户",
            "电话支持",
            "远程处理",
            "转现场处理",
            "到场",
            "转二线",
            "接单",
            "诊断结论",
            "提交处理方案",
            "转三线（厂商）",
            "等待厂商",
            "恢复处理",
            "开始处理",
            "解决",
            "确认解决",
            "关闭"
        ]
    );
    let events: Vec<Event> = desk.history.iter().flat_map(|d| d.events.clone()).collect();
    // the four tracking points are there.
    for point in [
        Event::Responded,
        Event::Diagnosed,
        Event::EscalatedInternal,
        Event::EscalatedVendor,
        Event::PhoneFailed,
        Event::Arrived,
        Event::Resolved,
    ] {
        assert!(events.contains(&point), "{point}");
    }
}

#[test]
fn r078_illegal_jumps_are_refused() {
    let desk = Desk::with_call();
    let engineer = person("onsite_engineer", 2);
    for action in [
        "dispatch",
        "acknowledge",
        "arrive",
        "start_handling",
        "close",
        "confirm",
        "resume",
    ] {
        let refusal = desk.try_act(&engineer, action, json!({}), "n").unwrap_err();
        assert_eq!(refusal.code, RefusalCode::WrongState, "{action}");
        assert!(
            refusal.message.zh.contains("待受理"),
            "{}",
            refusal.message.zh
        );
    }
    assert_eq!(
        desk.try_act(&engineer, "explode", json!({}), "")
            .unwrap_err()
            .code,
        RefusalCode::UnknownAction
    );
}

#[test]
fn r085_no_handling_of_a_serious_fault_without_a_backup() {
    for (count, serious) in [
        (3, vec!["l1", "l2"]),
        (2, vec!["l1"]),
        (5, vec!["l1", "l2", "l3"]),
        (4, vec!["l1", "l2"]),
    ] {
        for level in levels(count) {
            let mut desk = Desk {
                levels: levels(count),
                ..Desk::default()
            };
            let engineer = person("onsite_engineer", 2);
            desk.register(&engineer, super::desk::input(super::desk::call(), ""))
                .unwrap();
            desk.act(
                &engineer,
                "take",
                json!({"level": level.key, "category": "website"}),
                "",
            );
            let tried = desk.try_act(&engineer, "start_handling", json!({}), "");
            let must = serious.contains(&level.key.as_str());
            assert_eq!(tried.is_err(), must, "{count} levels, {}", level.key);
            if let Err(refusal) = tried {
                assert_eq!(
                    (refusal.code, refusal.rule.as_deref()),
                    (RefusalCode::RuleNotKept, Some("backup_before_handling"))
                );
                let missing: Vec<_> = refusal.errors.iter().map(|e| e.field.as_str()).collect();
                assert_eq!(missing, ["backup_done", "backup_evidence"]);
                let no = desk
                    .try_act(
                        &engineer,
                        "start_handling",
                        json!({"backup_done": false, "backup_evidence": "没有"}),
                        "",
                    )
                    .unwrap_err();
                assert_eq!(
                    no.code,
                    RefusalCode::RuleNotKept,
                    "a backup that was not made is none"
                );
                let early = desk
                    .try_act(
                        &engineer,
                        "resolve",
                        json!({"cause_category": "other", "cause": "x", "solution": "y"}),
                        "",
                    )
                    .unwrap_err();
                assert_eq!(
                    early.rule.as_deref(),
                    Some("handled_with_backup"),
                    "nor is there a way around it"
                );
                desk.act(
                    &engineer,
                    "start_handling",
                    json!({"backup_done": true, "backup_evidence": "nas:/b/1"}),
                    "",
                );
                desk.act(
                    &engineer,
                    "resolve",
                    json!({"cause_category": "other", "cause": "x", "solution": "y"}),
                    "",
                );
            }
        }
    }
}

#[test]
fn r059_remote_work_needs_the_customers_consent() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    let refusal = desk
        .try_act(
            &engineer,
            "remote",
            json!({"remote_consent_by": "王科长"}),
            "",
        )
        .unwrap_err();
    assert_eq!(
        (refusal.rule.as_deref(), refusal.errors[0].field.as_str()),
        (Some("remote_consent"), "remote_consent_at")
    );
    let tomorrow = desk
        .now
        .checked_add(jiff::SignedDuration::from_hours(24))
        .unwrap()
        .to_string();
    let future = desk
        .try_act(
            &engineer,
            "remote",
            json!({"remote_consent_by": "王科长", "remote_consent_at": tomorrow}),
            "",
        )
        .unwrap_err();
    assert_eq!(future.errors[0].code, "future");
    let done = desk.act(
        &engineer,
        "remote",
        json!({"remote_consent_by": "王科长", "remote_consent_at": "2026-11-23T08:55:00+08:00"}),
        "",
    );
    assert_eq!(
        done.fields["remote_consent_at"],
        json!("2026-11-23T00:55:00Z"),
        "stored in UTC"
    );
    assert_eq!(done.fields["handling_mode"], json!("remote"));
}

#[test]
fn r084_an_agreed_time_replaces_the_promised_one() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l3"}), "");
    let at = "2026-11-25T01:00:00Z";
    let missing = desk
        .try_act(&engineer, "agree_time", json!({"agreed_at": at}), "")
        .unwrap_err();
    assert_eq!(
        missing
            .errors
            .iter()
            .map(|e| e.field.as_str())
            .collect::<Vec<_>>(),
        ["agreed_by", "agreed_reason"]
    );
    let done = desk.act(
        &engineer,
        "agree_time",
        json!({"agreed_at": at, "agreed_by": "王科长", "agreed_reason": "客户停机窗口"}),
        "",
    );
    let negotiated = Outcome::Negotiate {
        target: "resolve".into(),
        at: at.parse().unwrap(),
        reason: "客户停机窗口".into(),
    };
    assert!(done.effects.contains(&negotiated), "{:?}", done.effects);
    assert_eq!(
        (done.to_state.as_str(), done.clock),
        ("waiting_agreed", Clock::Running)
    );
}

#[test]
fn nothing_happened_before_the_ticket_was_reported() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.later(60);
    let mut earlier = super::desk::input(json!({"level": "l3"}), "");
    for (at, fits) in [
        ("2026-11-23T00:59:59Z", false),
        ("2026-11-23T01:00:00Z", true),
        ("2026-11-23T01:30:00Z", true),
    ] {
        earlier.happened_at = Some(at.parse().unwrap());
        let tried = desk.try_input(&engineer, "take", &earlier);
        assert_eq!(tried.is_ok(), fits, "{at}");
        if let Ok(decision) = tried {
            assert!(decision.backdated);
        }
    }
}

#[test]
fn r082_three_lines_hand_over_and_r096_the_owner_stays_with_the_vendor_case() {
    let mut desk = Desk::with_call();
    let (first, mut second) = (person("first_line", 2), person("second_line", 3));
    second.group_member = true;
    desk.act(&first, "take", json!({"level": "l3"}), "");
    assert_eq!(desk.fields["line"], json!(1));
    let refusal = desk
        .try_act(&first, "second_line", json!({"group": id(50)}), "")
        .unwrap_err();
    assert_eq!(
        refusal.errors[0].field, "note",
        "a hand-over says what was done"
    );
    let up = desk.act(
        &first,
        "second_line",
        json!({"group": id(50)}),
        "已重启应用，无效",
    );
    assert_eq!(
        (&up.fields["line"], up.events.as_slice()),
        (
            &json!(2),
            &[Event::EscalatedInternal, Event::Dispatched][..]
        )
    );
    desk.act(&second, "acknowledge", json!({}), "");
    let vendor = desk.act(
        &second,
        "third_line",
        json!({"vendor_name": "原厂", "vendor_case": "SR-1"}),
        "请原厂分析转储文件",
    );
    assert_eq!(
        (&vendor.fields["line"], &vendor.fields["assignee"]),
        (&json!(3), &json!(id(3)))
    );
    assert_eq!(
        vendor.clock,
        Clock::Running,
        "the clocks go on until one waits for the vendor"
    );
    desk.act(
        &second,
        "resolve",
        json!({"cause_category": "software", "cause": "c", "solution": "s"}),
        "",
    );
    assert_eq!(desk.fields["resolved_line"], json!(3));
}

#[test]
fn r080_a_supplier_matter_goes_to_the_third_line() {
    let mut desk = Desk::with_call();
    desk.act(
        &person("service_desk", 1),
        "accept",
        json!({"category": "supplier", "level": "l3"}),
        "",
    );
    assert_eq!(desk.fields["line"], json!(3));
}

#[test]
fn r081_r095_the_highest_level_reaches_the_escalation_engineer_and_the_project_manager() {
    for (level, told) in [("l1", true), ("l2", false)] {
        let mut desk = Desk::with_call();
        let done = desk.act(
            &person("service_desk", 1),
            "accept",
            json!({"category": "website", "level": level}),
            "",
        );
        let both = ["role:senior_engineer", "role:project_manager"];
        let hear = |e: &Outcome| matches!(e, Outcome::Notify(n) if n.urgent && n.to == both);
        assert_eq!(done.effects.iter().any(hear), told, "{level}");
    }
}

#[test]
fn the_level_is_chosen_before_work_begins() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    for action in ["accept", "take"] {
        let refusal = desk
            .try_act(&engineer, action, json!({"category": "website"}), "")
            .unwrap_err();
        assert_eq!(
            (refusal.rule.as_deref(), refusal.errors[0].field.as_str()),
            (Some("level_chosen"), "level"),
            "{action}"
        );
    }
    desk.levels.clear();
    desk.act(&engineer, "take", json!({}), "");
}

#[test]
fn r026_a_phone_call_that_fails_asks_for_a_second_response() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.act(&engineer, "take", json!({"level": "l2"}), "");
    let helped = desk
        .try_act(
            &engineer,
            "phone_support",
            json!({"phone_result": "helped"}),
            "n",
        )
        .unwrap();
    assert_eq!(
        helped.events,
        [Event::Responded, Event::Called, Event::PhoneSolved]
    );
    let failed = desk.act(
        &engineer,
        "phone_support",
        json!({"phone_result": "not_helped"}),
        "仍打不开",
    );
    assert_eq!(
        failed.events,
        [Event::Responded, Event::Called, Event::PhoneFailed]
    );
    let again = desk.act(&engineer, "call", json!({}), "");
    assert!(
        again.events.contains(&Event::ReResponded),
        "{:?}",
        again.events
    );
}
