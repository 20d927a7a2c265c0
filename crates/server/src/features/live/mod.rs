//! Live pages: a stream of what has changed. It carries ids only; a page then reads afresh what it
//! shows, and what it may see is decided there and here by the same access.

mod sight;

use std::convert::Infallible;
use std::time::Duration;

use async_stream::stream;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::auth;
use crate::platform::error::{Problem, Result};
use crate::platform::events::Change;
use sight::{Sight, shown};

/// A comment goes out after this much silence, so that proxies keep the line open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether the listener is still signed in and may still see as much.
const RECHECK: Duration = Duration::from_secs(15);

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What changes, as server-sent events. `change` carries `{"topic","id"}`; `resync` says that
/// changes were missed and everything shown is to be read afresh.
#[utoipa::path(get, path = "/events", tag = "live", responses((status = 200, description = "A stream of events", content_type = "text/event-stream", body = Change), (status = 401, body = Problem)))]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    let mut changes = app.events.listen();
    let token = auth::bearer(&headers).map(str::to_owned);
    let mut sight = Sight::new(&caller, token);
    let stream = stream! {
        let mut recheck = tokio::time::interval(RECHECK);
        recheck.reset();
        let mut stop = Box::pin(stopping());
        // The first line tells the page that it listens from here on.
        yield Ok::<_, Infallible>(Event::default().comment("listening"));
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = recheck.tick() => if !sight.renew(&app).await { return },
                change = changes.recv() => match change {
                    Ok(change) if shown(change.topic) => {
                        if sight.sees(&app, &change).await
                            && let Ok(event) = Event::default().event("change").json_data(change)
                        {
                            yield Ok(event);
                        }
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => yield Ok(Event::default().event("resync").data("{}")),
                    Err(RecvError::Closed) => return,
                },
            }
        }
    };
    let headers = [
        (CACHE_CONTROL, "no-cache, no-store"),
        // nginx would otherwise hold events back until its buffer is full.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok((headers, sse).into_response())
}

/// Ends when the process is asked to: an open stream must not hold up the shutdown.
async fn stopping() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
