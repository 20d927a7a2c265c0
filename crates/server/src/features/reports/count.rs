//! What is counted: one filter that both counts groups and finds the rows, so that they agree.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::{report_outcomes, report_tickets};
use crate::features::tickets::rows::tickets;

/// By what tickets are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Type of incident.
    Type,
    /// Category.
    Category,
    /// The way it came in.
    Channel,
    /// Fault level.
    Level,
    /// How satisfied the customer was.
    Satisfaction,
}

impl Dimension {
    /// The field of the process.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Category => "category",
            Self::Channel => "channel",
            Self::Level => "level",
            Self::Satisfaction => "satisfaction",
        }
    }

    const fn column(self) -> report_tickets::Column {
        match self {
            Self::Type => report_tickets::Column::Type,
            Self::Category => report_tickets::Column::Category,
            Self::Channel => report_tickets::Column::Channel,
            Self::Level => report_tickets::Column::Level,
            Self::Satisfaction => report_tickets::Column::Satisfaction,
        }
    }
}

/// Tickets of the snapshot that are alike in everything that is counted, and how many there are.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Group {
    /// State.
    pub state: String,
    /// Sort of state.
    pub state_kind: String,
    /// Type.
    pub kind: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// Fault level.
    pub level: Option<String>,
    /// The line that solved it.
    pub resolved_line: Option<i32>,
    /// Major incident.
    pub major: bool,
    /// How satisfied the customer was.
    pub satisfaction: Option<String>,
    /// How often it was opened again.
    pub reopened: i32,
    /// How many.
    pub n: i64,
}

impl Group {
    /// Its value in one dimension.
    pub fn value(&self, dimension: Dimension) -> Option<&str> {
        match dimension {
            Dimension::Type => self.kind.as_deref(),
            Dimension::Category => self.category.as_deref(),
            Dimension::Channel => self.channel.as_deref(),
            Dimension::Level => self.level.as_deref(),
            Dimension::Satisfaction => self.satisfaction.as_deref(),
        }
    }
}

/// Which tickets of the snapshot. An empty filter means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// With this value in this dimension; `null` for none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<(Dimension, Option<String>)>,
    /// Responded to: out of the state of new tickets, and not called off.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub responded: bool,
    /// Solved (true) or not yet (false).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solved: Option<bool>,
    /// Called off: a false alarm, withdrawn, out of scope. Neither solved nor unsolved.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub cancelled: bool,
    /// Solved by this line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<i32>,
    /// Major incidents only.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub major: bool,
    /// With this outcome of this target; either outcome when it is `null`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub promise: Option<(String, Option<String>)>,
    /// It is known how long this target took.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timed: Option<String>,
    /// Rated by the customer.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub rated: bool,
    /// Opened again after its solution.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub reopened: bool,
}

/// States of tickets that nobody has answered yet.
const UNANSWERED: &str = "new";
/// State of tickets that were called off.
const CANCELLED: &str = "cancelled";
/// State of tickets that are counted as the one they were merged into.
pub const MERGED: &str = "merged";
/// Sorts of state of tickets that are solved.
const SOLVED: [&str; 2] = ["resolved", "closed"];

/// Solved, as a condition on the tickets themselves.
pub fn solved_now() -> Expr {
    use tickets::Column as T;
    T::StateKind.is_in(SOLVED).and(T::State.ne(CANCELLED))
}

impl Filter {
    /// The same, solved by a line.
    pub fn by_line(self, line: i32) -> Self {
        Self {
            line: Some(line),
            solved: Some(true),
            ..self
        }
    }

    /// The same, only solved or unsolved ones.
    pub fn solved(self, solved: bool) -> Self {
        Self {
            solved: Some(solved),
            ..self
        }
    }

    /// The same, only those that were called off.
    pub fn cancelled(self) -> Self {
        Self {
            cancelled: true,
            ..self
        }
    }

    /// How many tickets of the groups it means; promises are counted apart.
    pub fn count(&self, groups: &[Group]) -> i64 {
        let fits = |group: &&Group| {
            self.by
                .as_ref()
                .is_none_or(|(by, value)| group.value(*by) == value.as_deref())
                && (!self.responded || ![UNANSWERED, CANCELLED].contains(&group.state.as_str()))
                && (!self.cancelled || group.state == CANCELLED)
                && self.solved.is_none_or(|solved| {
                    SOLVED.contains(&group.state_kind.as_str()) == solved
                        && group.state != CANCELLED
                })
                && self
                    .line
                    .is_none_or(|line| group.resolved_line == Some(line))
                && (!self.major || group.major)
                && (!self.rated || group.satisfaction.is_some())
                && (!self.reopened || group.reopened > 0)
        };
        groups.iter().filter(fits).map(|group| group.n).sum()
    }

    /// The same as a condition on the snapshot of a report.
    pub fn condition(&self, report: Uuid) -> Condition {
        use report_tickets::Column as C;
        let mut all = Condition::all().add(C::ReportId.eq(report));
        if let Some((by, value)) = &self.by {
            all = all.add(match value {
                Some(value) => by.column().eq(value.as_str()),
                None => by.column().is_null(),
            });
        }
        if self.responded {
            all = all.add(C::State.is_not_in([UNANSWERED, CANCELLED]));
        }
        if self.cancelled {
            all = all.add(C::State.eq(CANCELLED));
        }
        if let Some(solved) = self.solved {
            all = all.add(C::State.ne(CANCELLED)).add(if solved {
                C::StateKind.is_in(SOLVED)
            } else {
                C::StateKind.is_not_in(SOLVED)
            });
        }
        if let Some(line) = self.line {
            all = all.add(C::ResolvedLine.eq(line));
        }
        if self.major {
            all = all.add(C::Major.eq(true));
        }
        if self.rated {
            all = all.add(C::Satisfaction.is_not_null());
        }
        if self.reopened {
            all = all.add(C::Reopened.gt(0));
        }
        use report_outcomes::Column as O;
        let of = |target: &str| {
            let mut of = Query::select();
            of.column(O::TicketId)
                .from(report_outcomes::Entity)
                .and_where(Expr::col(O::ReportId).eq(report))
                .and_where(Expr::col(O::Target).eq(target));
            of
        };
        if let Some((target, outcome)) = &self.promise {
            let mut of = of(target);
            if let Some(outcome) = outcome {
                of.and_where(Expr::col(O::Outcome).eq(outcome.as_str()));
            }
            all = all.add(C::TicketId.in_subquery(of));
        }
        if let Some(target) = &self.timed {
            let mut of = of(target);
            of.and_where(Expr::col(O::ElapsedSeconds).is_not_null());
            all = all.add(C::TicketId.in_subquery(of));
        }
        all
    }
}
