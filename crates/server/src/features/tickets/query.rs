//! Lists and counts of tickets: the data scope is part of the query, pages are keyset pages.

use std::collections::BTreeMap;

use anlan_core::access::{Permission, Visibility};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, IntoColumnRef, Query as Sql};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::listed::Listed;
use super::rows::tickets::{Column, Entity};
use super::unanswered;
use crate::platform::access::{Caller, visible};
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::definitions::china;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::{Cursor, Page, PageQuery};

/// Counting stops here: nobody reads "1,204,331 tickets" more closely than "more than 10,000".
const COUNTED: u64 = 10_000;

/// Which tickets. Several values of one parameter are separated by commas.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Key of a process.
    pub process: Option<String>,
    /// Id of a project.
    pub project: Option<Uuid>,
    /// State keys.
    pub state: Option<String>,
    /// Only tickets that are not closed (true), or only closed ones (false).
    pub open: Option<bool>,
    /// Priorities, 1 is the highest.
    pub priority: Option<String>,
    /// Fault levels.
    pub level: Option<String>,
    /// Types.
    pub r#type: Option<String>,
    /// Support lines.
    pub line: Option<String>,
    /// Channels.
    pub channel: Option<String>,
    /// `me`, `none`, or a user's id.
    pub assignee: Option<String>,
    /// Id of a support group.
    pub group: Option<Uuid>,
    /// Id of a customer unit.
    pub unit: Option<Uuid>,
    /// Only those with an overdue promise.
    pub overdue: Option<bool>,
    /// Only those that owe a reply which was due on this day.
    pub unanswered: Option<Day>,
    /// Only major incidents.
    pub major: Option<bool>,
    /// A number, or words of title and description.
    pub q: Option<String>,
    /// Reported not before.
    pub from: Option<At>,
    /// Reported before.
    pub to: Option<At>,
    /// `-created_at` (default), `created_at`, `due_at` or `priority`.
    pub sort: Option<String>,
    /// Rows on the page.
    pub limit: Option<u64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// How many tickets there are. Counting stops at 10,000 and says so.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Counts {
    /// Tickets that fit the filter.
    pub total: i64,
    /// There are more than were counted.
    pub more: bool,
    /// By state.
    pub by_state: BTreeMap<String, i64>,
    /// By priority.
    pub by_priority: BTreeMap<String, i64>,
    /// With an overdue promise.
    pub overdue: i64,
    /// With nobody in charge.
    pub unassigned: i64,
}

/// What the caller may see, as a condition.
pub fn scope(caller: &Caller) -> Condition {
    let visibility = caller.access.visible(Permission::TicketRead);
    within(&visibility, caller.user.id)
}

/// The condition for a visibility.
pub fn within(visibility: &Visibility, me: Uuid) -> Condition {
    visible(
        visibility,
        Column::ProjectId,
        Some(Column::UnitId.into_column_ref()),
        Some(Column::CreatedBy.eq(me)),
    )
}

/// One page of tickets.
///
/// # Errors
/// When a parameter does not fit or the store fails.
pub async fn list(
    db: &impl ConnectionTrait,
    caller: &Caller,
    filter: &Filter,
) -> Result<Page<Listed>> {
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after.clone(),
    };
    let limit = page.limit()?;
    let sort = Sort::parse(filter.sort.as_deref())?;
    let mut query = Entity::find()
        .filter(scope(caller))
        .filter(condition(filter, caller.user.id)?);
    if let Some(column) = sort.needs() {
        query = query.filter(column.is_not_null());
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(sort.beyond(&cursor)?);
    }
    let rows = query
        .order_by(sort.column(), sort.order())
        .order_by(Column::Id, sort.order())
        .limit(limit + 1)
        .into_partial_model::<Listed>()
        .all(db)
        .await?;
    Ok(Page::cut(rows, limit, |row| {
        Cursor::number(sort.key(row), row.id)
    }))
}

