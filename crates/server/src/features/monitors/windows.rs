//! Windows of maintenance, force majeure and the like: watching goes on, nobody is called, and the time
//! may be left out of availability.

use anlan_core::access::{Permission, Place};
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::ActiveValue::Unchanged;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::left_out::{Cause, LateEntry};
use super::rows::{maintenance, monitors};
use crate::app::App;
use crate::features::projects::uptime_changes;
use crate::platform::access::{Caller, visible};
use crate::platform::at::At;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned};

/// Which windows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    project: Option<Uuid>,
    limit: Option<u64>,
    after: Option<String>,
}

/// A window as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteWindow {
    pub(super) name: String,
    pub(super) project_id: Uuid,
    /// Monitors it is about; all of the project when empty.
    #[serde(default)]
    pub(super) monitor_ids: Vec<Uuid>,
    pub(super) starts_at: At,
    pub(super) ends_at: At,
    pub(super) reason: String,
    /// Whether the time is left out of availability.
    pub(super) excluded_from_availability: bool,
    /// For what cause; planned work unless told.
    #[serde(default)]
    pub(super) cause: Cause,
}

/// A window.
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// Monitors it is about; all of the project when empty.
    pub monitor_ids: Vec<Uuid>,
    /// Its first instant.
    pub starts_at: At,
    /// The first instant after it.
    pub ends_at: At,
    /// Why, in words.
    pub reason: String,
    /// Whether the time is left out of availability.
    pub excluded_from_availability: bool,
    /// For what cause.
    pub cause: Cause,
    /// Who put time that was over already into it; null when all of it was planned ahead.
    pub entered_late: Option<LateEntry>,
    /// Counts its changes.
    pub version: i32,
}

impl From<maintenance::Model> for Window {
    fn from(row: maintenance::Model) -> Self {
        Self {
            entered_late: LateEntry::read(&row),
            cause: Cause::read(&row.cause),
            id: row.id,
            name: row.name,
            project_id: row.project_id,
            monitor_ids: row
                .monitors
                .split_whitespace()
                .filter_map(|id| Uuid::parse_str(id).ok())
                .collect(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            reason: row.reason,
            excluded_from_availability: row.excluded,
            version: row.version,
        }
    }
}

/// Windows, the latest first.
#[utoipa::path(get, path = "/maintenance", tag = "monitors", params(Filter), responses((status = 200, body = Page<Window>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Window>>> {
    use maintenance::Column;
    caller.require(Permission::MonitorRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let scope = visible(
        &caller.access.visible(Permission::MonitorRead),
        Column::ProjectId,
        None,
        None,
    );
    let mut query = maintenance::Entity::find()
        .filter(scope)
        .filter(Column::Cancelled.is_null());
    if let Some(project) = filter.project {
        query = query.filter(Column::ProjectId.eq(project));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(Column::Id.lt(cursor.id));
    }
    let found = query
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    Ok(Json(
        Page::cut(found, limit, |row| Cursor::number(0, row.id)).map(Window::from),
    ))
}

/// Plans a window.
#[utoipa::path(post, path = "/maintenance", tag = "monitors", request_body = WriteWindow, responses((status = 201, body = Window), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(sent): Json<WriteWindow>,
) -> Result<(StatusCode, Versioned<Window>)> {
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(sent.project_id),
    )?;
    check(&app, &sent).await?;
    let entry = caller
        .entry("maintenance.create")
        .on("maintenance", "", &sent.name);
    let by = caller.user.name.clone();
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = Uuid::now_v7();
                let late = LateEntry::mark(None, &sent, tx.now, &by);
                tx.audit(entry.detail(json!({
                    "from": sent.starts_at, "to": sent.ends_at, "cause": sent.cause, "late": late.is_some(),
                })));
                tx.changed(Change::in_project(Topic::Monitor, id, sent.project_id));
                uptime_changes(tx, sent.project_id).await?;
                let row = maintenance::ActiveModel {
                    id: Set(id),
                    cancelled: Set(None),
                    created_at: Set(tx.now),
                    version: Set(1),
                    ..written(sent, late)
                };
                Ok(row.insert(&tx.db).await?)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(row.version, row.into())))
}

