//! Availability of monitors in a period: from their events, less what does not count.

use std::collections::HashMap;

use anlan_core::alert::Event;
use anlan_core::alert::outage::{self, Exclusion, Facts, Span};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::left_out::{self, Cause};
use super::rows::{alert_events, maintenance, monitors};
use super::watch::covers;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// How much later than it happened an ending may be believed, in seconds: 20 samples a day apart
/// are the extreme, two days cover every sensible rule.
const BELIEVED: i64 = 2 * 24 * 3600;

/// Availability of one monitor in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Availability {
    /// The monitor.
    pub monitor_id: Uuid,
    /// Its name.
    pub name: String,
    /// What it watches.
    pub target: String,
    /// Share of the counted time in which it was available; null when nothing counts.
    pub ratio: Option<f64>,
    /// Seconds of the period so far.
    pub total_seconds: i64,
    /// Seconds that count.
    pub counted_seconds: i64,
    /// Seconds down, among those that count.
    pub down_seconds: i64,
    /// What does not count, by reason.
    pub excluded: Vec<Excluded>,
    /// Interruptions that touch the period.
    pub outages: Vec<OutageRow>,
}

/// Time that does not count.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Excluded {
    /// Why.
    pub reason: String,
    /// Seconds.
    pub seconds: i64,
}

/// One interruption.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutageRow {
    /// First bad sample.
    pub began_at: At,
    /// First good sample; null while it lasts.
    pub ended_at: Option<At>,
}

/// Availability of monitors in `from..to`: three queries, however many monitors.
///
/// # Errors
/// When the period is empty or the store fails.
pub async fn availability(
    app: &App,
    monitors: &[monitors::Model],
    from: At,
    to: At,
) -> Result<Vec<Availability>> {
    let period = Span::new(from.timestamp(), to.timestamp())
        .ok_or_else(|| Error::field("to", "before_from"))?;
    let mut events = events(app, monitors, to).await?;
    let windows = left_out::windows(app, None, from, to).await?;
    let now = app.now().timestamp();
    let one = |monitor: &monitors::Model| {
        let events = events.remove(&monitor.id).unwrap_or_default();
        let facts = Facts::read(&events);
        let exclusions = exclusions(monitor, &windows, period);
        let judged = outage::availability(period, now, &facts, &exclusions);
        shown(monitor, &facts, &judged, period)
    };
    Ok(monitors.iter().map(one).collect())
}

/// What happened to monitors until the end of a period, oldest first.
async fn events(
    app: &App,
    monitors: &[monitors::Model],
    to: At,
) -> Result<HashMap<Uuid, Vec<Event>>> {
    let ids = monitors.iter().map(|monitor| monitor.id);
    let rows = alert_events::Entity::find()
        .filter(alert_events::Column::MonitorId.is_in(ids))
        // An ending is believed only some samples after it happened.
        .filter(alert_events::Column::HappenedAt.lt(to.plus_seconds(BELIEVED)))
        .order_by_asc(alert_events::Column::Id)
        .all(app.db.read())
        .await?;
    let mut events: HashMap<Uuid, Vec<Event>> = HashMap::new();
    for row in rows {
        if let Ok(event) = serde_json::from_str(&row.detail) {
            events.entry(row.monitor_id).or_default().push(event);
        }
    }
    Ok(events)
}

/// What does not count of a monitor's time: its windows, and when it was not watched.
fn exclusions(
    monitor: &monitors::Model,
    windows: &[maintenance::Model],
    period: Span,
) -> Vec<(Exclusion, Span)> {
    let agreed = windows.iter().filter(|window| covers(window, monitor));
    let agreed = agreed.filter_map(|window| {
        let span = Span::new(window.starts_at.timestamp(), window.ends_at.timestamp())?;
        Some((Cause::read(&window.cause).exclusion(), span))
    });
    let created = monitor.created_at.timestamp();
    let before = Span::new(period.from, period.to.min(created));
    let removed = monitor.deleted_at.map(At::timestamp);
    let after = removed.and_then(|removed| Span::new(period.from.max(removed), period.to));
    let unwatched = before.into_iter().chain(after);
    let unwatched = unwatched.map(|span| (Exclusion::NoData, span));
    agreed.chain(unwatched).collect()
}

/// A monitor's availability as it is told.
fn shown(
    monitor: &monitors::Model,
    facts: &Facts,
    judged: &outage::Availability,
    period: Span,
) -> Availability {
    let word = |exclusion: &Exclusion| {
        serde_json::to_value(exclusion)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    let touches = |outage: &&outage::Outage| {
        outage.began < period.to && outage.ended.is_none_or(|end| end > period.from)
    };
    let excluded = judged.excluded.iter().map(|(reason, length)| Excluded {
        reason: word(reason),
        seconds: length.as_secs(),
    });
    let outages = facts
        .outages
        .iter()
        .filter(touches)
        .map(|outage| OutageRow {
            began_at: outage.began.into(),
            // What was down when it was removed is nobody's outage any more.
            ended_at: outage.ended.map(At::from).or(monitor.deleted_at),
        });
    Availability {
        monitor_id: monitor.id,
        name: monitor.name.clone(),
        target: monitor.target.clone(),
        ratio: judged.ratio(),
        total_seconds: judged.total.as_secs(),
        counted_seconds: judged.counted.as_secs(),
        down_seconds: judged.down.as_secs(),
        excluded: excluded.collect(),
        outages: outages.collect(),
    }
}

/// Availability of the monitors of a project, in the list's own order, for the report: of those removed
/// in the period too, for as long as they were watched.
///
/// # Errors
/// When the store fails.
pub async fn of_project(app: &App, project: Uuid, from: At, to: At) -> Result<Vec<Availability>> {
    use monitors::Column;
    let watched = Condition::any()
        .add(Column::DeletedAt.is_null())
        .add(Column::DeletedAt.gt(from));
    let rows = monitors::Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(watched)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(app.db.read())
        .await?;
    availability(app, &rows, from, to).await
}
