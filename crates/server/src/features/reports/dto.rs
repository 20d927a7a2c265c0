//! Reports as the API shows them.

use anlan_document::{Chart, ChartKind};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{Content, Section};
use super::paper;
use super::period::Month;
use super::rows::reports;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};
use crate::platform::names::{self, ProjectName};

/// A report in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportRow {
    pub id: Uuid,
    pub kind: String,
    pub project: Option<ProjectName>,
    pub period: ReportPeriod,
    pub state: String,
    pub hash: Option<String>,
    /// Name of the approver.
    pub approved_by: Option<String>,
    pub approved_at: Option<At>,
    pub created_at: At,
    pub updated_at: At,
    pub version: i32,
}

/// The month of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportPeriod {
    /// As `2026-10`.
    pub month: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// The row of the list.
    #[serde(flatten)]
    pub row: ReportRow,
    /// Its title.
    pub title: String,
    /// When the figures were counted.
    pub computed_at: At,
    /// From first to last.
    pub sections: Vec<ReportSection>,
    /// Everything counted from tickets: the number and the filter it was counted by. The tickets
    /// themselves are listed under `/reports/{id}/figures/{key}/rows`.
    #[schema(value_type = Object)]
    pub counts: Value,
}

/// A section as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportSection {
    pub key: String,
    pub title: String,
    pub text: String,
    /// What the figures say in words, to go back to.
    pub proposal: String,
    pub figures: Vec<ReportFigure>,
    pub tables: Vec<ReportTable>,
    pub charts: Vec<ReportChart>,
}

/// A number that matters.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportFigure {
    /// Key.
    pub key: String,
    /// What it is.
    pub label: String,
    /// The number, or the text of a share.
    #[schema(value_type = Object)]
    pub value: Value,
    /// Beneath it.
    pub note: String,
    /// Whether the standard was kept, where there is one.
    pub ok: Option<bool>,
    /// Whether the tickets behind it can be listed.
    pub rows: bool,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportTable {
    /// Key.
    pub key: String,
    /// Above it.
    pub title: String,
    /// Heads.
    pub columns: Vec<String>,
    /// Numbers and texts.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<Value>>,
    /// For each cell the key of the figure behind it; empty when nothing was counted.
    pub figures: Vec<Vec<Option<String>>>,
}

/// A chart.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportChart {
    /// Above it.
    pub title: String,
    /// `bar` or `line`.
    pub kind: String,
    /// The bars stand on each other.
    pub stacked: bool,
    /// Along the axis.
    pub x: Vec<String>,
    /// One or more.
    pub series: Vec<ReportSeries>,
    /// Unit of the values.
    pub unit: String,
    /// The standard, drawn as a line.
    pub target: Option<f64>,
}

/// The values of one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportSeries {
    /// In the legend.
    pub name: String,
    /// One for each place on the axis; null where nothing was measured.
    pub values: Vec<Option<f64>>,
}

/// Whether a frozen report is still what was approved.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportVerdict {
    /// The data and the rows it was counted from are what was approved, and the audit log says so too.
    pub ok: bool,
    /// SHA-256 kept at the approval.
    pub hash: Option<String>,
    /// SHA-256 of the data as stored now.
    pub computed: String,
    /// The audit log has the approval with this hash.
    pub audited: bool,
    /// The tickets and outcomes behind the figures are those of the approval; null when it was given
    /// before they were covered by it.
    pub rows: Option<bool>,
}

/// A report as its page shows it.
///
/// # Errors
/// When its data is damaged or the store fails.
pub async fn view(app: &App, row: reports::Model) -> Result<Report> {
    let content = Content::read(&row.data)?;
    let mut projects = names::projects(app.db.read(), [row.project_id]).await?;
    let project = projects.remove(&row.project_id);
    let counts = serde_json::to_value(&content.counts).map_err(Error::internal)?;
    let listed = |key: &str| content.counts.contains_key(key);
    Ok(Report {
        row: row_view(row, project),
        title: content.title.clone(),
        computed_at: content.computed_at,
        sections: content
            .sections
            .iter()
            .map(|section| section_view(section, &listed))
            .collect(),
        counts,
    })
}

/// A report as a list shows it.
pub fn row_view(row: reports::Model, project: Option<ProjectName>) -> ReportRow {
    let month = Month::parse(&row.month);
    let day = |of: fn(Month) -> jiff::civil::Date| {
        month
            .as_ref()
            .map_or_else(|_| String::new(), |month| of(*month).to_string())
    };
    ReportRow {
        period: ReportPeriod {
            from: day(|month| month.first),
            to: day(Month::last),
            month: row.month,
        },
        id: row.id,
        kind: row.kind,
        project,
        state: row.state,
        hash: row.hash,
        approved_by: Some(row.approved_name).filter(|name| !name.is_empty()),
        approved_at: row.approved_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }
}

fn section_view(section: &Section, listed: &impl Fn(&str) -> bool) -> ReportSection {
    ReportSection {
        key: section.key.clone(),
        title: section.title.clone(),
        text: section.text.clone(),
        proposal: section.proposal.clone(),
        figures: section
            .figures
            .iter()
            .map(|figure| ReportFigure {
                key: figure.key.clone(),
                label: figure.label.clone(),
                value: paper::plain(&figure.value),
                note: figure.note.clone(),
                ok: figure.tone.map(|tone| tone == anlan_document::Tone::Green),
                rows: listed(&figure.key),
            })
            .collect(),
        tables: section
            .tables
            .iter()
            .map(|counted| ReportTable {
                key: counted.key.clone(),
                title: counted.table.caption.clone(),
                columns: counted
                    .table
                    .columns
                    .iter()
                    .map(|column| column.title.clone())
                    .collect(),
                rows: counted
                    .table
                    .rows
                    .iter()
                    .map(|row| row.iter().map(|cell| paper::plain(&cell.value)).collect())
                    .collect(),
                figures: counted.figures.clone(),
            })
            .collect(),
        charts: section.charts.iter().map(chart_view).collect(),
    }
}

fn chart_view(chart: &Chart) -> ReportChart {
    ReportChart {
        title: chart.title.clone(),
        kind: if chart.kind == ChartKind::Line {
            "line"
        } else {
            "bar"
        }
        .to_owned(),
        stacked: chart.kind == ChartKind::StackedBar,
        x: chart.categories.clone(),
        series: chart
            .series
            .iter()
            .map(|series| ReportSeries {
                name: series.name.clone(),
                values: series.values.clone(),
            })
            .collect(),
        unit: chart.unit.clone(),
        target: chart.target.as_ref().map(|target| target.value),
    }
}
