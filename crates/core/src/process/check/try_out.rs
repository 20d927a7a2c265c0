//! Tries every expression once, so that mistakes show when a definition is loaded and not when a ticket waits.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::sources;
use crate::definition::{Problem, Text};
use crate::process::definition::Definition;
use crate::process::file::{Field, Kind};
use crate::process::model::{Actor, ActorKind, Facts, Fields, Level, Ticket};
use crate::process::scope::{self, Moment};
use crate::proposal::Proposal;

/// Computes every expression once on an empty and once on a filled record, so that a comparison of a text with a number, or a rule that
/// forgets that a field may be empty, is found when the file is loaded and not when a ticket waits.
pub(in crate::process) fn try_out(definition: &Definition) -> Vec<Problem> {
    let levels = [Level {
        key: "l1".into(),
        name: Text::new("一级", "Level 1"),
        serious: None,
        proposal: Proposal::default(),
    }];
    let breached = ["resolve".to_owned()];
    let now = Timestamp::UNIX_EPOCH;
    let facts = Facts {
        now,
        levels: &levels,
        breached: &breached,
        recovered: true,
    };
    let roles = BTreeSet::from(["service_desk".to_owned()]);
    let permissions = BTreeSet::new();
    let actor = Actor {
        kind: ActorKind::User,
        user: Some(uuid::Uuid::nil()),
        permissions: &permissions,
        roles: &roles,
        group_member: true,
        group_leader: true,
        reporter: true,
    };
    let nobody = Actor {
        kind: ActorKind::System,
        user: None,
        ..actor
    };
    let full: Fields = definition
        .file()
        .fields
        .iter()
        .map(|f| (f.key.clone(), sample(&f.value)))
        .collect();
    let empty = Fields::new();
    let mut problems = Vec::new();
    for (what, fields, actor) in [("an empty", &empty, nobody), ("a filled", &full, actor)] {
        let ticket = Ticket {
            state: "",
            fields,
            reported_at: now,
            votes: &[],
            attachments: 0,
            reopened: 0,
        };
        let moment = Moment {
            ticket: Some(ticket),
            actor,
            facts,
            note: "",
            happened_at: now,
        };
        let scope = scope::build(&definition.names, &moment, fields);
        for (path, source) in sources(definition.file()) {
            let Some(expr) = definition.expr(source) else {
                continue;
            };
            let result = if path.ends_with(".computed") {
                expr.value(&scope).map(drop)
            } else {
                expr.check(&scope).map(drop)
            };
            if let Err(error) = result {
                problems.push(Problem {
                    line: source.line,
                    path,
                    reason: format!("tried on {what} record: {error}"),
                });
            }
        }
    }
    problems
}

fn sample(field: &Field) -> Value {
    match field.kind {
        Kind::Scale => field
            .options
            .keys()
            .next()
            .and_then(|k| k.parse::<i64>().ok())
            .unwrap_or(1)
            .into(),
        Kind::Choice => field.options.keys().next().unwrap_or("l1").into(),
        Kind::Bool => true.into(),
        Kind::Integer => field.range.map_or(1, |(low, _)| low).into(),
        Kind::Instant => Timestamp::UNIX_EPOCH.to_string().into(),
        Kind::Date => "2026-11-22".into(),
        Kind::User | Kind::Group | Kind::Unit | Kind::Contact | Kind::Ticket => {
            uuid::Uuid::nil().to_string().into()
        }
        Kind::Text | Kind::LongText | Kind::Phone | Kind::Email | Kind::Ci => "文字".into(),
    }
}
