//! Office hours of a project by day, several agreements side by side, unanswered questions.

use sea_orm_migration::prelude::*;

use super::{column, id, id_opt, index, int, key, table, text, text_opt};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        office_hours(m).await?;
        side_by_side(m).await?;
        // Few promises of a reply are open; the others need no place in it.
        let open_replies = "CREATE INDEX ix_ticket_clocks_open_replies ON ticket_clocks (due_at) \
             WHERE target = 'reply' AND stopped_at IS NULL";
        m.get_connection().execute_unprepared(open_replies).await?;
        Ok(())
    }
}

/// A project changes its hours from a day on, a ticket keeps those of the day it was reported.
async fn office_hours(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        m,
        "project_calendars",
        vec![
            key(),
            id("project_id"),
            text("calendar"),
            text("effective_from"),
            int("created_at"),
            id_opt("created_by"),
        ],
    )
    .await?;
    let by_day = ["project_id", "effective_from"];
    index(m, "project_calendars", &by_day, true).await?;
    column(m, "tickets", text_opt("calendar")).await?;
    let known = "UPDATE tickets SET calendar = \
         (SELECT projects.calendar FROM projects WHERE projects.id = tickets.project_id)";
    m.get_connection().execute_unprepared(known).await?;
    Ok(())
}

/// Agreements that share no type of ticket may begin on one day.
async fn side_by_side(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let types = text("types").default("").to_owned();
    column(m, "project_agreements", types).await?;
    let one_a_day = Index::drop()
        .name("ix_project_agreements_project_id_effective_from")
        .table(Alias::new("project_agreements"))
        .to_owned();
    m.drop_index(one_a_day).await?;
    let one_a_type = ["project_id", "effective_from", "types"];
    index(m, "project_agreements", &one_a_type, true).await
}
