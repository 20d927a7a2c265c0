//! Service level documents with the log of their states, and plans of indicators with their months.

use sea_orm_migration::prelude::*;

use super::{
    append_only, id, id_opt, index, int, int_opt, key, small, table, text, text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let states = [
            "draft",
            "review",
            "in_force",
            "replaced",
            "terminated",
            "discarded",
        ];
        let columns = vec![
            key(),
            id("project_id"),
            small("number"),
            word("state", &states),
            text("data"),
            text("reason"),
            text_opt("hash"),
            text_opt("effective_on"),
            text_opt("next_review_on"),
            text("signatures"),
            id_opt("submitted_by"),
            text("created_name"),
            int("created_at"),
            int("updated_at"),
            small("version"),
        ];
        table(m, "sla_versions", columns).await?;
        index(m, "sla_versions", &["project_id", "number"], true).await?;

        let columns = vec![
            key(),
            id("project_id"),
            small("number"),
            int("at"),
            id_opt("actor_id"),
            text("actor_name"),
            text("step"),
            text_opt("from_state"),
            text("to_state"),
            text("note"),
            text_opt("on_day"),
        ];
        table(m, "sla_steps", columns).await?;
        index(m, "sla_steps", &["project_id", "id"], false).await?;
        append_only(m, "sla_steps").await?;

        let columns = vec![
            id("project_id"),
            text("data"),
            int("updated_at"),
            small("version"),
        ];
        table(m, "kpi_plans", columns).await?;
        index(m, "kpi_plans", &["project_id"], true).await?;

        let columns = vec![
            key(),
            id("project_id"),
            text("month"),
            word("state", &["open", "signed"]),
            text("data"),
            text_opt("hash"),
            int("measured_at"),
            id_opt("signed_by"),
            text("signed_name"),
            int_opt("signed_at"),
            text("conclusion"),
            small("version"),
        ];
        table(m, "kpi_months", columns).await?;
        index(m, "kpi_months", &["project_id", "month"], true).await
    }
}
