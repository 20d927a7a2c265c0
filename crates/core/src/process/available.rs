//! What an actor may do with a record now, and the form of each action.

use super::approval::{Standing, standing};
use super::definition::Definition;
use super::door::holds;
use super::entering::start_value;
use super::file::{Action, Intake};
use super::model::{Actor, AvailableAction, Facts, Fields, FormField, Ticket};
use super::scope::{self, Moment};
use super::who::may;
use crate::definition::{Entry, Text};
use crate::expr::Scope;

/// Every action that is possible in this state and allowed to this actor, in the order of the file.
#[must_use]
pub fn available(
    definition: &Definition,
    ticket: Ticket,
    actor: Actor,
    facts: Facts,
) -> Vec<AvailableAction> {
    let moment = Moment {
        ticket: Some(ticket),
        actor,
        facts,
        note: "",
        happened_at: facts.now,
    };
    let scope = scope::build(&definition.names, &moment, ticket.fields);
    let open = |a: &&Entry<Action>| {
        let possible = definition.starts_in(&a.value, ticket.state)
            && may(definition, &a.value.who, actor, ticket.fields);
        possible && holds(definition, a.value.when.as_ref(), &scope).unwrap_or(false)
    };
    definition
        .file()
        .actions
        .iter()
        .filter(open)
        .map(|a| describe(definition, a, ticket, actor, facts, &scope))
        .collect()
}

fn describe(
    definition: &Definition,
    entry: &Entry<Action>,
    ticket: Ticket,
    actor: Actor,
    facts: Facts,
    scope: &Scope,
) -> AvailableAction {
    let action = &entry.value;
    let mut fields: Vec<FormField> = Vec::new();
    for ask in &action.ask {
        if shown(definition, &ask.key, scope) {
            let default = start_value(&ask.value, &ask.key, ticket.fields, actor.user, facts.now);
            fields.push(FormField {
                key: ask.key.clone(),
                required: ask.value.required,
                default,
            });
        }
    }
    let mut blocked = waits_for_approval(definition, action, ticket);
    for rule in definition.rules_of(&entry.key, action, actor.kind) {
        if !holds(definition, rule.value.when.as_ref(), scope).unwrap_or(true) {
            continue;
        }
        for key in &rule.value.ask {
            match fields.iter_mut().find(|f| f.key == *key) {
                Some(field) => field.required = true,
                None => fields.push(FormField {
                    key: key.clone(),
                    required: true,
                    default: ticket.fields.get(key).cloned(),
                }),
            }
        }
        // What the form can still put right is no reason to hide the way to it.
        let fixable = definition.looks_at_form(rule.value.that.as_ref(), &fields);
        if !fixable && !holds(definition, rule.value.that.as_ref(), scope).unwrap_or(false) {
            blocked = blocked.or_else(|| Some(rule.value.message.clone()));
        }
    }
    let sure = action.to.as_ref().and_then(|t| {
        t.0.iter()
            .find(|b| holds(definition, b.when.as_ref(), scope).unwrap_or(false))
    });
    AvailableAction {
        key: entry.key.clone(),
        name: action.name.clone(),
        kind: action.kind,
        to_state: sure.map(|b| b.state.clone()),
        fields,
        note: action.note,
        hint: action.hint.clone(),
        blocked,
    }
}

fn shown(definition: &Definition, key: &str, scope: &Scope) -> bool {
    let condition = definition.field(key).and_then(|f| f.visible_when.as_ref());
    holds(definition, condition, scope).unwrap_or(true)
}

fn waits_for_approval(definition: &Definition, action: &Action, ticket: Ticket) -> Option<Text> {
    let key = action.approval.as_ref()?;
    let approval = definition.file().approvals.get(key)?;
    match standing(key, approval, ticket.votes) {
        Standing::Granted => None,
        _ => Some(Text::new(
            format!("“{}”尚未批准", approval.name.zh),
            format!("{} is not granted yet", approval.name.en),
        )),
    }
}

/// The intake form for what is known so far (channel, type …): fields shown, and which of them are required.
#[must_use]
pub fn intake_form(
    definition: &Definition,
    actor: Actor,
    known: &Fields,
    facts: Facts,
) -> Vec<FormField> {
    let file = definition.file();
    let mut fields = known.clone();
    for f in &file.fields {
        if let (Some(default), false) = (&f.value.default, known.contains_key(&f.key)) {
            fields.insert(f.key.clone(), default.clone());
        }
    }
    let moment = Moment {
        ticket: None,
        actor,
        facts,
        note: "",
        happened_at: facts.now,
    };
    let scope = scope::build(&definition.names, &moment, &fields);
    let asked = file
        .fields
        .iter()
        .filter(|f| f.value.intake != Intake::No && shown(definition, &f.key, &scope));
    asked
        .map(|f| {
            let condition = f.value.required_when.as_ref();
            let conditional =
                condition.is_some() && holds(definition, condition, &scope).unwrap_or(true);
            FormField {
                key: f.key.clone(),
                required: f.value.intake == Intake::Required || conditional,
                default: fields.get(&f.key).cloned(),
            }
        })
        .collect()
}

impl Definition {
    /// Whether a rule looks at a field that this form can change.
    fn looks_at_form(&self, that: Option<&super::file::Source>, form: &[FormField]) -> bool {
        let Some(expr) = that.and_then(|s| self.expr(s)) else {
            return false;
        };
        expr.uses().any(|name| {
            name == "note"
                || name
                    .strip_prefix("fields.")
                    .is_some_and(|key| form.iter().any(|f| f.key == key))
        })
    }
}
