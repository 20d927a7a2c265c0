//! By which office hours a project works from which day. It begins with its own calendar;
//! each further one is in force from its day until the next. A ticket keeps the hours of the day it
//! was reported.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::contract::managed;
use super::place_of;
use super::rows::{project_calendars, projects};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::definitions::Definitions;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{Json, Path};
use crate::platform::i18n::Lang;

/// Other office hours from a day on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursFields {
    /// Key of the calendar.
    pub calendar: String,
    /// First day, within the project's term.
    pub effective_from: Day,
}

/// Office hours in force from a day on, until the next.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoursPeriod {
    /// Nothing for the hours the project begins with.
    id: Option<Uuid>,
    /// Key of the calendar.
    calendar: String,
    /// Name of the calendar.
    name: String,
    /// First day; nothing for the hours the project begins with.
    effective_from: Option<Day>,
}

/// The office hours of a project, by their days; first those it begins with.
#[utoipa::path(get, path = "/projects/{id}/calendars", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = [HoursPeriod]), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<HoursPeriod>>> {
    caller.require(Permission::ProjectRead)?;
    let db = app.db.read();
    let project = projects::Entity::find_by_id(id).one(db).await?;
    let project = project.ok_or_else(Error::not_found)?;
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectRead,
        place_of(&project),
    )?;
    let first = HoursPeriod {
        id: None,
        name: app
            .definitions
            .calendar_name(caller.lang, &project.calendar),
        calendar: project.calendar,
        effective_from: None,
    };
    let later = of(db, id).await?;
    let later = later.into_iter().map(|row| period(&app, caller.lang, row));
    Ok(Json(std::iter::once(first).chain(later).collect()))
}

/// Puts other office hours in force from a day on. Tickets keep those of the day they were reported,
/// open ones too.
#[utoipa::path(post, path = "/projects/{id}/calendars", tag = "projects", params(("id" = Uuid, Path)), request_body = HoursFields,
    responses((status = 201, body = HoursPeriod), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(fields): Json<HoursFields>,
) -> Result<(StatusCode, Json<HoursPeriod>)> {
    caller.require(Permission::ProjectRead)?;
    let (lang, shared) = (caller.lang, app.clone());
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                fitting(&shared.definitions, &project, &fields)?;
                let entry =
                    caller
                        .entry("project.calendar.create")
                        .on("project", id, &project.code);
                tx.audit(entry.detail(&fields));
                let row = project_calendars::Model {
                    id: Uuid::now_v7(),
                    project_id: id,
                    calendar: fields.calendar,
                    effective_from: fields.effective_from,
                    created_at: tx.now,
                    created_by: Some(caller.user.id),
                };
                let row = row.into_active_model().reset_all();
                row.insert(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "effective_from", "effective_from"))
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(period(&app, lang, row))))
}

/// Takes back office hours entered by mistake. Those by which tickets are timed stay.
#[utoipa::path(delete, path = "/projects/{id}/calendars/{hours}", tag = "projects", params(("id" = Uuid, Path), ("hours" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((id, hours)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    caller.require(Permission::ProjectRead)?;
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                let row = project_calendars::Entity::find_by_id(hours)
                    .filter(project_calendars::Column::ProjectId.eq(id))
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                let zone = shared.definitions.zone_of(&project.calendar);
                let (first, _) = row.effective_from.span(&zone)?;
                if times_tickets(tx, id, &row.calendar, first).await? {
                    return Err(Error::conflict("calendar_in_use"));
                }
                let entry =
                    caller
                        .entry("project.calendar.delete")
                        .on("project", id, &project.code);
                tx.audit(entry.detail(HoursFields {
                    calendar: row.calendar,
                    effective_from: row.effective_from,
                }));
                project_calendars::Entity::delete_by_id(hours)
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Those that follow the project's first ones, by their days.
async fn of(db: &impl ConnectionTrait, project: Uuid) -> Result<Vec<project_calendars::Model>> {
    Ok(project_calendars::Entity::find()
        .filter(project_calendars::Column::ProjectId.eq(project))
        .order_by_asc(project_calendars::Column::EffectiveFrom)
        .all(db)
        .await?)
}

/// Days of a project are days of one time zone, whichever hours are in force.
fn fitting(
    definitions: &Definitions,
    project: &projects::Model,
    fields: &HoursFields,
) -> Result<()> {
    let mut check = Check::default();
    let known = definitions.calendars().get(&fields.calendar).is_some();
    check.ensure(known, "calendar", "no_such");
    let zone = |key: &str| definitions.zone_of(key);
    if known && zone(&fields.calendar) != zone(&project.calendar) {
        check.push(FieldError::new("calendar", "other_timezone"));
    }
    if fields.effective_from < project.starts_on || fields.effective_from > project.ends_on {
        let outside = FieldError::new("effective_from", "outside_term")
            .with("from", &project.starts_on)
            .with("to", &project.ends_on);
        check.push(outside);
    }
    check.finish()
}

/// Whether a ticket of the project, reported at or after an instant, is timed by this calendar.
///
/// # Errors
/// When the store fails.
pub(super) async fn times_tickets(
    tx: &Tx,
    project: Uuid,
    calendar: &str,
    from: At,
) -> Result<bool> {
    let query = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new("tickets"))
        .and_where(Expr::col(Alias::new("project_id")).eq(project))
        .and_where(Expr::col(Alias::new("reported_at")).gte(from.0))
        .and_where(Expr::col(Alias::new("calendar")).eq(calendar))
        .limit(1)
        .to_owned();
    Ok(tx.db.query_one(&query).await?.is_some())
}

fn period(app: &App, lang: Lang, row: project_calendars::Model) -> HoursPeriod {
    HoursPeriod {
        id: Some(row.id),
        name: app.definitions.calendar_name(lang, &row.calendar),
        calendar: row.calendar,
        effective_from: Some(row.effective_from),
    }
}
