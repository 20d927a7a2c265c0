//! Counts read an index and no tickets; an index that another one begins with goes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let tickets = Alias::new("tickets");
        let mut counted = Index::create()
            .name("ix_tickets_counted")
            .table(tickets.clone())
            .to_owned();
        for column in [
            "state_kind",
            "project_id",
            "state",
            "priority",
            "breached",
            "assignee_id",
        ] {
            counted.col(Alias::new(column));
        }
        m.create_index(counted).await?;
        let contained = Index::drop()
            .name("ix_tickets_next_due_at")
            .table(tickets)
            .to_owned();
        m.drop_index(contained).await
    }
}
