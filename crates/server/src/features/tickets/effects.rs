//! What a decision causes besides the ticket itself: notices, reminders, links. Tasks are begun and
//! ended by the room that follows.

use std::collections::BTreeSet;

use anlan_core::process::{Decision, Outcome};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::{self, Actor};
use super::rows::{ticket_links, tickets};
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::timers::{self, Timer};

/// Kind of the timers that remind of a promised time.
pub const REMIND: &str = "ticket.remind";

/// What a reminder says, and to whom.
#[derive(Debug, Serialize, Deserialize)]
struct Reminder {
    to: Vec<String>,
    zh: String,
    en: String,
    /// Set before tasks had a list of their own: a task outlives its ticket.
    #[serde(default)]
    task: bool,
}

/// Carries out the effects of a decision, and tells a new assignee that the ticket is his.
///
/// # Errors
/// When the store fails.
pub async fn carry_out(
    tx: &mut Tx,
    actor: &Actor,
    ticket: &tickets::Model,
    decision: &Decision,
) -> Result<()> {
    let mut reminders = Vec::new();
    for effect in &decision.effects {
        match effect {
            Outcome::Notify(notify) => {
                let words: Vec<&str> = notify.to.iter().map(String::as_str).collect();
                let mut people = actor::people(tx, ticket, &words).await?;
                // Nobody needs to be told what he did himself.
                actor.user().map(|me| people.remove(&me));
                let kind = format!("ticket.{}", decision.action);
                notice(
                    tx,
                    ticket,
                    people,
                    &kind,
                    (&notify.text.zh, &notify.text.en),
                    notify.urgent,
                )
                .await?;
            }
            Outcome::Remind { at, to, text } => {
                reminders.push((
                    At::from(*at),
                    Reminder {
                        to: to.clone(),
                        zh: text.zh.clone(),
                        en: text.en.clone(),
                        task: false,
                    },
                ));
            }
            Outcome::Link {
                link,
                ticket: other,
            } => link_to(tx, actor, ticket.id, *other, link).await?,
            // The history has taken it over, and with it the clocks.
            Outcome::Negotiate { .. } => {}
            // See `follow`.
            Outcome::Task(_) | Outcome::Finish(_) => {}
        }
    }
    timers::add(tx, REMIND, ticket.id, &reminders).await
}

async fn link_to(tx: &mut Tx, actor: &Actor, from: Uuid, to: Uuid, kind: &str) -> Result<()> {
    tx.settle().await?;
    if tickets::Entity::find_by_id(to).one(&tx.db).await?.is_none() {
        return Err(crate::platform::error::Error::field(
            "link",
            "no_such_ticket",
        ));
    }
    let row = ticket_links::ActiveModel {
        id: Set(Uuid::now_v7()),
        from_id: Set(from),
        to_id: Set(to),
        kind: Set(kind.to_owned()),
        created_at: Set(tx.now),
        created_by: Set(actor.user()),
    };
    row.insert(&tx.db).await?;
    Ok(())
}

/// Tells people something about a ticket.
///
/// # Errors
/// When the store fails.
pub async fn notice(
    tx: &mut Tx,
    ticket: &tickets::Model,
    to: BTreeSet<Uuid>,
    kind: &str,
    text: (&str, &str),
    urgent: bool,
) -> Result<()> {
    let message = Message {
        kind: kind.to_owned(),
        to,
        title: (
            format!("{}：{}", text.0, ticket.number),
            format!("{}: {}", text.1, ticket.number),
        ),
        body: (ticket.title.clone(), ticket.title.clone()),
        link: format!("/tickets/{}", ticket.id),
        project: Some(ticket.project_id),
        subject: Some(ticket.id),
        urgent,
        ends: None,
    };
    notifications::tell(tx, &message).await
}

/// A reminder has come due: it is sent, that of a promise unless the ticket is over.
///
/// # Errors
/// When the store fails.
pub async fn remind(app: App, timer: Timer) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let Some(ticket) =
                    tickets::Entity::find_by_id(timer.subject_id.unwrap_or_default())
                        .one(&tx.db)
                        .await?
                else {
                    return Ok(());
                };
                let Ok(reminder) = serde_json::from_str::<Reminder>(&timer.payload) else {
                    return Ok(());
                };
                let over = matches!(ticket.state_kind.as_str(), "resolved" | "closed");
                if over && !reminder.task {
                    return Ok(());
                }
                let words: Vec<&str> = reminder.to.iter().map(String::as_str).collect();
                let people = actor::people(tx, &ticket, &words).await?;
                notice(
                    tx,
                    &ticket,
                    people,
                    "ticket.remind",
                    (&reminder.zh, &reminder.en),
                    false,
                )
                .await
            })
        })
        .await
}
