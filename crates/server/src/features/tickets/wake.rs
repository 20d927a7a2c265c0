//! A ticket's timer has come due: warnings, breaches, escalations, reassignment, changes of level
//! . Each is written into the timeline and told to whom the ladder names.

use anlan_core::process::Change;
use anlan_core::sla::{LevelChange, Wakeup, WakeupKind};
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::{self, Actor};
use super::record::Record;
use super::rows::{ticket_events, tickets};
use super::terms::Terms;
use super::{door, effects, promises};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::audit::Entry;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

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
    let terms = Terms::load(&tx.db, ticket.project_id).await?;
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
        if wakeup.kind == WakeupKind::StartTarget
            && let Some(engineer) = in_charge(tx, &record.row, &wakeup).await?
        {
            changes.push(set(
                &mut record,
                "assignee",
                Value::from(engineer.to_string()),
            ));
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
    Ok(())
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

/// Who takes charge when a target starts by itself: the first holder of the first role named.
async fn in_charge(tx: &Tx, ticket: &tickets::Model, wakeup: &Wakeup) -> Result<Option<Uuid>> {
    let Some(role) = wakeup.to_roles.first() else {
        return Ok(None);
    };
    let people = actor::people(&tx.db, ticket, &[role]).await?;
    Ok(people
        .into_iter()
        .next()
        .filter(|id| ticket.assignee_id != Some(*id)))
}

async fn event(
    tx: &mut Tx,
    ticket: &tickets::Model,
    seq: i32,
    wakeup: &Wakeup,
    changes: &[Change],
) -> Result<()> {
    let system = Actor::system();
    let action = format!("sla.{}", word(&wakeup.kind));
    let detail = json!({ "target": wakeup.target, "cycle": wakeup.cycle, "kind": wakeup.kind, "roles": wakeup.to_roles });
    let row = ticket_events::ActiveModel {
        id: Set(Uuid::now_v7()),
        ticket_id: Set(ticket.id),
        seq: Set(seq),
        at: Set(tx.now),
        happened_at: Set(At::from(wakeup.at)),
        actor_kind: Set(system.record.kind.to_owned()),
        actor_id: Set(None),
        actor_name: Set(system.record.name.clone()),
        action: Set(action.clone()),
        from_state: Set(Some(ticket.state.clone())),
        to_state: Set(ticket.state.clone()),
        note: Set(text(wakeup).0),
        changes: Set(serde_json::to_string(changes).map_err(Error::internal)?),
        sla_events: Set(String::new()),
        internal: Set(false),
    };
    ticket_events::Entity::insert(row)
        .exec_without_returning(&tx.db)
        .await?;
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
    let mut people = actor::people(&tx.db, ticket, &words).await?;
    if people.is_empty() {
        // Nobody holds the roles the ladder names: the group, or else the project's manager, must know.
        people = actor::people(&tx.db, ticket, &["group_leader", "role:project_manager"]).await?;
    }
    let urgent = !matches!(wakeup.kind, WakeupKind::Remind | WakeupKind::Warn { .. });
    let (zh, en) = text(wakeup);
    let kind = format!("ticket.sla.{}", word(&wakeup.kind));
    effects::notice(tx, ticket, people, &kind, (&zh, &en), urgent).await
}

/// What the timeline and the notice say, in Chinese and English.
fn text(wakeup: &Wakeup) -> (String, String) {
    let (zh, en) = wakeup
        .target
        .map_or(("", ""), |target| (target.zh(), target.en()));
    match &wakeup.kind {
        WakeupKind::Remind => (
            format!("提醒：{zh}尚未完成"),
            format!("Reminder: {en} is still open"),
        ),
        WakeupKind::Warn { percent } => (
            format!("预警：{zh}时限已用 {percent}%"),
            format!("Warning: {percent} % of the time for {en} is used"),
        ),
        WakeupKind::Breach => (
            format!("超时：{zh}未在时限内完成"),
            format!("Overdue: {en} was not done in time"),
        ),
        WakeupKind::Repeat { count } => (
            format!("第 {count} 次提醒：{zh}仍未完成"),
            format!("Reminder {count}: {en} is still open"),
        ),
        WakeupKind::Escalate { step } => (
            format!("{zh}超时，升级上报第 {step} 级"),
            format!("{en} is overdue, escalation step {step}"),
        ),
        WakeupKind::Reassign => (
            format!("{zh}无人完成，请改派"),
            format!("{en} is not being done, please reassign"),
        ),
        WakeupKind::StartTarget => (
            format!("{zh}开始计时"),
            format!("The clock for {en} has started"),
        ),
        WakeupKind::Reclassify { from, to } => (
            format!("中断时间超限，级别由 {from} 升为 {to}"),
            format!("The interruption lasts too long: level {from} becomes {to}"),
        ),
    }
}

fn word(kind: &WakeupKind) -> &'static str {
    match kind {
        WakeupKind::Remind => "remind",
        WakeupKind::Warn { .. } => "warn",
        WakeupKind::Breach => "breach",
        WakeupKind::Repeat { .. } => "repeat",
        WakeupKind::Escalate { .. } => "escalate",
        WakeupKind::Reassign => "reassign",
        WakeupKind::StartTarget => "start",
        WakeupKind::Reclassify { .. } => "reclassify",
    }
}
