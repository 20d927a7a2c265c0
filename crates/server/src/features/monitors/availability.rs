//! Availability of monitors in a period: from their events, less what does not count.

use std::collections::HashMap;

use anlan_core::alert::Event;
use anlan_core::alert::outage::{self, Exclusion, Facts, Span};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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
    let db = app.db.read();
    let ids: Vec<Uuid> = monitors.iter().map(|monitor| monitor.id).collect();
    let rows = alert_events::Entity::find()
        .filter(alert_events::Column::MonitorId.is_in(ids))
        // An ending is believed only some samples after it happened.
        .filter(alert_events::Column::HappenedAt.lt(to.plus_seconds(BELIEVED)))
        .order_by_asc(alert_events::Column::Id)
        .all(db)
        .await?;
    let mut events: HashMap<Uuid, Vec<Event>> = HashMap::new();
    for row in rows {
        if let Ok(event) = serde_json::from_str(&row.detail) {
            events.entry(row.monitor_id).or_default().push(event);
        }
    }
    let windows = maintenance::Entity::find()
        .filter(maintenance::Column::Excluded.eq(true))
        .filter(maintenance::Column::StartsAt.lt(to))
        .filter(maintenance::Column::EndsAt.gt(from))
        .all(db)
        .await?;
    let now = app.now();
    let one = |monitor: &monitors::Model| {
        let facts = Facts::read(events.get(&monitor.id).into_iter().flatten());
        // Before it was set up nothing was watched, so nothing counts.
        let begun = Span::new(period.from, period.to.min(monitor.created_at.timestamp()))
            .map(|span| (Exclusion::NoData, span));
        let planned = windows.iter().filter(|window| covers(window, monitor));
        let planned = planned.filter_map(|window| {
            Some((
                Exclusion::Maintenance,
                Span::new(window.starts_at.timestamp(), window.ends_at.timestamp())?,
            ))
        });
        let exclusions: Vec<_> = planned.chain(begun).collect();
        let judged = outage::availability(period, now.timestamp(), &facts, &exclusions);
        let word = |exclusion: &Exclusion| {
            serde_json::to_value(exclusion)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let touches = |outage: &&outage::Outage| {
            outage.began < period.to && outage.ended.is_none_or(|end| end > period.from)
        };
        Availability {
            monitor_id: monitor.id,
            name: monitor.name.clone(),
            target: monitor.target.clone(),
            ratio: judged.ratio(),
            total_seconds: judged.total.as_secs(),
            counted_seconds: judged.counted.as_secs(),
            down_seconds: judged.down.as_secs(),
            excluded: judged
                .excluded
                .iter()
                .map(|(reason, length)| Excluded {
                    reason: word(reason),
                    seconds: length.as_secs(),
                })
                .collect(),
            outages: facts
                .outages
                .iter()
                .filter(touches)
                .map(|outage| OutageRow {
                    began_at: outage.began.into(),
                    ended_at: outage.ended.map(At::from),
                })
                .collect(),
        }
    };
    Ok(monitors.iter().map(one).collect())
}

/// Availability of all monitors of a project, in the list's own order; for the report.
///
/// # Errors
/// When the store fails.
pub async fn of_project(app: &App, project: Uuid, from: At, to: At) -> Result<Vec<Availability>> {
    let rows = monitors::Entity::find()
        .filter(monitors::Column::ProjectId.eq(project))
        .order_by_asc(monitors::Column::Position)
        .order_by_asc(monitors::Column::Id)
        .all(app.db.read())
        .await?;
    availability(app, &rows, from, to).await
}
