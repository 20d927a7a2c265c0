//! Signing in and out.

use axum::extract::State;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use sea_orm::{ActiveModelTrait, EntityTrait, PaginatorTrait, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::audit::{Actor, Entry};
use crate::platform::auth::{self, COOKIE_NAME, password, rows::grants, rows::users};
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{ClientIp, Json};

/// Who is signed in and what they may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The account.
    user: Me,
    /// Everything but the password change is refused until this is false.
    must_change_password: bool,
    /// Permissions held anywhere: what the menu shows.
    permissions: Vec<String>,
    /// When the session ends at the latest.
    expires_at: At,
}

/// The signed-in account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    id: Uuid,
    login: String,
    name: String,
    email: String,
    phone: String,
    language: String,
}

/// Login and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    login: String,
    password: String,
}

/// The old and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    old: String,
    new: String,
}

/// Signs in and sets the session cookie.
#[utoipa::path(post, path = "/session", tag = "session", security(()), request_body = Credentials,
    responses((status = 200, body = Session), (status = 401, body = Problem), (status = 423, body = Problem), (status = 429, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(given): Json<Credentials>,
) -> Result<impl IntoResponse> {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let signed_in = auth::sign_in(&app, &given.login, &given.password, &ip, agent).await?;
    let (user, access) = app
        .auth
        .by_session(&app, &auth::digest(&signed_in.secret))
        .await?;
    let session = session(
        &app,
        &user,
        access
            .permissions()
            .map(|permission| permission.to_string())
            .collect(),
    );
    Ok((
        AppendHeaders([(
            SET_COOKIE,
            cookie(&app, &signed_in.secret, app.auth.policy().absolute()),
        )]),
        Json(session),
    ))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session), (status = 401, body = Problem)))]
pub async fn show(State(app): State<App>, caller: Caller) -> Json<Session> {
    let permissions = caller
        .access
        .permissions()
        .map(|permission| permission.to_string())
        .collect();
    Json(session(&app, &caller.user, permissions))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204), (status = 401, body = Problem)))]
pub async fn delete(State(app): State<App>, caller: Caller) -> Result<impl IntoResponse> {
    auth::sign_out(&app, &caller).await?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(SET_COOKIE, cookie(&app, "", 0))]),
    ))
}

/// Changes one's own password; other sessions of the account end.
#[utoipa::path(put, path = "/session/password", tag = "session", request_body = PasswordChange,
    responses((status = 204), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode> {
    if caller.session.is_none() {
        return Err(Error::forbidden());
    }
    auth::change_password(&app, &caller, &change.old, &change.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn session(app: &App, user: &users::Model, permissions: Vec<String>) -> Session {
    Session {
        must_change_password: app.auth.must_change(user, app.now()),
        permissions,
        expires_at: app.now().plus_seconds(app.auth.policy().idle()),
        user: Me {
            id: user.id,
            login: user.login.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            phone: user.phone.clone(),
            language: user.language.clone(),
        },
    }
}

fn cookie(app: &App, secret: &str, seconds: i64) -> String {
    let secure = if app.config.public_url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// Creates the first administrator of a new installation and returns the one-time password, or
/// nothing when there are accounts already.
///
/// # Errors
/// When the store fails.
pub async fn create_administrator(app: &App) -> Result<Option<String>> {
    if users::Entity::find().count(app.db.read()).await? > 0 {
        return Ok(None);
    }
    let password = password::one_time();
    let hash = password::hash(&password).await?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let id = Uuid::now_v7();
                let user = users::ActiveModel {
                    id: Set(id),
                    login: Set("admin".into()),
                    name: Set("系统管理员".into()),
                    email: Set(String::new()),
                    phone: Set(String::new()),
                    unit_id: Set(None),
                    language: Set("zh-CN".into()),
                    password_hash: Set(None),
                    password_changed_at: Set(tx.now),
                    must_change_password: Set(true),
                    failed_attempts: Set(0),
                    locked_until: Set(None),
                    active: Set(true),
                    last_login_at: Set(None),
                    created_at: Set(tx.now),
                    version: Set(1),
                };
                user.insert(&tx.db).await?;
                auth::store_password(tx, id, hash, true).await?;
                let grant = grants::ActiveModel {
                    id: Set(Uuid::now_v7()),
                    user_id: Set(id),
                    role: Set("system_admin".into()),
                    scope: Set("all".into()),
                    scope_id: Set(None),
                    created_at: Set(tx.now),
                    created_by: Set(None),
                };
                grant.insert(&tx.db).await?;
                tx.audit(Entry::new(&Actor::system(), "user.create").on("user", id, "admin"));
                Ok(())
            })
        })
        .await?;
    Ok(Some(password))
}
