//! Which tasks wait for somebody, and which somebody may see.

use anlan_core::access::{Permission, Place, Scope};
use sea_orm::sea_query::{Alias, Condition, Expr, Func, Query as Sql};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::dto::{self, TaskRow};
use super::rows::tasks::{Column, Entity, Model};
use crate::app::App;
use crate::platform::access::{Caller, visible};
use crate::platform::error::Result;

/// Open tasks that wait for the caller: his own, those of his groups, those of a role he holds there.
/// Only of projects whose tickets he reads.
pub fn waiting(caller: &Caller, groups: &[Uuid]) -> Condition {
    let reads = visible(
        &caller.access.visible(Permission::TicketRead),
        Column::ProjectId,
        None,
        None,
    );
    Condition::all()
        .add(Column::State.eq("open"))
        .add(mine(caller, groups))
        .add(reads)
}

/// Tasks that are the caller's to do.
pub fn mine(caller: &Caller, groups: &[Uuid]) -> Condition {
    let own = Condition::any()
        .add(Column::AssigneeId.eq(caller.user.id))
        .add(Column::GroupId.is_in(groups.iter().copied()));
    caller.access.grants().fold(own, |any, grant| {
        let role = Column::Role.eq(&grant.role);
        match grant.scope {
            Scope::All => any.add(role),
            Scope::Project(id) => any.add(Condition::all().add(role).add(Column::ProjectId.eq(id))),
            Scope::Unit(_) | Scope::Own => any,
        }
    })
}

/// Whether this task is the caller's to do.
pub fn is_mine(caller: &Caller, groups: &[Uuid], task: &Model) -> bool {
    let roles = caller.access.roles(Place::project(task.project_id));
    task.assignee_id == Some(caller.user.id)
        || task.group_id.is_some_and(|group| groups.contains(&group))
        || task.role.as_ref().is_some_and(|role| roles.contains(role))
}

/// The first of them, what is due first before the rest.
///
/// # Errors
/// When the store fails.
pub async fn rows_of(
    app: &App,
    caller: &Caller,
    condition: Condition,
    limit: u64,
) -> Result<Vec<TaskRow>> {
    let rows = Entity::find()
        .filter(condition)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(app.db.read())
        .await?;
    dto::with_tickets(app, caller.lang, rows).await
}

/// How many there are, counted up to `most`.
///
/// # Errors
/// When the store fails.
pub async fn count(db: &impl ConnectionTrait, condition: Condition, most: u64) -> Result<i64> {
    let inner = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(condition)
        .limit(most)
        .into_query();
    let outer = Sql::select()
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .from_subquery(inner, Alias::new("t"))
        .to_owned();
    let row = db.query_one(&outer).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
}
