//! Channels: set up, tried, switched off.

use std::collections::BTreeMap;

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::check::check;
use super::config::{Config, Secrets};
use super::outbox::{self, Channel};
use super::rows::channels::{Column, Entity, Model};
use super::rows::deliveries;
use super::secrets;
use super::send::{Failure, Letter};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{IfMatch, Json, Path, Versioned};

/// A channel as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteChannel {
    name: String,
    /// `smtp`, `http`, `wecom`, `dingtalk` or `feishu`.
    kind: String,
    /// Server, rule and whatever else belongs to the kind.
    #[schema(value_type = Object)]
    config: Value,
    /// Passwords, keys and tokens by name: those left out stay as they are, null removes one.
    #[serde(default)]
    #[schema(value_type = Object)]
    secret: BTreeMap<String, Option<String>>,
    /// The channel that takes over when this one fails.
    fallback_id: Option<Uuid>,
    enabled: bool,
}

/// A channel. Its secrets never come back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shown {
    id: Uuid,
    name: String,
    kind: String,
    #[schema(value_type = Object)]
    config: Value,
    /// Names of the secrets that are set.
    secrets: Vec<String>,
    fallback_id: Option<Uuid>,
    enabled: bool,
    /// Until when the other side takes nothing, because it was asked too often.
    closed_until: Option<At>,
    version: i32,
}

/// To whom a test message goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Mail address or phone number; none for a robot.
    #[serde(default)]
    recipient: String,
}

/// How a test message fared.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcome {
    /// Whether the other side took it.
    ok: bool,
    /// What it answered, or why it did not.
    answer: String,
}

/// Channels by name.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = Vec<Shown>), (status = 403, body = Problem)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Shown>>> {
    caller.require_everywhere(Permission::ChannelRead)?;
    let rows = Entity::find()
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Name)
        .all(app.db.read())
        .await?;
    Ok(Json(rows.into_iter().map(Shown::from).collect()))
}

/// Sets a channel up.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = WriteChannel, responses((status = 201, body = Shown), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(sent): Json<WriteChannel>,
) -> Result<(StatusCode, Versioned<Shown>)> {
    caller.require_everywhere(Permission::ChannelManage)?;
    let id = Uuid::now_v7();
    let (config, values) = checked(&app, id, &sent, None).await?;
    let detail = masked(&config, &sent, &values)?;
    let entry = caller
        .entry("channel.create")
        .on("channel", id, &sent.name)
        .detail(detail);
    let row = Model {
        id,
        name: sent.name.trim().to_owned(),
        kind: sent.kind,
        config: config.json()?,
        secrets: secrets::seal(&app.vault, id, &values)?,
        fallback_id: sent.fallback_id,
        enabled: sent.enabled,
        recent: String::new(),
        claims: 0,
        deleted_at: None,
        created_at: app.now(),
        version: 1,
        closed_until: None,
    };
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                tx.changed(Change::new(Topic::Outbox, id));
                let row = row.into_active_model().reset_all();
                Ok(row.insert(&tx.db).await?)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(row.version, row.into())))
}

/// Changes a channel. Its kind stays.
#[utoipa::path(put, path = "/channels/{id}", tag = "channels", params(("id" = Uuid, Path)), request_body = WriteChannel,
    responses((status = 200, body = Shown), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(sent): Json<WriteChannel>,
) -> Result<Versioned<Shown>> {
    caller.require_everywhere(Permission::ChannelManage)?;
    let seen = find(&app, id).await?;
    version.check(seen.version, || seen.name.clone())?;
    if sent.kind != seen.kind {
        return Err(Error::field("kind", "fixed"));
    }
    let (config, values) = checked(&app, id, &sent, Some(Channel::read(&app, seen)?)).await?;
    let detail = masked(&config, &sent, &values)?;
    let entry = caller
        .entry("channel.update")
        .on("channel", id, &sent.name)
        .detail(detail);
    let (config, secrets) = (config.json()?, secrets::seal(&app.vault, id, &values)?);
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = Entity::find_by_id(id)
                    .filter(Column::DeletedAt.is_null())
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                version.check(row.version, || row.name.clone())?;
                tx.audit(entry);
                tx.changed(Change::new(Topic::Outbox, id));
                let next = row.version + 1;
                let mut row = row.into_active_model();
                row.name = Set(sent.name.trim().to_owned());
                row.config = Set(config);
                row.secrets = Set(secrets);
                row.fallback_id = Set(sent.fallback_id);
                row.enabled = Set(sent.enabled);
                // It may be another robot now, which nobody has shut out.
                row.closed_until = Set(None);
                row.version = Set(next);
                Ok(row.update(&tx.db).await?)
            })
        })
        .await?;
    Ok(Versioned(row.version, row.into()))
}

