//! Printed forms: a ticket on the customer's sheet, filled or blank, as docx, pdf or print page.
//!
//! For the report: [`Format`], [`Paper`], [`render`], [`local`].

mod api;
mod paper;
mod values;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub use api::local;
pub use paper::{Format, Paper, render};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api::filled))
        .routes(routes!(api::blank))
}
