//! The HTTP surface of monitors.

use std::time::Duration;

use anlan_core::access::{Permission, Place};
use anlan_core::alert::Status;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::dto::{MonitorDetail, MonitorRow, WriteMonitor, apply, rows, status_word};
use super::rows::{alerts, monitor_states, monitors};
use super::systems;
use super::views::reason;
use super::watch::{self, out_of_range};
use crate::app::App;
use crate::features::projects::{rows::projects, uptime_changes};
use crate::platform::access::{Caller, visible};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned};

/// Which monitors.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    project: Option<Uuid>,
    kind: Option<String>,
    group: Option<String>,
    /// Only those that are not well (仅显示异常).
    abnormal: Option<bool>,
    /// Only those in this state.
    state: Option<String>,
    /// A part of name or target.
    q: Option<String>,
    limit: Option<u64>,
    after: Option<String>,
}

fn scope(caller: &Caller) -> Condition {
    visible(
        &caller.access.visible(Permission::MonitorRead),
        monitors::Column::ProjectId,
        None,
        None,
    )
}

/// A monitor the caller may see.
///
/// # Errors
/// 404 otherwise.
pub async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<monitors::Model> {
    let found = monitors::present()
        .filter(monitors::Column::Id.eq(id))
        .filter(scope(caller))
        .one(app.db.read())
        .await?;
    found.ok_or_else(Error::not_found)
}

/// Monitors in their own order.
#[utoipa::path(get, path = "/monitors", tag = "monitors", params(Filter), responses((status = 200, body = Page<MonitorRow>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<MonitorRow>>> {
    use monitors::Column;
    caller.require(Permission::MonitorRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after.clone(),
    };
    let limit = page.limit()?;
    let mut query = monitors::present().filter(scope(&caller)).filter(
        Condition::all()
            .add_option(filter.project.map(|id| Column::ProjectId.eq(id)))
            .add_option(filter.kind.as_deref().map(|kind| Column::Kind.eq(kind)))
            .add_option(
                filter
                    .group
                    .as_deref()
                    .map(|group| Column::GroupName.eq(group)),
            )
            .add_option(filter.q.as_deref().filter(|q| !q.is_empty()).map(|q| {
                Condition::any()
                    .add(Column::Name.contains(q))
                    .add(Column::Target.contains(q))
            })),
    );
    if filter.abnormal == Some(true) || filter.state.is_some() {
        // What is not well is known in memory, and is little.
        let now = app.now();
        let rows = app.monitors().board.read(|all| {
            all.values()
                .map(|live| live.watched.row.clone())
                .collect::<Vec<_>>()
        });
        let wanted = |row: &monitors::Model| {
            let status = app.monitors().board.status(row, now);
            let abnormal = !matches!(status, Status::Ok | Status::Paused);
            filter
                .state
                .as_deref()
                .is_none_or(|state| status_word(status) == state)
                && (filter.abnormal != Some(true) || abnormal)
        };
        let ids: Vec<Uuid> = rows
            .iter()
            .filter(|row| wanted(row))
            .map(|row| row.id)
            .collect();
        query = query.filter(Column::Id.is_in(ids));
    }
    if let Some(cursor) = page.cursor()? {
        let key = cursor.as_number()?;
        query = query.filter(
            Condition::any().add(Column::Position.gt(key)).add(
                Condition::all()
                    .add(Column::Position.eq(key))
                    .add(Column::Id.gt(cursor.id)),
            ),
        );
    }
    let found = query
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(found, limit, |row| {
        Cursor::number(i64::from(row.position), row.id)
    });
    let items = rows(&app, page.items).await?;
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

/// One monitor.
#[utoipa::path(get, path = "/monitors/{id}", tag = "monitors", params(("id" = Uuid, Path)), responses((status = 200, body = MonitorDetail), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<MonitorDetail>> {
    let row = find(&app, &caller, id).await?;
    let place = Place::project(row.project_id);
    let Versioned(version, mut shown) = detail(&app, row).await?;
    if !caller.access.can(Permission::MonitorManage, place) {
        shown.hide_secrets();
    }
    Ok(Versioned(version, shown))
}

async fn detail(app: &App, row: monitors::Model) -> Result<Versioned<MonitorDetail>> {
    let availability_24h = systems::last_day(app, &row).await?;
    let counts_for_availability = row.counts;
    let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let (config, rule, timeout_seconds, parent_id, reference, version) = (
        json(&row.config),
        json(&row.rule),
        row.timeout_seconds,
        row.parent_id,
        row.reference,
        row.version,
    );
    let row = rows(app, vec![row])
        .await?
        .pop()
        .ok_or_else(Error::not_found)?;
    Ok(Versioned(
        version,
        MonitorDetail {
            row,
            config,
            rule,
            timeout_seconds,
            parent_id,
            reference,
            availability_24h,
            counts_for_availability,
        },
    ))
}

/// Sets a monitor up; its first check follows within one interval.
#[utoipa::path(post, path = "/monitors", tag = "monitors", request_body = WriteMonitor, responses((status = 201, body = MonitorDetail), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(sent): Json<WriteMonitor>,
) -> Result<(StatusCode, Versioned<MonitorDetail>)> {
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(sent.project_id),
    )?;
    let now = app.now();
    let mut row = monitors::Model {
        id: Uuid::now_v7(),
        project_id: sent.project_id,
        name: String::new(),
        kind: String::new(),
        target: String::new(),
        config: String::new(),
        interval_seconds: 0,
        timeout_seconds: 0,
        rule: String::new(),
        group_name: String::new(),
        position: 0,
        system: String::new(),
        parent_id: None,
        enabled: true,
        reference: false,
        created_at: now,
        updated_at: now,
        version: 1,
        deleted_at: None,
        counts: true,
    };
    apply(&mut row, sent)?;
    let entry = caller
        .entry("monitor.create")
        .on("monitor", row.id, &row.name)
        .detail(serde_json::json!({ "target": row.target }));
    let stored = row.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                references(tx, &stored).await?;
                tx.audit(entry);
                tx.changed(Change::in_project(
                    Topic::Monitor,
                    stored.id,
                    stored.project_id,
                ));
                monitors::Entity::insert(stored.into_active_model().reset_all())
                    .exec_without_returning(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok((StatusCode::CREATED, detail(&app, row).await?))
}

