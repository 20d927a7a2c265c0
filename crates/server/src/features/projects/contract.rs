//! The project itself: who serves whom, from when to when, by which calendar.

use std::collections::HashMap;

use anlan_core::access::{Permission, Place};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::calendars::times_tickets;
use super::rows::projects;
use super::{place_of, seen, uptime};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::auth::rows::users;
use crate::platform::changes::{Changes, check_version};
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::names::{self, Named, Table};
use crate::platform::text;

/// What is kept of a project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectFields {
    /// Short code, unique; ticket numbers and files carry it.
    pub code: String,
    /// Name of the contract.
    pub name: String,
    /// The customer.
    pub customer_unit_id: Uuid,
    /// Name of the company that serves.
    pub provider_name: String,
    /// First day of the term.
    pub starts_on: Day,
    /// Last day of the term.
    pub ends_on: Day,
    /// Key of the calendar of office hours it begins with. Once tickets are timed by it, other hours are
    /// put in force from a day on (`/projects/{id}/calendars`).
    pub calendar: String,
    /// The project manager (项目负责人).
    #[serde(default)]
    pub manager_id: Option<Uuid>,
    /// Who leads on the customer's side (客户负责人).
    #[serde(default)]
    pub customer_lead_id: Option<Uuid>,
    /// Telephone number of the desk.
    #[serde(default)]
    pub hotline: String,
    /// False once nothing new may be registered.
    #[serde(default = "yes")]
    pub active: bool,
    /// Promised availability of its systems in millionths, 999,900 for 99.99 %; when it is absent, the
    /// standard of the monthly report holds.
    #[serde(default)]
    pub availability_target: Option<i32>,
    /// Hours that a system may be down in a service year; without it there is no budget.
    #[serde(default)]
    pub outage_budget_hours: Option<i32>,
    /// Minutes that a single interruption may last; without it only the budget bounds it.
    #[serde(default)]
    pub outage_single_minutes: Option<i32>,
}

const fn yes() -> bool {
    true
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Project {
    id: Uuid,
    #[serde(flatten)]
    fields: ProjectFields,
    customer: Option<Named>,
    manager: Option<Named>,
    customer_lead: Option<Named>,
    created_at: At,
    version: i32,
}

/// Which projects.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    /// In code or name.
    q: Option<String>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Projects by code.
#[utoipa::path(get, path = "/projects", tag = "projects", params(ProjectFilter), responses((status = 200, body = Page<Project>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<ProjectFilter>,
) -> Result<Json<Page<Project>>> {
    caller.require(Permission::ProjectRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = projects::Entity::find().filter(seen(&caller, Permission::ProjectRead));
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        query = query.filter(text::contains(
            [projects::Column::Code, projects::Column::Name],
            &wanted,
        ));
    }
    if let Some(active) = filter.active {
        query = query.filter(projects::Column::Active.eq(active));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(projects::Column::Code.gt(cursor.key));
    }
    let rows = query
        .order_by_asc(projects::Column::Code)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor {
        key: row.code.clone(),
        id: row.id,
    });
    let around = Around::of(app.db.read(), &page.items).await?;
    Ok(Json(page.map(|row| around.project(&row))))
}

/// One project.
#[utoipa::path(get, path = "/projects/{id}", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = Project), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Project>> {
    caller.require(Permission::ProjectRead)?;
    let row = projects::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectRead,
        place_of(&row),
    )?;
    answer(app.db.read(), row).await
}

/// Adds a project.
#[utoipa::path(post, path = "/projects", tag = "projects", request_body = ProjectFields, responses((status = 201, body = Project), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(fields): Json<ProjectFields>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::ProjectManage)?;
    at_home(&caller, fields.customer_unit_id)?;
    let repeat = idempotent(&headers, "POST /projects", caller.user.id, &fields)?;
    let fields = checked(&app, fields)?;
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<Project>(tx).await?
                {
                    return Ok(earlier);
                }
                references(tx, &fields).await?;
                let row = projects::Model {
                    id: Uuid::now_v7(),
                    code: fields.code,
                    name: fields.name,
                    customer_unit_id: fields.customer_unit_id,
                    provider_name: fields.provider_name,
                    starts_on: fields.starts_on,
                    ends_on: fields.ends_on,
                    calendar: fields.calendar,
                    manager_id: fields.manager_id,
                    customer_lead_id: fields.customer_lead_id,
                    hotline: fields.hotline,
                    active: fields.active,
                    created_at: tx.now,
                    version: 1,
                    availability_target: fields.availability_target,
                    outage_budget_hours: fields.outage_budget_hours,
                    outage_single_minutes: fields.outage_single_minutes,
                };
                let entry = caller
                    .entry("project.create")
                    .on("project", row.id, &row.code)
                    .detail(ProjectFields::from(&row));
                let row = row.into_active_model().reset_all();
                let row = row
                    .insert(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "code", "code"))?;
                tx.audit(entry);
                let Versioned(_, project) = answer(&tx.db, row).await?;
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &project).await?;
                }
                Ok(project)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(created.version, created)))
}

