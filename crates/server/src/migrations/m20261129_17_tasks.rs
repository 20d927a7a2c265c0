//! Internal work under tickets, the agreements of support groups (OLA), suppliers and their contracts (UC).

use sea_orm_migration::prelude::*;

use super::{
    column, flag, id, id_opt, index, int, int_opt, key, small, table, text, text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Seconds; nothing where the group promises nothing.
        column(m, "groups", int_opt("ola_respond")).await?;
        column(m, "groups", int_opt("ola_resolve")).await?;
        column(m, "groups", text_opt("ola_calendar")).await?;
        suppliers(m).await?;
        tasks(m).await
    }
}

async fn suppliers(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        m,
        "suppliers",
        vec![
            key(),
            text("name"),
            text("contact"),
            text("phone"),
            text("email"),
            text("note"),
            flag("active", true),
            int("created_at"),
            small("version"),
        ],
    )
    .await?;
    index(m, "suppliers", &["name"], true).await?;
    table(
        m,
        "supplier_contracts",
        vec![
            key(),
            id("supplier_id"),
            text("number"),
            // None: all projects.
            id_opt("project_id"),
            text("supports"),
            text("calendar"),
            int_opt("respond"),
            int_opt("arrive"),
            int_opt("resolve"),
            text("starts_on"),
            text("ends_on"),
            int("created_at"),
            small("version"),
        ],
    )
    .await?;
    index(m, "supplier_contracts", &["supplier_id", "number"], true).await?;
    index(m, "supplier_contracts", &["ends_on"], false).await
}

async fn tasks(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        m,
        "tasks",
        vec![
            key(),
            id("ticket_id"),
            id("project_id"),
            text("kind"),
            text_opt("promise"),
            text("title_zh"),
            text("title_en"),
            id_opt("assignee_id"),
            id_opt("group_id"),
            text_opt("role"),
            id_opt("supplier_id"),
            id_opt("contract_id"),
            word("basis", &["hours", "ola", "uc", "agreement", "agreed"]),
            text("calendar"),
            int("started_at"),
            int("due_at"),
            word("state", &["open", "done", "not_needed"]),
            int_opt("closed_at"),
            id_opt("closed_by"),
            text("closed_by_name"),
            text("note"),
            id_opt("created_by"),
            int("created_at"),
        ],
    )
    .await?;
    index(m, "tasks", &["ticket_id", "created_at"], false).await?;
    index(m, "tasks", &["project_id", "due_at"], false).await?;
    // What waits for a person, a group or the holders of a role: only what is open is read again and again.
    for who in ["assignee_id", "group_id", "role"] {
        let sql = format!(
            "CREATE INDEX ix_tasks_open_{who} ON tasks ({who}, due_at) WHERE state = 'open'"
        );
        m.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
