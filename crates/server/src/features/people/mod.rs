//! People: signing in, accounts, grants, API tokens, customer units, contacts, support groups.

mod contacts;
mod grants;
mod groups;
mod phone;
pub mod rows;
mod scope;
mod session;
mod tokens;
mod units;
mod users;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub use phone::digits;
pub use session::create_administrator;
pub use users::recover;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session::create, session::show, session::delete))
        .routes(routes!(session::change_password))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::show, users::update))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::unlock))
        .routes(routes!(grants::roles))
        .routes(routes!(grants::list, grants::create))
        .routes(routes!(grants::delete))
        .routes(routes!(units::list, units::create))
        .routes(routes!(units::show, units::update))
        .routes(routes!(contacts::list, contacts::create))
        .routes(routes!(contacts::show, contacts::update))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::show, groups::update))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::delete))
}