/// Changes a project.
#[utoipa::path(put, path = "/projects/{id}", tag = "projects", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = ProjectFields,
    responses((status = 200, body = Project), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<ProjectFields>,
) -> Result<Versioned<Project>> {
    caller.require(Permission::ProjectRead)?;
    let fields = checked(&app, fields)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                check_version(tx, version, row.version, id).await?;
                let changes = Changes::between(&ProjectFields::from(&row), &fields);
                if changes.is_empty() {
                    return answer(&tx.db, row).await;
                }
                if row.customer_unit_id != fields.customer_unit_id {
                    at_home(&caller, fields.customer_unit_id)?;
                }
                references(tx, &fields).await?;
                tx.audit(
                    changes.on(
                        caller
                            .entry("project.update")
                            .on("project", id, &fields.code),
                        row.version + 1,
                    ),
                );
                if row.calendar != fields.calendar
                    && times_tickets(tx, id, &row.calendar, At::default()).await?
                {
                    return Err(Error::field("calendar", "calendar_in_use"));
                }
                if uptime::differs(&row, &fields) {
                    uptime::changes(tx, id).await?;
                }
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.code = Set(fields.code);
                change.name = Set(fields.name);
                change.customer_unit_id = Set(fields.customer_unit_id);
                change.provider_name = Set(fields.provider_name);
                change.starts_on = Set(fields.starts_on);
                change.ends_on = Set(fields.ends_on);
                change.calendar = Set(fields.calendar);
                change.manager_id = Set(fields.manager_id);
                change.customer_lead_id = Set(fields.customer_lead_id);
                change.hotline = Set(fields.hotline);
                change.active = Set(fields.active);
                change.availability_target = Set(fields.availability_target);
                change.outage_budget_hours = Set(fields.outage_budget_hours);
                change.outage_single_minutes = Set(fields.outage_single_minutes);
                let row = change
                    .update(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "code", "code"))?;
                answer(&tx.db, row).await
            })
        })
        .await
}

/// Refuses a customer on whose projects the caller has no say: managing one project gives it to nobody else.
fn at_home(caller: &Caller, customer: Uuid) -> Result<()> {
    let place = Place {
        unit: Some(customer),
        ..Place::default()
    };
    if caller.access.can(Permission::ProjectManage, place) {
        Ok(())
    } else {
        Err(caller.refused(Permission::ProjectManage))
    }
}

fn checked(app: &App, fields: ProjectFields) -> Result<ProjectFields> {
    let mut check = Check::default();
    check.ensure(
        fields.starts_on <= fields.ends_on,
        "ends_on",
        "before_start",
    );
    let calendar = app.definitions.calendars().get(&fields.calendar).is_some();
    check.ensure(calendar, "calendar", "no_such");
    uptime::check(&fields, &mut check);
    let fields = ProjectFields {
        code: check.code("code", &fields.code, 40),
        name: check.line("name", &fields.name, 1..=200),
        provider_name: check.line("provider_name", &fields.provider_name, 1..=200),
        hotline: check.phone("hotline", &fields.hotline),
        ..fields
    };
    check.finish()?;
    Ok(fields)
}

/// Refuses a customer or people that do not exist.
async fn references(tx: &Tx, fields: &ProjectFields) -> Result<()> {
    let people = [
        ("manager_id", fields.manager_id),
        ("customer_lead_id", fields.customer_lead_id),
    ];
    let wanted: Vec<Uuid> = people.iter().filter_map(|(_, id)| *id).collect();
    let active: Vec<Uuid> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Id.is_in(wanted))
        .filter(users::Column::Active.eq(true))
        .into_tuple()
        .all(&tx.db)
        .await?;
    let mut check = Check::default();
    let units = names::of(&tx.db, Table::Units, [fields.customer_unit_id]).await?;
    check.ensure(!units.is_empty(), "customer_unit_id", "no_such");
    for (field, id) in people {
        if id.is_some_and(|id| !active.contains(&id)) {
            check.push(FieldError::new(field, "no_such"));
        }
    }
    check.finish()
}

/// The project, locked, if the caller may change it.
pub async fn managed(tx: &Tx, caller: &Caller, id: Uuid) -> Result<projects::Model> {
    let row = projects::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectManage,
        place_of(&row),
    )?;
    Ok(row)
}

impl From<&projects::Model> for ProjectFields {
    fn from(row: &projects::Model) -> Self {
        Self {
            code: row.code.clone(),
            name: row.name.clone(),
            customer_unit_id: row.customer_unit_id,
            provider_name: row.provider_name.clone(),
            starts_on: row.starts_on.clone(),
            ends_on: row.ends_on.clone(),
            calendar: row.calendar.clone(),
            manager_id: row.manager_id,
            customer_lead_id: row.customer_lead_id,
            hotline: row.hotline.clone(),
            active: row.active,
            availability_target: row.availability_target,
            outage_budget_hours: row.outage_budget_hours,
            outage_single_minutes: row.outage_single_minutes,
        }
    }
}

/// Names that stand in other tables.
struct Around {
    units: HashMap<Uuid, Named>,
    people: HashMap<Uuid, Named>,
}

impl Around {
    async fn of(db: &impl ConnectionTrait, rows: &[projects::Model]) -> Result<Self> {
        let people: Vec<Uuid> = rows
            .iter()
            .flat_map(|row| [row.manager_id, row.customer_lead_id])
            .flatten()
            .collect();
        let customers: Vec<Uuid> = rows.iter().map(|row| row.customer_unit_id).collect();
        Ok(Self {
            units: names::of(db, Table::Units, customers).await?,
            people: names::of(db, Table::Users, people).await?,
        })
    }

    fn project(&self, row: &projects::Model) -> Project {
        let person = |id: Option<Uuid>| id.and_then(|id| self.people.get(&id).cloned());
        Project {
            id: row.id,
            fields: ProjectFields::from(row),
            customer: self.units.get(&row.customer_unit_id).cloned(),
            manager: person(row.manager_id),
            customer_lead: person(row.customer_lead_id),
            created_at: row.created_at,
            version: row.version,
        }
    }
}

async fn answer(db: &impl ConnectionTrait, row: projects::Model) -> Result<Versioned<Project>> {
    let around = Around::of(db, std::slice::from_ref(&row)).await?;
    Ok(Versioned(row.version, around.project(&row)))
}
