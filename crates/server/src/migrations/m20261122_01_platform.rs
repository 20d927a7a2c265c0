//! People who sign in, what they may do, the audit log, timers, files, settings.

use sea_orm_migration::prelude::*;

use super::{
    append_only, flag, id, id_opt, index, int, int_opt, key, small, table, text, text_opt, word,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        table(
            m,
            "users",
            vec![
                key(),
                text("login"),
                text("name"),
                text("email"),
                text("phone"),
                id_opt("unit_id"),
                text("language"),
                text_opt("password_hash"),
                int("password_changed_at"),
                flag("must_change_password", true),
                small("failed_attempts"),
                int_opt("locked_until"),
                flag("active", true),
                int_opt("last_login_at"),
                int("created_at"),
                small("version"),
            ],
        )
        .await?;
        index(m, "users", &["login"], true).await?;
        table(
            m,
            "password_history",
            vec![
                key(),
                id("user_id"),
                text("password_hash"),
                int("created_at"),
            ],
        )
        .await?;
        index(m, "password_history", &["user_id", "created_at"], false).await?;

        table(
            m,
            "grants",
            vec![
                key(),
                id("user_id"),
                text("role"),
                word("scope", &["all", "project", "unit", "own"]),
                id_opt("scope_id"),
                int("created_at"),
                id_opt("created_by"),
            ],
        )
        .await?;
        index(m, "grants", &["user_id"], false).await?;
        index(m, "grants", &["scope_id"], false).await?;

        table(
            m,
            "sessions",
            vec![
                text("token_hash").primary_key().to_owned(),
                id("user_id"),
                int("created_at"),
                int("last_seen_at"),
                int("expires_at"),
                text("ip"),
                text("user_agent"),
            ],
        )
        .await?;
        index(m, "sessions", &["user_id"], false).await?;
        index(m, "sessions", &["expires_at"], false).await?;

        table(
            m,
            "tokens",
            vec![
                key(),
                id("user_id"),
                text("name"),
                text("token_hash"),
                text("prefix"),
                text("permissions"),
                int_opt("expires_at"),
                int("created_at"),
                int_opt("last_used_at"),
                int_opt("revoked_at"),
            ],
        )
        .await?;
        index(m, "tokens", &["token_hash"], true).await?;
        index(m, "tokens", &["user_id"], false).await?;

        table(
            m,
            "audit_log",
            vec![
                text("chain"),
                int("seq"),
                int("at"),
                text("actor_kind"),
                id_opt("actor_id"),
                text("actor_name"),
                text("ip"),
                text("action"),
                text("object_kind"),
                text("object_id"),
                text("object_label"),
                flag("ok", true),
                text("detail"),
                text("hash"),
            ],
        )
        .await?;
        index(m, "audit_log", &["chain", "seq"], true).await?;
        index(m, "audit_log", &["at"], false).await?;
        index(m, "audit_log", &["actor_id", "at"], false).await?;
        index(m, "audit_log", &["object_id", "at"], false).await?;
        append_only(m, "audit_log").await?;

        table(
            m,
            "timers",
            vec![
                key(),
                int("due_at"),
                text("kind"),
                id_opt("subject_id"),
                text("payload"),
                small("attempts"),
                text_opt("last_error"),
            ],
        )
        .await?;
        index(m, "timers", &["due_at"], false).await?;
        index(m, "timers", &["subject_id"], false).await?;

        table(
            m,
            "files",
            vec![
                key(),
                text("hash"),
                text("name"),
                text("media_type"),
                int("size"),
                int("created_at"),
                id_opt("created_by"),
                text("owner_kind"),
                id("owner_id"),
                id_opt("project_id"),
            ],
        )
        .await?;
        index(m, "files", &["owner_id"], false).await?;
        index(m, "files", &["hash"], false).await?;

        table(
            m,
            "settings",
            vec![
                text("key").primary_key().to_owned(),
                text("value"),
                int("updated_at"),
                small("version"),
            ],
        )
        .await?;

        table(
            m,
            "idempotency_keys",
            vec![
                text("key").primary_key().to_owned(),
                text("request_hash"),
                small("status"),
                text("body"),
                int("created_at"),
            ],
        )
        .await?;
        index(m, "idempotency_keys", &["created_at"], false).await?;

        // Numbers are never re-used: the highest one given out lives here.
        table(
            m,
            "counters",
            vec![text("key").primary_key().to_owned(), int("value")],
        )
        .await
    }
}
