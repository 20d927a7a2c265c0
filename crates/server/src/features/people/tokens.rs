//! API tokens: each acts as its owner, with no more than the permissions chosen for it.

use std::collections::BTreeSet;

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::auth::rows::tokens;
use crate::platform::auth::{self, TOKEN_PREFIX};
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::definitions::china;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{Json, Path};

/// Tokens in force that one person may have.
const MOST: u64 = 50;
/// Characters of a token that are shown again later.
const SHOWN: usize = 10;

/// A token to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    name: String,
    /// The last day on which it works; it works until it is revoked when absent.
    #[serde(default)]
    expires_on: Option<Day>,
    /// What it may do, of what its owner may do.
    permissions: Vec<String>,
}

/// A token, without the secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    id: Uuid,
    name: String,
    /// Its first characters.
    prefix: String,
    permissions: Vec<String>,
    /// When it stops working.
    expires_at: Option<At>,
    created_at: At,
    last_used_at: Option<At>,
}

/// A new token with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    info: Token,
    /// The token itself.
    token: String,
}

/// One's own tokens that are not revoked, newest first.
#[utoipa::path(get, path = "/tokens", tag = "people", responses((status = 200, body = [Token]), (status = 403, body = Problem)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Token>>> {
    caller.require(Permission::TokenManage)?;
    let rows = tokens::Entity::find()
        .filter(own(&caller))
        .order_by_desc(tokens::Column::CreatedAt)
        .order_by_desc(tokens::Column::Id)
        .all(app.db.read())
        .await?;
    Ok(Json(rows.into_iter().map(Token::from).collect()))
}

/// Makes a token. Only somebody at a browser may: a token makes no other.
#[utoipa::path(post, path = "/tokens", tag = "people", request_body = NewToken, responses((status = 201, body = MadeToken), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>)> {
    caller.require(Permission::TokenManage)?;
    if caller.session.is_none() {
        return Err(Error::forbidden().with("permission", Permission::TokenManage));
    }
    let (name, permissions, expires_at) = checked(&app, &caller, &new)?;
    let secret = format!("{TOKEN_PREFIX}{}", auth::secret());
    let row = tokens::Model {
        id: Uuid::now_v7(),
        user_id: caller.user.id,
        name,
        token_hash: auth::digest(&secret),
        prefix: secret.chars().take(SHOWN).collect(),
        permissions: permissions.join(" "),
        expires_at,
        created_at: app.now(),
        last_used_at: None,
        revoked_at: None,
    };
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if tokens::Entity::find()
                    .filter(own(&caller))
                    .count(&tx.db)
                    .await?
                    >= MOST
                {
                    return Err(Error::conflict("too_many_tokens").with("max", MOST));
                }
                let entry = caller.entry("token.create").on("token", row.id, &row.name);
                tx.audit(entry.detail(
                    serde_json::json!({ "permissions": permissions, "expires_at": expires_at }),
                ));
                Ok(row.into_active_model().reset_all().insert(&tx.db).await?)
            })
        })
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(MadeToken {
            info: row.into(),
            token: secret,
        }),
    ))
}

/// Revokes one of one's own tokens, at once.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    caller.require(Permission::TokenManage)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = tokens::Entity::find_by_id(id)
                    .filter(own(&caller))
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                tx.audit(caller.entry("token.delete").on("token", id, &row.name));
                let mut change = row.into_active_model();
                change.revoked_at = Set(Some(tx.now));
                change.update(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    app.auth.forget();
    Ok(StatusCode::NO_CONTENT)
}

fn own(caller: &Caller) -> Condition {
    Condition::all()
        .add(tokens::Column::UserId.eq(caller.user.id))
        .add(tokens::Column::RevokedAt.is_null())
}

fn checked(
    app: &App,
    caller: &Caller,
    new: &NewToken,
) -> Result<(String, Vec<String>, Option<At>)> {
    let mut check = Check::default();
    let name = check.line("name", &new.name, 1..=100);
    check.ensure(!new.permissions.is_empty(), "permissions", "required");
    let mut permissions = BTreeSet::new();
    for (index, given) in new.permissions.iter().enumerate() {
        match given.parse::<Permission>() {
            Ok(permission) if caller.access.can_somewhere(permission) => {
                permissions.insert(given.clone());
            }
            _ => check.push(FieldError::new(format!("permissions[{index}]"), "no_such")),
        }
    }
    // The whole last day in China, where the product's dates are meant.
    let end = new
        .expires_on
        .as_ref()
        .and_then(|day| day.date().tomorrow().ok()?.to_zoned(china()).ok());
    let expires_at = end.map(|end| At::from(end.timestamp()));
    check.ensure(
        expires_at.is_none_or(|end| app.now() < end),
        "expires_on",
        "past",
    );
    check.finish()?;
    Ok((name, permissions.into_iter().collect(), expires_at))
}

impl From<tokens::Model> for Token {
    fn from(row: tokens::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            permissions: row
                .permissions
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            expires_at: row.expires_at,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}
