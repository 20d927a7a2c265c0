//! The application's state and its HTTP surface, put together from the features.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures::FutureExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::features;
use crate::features::monitors::Engine;
use crate::platform::error::Result;
use crate::platform::http::{self, problems};
use crate::platform::timers;
use crate::platform::{Config, Platform};

/// Largest request body except uploads, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// The application: cheap to clone, reached by every handler and loop.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] shares.
struct Inner {
    platform: Platform,
    monitors: Engine,
}

impl Deref for App {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.0.platform
    }
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Anlan 安澜",
    description = "IT operations platform. Instants are RFC 3339 UTC, durations whole seconds.",
    license(name = "Apache-2.0")
))]
struct Doc;

impl App {
    /// Opens the store and everything that stands on it; starts no loop yet.
    ///
    /// # Errors
    /// When the store cannot be opened or a definition is wrong.
    pub async fn open(config: Config) -> Result<Self> {
        let monitors = Engine::open(&config.series)?;
        let platform = Platform::open(config).await?;
        let app = Self(Arc::new(Inner { platform, monitors }));
        features::calendars::load(&app).await?;
        Ok(app)
    }

    /// What watches: states in memory, metric history, the prober.
    #[must_use]
    pub fn monitors(&self) -> &Engine {
        &self.0.monitors
    }

    /// Starts the loops: timers and whatever the features keep running.
    ///
    /// # Errors
    /// When the system gives no thread to watch with.
    pub fn start(&self) -> Result<()> {
        tokio::spawn(self.timers().run());
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = http::keep_forgetting(&db).await {
                tracing::error!(%error, "keys of repetition are not forgotten");
            }
        });
        features::calendars::start(self);
        features::settings::start(self);
        features::reports::start(self);
        features::service_levels::start(self);
        tokio::spawn(features::notifications::Sender::new(self.clone()).run());
        features::monitors::start(self)
    }

    /// The timer loop with every feature's handlers.
    #[must_use]
    pub fn timers(&self) -> timers::Loop<Self> {
        let forgetting: [(&str, timers::Handler<Self>); 1] = [(http::FORGET, |app, timer| {
            http::forget(app.db.clone(), timer).boxed()
        })];
        let handlers = features::tickets::timers()
            .into_iter()
            .chain(features::reports::timers())
            .chain(features::suppliers::timers())
            .chain(features::tasks::timers())
            .chain(features::service_levels::timers())
            .chain(features::calendars::timers())
            .chain(features::monitors::timers())
            .chain(forgetting);
        timers::Loop::new(self.clone(), handlers)
    }

    /// Who follows each change of a ticket in its transaction.
    #[must_use]
    pub fn followers() -> [features::tickets::Follower; 1] {
        [features::tasks::follow]
    }

    /// The whole HTTP surface: the API with its description, and the web pages.
    pub fn router(&self) -> Router {
        let (router, api) = Self::api().split_for_parts();
        let document = Arc::new(named(api));
        let openapi = move || {
            let document = Arc::clone(&document);
            async move { axum::Json(document.as_ref().clone()) }
        };
        router
            .route("/api/v1/openapi.json", axum::routing::get(openapi))
            .fallback(features::web::page)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                http::attempts::<Self>,
            ))
            .layer(CatchPanicLayer::new())
            .layer(middleware::from_fn(problems))
            .layer(middleware::from_fn(safe_headers))
            .layer(CompressionLayer::new())
            .with_state(self.clone())
    }

    /// The API's description, without starting anything.
    #[must_use]
    pub fn openapi() -> utoipa::openapi::OpenApi {
        named(Self::api().into_openapi())
    }

    fn api() -> OpenApiRouter<Self> {
        let api = OpenApiRouter::new()
            .merge(features::people::routes())
            .merge(features::projects::routes())
            .merge(features::agreements::routes())
            .merge(features::calendars::routes())
            .merge(features::settings::routes())
            .merge(features::audit::routes())
            .merge(features::tickets::routes())
            .merge(features::desk::routes())
            .merge(features::suppliers::routes())
            .merge(features::tasks::routes())
            .merge(features::work::routes())
            .merge(features::forms::routes())
            .merge(features::reports::routes())
            .merge(features::service_levels::routes())
            .merge(features::monitors::routes())
            .merge(features::notifications::routes())
            .merge(features::live::routes());
        OpenApiRouter::with_openapi(Doc::openapi()).nest("/api/v1", api)
    }
}

/// Gives every operation an id of its own, as generators of clients want it: `get /tickets/{id}` is
/// `get_tickets_id`. Handlers of different rooms share names such as `list`.
fn named(mut api: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut api.paths.paths {
        let path = path.trim_start_matches("/api/v1");
        let words: Vec<&str> = path
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            }
        }
    }
    api
}

/// Headers that keep a browser from being used against us.
async fn safe_headers(request: Request<axum::body::Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
    ));
    response
}