/// Changes a window.
#[utoipa::path(put, path = "/maintenance/{id}", tag = "monitors", params(("id" = Uuid, Path)), request_body = WriteWindow,
    responses((status = 200, body = Window), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(sent): Json<WriteWindow>,
) -> Result<Versioned<Window>> {
    let seen = find(&app, &caller, id).await?;
    if sent.project_id != seen.project_id {
        return Err(Error::field("project_id", "fixed"));
    }
    check(&app, &sent).await?;
    let entry = caller
        .entry("maintenance.update")
        .on("maintenance", id, &sent.name);
    let by = caller.user.name.clone();
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let before = maintenance::Entity::find_by_id(id).one(&tx.db).await?;
                let before = before.ok_or_else(Error::not_found)?;
                version.check(before.version, || before.name.clone())?;
                let late = LateEntry::mark(Some(&before), &sent, tx.now, &by);
                tx.audit(entry.detail(json!({
                    "from": [before.starts_at, sent.starts_at], "to": [before.ends_at, sent.ends_at],
                    "cause": [before.cause, sent.cause.word()], "late": late.is_some(),
                })));
                tx.changed(Change::in_project(Topic::Monitor, id, before.project_id));
                uptime_changes(tx, before.project_id).await?;
                let row = maintenance::ActiveModel {
                    id: Unchanged(id),
                    version: Set(before.version + 1),
                    ..written(sent, late)
                };
                Ok(row.update(&tx.db).await?)
            })
        })
        .await?;
    Ok(Versioned(row.version, row.into()))
}

/// The columns that a window as it is written decides.
fn written(sent: WriteWindow, late: Option<LateEntry>) -> maintenance::ActiveModel {
    maintenance::ActiveModel {
        project_id: Set(sent.project_id),
        monitors: Set(ids(&sent.monitor_ids)),
        name: Set(sent.name),
        starts_at: Set(sent.starts_at),
        ends_at: Set(sent.ends_at),
        reason: Set(sent.reason),
        excluded: Set(sent.excluded_from_availability),
        cause: Set(sent.cause.word().to_owned()),
        entered_late_at: Set(late.as_ref().map(|late| late.at)),
        entered_late_by: Set(late.map(|late| late.by)),
        ..Default::default()
    }
}

/// Calls a window off. It stays on record.
#[utoipa::path(delete, path = "/maintenance/{id}", tag = "monitors", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let row = find(&app, &caller, id).await?;
    let entry = caller
        .entry("maintenance.delete")
        .on("maintenance", id, &row.name);
    let by = caller.user.name.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                tx.changed(Change::in_project(Topic::Monitor, id, row.project_id));
                uptime_changes(tx, row.project_id).await?;
                let mut row = row.into_active_model();
                row.cancelled = Set(Some(by));
                row.update(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<maintenance::Model> {
    let scope = visible(
        &caller.access.visible(Permission::MonitorRead),
        maintenance::Column::ProjectId,
        None,
        None,
    );
    let row = maintenance::Entity::find_by_id(id)
        .filter(scope)
        .filter(maintenance::Column::Cancelled.is_null())
        .one(app.db.read())
        .await?;
    let row = row.ok_or_else(Error::not_found)?;
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(row.project_id),
    )?;
    Ok(row)
}

async fn check(app: &App, sent: &WriteWindow) -> Result<()> {
    let mut wrong = Vec::new();
    for (field, text, max) in [("name", &sent.name, 100), ("reason", &sent.reason, 500)] {
        if text.trim().is_empty() {
            wrong.push(FieldError::new(field, "required"));
        } else if text.chars().count() > max {
            wrong.push(FieldError::new(field, "too_long").with("max", max));
        }
    }
    if sent.ends_at <= sent.starts_at {
        wrong.push(FieldError::new("ends_at", "before_from"));
    } else if sent.ends_at.seconds_since(sent.starts_at) > 366 * 24 * 3600 {
        wrong.push(FieldError::new("ends_at", "too_far"));
    }
    let known = monitors::Entity::find()
        .filter(monitors::Column::Id.is_in(sent.monitor_ids.iter().copied()))
        .filter(monitors::Column::ProjectId.eq(sent.project_id))
        .all(app.db.read())
        .await?;
    if sent.monitor_ids.len() > 1_000
        || sent
            .monitor_ids
            .iter()
            .any(|id| known.iter().all(|row| row.id != *id))
    {
        wrong.push(FieldError::new("monitor_ids", "unknown_key"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Ids of monitors as a window keeps them.
pub(super) fn ids(ids: &[Uuid]) -> String {
    ids.iter()
        .map(Uuid::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}
