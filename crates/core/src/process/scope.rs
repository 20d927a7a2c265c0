//! The names a definition's expressions may use, and their values at one moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::file::{File, Kind};
use super::model::{Actor, Facts, Fields, Level, Ticket};
use crate::expr::{CelValue, Scope, Vocabulary, from_json};

/// The vocabulary of a definition; `docs/DEFINITIONS.md` explains it to its authors.
pub(super) fn vocabulary(file: &File) -> Vocabulary {
    Vocabulary::default()
        .with(&[
            "state",
            "note",
            "now",
            "happened_at",
            "breached",
            "attachments",
            "reopened",
            "recovered",
            "minutes_open",
        ])
        .with_members("fields", file.fields.keys())
        .with_members("before", file.fields.keys())
        .with_members(
            "actor",
            [
                "kind",
                "user",
                "roles",
                "is_assignee",
                "is_group_member",
                "is_group_leader",
                "is_reporter",
            ],
        )
        .with_members("level", ["rank", "count", "serious"])
}

/// The moment an expression is computed at.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub ticket: Option<Ticket<'a>>,
    pub actor: Actor<'a>,
    pub facts: Facts<'a>,
    pub note: &'a str,
    pub happened_at: jiff::Timestamp,
}

/// Builds the values. Only fields in `used` are converted: a record has many fields and its rules look at few.
pub(super) fn build(
    file: &File,
    used: &BTreeSet<String>,
    moment: &Moment,
    fields: &Fields,
) -> Scope {
    let Moment {
        ticket,
        actor,
        facts,
        note,
        happened_at,
    } = moment;
    let empty = Fields::new();
    let before = ticket.map_or(&empty, |t| t.fields);
    let members = |prefix: &str, values: &Fields| -> Vec<(String, CelValue)> {
        let wanted = |key: &str| used.contains(&format!("{prefix}.{key}"));
        file.fields
            .iter()
            .filter(|f| wanted(&f.key))
            .map(|f| (f.key.clone(), cel(f.value.kind, values.get(&f.key))))
            .collect()
    };
    let mut scope = Scope::default();
    let set_fields = |scope: &mut Scope, prefix: &str, values: &Fields| {
        let members = members(prefix, values);
        scope.set_members(prefix, members.iter().map(|(k, v)| (k.as_str(), v.clone())));
    };
    set_fields(&mut scope, "fields", fields);
    set_fields(&mut scope, "before", before);
    let reported = ticket.map_or(*happened_at, |t| t.reported_at);
    scope.set("state", text(ticket.map_or("", |t| t.state)));
    scope.set("note", text(note));
    scope.set("now", facts.now.as_second());
    scope.set("happened_at", happened_at.as_second());
    scope.set("breached", list(facts.breached.iter().map(String::as_str)));
    scope.set(
        "attachments",
        i64::from(ticket.map_or(0, |t| t.attachments)),
    );
    scope.set("reopened", i64::from(ticket.map_or(0, |t| t.reopened)));
    scope.set("recovered", facts.recovered);
    scope.set(
        "minutes_open",
        (facts.now.as_second() - reported.as_second()) / 60,
    );
    let user = actor.user.map(|u| u.to_string());
    let is_assignee = user
        .as_deref()
        .is_some_and(|u| before.get("assignee").and_then(Value::as_str) == Some(u));
    scope.set_members(
        "actor",
        [
            ("kind", text(actor.kind.as_str())),
            ("user", user.as_deref().map_or(CelValue::Null, text)),
            ("roles", list(actor.roles.iter().map(String::as_str))),
            ("is_assignee", CelValue::Bool(is_assignee)),
            ("is_group_member", CelValue::Bool(actor.group_member)),
            ("is_group_leader", CelValue::Bool(actor.group_leader)),
            ("is_reporter", CelValue::Bool(actor.reporter)),
        ],
    );
    let (rank, serious) = rank(facts.levels, fields.get("level").and_then(Value::as_str));
    let count = i64::try_from(facts.levels.len()).unwrap_or(i64::MAX);
    scope.set_members(
        "level",
        [
            ("rank", CelValue::Int(rank)),
            ("count", CelValue::Int(count)),
            ("serious", CelValue::Bool(serious)),
        ],
    );
    scope
}

/// Place of a level (1 is the most serious, 0 none) and whether it is high or medium.
fn rank(levels: &[Level], key: Option<&str>) -> (i64, bool) {
    let Some(at) = levels.iter().position(|l| Some(l.key.as_str()) == key) else {
        return (0, false);
    };
    // The upper half, the middle one included: 1 of 2, 2 of 3, 2 of 4, 3 of 5.
    let upper_half = (at + 1) * 2 <= levels.len() + 1;
    (
        i64::try_from(at + 1).unwrap_or(i64::MAX),
        levels[at].serious.unwrap_or(upper_half),
    )
}

fn cel(kind: Kind, value: Option<&Value>) -> CelValue {
    match (kind, value) {
        (_, None) => CelValue::Null,
        // Instants are whole seconds, so that rules can compare and subtract them.
        (Kind::Instant, Some(Value::String(s))) => s
            .parse::<jiff::Timestamp>()
            .map_or(CelValue::Null, |t| CelValue::Int(t.as_second())),
        (_, Some(value)) => from_json(value),
    }
}

fn text(s: &str) -> CelValue {
    CelValue::String(Arc::new(s.to_owned()))
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> CelValue {
    CelValue::List(Arc::new(items.map(text).collect()))
}
