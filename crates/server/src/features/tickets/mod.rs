//! Tickets: the one door that every change goes through, lists, timeline, promises.
//!
//! What other features use: [`create`] and [`act`] with an [`Actor`] (monitors, import, desk),
//! [`query`] and [`rows`] (work, desk), the timer handlers; and for a room that goes with tickets
//! without their knowing it (tasks): [`Follower`], [`write_inside`], [`notice`], [`people`].

mod actor;
mod api;
mod attachments;
mod door;
pub mod dto;
mod effects;
mod follow;
mod listed;
mod moved;
mod numbers;
mod promises;
pub mod query;
mod record;
mod references;
mod rejudge;
pub mod rows;
mod said;
mod terms;
mod tracking;
mod unanswered;
mod wake;
pub mod witness;

use axum::extract::DefaultBodyLimit;
use futures::FutureExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::features::projects::TERMS_CHANGED;
use crate::platform::files;
use crate::platform::timers::Handler;

pub use actor::{Actor, holders, people};
pub use api::visible;
pub use door::{NewTicket, Step, Written, act, create, replay};
pub use effects::notice;
pub use follow::{Follower, Happening, Inside, sees_inside, write_inside};
pub use listed::Listed;
pub use record::Record;
pub use references::works_on;
pub use terms::Terms;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::counts))
        .routes(routes!(api::show))
        .routes(routes!(api::act))
        .routes(routes!(api::timeline))
        .routes(routes!(attachments::download))
        .routes(routes!(api::processes))
        .routes(routes!(api::process))
        .merge(uploads())
}

/// Uploads may be larger than other requests.
fn uploads() -> OpenApiRouter<App> {
    let room = files::MAX_SIZE + 64 * 1024;
    OpenApiRouter::new()
        .routes(routes!(attachments::attach))
        .layer(DefaultBodyLimit::max(room))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![
        (promises::WAKE, |app, timer| wake::wake(app, timer).boxed()),
        (TERMS_CHANGED, |app, timer| {
            rejudge::rejudge(app, timer).boxed()
        }),
        (effects::REMIND, |app, timer| {
            effects::remind(app, timer).boxed()
        }),
        (unanswered::UNANSWERED, |app, timer| {
            unanswered::tell(app, timer).boxed()
        }),
    ]
}
