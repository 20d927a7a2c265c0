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

/// The names a definition's expressions really use. A record has many fields and its rules look at few: only these are worth converting.
#[derive(Debug, Default)]
pub(super) struct Names {
    variables: BTreeSet<String>,
    fields: Vec<(String, Kind)>,
    before: Vec<(String, Kind)>,
}

impl Names {
    /// Sorts the `variable` and `variable.member` names that were found.
    pub(super) fn new(file: &File, uses: &BTreeSet<String>) -> Self {
        let root = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
        let members = |variable: &str| {
            let used = |key: &str| uses.contains(&format!("{variable}.{key}"));
            file.fields
                .iter()
                .filter(|f| used(&f.key))
                .map(|f| (f.key.clone(), f.value.kind))
                .collect()
        };
        Self {
            variables: uses.iter().map(root).collect(),
            fields: members("fields"),
            before: members("before"),
        }
    }
}

/// Computes the values.
pub(super) fn build(names: &Names, moment: &Moment, fields: &Fields) -> Scope {
    let Moment {
        ticket,
        actor,
        facts,
        note,
        happened_at,
    } = moment;
    let empty = Fields::new();
    let before = ticket.map_or(&empty, |t| t.fields);
    let mut scope = Scope::default();
    for (variable, wanted, values) in [
        ("fields", &names.fields, fields),
        ("before", &names.before, before),
    ] {
        scope.set_members(
            variable,
            wanted
                .iter()
                .map(|(key, kind)| (key.as_str(), cel(*kind, values.get(key)))),
        );
    }
    for name in &names.variables {
        match name.as_str() {
            "state" => scope.set(name, text(ticket.map_or("", |t| t.state))),
            "note" => scope.set(name, text(note)),
            "now" => scope.set(name, facts.now.as_second()),
            "happened_at" => scope.set(name, happened_at.as_second()),
            "breached" => scope.set(name, list(facts.breached.iter().map(String::as_str))),
            "attachments" => scope.set(name, i64::from(ticket.map_or(0, |t| t.attachments))),
            "reopened" => scope.set(name, i64::from(ticket.map_or(0, |t| t.reopened))),
            "recovered" => scope.set(name, facts.recovered),
            "minutes_open" => {
                let reported = ticket.map_or(*happened_at, |t| t.reported_at);
                scope.set(name, (facts.now.as_second() - reported.as_second()) / 60);
            }
            "actor" => set_actor(&mut scope, actor, before),
            "level" => set_level(&mut scope, facts.levels, fields),
            _ => {}
        }
    }
    scope
}

fn set_actor(scope: &mut Scope, actor: &Actor, before: &Fields) {
    let user = actor.user.map(|u| u.to_string());
    let assignee = before.get("assignee").and_then(Value::as_str);
    let members = [
        ("kind", text(actor.kind.as_str())),
        ("user", user.as_deref().map_or(CelValue::Null, text)),
        ("roles", list(actor.roles.iter().map(String::as_str))),
        (
            "is_assignee",
            CelValue::Bool(user.is_some() && user.as_deref() == assignee),
        ),
        ("is_group_member", CelValue::Bool(actor.group_member)),
        ("is_group_leader", CelValue::Bool(actor.group_leader)),
        ("is_reporter", CelValue::Bool(actor.reporter)),
    ];
    scope.set_members("actor", members);
}

fn set_level(scope: &mut Scope, levels: &[Level], fields: &Fields) {
    let (rank, serious) = rank(levels, fields.get("level").and_then(Value::as_str));
    let count = i64::try_from(levels.len()).unwrap_or(i64::MAX);
    let members = [
        ("rank", CelValue::Int(rank)),
        ("count", CelValue::Int(count)),
        ("serious", CelValue::Bool(serious)),
    ];
    scope.set_members("level", members);
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
