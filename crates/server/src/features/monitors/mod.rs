//! Monitors: what is watched, how it stands, and what its failing causes.
//!
//! ```text
//! scheduler ─ slot ─► probe worker ─ outcome ─► writer ─► series (metric history)
//!                                                  └─► core::alert::step ─► state, events, alert, ticket, notices
//! ```
//! For the report: [`availability_of`], [`budget_of`], [`left_out_of`].

mod alerts;
mod api;
mod availability;
mod budget;
mod dto;
mod engine;
mod figures;
mod history;
mod left_out;
mod outcome;
mod own_line;
mod roster;
pub mod rows;
mod storms;
mod systems;
mod views;
mod watch;
mod why;
mod windows;

use futures::FutureExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::features::projects::UPTIME_CHANGED;
use crate::platform::timers::Handler;

pub use availability::{OutageRow, SystemAvailability, of_project as availability_of};
pub use budget::{BudgetUse, of_project as budget_of};
pub use engine::{Engine, Watch, start};
pub use figures::{Alarms, Response, alarms as alarms_of, responses as responses_of};
pub(in crate::features) use history::series as series_of;
pub use left_out::of_project as left_out_of;
pub(in crate::features) use watch::prepare;
pub use windows::Window;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::attempt))
        .routes(routes!(views::engine))
        .routes(routes!(systems::list))
        .routes(routes!(api::show, api::update, api::delete))
        .routes(routes!(views::series))
        .routes(routes!(systems::of_monitor))
        .routes(routes!(views::events))
        .routes(routes!(views::failures))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::summary))
        .routes(routes!(windows::list, windows::create))
        .routes(routes!(windows::update, windows::delete))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![(UPTIME_CHANGED, |app, timer| {
        budget::look(app, timer).boxed()
    })]
}
