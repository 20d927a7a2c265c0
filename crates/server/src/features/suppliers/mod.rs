//! Suppliers and the support contracts with them (UC, R-044): whom to call, for what, by when they must
//! have come, and when a contract is to be renewed.
//!
//! What other features use: [`in_force`] (tasks), [`add`] (demo) and the timer handlers.

mod contracts;
mod dto;
mod expiry;
mod register;
pub mod rows;

use anlan_core::access::Permission;
use anlan_core::task::Within;
use futures::FutureExt;
use jiff::SignedDuration;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::timers::Handler;
use rows::{supplier_contracts, suppliers};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::list, register::create))
        .routes(routes!(register::show, register::update))
        .routes(routes!(contracts::create))
        .routes(routes!(contracts::update))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![(expiry::REMIND, |app, timer| {
        expiry::remind(app, timer).boxed()
    })]
}

/// Who works with suppliers: the provider's own people and its auditors, not the customer.
const READERS: [Permission; 3] = [
    Permission::TicketAct,
    Permission::ProjectManage,
    Permission::AuditRead,
];

/// Refuses who does not work with suppliers.
fn may_read(caller: &Caller) -> Result<()> {
    caller.require(Permission::ProjectRead)?;
    let reads = READERS
        .iter()
        .any(|permission| caller.access.can_somewhere(*permission));
    if reads {
        Ok(())
    } else {
        Err(caller.refused(Permission::TicketAct))
    }
}

/// Adds a supplier with its contracts, and the reminders of their ends.
///
/// # Errors
/// When the store fails.
pub async fn add(
    tx: &mut Tx,
    supplier: suppliers::Model,
    contracts: Vec<supplier_contracts::Model>,
) -> Result<()> {
    let supplier = supplier.into_active_model().reset_all();
    suppliers::Entity::insert(supplier)
        .exec_without_returning(&tx.db)
        .await?;
    for contract in contracts {
        expiry::plan(tx, &contract).await?;
        supplier_contracts::Entity::insert(contract.into_active_model().reset_all())
            .exec_without_returning(&tx.db)
            .await?;
    }
    Ok(())
}

/// The contracts with a project that are in force on a day, each with its supplier; those made for the
/// project itself come first, then the newest.
///
/// # Errors
/// When the store fails.
pub async fn in_force(
    db: &impl ConnectionTrait,
    project: Uuid,
    day: &Day,
) -> Result<Vec<(suppliers::Model, supplier_contracts::Model)>> {
    use supplier_contracts::Column;
    let here = Condition::any()
        .add(Column::ProjectId.eq(project))
        .add(Column::ProjectId.is_null());
    let mut contracts = supplier_contracts::Entity::find()
        .filter(here)
        .filter(Column::StartsOn.lte(day.clone()))
        .filter(Column::EndsOn.gte(day.clone()))
        .order_by_desc(Column::StartsOn)
        .order_by_desc(Column::Id)
        .all(db)
        .await?;
    contracts.sort_by_key(|contract| contract.project_id.is_none());
    let ids = contracts.iter().map(|contract| contract.supplier_id);
    let known = suppliers::Entity::find()
        .filter(suppliers::Column::Id.is_in(ids))
        .filter(suppliers::Column::Active.eq(true))
        .all(db)
        .await?;
    let with_supplier = contracts.into_iter().filter_map(|contract| {
        let supplier = known.iter().find(|one| one.id == contract.supplier_id)?;
        Some((supplier.clone(), contract))
    });
    Ok(with_supplier.collect())
}

impl supplier_contracts::Model {
    /// What the supplier promises.
    #[must_use]
    pub fn within(&self) -> Within {
        Within {
            respond: self.respond.map(SignedDuration::from_secs),
            arrive: self.arrive.map(SignedDuration::from_secs),
            resolve: self.resolve.map(SignedDuration::from_secs),
        }
    }

    /// Systems and service items it supports.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.supports.lines().map(str::to_owned).collect()
    }
}
