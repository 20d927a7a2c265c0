//! The figures of a month for its indicators: those of its report where there is one,
//! otherwise counted now from the records by the report's own queries, so that both say the same.

use std::collections::BTreeMap;

use anlan_core::sla::Target;
use anlan_document::Value;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect,
};
use uuid::Uuid;

use super::analysis;
use super::content::Content;
use super::count::{Filter, Group, solved_now};
use super::period::Month;
use super::rows::reports;
use super::snapshot::{promised, reported};
use crate::app::App;
use crate::features::monitors::availability_of;
use crate::features::tickets::Terms;
use crate::features::tickets::rows::tickets;
use crate::platform::at::At;
use crate::platform::error::Result;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are as they should be, or are counted.
    pub part: i64,
    /// All of them.
    pub whole: i64,
}

impl Share {
    /// As a share of 1; nothing when there is no whole.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        (self.whole > 0).then(|| analysis::share(self.part, self.whole))
    }
}

/// Where figures were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the month's report.
    Report {
        /// Which.
        id: Uuid,
        /// Whether it is approved: its figures stay.
        approved: bool,
    },
    /// In the records as they are now.
    Records,
}

/// What a month's report tells, and what people said.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Where they were counted.
    pub source: Source,
    /// Promises kept, by target.
    pub targets: BTreeMap<Target, Share>,
    /// Incidents solved by the first line, of those solved.
    pub first_line: Share,
    /// The lowest availability of a system watched; nothing when none was.
    pub availability: Option<f64>,
    /// Incidents rated good or fairly good, of those rated.
    pub satisfied: Share,
    /// Incidents opened again, against those solved.
    pub reopened: Share,
}

impl Figures {
    /// Promises kept, of all targets.
    #[must_use]
    pub fn attainment(&self) -> Share {
        self.targets
            .values()
            .fold(Share::default(), |sum, one| Share {
                part: sum.part + one.part,
                whole: sum.whole + one.whole,
            })
    }
}

/// The figures of a month of a project.
///
/// # Errors
/// 404 without the project, or when the store fails.
pub async fn of_month(app: &App, project: Uuid, month: Month) -> Result<Figures> {
    let db = app.db.read();
    let terms = Terms::load(db, project).await?;
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let (from, to) = (month.begins(&zone), month.plus(1).begins(&zone));
    let until = Ord::min(to, app.now());
    let told = report_of(db, project, &month.key()).await?;
    // A report that was counted before the month was over is no report of the month.
    let told = told.filter(|(content, _)| content.computed_at >= to);
    let (source, targets, first_line, availability, said) = match told {
        Some((content, report)) => {
            let source = Source::Report {
                id: report.id,
                approved: report.state == "approved",
            };
            let (targets, first_line, availability) = of_report(&content);
            (source, targets, first_line, availability, told_of(&content))
        }
        None => {
            let watched = if until > from {
                availability_of(app, project, from, until).await?
            } else {
                Vec::new()
            };
            let judged = watched.iter().filter(|system| system.is_judged());
            let lowest = judged.filter_map(|system| system.availability.ratio);
            let lowest = lowest.min_by(f64::total_cmp);
            let (targets, first_line) = of_records(db, project, from, to).await?;
            let said = said(db, project, from, to).await?;
            (Source::Records, targets, first_line, lowest, said)
        }
    };
    let (satisfied, reopened) = said;
    Ok(Figures {
        source,
        targets,
        first_line,
        availability,
        satisfied,
        reopened,
    })
}

/// The report of a month with its content.
async fn report_of(
    db: &impl ConnectionTrait,
    project: Uuid,
    month: &str,
) -> Result<Option<(Content, reports::Model)>> {
    let report = reports::Entity::find()
        .filter(reports::Column::ProjectId.eq(project))
        .filter(reports::Column::Kind.eq("monthly"))
        .filter(reports::Column::Month.eq(month))
        .one(db)
        .await?;
    match report {
        Some(report) => Ok(Some((Content::read(&report.data)?, report))),
        None => Ok(None),
    }
}

/// When the report of a month was last counted; nothing without a report.
///
/// # Errors
/// When the store fails or the report is damaged.
pub async fn counted_at(
    db: &impl ConnectionTrait,
    project: Uuid,
    month: &str,
) -> Result<Option<At>> {
    let report = report_of(db, project, month).await?;
    Ok(report.map(|(content, _)| content.computed_at))
}

/// What customers said and how many came back, as the report tells it.
fn told_of(content: &Content) -> (Share, Share) {
    let count = |key: &str| content.counts.get(key).map_or(0, |count| count.value);
    let satisfied = Share {
        part: count("satisfaction.good") + count("satisfaction.fairly_good"),
        whole: count("rated"),
    };
    let reopened = Share {
        part: count("reopened"),
        whole: count("solved"),
    };
    (satisfied, reopened)
}

