//! Settings an administrator changes while the server runs, one JSON value each.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::db::Tx;
use super::error::{Error, Result};

mod rows {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "settings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub value: String,
        pub updated_at: At,
        pub version: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The value under `key`, or its default when it was never set.
///
/// # Errors
/// When the stored value no longer fits the type.
pub async fn get<T: DeserializeOwned + Default>(db: &impl ConnectionTrait, key: &str) -> Result<T> {
    match rows::Entity::find_by_id(key).one(db).await? {
        None => Ok(T::default()),
        Some(row) => serde_json::from_str(&row.value)
            .map_err(|error| Error::internal(format!("setting {key}: {error}"))),
    }
}

/// How often the value under `key` was set: its version.
///
/// # Errors
/// When the store fails.
pub async fn version(db: &impl ConnectionTrait, key: &str) -> Result<i32> {
    Ok(rows::Entity::find_by_id(key)
        .one(db)
        .await?
        .map_or(0, |row| row.version))
}

/// Sets the value under `key`.
///
/// # Errors
/// When the store fails.
pub async fn set(tx: &Tx, key: &str, value: &impl Serialize) -> Result<()> {
    let row = rows::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(serde_json::to_string(value).map_err(Error::internal)?),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    let next = Expr::col((rows::Entity, rows::Column::Version)).add(1);
    let conflict = OnConflict::column(rows::Column::Key)
        .update_columns([rows::Column::Value, rows::Column::UpdatedAt])
        .value(rows::Column::Version, next)
        .to_owned();
    rows::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}
