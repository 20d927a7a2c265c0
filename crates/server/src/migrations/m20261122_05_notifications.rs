//! Notices to people.

use sea_orm_migration::prelude::*;

use super::{flag, id, id_opt, index, int, int_opt, key, table, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        table(
            m,
            "notices",
            vec![
                key(),
                id("user_id"),
                int("at"),
                text("kind"),
                text("title"),
                text("body"),
                text("link"),
                id_opt("project_id"),
                id_opt("subject_id"),
                flag("urgent", false),
                int_opt("read_at"),
            ],
        )
        .await?;
        index(m, "notices", &["user_id", "at"], false).await?;
        index(m, "notices", &["user_id", "read_at"], false).await
    }
}
