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

/// Walks on and says by which actions.
fn walk(desk: &mut Desk, to: &str) -> Vec<String> {
    let import = nobody(ActorKind::Import);
    let route: Vec<String> = INCIDENT
        .route(&desk.state, to)
        .unwrap()
        .iter()
        .map(|k| (*k).to_owned())
        .collect();
    for action in &route {
        desk.act(&import, action, json!({}), "");
    }
    assert_eq!(desk.state, to);
    route
}

/// Every change of state that occurs in 141,712 events of a real service desk.
#[test]
fn every_step_of_a_real_service_desk_has_its_natural_action() {
    let steps = [
        ("Resolved", "Closed", "auto_close"),
        ("Active", "Resolved", "resolve"),
        ("New", "Active", "take"),
        ("New", "Resolved", "resolve"),
        ("Awaiting User Info", "Resolved", "resolve"),
        ("Active", "Awaiting User Info", "wait_user"),
        ("New", "Awaiting User Info", "wait_user"),
        ("Awaiting User Info", "Active", "resume"),
        ("Resolved", "Active", "reopen"),
        ("Awaiting Vendor", "Resolved", "resolve"),
        ("Active", "Awaiting Vendor", "wait_vendor"),
        ("Awaiting Problem", "Resolved", "resolve"),
        ("Active", "Awaiting Problem", "wait_problem"),
        ("New", "Awaiting Vendor", "wait_vendor"),
        ("New", "Awaiting Problem", "wait_problem"),
        ("Awaiting Problem", "Awaiting User Info", "wait_user"),
        ("Awaiting Vendor", "Active", "resume"),
        ("Awaiting Problem", "Active", "resume"),
        ("Awaiting Vendor", "Awaiting User Info", "wait_user"),
        ("Awaiting User Info", "Awaiting Problem", "wait_problem"),
        ("Awaiting User Info", "Awaiting Vendor", "wait_vendor"),
        ("Awaiting Evidence", "Resolved", "resolve"),
        ("Closed", "Active", "reopen"),
        ("New", "Closed", "resolve, auto_close"),
        ("Awaiting Vendor", "Awaiting Evidence", "wait_evidence"),
        ("Awaiting User Info", "Awaiting Evidence", "wait_evidence"),
        ("Awaiting Evidence", "Awaiting Vendor", "wait_vendor"),
        ("Awaiting Problem", "Awaiting Vendor", "wait_vendor"),
        ("Active", "Awaiting Evidence", "wait_evidence"),
        ("Resolved", "Awaiting User Info", "reopen, wait_user"),
        ("Awaiting Problem", "Awaiting Evidence", "wait_evidence"),
        ("Awaiting Evidence", "Active", "resume"),
        ("New", "Awaiting Evidence", "wait_evidence"),
        ("Awaiting Evidence", "Awaiting User Info", "wait_user"),
        ("Active", "Closed", "resolve, auto_close"),
        ("Awaiting Vendor", "Awaiting Problem", "wait_problem"),
        ("Awaiting User Info", "Closed", "resolve, auto_close"),
    ];
    for (from, to, actions) in steps {
        let mut desk = imported(ours(from));
        assert_eq!(
            walk(&mut desk, ours(to)).join(", "),
            actions,
            "{from} → {to}"
        );
        let paused = to.starts_with("Awaiting");
        assert_eq!(
            desk.history.last().unwrap().clock == Clock::Paused,
            paused,
            "{to}"
        );
        assert_eq!(
            desk.fields["line"],
            json!(1),
            "no step invents an escalation"
        );
    }
}

#[test]
fn history_can_reach_every_state_but_a_merger() {
    for state in INCIDENT.file().states.keys() {
        assert_eq!(
            INCIDENT.route("new", state).is_some(),
            state != "merged",
            "{state}"
        );
        if state != "merged" {
            imported(state);
        }
    }
    assert_eq!(INCIDENT.route("new", "nowhere"), None);
    assert_eq!(INCIDENT.route("closed", "closed"), Some(vec![]));
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
        desk.act(&engineer, "take", json!({"level": "l3"}), "");
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
