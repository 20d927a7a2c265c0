//! Until when the other side of a channel takes nothing at all.

use sea_orm_migration::prelude::*;

use super::{column, int_opt};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        column(m, "channels", int_opt("closed_until")).await
    }
}
