//! Contacts: the customer's people who call, write and sign.

use std::collections::HashMap;

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::phone;
use super::rows::{contacts, units};
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

/// What is kept of a contact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactFields {
    /// The unit the person belongs to.
    pub unit_id: Uuid,
    pub name: String,
    /// Telephone at the desk.
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub mobile: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub department: String,
    #[serde(default)]
    pub title: String,
    /// Whose calls come first.
    #[serde(default)]
    pub vip: bool,
    /// False once the person is gone.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A contact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    id: Uuid,
    #[serde(flatten)]
    fields: ContactFields,
    unit: Option<Named>,
    created_at: At,
    version: i32,
}

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContactFilter {
    /// In name, department or mail address, or in a number whatever its notation.
    q: Option<String>,
    /// Of this unit.
    unit: Option<Uuid>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Contacts by name.
#[utoipa::path(get, path = "/contacts", tag = "people", params(ContactFilter), responses((status = 200, body = Page<Contact>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<ContactFilter>,
) -> Result<Json<Page<Contact>>> {
    use contacts::Column;
    caller.require(Permission::PeopleRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = contacts::Entity::find().filter(of_units(&caller, Permission::PeopleRead));
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        query = query.filter(matching(&wanted));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(Column::UnitId.eq(unit));
    }
    if let Some(active) = filter.active {
        query = query.filter(Column::Active.eq(active));
    }
    if let Some(cursor) = page.cursor()? {
        let same = Condition::all()
            .add(Column::Name.eq(&cursor.key))
            .add(Column::Id.gt(cursor.id));
        query = query.filter(Condition::any().add(Column::Name.gt(cursor.key)).add(same));
    }
    let query = query.order_by_asc(Column::Name).order_by_asc(Column::Id);
    let rows = query.limit(limit + 1).all(app.db.read()).await?;
    let page = Page::cut(rows, limit, |row| Cursor {
        key: row.name.clone(),
        id: row.id,
    });
    let units: Vec<Uuid> = page.items.iter().map(|row| row.unit_id).collect();
    let units = names::of(app.db.read(), Table::Units, units).await?;
    Ok(Json(page.map(|row| contact(&row, &units))))
}

/// One contact.
#[utoipa::path(get, path = "/contacts/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = Contact), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Contact>> {
    caller.require(Permission::PeopleRead)?;
    let row = contacts::Entity::find_by_id(id)
        .filter(of_units(&caller, Permission::PeopleRead))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    answer(app.db.read(), row).await
}

/// Adds a contact.
#[utoipa::path(post, path = "/contacts", tag = "people", request_body = ContactFields, responses((status = 201, body = Contact), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(fields): Json<ContactFields>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::PeopleManage)?;
    let repeat = idempotent(&headers, "POST /contacts", caller.user.id, &fields)?;
    let fields = checked(&fields)?;
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<Contact>(tx).await?
                {
                    return Ok(earlier);
                }
                may_belong(tx, &caller, fields.unit_id).await?;
                let id = Uuid::now_v7();
                let entry = caller
                    .entry("contact.create")
                    .on("contact", id, &fields.name)
                    .detail(&fields);
                let row = contacts::Model {
                    id,
                    unit_id: fields.unit_id,
                    name: fields.name,
                    phone_digits: phone::digits(&fields.phone),
                    mobile_digits: phone::digits(&fields.mobile),
                    phone: fields.phone,
                    mobile: fields.mobile,
                    email: fields.email,
                    department: fields.department,
                    title: fields.title,
                    vip: fields.vip,
                    active: fields.active,
                    created_at: tx.now,
                    version: 1,
                };
                let row = row.into_active_model().reset_all().insert(&tx.db).await?;
                tx.audit(entry);
                let Versioned(_, contact) = answer(&tx.db, row).await?;
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &contact).await?;
                }
                Ok(contact)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(created.version, created)))
}

