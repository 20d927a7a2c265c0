//! Lists by what is due next, by priority, and of what is overdue read no more rows than they show.

use sea_orm_migration::prelude::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        index(m, "tickets", &["project_id", "next_due_at", "id"], false).await?;
        index(m, "tickets", &["next_due_at", "id"], false).await?;
        index(m, "tickets", &["priority", "id"], false).await?;
        index(m, "tickets", &["breached", "created_at", "id"], false).await
    }
}
