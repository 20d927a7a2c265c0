//! The HTTP surface of monitors.

use std::collections::HashMap;
use std::time::Duration;

use anlan_core::access::{Permission, Place};
use anlan_core::alert::{Level, Rule, Status};
use anlan_core::schedule::Interval;
use anlan_probe::text::Language;
use anlan_probe::{Class, Outcome};
use axum::extract::{Path, State};
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

use super::availability::{self, Availability};
use super::engine::Health;
use super::history::{self, Chart};
use super::rows::{alert_events, alerts, monitor_states, monitors, probe_failures};
use super::watch::{self, out_of_range};
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::tickets::rows::tickets;
use crate::platform::access::{Caller, visible};
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, IfMatch, Json, Page, PageQuery, Query, Versioned};
use crate::platform::i18n::Lang;
use crate::platform::names::{self, ProjectName};

/// A monitor as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Write {
    name: String,
    /// `http`, `tcp`, `icmp` or `dns`.
    kind: String,
    project_id: Uuid,
    /// What to look at, by kind.
    #[schema(value_type = Object)]
    config: Value,
    /// 5 seconds to a day.
    interval_seconds: i32,
    /// 1 to 60 seconds, no longer than the interval.
    timeout_seconds: i32,
    /// What is bad at which level; three failures in a row are critical when absent.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    #[serde(default)]
    group: String,
    /// Place in the list.
    #[serde(default)]
    order: i32,
    #[serde(default)]
    system: String,
    /// The monitor whose failure explains this one's.
    parent_id: Option<Uuid>,
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

/// A monitor in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonitorRow {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub target: String,
    pub project: Option<ProjectName>,
    pub group: String,
    pub order: i32,
    pub system: String,
    pub interval_seconds: i32,
    pub enabled: bool,
    /// `ok`, `suspect`, `warning`, `critical`, `recovering`, `no_data`, `unknown`, `unreachable`, `maintenance` or `paused`.
    pub state: String,
    /// Level of the open problem.
    pub level: Option<String>,
    pub flapping: bool,
    pub last_checked_at: Option<At>,
    pub last_value_ms: Option<f64>,
    /// Since when the problem lasts.
    pub since: Option<At>,
    pub open_ticket: Option<OpenTicket>,
    pub version: i32,
}

/// The ticket of the open alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenTicket {
    pub id: Uuid,
    pub number: String,
}

