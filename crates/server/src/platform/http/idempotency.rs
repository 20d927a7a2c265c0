//! `Idempotency-Key`: a create that is sent again answers as it did the first time.

use axum::http::{HeaderMap, StatusCode};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

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

/// A request that may be repeated: its key (already bound to route and caller) and what it asked for.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    request: String,
}

/// Reads the header. `route` and `caller` keep keys apart: the same word from somebody else, or for
/// something else, is another key.
///
/// # Errors
/// When the key is longer than 200 characters.
pub fn idempotent(
    headers: &HeaderMap,
    route: &str,
    caller: Uuid,
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
        key: format!("{caller}:{route}:{key}"),
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
}

/// Kind of the timer that forgets.
pub const FORGET: &str = "idempotency.forget";
/// Seconds an answer is kept: two days are plenty for a client that repeats.
const KEPT: i64 = 48 * 3600;
/// Seconds from one look to the next.
const EVERY: i64 = 3600;

/// Sets the timer that forgets; it sets itself again.
///
/// # Errors
/// When the store fails.
pub async fn keep_forgetting(db: &Db) -> Result<()> {
    db.write(|tx| {
        Box::pin(async move { timers::replace(tx, FORGET, Uuid::nil(), &[(tx.now, ())]).await })
    })
    .await
}

/// The timer: answers older than two days are forgotten.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn forget(db: Db, timer: Timer) -> Result<()> {
    db.write(move |tx| {
        Box::pin(async move {
            if !timers::done(tx, &timer).await? {
                return Ok(());
            }
            rows::Entity::delete_many()
                .filter(rows::Column::CreatedAt.lt(tx.now.plus_seconds(-KEPT).0))
                .exec(&tx.db)
                .await?;
            let next = tx.now.plus_seconds(EVERY);
            timers::replace(tx, FORGET, Uuid::nil(), &[(next, ())]).await
        })
    })
    .await
}