/// Changes a contact.
#[utoipa::path(put, path = "/contacts/{id}", tag = "people", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = ContactFields,
    responses((status = 200, body = Contact), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<ContactFields>,
) -> Result<Versioned<Contact>> {
    caller.require(Permission::PeopleRead)?;
    let fields = checked(&fields)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                check_version(tx, version, row.version, id).await?;
                let changes = Changes::between(&ContactFields::from(&row), &fields);
                if changes.is_empty() {
                    return answer(&tx.db, row).await;
                }
                if row.unit_id != fields.unit_id {
                    may_belong(tx, &caller, fields.unit_id).await?;
                }
                tx.audit(
                    changes.on(
                        caller
                            .entry("contact.update")
                            .on("contact", id, &fields.name),
                        row.version + 1,
                    ),
                );
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.unit_id = Set(fields.unit_id);
                change.name = Set(fields.name);
                change.phone_digits = Set(phone::digits(&fields.phone));
                change.mobile_digits = Set(phone::digits(&fields.mobile));
                change.phone = Set(fields.phone);
                change.mobile = Set(fields.mobile);
                change.email = Set(fields.email);
                change.department = Set(fields.department);
                change.title = Set(fields.title);
                change.vip = Set(fields.vip);
                change.active = Set(fields.active);
                let row = change.update(&tx.db).await?;
                answer(&tx.db, row).await
            })
        })
        .await
}

/// Contacts of units on which the caller holds the permission.
fn of_units(caller: &Caller, permission: Permission) -> Condition {
    scope::of_units(caller, permission, contacts::Column::UnitId)
}

fn matching(wanted: &str) -> Condition {
    use contacts::Column::{Department, Email, MobileDigits, Name, PhoneDigits};
    let by_text = text::contains([Name, Department, Email], wanted);
    let digits = phone::digits(wanted);
    // A word with a digit in it is no number.
    if digits.len() >= 3 && !wanted.chars().any(char::is_alphabetic) {
        Condition::any()
            .add(by_text)
            .add(text::contains([PhoneDigits, MobileDigits], &digits))
    } else {
        by_text
    }
}

fn checked(fields: &ContactFields) -> Result<ContactFields> {
    let mut check = Check::default();
    let fields = ContactFields {
        name: check.line("name", &fields.name, 1..=60),
        phone: check.phone("phone", &fields.phone),
        mobile: check.phone("mobile", &fields.mobile),
        email: check.email("email", &fields.email),
        department: check.line("department", &fields.department, 0..=100),
        title: check.line("title", &fields.title, 0..=60),
        ..fields.clone()
    };
    check.finish()?;
    Ok(fields)
}

/// Refuses a unit that does not exist or is not the caller's to fill.
async fn may_belong(tx: &Tx, caller: &Caller, unit: Uuid) -> Result<()> {
    let condition = scope::units(caller, Permission::PeopleManage);
    if scope::holds::<units::Entity>(&tx.db, units::Column::Id, unit, condition).await? {
        Ok(())
    } else {
        Err(Error::field("unit_id", "no_such"))
    }
}

/// The contact, locked, if the caller may change it.
async fn managed(tx: &Tx, caller: &Caller, id: Uuid) -> Result<contacts::Model> {
    let row = contacts::Entity::find_by_id(id)
        .filter(of_units(caller, Permission::PeopleRead))
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    let condition = of_units(caller, Permission::PeopleManage);
    if scope::holds::<contacts::Entity>(&tx.db, contacts::Column::Id, id, condition).await? {
        Ok(row)
    } else {
        Err(caller.refused(Permission::PeopleManage))
    }
}

impl From<&contacts::Model> for ContactFields {
    fn from(row: &contacts::Model) -> Self {
        Self {
            unit_id: row.unit_id,
            name: row.name.clone(),
            phone: row.phone.clone(),
            mobile: row.mobile.clone(),
            email: row.email.clone(),
            department: row.department.clone(),
            title: row.title.clone(),
            vip: row.vip,
            active: row.active,
        }
    }
}

fn contact(row: &contacts::Model, units: &HashMap<Uuid, Named>) -> Contact {
    Contact {
        id: row.id,
        fields: ContactFields::from(row),
        unit: units.get(&row.unit_id).cloned(),
        created_at: row.created_at,
        version: row.version,
    }
}

async fn answer(db: &impl ConnectionTrait, row: contacts::Model) -> Result<Versioned<Contact>> {
    let units = names::of(db, Table::Units, [row.unit_id]).await?;
    Ok(Versioned(row.version, contact(&row, &units)))
}