/// A monitor with its configuration.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonitorDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub row: MonitorRow,
    /// What to look at, secrets left out.
    #[schema(value_type = Object)]
    pub config: Value,
    /// What is bad at which level.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// How long a check may take.
    pub timeout_seconds: i32,
    /// The monitor whose failure explains this one's.
    pub parent_id: Option<Uuid>,
    /// Availability of the last 24 hours.
    pub availability_24h: Option<f64>,
}

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

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<monitors::Model> {
    let found = monitors::Entity::find_by_id(id)
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
    let mut query = monitors::Entity::find().filter(scope(&caller)).filter(
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

async fn rows(app: &App, found: Vec<monitors::Model>) -> Result<Vec<MonitorRow>> {
    let db = app.db.read();
    let now = app.now();
    let projects = names::projects(db, found.iter().map(|row| row.project_id)).await?;
    let open = alerts::Entity::find()
        .filter(alerts::Column::MonitorId.is_in(found.iter().map(|row| row.id)))
        .filter(alerts::Column::RecoveredAt.is_null())
        .filter(alerts::Column::TicketId.is_not_null())
        .all(db)
        .await?;
    let tickets = tickets::Entity::find()
        .filter(tickets::Column::Id.is_in(open.iter().filter_map(|alert| alert.ticket_id)))
        .all(db)
        .await?;
    let numbers: HashMap<Uuid, String> = tickets
        .into_iter()
        .map(|ticket| (ticket.id, ticket.number))
        .collect();
    let open: HashMap<Uuid, OpenTicket> = open
        .into_iter()
        .filter_map(|alert| {
            let id = alert.ticket_id?;
            Some((
                alert.monitor_id,
                OpenTicket {
                    id,
                    number: numbers.get(&id)?.clone(),
                },
            ))
        })
        .collect();
    let row = |row: monitors::Model| {
        let live = app.monitors().board.read(|all| {
            all.get(&row.id).map(|live| {
                (
                    live.state.level(),
                    live.state.flapping,
                    live.state.problem.as_ref().map(|problem| problem.began),
                    live.last,
                )
            })
        });
        let (level, flapping, since, last) = live.unwrap_or_default();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a check is far shorter than 2^52 microseconds"
        )]
        let value = last
            .and_then(|last| last.response_us)
            .map(|us| us as f64 / 1_000.0);
        MonitorRow {
            state: status_word(app.monitors().board.status(&row, now)).to_owned(),
            level: level.map(|level| super::outcome::word(level).to_owned()),
            flapping,
            last_checked_at: last.map(|last| last.at),
            last_value_ms: value,
            since: since.map(At::from),
            open_ticket: open.get(&row.id).cloned(),
            project: projects.get(&row.project_id).cloned(),
            id: row.id,
            name: row.name,
            kind: row.kind,
            target: row.target,
            group: row.group_name,
            order: row.position,
            system: row.system,
            interval_seconds: row.interval_seconds,
            enabled: row.enabled,
            version: row.version,
        }
    };
    Ok(found.into_iter().map(row).collect())
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Suspect => "suspect",
        Status::Warning => "warning",
        Status::Critical => "critical",
        Status::Recovering => "recovering",
        Status::NoData => "no_data",
        Status::Unknown => "unknown",
        Status::Unreachable => "unreachable",
        Status::Maintenance => "maintenance",
        Status::Paused => "paused",
    }
}

/// One monitor.
#[utoipa::path(get, path = "/monitors/{id}", tag = "monitors", params(("id" = Uuid, Path)), responses((status = 200, body = MonitorDetail), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<MonitorDetail>> {
    let row = find(&app, &caller, id).await?;
    detail(&app, row).await
}

async fn detail(app: &App, row: monitors::Model) -> Result<Versioned<MonitorDetail>> {
    let now = app.now();
    let day = availability::availability(
        app,
        std::slice::from_ref(&row),
        now.plus_seconds(-24 * 3600),
        now,
    )
    .await?;
    let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let (config, rule, timeout_seconds, parent_id, version) = (
        json(&row.config),
        json(&row.rule),
        row.timeout_seconds,
        row.parent_id,
        row.version,
    );
    let row = rows(app, vec![row])
        .await?
        .pop()
        .ok_or_else(Error::not_found)?;
    let availability_24h = day.first().and_then(|day| day.ratio);
    Ok(Versioned(
        version,
        MonitorDetail {
            row,
            config,
            rule,
            timeout_seconds,
            parent_id,
            availability_24h,
        },
    ))
}

/// Sets a monitor up; its first check follows within one interval.
#[utoipa::path(post, path = "/monitors", tag = "monitors", request_body = Write, responses((status = 201, body = MonitorDetail), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(sent): Json<Write>,
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
        created_at: now,
        updated_at: now,
        version: 1,
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
#[utoipa::path(put, path = "/monitors/{id}", tag = "monitors", params(("id" = Uuid, Path)), request_body = Write,
    responses((status = 200, body = MonitorDetail), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(sent): Json<Write>,
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
                let mut row = monitors::Entity::find_by_id(id)
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                version.check(row.version, || row.name.clone())?;
                let before = row.target.clone();
                apply(&mut row, sent)?;
                references(tx, &row).await?;
                row.version += 1;
                row.updated_at = tx.now;
                tx.audit(entry.detail(
                    serde_json::json!({ "target": [before, row.target], "enabled": row.enabled }),
                ));
                tx.changed(Change::in_project(Topic::Monitor, id, row.project_id));
                Ok(row.into_active_model().reset_all().update(&tx.db).await?)
            })
        })
        .await?;
    detail(&app, row).await
}

