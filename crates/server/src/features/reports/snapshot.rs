//! The snapshot a report counts, and the few grouped queries that count it.

use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement, WindowStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::count::{Group, MERGED};
use super::period::Month;
use super::rows::{report_outcomes, report_tickets, reports};
use crate::features::tickets::rows::{ticket_clocks, tickets};
use crate::platform::at::At;
use crate::platform::error::{Error, Result};
use jiff::tz::TimeZone;

/// The process a monthly report is about.
const PROCESS: &str = "incident";
/// Broken promises of each target that are listed one by one, and major incidents.
pub const LATE: u64 = 50;
/// Incidents listed in the appendix.
pub const LISTED: u64 = 5_000;
/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;
/// Months of a trend.
pub const TREND: i32 = 12;

/// Promises that are alike in everything that is counted.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Promise {
    /// The target.
    pub target: String,
    /// `met` or `breached`.
    pub outcome: String,
    /// Type of the tickets.
    pub kind: Option<String>,
    /// Level of the tickets.
    pub level: Option<String>,
    /// Category of the tickets.
    pub category: Option<String>,
    /// Tickets.
    pub n: i64,
    /// Those of which it is known how long it took.
    pub timed: i64,
    /// Seconds that those took together.
    pub seconds: Option<i64>,
    /// Seconds that the slowest took.
    pub longest: Option<i64>,
}

impl Promise {
    /// Its target, what became of it, and of how many tickets.
    pub fn told(&self) -> (&str, &str, i64) {
        (&self.target, &self.outcome, self.n)
    }
}

/// A broken promise.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Late {
    /// The target.
    pub target: String,
    /// The ticket's number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// All its fields, for the reason.
    pub fields: String,
}

/// Tickets reported in one hour.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Hour {
    /// Hours since the beginning of the period.
    pub hour: i64,
    /// Tickets.
    pub n: i64,
}

/// Everything that was counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Tickets in groups.
    pub groups: Vec<Group>,
    /// Promises in groups.
    pub promises: Vec<Promise>,
    /// Tickets by the hour of the period in which they were reported.
    pub hours: Vec<Hour>,
    /// Broken promises one by one, the oldest of each target first, up to [`LATE`] of each.
    pub late: Vec<Late>,
    /// The tickets themselves, the oldest first, up to [`LISTED`].
    pub listed: Vec<report_tickets::Model>,
    /// Major incidents.
    pub major: Vec<report_tickets::Model>,
}

/// Takes the snapshot of a report anew: two statements, however many tickets.
///
/// # Errors
/// When the store fails.
pub async fn take(db: &impl ConnectionTrait, report: &reports::Model) -> Result<()> {
    let id = report.id;
    report_outcomes::Entity::delete_many()
        .filter(report_outcomes::Column::ReportId.eq(id))
        .exec(db)
        .await?;
    report_tickets::Entity::delete_many()
        .filter(report_tickets::Column::ReportId.eq(id))
        .exec(db)
        .await?;
    use tickets::Column as T;
    let copied = [
        T::Id,
        T::Number,
        T::Title,
        T::State,
        T::StateKind,
        T::Type,
        T::Category,
        T::Channel,
        T::Level,
        T::ResolvedLine,
        T::Major,
        T::ReportedAt,
        T::ResolvedAt,
        T::Satisfaction,
        T::Reopened,
    ];
    use report_tickets::Column as S;
    let into = [
        S::ReportId,
        S::TicketId,
        S::Number,
        S::Title,
        S::State,
        S::StateKind,
        S::Type,
        S::Category,
        S::Channel,
        S::Level,
        S::ResolvedLine,
        S::Major,
        S::ReportedAt,
        S::ResolvedAt,
        S::Satisfaction,
        S::Reopened,
    ];
    let month = Query::select()
        .expr(Expr::val(id))
        .columns(copied)
        .from(tickets::Entity)
        .cond_where(reported(report.project_id, report.from_at, report.to_at))
        .to_owned();
    let insert = Query::insert()
        .into_table(report_tickets::Entity)
        .columns(into)
        .select_from(month)
        .map_err(Error::internal)?
        .to_owned();
    db.execute(&insert).await?;

    let own = Alias::new("s");
    let ticket = || Expr::col((own.clone(), S::TicketId));
    let mut promises = Query::select();
    promises
        .expr(Expr::val(id))
        .expr(ticket())
        .from_as(report_tickets::Entity, own.clone())
        .and_where(Expr::col((own.clone(), S::ReportId)).eq(id));
    promised(&mut promises, ticket());
    use report_outcomes::Column as O;
    let insert = Query::insert()
        .into_table(report_outcomes::Entity)
        .columns([
            O::ReportId,
            O::TicketId,
            O::Target,
            O::Outcome,
            O::ElapsedSeconds,
        ])
        .select_from(promises)
        .map_err(Error::internal)?
        .to_owned();
    db.execute(&insert).await?;
    Ok(())
}

