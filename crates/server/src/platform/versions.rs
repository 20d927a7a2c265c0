//! A record keeps the version it began with: every version of a process or agreement that was ever
//! in use is kept in the database, and a changed one must count its version up.

use std::collections::HashMap;

use sea_orm::{EntityTrait, Set};

use super::db::Db;
use super::definitions::{Definitions, InUse, Kind, Sources, bad};
use super::error::{Error, Result};

/// Table `definition_versions`.
pub mod rows {
    use crate::platform::at::At;
    use sea_orm::entity::prelude::*;

    /// One version of one definition. Never changed, never removed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "definition_versions")]
    pub struct Model {
        /// `process` or `agreement`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// Of the content, however it was written down.
        pub hash: String,
        /// Path and text of all it was read from, as JSON.
        pub source: String,
        pub recorded_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Agreement => "agreement",
        }
    }
}

/// Records what is new, takes in what the files no longer have.
///
/// # Errors
/// When a file was changed without a new version, or the store fails.
pub async fn settle(db: &Db, definitions: &mut Definitions) -> Result<()> {
    let recorded = rows::Entity::find().all(db.read()).await?;
    let mut recorded: HashMap<(String, String, i32), rows::Model> = recorded
        .into_iter()
        .map(|row| ((row.kind.clone(), row.key.clone(), row.version), row))
        .collect();
    let mut fresh = Vec::new();
    for one in &definitions.in_use {
        let version = i32::try_from(one.version).map_err(Error::internal)?;
        let place = (one.kind.word().to_owned(), one.key.clone(), version);
        match recorded.remove(&place) {
            Some(row) if row.hash == one.hash => {}
            Some(_) => return Err(changed(one)),
            None => fresh.push(one.clone()),
        }
    }
    for row in recorded.into_values() {
        let kind = [Kind::Process, Kind::Agreement];
        let kind = kind.into_iter().find(|kind| kind.word() == row.kind);
        let sources: Sources = serde_json::from_str(&row.source).map_err(Error::internal)?;
        let kept = kind.map_or(Ok(()), |kind| definitions.keep(kind, &row.key, &sources));
        if let Err(error) = kept {
            // Only the tickets that began with it cannot be worked on.
            tracing::error!(%error, key = row.key, version = row.version, "an earlier version is no longer understood");
        }
    }
    if fresh.is_empty() {
        return Ok(());
    }
    db.write(move |tx| {
        Box::pin(async move {
            let rows = fresh.iter().map(|one| {
                Ok(rows::ActiveModel {
                    kind: Set(one.kind.word().to_owned()),
                    key: Set(one.key.clone()),
                    version: Set(i32::try_from(one.version).map_err(Error::internal)?),
                    hash: Set(one.hash.clone()),
                    source: Set(serde_json::to_string(&one.sources).map_err(Error::internal)?),
                    recorded_at: Set(tx.now),
                })
            });
            let rows = rows.collect::<Result<Vec<_>>>()?;
            rows::Entity::insert_many(rows)
                .exec_without_returning(&tx.db)
                .await?;
            Ok(())
        })
    })
    .await
}

fn changed(one: &InUse) -> Error {
    let (kind, key, version) = (one.kind.word(), &one.key, one.version);
    bad(
        &one.path,
        &format!(
            "version: the {kind} `{key}` has changed, but is still version {version}; count it up, \
             so that open tickets keep what they began with (a preset that changed counts too)"
        ),
    )
}
