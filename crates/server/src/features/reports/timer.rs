//! On the first of each month, a draft for every active project.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::api::make;
use super::period::Month;
use super::rows::reports;
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::platform::audit::{Actor, Entry};
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

/// Kind of the one timer.
pub const MONTHLY: &str = "report.monthly";
/// Kind of the reports it makes.
const KIND: &str = "monthly";
/// After midnight, so that the last minute's tickets are in.
const AFTER: i64 = 600;

/// Makes what is missing of last month and sets the timer; a server that was down on the first
/// catches up when it starts.
pub fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = begin(&app).await {
            tracing::error!(%error, "monthly reports could not be set up");
        }
    });
}

/// What [`start`] does.
///
/// # Errors
/// When the store fails.
pub async fn begin(app: &App) -> Result<()> {
    drafts(app).await?;
    app.db.write(|tx| Box::pin(again(tx))).await
}

/// The timer: drafts, then itself again.
///
/// # Errors
/// When the store fails; the timer then comes again, and what was made stays.
pub async fn monthly(app: App, timer: Timer) -> Result<()> {
    drafts(&app).await?;
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
    let next = Month::of(tx.now, &china()).plus(1).begins(&china());
    timers::replace(tx, MONTHLY, Uuid::nil(), &[(next.plus_seconds(AFTER), ())]).await
}

/// Drafts of last month for every active project that has none and was under contract then.
async fn drafts(app: &App) -> Result<()> {
    let db = app.db.read();
    let month = Month::of(app.now(), &china()).plus(-1);
    let (first, last) = (month.first.to_string(), month.last().to_string());
    let under_contract = projects::Entity::find()
        .filter(projects::Column::Active.eq(true))
        .filter(projects::Column::StartsOn.lte(last))
        .filter(projects::Column::EndsOn.gte(first))
        .all(db)
        .await?;
    let made: Vec<Uuid> = reports::Entity::find()
        .filter(reports::Column::Kind.eq(KIND))
        .filter(reports::Column::Month.eq(month.key()))
        .all(db)
        .await?
        .into_iter()
        .map(|report| report.project_id)
        .collect();
    for project in under_contract.iter().filter(|one| !made.contains(&one.id)) {
        let entry = Entry::new(&Actor::system(), "report.create");
        match make(app, project.id, KIND, month, None, entry).await {
            // Somebody, or another node, was quicker.
            Ok(_) | Err(Error::Invalid(_)) => {}
            // One project's trouble keeps no other from its report.
            Err(error) => {
                tracing::error!(%error, project = project.code, "a report could not be drafted");
            }
        }
    }
    Ok(())
}
