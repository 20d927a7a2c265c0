//! For what cause time is left out of availability, and who said so only afterwards; monitors that are
//! gone and still counted for the time they were watched.

use sea_orm_migration::prelude::*;

use super::{column, int_opt, text_opt, word};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let cause = word("cause", &["maintenance", "force_majeure", "other"])
            .default("maintenance")
            .to_owned();
        column(m, "maintenance", cause).await?;
        column(m, "maintenance", int_opt("entered_late_at")).await?;
        column(m, "maintenance", text_opt("entered_late_by")).await?;
        column(m, "monitors", int_opt("deleted_at")).await
    }
}
