//! Reports: the monthly service report (F-54, F-57, R-089, R-047), from draft to frozen.
//!
//! Computing takes a *snapshot* of the month's incidents and counts that, so every figure equals
//! the list behind it for good (`snapshot.rs`). People edit the texts; approval freezes the data
//! with its SHA-256, also kept in the audit log.
//!
//! For the indicators of a month: [`figures_of`], which tells what the report tells.

mod alarms;
mod analysis;
mod api;
mod charts;
mod compute;
mod content;
mod count;
mod dto;
mod durations;
mod figures;
mod operation;
mod paper;
mod period;
pub mod rows;
mod satisfaction;
mod sections;
mod snapshot;
mod tables;
mod timer;

use futures::FutureExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::platform::timers::Handler;

pub use figures::{Figures, Share, Source, counted_at, of_month as figures_of};
pub use period::Month;
pub use timer::{begin, start};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::show, api::write))
        .routes(routes!(api::recompute))
        .routes(routes!(api::approve))
        .routes(routes!(api::verify))
        .routes(routes!(api::file))
        .routes(routes!(api::figure_rows))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![(timer::MONTHLY, |app, timer| {
        timer::monthly(app, timer).boxed()
    })]
}
