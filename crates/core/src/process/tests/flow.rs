use crate::process::file::{Clock, StateKind};
use crate::process::{ActorKind, Event, Outcome, RefusalCode};
use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, levels, nobody, person};

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
    desk.act(&engineer, "take", json!({}), "");
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
    desk.act(&engineer, "take", json!({}), "");
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
    assert!(done.effects.contains(&Outcome::Survey { percent: 20 }));
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
    desk.act(&engineer, "take", json!({}), "");
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
    desk.act(&engineer, "take", json!({}), "");
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
    assert!(
        done.effects
            .iter()
            .any(|e| matches!(e, Outcome::Task(t) if t.key == "major_report" && t.due_hours == 24))
    );
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
fn nothing_happened_before_the_ticket_was_reported() {
    let mut desk = Desk::with_call();
    let engineer = person("first_line", 2);
    desk.later(60);
    let mut earlier = super::desk::input(json!({}), "");
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
fn the_platform_goes_on_when_a_ticket_is_overdue() {
    let mut desk = Desk::with_call();
    let (engineer, system) = (person("first_line", 2), nobody(ActorKind::System));
    desk.act(&engineer, "take", json!({}), "");
    desk.act(&engineer, "wait_user", json!({}), "等用户重启");
    desk.breached = vec!["resolve".into()];
    assert!(desk.try_act(&engineer, "resume", json!({}), "").is_err());
    desk.act(&system, "resume", json!({}), "");
}
