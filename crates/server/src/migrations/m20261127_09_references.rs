//! Monitors that show whether the prober itself is connected.

use sea_orm_migration::prelude::*;

use super::flag;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(Alias::new("monitors"))
            .add_column(flag("reference", false))
            .to_owned();
        m.alter_table(table).await
    }
}
