//! A ticket's timer has come due: warnings, breaches, escalations, reassignment, changes of level
//! . Each is written into the timeline and told to whom the ladder names.

use std::collections::{BTreeMap, BTreeSet};

use anlan_core::process::{Change, Input};
use anlan_core::sla::{LevelChange, Wakeup, WakeupKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::{self, Actor};
use super::follow::{self, Happening};
use super::record::Record;
use super::rows::{ticket_events, tickets};
use super::said::Said;
use super::terms::Terms;
use super::{door, effects, promises, witness};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::audit::Entry;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

/// The action of a process by which the platform gives a ticket to somebody else.
const HAND_OVER: &str = "hand_over";

/// The handler of [`promises::WAKE`].
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn wake(app: App, timer: Timer) -> Result<()> {
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let id = timer.subject_id.unwrap_or_default();
                match tickets::Entity::find_by_id(id).one(&tx.db).await? {
                    Some(ticket) => rung(tx, &shared, ticket).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

/// Carries out everything that has come due since the ticket was last looked at.
async fn rung(tx: &mut Tx, app: &App, ticket: tickets::Model) -> Result<()> {
    let told = ticket.woken_at;
    let terms = Terms::of(tx, ticket.project_id).await?;
    let mut record = Record::stored(app, ticket)?;
    let Some(mut assessment) = promises::assess(app, &record, &terms, told, tx.now)? else {
        return Ok(());
    };
    let now = tx.now.timestamp();
    let due: Vec<Wakeup> = assessment
        .wakeups
        .iter()
        .filter(|wakeup| wakeup.at <= now)
        .cloned()
        .collect();
    let before = record.row.events;
    let mut happenings = Vec::new();
    for wakeup in due {
        let mut changes = Vec::new();
        if let WakeupKind::Reclassify { to, .. } = &wakeup.kind {
            record.history.levels.push(LevelChange {
                at: wakeup.at,
                level: to.to_string(),
            });
            changes.push(set(&mut record, "level", Value::from(to.to_string())));
        }
        record.row.events += 1;
        happenings.push((wakeup, changes));
    }
    if happenings.iter().any(|(_, changes)| !changes.is_empty()) {
        assessment = promises::assess(app, &record, &terms, tx.now, tx.now)?.unwrap_or(assessment);
    }
    let ticket = door::store(tx, record, Some(&assessment), tx.now, false).await?;
    for (seq, (wakeup, changes)) in (before + 1..).zip(&happenings) {
        event(tx, &ticket, seq, wakeup, changes).await?;
        tell(tx, &ticket, wakeup).await?;
    }
    for (wakeup, _) in &happenings {
        let happening = Happening::Woken(wakeup, &assessment);
        follow::follow(tx, app, &ticket, happening).await?;
    }
    for (wakeup, _) in &happenings {
        if let Some(role) = &wakeup.in_charge {
            hand_over(tx, app, &ticket, role).await?;
        }
    }
    Ok(())
}

/// Dispatches the ticket to the holder of a role who has the least to do: he confirms it as any
/// other job.
async fn hand_over(tx: &mut Tx, app: &App, ticket: &tickets::Model, role: &str) -> Result<()> {
    let holders = actor::people(tx, ticket, &[role]).await?;
    if ticket.assignee_id.is_some_and(|id| holders.contains(&id)) {
        return Ok(());
    }
    let Some(engineer) = least_busy(tx, &holders).await? else {
        return Ok(());
    };
    let input = Input {
        fields: BTreeMap::from([("assignee".into(), Value::from(engineer.to_string()))]),
        ..Input::default()
    };
    door::act(
        tx,
        app,
        &Actor::system(),
        ticket.id,
        None,
        HAND_OVER,
        &input,
    )
    .await
    .map(drop)
}

/// Who of them has the fewest tickets in hand.
async fn least_busy(tx: &Tx, people: &BTreeSet<Uuid>) -> Result<Option<Uuid>> {
    let in_hand: Vec<(Uuid, i64)> = tickets::Entity::find()
        .select_only()
        .column(tickets::Column::AssigneeId)
        .column_as(tickets::Column::Id.count(), "n")
        .filter(tickets::Column::AssigneeId.is_in(people.iter().copied()))
        .filter(tickets::Column::StateKind.is_in(["open", "waiting"]))
        .group_by(tickets::Column::AssigneeId)
        .into_tuple()
        .all(&tx.db)
        .await?;
    let in_hand: BTreeMap<Uuid, i64> = in_hand.into_iter().collect();
    let load = |id: &&Uuid| in_hand.get(id).copied().unwrap_or_default();
    Ok(people.iter().min_by_key(load).copied())
}

fn set(record: &mut Record, key: &str, to: Value) -> Change {
    let label = record
        .definition
        .field(key)
        .map(|field| field.name.clone())
        .unwrap_or_default();
    let from = record
        .fields
        .insert(key.to_owned(), to.clone())
        .unwrap_or_default();
    Change {
        field: key.to_owned(),
        label,
        from,
        to,
    }
}

async fn event(
    tx: &mut Tx,
    ticket: &tickets::Model,
    seq: i32,
    wakeup: &Wakeup,
    changes: &[Change],
) -> Result<()> {
    let system = Actor::system();
    let said = Said::of(wakeup);
    let action = format!("sla.{}", said.word());
    let row = ticket_events::Model {
        id: Uuid::now_v7(),
        ticket_id: ticket.id,
        seq,
        at: tx.now,
        happened_at: At::from(wakeup.at),
        actor_kind: system.record.kind.to_owned(),
        actor_id: None,
        actor_name: system.record.name.clone(),
        action: action.clone(),
        from_state: Some(ticket.state.clone()),
        to_state: ticket.state.clone(),
        note: said.stored()?,
        changes: serde_json::to_string(changes).map_err(Error::internal)?,
        sla_events: String::new(),
        internal: false,
    };
    let detail = json!({ "target": wakeup.target, "cycle": wakeup.cycle, "kind": wakeup.kind, "roles": wakeup.to_roles, "event": seq, "digest": witness::digest([&row]) });
    tx.later(witness::row(row));
    tx.audit(
        Entry::new(&system.record, format!("ticket.{action}"))
            .on("ticket", ticket.id, &ticket.number)
            .detail(detail),
    );
    Ok(())
}

async fn tell(tx: &mut Tx, ticket: &tickets::Model, wakeup: &Wakeup) -> Result<()> {
    let mut words: Vec<&str> = wakeup.to_roles.iter().map(|role| &**role).collect();
    if words.is_empty() {
        words.push("assignee");
    }
    let mut people = actor::people(tx, ticket, &words).await?;
    if people.is_empty() {
        // Nobody holds the roles the ladder names: the group, or else the project's manager, must know.
        people = actor::people(tx, ticket, &["group_leader", "role:project_manager"]).await?;
    }
    let urgent = !matches!(wakeup.kind, WakeupKind::Remind | WakeupKind::Warn { .. });
    let said = Said::of(wakeup);
    let (zh, en) = said.texts();
    let kind = format!("ticket.sla.{}", said.word());
    effects::notice(tx, ticket, people, &kind, (&zh, &en), urgent).await
}
