//! Support contracts (UC) with a supplier.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
};
use uuid::Uuid;

use super::dto::{ContractFields, Supplier};
use super::rows::{supplier_contracts, suppliers};
use super::{expiry, register};
use crate::app::App;
use crate::features::projects;
use crate::platform::access::Caller;
use crate::platform::changes::{Changes, check_version};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Versioned};

/// Adds a contract.
#[utoipa::path(post, path = "/suppliers/{id}/contracts", tag = "suppliers", params(("id" = Uuid, Path)), request_body = ContractFields,
    responses((status = 201, body = Supplier), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(fields): Json<ContractFields>,
) -> Result<(StatusCode, Versioned<Supplier>)> {
    caller.require(Permission::ProjectManage)?;
    let fields = fields.checked(&app)?;
    let shared = app.clone();
    let made =
        app.db
            .write(move |tx| {
                Box::pin(async move {
                    let supplier = one(tx, id).await?;
                    may_manage(tx, &caller, fields.project_id).await?;
                    let contract = Uuid::now_v7();
                    let entry = caller.entry("supplier.contract.create");
                    tx.audit(entry.on("contract", contract, &fields.number).detail(
                        serde_json::json!({ "supplier": supplier.name, "fields": fields }),
                    ));
                    let row = supplier_contracts::Model {
                        id: contract,
                        supplier_id: id,
                        number: fields.number,
                        project_id: fields.project_id,
                        supports: fields.supports.join("\n"),
                        calendar: fields.calendar,
                        respond: fields.respond_seconds,
                        arrive: fields.arrive_seconds,
                        resolve: fields.resolve_seconds,
                        starts_on: fields.starts_on,
                        ends_on: fields.ends_on,
                        created_at: tx.now,
                        version: 1,
                    };
                    expiry::plan(tx, &row).await?;
                    let row = row.into_active_model().reset_all().insert(&tx.db).await;
                    row.map_err(|error| Error::on_unique(error, "number", "number"))?;
                    register::answer(&shared, &tx.db, &caller, supplier).await
                })
            })
            .await?;
    Ok((StatusCode::CREATED, made))
}

/// Changes a contract. Tasks that were begun under it keep the times they were given.
#[utoipa::path(put, path = "/suppliers/{id}/contracts/{contract}", tag = "suppliers", params(("id" = Uuid, Path), ("contract" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = ContractFields, responses((status = 200, body = Supplier), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((id, contract)): Path<(Uuid, Uuid)>,
    version: IfMatch,
    Json(fields): Json<ContractFields>,
) -> Result<Versioned<Supplier>> {
    caller.require(Permission::ProjectManage)?;
    let fields = fields.checked(&app)?;
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let supplier = one(tx, id).await?;
                let row = supplier_contracts::Entity::find_by_id(contract)
                    .filter(supplier_contracts::Column::SupplierId.eq(id))
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                may_manage(tx, &caller, row.project_id).await?;
                may_manage(tx, &caller, fields.project_id).await?;
                check_version(tx, version, row.version, contract).await?;
                let changes = Changes::between(&ContractFields::from(&row), &fields);
                if !changes.is_empty() {
                    let entry = caller.entry("supplier.contract.update");
                    let entry = entry.on("contract", contract, &fields.number);
                    tx.audit(changes.on(entry, row.version + 1));
                    let row = changed(row, fields).update(&tx.db).await;
                    let row = row.map_err(|error| Error::on_unique(error, "number", "number"))?;
                    expiry::plan(tx, &row).await?;
                }
                register::answer(&shared, &tx.db, &caller, supplier).await
            })
        })
        .await
}

fn changed(
    row: supplier_contracts::Model,
    fields: ContractFields,
) -> supplier_contracts::ActiveModel {
    let version = row.version + 1;
    let mut change = row.into_active_model();
    change.version = Set(version);
    change.number = Set(fields.number);
    change.project_id = Set(fields.project_id);
    change.supports = Set(fields.supports.join("\n"));
    change.calendar = Set(fields.calendar);
    change.respond = Set(fields.respond_seconds);
    change.arrive = Set(fields.arrive_seconds);
    change.resolve = Set(fields.resolve_seconds);
    change.starts_on = Set(fields.starts_on);
    change.ends_on = Set(fields.ends_on);
    change
}

async fn one(tx: &Tx, id: Uuid) -> Result<suppliers::Model> {
    suppliers::Entity::find_by_id(id)
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)
}

/// A contract is managed by whoever manages its project; one for all projects, by whoever manages all.
async fn may_manage(tx: &Tx, caller: &Caller, project: Option<Uuid>) -> Result<()> {
    let Some(project) = project else {
        return caller.require_everywhere(Permission::ProjectManage);
    };
    let no_such = || Error::field("project_id", "no_such");
    let place = projects::place(&tx.db, project)
        .await
        .map_err(|_| no_such())?;
    if caller.access.can(Permission::ProjectManage, place) {
        Ok(())
    } else {
        Err(no_such())
    }
}
