//! The register of suppliers.

use anlan_core::access::Permission;
use anlan_core::task::ENDING;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::sea_query::{Condition, Query as Sql};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::{self, Supplier, SupplierFields};
use super::may_read;
use super::rows::{supplier_contracts, suppliers};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::changes::{Changes, check_version};
use crate::platform::day::Day;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::text;

/// Which suppliers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SupplierFilter {
    /// With a contract for this project, or for all.
    project: Option<Uuid>,
    /// In the name.
    q: Option<String>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    /// Only those with a contract that ends within 30 days.
    expiring: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Suppliers by name, with their contracts.
#[utoipa::path(get, path = "/suppliers", tag = "suppliers", params(SupplierFilter), responses((status = 200, body = Page<Supplier>), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<SupplierFilter>,
) -> Result<Json<Page<Supplier>>> {
    use suppliers::Column;
    may_read(&caller)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after.clone(),
    };
    let limit = page.limit()?;
    let mut query = suppliers::Entity::find();
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        query = query.filter(text::contains([Column::Name], &wanted));
    }
    if let Some(active) = filter.active {
        query = query.filter(Column::Active.eq(active));
    }
    if let Some(contracts) = contracts(&app, &caller, &filter) {
        let ids = Sql::select()
            .column(supplier_contracts::Column::SupplierId)
            .from(supplier_contracts::Entity)
            .cond_where(contracts)
            .to_owned();
        query = query.filter(Column::Id.in_subquery(ids));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(Column::Name.gt(cursor.key));
    }
    let rows = query
        .order_by_asc(Column::Name)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor {
        key: row.name.clone(),
        id: row.id,
    });
    Ok(Json(Page {
        items: dto::shown(&app, app.db.read(), &caller, page.items).await?,
        next: page.next,
    }))
}

/// The contracts a supplier must have one of, when the filter asks for that.
fn contracts(app: &App, caller: &Caller, filter: &SupplierFilter) -> Option<Condition> {
    use supplier_contracts::Column;
    let soon = filter.expiring.unwrap_or_default();
    if filter.project.is_none() && !soon {
        return None;
    }
    let mut all = Condition::all().add(dto::seen(caller));
    if let Some(project) = filter.project {
        let here = Condition::any()
            .add(Column::ProjectId.eq(project))
            .add(Column::ProjectId.is_null());
        all = all.add(here);
    }
    if soon {
        let today = dto::today(app);
        let last = today.saturating_add(jiff::Span::new().days(ENDING));
        all = all
            .add(Column::EndsOn.gte(Day::from(today)))
            .add(Column::EndsOn.lte(Day::from(last)));
    }
    Some(all)
}

/// One supplier.
#[utoipa::path(get, path = "/suppliers/{id}", tag = "suppliers", params(("id" = Uuid, Path)), responses((status = 200, body = Supplier), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Supplier>> {
    may_read(&caller)?;
    let row = suppliers::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    answer(&app, app.db.read(), &caller, row).await
}

/// Adds a supplier.
#[utoipa::path(post, path = "/suppliers", tag = "suppliers", request_body = SupplierFields, responses((status = 201, body = Supplier), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(fields): Json<SupplierFields>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::ProjectManage)?;
    let repeat = idempotent(&headers, "POST /suppliers", caller.user.id, &fields)?;
    let fields = fields.checked()?;
    let shared = app.clone();
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<Supplier>(tx).await?
                {
                    return Ok(Versioned(1, earlier));
                }
                let id = Uuid::now_v7();
                let entry = caller.entry("supplier.create");
                tx.audit(entry.on("supplier", id, &fields.name).detail(&fields));
                let row = suppliers::Model {
                    id,
                    name: fields.name,
                    contact: fields.contact,
                    phone: fields.phone,
                    email: fields.email,
                    note: fields.note,
                    active: fields.active,
                    created_at: tx.now,
                    version: 1,
                };
                let row = row.into_active_model().reset_all().insert(&tx.db).await;
                let row = row.map_err(|error| Error::on_unique(error, "name", "name"))?;
                let made = answer(&shared, &tx.db, &caller, row).await?;
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &made.1).await?;
                }
                Ok(made)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, created))
}

/// Changes a supplier.
#[utoipa::path(put, path = "/suppliers/{id}", tag = "suppliers", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = SupplierFields,
    responses((status = 200, body = Supplier), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<SupplierFields>,
) -> Result<Versioned<Supplier>> {
    caller.require(Permission::ProjectManage)?;
    let fields = fields.checked()?;
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = suppliers::Entity::find_by_id(id)
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                check_version(tx, version, row.version, id).await?;
                let changes = Changes::between(&SupplierFields::from(&row), &fields);
                if changes.is_empty() {
                    return answer(&shared, &tx.db, &caller, row).await;
                }
                let entry = caller.entry("supplier.update");
                tx.audit(changes.on(entry.on("supplier", id, &fields.name), row.version + 1));
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.name = Set(fields.name);
                change.contact = Set(fields.contact);
                change.phone = Set(fields.phone);
                change.email = Set(fields.email);
                change.note = Set(fields.note);
                change.active = Set(fields.active);
                let row = change.update(&tx.db).await;
                let row = row.map_err(|error| Error::on_unique(error, "name", "name"))?;
                answer(&shared, &tx.db, &caller, row).await
            })
        })
        .await
}

/// The answer about one supplier.
///
/// # Errors
/// When the store fails.
pub async fn answer(
    app: &App,
    db: &impl ConnectionTrait,
    caller: &Caller,
    row: suppliers::Model,
) -> Result<Versioned<Supplier>> {
    let version = row.version;
    let shown = dto::shown(app, db, caller, vec![row]).await?;
    let one = shown.into_iter().next().ok_or_else(Error::not_found)?;
    Ok(Versioned(version, one))
}
