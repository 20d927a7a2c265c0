//! The suppliers that a ticket can be given to, and the one to propose.

use anlan_core::access::Permission;
use anlan_core::process::Fields;
use anlan_core::task::proposed;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::features::{suppliers, tickets};
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::definitions::china;
use crate::platform::error::{Problem, Result};
use crate::platform::http::{Json, Path};

/// A supplier under contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct SupplierChoice {
    id: Uuid,
    name: String,
    contact: String,
    phone: String,
    /// Number of the contract.
    contract: String,
    /// Seconds until it responds.
    respond_seconds: Option<i64>,
    /// Seconds until it is on site.
    arrive_seconds: Option<i64>,
    /// Seconds until it has dealt with it.
    resolve_seconds: Option<i64>,
    /// The only one whose contract supports the ticket's system or service item.
    proposed: bool,
}

/// Suppliers with a contract in force for the ticket's project.
#[utoipa::path(get, path = "/tickets/{id}/suppliers", tag = "tasks", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<SupplierChoice>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<SupplierChoice>>> {
    caller.require(Permission::TicketRead)?;
    let ticket = tickets::visible(&app, &caller, id).await?;
    let place = tickets::Actor::caller(&caller).place(&ticket);
    caller.require_at(Permission::TicketRead, Permission::TicketAct, place)?;
    let day = day(app.now());
    let found = suppliers::in_force(app.db.read(), ticket.project_id, &day).await?;
    let words: Vec<(Uuid, Vec<String>)> = found
        .iter()
        .map(|(supplier, contract)| (supplier.id, contract.words()))
        .collect();
    let fields: Fields = serde_json::from_str(&ticket.fields).unwrap_or_default();
    let about = ["system", "service_item", "ci"]
        .map(|key| fields.get(key).and_then(Value::as_str).unwrap_or_default());
    let offered = words.iter().map(|(id, words)| (*id, words.as_slice()));
    let proposed = proposed(offered, &about);
    let mut choices: Vec<SupplierChoice> = Vec::new();
    for (supplier, contract) in found {
        // The first contract of each is the one its task would run by.
        if choices.iter().any(|choice| choice.id == supplier.id) {
            continue;
        }
        choices.push(SupplierChoice {
            id: supplier.id,
            name: supplier.name,
            contact: supplier.contact,
            phone: supplier.phone,
            contract: contract.number,
            respond_seconds: contract.respond,
            arrive_seconds: contract.arrive,
            resolve_seconds: contract.resolve,
            proposed: proposed == Some(supplier.id),
        });
    }
    Ok(Json(choices))
}

/// The day on which contracts are looked at.
pub fn day(at: At) -> Day {
    Day::from(at.timestamp().to_zoned(china()).date())
}