/// Removes a channel with its secrets. What still waited on it becomes dead letters, on record.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    caller.require_everywhere(Permission::ChannelManage)?;
    let row = find(&app, id).await?;
    let entry = caller.entry("channel.delete").on("channel", id, &row.name);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let leans = Entity::find()
                    .filter(Column::FallbackId.eq(id))
                    .filter(Column::DeletedAt.is_null())
                    .one(&tx.db)
                    .await?;
                if let Some(other) = leans {
                    return Err(Error::conflict("is_fallback").with("name", other.name));
                }
                tx.audit(entry);
                tx.changed(Change::new(Topic::Delivery, id));
                bury(tx, id).await?;
                let mut row = row.into_active_model();
                row.deleted_at = Set(Some(tx.now));
                row.enabled = Set(false);
                row.secrets = Set("{}".into());
                row.update(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn bury(tx: &Tx, channel: Uuid) -> Result<()> {
    deliveries::Entity::update_many()
        .col_expr(deliveries::Column::State, Expr::value("dead"))
        .col_expr(
            deliveries::Column::LastError,
            Expr::value("the channel was removed"),
        )
        .filter(deliveries::Column::ChannelId.eq(channel))
        .filter(deliveries::Column::State.eq("pending"))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Sends a message now, past the outbox, and tells what the other side said.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "channels", params(("id" = Uuid, Path)), request_body = Trial,
    responses((status = 200, body = Outcome), (status = 404, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn test(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(trial): Json<Trial>,
) -> Result<Json<Outcome>> {
    caller.require_everywhere(Permission::ChannelManage)?;
    let channel = Channel::read(&app, find(&app, id).await?)?;
    let robot = matches!(channel.config, Config::Robot(..));
    if !robot && trial.recipient.trim().is_empty() {
        return Err(Error::field("recipient", "required"));
    }
    outbox::spend(&app, &channel).await?;
    let letter = Letter {
        key: Uuid::now_v7(),
        address: trial.recipient.trim().to_owned(),
        title: caller.lang.text("channel.test.title", &[]),
        body: caller
            .lang
            .text("channel.test.body", &[("name", caller.user.name.clone())]),
        link: app.config.public_url.clone(),
    };
    let result = match channel.wire() {
        Ok(wire) => wire.send(&[letter], app.now()).await,
        Err(failure) => Err(failure),
    };
    if let Err(Failure::ShutOut(_, seconds)) = result {
        outbox::rest(&app, id, seconds).await?;
    }
    let outcome = match result {
        Ok(answer) => Outcome { ok: true, answer },
        Err(failure) => Outcome {
            ok: false,
            answer: failure.to_string(),
        },
    };
    let entry = caller
        .entry("channel.test")
        .on("channel", id, &channel.row.name);
    let entry = if outcome.ok { entry } else { entry.failed() };
    app.db.audit(entry).await?;
    Ok(Json(outcome))
}

async fn find(app: &App, id: Uuid) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::DeletedAt.is_null())
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)
}

/// The configuration and secrets that would stand, when nothing is wrong with them.
async fn checked(
    app: &App,
    id: Uuid,
    sent: &WriteChannel,
    before: Option<Channel>,
) -> Result<(Config, Secrets)> {
    let config = Config::read(&sent.kind, &sent.config.to_string())?;
    let mut wrong = Vec::new();
    match sent.name.trim().chars().count() {
        0 => wrong.push(FieldError::new("name", "required")),
        1..=100 => {}
        _ => wrong.push(FieldError::new("name", "too_long").with("max", 100)),
    }
    let mut secrets = Secrets::new();
    if let Some(before) = before {
        let moved = before.config.destination() != config.destination();
        for (name, value) in before.secrets.unwrap_or_default() {
            if moved && !sent.secret.contains_key(&name) {
                wrong.push(FieldError::new(format!("secret.{name}"), "secret_again"));
            }
            secrets.insert(name, value);
        }
    }
    for (name, value) in &sent.secret {
        match value {
            Some(value) => drop(secrets.insert(name.clone(), value.clone())),
            None => drop(secrets.remove(name)),
        }
    }
    if let Some(fallback) = sent.fallback_id
        && !stands_in(app, id, fallback).await?
    {
        wrong.push(FieldError::new("fallback_id", "no_such_fallback"));
    }
    wrong.extend(check(&config, &secrets));
    if wrong.is_empty() {
        Ok((config, secrets))
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Whether `fallback` is a channel from which no chain of fallbacks leads back.
async fn stands_in(app: &App, id: Uuid, fallback: Uuid) -> Result<bool> {
    let mut next = Some(fallback);
    // More steps than anybody needs; a longer chain is refused as if it were a ring.
    for _ in 0..10 {
        match next {
            None => return Ok(true),
            Some(step) if step == id => return Ok(false),
            Some(step) => match find(app, step).await {
                Ok(row) => next = row.fallback_id,
                Err(Error::Coded(_)) => return Ok(false),
                Err(error) => return Err(error),
            },
        }
    }
    Ok(false)
}

/// For the audit log: everything but the secrets themselves.
fn masked(config: &Config, sent: &WriteChannel, secrets: &Secrets) -> Result<Value> {
    let config: Value = serde_json::from_str(&config.json()?).map_err(Error::internal)?;
    let changed: Vec<&String> = sent.secret.keys().collect();
    Ok(json!({
        "kind": sent.kind, "config": config, "enabled": sent.enabled, "fallback_id": sent.fallback_id,
        "secrets": secrets.keys().map(|name| (name.clone(), "***")).collect::<BTreeMap<_, _>>(),
        "secrets_changed": changed,
    }))
}

impl From<Model> for Shown {
    fn from(row: Model) -> Self {
        Self {
            secrets: secrets::names(&row.secrets),
            id: row.id,
            name: row.name,
            kind: row.kind,
            config: serde_json::from_str(&row.config).unwrap_or_default(),
            fallback_id: row.fallback_id,
            enabled: row.enabled,
            closed_until: row.closed_until,
            version: row.version,
        }
    }
}
