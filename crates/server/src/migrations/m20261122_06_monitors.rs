//! Monitors, their state, what happened to them, and maintenance windows.

use sea_orm_migration::prelude::*;

use super::{
    append_only, flag, id, id_opt, index, int, int_opt, key, small, table, text, text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            key(),
            id("project_id"),
            text("name"),
            word("kind", &["http", "tcp", "icmp", "dns"]),
            text("target"),
            text("config"),
            small("interval_seconds"),
            small("timeout_seconds"),
            text("rule"),
            text("group_name"),
            small("position"),
            text("system"),
            id_opt("parent_id"),
            flag("enabled", true),
            int("created_at"),
            int("updated_at"),
            small("version"),
        ];
        table(m, "monitors", columns).await?;
        index(m, "monitors", &["project_id", "position", "id"], false).await?;
        index(m, "monitors", &["position", "id"], false).await?;

        // What the alert state machine needs to go on after a restart.
        let columns = vec![
            id("monitor_id").primary_key().to_owned(),
            text("state"),
            id_opt("alert_id"),
            int("updated_at"),
        ];
        table(m, "monitor_states", columns).await?;

        let columns = vec![
            key(),
            id("monitor_id"),
            int("at"),
            int("happened_at"),
            text("kind"),
            text("detail"),
        ];
        table(m, "alert_events", columns).await?;
        index(m, "alert_events", &["monitor_id", "happened_at"], false).await?;
        append_only(m, "alert_events").await?;

        let columns = vec![
            key(),
            id("monitor_id"),
            id("project_id"),
            int("number"),
            word("level", &["warning", "critical"]),
            int("began_at"),
            int("opened_at"),
            int_opt("recovered_at"),
            text("reason"),
            text("told"),
            id_opt("ticket_id"),
        ];
        table(m, "alerts", columns).await?;
        // One outage, one alert, one ticket.
        index(m, "alerts", &["monitor_id", "number"], true).await?;
        index(m, "alerts", &["recovered_at", "opened_at"], false).await?;
        index(m, "alerts", &["project_id", "opened_at"], false).await?;

        let columns = vec![key(), id("monitor_id"), int("at"), text("outcome")];
        table(m, "probe_failures", columns).await?;
        index(m, "probe_failures", &["monitor_id", "at"], false).await?;

        let columns = vec![
            key(),
            id("project_id"),
            text("name"),
            int("starts_at"),
            int("ends_at"),
            text("reason"),
            flag("excluded", true),
            text("monitors"),
            text_opt("cancelled"),
            int("created_at"),
            small("version"),
        ];
        table(m, "maintenance", columns).await?;
        index(m, "maintenance", &["ends_at"], false).await
    }
}
