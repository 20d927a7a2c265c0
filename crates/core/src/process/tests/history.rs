//! Imported history walks through the same door, with true times.

use serde_json::json;

use super::desk::{Desk, INCIDENT, call, input, nobody, person};
use crate::process::file::Clock;
use crate::process::{ActorKind, Input, RefusalCode};

/// The states of a foreign system and ours.
const STATES: [(&str, &str); 8] = [
    ("New", "new"),
    ("Active", "diagnosing"),
    ("Awaiting User Info", "waiting_user"),
    ("Awaiting Vendor", "waiting_vendor"),
    ("Awaiting Problem", "waiting_problem"),
    ("Awaiting Evidence", "waiting_evidence"),
    ("Resolved", "resolved"),
    ("Closed", "closed"),
];

fn ours(state: &str) -> &'static str {
    STATES
        .iter()
        .find(|(theirs, _)| *theirs == state)
        .unwrap()
        .1
}

/// A record as poor as foreign records are, standing in `state`.
fn imported(state: &str) -> Desk {
    let mut desk = Desk {
        levels: vec![],
        ..Desk::default()
    };
    let import = nobody(ActorKind::Import);
    let mut born = input(
        json!({"title": "INC0000045", "description": "category 55", "channel": "phone", "impact": 2, "urgency": 2}),
        "",
    );
    born.happened_at = Some("2016-02-29T01:16:00Z".parse().unwrap());
    let decision = desk.register(&import, born).unwrap();
    assert_eq!(
        decision.happened_at,
        "2016-02-29T01:16:00Z".parse().unwrap()
    );
    assert!(
        !decision.backdated,
        "history is not registered afterwards, it is imported"
    );
    assert!(
        decision.waived.contains(&"unit_id".to_owned()),
        "what it lacks is noted"
    );
    walk(&mut desk, state);
    desk
}

fn walk(desk: &mut Desk, to: &str) {
    let import = nobody(ActorKind::Import);
    let route: Vec<String> = INCIDENT
        .route(&desk.state, to)
        .unwrap()
        .iter()
        .map(|k| (*k).to_owned())
        .collect();
    for action in route {
        desk.act(&import, &action, json!({}), "");
    }
    assert_eq!(desk.state, to);
}

/// Every change of state that occurs in 141,712 events of a real service desk.
#[test]
fn every_step_of_a_real_service_desk_has_a_way_and_nearly_all_are_one_action() {
    let steps = [
        ("Resolved", "Closed", 1),
        ("Active", "Resolved", 1),
        ("New", "Active", 1),
        ("New", "Resolved", 1),
        ("Awaiting User Info", "Resolved", 1),
        ("Active", "Awaiting User Info", 1),
        ("New", "Awaiting User Info", 1),
        ("Awaiting User Info", "Active", 1),
        ("Resolved", "Active", 1),
        ("Awaiting Vendor", "Resolved", 1),
        ("Active", "Awaiting Vendor", 1),
        ("Awaiting Problem", "Resolved", 1),
        ("Active", "Awaiting Problem", 1),
        ("New", "Awaiting Vendor", 1),
        ("New", "Awaiting Problem", 1),
        ("Awaiting Problem", "Awaiting User Info", 1),
        ("Awaiting Vendor", "Active", 1),
        ("Awaiting Problem", "Active", 1),
        ("Awaiting Vendor", "Awaiting User Info", 1),
        ("Awaiting User Info", "Awaiting Problem", 1),
        ("Awaiting User Info", "Awaiting Vendor", 1),
        ("Awaiting Evidence", "Resolved", 1),
        ("Closed", "Active", 1),
        ("New", "Closed", 2),
        ("Awaiting Vendor", "Awaiting Evidence", 1),
        ("Awaiting User Info", "Awaiting Evidence", 1),
        ("Awaiting Evidence", "Awaiting Vendor", 1),
        ("Awaiting Problem", "Awaiting Vendor", 1),
        ("Active", "Awaiting Evidence", 1),
        ("Resolved", "Awaiting User Info", 2),
        ("Awaiting Problem", "Awaiting Evidence", 1),
        ("Awaiting Evidence", "Active", 1),
        ("New", "Awaiting Evidence", 1),
        ("Awaiting Evidence", "Awaiting User Info", 1),
        ("Active", "Closed", 2),
        ("Awaiting Vendor", "Awaiting Problem", 1),
        ("Awaiting User Info", "Closed", 2),
    ];
    for (from, to, actions) in steps {
        let mut desk = imported(ours(from));
        let before = desk.history.len();
        walk(&mut desk, ours(to));
        assert_eq!(desk.history.len() - before, actions, "{from} → {to}");
        let paused = to.starts_with("Awaiting");
        assert_eq!(
            desk.history.last().unwrap().clock == Clock::Paused,
            paused,
            "{to}"
        );
    }
}

#[test]
fn an_import_keeps_order_and_types_like_everybody() {
    let import = nobody(ActorKind::Import);
    let desk = imported("closed");
    assert_eq!(
        desk.try_act(&import, "acknowledge", json!({}), "")
            .unwrap_err()
            .code,
        RefusalCode::WrongState
    );
    let wrong = desk
        .try_act(&import, "reopen", json!({"impact": 9}), "")
        .unwrap_err();
    assert_eq!(
        (wrong.code, wrong.errors[0].field.as_str()),
        (RefusalCode::InvalidFields, "impact")
    );
    let future = Input {
        happened_at: Some("2027-01-01T00:00:00Z".parse().unwrap()),
        ..Input::default()
    };
    assert_eq!(
        desk.try_input(&import, "reopen", &future)
            .unwrap_err()
            .errors[0]
            .code,
        "future"
    );
    let note = desk
        .try_act(&import, "reopen", json!({"impact": 1}), "")
        .unwrap();
    assert_eq!(
        (note.waived.as_slice(), &note.fields["priority"]),
        (&["note".to_owned()][..], &json!(2)),
        "any step may bring any field"
    );
}

#[test]
fn people_and_tokens_are_not_excused() {
    for kind in [ActorKind::User, ActorKind::Token] {
        let mut desk = Desk::with_call();
        let mut engineer = person("first_line", 2);
        engineer.kind = kind;
        desk.act(&engineer, "take", json!({}), "");
        assert_eq!(
            desk.try_act(&engineer, "wait_user", json!({}), "")
                .unwrap_err()
                .errors[0]
                .field,
            "note"
        );
        assert!(
            desk.try_act(&engineer, "monitor_recovered", json!({}), "")
                .is_err_and(|r| r.code == RefusalCode::NotAllowed)
        );
    }
    let system = nobody(ActorKind::System);
    let refusal = Desk::with_call()
        .try_act(&system, "take", json!({}), "")
        .unwrap_err();
    assert_eq!(
        refusal.code,
        RefusalCode::NotAllowed,
        "the platform does only what it is named for"
    );
    assert!(Desk::default().register(&system, input(call(), "")).is_ok());
}
