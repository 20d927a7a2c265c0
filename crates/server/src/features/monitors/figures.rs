//! What the monthly report tells of monitors besides availability: alarms, and how fast they answered
//! (F-54, F-33).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anlan_series::Window;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::availability::watched;
use super::history::series;
use super::rows::alerts;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// Alarms of one monitor in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarms {
    /// The monitor's name.
    pub name: String,
    /// Red ones (告警).
    pub critical: i64,
    /// Blue ones (预警).
    pub warning: i64,
    /// Seconds that all of them lasted, those still open until the end of the period.
    pub seconds: i64,
}

#[derive(FromQueryResult)]
struct Row {
    monitor_id: Uuid,
    level: String,
    n: i64,
    lasted: i64,
}

/// Alarms of a project that began in `from..to`, by monitor, whoever had most first: one grouped query.
///
/// # Errors
/// When the store fails.
pub async fn alarms(app: &App, project: Uuid, from: At, to: At) -> Result<Vec<Alarms>> {
    use alerts::Column;
    let end = Func::coalesce([Expr::col(Column::RecoveredAt), Expr::val(to.0)]);
    let lasted = Func::sum(Expr::expr(end).sub(Expr::col(Column::BeganAt)));
    let rows = alerts::Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::BeganAt.gte(from))
        .filter(Column::BeganAt.lt(to))
        .select_only()
        .columns([Column::MonitorId, Column::Level])
        .column_as(Column::Id.count(), "n")
        .column_as(
            Expr::expr(Func::cast_as(Expr::expr(lasted), Alias::new("bigint"))),
            "lasted",
        )
        .group_by(Column::MonitorId)
        .group_by(Column::Level)
        .into_model::<Row>()
        .all(app.db.read())
        .await?;
    let names: HashMap<Uuid, String> = watched(app, project, from)
        .await?
        .into_iter()
        .map(|monitor| (monitor.id, monitor.name))
        .collect();
    let mut told: BTreeMap<Uuid, Alarms> = BTreeMap::new();
    for row in rows {
        let one = told.entry(row.monitor_id).or_insert_with(|| Alarms {
            name: names.get(&row.monitor_id).cloned().unwrap_or_default(),
            critical: 0,
            warning: 0,
            seconds: 0,
        });
        match row.level.as_str() {
            "critical" => one.critical += row.n,
            _ => one.warning += row.n,
        }
        one.seconds += row.lasted / 1_000_000;
    }
    let mut told: Vec<Alarms> = told.into_values().collect();
    told.sort_by_key(|one| std::cmp::Reverse((one.critical + one.warning, one.seconds)));
    Ok(told)
}

/// How fast a monitor answered in a period, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The monitor's name.
    pub name: String,
    /// Answers measured.
    pub samples: u64,
    /// Half of them were faster.
    pub p50: f64,
    /// 95 of 100 were faster.
    pub p95: f64,
    /// The slowest.
    pub max: f64,
}

/// How fast the monitors of a project answered in `from..to`, in the list's own order, at most `most`
/// of them; without those of which nothing was measured.
///
/// # Errors
/// When the history cannot be read.
pub async fn responses(
    app: &App,
    project: Uuid,
    (from, to): (At, At),
    most: usize,
) -> Result<Vec<Response>> {
    let mut monitors = watched(app, project, from).await?;
    monitors.truncate(most);
    let store = Arc::clone(&app.monitors().store);
    let read = move || -> anlan_series::Result<Vec<Response>> {
        let mut told = Vec::new();
        for monitor in monitors {
            let id = [series(monitor.id, "response_ms")];
            let window = || Window::whole(from.0, to.0);
            let stats = store.aggregate(id[0], window())?.stats;
            let Some(stats) = stats.first().filter(|stats| stats.count > 0) else {
                continue;
            };
            let at = |q: f64| -> anlan_series::Result<Option<f64>> {
                Ok(store.quantile(&id, window(), q)?.first().copied().flatten())
            };
            // Of what is kept only as roll-ups, no quantile is known.
            let (p50, p95) = match (at(0.5), at(0.95)) {
                (Ok(p50), Ok(p95)) => (p50, p95),
                (Err(anlan_series::Error::NeedsRaw { .. }), _) => continue,
                (Err(error), _) | (_, Err(error)) => return Err(error),
            };
            if let (Some(p50), Some(p95)) = (p50, p95) {
                told.push(Response {
                    name: monitor.name,
                    samples: stats.count,
                    p50,
                    p95,
                    max: stats.max,
                });
            }
        }
        Ok(told)
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(Error::internal)?
        .map_err(Error::storage)
}
