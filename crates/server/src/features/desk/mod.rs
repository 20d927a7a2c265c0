//! The service desk: who is calling, and what the caller has asked before.

use anlan_core::access::{Permission, Visibility};
use axum::extract::State;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query as Sql};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::features::people::rows::{contacts, units};
use crate::features::projects::rows::projects;
use crate::features::tickets::{dto, query, rows::tickets};
use crate::platform::access::Caller;
use crate::platform::error::{FieldError, Problem, Result};
use crate::platform::http::{Json, Query};
use crate::platform::names::{self, Named, ProjectName, Table};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(caller))
}

/// What is known of somebody who calls: any one of the two.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Known {
    /// The number, in any notation; its last digits are enough (at least 4).
    phone: Option<String>,
    /// A part of the name.
    name: Option<String>,
}

/// Somebody who may be calling, with what the call form can be filled with.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallerContact {
    id: Uuid,
    name: String,
    phone: String,
    mobile: String,
    email: String,
    department: String,
    title: String,
    vip: bool,
    unit: Option<Named>,
    /// Projects that serve this unit: the first is the likely one.
    projects: Vec<ProjectName>,
}

/// Who may be calling.
#[derive(Debug, Serialize, ToSchema)]
pub struct Calling {
    /// Contacts that fit, the best first.
    contacts: Vec<CallerContact>,
    /// The newest tickets of this number or these contacts.
    recent: Vec<dto::TicketRow>,
}

/// Contacts shown at most.
const SHOWN: u64 = 10;

/// Finds who is calling by number or name (R-054: a known number fills unit and name).
#[utoipa::path(get, path = "/desk/caller", tag = "desk", params(Known), responses((status = 200, body = Calling), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn caller(
    State(app): State<App>,
    caller: Caller,
    Query(known): Query<Known>,
) -> Result<Json<Calling>> {
    caller.require(Permission::TicketCreate)?;
    let digits: String = known
        .phone
        .iter()
        .flat_map(|phone| phone.chars())
        .filter(char::is_ascii_digit)
        .collect();
    let name = known.name.as_deref().map(str::trim).unwrap_or_default();
    if digits.len() < 4 && name.is_empty() {
        return Err(crate::platform::error::Error::Invalid(vec![
            FieldError::new("phone", "too_short").with("min", 4),
        ]));
    }
    let found = find(&app, &caller, &digits, name).await?;
    let contacts = describe(&app, &caller, found.clone()).await?;
    let recent = recent(&app, &caller, &digits, &found).await?;
    Ok(Json(Calling { contacts, recent }))
}

async fn find(
    app: &App,
    caller: &Caller,
    digits: &str,
    name: &str,
) -> Result<Vec<contacts::Model>> {
    use contacts::Column;
    let mut fits = Condition::any();
    if digits.len() >= 4 {
        let tail = format!("%{digits}");
        fits = fits
            .add(Column::PhoneDigits.like(tail.as_str()))
            .add(Column::MobileDigits.like(tail));
    }
    if !name.is_empty() {
        fits = fits.add(Column::Name.contains(name));
    }
    let scope = match caller.access.visible(Permission::TicketCreate) {
        Visibility::All => Condition::all(),
        Visibility::Some {
            projects: ids,
            units: own,
            ..
        } => {
            let served = Sql::select()
                .column(projects::Column::CustomerUnitId)
                .from(projects::Entity)
                .and_where(Expr::col(projects::Column::Id).is_in(ids))
                .to_owned();
            let of_served = Sql::select()
                .column(units::Column::Id)
                .from(units::Entity)
                .and_where(Expr::col(units::Column::ParentId).in_subquery(served.clone()))
                .to_owned();
            Condition::any()
                .add(Column::UnitId.in_subquery(served))
                .add(Column::UnitId.in_subquery(of_served))
                .add(Column::UnitId.is_in(own))
        }
    };
    let query = contacts::Entity::find()
        .filter(Column::Active.eq(true))
        .filter(fits)
        .filter(scope);
    Ok(query
        .order_by_desc(Column::Vip)
        .order_by_asc(Column::Name)
        .limit(SHOWN)
        .all(app.db.read())
        .await?)
}

async fn describe(
    app: &App,
    caller: &Caller,
    found: Vec<contacts::Model>,
) -> Result<Vec<CallerContact>> {
    let db = app.db.read();
    let unit_ids: Vec<Uuid> = found.iter().map(|contact| contact.unit_id).collect();
    let parents = units::Entity::find()
        .filter(units::Column::Id.is_in(unit_ids.clone()))
        .all(db)
        .await?;
    let parent_of = |unit: Uuid| {
        parents
            .iter()
            .find(|row| row.id == unit)
            .and_then(|row| row.parent_id)
    };
    let customers: Vec<Uuid> = unit_ids
        .iter()
        .flat_map(|unit| [Some(*unit), parent_of(*unit)])
        .flatten()
        .collect();
    let served = projects::Entity::find()
        .filter(projects::Column::CustomerUnitId.is_in(customers))
        .filter(projects::Column::Active.eq(true))
        .all(db)
        .await?;
    let units = names::of(db, Table::Units, unit_ids).await?;
    let may = |project: &&projects::Model| {
        caller.access.can(
            Permission::TicketCreate,
            anlan_core::access::Place::project(project.id),
        )
    };
    let contact = |contact: contacts::Model| {
        let parent = parent_of(contact.unit_id);
        let of_unit = served
            .iter()
            .filter(|project| {
                project.customer_unit_id == contact.unit_id
                    || Some(project.customer_unit_id) == parent
            })
            .filter(may);
        CallerContact {
            projects: of_unit
                .map(|row| ProjectName {
                    id: row.id,
                    code: row.code.clone(),
                    name: row.name.clone(),
                })
                .collect(),
            unit: units.get(&contact.unit_id).cloned(),
            id: contact.id,
            name: contact.name,
            phone: contact.phone,
            mobile: contact.mobile,
            email: contact.email,
            department: contact.department,
            title: contact.title,
            vip: contact.vip,
        }
    };
    Ok(found.into_iter().map(contact).collect())
}

async fn recent(
    app: &App,
    caller: &Caller,
    digits: &str,
    found: &[contacts::Model],
) -> Result<Vec<dto::TicketRow>> {
    let mut of_caller = Condition::any()
        .add(tickets::Column::ContactId.is_in(found.iter().map(|contact| contact.id)));
    let numbers = found
        .iter()
        .flat_map(|contact| [contact.phone.clone(), contact.mobile.clone()])
        .filter(|number| !number.is_empty());
    let mut numbers: Vec<String> = numbers.collect();
    if !digits.is_empty() {
        numbers.push(digits.to_owned());
    }
    of_caller = of_caller.add(tickets::Column::CallerPhone.is_in(numbers));
    let rows = tickets::Entity::find()
        .filter(query::scope(caller))
        .filter(of_caller)
        .order_by_desc(tickets::Column::CreatedAt)
        .limit(5)
        .into_partial_model()
        .all(app.db.read())
        .await?;
    dto::rows(app, caller.lang, rows).await
}