/// How many tickets fit, counted up to `most`.
///
/// # Errors
/// When the store fails.
pub async fn count(db: &impl ConnectionTrait, condition: Condition, most: u64) -> Result<i64> {
    let inner = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(condition)
        .limit(most)
        .into_query();
    let outer = Sql::select()
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .from_subquery(inner, Alias::new("t"))
        .to_owned();
    let row = db.query_one(&outer).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
}

/// Counts, in one query.
///
/// # Errors
/// When a parameter does not fit or the store fails.
pub async fn counts(db: &impl ConnectionTrait, caller: &Caller, filter: &Filter) -> Result<Counts> {
    let inner = Entity::find()
        .select_only()
        .columns([
            Column::State,
            Column::Priority,
            Column::Breached,
            Column::AssigneeId,
            Column::StateKind,
        ])
        .filter(scope(caller))
        .filter(condition(filter, caller.user.id)?)
        .limit(COUNTED + 1)
        .into_query();
    let col = |name: &str| Expr::col(Alias::new(name));
    let flag = |condition: Expr| Expr::case(condition, 1).finally(0);
    let outer = Sql::select()
        .column(Alias::new("state"))
        .column(Alias::new("priority"))
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .expr_as(
            Func::sum(flag(
                col("breached").eq(true).and(col("state_kind").ne("closed")),
            )),
            Alias::new("overdue"),
        )
        .expr_as(
            Func::sum(flag(col("assignee_id").is_null())),
            Alias::new("unassigned"),
        )
        .from_subquery(inner, Alias::new("t"))
        .group_by_columns([Alias::new("state"), Alias::new("priority")])
        .to_owned();
    let mut counts = Counts::default();
    for row in db.query_all(&outer).await? {
        let n: i64 = row.try_get("", "n")?;
        let state: String = row.try_get("", "state")?;
        let priority: Option<i32> = row.try_get("", "priority")?;
        counts.total += n;
        *counts.by_state.entry(state).or_default() += n;
        if let Some(priority) = priority {
            *counts.by_priority.entry(priority.to_string()).or_default() += n;
        }
        counts.overdue += row.try_get::<i64>("", "overdue")?;
        counts.unassigned += row.try_get::<i64>("", "unassigned")?;
    }
    let limit = i64::try_from(COUNTED).unwrap_or(i64::MAX);
    counts.more = counts.total > limit;
    counts.total = Ord::min(counts.total, limit);
    Ok(counts)
}

