//! The systems of a project as pages show them: availability, checks, and the yearly budget.

use anlan_core::access::Permission;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::api::find;
use super::availability::{self, SystemAvailability};
use super::budget::{self, BudgetUse};
use super::rows::monitors;
use crate::app::App;
use crate::features::projects::{self, Uptime};
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{Json, Path, Query};

/// Of which project and period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    project: Uuid,
    from: At,
    to: At,
}

/// A system with its budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct System {
    /// How available it was.
    #[serde(flatten)]
    system: SystemAvailability,
    /// How it used its yearly budget; null when the contract names none.
    budget: Option<BudgetUse>,
}

/// The systems of a project, each with its checks beneath, and the budget of the service year in which
/// the period ends.
#[utoipa::path(get, path = "/monitors/systems", tag = "monitors", params(Wanted), responses((status = 200, body = Vec<System>), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<System>>> {
    caller.require(Permission::MonitorRead)?;
    let place = projects::place(app.db.read(), wanted.project).await?;
    caller.require_at(Permission::MonitorRead, Permission::MonitorRead, place)?;
    let (from, to) = (wanted.from, wanted.to.min(app.now()));
    let systems = availability::of_project(&app, wanted.project, from, to).await?;
    let budgets = budget::of_project(&app, wanted.project, to).await?;
    let with_budget = |system: SystemAvailability| {
        let own = budgets.iter().find(|one| one.name == system.name);
        System {
            budget: own.cloned(),
            system,
        }
    };
    Ok(Json(systems.into_iter().map(with_budget).collect()))
}

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Period {
    from: At,
    to: At,
}

/// Availability of the system a monitor belongs to, with its checks beneath: less what does not count.
#[utoipa::path(get, path = "/monitors/{id}/availability", tag = "monitors", params(("id" = Uuid, Path), Period), responses((status = 200, body = SystemAvailability), (status = 404, body = Problem)))]
pub async fn of_monitor(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(period): Query<Period>,
) -> Result<Json<SystemAvailability>> {
    let row = find(&app, &caller, id).await?;
    let uptime = Uptime::read(&app, row.project_id).await?;
    let (from, to) = (period.from, period.to);
    let mut checks = availability::watched(&app, row.project_id, from).await?;
    let own = |other: &monitors::Model| {
        other.id == row.id || !row.system.is_empty() && other.system == row.system
    };
    checks.retain(own);
    let mut found = availability::availability(&app, &uptime, checks, (from, to)).await?;
    found.pop().map(Json).ok_or_else(Error::not_found)
}

/// Share of the last day in which a check was available.
///
/// # Errors
/// When the store fails.
pub async fn last_day(app: &App, row: &monitors::Model) -> Result<Option<f64>> {
    let now = app.now();
    let day = (now.plus_seconds(-24 * 3600), now);
    let alone = monitors::Model {
        counts: true,
        ..row.clone()
    };
    let mut told = availability::told(app, vec![alone], day).await?;
    Ok(told.pop().and_then(|system| system.judged.ratio()))
}