/// Removes a monitor. Its tickets, alerts and events stay.
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
                monitors::Entity::delete_by_id(id).exec(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes over what was sent, checked field by field.
fn apply(row: &mut monitors::Model, sent: Write) -> Result<()> {
    let mut wrong = Vec::new();
    let mut text = |field: &str, value: &str, min: usize, max: usize| {
        let length = value.trim().chars().count();
        if length < min {
            wrong.push(FieldError::new(field, "required"));
        } else if length > max {
            wrong.push(FieldError::new(field, "too_long").with("max", max));
        } else if value.chars().any(char::is_control) {
            wrong.push(FieldError::new(field, "control_characters"));
        }
        value.trim().to_owned()
    };
    row.name = text("name", &sent.name, 1, 100);
    row.group_name = text("group", &sent.group, 0, 60);
    row.system = text("system", &sent.system, 0, 100);
    let range = |field: &str, min: i64, max: i64| {
        FieldError::new(field, "out_of_range")
            .with("min", min)
            .with("max", max)
    };
    if Interval::from_seconds(sent.interval_seconds.unsigned_abs()).is_err()
        || sent.interval_seconds < 5
    {
        wrong.push(range("interval_seconds", 5, 86_400));
    }
    if !(1..=60).contains(&sent.timeout_seconds) || sent.timeout_seconds > sent.interval_seconds {
        wrong.push(range(
            "timeout_seconds",
            1,
            i64::from(sent.interval_seconds.clamp(1, 60)),
        ));
    }
    let rule = match sent.rule {
        None => Rule::usual(),
        Some(rule) => serde_json::from_value::<Rule>(rule).map_err(|error| {
            Error::Invalid(vec![
                FieldError::new("rule", "wrong_type").with("reason", error),
            ])
        })?,
    };
    if let Err(faults) = rule.check() {
        wrong.extend(faults.into_iter().map(|fault| {
            FieldError::new(
                format!("rule.{}", fault.field),
                format!("rule.{}", fault.code),
            )
        }));
    }
    let config = watch::prepare(&sent.kind, sent.config.clone());
    match config {
        Err(Error::Invalid(fields)) => wrong.extend(fields),
        Err(other) => return Err(other),
        Ok((config, _)) => row.target = config.target(),
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    row.kind = sent.kind;
    row.config = sent.config.to_string();
    row.rule = serde_json::to_string(&rule).map_err(Error::internal)?;
    row.interval_seconds = sent.interval_seconds;
    row.timeout_seconds = sent.timeout_seconds;
    row.position = sent.order;
    row.parent_id = sent.parent_id;
    row.enabled = sent.enabled;
    Ok(())
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
        let parent = monitors::Entity::find_by_id(id)
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

fn reason(outcome: &Outcome, lang: Lang) -> Option<String> {
    let language = if lang == Lang::En {
        Language::English
    } else {
        Language::Chinese
    };
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

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Period {
    from: At,
    to: At,
}

/// Availability in a period, less what does not count.
#[utoipa::path(get, path = "/monitors/{id}/availability", tag = "monitors", params(("id" = Uuid, Path), Period), responses((status = 200, body = Availability), (status = 404, body = Problem)))]
pub async fn available(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(period): Query<Period>,
) -> Result<Json<Availability>> {
    let row = find(&app, &caller, id).await?;
    let mut all = availability::availability(&app, &[row], period.from, period.to).await?;
    all.pop().map(Json).ok_or_else(Error::not_found)
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
#[utoipa::path(get, path = "/monitors/engine", tag = "monitors", responses((status = 200, body = Health), (status = 403, body = Problem)))]
pub async fn engine(State(app): State<App>, caller: Caller) -> Result<Json<Health>> {
    caller.require(Permission::MonitorRead)?;
    Ok(Json(app.monitors().health()))
}

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
pub async fn alert_list(
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
            reason: row.reason,
        }
    })))
}