/// The incidents of a project that a report about a period counts.
pub fn reported(project: Uuid, from: At, to: At) -> Condition {
    use tickets::Column as T;
    Condition::all()
        .add(T::ProjectId.eq(project))
        .add(T::Process.eq(PROCESS))
        .add(T::State.ne(MERGED))
        .add(T::ReportedAt.gte(from))
        .add(T::ReportedAt.lt(to))
}

/// Adds to a query of tickets what became of each of their promises, as `target`, `outcome` and
/// `elapsed` seconds: one row for each ticket and target. One cycle broken is a promise broken; a target
/// that still runs for one of its cycles has not come to its end.
pub fn promised(query: &mut SelectStatement, ticket: Expr) {
    use ticket_clocks::Column as C;
    let clock = Alias::new("c");
    let of_clock = |column: C| Expr::col((clock.clone(), column));
    let broken = Func::sum(Expr::case(of_clock(C::State).eq("breached"), 1).finally(0));
    let verdict = Expr::case(Expr::expr(broken).gt(0), "breached").finally("met");
    let ended = Func::count(of_clock(C::StoppedAt));
    let ended = Expr::expr(ended).eq(Expr::expr(Func::count(of_clock(C::Id))));
    let longest = Expr::expr(Func::max(of_clock(C::ElapsedUs))).div(1_000_000_i64);
    query
        .expr_as(of_clock(C::Target), Alias::new("target"))
        .expr_as(verdict, Alias::new("outcome"))
        .expr_as(Expr::case(ended, longest), Alias::new("elapsed"))
        .join_as(
            JoinType::InnerJoin,
            ticket_clocks::Entity,
            clock.clone(),
            of_clock(C::TicketId).eq(ticket.clone()),
        )
        .and_where(of_clock(C::Counted).eq(true))
        .and_where(of_clock(C::State).is_in(["met", "breached"]))
        .add_group_by([ticket, of_clock(C::Target)]);
}

