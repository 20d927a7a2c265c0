use crate::process::{ActorKind, Event, Outcome, RefusalCode, intake_form};
use crate::proposal::Kind;
use serde_json::{Value, json};

use super::desk::{Desk, INCIDENT, call, fields, input, nobody, person};

#[test]
fn r054_what_must_be_collected_is_named_field_by_field() {
    let mut desk = Desk::default();
    let refusal = desk
        .register(
            &person("service_desk", 1),
            input(json!({"channel": "phone"}), ""),
        )
        .unwrap_err();
    assert_eq!(refusal.code, RefusalCode::InvalidFields);
    let missing: Vec<_> = refusal.errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(
        missing,
        [
            "title",
            "description",
            "unit_id",
            "caller_name",
            "caller_phone",
            "business_reason"
        ]
    );
    assert!(
        refusal.message.zh.contains("请填写“单位名称”"),
        "{}",
        refusal.message.zh
    );
}

#[test]
fn r053_a_ticket_comes_in_by_every_channel() {
    for channel in INCIDENT.field("channel").unwrap().options.keys() {
        let mut call = call();
        call["channel"] = json!(channel);
        let mut desk = Desk::default();
        desk.register(&person("service_desk", 1), input(call, ""))
            .unwrap();
        assert_eq!(desk.fields["channel"], json!(channel));
    }
    assert_eq!(
        INCIDENT.field("channel").unwrap().options.keys().count(),
        13
    );
}

#[test]
fn r052_alarm_and_mail_go_through_the_same_door() {
    let mut alarm = Desk::default();
    let fields = json!({"title": "网站不可访问", "description": "连接超时", "channel": "monitor", "type": "fault"});
    let born = alarm
        .register(&nobody(ActorKind::System), input(fields, ""))
        .unwrap();
    assert_eq!(
        (
            born.to_state.as_str(),
            &born.fields["line"],
            &born.fields["priority"]
        ),
        ("new", &json!(1), &json!(3))
    );
    let told = |effects: &[Outcome]| effects.iter().any(|e| matches!(e, Outcome::Notify(_)));
    assert!(!told(&born.effects), "an ordinary alarm waits in the queue");
    let mut mail = Desk::default();
    let mut letter = call();
    letter["channel"] = json!("email");
    letter.as_object_mut().unwrap().remove("caller_phone");
    let born = mail
        .register(&person("service_desk", 1), input(letter, ""))
        .unwrap();
    assert_eq!(born.to_state, "new");
    assert_eq!(born.events, [Event::Reported]);
}

#[test]
fn r040_priority_follows_impact_and_urgency() {
    let want = [[1, 2, 3], [2, 3, 4], [3, 4, 5]];
    for (impact, row) in (1..).zip(want) {
        for (urgency, priority) in (1..).zip(row) {
            let mut call = call();
            call["impact"] = json!(impact);
            call["urgency"] = json!(urgency);
            let mut desk = Desk::default();
            desk.register(&person("service_desk", 1), input(call, ""))
                .unwrap();
            assert_eq!(
                desk.fields["priority"],
                json!(priority),
                "impact {impact}, urgency {urgency}"
            );
        }
    }
    let mut given = call();
    given["priority"] = json!(1);
    let refusal = Desk::default()
        .register(&person("service_desk", 1), input(given, ""))
        .unwrap_err();
    assert_eq!(
        (refusal.errors[0].field.as_str(), refusal.errors[0].code),
        ("priority", "computed")
    );
}

#[test]
fn r060_a_promised_reply_reminds_taker_and_owner() {
    let mut desk = Desk::default();
    let mut call = call();
    call["promised_reply_at"] = json!("2026-11-23T10:00:00+08:00");
    let born = desk
        .register(&person("service_desk", 1), input(call, ""))
        .unwrap();
    let reminder = born.effects.iter().find_map(|e| {
        if let Outcome::Remind { at, to, .. } = e {
            Some((*at, to.clone()))
        } else {
            None
        }
    });
    let (at, to) = reminder.unwrap();
    assert_eq!(at, "2026-11-23T02:00:00Z".parse().unwrap());
    assert!(to.contains(&"assignee".to_owned()) && to.contains(&"role:service_desk".to_owned()));
}

