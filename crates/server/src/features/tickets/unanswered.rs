//! The end of the day: which questions of the day have had no answer.
//!
//! A ticket that owes a reply has a timer at the instant its reply is due: 24:00 or the close of the
//! office, as the agreement has it. The first that rings tells for its whole project and takes the
//! timers of the others along, so that one notice goes out, however many wait and whenever the
//! server was down.

use std::collections::HashMap;

use anlan_core::sla::{Assessment, Target};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::actor;
use super::rows::tickets::{Column, Entity, Model};
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::projects::rows::projects;
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::names::{self, Named, Table};
use crate::platform::timers::{self, Timer};

/// Kind of the timer at the instant a ticket's reply is due.
pub const UNANSWERED: &str = "ticket.unanswered";
/// Who is told, and sees to it.
const LISTENERS: [&str; 2] = ["project_manager", "service_desk"];
/// Tickets a notice names; the list behind its link has them all.
const NAMED: usize = 20;

/// Sets the timer of a ticket that owes a reply, and takes it away once it is given.
///
/// # Errors
/// When the store fails.
pub async fn watch(tx: &mut Tx, ticket: Uuid, assessment: &Assessment, fresh: bool) -> Result<()> {
    let Some(reply) = assessment.clock(Target::Reply) else {
        return Ok(());
    };
    let due = At::from(reply.due);
    // One that has come due rings, or has rung.
    if reply.is_open() && due <= tx.now {
        return Ok(());
    }
    if !fresh {
        timers::clear(tx, UNANSWERED, ticket).await?;
    }
    if reply.is_open() {
        timers::later(tx, UNANSWERED, ticket, due)?;
    }
    Ok(())
}

/// Tickets that owe a reply which is due after `from` and not after `to`.
pub fn due_within(from: At, to: At) -> Condition {
    // As the index has it, so that it is used.
    let open = "target = 'reply' AND stopped_at IS NULL";
    let due = || Expr::col(Alias::new("due_at"));
    let owing = Query::select()
        .column(Alias::new("ticket_id"))
        .from(Alias::new("ticket_clocks"))
        .and_where(Expr::cust(open))
        .and_where(due().gt(from.0))
        .and_where(due().lte(to.0))
        .to_owned();
    Condition::all().add(Column::Id.in_subquery(owing))
}

/// The handler of [`UNANSWERED`].
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn tell(app: App, timer: Timer) -> Result<()> {
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let id = timer.subject_id.unwrap_or_default();
                match Entity::find_by_id(id).one(&tx.db).await? {
                    Some(ticket) => of_the_day(tx, &shared, ticket.project_id, timer.due_at).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

/// Tells of everything a project has not answered on the day that ends at `end`.
async fn of_the_day(tx: &mut Tx, app: &App, project: Uuid, end: At) -> Result<()> {
    let Some(project) = projects::Entity::find_by_id(project).one(&tx.db).await? else {
        return Ok(());
    };
    let zone = app.definitions.zone_of(&project.calendar);
    // 24:00 is still of the day that ends then.
    let day = Day::from(At(end.0 - 1).timestamp().to_zoned(zone.clone()).date());
    let (begins, _) = day.span(&zone)?;
    let owing = Entity::find()
        .filter(Column::ProjectId.eq(project.id))
        .filter(due_within(begins, end))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(&tx.db)
        .await?;
    if owing.is_empty() {
        return Ok(());
    }
    let told: Vec<Uuid> = owing.iter().map(|ticket| ticket.id).collect();
    timers::clear_due(tx, UNANSWERED, &told, end).await?;
    let people = actor::holders(tx, project.id, &LISTENERS).await?;
    let message = Message {
        kind: UNANSWERED.into(),
        to: people.iter().copied().collect(),
        title: (
            format!("{day} 未答复的问题单 {} 件：{}", owing.len(), project.name),
            format!(
                "{} questions without a reply on {day}: {}",
                owing.len(),
                project.name
            ),
        ),
        body: listed(tx, &owing).await?,
        link: format!("/incidents?project={}&unanswered={day}", project.id),
        project: Some(project.id),
        subject: Some(project.id),
        urgent: false,
        ends: None,
    };
    notifications::tell(tx, &message).await
}

/// A line for each ticket: number, title, who has it.
async fn listed(tx: &Tx, owing: &[Model]) -> Result<(String, String)> {
    let people = names::of(
        &tx.db,
        Table::Users,
        owing.iter().filter_map(|ticket| ticket.assignee_id),
    )
    .await?;
    let groups = names::of(
        &tx.db,
        Table::Groups,
        owing.iter().filter_map(|ticket| ticket.group_id),
    )
    .await?;
    let name = |names: &HashMap<Uuid, Named>, id: Option<Uuid>| {
        id.and_then(|id| names.get(&id)).map(|it| it.name.clone())
    };
    let has = |ticket: &Model| {
        name(&people, ticket.assignee_id).or_else(|| name(&groups, ticket.group_id))
    };
    let lines = |nobody: &str, open: &str, close: &str| -> Vec<String> {
        let line = |ticket: &Model| {
            let who = has(ticket).unwrap_or_else(|| nobody.to_owned());
            format!("{} {}{open}{who}{close}", ticket.number, ticket.title)
        };
        owing.iter().take(NAMED).map(line).collect()
    };
    let (mut zh, mut en) = (lines("未派人", "（", "）"), lines("nobody", " (", ")"));
    if let Some(more) = owing.len().checked_sub(NAMED).filter(|more| *more > 0) {
        zh.push(format!("另有 {more} 件"));
        en.push(format!("and {more} more"));
    }
    Ok((zh.join("\n"), en.join("\n")))
}