/// SHA-256 of the snapshot of a report: of its rows as JSON, in the order of these lines, which is the
/// same on every database.
///
/// # Errors
/// When the store fails.
pub async fn digest(db: &impl ConnectionTrait, report: Uuid) -> Result<String> {
    let tickets = report_tickets::Entity::find()
        .filter(report_tickets::Column::ReportId.eq(report))
        .all(db)
        .await?;
    let outcomes = report_outcomes::Entity::find()
        .filter(report_outcomes::Column::ReportId.eq(report))
        .all(db)
        .await?;
    let lines = tickets.iter().map(serde_json::to_string);
    let lines = lines.chain(outcomes.iter().map(serde_json::to_string));
    let mut lines: Vec<String> = lines
        .collect::<std::result::Result<_, _>>()
        .map_err(Error::internal)?;
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Counts the snapshot of a report.
///
/// # Errors
/// When the store fails.
pub async fn count(db: &impl ConnectionTrait, report: &reports::Model) -> Result<Counted> {
    let (report, from) = (report.id, report.from_at);
    use report_tickets::Column as S;
    let own = || report_tickets::Entity::find().filter(S::ReportId.eq(report));
    let by = [
        S::State,
        S::StateKind,
        S::Category,
        S::Channel,
        S::Level,
        S::ResolvedLine,
        S::Major,
        S::Satisfaction,
        S::Reopened,
    ];
    let mut grouped = own()
        .select_only()
        .columns(by)
        .column_as(S::Type, "kind")
        .column_as(S::TicketId.count(), "n")
        .group_by(S::Type);
    for column in by {
        grouped = grouped.group_by(column);
    }
    let groups = grouped.into_model::<Group>().all(db).await?;

    use report_outcomes::Column as O;
    let of_ticket: RelationDef = report_outcomes::Entity::belongs_to(report_tickets::Entity)
        .from((O::ReportId, O::TicketId))
        .to((S::ReportId, S::TicketId))
        .into();
    // A sum of whole numbers is one, whatever the database makes of it.
    let seconds = Func::cast_as(
        Func::sum(Expr::col((report_outcomes::Entity, O::ElapsedSeconds))),
        "bigint",
    );
    let promises = report_outcomes::Entity::find()
        .filter(O::ReportId.eq(report))
        .join(JoinType::InnerJoin, of_ticket)
        .select_only()
        .columns([O::Target, O::Outcome])
        .columns([S::Level, S::Category])
        .column_as(S::Type, "kind")
        .column_as(O::TicketId.count(), "n")
        .column_as(O::ElapsedSeconds.count(), "timed")
        .column_as(Expr::expr(seconds), "seconds")
        .column_as(O::ElapsedSeconds.max(), "longest")
        .group_by(O::Target)
        .group_by(O::Outcome)
        .group_by(S::Level)
        .group_by(S::Category)
        .group_by(S::Type)
        .into_model::<Promise>()
        .all(db)
        .await?;
    let hour = Expr::col(S::ReportedAt).sub(from.0).div(HOUR);
    let hours = own()
        .select_only()
        .column_as(hour, "hour")
        .column_as(S::TicketId.count(), "n")
        .group_by(Expr::col(Alias::new("hour")))
        .into_model::<Hour>()
        .all(db)
        .await?;
    let ordered = || own().order_by_asc(S::ReportedAt).order_by_asc(S::TicketId);
    Ok(Counted {
        groups,
        promises,
        hours,
        late: late(db, report).await?,
        listed: ordered().limit(LISTED).all(db).await?,
        major: ordered()
            .filter(S::Major.eq(true))
            .limit(LATE)
            .all(db)
            .await?,
    })
}

/// Broken promises one by one.
async fn late(db: &impl ConnectionTrait, report: Uuid) -> Result<Vec<Late>> {
    use report_outcomes::Column as O;
    use report_tickets::Column as S;
    let (o, s, t, place) = (
        Alias::new("o"),
        Alias::new("s"),
        Alias::new("t"),
        Alias::new("place"),
    );
    let within = WindowStatement::partition_by((o.clone(), O::Target))
        .order_by((s.clone(), S::ReportedAt), Order::Asc)
        .order_by((s.clone(), S::TicketId), Order::Asc)
        .to_owned();
    let numbered = Query::select()
        .column((o.clone(), O::Target))
        .columns([S::Number, S::Title, S::ReportedAt].map(|column| (s.clone(), column)))
        .column((t.clone(), tickets::Column::Fields))
        .expr_window_as(Func::cust("ROW_NUMBER"), within, place.clone())
        .from_as(report_outcomes::Entity, o.clone())
        .join_as(
            JoinType::InnerJoin,
            report_tickets::Entity,
            s.clone(),
            Expr::col((s.clone(), S::TicketId))
                .eq(Expr::col((o.clone(), O::TicketId)))
                .and(Expr::col((s.clone(), S::ReportId)).eq(report)),
        )
        .join_as(
            JoinType::InnerJoin,
            tickets::Entity,
            t.clone(),
            Expr::col((t, tickets::Column::Id)).eq(Expr::col((o.clone(), O::TicketId))),
        )
        .and_where(Expr::col((o.clone(), O::ReportId)).eq(report))
        .and_where(Expr::col((o.clone(), O::Outcome)).eq("breached"))
        .to_owned();
    let first = Query::select()
        .columns([
            Alias::new("target"),
            Alias::new("number"),
            Alias::new("title"),
        ])
        .column(Alias::new("fields"))
        .from_subquery(numbered, Alias::new("numbered"))
        .and_where(Expr::col(place).lte(LATE))
        .order_by(Alias::new("target"), Order::Asc)
        .order_by(Alias::new("reported_at"), Order::Asc)
        .order_by(Alias::new("number"), Order::Asc)
        .to_owned();
    let rows = db.query_all(&first).await?;
    let read = rows.iter().map(|row| Late::from_query_result(row, ""));
    Ok(read.collect::<std::result::Result<_, _>>()?)
}

/// Twelve months of a project, the reported month last.
#[derive(Clone, Debug, Default)]
pub struct Trend {
    /// Incidents solved by line 1, 2, 3, and not solved, by month.
    pub lines: Vec<[i64; 4]>,
    /// Promises kept and broken, by month.
    pub promises: Vec<[i64; 2]>,
}

/// Reads the trend: two grouped queries.
///
/// # Errors
/// When the store fails.
pub async fn trend(
    db: &impl ConnectionTrait,
    project: Uuid,
    month: Month,
    zone: &TimeZone,
) -> Result<Trend> {
    use ticket_clocks::Column as C;
    use tickets::Column as T;
    let starts: Vec<At> = (0..=TREND)
        .map(|n| month.plus(n + 1 - TREND).begins(zone))
        .collect();
    let slots = starts.len() - 1;
    let (t, c) = (Alias::new("t"), Alias::new("c"));
    let at = || Expr::col((t.clone(), T::ReportedAt));
    let mut slot = Expr::case(at().lt(starts[1]), 0);
    for n in 1..slots {
        slot = slot.case(at().lt(starts[n + 1]), i32::try_from(n).unwrap_or(0));
    }
    let slot: Expr = slot.into();
    let mut base = Query::select();
    base.expr_as(slot, Alias::new("slot"))
        .from_as(tickets::Entity, t.clone())
        .and_where(Expr::col((t.clone(), T::ProjectId)).eq(project))
        .and_where(Expr::col((t.clone(), T::Process)).eq(PROCESS))
        .and_where(Expr::col((t.clone(), T::State)).ne(MERGED))
        .and_where(at().gte(starts[0]))
        .and_where(at().lt(starts[slots]))
        .group_by_col(Alias::new("slot"));
    let mut lines = base.clone();
    let line = Expr::case(
        Expr::col((t.clone(), T::StateKind)).is_in(["resolved", "closed"]),
        Func::coalesce([Expr::col((t.clone(), T::ResolvedLine)), Expr::val(0)]),
    )
    .finally(0);
    lines
        .expr_as(line, Alias::new("solved_by"))
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .group_by_col(Alias::new("solved_by"));
    let mut promises = base;
    promises
        .column((c.clone(), C::State))
        .expr_as(Func::count(Expr::val(1)), Alias::new("n"))
        .join_as(
            JoinType::InnerJoin,
            ticket_clocks::Entity,
            c.clone(),
            Expr::col((c.clone(), C::TicketId)).eq(Expr::col((t, T::Id))),
        )
        .and_where(Expr::col((c.clone(), C::Counted)).eq(true))
        .and_where(Expr::col((c.clone(), C::State)).is_in(["met", "breached"]))
        .group_by_col((c, C::State));
    let mut trend = Trend {
        lines: vec![[0; 4]; slots],
        promises: vec![[0; 2]; slots],
    };
    let place = |row: &sea_orm::QueryResult| -> Result<(usize, i64)> {
        let slot: i32 = row.try_get("", "slot")?;
        Ok((usize::try_from(slot).unwrap_or(0), row.try_get("", "n")?))
    };
    for row in db.query_all(&lines).await? {
        let (slot, n) = place(&row)?;
        let by: i32 = row.try_get("", "solved_by")?;
        let column = match by {
            1 => 0,
            2 => 1,
            3 => 2,
            _ => 3,
        };
        if let Some(month) = trend.lines.get_mut(slot) {
            month[column] += n;
        }
    }
    for row in db.query_all(&promises).await? {
        let (slot, n) = place(&row)?;
        let state: String = row.try_get("", "state")?;
        if let Some(month) = trend.promises.get_mut(slot) {
            month[usize::from(state == "breached")] += n;
        }
    }
    Ok(trend)
}
