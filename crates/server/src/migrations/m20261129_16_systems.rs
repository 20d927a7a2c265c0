//! One availability for a system that several checks watch, what a contract promises about it, and
//! what the monthly report counts besides.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

use super::{column, flag, id, index, int, int_opt, small, small_opt, table, text, text_opt};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        column(m, "monitors", flag("counts", true)).await?;
        // Of a system with other checks, what shows whether the host answers is not the site itself.
        db.execute_unprepared(
            "UPDATE monitors SET counts = (1 = 0) WHERE system <> '' AND kind IN ('icmp', 'dns')",
        )
        .await?;

        column(m, "projects", small_opt("availability_target")).await?;
        column(m, "projects", small_opt("outage_budget_hours")).await?;
        column(m, "projects", small_opt("outage_single_minutes")).await?;

        // Each warning about a system's yearly budget of downtime is given once.
        let columns = vec![
            id("project_id"),
            text("system"),
            int("year_from"),
            small("percent"),
            int("told_at"),
        ];
        table(m, "outage_warnings", columns).await?;
        let once = ["project_id", "system", "year_from", "percent"];
        index(m, "outage_warnings", &once, true).await?;

        column(m, "report_outcomes", int_opt("elapsed_seconds")).await?;
        column(m, "report_tickets", text_opt("satisfaction")).await?;
        column(m, "report_tickets", small("reopened").default(0).to_owned()).await?;
        column(m, "tickets", text_opt("satisfaction")).await?;
        let rated = match m.get_database_backend() {
            DbBackend::Sqlite => "json_extract(fields, '$.satisfaction')",
            _ => "CAST(fields AS json) ->> 'satisfaction'",
        };
        db.execute_unprepared(&format!("UPDATE tickets SET satisfaction = {rated}"))
            .await
            .map(drop)
    }
}
