//! What is not the ticket's own and yet goes with it: other rooms follow each change in its
//! transaction, and write down in the timeline what they did. `app.rs` names who follows, so that
//! tickets need not know them.

use anlan_core::access::Permission;
use anlan_core::definition::Text;
use anlan_core::process::Decision;
use anlan_core::sla::{Assessment, Wakeup};
use futures::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::Actor;
use super::rows::{ticket_events, tickets};
use super::witness;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::audit::{self, Entry};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::events::{Change, Topic};

/// What has just been written about a ticket.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// Somebody did an action.
    Decided(&'a Actor, &'a Decision),
    /// A promise came due, was warned of, began.
    Woken(&'a Wakeup, &'a Assessment),
}

/// Follows a change of a ticket, in its transaction.
pub type Follower =
    for<'a> fn(&'a mut Tx, &'a App, &'a tickets::Model, Happening<'a>) -> BoxFuture<'a, Result<()>>;

/// Lets everybody follow.
///
/// # Errors
/// Whatever a follower fails with; nothing of the change is written then.
pub(super) async fn follow(
    tx: &mut Tx,
    app: &App,
    ticket: &tickets::Model,
    happening: Happening<'_>,
) -> Result<()> {
    for follower in App::followers() {
        follower(tx, app, ticket, happening).await?;
    }
    Ok(())
}

/// Whether somebody may see what goes on inside: the provider's people and auditors, not the customer.
#[must_use]
pub fn sees_inside(caller: &Caller, ticket: &tickets::Model) -> bool {
    let place = Actor::caller(caller).place(ticket);
    [Permission::TicketAct, Permission::AuditRead]
        .into_iter()
        .any(|permission| caller.access.can(permission, place))
}

/// An entry of the timeline about something inside, not for the customer's eyes.
#[derive(Debug)]
pub struct Inside {
    /// Its action, named in the locale files under `action.`.
    pub action: &'static str,
    /// What it says.
    pub note: Text,
    /// What the audit log keeps besides.
    pub detail: Value,
}

/// Writes such an entry. The ticket itself does not change by it, and keeps its version.
///
/// # Errors
/// When the store fails.
pub async fn write_inside(
    tx: &mut Tx,
    actor: &audit::Actor,
    ticket: Uuid,
    entry: Inside,
) -> Result<()> {
    tx.settle().await?;
    tickets::Entity::update_many()
        .col_expr(
            tickets::Column::Events,
            Expr::col(tickets::Column::Events).add(1),
        )
        .filter(tickets::Column::Id.eq(ticket))
        .exec(&tx.db)
        .await?;
    let found = tickets::Entity::find_by_id(ticket).one(&tx.db).await?;
    let ticket = found.ok_or_else(Error::not_found)?;
    let row = ticket_events::Model {
        id: Uuid::now_v7(),
        ticket_id: ticket.id,
        seq: ticket.events,
        at: tx.now,
        happened_at: tx.now,
        actor_kind: actor.kind.to_owned(),
        actor_id: actor.id,
        actor_name: actor.name.clone(),
        action: entry.action.to_owned(),
        from_state: Some(ticket.state.clone()),
        to_state: ticket.state.clone(),
        note: serde_json::to_string(&entry.note).map_err(Error::internal)?,
        changes: "[]".to_owned(),
        sla_events: String::new(),
        internal: true,
    };
    let detail = json!({
        "event": row.seq, "digest": witness::digest([&row]), "task": entry.detail,
    });
    tx.later(witness::row(row));
    let audited = Entry::new(actor, format!("ticket.{}", entry.action));
    tx.audit(
        audited
            .on("ticket", ticket.id, &ticket.number)
            .detail(detail),
    );
    tx.changed(Change::in_project(
        Topic::Ticket,
        ticket.id,
        ticket.project_id,
    ));
    Ok(())
}
