//! Ids in a ticket's fields must name things that exist, in its project where they belong to one.

use anlan_core::access::Permission;
use anlan_core::process::Decision;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::actor::Actor;
use super::rows::tickets;
use crate::app::App;
use crate::features::people::rows::{contacts, groups, units};
use crate::features::projects::rows::projects;
use crate::platform::auth::rows::{grants, users};
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Result};

/// Checks the ids among the fields that were changed.
///
/// # Errors
/// Every field that names nothing, or something of another project.
pub async fn check(tx: &Tx, app: &App, ticket: &tickets::Model, decision: &Decision) -> Result<()> {
    let changed = |key: &str| {
        let change = decision.changes.iter().find(|change| change.field == key)?;
        change.to.as_str().and_then(|id| Uuid::parse_str(id).ok())
    };
    let mut wrong = Vec::new();
    for field in ["assignee", "module_owner"] {
        if let Some(id) = changed(field)
            && !works_on(tx, app, id, ticket.project_id).await?
        {
            wrong.push(FieldError::new(field, "no_such_person"));
        }
    }
    if let Some(id) = changed("group")
        && groups::Entity::find_by_id(id)
            .one(&tx.db)
            .await?
            .is_none_or(|group| group.project_id != ticket.project_id || !group.active)
    {
        wrong.push(FieldError::new("group", "no_such_group"));
    }
    if let Some(id) = changed("unit_id")
        && !*tx.once(format!("unit {id}"), exists(&tx.db, id)).await?
    {
        wrong.push(FieldError::new("unit_id", "no_such_unit"));
    }
    if let Some(id) = changed("contact_id")
        && contacts::Entity::find_by_id(id)
            .one(&tx.db)
            .await?
            .is_none()
    {
        wrong.push(FieldError::new("contact_id", "no_such_contact"));
    }
    if let Some(id) = changed("duplicate_of")
        && (id == ticket.id
            || tickets::Entity::find_by_id(id)
                .one(&tx.db)
                .await?
                .is_none_or(|other| other.project_id != ticket.project_id))
    {
        wrong.push(FieldError::new("duplicate_of", "no_such_ticket"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

async fn exists(db: &impl ConnectionTrait, unit: Uuid) -> Result<bool> {
    Ok(units::Entity::find_by_id(unit).one(db).await?.is_some())
}

/// Whether somebody is there and may work on the project's tickets.
///
/// # Errors
/// When the store fails.
pub async fn works_on(tx: &Tx, app: &App, person: Uuid, project: Uuid) -> Result<bool> {
    let roles = app.definitions.roles.roles.iter();
    let working = roles.filter(|role| role.permissions.contains(&Permission::TicketAct));
    let found = grants::of_active()
        .filter(grants::Column::UserId.eq(person))
        .filter(grants::Column::Role.is_in(working.map(|role| &*role.key)))
        .filter(
            Condition::any()
                .add(grants::Column::Scope.eq("all"))
                .add(grants::Column::ScopeId.eq(project)),
        )
        .limit(1)
        .one(&tx.db)
        .await?;
    Ok(found.is_some())
}

/// Nobody registers for a project that is over (its monitors still do, as long as they run), and a
/// customer's own people register for their own customer's projects only.
///
/// # Errors
/// The project, as the field that is wrong.
pub async fn may_register(tx: &Tx, actor: &Actor, project: &projects::Model) -> Result<()> {
    let person = actor.user().is_some() && !actor.imports();
    if !project.active && person {
        return Err(Error::field("project_id", "project_over"));
    }
    if !actor.registers_own_only(project.id) {
        return Ok(());
    }
    let unit = match actor.user() {
        Some(user) => users::Entity::find_by_id(user).one(&tx.db).await?,
        None => None,
    }
    .and_then(|user| user.unit_id);
    let path = async |unit: Option<Uuid>| -> Result<Option<String>> {
        let Some(id) = unit else { return Ok(None) };
        let unit = units::Entity::find_by_id(id).one(&tx.db).await?;
        Ok(unit.map(|unit| unit.path))
    };
    let (own, customer) = (
        path(unit).await?,
        path(Some(project.customer_unit_id)).await?,
    );
    // An office above the customer, or below it, is the same customer.
    let same = own
        .zip(customer)
        .is_some_and(|(own, customer)| own.starts_with(&customer) || customer.starts_with(&own));
    if same {
        Ok(())
    } else {
        Err(Error::field("project_id", "no_such"))
    }
}
