//! Customer units: a tree of offices.

use std::collections::HashMap;

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::sea_query::{Expr, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::units;
use super::scope;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::changes::{Changes, check_version};
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::names::{self, Named, Table};
use crate::platform::text;

/// Levels of the tree: 省, 市, 县, 乡 and as many again.
const DEEPEST: usize = 8;
/// Characters that one level takes in a path.
const STEP: usize = 33;

/// What is kept of a customer unit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitFields {
    /// Short code, unique.
    pub code: String,
    /// Name, as letters and forms say it.
    pub name: String,
    /// The unit above.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Where it is.
    #[serde(default)]
    pub address: String,
    /// Key of the calendar of its own office hours, when they differ from the project's.
    #[serde(default)]
    pub hours_calendar: Option<String>,
    /// False once nothing new may be registered for it.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A customer unit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Unit {
    id: Uuid,
    #[serde(flatten)]
    fields: UnitFields,
    /// The unit above, with its name.
    parent: Option<Named>,
    /// How many units stand above it.
    depth: usize,
    created_at: At,
    version: i32,
}

/// Which units.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnitFilter {
    /// In code or name.
    q: Option<String>,
    /// Right below this unit.
    parent: Option<Uuid>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Units by code.
#[utoipa::path(get, path = "/units", tag = "people", params(UnitFilter), responses((status = 200, body = Page<Unit>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<UnitFilter>,
) -> Result<Json<Page<Unit>>> {
    caller.require(Permission::PeopleRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = units::Entity::find().filter(scope::units(&caller, Permission::PeopleRead));
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        query = query.filter(text::contains(
            [units::Column::Code, units::Column::Name],
            &wanted,
        ));
    }
    if let Some(parent) = filter.parent {
        query = query.filter(units::Column::ParentId.eq(parent));
    }
    if let Some(active) = filter.active {
        query = query.filter(units::Column::Active.eq(active));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(units::Column::Code.gt(cursor.key));
    }
    let rows = query
        .order_by_asc(units::Column::Code)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor {
        key: row.code.clone(),
        id: row.id,
    });
    let parents: Vec<Uuid> = page.items.iter().filter_map(|row| row.parent_id).collect();
    let parents = names::of(app.db.read(), Table::Units, parents).await?;
    Ok(Json(page.map(|row| unit(&row, &parents))))
}

/// One unit.
#[utoipa::path(get, path = "/units/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = Unit), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Unit>> {
    caller.require(Permission::PeopleRead)?;
    let row = seen(app.db.read(), &caller, id).await?;
    answer(app.db.read(), row).await
}

/// Adds a unit.
#[utoipa::path(post, path = "/units", tag = "people", request_body = UnitFields, responses((status = 201, body = Unit), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(fields): Json<UnitFields>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::PeopleManage)?;
    if fields.parent_id.is_none() {
        caller.require_everywhere(Permission::PeopleManage)?;
    }
    let repeat = idempotent(&headers, "POST /units", caller.user.id, &fields)?;
    let fields = checked(&app, fields)?;
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier(tx).await?
                {
                    return Ok(earlier);
                }
                let id = Uuid::now_v7();
                let path = path_below(tx, &caller, id, fields.parent_id).await?;
                let entry = caller
                    .entry("unit.create")
                    .on("unit", id, &fields.name)
                    .detail(&fields);
                let row = units::Model {
                    id,
                    code: fields.code,
                    name: fields.name,
                    parent_id: fields.parent_id,
                    path,
                    address: fields.address,
                    calendar: fields.hours_calendar,
                    active: fields.active,
                    created_at: tx.now,
                    version: 1,
                };
                let row = row.into_active_model().reset_all();
                let row = row
                    .insert(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "code", "code"))?;
                tx.audit(entry);
                let Versioned(_, unit) = answer(&tx.db, row).await?;
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &unit).await?;
                }
                Ok(unit)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(created.version, created)))
}

/// Changes a unit.
#[utoipa::path(put, path = "/units/{id}", tag = "people", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = UnitFields,
    responses((status = 200, body = Unit), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<UnitFields>,
) -> Result<Versioned<Unit>> {
    caller.require(Permission::PeopleRead)?;
    let fields = checked(&app, fields)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                check_version(tx, version, row.version, id).await?;
                let changes = Changes::between(&UnitFields::from(&row), &fields);
                if changes.is_empty() {
                    return answer(&tx.db, row).await;
                }
                let path = if row.parent_id == fields.parent_id {
                    row.path.clone()
                } else {
                    move_below(tx, &caller, &row, fields.parent_id).await?
                };
                let entry = caller.entry("unit.update").on("unit", id, &fields.name);
                tx.audit(changes.on(entry, row.version + 1));
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.code = Set(fields.code);
                change.name = Set(fields.name);
                change.parent_id = Set(fields.parent_id);
                change.path = Set(path);
                change.address = Set(fields.address);
                change.calendar = Set(fields.hours_calendar);
                change.active = Set(fields.active);
                let row = change
                    .update(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "code", "code"))?;
                answer(&tx.db, row).await
            })
        })
        .await
}

