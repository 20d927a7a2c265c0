//! Every version of a process or agreement that was ever in use: a ticket keeps the one it began with.

use sea_orm_migration::prelude::*;

use super::{index, int, small, table, text, word};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            word("kind", &["process", "agreement"]),
            text("key"),
            small("version"),
            text("hash"),
            text("source"),
            int("recorded_at"),
        ];
        table(m, "definition_versions", columns).await?;
        index(m, "definition_versions", &["kind", "key", "version"], true).await
    }
}
