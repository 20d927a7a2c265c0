//! What must hold whatever is entered.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, INCIDENT, Person, nobody, person};
use crate::process::file::{Field, Kind, Note};
use crate::process::value::{Circumstances, check};
use crate::process::{ActorKind, AvailableAction, RefusalCode};

/// Something that suits a field.
fn suitable(key: &str, field: &Field, desk: &Desk) -> Value {
    let hour = jiff::SignedDuration::from_hours(1);
    match field.kind {
        Kind::Bool => json!(true),
        Kind::Scale => json!(field.options.keys().next().unwrap().parse::<i64>().unwrap()),
        Kind::Choice => match field.options.keys().next() {
            Some(option) => json!(option),
            None => json!(desk.levels[0].key),
        },
        Kind::Instant if key == "agreed_at" || key == "promised_reply_at" => {
            json!(desk.now.checked_add(hour).unwrap().to_string())
        }
        Kind::Instant => json!(desk.now.to_string()),
        Kind::User | Kind::Group | Kind::Unit | Kind::Contact | Kind::Ticket => {
            json!(Uuid::from_u128(2).to_string())
        }
        Kind::Phone => json!("0898-12345678"),
        Kind::Email => json!("a@b.cn"),
        Kind::Integer => json!(1),
        Kind::Date => json!("2026-11-22"),
        Kind::Text | Kind::LongText | Kind::Ci => json!("文字"),
    }
}

/// Fills the form of an action as a person would.
fn filled(action: &AvailableAction, desk: &Desk) -> (Value, &'static str) {
    let wanted = action
        .fields
        .iter()
        .filter(|f| f.required && f.default.is_none());
    let values = wanted.map(|f| {
        (
            f.key.clone(),
            suitable(&f.key, INCIDENT.field(&f.key).unwrap(), desk),
        )
    });
    let note = if action.note == Note::Required {
        "说明"
    } else {
        ""
    };
    (Value::Object(values.collect()), note)
}

fn everybody() -> Vec<Person> {
    let mut people: Vec<Person> = super::desk::ROLES
        .roles
        .iter()
        .zip(2..)
        .map(|(r, id)| person(&r.key, id))
        .collect();
    let mut member = person("second_line", 2);
    member.group_member = true;
    let mut customer = person("customer_contact", 99);
    customer.reporter = true;
    people.extend([
        member,
        customer,
        nobody(ActorKind::System),
        nobody(ActorKind::Import),
    ]);
    people
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9TZ:+-]{0,25}".prop_map(Value::from),
        Just(json!("2026-11-23T01:00:00Z")),
        Just(json!("l1")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What is offered and not blocked can be done by filling in the form; what is not offered is refused. So nobody meets a button
    /// that does not work, and nobody finds a door the page does not show.
    #[test]
    fn the_forms_offered_are_exactly_what_the_door_accepts(steps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..4), 1..25)) {
        let people = everybody();
        let mut desk = Desk::with_call();
        for (who, which, late) in steps {
            let actor = &people[who.index(people.len())];
            desk.later(7);
            desk.attachments = u32::from(late % 2);
            desk.breached = if late == 3 { vec!["resolve".into()] } else { vec![] };
            let offered = desk.offered(actor);
            let all: Vec<&str> = INCIDENT.file().actions.keys().collect();
            let tried = all[which.index(all.len())];
            if !offered.iter().any(|a| a.key == tried) && actor.kind != ActorKind::Import {
                let refusal = desk.try_act(actor, tried, json!({}), "").unwrap_err();
                prop_assert!(matches!(refusal.code, RefusalCode::WrongState | RefusalCode::NotAllowed), "{tried}: {refusal:?}");
            }
            let possible: Vec<_> = offered.iter().filter(|a| a.blocked.is_none()).collect();
            if possible.is_empty() {
                continue;
            }
            let action = possible[which.index(possible.len())];
            let (mut values, note) = filled(action, &desk);
            if action.key == "resolve" || action.key == "confirm_recovery" {
                values["self_recovered"] = json!(true);
            }
            let done = desk.try_act(actor, &action.key, values.clone(), note);
            prop_assert!(done.is_ok(), "{} by {:?} with {values}: {:?}", action.key, actor.roles, done.unwrap_err());
            desk.act(actor, &action.key, values, note);
            // Everything kept is a known field with a normalised value, and the state exists.
            prop_assert!(INCIDENT.state(&desk.state).is_some());
            for (key, value) in &desk.fields {
                let field = INCIDENT.field(key).unwrap();
                let on = Circumstances { now: desk.now, levels: &desk.levels };
                let again = check(key, &Field { when: None, ..field.clone() }, value, on);
                prop_assert_eq!(again.as_ref(), Ok(value), "{}", key);
            }
        }
    }

    /// Nothing entered crashes the door, and a refusal always says something in both languages.
    #[test]
    fn no_input_crashes_the_door(
        action in prop_oneof![any::<prop::sample::Index>().prop_map(|i| { let all: Vec<_> = INCIDENT.file().actions.keys().collect(); all[i.index(all.len())].to_owned() }), "\\PC{0,50}"],
        entered in prop::collection::btree_map(prop_oneof![any::<prop::sample::Index>().prop_map(|i| { let all: Vec<_> = INCIDENT.file().fields.keys().collect(); all[i.index(all.len())].to_owned() }), "\\PC{0,50}"], any_json(), 0..8),
        note in prop::option::of("\\PC{0,40}"),
        happened in prop::option::of(-377_705_000_000i64..253_402_000_000),
        who in any::<prop::sample::Index>(),
    ) {
        let people = everybody();
        let desk = Desk::with_call();
        let actor = &people[who.index(people.len())];
        let happened_at = happened.and_then(|s| jiff::Timestamp::from_second(s).ok());
        let input = crate::process::Input { fields: entered.into_iter().collect(), note, happened_at };
        for result in [desk.try_input(actor, &action, &input), Desk::default().register(actor, input.clone())] {
            if let Err(refusal) = result {
                prop_assert!(!refusal.message.is_incomplete(), "{refusal:?}");
                prop_assert!(refusal.errors.iter().all(|e| !e.field.is_empty() || e.code == "unknown_field"));
            }
        }
    }

    /// A value that passed passes again unchanged.
    #[test]
    fn checking_is_idempotent(value in any_json(), which in any::<prop::sample::Index>()) {
        let fields: Vec<_> = INCIDENT.file().fields.iter().collect();
        let entry = fields[which.index(fields.len())];
        let desk = Desk::default();
        let on = Circumstances { now: desk.now, levels: &desk.levels };
        if let Ok(once) = check(&entry.key, &entry.value, &value, on) {
            prop_assert_eq!(check(&entry.key, &entry.value, &once, on), Ok(once));
        }
    }
}
