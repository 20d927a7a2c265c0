//! Alerts: what is or was wrong, one row for each outage.

use std::collections::HashMap;

use anlan_core::access::{Permission, Place};
use anlan_core::alert::Level;
use axum::extract::State;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::dto::OpenTicket;
use super::rows::{alerts, monitors};
use super::why::Why;
use crate::app::App;
use crate::features::tickets::rows::tickets;
use crate::platform::access::{Caller, visible};
use crate::platform::at::At;
use crate::platform::error::{Problem, Result};
use crate::platform::http::{Cursor, Json, Page, PageQuery, Query};
use crate::platform::names::{self, ProjectName};

/// How many alarms are open.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Summary {
    /// 告警.
    red: u64,
    /// 预警.
    blue: u64,
}

/// How many alarms are open among what the caller may see.
#[utoipa::path(get, path = "/alerts/summary", tag = "alerts", responses((status = 200, body = Summary), (status = 403, body = Problem)))]
pub async fn summary(State(app): State<App>, caller: Caller) -> Result<Json<Summary>> {
    caller.require(Permission::MonitorRead)?;
    let sees = |project: Uuid| {
        caller
            .access
            .can(Permission::MonitorRead, Place::project(project))
    };
    let mut summary = Summary::default();
    app.monitors().board.read(|all| {
        for live in all
            .values()
            .filter(|live| live.watched.row.enabled && sees(live.watched.row.project_id))
        {
            match live.state.level() {
                Some(Level::Critical) => summary.red += 1,
                Some(Level::Warning) => summary.blue += 1,
                None => {}
            }
        }
    });
    Ok(Json(summary))
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertFilter {
    project: Option<Uuid>,
    /// Only open ones (true) or only recovered ones (false).
    open: Option<bool>,
    level: Option<String>,
    /// Only those that this ticket stands for; several when it is a storm's.
    ticket: Option<Uuid>,
    limit: Option<u64>,
    after: Option<String>,
}

/// One alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertRow {
    pub id: Uuid,
    pub monitor_id: Uuid,
    pub monitor: String,
    pub target: String,
    pub project: Option<ProjectName>,
    pub level: String,
    pub began_at: At,
    pub opened_at: At,
    pub recovered_at: Option<At>,
    pub reason: String,
    pub ticket: Option<OpenTicket>,
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/alerts", tag = "alerts", params(AlertFilter), responses((status = 200, body = Page<AlertRow>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<AlertFilter>,
) -> Result<Json<Page<AlertRow>>> {
    use alerts::Column;
    caller.require(Permission::MonitorRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after.clone(),
    };
    let limit = page.limit()?;
    let scope = visible(
        &caller.access.visible(Permission::MonitorRead),
        Column::ProjectId,
        None,
        None,
    );
    let mut query = alerts::Entity::find().filter(scope).filter(
        Condition::all()
            .add_option(filter.project.map(|id| Column::ProjectId.eq(id)))
            .add_option(filter.ticket.map(|id| Column::TicketId.eq(id)))
            .add_option(filter.level.as_deref().map(|level| Column::Level.eq(level)))
            .add_option(filter.open.map(|open| {
                if open {
                    Column::RecoveredAt.is_null()
                } else {
                    Column::RecoveredAt.is_not_null()
                }
            })),
    );
    if let Some(cursor) = page.cursor()? {
        query = query.filter(Column::Id.lt(cursor.id));
    }
    let db = app.db.read();
    let found = query
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .all(db)
        .await?;
    let page = Page::cut(found, limit, |row| Cursor::number(0, row.id));
    let projects = names::projects(db, page.items.iter().map(|row| row.project_id)).await?;
    let of = monitors::Entity::find()
        .filter(monitors::Column::Id.is_in(page.items.iter().map(|row| row.monitor_id)))
        .all(db)
        .await?;
    let of: HashMap<Uuid, monitors::Model> = of.into_iter().map(|row| (row.id, row)).collect();
    let tickets = tickets::Entity::find()
        .filter(tickets::Column::Id.is_in(page.items.iter().filter_map(|row| row.ticket_id)))
        .all(db)
        .await?;
    let numbers: HashMap<Uuid, String> = tickets
        .into_iter()
        .map(|ticket| (ticket.id, ticket.number))
        .collect();
    Ok(Json(page.map(|row| {
        AlertRow {
            monitor: of
                .get(&row.monitor_id)
                .map(|monitor| monitor.name.clone())
                .unwrap_or_default(),
            target: of
                .get(&row.monitor_id)
                .map(|monitor| monitor.target.clone())
                .unwrap_or_default(),
            project: projects.get(&row.project_id).cloned(),
            ticket: row.ticket_id.and_then(|id| {
                Some(OpenTicket {
                    id,
                    number: numbers.get(&id)?.clone(),
                })
            }),
            id: row.id,
            monitor_id: row.monitor_id,
            level: row.level,
            began_at: row.began_at,
            opened_at: row.opened_at,
            recovered_at: row.recovered_at,
            reason: Why::told(&row.reason, caller.lang),
        }
    })))
}
