//! Reports, and the snapshot of tickets that each was counted from.

use sea_orm_migration::prelude::*;

use super::{
    flag, id, id_opt, index, int, int_opt, key, small, small_opt, table, text, text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            key(),
            id("project_id"),
            text("kind"),
            text("month"),
            int("from_at"),
            int("to_at"),
            word("state", &["draft", "approved"]),
            text("data"),
            text_opt("hash"),
            id_opt("created_by"),
            int("created_at"),
            int("updated_at"),
            id_opt("approved_by"),
            text("approved_name"),
            int_opt("approved_at"),
            small("version"),
        ];
        table(m, "reports", columns).await?;
        // One report of a kind for a project and month, whoever makes it.
        index(m, "reports", &["project_id", "kind", "month"], true).await?;

        // The tickets a report counts, as they were when it was computed.
        let columns = vec![
            id("report_id"),
            id("ticket_id"),
            text("number"),
            text("title"),
            text("state"),
            text("state_kind"),
            text_opt("type"),
            text_opt("category"),
            text_opt("channel"),
            text_opt("level"),
            small_opt("resolved_line"),
            flag("major", false),
            int("reported_at"),
            int_opt("resolved_at"),
        ];
        table(m, "report_tickets", columns).await?;
        index(m, "report_tickets", &["report_id", "ticket_id"], true).await?;

        // What became of their promises: one row for each ticket and target.
        let columns = vec![
            id("report_id"),
            id("ticket_id"),
            text("target"),
            word("outcome", &["met", "breached"]),
        ];
        table(m, "report_outcomes", columns).await?;
        index(
            m,
            "report_outcomes",
            &["report_id", "target", "outcome", "ticket_id"],
            true,
        )
        .await
    }
}