/// As the report tells them.
fn of_report(content: &Content) -> (BTreeMap<Target, Share>, Share, Option<f64>) {
    let count = |key: &str| content.counts.get(key).map_or(0, |count| count.value);
    let targets = Target::ALL.iter().filter_map(|target| {
        let key = format!("sla.{}", target.as_str());
        let share = Share {
            part: count(&format!("{key}.met")),
            whole: count(&key),
        };
        (share.whole > 0).then_some((*target, share))
    });
    let first_line = Share {
        part: count("line1"),
        whole: count("solved"),
    };
    let figures = content.sections.iter().flat_map(|section| &section.figures);
    let availability = figures
        .filter(|figure| figure.key == "availability")
        .find_map(|figure| match figure.value {
            Value::Percent(ratio, _) => Some(ratio),
            _ => None,
        });
    (targets.collect(), first_line, availability)
}

/// Counted now, as the report would.
async fn of_records(
    db: &impl ConnectionTrait,
    project: Uuid,
    from: At,
    to: At,
) -> Result<(BTreeMap<Target, Share>, Share)> {
    use tickets::Column as T;
    let mut each = Query::select();
    each.from(tickets::Entity)
        .cond_where(reported(project, from, to));
    promised(&mut each, Expr::col((tickets::Entity, T::Id)));
    let (target, outcome) = (Alias::new("target"), Alias::new("outcome"));
    let query = Query::select()
        .columns([target.clone(), outcome.clone()])
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .from_subquery(each, Alias::new("promised"))
        .group_by_columns([target, outcome])
        .to_owned();
    let rows = db.query_all(&query).await?;
    let read = |row: &QueryResult| -> std::result::Result<(String, String, i64), DbErr> {
        let text = |column: &str| row.try_get("", column);
        Ok((text("target")?, text("outcome")?, row.try_get("", "n")?))
    };
    let outcomes = rows.iter().map(read);
    let outcomes: Vec<_> = outcomes.collect::<std::result::Result<_, _>>()?;
    let told = outcomes
        .iter()
        .map(|(target, outcome, n)| (target.as_str(), outcome.as_str(), *n));
    let kept = analysis::kept(&told.collect::<Vec<_>>());
    let targets = kept.iter().filter_map(|one| {
        let share = Share {
            part: one.met,
            whole: one.met + one.breached,
        };
        Some((one.target.parse::<Target>().ok()?, share))
    });

    let by: Vec<(String, String, Option<i32>, i64)> = tickets::Entity::find()
        .filter(reported(project, from, to))
        .select_only()
        .columns([T::State, T::StateKind, T::ResolvedLine])
        .column_as(T::Id.count(), "n")
        .group_by(T::State)
        .group_by(T::StateKind)
        .group_by(T::ResolvedLine)
        .into_tuple()
        .all(db)
        .await?;
    let group = |(state, state_kind, resolved_line, n)| Group {
        state,
        state_kind,
        kind: None,
        category: None,
        channel: None,
        level: None,
        resolved_line,
        major: false,
        satisfaction: None,
        reopened: 0,
        n,
    };
    let groups: Vec<Group> = by.into_iter().map(group).collect();
    let first_line = Share {
        part: Filter::default().by_line(1).count(&groups),
        whole: Filter::default().solved(true).count(&groups),
    };
    Ok((targets.collect(), first_line))
}

/// Content, rated, opened again and solved; a sum over no rows is nothing.
type Said = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// What customers said of the month's incidents, and how many came back.
async fn said(
    db: &impl ConnectionTrait,
    project: Uuid,
    from: At,
    to: At,
) -> Result<(Share, Share)> {
    use tickets::Column as T;
    let rated = |word: &str| T::Satisfaction.eq(word);
    let content = rated("good").or(rated("fairly_good"));
    let any = content.clone().or(rated("fair")).or(rated("poor"));
    let sum = |condition| Func::sum(Expr::case(condition, 1).finally(0));
    let solved = solved_now();
    let again = T::Reopened.gt(0);
    let row: Option<Said> = tickets::Entity::find()
        .filter(reported(project, from, to))
        .select_only()
        .column_as(Expr::expr(sum(content)), "content")
        .column_as(Expr::expr(sum(any)), "rated")
        .column_as(Expr::expr(sum(again)), "again")
        .column_as(Expr::expr(sum(solved)), "solved")
        .into_tuple()
        .one(db)
        .await?;
    let (content, rated, again, solved) = row.unwrap_or_default();
    let share = |part: Option<i64>, whole: Option<i64>| Share {
        part: part.unwrap_or(0),
        whole: whole.unwrap_or(0),
    };
    Ok((share(content, rated), share(again, solved)))
}
