//! The one door: from a record, an actor, an action and what was entered to a decision, or to a refusal that says what is missing.

use super::definition::Definition;
use super::door::{Door, Draft, Proposes, refuse};
use super::entering::Entering;
use super::file::{Action, Note};
use super::model::{Actor, Decision, Facts, Fields, Input, Refusal, RefusalCode, Ticket};
use super::who::may;
use crate::definition::Text;

/// Decides about `action` on `ticket`.
///
/// # Errors
/// The [`Refusal`] names the rule that is not kept and everything that is missing.
pub fn decide(
    definition: &Definition,
    ticket: Ticket,
    actor: Actor,
    action: &str,
    input: &Input,
    facts: Facts,
) -> Result<Decision, Refusal> {
    let found = possible(definition, ticket, actor, action)?;
    let mut door = Door::new(definition, Some(ticket), actor, facts);
    door.offered(found, ticket)?;
    door.proposes = proposes(found, input);
    let rules: Vec<_> = definition.rules_of(action, found, actor.kind).collect();
    let mut entering = Entering::new(definition, actor.kind, facts);
    entering.asks(&found.ask);
    entering.rule_asks(&rules);
    let mut fields = entering.fields(ticket.fields, input);
    let happened_at = door.happened_at(input, &mut entering);
    let note = door.note(found.note, input, &mut entering);
    entering.stop_on_errors()?;
    let moment = door.moment(note.as_deref(), happened_at);
    door.compute(&mut fields, moment)?;
    let mut scope = door.scope(&fields, moment);
    entering.demand(&scope, &fields, &rules, &mut door.waived)?;
    door.approved(found.approval.as_deref())?;
    if door.set(&found.effects, &mut fields, &scope, happened_at)? {
        door.compute(&mut fields, moment)?;
        scope = door.scope(&fields, moment);
    }
    let mut to_state = ticket.state.to_owned();
    for branch in found.to.iter().flat_map(|t| &t.0) {
        if door.holds(branch.when.as_ref(), &scope)? {
            to_state.clone_from(&branch.state);
            break;
        }
    }
    let events = door.events(&found.events, &scope)?;
    let effects = door.outcomes(&found.effects, &fields, &scope)?;
    let name = &found.name;
    door.decision(Draft {
        action,
        name,
        to_state,
        fields,
        events,
        effects,
        note,
        happened_at,
    })
}

/// Decides about a new record: the same door, only that there is nothing before it.
///
/// # Errors
/// As [`decide`].
pub fn intake(
    definition: &Definition,
    actor: Actor,
    input: &Input,
    facts: Facts,
) -> Result<Decision, Refusal> {
    let create = &definition.file().create;
    let empty = Fields::new();
    if !may(definition, &create.who, actor, &empty) {
        let zh = format!("您没有权限登记{}", definition.name().zh);
        let en = format!("you may not register a {}", definition.name().en);
        return Err(refuse(RefusalCode::NotAllowed, zh, en));
    }
    let mut door = Door::new(definition, None, actor, facts);
    let mut entering = Entering::new(definition, actor.kind, facts);
    entering.intake_asks();
    let mut fields = entering.fields(&empty, input);
    let happened_at = door.happened_at(input, &mut entering);
    let note = door.note(Note::Optional, input, &mut entering);
    entering.stop_on_errors()?;
    let moment = door.moment(note.as_deref(), happened_at);
    door.compute(&mut fields, moment)?;
    let mut scope = door.scope(&fields, moment);
    entering.demand_at_intake(&scope, &fields, &mut door.waived)?;
    if door.set(&create.effects, &mut fields, &scope, happened_at)? {
        door.compute(&mut fields, moment)?;
        scope = door.scope(&fields, moment);
    }
    let to_state = create.to.clone();
    let events = door.events(&create.events, &scope)?;
    let effects = door.outcomes(&create.effects, &fields, &scope)?;
    let (action, name) = ("create", &create.name);
    door.decision(Draft {
        action,
        name,
        to_state,
        fields,
        events,
        effects,
        note,
        happened_at,
    })
}

/// Whether the agreement has a say about the level in this action.
fn proposes(action: &Action, input: &Input) -> Proposes {
    // A form sends what nobody has filled in as well: empty.
    if input
        .fields
        .get("level")
        .is_some_and(|level| !level.is_null())
    {
        Proposes::Never
    } else if action.ask.iter().any(|ask| ask.key == "level") {
        Proposes::Asked
    } else {
        Proposes::ForAnotherType
    }
}

/// The action, if it exists, starts in the record's state and is this actor's to do.
fn possible<'a>(
    definition: &'a Definition,
    ticket: Ticket,
    actor: Actor,
    action: &str,
) -> Result<&'a Action, Refusal> {
    let Some(found) = definition.action(action) else {
        let shown: String = action.chars().take(40).collect();
        let zh = format!("流程“{}”没有动作“{shown}”", definition.name().zh);
        let en = format!("process {} has no action `{shown}`", definition.key());
        return Err(refuse(RefusalCode::UnknownAction, zh, en));
    };
    let name = &found.name;
    if !definition.starts_in(found, ticket.state) {
        let unnamed = || Text::new(ticket.state, ticket.state);
        let state = definition
            .state(ticket.state)
            .map_or_else(unnamed, |s| s.name.clone());
        let zh = format!("当前状态为“{}”，不能“{}”", state.zh, name.zh);
        let en = format!("in state {} one cannot {}", state.en, name.en);
        return Err(refuse(RefusalCode::WrongState, zh, en));
    }
    if !may(definition, &found.who, actor, ticket.fields) {
        let zh = format!("您没有权限“{}”此单", name.zh);
        let en = format!("you may not {} this ticket", name.en);
        return Err(refuse(RefusalCode::NotAllowed, zh, en));
    }
    Ok(found)
}
