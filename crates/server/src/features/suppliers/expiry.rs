//! A contract comes to its end: its project's managers are reminded 60, 30 and 7 days before.

use anlan_core::task::reminders;
use jiff::civil::Time;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::rows::{supplier_contracts, suppliers};
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::tickets::holders;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::Result;
use crate::platform::timers::{self, Timer};

/// Kind of the timers that remind of the end of a contract.
pub const REMIND: &str = "supplier.contract.ends";

/// The role that sees to the renewal.
const MANAGER: &str = "project_manager";

/// When in the day it is said.
const MORNING: Time = Time::constant(9, 0, 0, 0);

/// Sets the reminders of a contract anew.
///
/// # Errors
/// When the store fails.
pub async fn plan(tx: &mut Tx, contract: &supplier_contracts::Model) -> Result<()> {
    let zone = china();
    let today = tx.now.timestamp().to_zoned(zone.clone()).date();
    let days = reminders(contract.ends_on.date(), today);
    let at = |(days, day): (i64, jiff::civil::Date)| {
        let at = day.to_datetime(MORNING).to_zoned(zone.clone()).ok()?;
        Some((At::from(at.timestamp()), days))
    };
    let planned: Vec<(At, i64)> = days.into_iter().filter_map(at).collect();
    timers::replace(tx, REMIND, contract.id, &planned).await
}

/// The handler of [`REMIND`]. A contract that another already follows needs no reminder.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn remind(app: App, timer: Timer) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let id = timer.subject_id.unwrap_or_default();
                let contract = supplier_contracts::Entity::find_by_id(id)
                    .one(&tx.db)
                    .await?;
                let Some(contract) = contract else {
                    return Ok(());
                };
                let supplier = suppliers::Entity::find_by_id(contract.supplier_id)
                    .one(&tx.db)
                    .await?;
                match supplier.filter(|supplier| supplier.active) {
                    Some(supplier) if !followed(tx, &contract).await? => {
                        let days = timer.payload.parse().unwrap_or_default();
                        tell(tx, &supplier, &contract, days).await
                    }
                    _ => Ok(()),
                }
            })
        })
        .await
}

/// Whether the same supplier has a contract for the same project that ends later.
async fn followed(tx: &Tx, contract: &supplier_contracts::Model) -> Result<bool> {
    use sea_orm::{ColumnTrait, QueryFilter};
    use supplier_contracts::Column;
    let same = match contract.project_id {
        Some(project) => Column::ProjectId.eq(project),
        None => Column::ProjectId.is_null(),
    };
    let later = supplier_contracts::Entity::find()
        .filter(Column::SupplierId.eq(contract.supplier_id))
        .filter(same)
        .filter(Column::EndsOn.gt(contract.ends_on.clone()))
        .one(&tx.db)
        .await?;
    Ok(later.is_some())
}

async fn tell(
    tx: &mut Tx,
    supplier: &suppliers::Model,
    contract: &supplier_contracts::Model,
    days: i64,
) -> Result<()> {
    // Holders of the role for all projects only, when the contract is for all.
    let project = contract.project_id.unwrap_or(Uuid::nil());
    let roles: &[&str] = match contract.project_id {
        Some(_) => &[MANAGER],
        None => &[MANAGER, "system_admin"],
    };
    let to = holders(tx, project, roles).await?;
    let message = Message {
        kind: "supplier.contract.ends".into(),
        to: to.iter().copied().collect(),
        title: (
            format!("支持合同还有 {days} 天到期：{}", supplier.name),
            format!("Support contract ends in {days} days: {}", supplier.name),
        ),
        body: (
            format!("合同 {}，{} 到期", contract.number, contract.ends_on),
            format!("Contract {}, ends on {}", contract.number, contract.ends_on),
        ),
        link: format!("/suppliers/{}", supplier.id),
        project: contract.project_id,
        subject: Some(supplier.id),
        urgent: false,
        ends: None,
    };
    notifications::tell(tx, &message).await
}
