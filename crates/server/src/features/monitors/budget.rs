//! The yearly budget of downtime of each system: how much of it is used, and the two warnings to whoever
//! answers for the contract.

use anlan_core::alert::availability::{Availability as Judged, Interruption};
use anlan_core::alert::budget::Budget;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::availability::{OutageRow, Told, told, watched};
use super::rows::outage_warnings;
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::projects::rows::projects;
use crate::features::projects::{UPTIME_CHANGED, Uptime};
use crate::features::tickets;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::timers::{self, Timer};

/// How a system used its budget in a service year, so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetUse {
    /// The system.
    pub name: String,
    /// First instant of the service year.
    pub year_from: At,
    /// First instant of the next one.
    pub year_to: At,
    /// Seconds of downtime allowed in the year.
    pub allowed_seconds: i64,
    /// Seconds that a single interruption may last.
    pub single_seconds: i64,
    /// Seconds used.
    pub used_seconds: i64,
    /// When the budget was used up; null while it is kept.
    pub exceeded_at: Option<At>,
    /// Interruptions that lasted longer than a single one may.
    pub too_long: Vec<OutageRow>,
}

/// How each system of a project used its budget in the service year of the instant before `until`, as far
/// as it had passed then; nothing when the contract names no budget.
///
/// # Errors
/// When the store fails.
pub async fn of_project(app: &App, project: Uuid, until: At) -> Result<Vec<BudgetUse>> {
    let uptime = Uptime::read(app, project).await?;
    let Some(budget) = uptime.budget else {
        return Ok(Vec::new());
    };
    let year = uptime.year(At(until.0 - 1));
    let systems = systems(app, project, (year.0, until)).await?;
    let systems = systems.into_iter();
    Ok(systems.map(|one| used(budget, one, year)).collect())
}

/// The systems of a project of which at least one check counts.
async fn systems(app: &App, project: Uuid, (from, to): (At, At)) -> Result<Vec<Told>> {
    if from >= to {
        return Ok(Vec::new());
    }
    let mut systems = told(app, watched(app, project, from).await?, (from, to)).await?;
    systems.retain(|one| one.checks.iter().any(|(monitor, _)| monitor.counts));
    Ok(systems)
}

fn used(budget: Budget, system: Told, (from, to): (At, At)) -> BudgetUse {
    let usage = budget.judge(&system.judged);
    BudgetUse {
        name: system.name,
        year_from: from,
        year_to: to,
        allowed_seconds: budget.total_seconds.into(),
        single_seconds: budget.single_seconds.into(),
        used_seconds: usage.used.as_secs(),
        exceeded_at: usage.exceeded_at.map(At::from),
        too_long: usage.too_long.iter().map(OutageRow::from).collect(),
    }
}

/// What is due to be said about one system.
struct Warning {
    key: String,
    name: String,
    percent: u8,
}

/// The handler of [`UPTIME_CHANGED`]: gives the warnings that are due, each once, and while a system is
/// down looks again when its next one would be.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn look(app: App, timer: Timer) -> Result<()> {
    let project = match timer.subject_id {
        Some(id) => projects::Entity::find_by_id(id).one(app.db.read()).await?,
        None => None,
    };
    let promised = project.map(|project| (Uptime::of(&app, &project), project));
    let budgeted = promised.and_then(|(uptime, project)| Some((uptime.budget?, uptime, project)));
    let Some((budget, uptime, project)) = budgeted else {
        let done = app
            .db
            .write(move |tx| Box::pin(async move { timers::done(tx, &timer).await }));
        return done.await.map(drop);
    };
    let now = app.now();
    let year = uptime.year(now);
    let systems = systems(&app, project.id, (year.0, now)).await?;
    let again = systems
        .iter()
        .filter_map(|one| next(budget, &one.judged, now))
        .min();
    let warnings: Vec<Warning> = systems.iter().filter_map(|one| due(budget, one)).collect();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                for warning in &warnings {
                    warn(tx, &project, year.0, warning).await?;
                }
                match again {
                    Some(at) => timers::add(tx, UPTIME_CHANGED, project.id, &[(at, ())]).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

/// The gravest warning a system has reached; it makes those before it needless.
fn due(budget: Budget, system: &Told) -> Option<Warning> {
    let (percent, _) = budget.warnings(&system.judged).pop()?;
    Some(Warning {
        key: system.key.clone(),
        name: system.name.clone(),
        percent,
    })
}

/// When a system that is down now will have reached its next warning.
fn next(budget: Budget, judged: &Judged, now: At) -> Option<At> {
    let down = judged
        .interruptions
        .last()
        .is_some_and(|one: &Interruption| one.ended.is_none());
    let left = budget.until_next(judged).filter(|_| down)?;
    // What is left of a second has passed, too.
    Some(now.plus_seconds(left.as_secs() + 1))
}

/// Gives a warning unless it was given before in this service year.
async fn warn(tx: &mut Tx, project: &projects::Model, year: At, warning: &Warning) -> Result<()> {
    use outage_warnings::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        project_id: Set(project.id),
        system: Set(warning.key.clone()),
        year_from: Set(year),
        percent: Set(warning.percent.into()),
        told_at: Set(tx.now),
    };
    let once = [
        Column::ProjectId,
        Column::System,
        Column::YearFrom,
        Column::Percent,
    ];
    let written = Entity::insert(row)
        .on_conflict(OnConflict::columns(once).do_nothing().to_owned())
        .exec_without_returning(&tx.db)
        .await?;
    if written == 0 {
        return Ok(());
    }
    let managers = tickets::holders(tx, project.id, &["project_manager"]).await?;
    let (name, percent) = (&warning.name, warning.percent);
    let (zh, en) = if percent < 100 {
        (
            format!("{name}：年度停机额度已用{percent}%"),
            format!("{name}: {percent} % of the year's downtime is used"),
        )
    } else {
        (
            format!("{name}：年度停机额度已用完"),
            format!("{name}: the year's downtime is used up"),
        )
    };
    let message = Message {
        kind: "outage.budget".into(),
        to: managers.iter().copied().chain(project.manager_id).collect(),
        title: (zh, en),
        body: (project.name.clone(), project.name.clone()),
        link: format!("/projects/{}", project.id),
        project: Some(project.id),
        subject: Some(project.id),
        urgent: false,
        ends: None,
    };
    notifications::tell(tx, &message).await
}
