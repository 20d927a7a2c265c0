//! Channels out of the product, and the outbox of what goes through them.

use sea_orm_migration::prelude::*;

use super::{flag, id, id_opt, index, int, int_opt, key, small, table, text, word};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            key(),
            text("name"),
            word("kind", &["smtp", "http", "wecom", "dingtalk", "feishu"]),
            text("config"),
            // Apart from the configuration, so that nothing that shows it can show these.
            text("secrets"),
            id_opt("fallback_id"),
            flag("enabled", true),
            // Instants of the latest requests, for the vendor's limit; `claims` guards them.
            text("recent"),
            int("claims"),
            int_opt("deleted_at"),
            int("created_at"),
            small("version"),
        ];
        table(m, "channels", columns).await?;
        let columns = vec![
            key(),
            id("channel_id"),
            // What was told once goes to several people and channels.
            id("message_id"),
            id_opt("user_id"),
            text("address"),
            text("kind"),
            text("title"),
            text("body"),
            text("link"),
            id_opt("project_id"),
            id_opt("subject_id"),
            flag("urgent", false),
            word("state", &["pending", "sent", "dead", "passed_on"]),
            small("attempts"),
            int("due_at"),
            int_opt("attempted_at"),
            int_opt("sent_at"),
            text("last_error"),
            text("receipt"),
            // The delivery on another channel that this one stands in for.
            id_opt("origin_id"),
            int("created_at"),
        ];
        table(m, "deliveries", columns).await?;
        index(m, "deliveries", &["state", "channel_id", "due_at"], false).await?;
        index(m, "deliveries", &["message_id"], false).await
    }
}
