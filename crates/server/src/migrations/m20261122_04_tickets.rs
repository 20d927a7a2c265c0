//! Tickets of every process, their immutable timeline and their clocks.

use sea_orm_migration::prelude::*;

use super::{
    append_only, flag, id, id_opt, index, int, int_opt, key, small, small_opt, table, text,
    text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        table(
            m,
            "tickets",
            vec![
                key(),
                text("number"),
                id("project_id"),
                text("process"),
                small("definition_version"),
                text("state"),
                word("state_kind", &["open", "waiting", "resolved", "closed"]),
                text("title"),
                text_opt("type"),
                text_opt("category"),
                text_opt("cause_category"),
                text_opt("channel"),
                id_opt("unit_id"),
                id_opt("contact_id"),
                text("caller_name"),
                text("caller_phone"),
                text("system"),
                text("ci"),
                small_opt("impact"),
                small_opt("urgency"),
                small_opt("priority"),
                text_opt("level"),
                small_opt("line"),
                flag("major", false),
                flag("interrupted", false),
                int_opt("outage_started_at"),
                int_opt("outage_ended_at"),
                id_opt("assignee_id"),
                id_opt("group_id"),
                id_opt("created_by"),
                int("reported_at"),
                int("created_at"),
                int("updated_at"),
                int_opt("resolved_at"),
                int_opt("closed_at"),
                small_opt("resolved_line"),
                flag("backdated", false),
                text_opt("agreement"),
                small_opt("agreement_version"),
                text_opt("next_target"),
                int_opt("next_due_at"),
                flag("breached", false),
                small("reopened"),
                small("events"),
                int("woken_at"),
                text("history"),
                text_opt("source_kind"),
                text_opt("source_id"),
                text("fields"),
                text("search"),
                small("version"),
            ],
        )
        .await?;
        index(m, "tickets", &["number"], true).await?;
        // An imported or alarm ticket is found again by where it came from: one source, one ticket.
        index(m, "tickets", &["source_kind", "source_id"], true).await?;
        // Lists: newest first overall, per project, per state kind, per person, and by what is due next.
        index(m, "tickets", &["created_at", "id"], false).await?;
        index(m, "tickets", &["project_id", "created_at", "id"], false).await?;
        index(m, "tickets", &["state_kind", "created_at", "id"], false).await?;
        index(m, "tickets", &["state", "created_at", "id"], false).await?;
        index(m, "tickets", &["priority", "created_at", "id"], false).await?;
        index(
            m,
            "tickets",
            &["assignee_id", "state_kind", "created_at"],
            false,
        )
        .await?;
        index(
            m,
            "tickets",
            &["group_id", "state_kind", "created_at"],
            false,
        )
        .await?;
        index(m, "tickets", &["next_due_at"], false).await?;
        index(m, "tickets", &["unit_id", "created_at"], false).await?;
        index(m, "tickets", &["caller_phone", "created_at"], false).await?;
        index(m, "tickets", &["project_id", "reported_at"], false).await?;
        index(m, "tickets", &["project_id", "resolved_at"], false).await?;

        table(
            m,
            "ticket_events",
            vec![
                key(),
                id("ticket_id"),
                small("seq"),
                int("at"),
                int("happened_at"),
                word(
                    "actor_kind",
                    &["user", "token", "system", "monitor", "import", "mail"],
                ),
                id_opt("actor_id"),
                text("actor_name"),
                text("action"),
                text_opt("from_state"),
                text("to_state"),
                text("note"),
                text("changes"),
                text("sla_events"),
                flag("internal", false),
            ],
        )
        .await?;
        index(m, "ticket_events", &["ticket_id", "seq"], true).await?;
        append_only(m, "ticket_events").await?;

        table(
            m,
            "ticket_clocks",
            vec![
                key(),
                id("ticket_id"),
                text("target"),
                small("cycle"),
                int("started_at"),
                int("promised_due_at"),
                int("due_at"),
                int_opt("stopped_at"),
                word(
                    "state",
                    &["running", "paused", "met", "breached", "cancelled"],
                ),
                int("elapsed_us"),
                int("duration_us"),
                flag("counted", true),
                text("detail"),
            ],
        )
        .await?;
        index(m, "ticket_clocks", &["ticket_id", "target", "cycle"], true).await?;

        table(
            m,
            "ticket_links",
            vec![
                key(),
                id("from_id"),
                id("to_id"),
                text("kind"),
                int("created_at"),
                id_opt("created_by"),
            ],
        )
        .await?;
        index(m, "ticket_links", &["from_id", "to_id", "kind"], true).await?;
        index(m, "ticket_links", &["to_id"], false).await?;

        // Custom fields that lists filter by.
        table(
            m,
            "ticket_values",
            vec![id("ticket_id"), text("field"), text("value")],
        )
        .await?;
        index(m, "ticket_values", &["ticket_id", "field"], true).await?;
        index(m, "ticket_values", &["field", "value", "ticket_id"], false).await
    }
}