/// Changes a monitor; its history and open alert stay.
#[utoipa::path(put, path = "/monitors/{id}", tag = "monitors", params(("id" = Uuid, Path)), request_body = WriteMonitor,
    responses((status = 200, body = MonitorDetail), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(sent): Json<WriteMonitor>,
) -> Result<Versioned<MonitorDetail>> {
    let seen = find(&app, &caller, id).await?;
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(seen.project_id),
    )?;
    if sent.project_id != seen.project_id {
        return Err(Error::field("project_id", "fixed"));
    }
    let entry = caller.entry("monitor.update").on("monitor", id, &seen.name);
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found = monitors::present().filter(monitors::Column::Id.eq(id));
                let mut row = found.one(&tx.db).await?.ok_or_else(Error::not_found)?;
                version.check(row.version, || row.name.clone())?;
                let before = row.target.clone();
                let judged = (row.counts, row.system.clone());
                apply(&mut row, sent)?;
                references(tx, &row).await?;
                if judged != (row.counts, row.system.clone()) {
                    uptime_changes(tx, row.project_id).await?;
                }
                row.version += 1;
                row.updated_at = tx.now;
                tx.audit(entry.detail(
                    serde_json::json!({ "target": [before, row.target], "enabled": row.enabled, "counts": row.counts }),
                ));
                tx.changed(Change::in_project(Topic::Monitor, id, row.project_id));
                Ok(row.into_active_model().reset_all().update(&tx.db).await?)
            })
        })
        .await?;
    detail(&app, row).await
}

/// Removes a monitor. Its tickets, alerts and events stay, and its availability until now.
#[utoipa::path(delete, path = "/monitors/{id}", tag = "monitors", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let row = find(&app, &caller, id).await?;
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(row.project_id),
    )?;
    let entry = caller.entry("monitor.delete").on("monitor", id, &row.name);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                tx.changed(Change::in_project(Topic::Monitor, id, row.project_id));
                monitor_states::Entity::delete_by_id(id)
                    .exec(&tx.db)
                    .await?;
                let ended = alerts::ActiveModel {
                    recovered_at: Set(Some(tx.now)),
                    ..Default::default()
                };
                alerts::Entity::update_many()
                    .set(ended)
                    .filter(alerts::Column::MonitorId.eq(id))
                    .filter(alerts::Column::RecoveredAt.is_null())
                    .exec(&tx.db)
                    .await?;
                let gone = monitors::ActiveModel {
                    deleted_at: Set(Some(tx.now)),
                    ..Default::default()
                };
                monitors::Entity::update_many()
                    .set(gone)
                    .filter(monitors::Column::Id.eq(id))
                    .filter(monitors::Column::DeletedAt.is_null())
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The project must exist, and the parent be another monitor of it, without going round in a circle.
async fn references(tx: &Tx, row: &monitors::Model) -> Result<()> {
    if projects::Entity::find_by_id(row.project_id)
        .one(&tx.db)
        .await?
        .is_none()
    {
        return Err(Error::field("project_id", "unknown_key"));
    }
    let mut above = row.parent_id;
    for _ in 0..32 {
        let Some(id) = above else { return Ok(()) };
        let parent = monitors::present()
            .filter(monitors::Column::Id.eq(id))
            .one(&tx.db)
            .await?
            .filter(|parent| parent.project_id == row.project_id && parent.id != row.id);
        above = parent
            .ok_or_else(|| Error::field("parent_id", "no_such_parent"))?
            .parent_id;
    }
    Err(Error::field("parent_id", "no_such_parent"))
}

/// A check to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Try {
    project_id: Uuid,
    kind: String,
    #[schema(value_type = Object)]
    config: Value,
    timeout_seconds: i32,
}

/// What one check saw.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tried {
    /// Everything as expected.
    up: bool,
    /// What was wrong, in the caller's language.
    reason: Option<String>,
    /// Phases, status, certificate, log.
    #[schema(value_type = Object)]
    outcome: Value,
}

/// Looks once, now, without storing anything.
#[utoipa::path(post, path = "/monitors/try", tag = "monitors", request_body = Try, responses((status = 200, body = Tried), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn attempt(
    State(app): State<App>,
    caller: Caller,
    Json(sent): Json<Try>,
) -> Result<Json<Tried>> {
    caller.require_at(
        Permission::MonitorRead,
        Permission::MonitorManage,
        Place::project(sent.project_id),
    )?;
    let (config, check) = watch::prepare(&sent.kind, sent.config)?;
    if !(1..=60).contains(&sent.timeout_seconds) {
        return Err(out_of_range("timeout_seconds", 1, 60));
    }
    // Looking at things on somebody's word is worth a line in the log.
    app.db
        .audit(
            caller
                .entry("monitor.try")
                .on("monitor", "", config.target()),
        )
        .await?;
    let timeout = Duration::from_secs(u64::from(sent.timeout_seconds.unsigned_abs()));
    let outcome = app.monitors().prober.run_verbose(&check, timeout).await;
    Ok(Json(Tried {
        up: outcome.is_up(),
        reason: reason(&outcome, caller.lang),
        outcome: serde_json::to_value(&outcome).map_err(Error::internal)?,
    }))
}
