//! People: signing in, accounts, grants, API tokens, customer units, contacts, support groups.

pub mod rows;
mod session;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub use session::create_administrator;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session::create, session::show, session::delete))
        .routes(routes!(session::change_password))
}
