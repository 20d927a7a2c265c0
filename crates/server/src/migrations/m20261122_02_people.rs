//! Customer units, their contacts, and support groups.

use sea_orm_migration::prelude::*;

use super::{flag, id, id_opt, index, int, key, small, table, text, text_opt};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        table(
            m,
            "units",
            vec![
                key(),
                text("code"),
                text("name"),
                id_opt("parent_id"),
                // Ids from the root down to itself, "/a/b/": what stands below a unit begins with its path.
                text("path"),
                text("address"),
                text_opt("calendar"),
                flag("active", true),
                int("created_at"),
                small("version"),
            ],
        )
        .await?;
        index(m, "units", &["code"], true).await?;
        index(m, "units", &["parent_id"], false).await?;

        table(
            m,
            "contacts",
            vec![
                key(),
                id("unit_id"),
                text("name"),
                text("phone"),
                text("mobile"),
                text("email"),
                text("department"),
                text("title"),
                text("phone_digits"),
                text("mobile_digits"),
                flag("vip", false),
                flag("active", true),
                int("created_at"),
                small("version"),
            ],
        )
        .await?;
        index(m, "contacts", &["unit_id"], false).await?;
        // Caller look-up goes by the bare digits of either number.
        index(m, "contacts", &["phone_digits"], false).await?;
        index(m, "contacts", &["mobile_digits"], false).await?;

        table(
            m,
            "groups",
            vec![
                key(),
                id("project_id"),
                text("name"),
                small("line"),
                id_opt("leader_id"),
                flag("active", true),
                int("created_at"),
                small("version"),
            ],
        )
        .await?;
        index(m, "groups", &["project_id", "name"], true).await?;
        table(m, "group_members", vec![id("group_id"), id("user_id")]).await?;
        index(m, "group_members", &["group_id", "user_id"], true).await?;
        index(m, "group_members", &["user_id"], false).await
    }
}