#[test]
fn r061_registered_afterwards_it_counts_from_the_true_time() {
    let mut desk = Desk::default();
    let mut yesterday = input(call(), "夜间值班电话");
    yesterday.happened_at = Some("2026-11-22T14:00:00Z".parse().unwrap());
    let born = desk
        .register(&person("standby_engineer", 1), yesterday.clone())
        .unwrap();
    assert!(born.backdated);
    assert_eq!(born.happened_at, "2026-11-22T14:00:00Z".parse().unwrap());
    for (at, code) in [
        ("2026-11-23T01:10:00Z", "future"),
        ("2026-10-01T00:00:00Z", "past"),
    ] {
        yesterday.happened_at = Some(at.parse().unwrap());
        let refusal = Desk::default()
            .register(&person("standby_engineer", 1), yesterday.clone())
            .unwrap_err();
        assert_eq!(
            (refusal.errors[0].field.as_str(), refusal.errors[0].code),
            ("happened_at", code),
            "{at}"
        );
    }
}

#[test]
fn r361_a_password_in_the_text_gives_a_warning_and_is_kept() {
    let mut desk = Desk::default();
    let mut call = call();
    call["description"] = json!("登录不了，管理员密码:Abc@123");
    let born = desk
        .register(&person("service_desk", 1), input(call, ""))
        .unwrap();
    assert_eq!(born.warnings.len(), 1);
    assert_eq!(
        (born.warnings[0].field.as_str(), born.warnings[0].code),
        ("description", "secret")
    );
    assert!(Desk::with_call().history[0].warnings.is_empty());
}

#[test]
fn bad_input_is_refused_with_field_and_reason() {
    let cases: Vec<(&str, Value, &str)> = vec![
        ("title", json!("长".repeat(121)), "too_long"),
        ("title", json!(7), "type"),
        ("title", json!("a\u{0}b"), "characters"),
        ("title", json!("a\nb"), "characters"),
        ("title", json!("invoice\u{202E}gpj.exe"), "characters"),
        ("type", json!("crash"), "option"),
        ("type", json!(["fault"]), "option"),
        ("impact", json!(4), "option"),
        ("impact", json!("1"), "option"),
        ("impact", json!(1.5), "option"),
        ("interrupted", json!("yes"), "type"),
        ("unit_id", json!("江口区"), "type"),
        ("caller_phone", json!("call me"), "type"),
        ("promised_reply_at", json!("2026-11-23 10:00"), "type"),
        ("promised_reply_at", json!("2020-01-01T00:00:00Z"), "past"),
        ("promised_reply_at", json!("9000-01-01T00:00:00Z"), "range"),
        ("outage_started_at", json!("2026-11-24T00:00:00Z"), "future"),
        ("level", json!("l9"), "option"),
        ("solution", json!("x"), "not_asked"),
        ("line", json!(3), "not_asked"),
        ("colour", json!("red"), "unknown_field"),
        ("<script>alert(1)</script>", json!("x"), "unknown_field"),
    ];
    for (field, value, code) in cases {
        let mut call = call();
        call[field] = value.clone();
        let refusal = Desk::default()
            .register(&person("service_desk", 1), input(call, ""))
            .unwrap_err();
        let found: Vec<_> = refusal
            .errors
            .iter()
            .map(|e| (e.field.as_str(), e.code))
            .collect();
        assert_eq!(found, [(field, code)], "{value}");
    }
}

