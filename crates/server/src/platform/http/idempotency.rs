//! `Idempotency-Key`: a create that is sent again answers as it did the first time.

use axum::http::{HeaderMap, StatusCode};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

mod rows {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub request_hash: String,
        pub status: i32,
        pub body: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A request that may be repeated: its key (already bound to the caller) and what it asked for.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    request: String,
}

/// Reads the header. `caller` keeps one person's keys apart from another's.
///
/// # Errors
/// When the key is longer than 200 characters.
pub fn idempotent(
    headers: &HeaderMap,
    caller: &str,
    request: &impl Serialize,
) -> Result<Option<Repeatable>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > 200 {
        return Err(Error::field("Idempotency-Key", "wrong_length"));
    }
    let body = serde_json::to_vec(request).map_err(Error::internal)?;
    Ok(Some(Repeatable {
        key: format!("{caller}:{key}"),
        request: hex::encode(Sha256::digest(&body)),
    }))
}

impl Repeatable {
    /// The answer given the first time, when there was one.
    ///
    /// # Errors
    /// 422 when the same key came with another request.
    pub async fn earlier<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Option<T>> {
        let Some(row) = rows::Entity::find_by_id(&self.key).one(&tx.db).await? else {
            return Ok(None);
        };
        if row.request_hash != self.request {
            return Err(Error::coded(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_mismatch",
            ));
        }
        serde_json::from_str(&row.body)
            .map(Some)
            .map_err(Error::internal)
    }

    /// Keeps the answer for the next time.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn keep(&self, tx: &Tx, answer: &impl Serialize) -> Result<()> {
        let row = rows::ActiveModel {
            key: Set(self.key.clone()),
            request_hash: Set(self.request.clone()),
            status: Set(200),
            body: Set(serde_json::to_string(answer).map_err(Error::internal)?),
            created_at: Set(tx.now.0),
        };
        row.insert(&tx.db).await?;
        Ok(())
    }

    /// Forgets answers older than `before` (a day is plenty for a client that repeats).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(tx: &Tx, before: i64) -> Result<()> {
        rows::Entity::delete_many()
            .filter(rows::Column::CreatedAt.lt(before))
            .exec(&tx.db)
            .await?;
        Ok(())
    }
}
