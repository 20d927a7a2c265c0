//! Indicators as the API shows them.

use anlan_core::service_level::{Direction, Verdict};
use anlan_core::sla::Target;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content;
use super::dto::KpiDirection;
use super::measure::{Figure, Measured};
use super::plan::Plan;
use super::rows::kpi_months;
use crate::features::reports::Month;
use crate::platform::at::At;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;
use crate::platform::service_level::Measure;

/// Plan and months of a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kpi {
    /// The plan, or what is proposed while its version is 0.
    #[schema(inline)]
    pub plan: Plan,
    /// Twelve months at most, the oldest first; a month that was not measured is left out.
    pub months: Vec<KpiMonth>,
    /// This month.
    pub current: String,
    /// Whether the caller may change the plan and sign.
    pub may_manage: bool,
    /// Whether the caller may measure and write.
    pub may_write: bool,
    /// Day of the month by which the report of the month before is to be approved.
    pub report_due_day: i8,
    /// The promises an indicator may be about, in the order of a ticket's life.
    pub targets: Vec<KpiTarget>,
}

/// A promise an indicator may be about.
#[derive(Debug, Serialize, ToSchema)]
pub struct KpiTarget {
    /// Its key.
    #[schema(value_type = String)]
    pub key: Target,
    /// Its name.
    pub name: &'static str,
}

/// One month.
#[derive(Debug, Serialize, ToSchema)]
pub struct KpiMonth {
    /// As `2026-10`.
    pub month: String,
    /// `provisional` (still running), `open` or `signed`.
    pub state: String,
    /// `report` when the figures are those of the month's report, otherwise `records`.
    pub source: String,
    /// That report.
    pub report_id: Option<Uuid>,
    /// One for each indicator of the plan as it stood.
    pub figures: Vec<KpiFigure>,
    pub measured_at: At,
    /// Name of who signed.
    pub signed_by: Option<String>,
    pub signed_at: Option<At>,
    /// Of the internal review.
    pub conclusion: String,
    /// SHA-256 of figures and conclusion since it was signed.
    pub hash: Option<String>,
    /// For If-Match; 0 while it is running.
    pub version: i32,
}

/// One indicator in one month.
#[derive(Debug, Serialize, ToSchema)]
pub struct KpiFigure {
    pub id: Uuid,
    pub measure: Measure,
    #[schema(value_type = Option<String>)]
    pub target: Option<Target>,
    /// What it is called.
    pub name: String,
    pub unit: String,
    #[schema(value_type = KpiDirection)]
    pub direction: Direction,
    /// A share of 1, or a figure in its unit for `manual`.
    pub goal: f64,
    pub owner: String,
    /// As the goal; null when there was nothing to measure.
    pub actual: Option<f64>,
    pub part: Option<i64>,
    pub whole: Option<i64>,
    /// `met`, `missed` or `no_data`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// What is done about it.
    pub remedy: String,
}

/// All promises there are.
pub fn targets(lang: Lang) -> Vec<KpiTarget> {
    let told = |target: &Target| KpiTarget {
        key: *target,
        name: lang.pick(target.zh(), target.en()),
    };
    Target::ALL.iter().map(told).collect()
}

/// A month as it is kept.
///
/// # Errors
/// When the stored month is damaged.
pub fn shown(lang: Lang, row: &kpi_months::Model) -> Result<KpiMonth> {
    let month: Measured = content::read(&row.data)?;
    Ok(KpiMonth {
        month: row.month.clone(),
        state: row.state.clone(),
        source: month.source,
        report_id: month.report,
        figures: figures(lang, &month.figures),
        measured_at: row.measured_at,
        signed_by: row.signed_at.map(|_| row.signed_name.clone()),
        signed_at: row.signed_at,
        conclusion: row.conclusion.clone(),
        hash: row.hash.clone(),
        version: row.version,
    })
}

/// A month that is still running.
pub fn provisional(lang: Lang, month: Month, now: Measured, at: At) -> KpiMonth {
    KpiMonth {
        month: month.key(),
        state: "provisional".into(),
        source: now.source,
        report_id: now.report,
        figures: figures(lang, &now.figures),
        measured_at: at,
        signed_by: None,
        signed_at: None,
        conclusion: String::new(),
        hash: None,
        version: 0,
    }
}

fn figures(lang: Lang, all: &[Figure]) -> Vec<KpiFigure> {
    let one = |figure: &Figure| KpiFigure {
        id: figure.id,
        measure: figure.measure,
        target: figure.target,
        name: name_of(lang, figure),
        unit: figure.unit.clone(),
        direction: figure.direction,
        goal: figure.goal,
        owner: figure.owner.clone(),
        actual: figure.actual,
        part: figure.part,
        whole: figure.whole,
        verdict: figure.verdict(),
        remedy: figure.remedy.clone(),
    };
    all.iter().map(one).collect()
}

/// What an indicator is called.
pub fn name_of(lang: Lang, figure: &Figure) -> String {
    let word = match figure.measure {
        Measure::Manual => return figure.name.clone(),
        Measure::Target => {
            let target = figure.target;
            let name = target.map_or("", |target| lang.pick(target.zh(), target.en()));
            return lang.text("kpi.target", &[("target", name.to_owned())]);
        }
        Measure::Attainment => "kpi.attainment",
        Measure::FirstLine => "kpi.first_line",
        Measure::Availability => "kpi.availability",
        Measure::Satisfaction => "kpi.satisfaction",
        Measure::ReportOnTime => "kpi.report_on_time",
        Measure::Reopened => "kpi.reopened",
    };
    lang.text(word, &[])
}