#[test]
fn texts_are_trimmed_and_empty_ones_are_missing() {
    let mut desk = Desk::default();
    let mut call = call();
    call["title"] = json!("  打不开  ");
    call["location"] = json!("   ");
    call["description"] = json!("第一行\r\n<b>第二行</b>");
    desk.register(&person("service_desk", 1), input(call, ""))
        .unwrap();
    assert_eq!(desk.fields["title"], json!("打不开"));
    assert!(!desk.fields.contains_key("location"));
    assert_eq!(
        desk.fields["description"],
        json!("第一行\n<b>第二行</b>"),
        "markup is text like any other"
    );
}

#[test]
fn who_may_not_register_is_told_so() {
    for role in ["auditor", "supervisor", "security_admin"] {
        let refusal = Desk::default()
            .register(&person(role, 1), input(call(), ""))
            .unwrap_err();
        assert_eq!(refusal.code, RefusalCode::NotAllowed, "{role}");
    }
}

#[test]
fn the_form_asks_what_the_channel_needs() {
    let desk = Desk::default();
    let who = person("service_desk", 1);
    let required = |channel: &str| -> Vec<String> {
        let form = intake_form(
            &INCIDENT,
            who.actor(),
            &fields(json!({"channel": channel})),
            desk.facts(),
        );
        form.into_iter()
            .filter(|f| f.required && f.default.is_none())
            .map(|f| f.key)
            .collect()
    };
    assert_eq!(
        required("phone"),
        [
            "title",
            "description",
            "unit_id",
            "caller_name",
            "caller_phone",
            "business_reason"
        ]
    );
    assert_eq!(required("monitor"), ["title", "description"]);
}

#[test]
fn the_agreement_proposes_the_level_for_the_priority_unless_one_is_chosen() {
    let registered = |given: Value| {
        let mut desk = Desk::default();
        desk.levels[1].proposal.priorities = vec![3];
        desk.register(&person("service_desk", 1), input(given, ""))
            .unwrap();
        desk.fields.get("level").cloned()
    };
    let proposed = registered(call());
    assert_eq!(proposed, Some(json!("l2")), "impact 2, urgency 2: 3");

    let mut slight = call();
    slight["urgency"] = json!(3);
    assert_eq!(registered(slight), None, "none is for this priority");

    let mut chosen = call();
    chosen["level"] = json!("l1");
    assert_eq!(registered(chosen), Some(json!("l1")));
}

/// A desk whose third level is for data, and its second for everything of priority 3.
fn desk_with_kinds() -> Desk {
    let mut desk = Desk::default();
    desk.levels[1].proposal.priorities = vec![3];
    desk.levels[2].proposal.kinds = vec![Kind {
        categories: vec!["data".into()],
        ..Kind::default()
    }];
    desk
}

#[test]
fn r034_a_level_that_was_only_proposed_follows_what_the_desk_finds_out() {
    let who = person("service_desk", 1);
    let accept = |desk: &mut Desk, fields: Value| {
        desk.act(&who, "accept", fields, "");
        desk.fields.get("level").cloned()
    };
    let found_out = json!({"type": "consult", "category": "data", "impact": 2, "urgency": 2});

    let mut desk = desk_with_kinds();
    desk.register(&who, input(call(), "")).unwrap();
    assert_eq!(desk.fields.get("level"), Some(&json!("l2")), "by priority");
    assert_eq!(accept(&mut desk, found_out.clone()), Some(json!("l3")));

    let mut desk = desk_with_kinds();
    let mut chosen = call();
    chosen["level"] = json!("l1");
    desk.register(&who, input(chosen, "")).unwrap();
    let kept = accept(&mut desk, found_out.clone());
    assert_eq!(kept, Some(json!("l1")), "somebody chose it");

    let mut desk = desk_with_kinds();
    desk.register(&who, input(call(), "")).unwrap();
    let mut against = found_out;
    against["level"] = json!("l2");
    let kept = accept(&mut desk, against);
    assert_eq!(kept, Some(json!("l2")), "somebody leaves it on purpose");
}