fn checked(app: &App, fields: UnitFields) -> Result<UnitFields> {
    let mut check = Check::default();
    let calendars = app.definitions.calendars();
    let known = fields
        .hours_calendar
        .as_deref()
        .is_none_or(|key| key.is_empty() || calendars.get(key).is_some());
    check.ensure(known, "hours_calendar", "no_such");
    let fields = UnitFields {
        code: check.code("code", &fields.code, 40),
        name: check.line("name", &fields.name, 1..=200),
        address: check.line("address", &fields.address, 0..=300),
        hours_calendar: fields.hours_calendar.filter(|key| !key.is_empty()),
        ..fields
    };
    check.finish()?;
    Ok(fields)
}

/// The unit, if the caller may see it.
async fn seen(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<units::Model> {
    units::Entity::find_by_id(id)
        .filter(scope::units(caller, Permission::PeopleRead))
        .one(db)
        .await?
        .ok_or_else(Error::not_found)
}

/// The unit, locked, if the caller may change it.
async fn managed(tx: &Tx, caller: &Caller, id: Uuid) -> Result<units::Model> {
    let row = units::Entity::find_by_id(id)
        .filter(scope::units(caller, Permission::PeopleRead))
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    let condition = scope::units(caller, Permission::PeopleManage);
    if scope::holds::<units::Entity>(&tx.db, units::Column::Id, id, condition).await? {
        Ok(row)
    } else {
        Err(caller.refused(Permission::PeopleManage))
    }
}

/// The path of unit `id` below `parent`, which the caller must be allowed to change.
async fn path_below(tx: &Tx, caller: &Caller, id: Uuid, parent: Option<Uuid>) -> Result<String> {
    let above = match parent {
        None => "/".to_owned(),
        Some(parent) => {
            units::Entity::find_by_id(parent)
                .filter(scope::units(caller, Permission::PeopleManage))
                .one(&tx.db)
                .await?
                .ok_or_else(|| Error::field("parent_id", "no_such"))?
                .path
        }
    };
    if above.len() / STEP >= DEEPEST {
        return Err(Error::field("parent_id", "too_deep"));
    }
    Ok(format!("{above}{}/", id.simple()))
}

/// Moves a unit with all below it; its new path.
async fn move_below(
    tx: &Tx,
    caller: &Caller,
    row: &units::Model,
    parent: Option<Uuid>,
) -> Result<String> {
    if parent.is_none() {
        caller.require_everywhere(Permission::PeopleManage)?;
    }
    let path = path_below(tx, caller, row.id, parent).await?;
    if path.len() > row.path.len() && path.starts_with(&row.path) {
        return Err(Error::field("parent_id", "below_itself"));
    }
    let below = units::Column::Path.like(LikeExpr::new(format!("{}_%", row.path)));
    let longest: Option<Option<i32>> = units::Entity::find()
        .select_only()
        .expr(Expr::cust("max(length(path))"))
        .filter(below.clone())
        .into_tuple()
        .one(&tx.db)
        .await?;
    let longest = longest
        .flatten()
        .and_then(|length| usize::try_from(length).ok());
    let deepest = path.len() + longest.map_or(0, |length| length.saturating_sub(row.path.len()));
    if deepest / STEP > DEEPEST {
        return Err(Error::field("parent_id", "too_deep"));
    }
    // Paths are made of digits and slashes only: nothing to escape.
    let moved = Expr::cust(format!("'{path}' || substr(path, {})", row.path.len() + 1));
    units::Entity::update_many()
        .col_expr(units::Column::Path, moved)
        .filter(below)
        .exec(&tx.db)
        .await?;
    Ok(path)
}

impl From<&units::Model> for UnitFields {
    fn from(row: &units::Model) -> Self {
        Self {
            code: row.code.clone(),
            name: row.name.clone(),
            parent_id: row.parent_id,
            address: row.address.clone(),
            hours_calendar: row.calendar.clone(),
            active: row.active,
        }
    }
}

fn unit(row: &units::Model, parents: &HashMap<Uuid, Named>) -> Unit {
    Unit {
        id: row.id,
        fields: UnitFields::from(row),
        parent: row.parent_id.and_then(|id| parents.get(&id).cloned()),
        depth: (row.path.len() / STEP).saturating_sub(1),
        created_at: row.created_at,
        version: row.version,
    }
}

async fn answer(db: &impl ConnectionTrait, row: units::Model) -> Result<Versioned<Unit>> {
    let parents = names::of(db, Table::Units, row.parent_id).await?;
    Ok(Versioned(row.version, unit(&row, &parents)))
}