fn condition(filter: &Filter, me: Uuid) -> Result<Condition> {
    let words = |list: &Option<String>| -> Option<Vec<String>> {
        list.as_ref().map(|list| {
            list.split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        })
    };
    let numbers = |name: &str, list: &Option<String>| -> Result<Option<Vec<i32>>> {
        let parse = |word: String| {
            word.parse::<i32>()
                .map_err(|_| Error::field(name, "wrong_type"))
        };
        words(list)
            .map(|list| list.into_iter().map(parse).collect())
            .transpose()
    };
    let assignee = match filter.assignee.as_deref() {
        None => None,
        Some("me") => Some(Column::AssigneeId.eq(me)),
        Some("none") => Some(Column::AssigneeId.is_null()),
        Some(id) => {
            let id = Uuid::parse_str(id).map_err(|_| Error::field("assignee", "wrong_type"))?;
            Some(Column::AssigneeId.eq(id))
        }
    };
    let unanswered = match &filter.unanswered {
        None => None,
        Some(day) => {
            let (from, to) = day.span(&china())?;
            Some(unanswered::due_within(from, to))
        }
    };
    Ok(Condition::all()
        .add_option(unanswered)
        .add_option(filter.process.as_deref().map(|key| Column::Process.eq(key)))
        .add_option(filter.project.map(|id| Column::ProjectId.eq(id)))
        .add_option(words(&filter.state).map(|keys| Column::State.is_in(keys)))
        .add_option(filter.open.map(|open| {
            if open {
                Column::StateKind.is_in(["open", "waiting", "resolved"])
            } else {
                Column::StateKind.eq("closed")
            }
        }))
        .add_option(numbers("priority", &filter.priority)?.map(|list| Column::Priority.is_in(list)))
        .add_option(words(&filter.level).map(|keys| Column::Level.is_in(keys)))
        .add_option(words(&filter.r#type).map(|keys| Column::Type.is_in(keys)))
        .add_option(numbers("line", &filter.line)?.map(|list| Column::Line.is_in(list)))
        .add_option(words(&filter.channel).map(|keys| Column::Channel.is_in(keys)))
        .add_option(assignee)
        .add_option(filter.group.map(|id| Column::GroupId.eq(id)))
        .add_option(filter.unit.map(|id| Column::UnitId.eq(id)))
        .add_option(filter.overdue.map(|overdue| Column::Breached.eq(overdue)))
        .add_option(filter.major.map(|major| Column::Major.eq(major)))
        .add_option(filter.from.map(|at| Column::ReportedAt.gte(at)))
        .add_option(filter.to.map(|at| Column::ReportedAt.lt(at)))
        .add_option(
            filter
                .q
                .as_deref()
                .map(str::trim)
                .filter(|q| !q.is_empty())
                .map(contains),
        ))
}

/// Every word of the query must stand in number, title or description.
fn contains(q: &str) -> Condition {
    q.split_whitespace()
        .take(8)
        .fold(Condition::all(), |all, word| {
            let pattern = format!(
                "%{}%",
                word.to_lowercase()
                    .replace('\\', "\\\\")
                    .replace('%', "\\%")
                    .replace('_', "\\_")
            );
            all.add(Column::Search.like(sea_orm::sea_query::LikeExpr::new(pattern).escape('\\')))
        })
}

#[derive(Clone, Copy)]
enum Sort {
    Newest,
    Oldest,
    Due,
    Priority,
}

impl Sort {
    fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None | Some("-created_at") => Ok(Self::Newest),
            Some("created_at") => Ok(Self::Oldest),
            Some("due_at") => Ok(Self::Due),
            Some("priority") => Ok(Self::Priority),
            Some(_) => Err(Error::Invalid(vec![
                FieldError::new("sort", "one_of")
                    .with("options", "-created_at, created_at, due_at, priority"),
            ])),
        }
    }

    const fn column(self) -> Column {
        match self {
            Self::Newest | Self::Oldest => Column::CreatedAt,
            Self::Due => Column::NextDueAt,
            Self::Priority => Column::Priority,
        }
    }

    const fn order(self) -> Order {
        match self {
            Self::Newest => Order::Desc,
            _ => Order::Asc,
        }
    }

    /// A column that rows must have to stand in this order.
    const fn needs(self) -> Option<Column> {
        match self {
            Self::Newest | Self::Oldest => None,
            Self::Due => Some(Column::NextDueAt),
            Self::Priority => Some(Column::Priority),
        }
    }

    fn key(self, row: &Listed) -> i64 {
        match self {
            Self::Newest | Self::Oldest => row.created_at.0,
            Self::Due => row.next_due_at.map_or(i64::MAX, |at| at.0),
            Self::Priority => row.priority.map_or(i64::MAX, i64::from),
        }
    }

    fn beyond(self, cursor: &Cursor) -> Result<Condition> {
        let (key, column) = (cursor.as_number()?, self.column());
        let tie = Condition::all().add(column.eq(key));
        Ok(match self {
            Self::Newest => Condition::any()
                .add(column.lt(key))
                .add(tie.add(Column::Id.lt(cursor.id))),
            _ => Condition::any()
                .add(column.gt(key))
                .add(tie.add(Column::Id.gt(cursor.id))),
        })
    }
}
