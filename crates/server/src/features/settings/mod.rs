//! Settings of the whole system, its health and its version.

use std::time::Duration;

use anlan_core::access::Permission;
use axum::extract::State;
use sea_orm::DbBackend;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::auth::policy::{KEY, Policy};
use crate::platform::changes::Changes;
use crate::platform::error::{Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{IfMatch, Json, Versioned};
use crate::platform::settings;

/// How often a node looks for settings that another has changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, update))
        .routes(routes!(health))
        .routes(routes!(version))
}

/// All settings with their version.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    #[serde(flatten)]
    policy: Policy,
    version: i32,
}

/// Settings.
#[utoipa::path(get, path = "/settings", tag = "settings", responses((status = 200, body = Settings), (status = 403, body = Problem)))]
pub async fn show(State(app): State<App>, caller: Caller) -> Result<Versioned<Settings>> {
    caller.require_everywhere(Permission::SettingsManage)?;
    let db = app.db.read();
    let version = settings::version(db, KEY).await?;
    let policy = settings::get(db, KEY).await?;
    Ok(Versioned(version, Settings { policy, version }))
}

/// Changes settings; they hold at once.
#[utoipa::path(put, path = "/settings", tag = "settings", params(("If-Match" = String, Header)), request_body = Policy,
    responses((status = 200, body = Settings), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    given: IfMatch,
    Json(policy): Json<Policy>,
) -> Result<Versioned<Settings>> {
    caller.require_everywhere(Permission::SettingsManage)?;
    policy.check()?;
    let version = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = settings::version(&tx.db, KEY).await?;
                let before: Policy = settings::get(&tx.db, KEY).await?;
                let changes = Changes::between(&before, &policy);
                given.check(version, || changes.fields())?;
                if changes.is_empty() {
                    return Ok(version);
                }
                settings::set(tx, KEY, &policy).await?;
                tx.audit(changes.on(
                    caller.entry("settings.update").on("settings", KEY, KEY),
                    version + 1,
                ));
                tx.changed(Change::new(Topic::Settings, Uuid::nil()));
                Ok(version + 1)
            })
        })
        .await?;
    app.auth.set_policy(policy);
    Ok(Versioned(version, Settings { policy, version }))
}

/// Takes over settings that other nodes change. The embedded database has one node only.
pub fn start(app: &App) {
    if app.db.backend() == DbBackend::Sqlite {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match Policy::load(&app.db).await {
                Ok(policy) => app.auth.set_policy(policy),
                Err(error) => tracing::error!(%error, "settings could not be read"),
            }
        }
    });
}

/// Whether the server answers and its store too.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`: whatever is wrong answers 503.
    status: &'static str,
}

/// For load balancers and watchdogs.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses((status = 200, body = Health), (status = 503, body = Problem)))]
pub async fn health(State(app): State<App>) -> Result<Json<Health>> {
    app.db.look().await?;
    Ok(Json(Health { status: "ok" }))
}

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    version: &'static str,
}

/// The version, for those signed in.
#[utoipa::path(get, path = "/version", tag = "system", responses((status = 200, body = Version), (status = 401, body = Problem)))]
pub async fn version(_: Caller) -> Json<Version> {
    Json(Version {
        version: env!("CARGO_PKG_VERSION"),
    })
}
