//! On the first of each month, the indicators of the month before, for every project with a plan: once
//! its report has been drafted, so that both tell the same figures.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::months::keep;
use super::remind::listeners;
use super::rows::{kpi_months, kpi_plans};
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::projects::rows::projects;
use crate::features::reports::Month;
use crate::platform::audit::Actor;
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

/// Kind of the one timer.
pub const MONTHLY: &str = "kpi.monthly";
/// After midnight: the reports are drafted ten minutes after it.
const AFTER: i64 = 1_200;

/// Measures what is missing of last month and sets the timer; a server that was down on the first
/// catches up when it starts.
pub fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = begin(&app).await {
            tracing::error!(%error, "indicators could not be set up");
        }
    });
}

/// What [`start`] does.
///
/// # Errors
/// When the store fails.
pub async fn begin(app: &App) -> Result<()> {
    if Month::of(app.now(), &china())
        .begins(&china())
        .plus_seconds(AFTER)
        <= app.now()
    {
        last_month(app).await?;
    }
    app.db.write(|tx| Box::pin(again(tx))).await
}

/// The timer: measures, then sets itself again.
///
/// # Errors
/// When the store fails; the timer then comes again, and what was measured stays.
pub async fn monthly(app: App, timer: Timer) -> Result<()> {
    last_month(&app).await?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                timers::done(tx, &timer).await?;
                again(tx).await
            })
        })
        .await
}

async fn again(tx: &mut Tx) -> Result<()> {
    let this = Month::of(tx.now, &china())
        .begins(&china())
        .plus_seconds(AFTER);
    let next = if this > tx.now {
        this
    } else {
        let next = Month::of(tx.now, &china()).plus(1).begins(&china());
        next.plus_seconds(AFTER)
    };
    timers::replace(tx, MONTHLY, Uuid::nil(), &[(next, ())]).await
}

/// Measures last month for every active project that has a plan and was under contract then.
async fn last_month(app: &App) -> Result<()> {
    let month = Month::of(app.now(), &china()).plus(-1);
    for project in planned(app, month).await? {
        match keep(app, &Actor::system(), &project, month).await {
            Ok(row) => told(app, project.id, row).await?,
            // Somebody, or another node, was quicker.
            Err(Error::Invalid(_) | Error::Stale { .. }) => {}
            // One project's trouble keeps no other from its figures.
            Err(error) => {
                tracing::error!(%error, project = project.code, "indicators could not be measured");
            }
        }
    }
    Ok(())
}

/// Active projects with a plan that were under contract in a month and lack its figures.
async fn planned(app: &App, month: Month) -> Result<Vec<projects::Model>> {
    let db = app.db.read();
    let plans = kpi_plans::Entity::find().all(db).await?;
    let measured: Vec<Uuid> = kpi_months::Entity::find()
        .filter(kpi_months::Column::Month.eq(month.key()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.project_id)
        .collect();
    let lacking = plans.into_iter().map(|plan| plan.project_id);
    let lacking = lacking.filter(|project| !measured.contains(project));
    Ok(projects::Entity::find()
        .filter(projects::Column::Id.is_in(lacking))
        .filter(projects::Column::Active.eq(true))
        .filter(projects::Column::StartsOn.lte(month.last().to_string()))
        .filter(projects::Column::EndsOn.gte(month.first.to_string()))
        .all(db)
        .await?)
}

/// Tells those who sign.
async fn told(app: &App, project: Uuid, row: kpi_months::Model) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let message = Message {
                    kind: "kpi.month".into(),
                    to: listeners(&tx.db, project).await?,
                    title: (
                        format!("{} 的服务指标已计算，请审核并签认", row.month),
                        format!(
                            "Indicators of {} are measured and wait to be signed",
                            row.month
                        ),
                    ),
                    body: (
                        "未达标的指标须填写改进措施后才能签认。".into(),
                        "Each indicator that was missed needs a remedy first.".into(),
                    ),
                    link: format!("/projects/{project}/kpi"),
                    project: Some(project),
                    subject: Some(row.id),
                    urgent: false,
                    ends: None,
                };
                notifications::tell(tx, &message).await
            })
        })
        .await
}

/// Measures the months of a project from `first` on that are over, for the demonstration.
///
/// # Errors
/// When the store fails.
pub async fn measure_past(
    app: &App,
    actor: &Actor,
    project: Uuid,
    first: jiff::civil::Date,
) -> Result<Vec<kpi_months::Model>> {
    let row = projects::Entity::find_by_id(project)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let current = Month::of(app.now(), &app.definitions.zone_of(&row.calendar));
    let mut month = Month {
        first: first.first_of_month(),
    };
    let mut measured = Vec::new();
    while month < current {
        measured.push(keep(app, actor, &row, month).await?);
        month = month.plus(1);
    }
    Ok(measured)
}
