//! Service level management: the service level document of a project from draft to its end (R-041,
//! R-042), and its indicators, measured month by month and signed (R-045, R-048).
//!
//! ```text
//! draft ─► review ─► in force ─► ended          kpi plan ─► month is over: measured ─► signed
//!            ▲  a change: version n + 1                      figures of `reports`        frozen
//! ```

mod content;
mod draft;
mod dto;
mod measure;
mod monthly;
mod months;
mod paper;
mod plan;
mod remind;
pub mod rows;
mod steps;
mod told;
mod versions;

use anlan_core::access::{Permission, Place};
use futures::FutureExt;
use sea_orm::EntityTrait;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::features::projects;
use crate::features::projects::rows::projects as project_rows;
use crate::platform::access::Caller;
use crate::platform::error::{Error, Result};
use crate::platform::timers::Handler;

pub(in crate::features) use dto::{Signature, Signatures};
pub(in crate::features) use monthly::measure_past;
pub use monthly::{begin as begin_months, start};
pub(in crate::features) use months::{complete, remedies, sign};
pub(in crate::features) use plan::write_proposed;
pub(in crate::features) use steps::{Taking, take};
pub(in crate::features) use versions::begin;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(versions::list))
        .routes(routes!(versions::create))
        .routes(routes!(versions::show, versions::write))
        .routes(routes!(steps::post))
        .routes(routes!(versions::verify))
        .routes(routes!(paper::file))
        .routes(routes!(months::list))
        .routes(routes!(plan::write))
        .routes(routes!(months::measure))
        .routes(routes!(months::write))
        .routes(routes!(months::post_signature))
}

/// What this room's timers do.
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![
        (remind::REMIND, |app, timer| {
            remind::remind(app, timer).boxed()
        }),
        (monthly::MONTHLY, |app, timer| {
            monthly::monthly(app, timer).boxed()
        }),
    ]
}

/// A project the caller may see, with where it stands.
async fn seen(app: &App, caller: &Caller, project: Uuid) -> Result<(project_rows::Model, Place)> {
    caller.require(Permission::ProjectRead)?;
    let row = project_rows::Entity::find_by_id(project)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let place = projects::place_of(&row);
    caller.require_at(Permission::ProjectRead, Permission::ProjectRead, place)?;
    Ok((row, place))
}

/// A project on which the caller holds a permission.
async fn may(
    app: &App,
    caller: &Caller,
    project: Uuid,
    permission: Permission,
) -> Result<project_rows::Model> {
    let (row, place) = seen(app, caller, project).await?;
    caller.require_at(Permission::ProjectRead, permission, place)?;
    Ok(row)
}

/// Whether the caller sees what is not in force or not signed yet: it is the matter of those who answer
/// for the service. All others who see the project see what both parties have put their names to.
fn sees_unfinished(caller: &Caller, place: Place) -> bool {
    [Permission::AgreementManage, Permission::ReportWrite]
        .iter()
        .any(|permission| caller.access.can(*permission, place))
}
