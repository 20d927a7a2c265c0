//! Projects (one contract between provider and customer), their stages and agreements.

use sea_orm_migration::prelude::*;

use super::{flag, id, id_opt, index, int, key, small, table, text, text_opt};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        table(
            m,
            "projects",
            vec![
                key(),
                text("code"),
                text("name"),
                id("customer_unit_id"),
                text("provider_name"),
                text("starts_on"),
                text("ends_on"),
                text("calendar"),
                id_opt("manager_id"),
                id_opt("customer_lead_id"),
                text("hotline"),
                flag("active", true),
                int("created_at"),
                small("version"),
            ],
        )
        .await?;
        index(m, "projects", &["code"], true).await?;
        index(m, "projects", &["customer_unit_id"], false).await?;

        table(
            m,
            "project_stages",
            vec![
                key(),
                id("project_id"),
                text("name"),
                text("starts_on"),
                text("ends_on"),
                flag("sla_counted", true),
                small("version"),
            ],
        )
        .await?;
        index(m, "project_stages", &["project_id"], false).await?;

        // Which agreement is in force from which date.
        table(
            m,
            "project_agreements",
            vec![
                key(),
                id("project_id"),
                text("agreement"),
                text("effective_from"),
                text_opt("effective_to"),
                int("created_at"),
                id_opt("created_by"),
            ],
        )
        .await?;
        index(
            m,
            "project_agreements",
            &["project_id", "effective_from"],
            true,
        )
        .await?;

        // Every version of every definition that a record may have begun with.
        table(
            m,
            "definitions",
            vec![
                key(),
                text("kind"),
                text("key"),
                text("hash"),
                text("source"),
                int("created_at"),
            ],
        )
        .await?;
        index(m, "definitions", &["kind", "key", "hash"], true).await
    }
}
