//! Reminders of what is in force: its next review, and the end of its term.

use std::collections::BTreeSet;

use anlan_core::service_level::{Reminder, State, reminders};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::{self, Content};
use super::rows::sla_versions;
use super::versions::of_project;
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::projects::rows::projects;
use crate::platform::at::At;
use crate::platform::auth::rows::grants;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

/// Kind of the timers; their subject is the project.
pub const REMIND: &str = "sla.remind";
/// The hour of the morning at which people are told.
const HOUR: i8 = 9;
/// Who answers for a document: these, and the project's own manager.
const LISTENERS: [&str; 2] = ["project_manager", "qa"];

/// What a timer reminds of.
#[derive(Debug, Serialize, Deserialize)]
struct Due {
    number: i32,
    what: Reminder,
}

/// The time zone of a project.
///
/// # Errors
/// 404 without the project.
pub async fn zone(app: &App, db: &impl ConnectionTrait, project: Uuid) -> Result<TimeZone> {
    let found = projects::Entity::find_by_id(project).one(db).await?;
    let found = found.ok_or_else(Error::not_found)?;
    Ok(app.definitions.zone_of(&found.calendar))
}

/// Sets the reminders of a version; none once it is no longer in force.
///
/// # Errors
/// When the store fails.
pub async fn plan(
    app: &App,
    tx: &mut Tx,
    version: &sla_versions::Model,
    content: &Content,
    zone: &TimeZone,
) -> Result<()> {
    let in_force = version.state == State::InForce.as_str();
    let Some(review) = version.next_review_on.as_ref().filter(|_| in_force) else {
        return timers::clear(tx, REMIND, version.project_id).await;
    };
    let today = tx.now.timestamp().to_zoned(zone.clone()).date();
    let days = &app.definitions.document.remind_days;
    let found = reminders(today, review.date(), content.ends_on.date(), days);
    let due: Vec<(At, Due)> = found
        .into_iter()
        .map(|(day, what)| {
            let number = version.number;
            (morning(day, zone).max(tx.now), Due { number, what })
        })
        .collect();
    timers::replace(tx, REMIND, version.project_id, &due).await
}

fn morning(day: Date, zone: &TimeZone) -> At {
    let at = day.at(HOUR, 0, 0, 0).to_zoned(zone.clone());
    at.map_or_else(|_| At(i64::MAX), |at| at.timestamp().into())
}

/// The timer: tells who answers for the document, if it is still in force.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn remind(app: App, timer: Timer) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let (Some(project), Ok(due)) = (
                    timer.subject_id,
                    serde_json::from_str::<Due>(&timer.payload),
                ) else {
                    return Ok(());
                };
                let versions = of_project(&tx.db, project).await?;
                let in_force = versions
                    .iter()
                    .find(|one| one.number == due.number && one.state == State::InForce.as_str());
                match in_force {
                    Some(version) => tell(tx, version, &due.what).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

async fn tell(tx: &mut Tx, version: &sla_versions::Model, what: &Reminder) -> Result<()> {
    let content: Content = content::read(&version.data)?;
    let document = content.number(version.number);
    let (kind, title) = match what {
        Reminder::Review => (
            "sla.review",
            (
                format!("服务级别协议书 {document} 到了评审日，请评审"),
                format!("Service level document {document} is due for review"),
            ),
        ),
        Reminder::End(days) => (
            "sla.end",
            (
                format!(
                    "服务级别协议书 {document} 还有 {days} 天到期（{}）",
                    content.ends_on
                ),
                format!(
                    "Service level document {document} ends in {days} days ({})",
                    content.ends_on
                ),
            ),
        ),
    };
    let body = match what {
        Reminder::Review => (
            "评审后请登记结论，下次评审日由此顺延；需要调整的，发起变更。".to_owned(),
            "Enter the conclusion after the review; begin a change if something is to be altered."
                .to_owned(),
        ),
        Reminder::End(_) => (
            "请与客户商定续签或终止。".to_owned(),
            "Agree with the customer on renewal or end.".to_owned(),
        ),
    };
    let project = version.project_id;
    let message = Message {
        kind: kind.into(),
        to: listeners(&tx.db, project).await?,
        title,
        body,
        link: format!("/projects/{project}/sla"),
        project: Some(project),
        subject: Some(version.id),
        urgent: false,
        ends: None,
    };
    notifications::tell(tx, &message).await
}

/// Project manager and quality: whoever holds the role on the project or everywhere.
///
/// # Errors
/// When the store fails.
pub async fn listeners(db: &impl ConnectionTrait, project: Uuid) -> Result<BTreeSet<Uuid>> {
    use grants::Column as G;
    let here = Condition::any().add(G::Scope.eq("all")).add(
        Condition::all()
            .add(G::Scope.eq("project"))
            .add(G::ScopeId.eq(project)),
    );
    let holders = grants::of_active()
        .filter(G::Role.is_in(LISTENERS))
        .filter(here)
        .all(db)
        .await?;
    let manager = projects::Entity::find_by_id(project).one(db).await?;
    let manager = manager.and_then(|project| project.manager_id);
    let holders = holders.into_iter().map(|grant| grant.user_id);
    Ok(holders.chain(manager).collect())
}
