//! Who may do something.

use serde_json::Value;

use super::definition::Definition;
use super::file::Who;
use super::model::{Actor, ActorKind, Fields};

/// Whether the actor is one of those named.
pub(super) fn may(definition: &Definition, who: &Who, actor: Actor, fields: &Fields) -> bool {
    match actor.kind {
        ActorKind::Import => true,
        ActorKind::System => who.system,
        ActorKind::User | ActorKind::Token => {
            who.permission
                .is_some_and(|p| actor.permissions.contains(&p))
                && (who.any.is_empty()
                    || who.any.iter().any(|word| {
                        spelt_out(definition, word)
                            .iter()
                            .any(|w| is(w, actor, fields))
                    }))
        }
    }
}

/// The people a word stands for.
pub(super) fn spelt_out<'a>(definition: &'a Definition, word: &'a String) -> &'a [String] {
    definition
        .file()
        .people
        .get(word)
        .map_or(std::slice::from_ref(word), |p| &p.any)
}

fn is(word: &str, actor: Actor, fields: &Fields) -> bool {
    match word {
        "assignee" => actor.user.is_some_and(|u| {
            fields.get("assignee").and_then(Value::as_str) == Some(u.to_string().as_str())
        }),
        "group_member" => actor.group_member || actor.group_leader,
        "group_leader" => actor.group_leader,
        "reporter" => actor.reporter,
        _ => word
            .strip_prefix("role:")
            .is_some_and(|role| actor.roles.contains(role)),
    }
}
