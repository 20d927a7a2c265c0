//! Names of things by their ids, for showing a list: one query per kind of thing, not per row.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::error::Result;

/// Something with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A project as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromQueryResult)]
pub struct ProjectName {
    /// Its id.
    pub id: Uuid,
    /// Its short code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Tables whose rows have an `id` and a `name`.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// Accounts.
    Users,
    /// Customer units.
    Units,
    /// Support groups.
    Groups,
    /// Outside vendors.
    Suppliers,
}

impl Table {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Units => "units",
            Self::Groups => "groups",
            Self::Suppliers => "suppliers",
        }
    }
}

/// The names of `ids`; an id that no longer exists is simply absent.
///
/// # Errors
/// When the store fails.
pub async fn of(
    db: &impl ConnectionTrait,
    table: Table,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Named>> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Query::select()
        .columns([Alias::new("id"), Alias::new("name")])
        .from(Alias::new(table.as_str()))
        .and_where(Expr::col(Alias::new("id")).is_in(ids))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.into_iter()
        .map(|row| {
            let named = Named {
                id: row.try_get("", "id")?,
                name: row.try_get("", "name")?,
            };
            Ok((named.id, named))
        })
        .collect()
}

/// Codes and names of projects.
///
/// # Errors
/// When the store fails.
pub async fn projects(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, ProjectName>> {
    let ids: BTreeSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Query::select()
        .columns([Alias::new("id"), Alias::new("code"), Alias::new("name")])
        .from(Alias::new("projects"))
        .and_where(Expr::col(Alias::new("id")).is_in(ids))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.into_iter()
        .map(|row| {
            let project = ProjectName::from_query_result(&row, "")?;
            Ok((project.id, project))
        })
        .collect()
}
