//! What a monitor has seen: charts, availability, events, failed probes.

use anlan_core::access::Permission;
use anlan_probe::{Class, Outcome};
use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::api::find;
use super::engine::EngineHealth;
use super::history::{self, Chart};
use super::rows::{alert_events, probe_failures};
use super::why;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{Cursor, Json, Page, PageQuery, Path, Query};
use crate::platform::i18n::Lang;

pub fn reason(outcome: &Outcome, lang: Lang) -> Option<String> {
    let language = why::language(lang);
    match &outcome.class {
        Class::Up => None,
        Class::Down(reason) => Some(reason.text(language)),
        Class::Unknown(fault) => Some(fault.text(language)),
    }
}

/// Which stretch of history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// Name of the metric, `response_ms` unless told.
    metric: Option<String>,
    from: At,
    to: At,
    /// Points of the chart, 300 unless told.
    points: Option<i64>,
}

/// One metric over time.
#[utoipa::path(get, path = "/monitors/{id}/series", tag = "monitors", params(("id" = Uuid, Path), Range), responses((status = 200, body = Chart), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn series(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(range): Query<Range>,
) -> Result<Json<Chart>> {
    find(&app, &caller, id).await?;
    let metric = range.metric.as_deref().unwrap_or("response_ms");
    if metric.len() > 40
        || !metric
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
    {
        return Err(Error::field("metric", "unknown_key"));
    }
    history::chart(
        &app.monitors().store,
        id,
        metric,
        range.from,
        range.to,
        range.points.unwrap_or(300),
    )
    .await
    .map(Json)
}

/// One transition.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventRow {
    id: Uuid,
    at: At,
    happened_at: At,
    kind: String,
    /// The event with its reason.
    #[schema(value_type = Object)]
    detail: Value,
}

/// What happened to a monitor, newest first.
#[utoipa::path(get, path = "/monitors/{id}/events", tag = "monitors", params(("id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<EventRow>), (status = 404, body = Problem)))]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<EventRow>>> {
    find(&app, &caller, id).await?;
    let limit = page.limit()?;
    let mut query = alert_events::Entity::find().filter(alert_events::Column::MonitorId.eq(id));
    if let Some(cursor) = page.cursor()? {
        query = query.filter(alert_events::Column::Id.lt(cursor.id));
    }
    let found = query
        .order_by_desc(alert_events::Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(found, limit, |row| Cursor::number(0, row.id));
    Ok(Json(page.map(|row| EventRow {
        id: row.id,
        at: row.at,
        happened_at: row.happened_at,
        kind: row.kind,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
    })))
}

/// One failed probe.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureRow {
    id: Uuid,
    at: At,
    /// What was wrong, in the caller's language.
    reason: Option<String>,
    /// Phases, status, certificate, log.
    #[schema(value_type = Object)]
    outcome: Value,
}

/// The newest failed probes with their logs.
#[utoipa::path(get, path = "/monitors/{id}/failures", tag = "monitors", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<FailureRow>), (status = 404, body = Problem)))]
pub async fn failures(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<FailureRow>>> {
    find(&app, &caller, id).await?;
    let found = probe_failures::Entity::find()
        .filter(probe_failures::Column::MonitorId.eq(id))
        .order_by_desc(probe_failures::Column::At)
        .limit(50)
        .all(app.db.read())
        .await?;
    let row = |row: probe_failures::Model| {
        let outcome: Option<Outcome> = serde_json::from_str(&row.outcome).ok();
        FailureRow {
            id: row.id,
            at: row.at,
            reason: outcome.and_then(|outcome| reason(&outcome, caller.lang)),
            outcome: serde_json::from_str(&row.outcome).unwrap_or_default(),
        }
    };
    Ok(Json(found.into_iter().map(row).collect()))
}

/// How the engine itself is doing.
#[utoipa::path(get, path = "/monitors/engine", tag = "monitors", responses((status = 200, body = EngineHealth), (status = 403, body = Problem)))]
pub async fn engine(State(app): State<App>, caller: Caller) -> Result<Json<EngineHealth>> {
    caller.require(Permission::MonitorRead)?;
    Ok(Json(app.monitors().health()))
}
