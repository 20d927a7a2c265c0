//! A month of indicators: the figures of the reports beside the goals of the plan.

use anlan_core::service_level::{Direction, Verdict, verdict};
use anlan_core::sla::Target;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::Indicator;
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::reports::rows::reports;
use crate::features::reports::{Figures, Month, Share, Source, figures_of};
use crate::platform::at::At;
use crate::platform::error::{Error, Result};
use crate::platform::names::{self, Table};
use crate::platform::service_level::Measure;

/// The month as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `report` or `records`.
    pub source: String,
    /// The report, where the figures are its.
    pub report: Option<Uuid>,
    /// One for each indicator of the plan.
    pub figures: Vec<Figure>,
}

/// One indicator in one month, with its goal as it stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Of the indicator.
    pub id: Uuid,
    /// What is measured.
    pub measure: Measure,
    /// Which target, where it is the promise of one.
    pub target: Option<Target>,
    /// Name of what is entered by hand.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// On which side of the goal it is to lie.
    pub direction: Direction,
    /// The goal.
    pub goal: f64,
    /// Name of who answers for it.
    pub owner: String,
    /// What was reached; nothing when there was nothing to measure.
    pub actual: Option<f64>,
    /// So many…
    pub part: Option<i64>,
    /// …of so many, where it is a share of things counted.
    pub whole: Option<i64>,
    /// What is done about it.
    pub remedy: String,
}

impl Figure {
    /// Whether the goal was reached.
    pub fn verdict(&self) -> Verdict {
        verdict(self.actual, self.goal, self.direction)
    }
}

/// Measures a month by a plan. What people wrote of it before stays.
///
/// # Errors
/// 404 without the project, or when the store fails.
pub async fn measure(
    app: &App,
    project: Uuid,
    month: Month,
    plan: &[Indicator],
    before: Option<&Measured>,
) -> Result<Measured> {
    let told = figures_of(app, project, month).await?;
    let wants_report = plan.iter().any(|one| one.measure == Measure::ReportOnTime);
    let on_time = if wants_report {
        report_on_time(app, project, month).await?
    } else {
        None
    };
    let owners = plan.iter().filter_map(|one| one.owner_id);
    let owners = names::of(app.db.read(), Table::Users, owners).await?;
    let figure = |one: &Indicator| {
        let earlier = before.and_then(|month| month.figures.iter().find(|it| it.id == one.id));
        let share = counted(one, &told);
        let actual = match one.measure {
            Measure::Availability => told.availability,
            Measure::ReportOnTime => on_time,
            Measure::Manual => earlier.and_then(|it| it.actual),
            _ => share.and_then(Share::ratio),
        };
        let owner = one.owner_id.and_then(|id| owners.get(&id));
        Figure {
            id: one.id,
            measure: one.measure,
            target: target_of(one),
            name: one.name.clone(),
            unit: one.unit.clone(),
            direction: one.direction,
            goal: one.goal,
            owner: owner.map(|named| named.name.clone()).unwrap_or_default(),
            actual,
            part: share.map(|share| share.part),
            whole: share.map(|share| share.whole),
            remedy: earlier.map(|it| it.remedy.clone()).unwrap_or_default(),
        }
    };
    let (source, report) = match told.source {
        Source::Report { id, .. } => ("report", Some(id)),
        Source::Records => ("records", None),
    };
    Ok(Measured {
        source: source.into(),
        report,
        figures: plan.iter().map(figure).collect(),
    })
}

/// The promise an indicator is about; the plan was checked when it was kept.
fn target_of(one: &Indicator) -> Option<Target> {
    one.target.as_deref()?.parse().ok()
}

/// What an indicator counts, where it counts things.
fn counted(one: &Indicator, told: &Figures) -> Option<Share> {
    match one.measure {
        Measure::Attainment => Some(told.attainment()),
        Measure::Target => {
            let kept = target_of(one).and_then(|target| told.targets.get(&target));
            Some(kept.copied().unwrap_or_default())
        }
        Measure::FirstLine => Some(told.first_line),
        Measure::Satisfaction => Some(told.satisfied),
        Measure::Reopened => Some(told.reopened),
        Measure::Availability | Measure::ReportOnTime | Measure::Manual => None,
    }
}

/// Whether the report of the month before was approved by its day; nothing while it may still be, or
/// when that month was not under contract.
async fn report_on_time(app: &App, project: Uuid, month: Month) -> Result<Option<f64>> {
    let db = app.db.read();
    let found = projects::Entity::find_by_id(project).one(db).await?;
    let found = found.ok_or_else(Error::not_found)?;
    let zone = app.definitions.zone_of(&found.calendar);
    let before = month.plus(-1);
    let under_contract =
        found.starts_on.date() <= before.last() && found.ends_on.date() >= before.first;
    if !under_contract {
        return Ok(None);
    }
    let report = reports::Entity::find()
        .filter(reports::Column::ProjectId.eq(project))
        .filter(reports::Column::Kind.eq("monthly"))
        .filter(reports::Column::Month.eq(before.key()))
        .one(db)
        .await?;
    // The day counts to its end.
    let days = i64::from(app.definitions.indicators.report_due_day);
    let end = month.first.saturating_add(jiff::Span::new().days(days));
    let end = end.to_zoned(zone).map_err(Error::internal)?;
    let end = At::from(end.timestamp());
    Ok(match report.and_then(|report| report.approved_at) {
        Some(at) => Some(if at < end { 1.0 } else { 0.0 }),
        None if app.now() >= end => Some(0.0),
        None => None,
    })
}
