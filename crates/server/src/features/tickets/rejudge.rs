//! The terms have changed (a stage, holidays): clocks are judged again, a few tickets at a
//! time so that nobody waits behind them. What an approved report has counted stays as it is.

use anlan_core::sla::Assessment;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use super::promises;
use super::record::{self, Record};
use super::rows::tickets::{ActiveModel, Column, Entity, Model};
use super::terms::Terms;
use crate::app::App;
use crate::features::projects::TERMS_CHANGED;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::events::{Change, Topic};
use crate::platform::timers::{self, Timer};

/// Tickets judged in one write.
const BATCH: usize = 50;

/// The handler of [`TERMS_CHANGED`]: the next few tickets after the one its payload names.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn rejudge(app: App, timer: Timer) -> Result<()> {
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let project = timer.subject_id.unwrap_or_default();
                let after = serde_json::from_str(&timer.payload).unwrap_or_default();
                let found = next(tx, project, after).await?;
                let last = found.last().map(|ticket| ticket.id);
                if found.len() == BATCH {
                    timers::add(tx, TERMS_CHANGED, project, &[(tx.now, last)]).await?;
                }
                for ticket in found {
                    let terms = Terms::of(tx, ticket.project_id).await?;
                    again(tx, &shared, &terms, ticket).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The next tickets with promises, without those that are closed and counted in an approved report.
async fn next(tx: &Tx, project: Uuid, after: Option<Uuid>) -> Result<Vec<Model>> {
    let approved = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new("reports"))
        .and_where(
            Expr::col((Alias::new("reports"), Alias::new("project_id")))
                .equals((Entity, Column::ProjectId)),
        )
        .and_where(Expr::col((Alias::new("reports"), Alias::new("state"))).eq("approved"))
        .and_where(
            Expr::col((Alias::new("reports"), Alias::new("from_at")))
                .lte(Expr::col((Entity, Column::ReportedAt))),
        )
        .and_where(
            Expr::col((Alias::new("reports"), Alias::new("to_at")))
                .gt(Expr::col((Entity, Column::ReportedAt))),
        )
        .to_owned();
    let frozen = Condition::all()
        .add(Column::StateKind.eq("closed"))
        .add(Expr::exists(approved));
    let mut query = Entity::find()
        .filter(Column::Agreement.is_not_null())
        .filter(frozen.not());
    if !project.is_nil() {
        query = query.filter(Column::ProjectId.eq(project));
    }
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    Ok(query
        .order_by_asc(Column::Id)
        .limit(BATCH as u64)
        .all(&tx.db)
        .await?)
}

async fn again(tx: &mut Tx, app: &App, terms: &Terms, ticket: Model) -> Result<()> {
    let (mut row, told) = (ticket.clone(), ticket.woken_at);
    let judged = Record::stored(app, ticket)
        .and_then(|record| promises::assess(app, &record, terms, told, tx.now));
    let assessment: Assessment = match judged {
        Ok(Some(assessment)) => assessment,
        Ok(None) => return Ok(()),
        // One that cannot be judged keeps no other from it.
        Err(error) => {
            tracing::error!(%error, number = row.number, "a ticket could not be judged again");
            return Ok(());
        }
    };
    let before = (row.next_due_at, row.breached);
    record::stand(&mut row, Some(&assessment));
    if before != (row.next_due_at, row.breached) {
        tx.changed(Change::in_project(Topic::Ticket, row.id, row.project_id));
    }
    // Nothing of the ticket itself changes, so neither does its version.
    let stands = ActiveModel {
        next_target: Set(row.next_target),
        next_due_at: Set(row.next_due_at),
        breached: Set(row.breached),
        ..Default::default()
    };
    Entity::update_many()
        .set(stands)
        .filter(Column::Id.eq(row.id))
        .exec(&tx.db)
        .await?;
    promises::keep(tx, row.id, Some(&assessment), told, false).await
}
