//! Ids in a ticket's fields must name things that exist, in its project where they belong to one.

use anlan_core::process::Decision;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::rows::tickets;
use crate::features::people::rows::{contacts, groups, units};
use crate::platform::auth::rows::users;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Result};

/// Checks the ids among the fields that were changed.
///
/// # Errors
/// Every field that names nothing, or something of another project.
pub async fn check(tx: &Tx, ticket: &tickets::Model, decision: &Decision) -> Result<()> {
    let changed = |key: &str| {
        let change = decision.changes.iter().find(|change| change.field == key)?;
        change.to.as_str().and_then(|id| Uuid::parse_str(id).ok())
    };
    let mut wrong = Vec::new();
    for field in ["assignee", "module_owner"] {
        if let Some(id) = changed(field)
            && users::Entity::find_by_id(id)
                .one(&tx.db)
                .await?
                .is_none_or(|user| !user.active)
        {
            wrong.push(FieldError::new(field, "no_such_person"));
        }
    }
    if let Some(id) = changed("group")
        && groups::Entity::find_by_id(id)
            .one(&tx.db)
            .await?
            .is_none_or(|group| group.project_id != ticket.project_id)
    {
        wrong.push(FieldError::new("group", "no_such_group"));
    }
    if let Some(id) = changed("unit_id")
        && units::Entity::find_by_id(id).one(&tx.db).await?.is_none()
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
