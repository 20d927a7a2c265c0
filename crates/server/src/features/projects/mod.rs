//! Projects: one contract between provider and customer, the scope of everything.

mod agreements;
mod calendars;
mod contract;
mod members;
pub mod rows;
mod stages;
mod uptime;

use std::collections::BTreeSet;

use anlan_core::access::{Permission, Place};
use sea_orm::sea_query::{Condition, IntoColumnRef, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::platform::access::{Caller, visible};
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::timers;
pub use members::of as members_of;
use rows::projects;
pub use uptime::{CHANGED as UPTIME_CHANGED, Uptime, changes as uptime_changes};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(contract::list, contract::create))
        .routes(routes!(contract::show, contract::update))
        .routes(routes!(members::list))
        .routes(routes!(stages::list, stages::create))
        .routes(routes!(stages::update, stages::delete))
        .routes(routes!(agreements::list, agreements::create))
        .routes(routes!(agreements::delete))
        .routes(routes!(calendars::list, calendars::create))
        .routes(routes!(calendars::delete))
}

/// Kind of the timer that is set when the terms of a project change, all projects when its subject is
/// nil: whoever has computed by them does so again.
pub const TERMS_CHANGED: &str = "project.terms";

/// Says that stages of a project are others from now on.
///
/// # Errors
/// When the store fails.
pub async fn terms_changed(tx: &mut Tx, project: Uuid) -> Result<()> {
    timers::replace(tx, TERMS_CHANGED, project, &[(tx.now, None::<Uuid>)]).await
}

/// Says that what all projects reckon by is different from an instant on.
///
/// # Errors
/// When the store fails.
pub async fn all_terms_change(tx: &mut Tx, at: At) -> Result<()> {
    timers::replace(tx, TERMS_CHANGED, Uuid::nil(), &[(at, None::<Uuid>)]).await
}

/// Name of a project that works by these office hours, or has or will.
///
/// # Errors
/// When the store fails.
pub async fn working_by(db: &impl ConnectionTrait, calendar: &str) -> Result<Option<String>> {
    use rows::project_calendars;
    let later = Query::select()
        .column(project_calendars::Column::ProjectId)
        .from(project_calendars::Entity)
        .and_where(project_calendars::Column::Calendar.eq(calendar))
        .to_owned();
    let by_it = Condition::any()
        .add(projects::Column::Calendar.eq(calendar))
        .add(projects::Column::Id.in_subquery(later));
    let found = projects::Entity::find().filter(by_it).one(db).await?;
    Ok(found.map(|project| project.name))
}

/// Where a project's things stand, to be compared with the caller's scopes.
///
/// # Errors
/// 404 when there is no such project.
pub async fn place(db: &impl ConnectionTrait, id: Uuid) -> Result<Place> {
    projects::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(|row| place_of(&row))
        .ok_or_else(Error::not_found)
}

/// Where a project's things stand.
#[must_use]
pub const fn place_of(row: &projects::Model) -> Place {
    Place {
        project: Some(row.id),
        unit: Some(row.customer_unit_id),
        own: false,
    }
}

/// Rows whose `column` names a project on which the caller holds the permission.
pub fn of_projects(caller: &Caller, permission: Permission, column: impl ColumnTrait) -> Condition {
    if caller.access.can_everywhere(permission) {
        return Condition::all();
    }
    let ids = Query::select()
        .column(projects::Column::Id)
        .from(projects::Entity)
        .cond_where(seen(caller, permission))
        .to_owned();
    Condition::all().add(column.in_subquery(ids))
}

/// Projects on which the caller holds the permission.
fn seen(caller: &Caller, permission: Permission) -> Condition {
    let unit = projects::Column::CustomerUnitId.into_column_ref();
    visible(
        &caller.access.visible(permission),
        projects::Column::Id,
        Some(unit),
        None,
    )
}

/// Ids of the customer units of these projects, as a sub-query.
#[must_use]
pub fn customers(ids: BTreeSet<Uuid>) -> SelectStatement {
    Query::select()
        .column(projects::Column::CustomerUnitId)
        .from(projects::Entity)
        .and_where(projects::Column::Id.is_in(ids))
        .to_owned()
}
