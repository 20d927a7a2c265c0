//! Internal work under tickets: who does what by when, by the process, by an OLA, by a contract with a
//! supplier (UC), by the agreement's spare part, or as somebody added it (R-037, R-043, R-044, R-063).
//!
//! ```text
//! a ticket changes ─► follow ─► begin ─► row · timers · timeline · notice
//!                            └► end   ─► row · timeline             a tick ends it, too
//! a timer          ─► wake  ─► warning at 80 %, breach: the leader and the project manager
//! ```
//!
//! What other features use: [`follow()`] (joined in `app.rs`), [`waiting`] and [`rows_of`] (work), [`stats()`]
//! (whoever reports on OLA and UC), and the timer handlers.

mod api;
mod begin;
mod dto;
mod end;
mod follow;
mod query;
pub mod rows;
mod stats;
mod suppliers;
mod wake;

use futures::FutureExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::platform::timers::Handler;

pub use dto::TaskRow;
pub use follow::follow;
pub use query::{count, rows_of, waiting};
pub use stats::{Told, stats};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::close))
        .routes(routes!(suppliers::list))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![(wake::DUE, |app, timer| wake::wake(app, timer).boxed())]
}
