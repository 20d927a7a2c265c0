//! What a project promises about its systems being up: a target, and a yearly budget of downtime
//!

use anlan_core::alert::budget::{Budget, service_year};
use jiff::tz::TimeZone;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::contract::ProjectFields;
use super::rows::projects;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::timers;

/// Kind of the timer that is set when a project's systems went down or came back, or when what they
/// are held against changed: whoever watches over the budget looks again.
pub const CHANGED: &str = "project.uptime";

/// The report whose standard holds where the contract names no target.
const REPORT: &str = "monthly";

/// Says that the downtime of a project, or what it is held against, is different now.
///
/// # Errors
/// When the store fails.
pub async fn changes(tx: &mut Tx, project: Uuid) -> Result<()> {
    timers::replace(tx, CHANGED, project, &[(tx.now, ())]).await
}

/// What is promised.
#[derive(Clone, Debug)]
pub struct Uptime {
    /// Availability, in millionths.
    pub target: u32,
    /// The yearly budget of each system, if there is one.
    pub budget: Option<Budget>,
    /// The project's time zone.
    pub zone: TimeZone,
    begins: jiff::civil::Date,
}

impl Uptime {
    /// What a project promises.
    #[must_use]
    pub fn of(app: &App, project: &projects::Model) -> Self {
        let standards = app.definitions.reports.get(REPORT).map(|it| it.standards);
        let usual = standards.map_or(1_000_000, |it| it.availability_millionths());
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        let budget = project.outage_budget_hours.map(|hours| {
            let total_seconds = number(hours) * 3_600;
            let single = project.outage_single_minutes;
            Budget {
                total_seconds,
                single_seconds: single.map_or(total_seconds, |minutes| number(minutes) * 60),
            }
        });
        Self {
            target: project.availability_target.map_or(usual, number),
            budget,
            zone: app.definitions.zone_of(&project.calendar),
            begins: project.starts_on.date(),
        }
    }

    /// What the project of this id promises.
    ///
    /// # Errors
    /// 404 when there is none.
    pub async fn read(app: &App, project: Uuid) -> Result<Self> {
        let row = projects::Entity::find_by_id(project);
        let row = row.one(app.db.read()).await?;
        Ok(Self::of(app, &row.ok_or_else(Error::not_found)?))
    }

    /// The service year that an instant lies in: its first instant and the first one after it.
    #[must_use]
    pub fn year(&self, at: At) -> (At, At) {
        let day = at.timestamp().to_zoned(self.zone.clone()).date();
        let (first, next) = service_year(self.begins, day);
        let midnight = |day: jiff::civil::Date| {
            let zoned = day.to_zoned(self.zone.clone());
            zoned.map_or(at, |zoned| At::from(zoned.timestamp()))
        };
        (midnight(first), midnight(next))
    }
}

/// Refuses terms that promise nothing sensible.
pub(super) fn check(fields: &ProjectFields, check: &mut Check) {
    let ranges = [
        (
            "availability_target",
            fields.availability_target,
            500_000,
            1_000_000,
        ),
        ("outage_budget_hours", fields.outage_budget_hours, 1, 8_760),
        (
            "outage_single_minutes",
            fields.outage_single_minutes,
            1,
            10_080,
        ),
    ];
    for (field, value, min, max) in ranges {
        if value.is_some_and(|value| !(min..=max).contains(&value)) {
            let error = FieldError::new(field, "out_of_range");
            check.push(error.with("min", min).with("max", max));
        }
    }
    let single_alone =
        fields.outage_single_minutes.is_some() && fields.outage_budget_hours.is_none();
    check.ensure(!single_alone, "outage_budget_hours", "required");
}

/// Whether other terms of downtime hold from now on.
pub(super) fn differs(row: &projects::Model, fields: &ProjectFields) -> bool {
    row.outage_budget_hours != fields.outage_budget_hours
        || row.outage_single_minutes != fields.outage_single_minutes
        || row.starts_on != fields.starts_on
}
