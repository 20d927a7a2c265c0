//! Availability of systems in a period: from the events of their checks, less what does not count.
//!
//! Monitors of a project that name the same system are its checks; a monitor that names none is a
//! system by itself. Which of the checks count for the figure is a property of each monitor.

use std::collections::HashMap;

use anlan_core::alert::Event;
use anlan_core::alert::availability::{
    self as core, Availability as Judged, Check, Exclusion, Interruption,
};
use anlan_core::alert::outage::Facts;
use anlan_core::alert::span::Span;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::left_out::{self, Cause};
use super::rows::{alert_events, maintenance, monitors};
use super::watch::covers;
use crate::app::App;
use crate::features::projects::Uptime;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// How much later than it happened an ending may be believed, in seconds: 20 samples a day apart
/// are the extreme, two days cover every sensible rule.
const BELIEVED: i64 = 2 * 24 * 3600;

/// How available something was in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Availability {
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
    /// Interruptions that touch the period and count at least in part.
    pub outages: Vec<OutageRow>,
    /// Interruptions that lie wholly in time that does not count.
    pub not_counted: Vec<OutageRow>,
}

/// Time that does not count.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Excluded {
    /// Why.
    pub reason: String,
    /// Seconds.
    pub seconds: i64,
}

/// One interruption: outages of several checks that touch are one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutageRow {
    /// First bad sample.
    pub began_at: At,
    /// First good sample; null while it lasts.
    pub ended_at: Option<At>,
    /// Seconds of it that count in the period.
    pub counted_seconds: i64,
}

/// One check of a system by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckAvailability {
    /// The monitor.
    pub monitor_id: Uuid,
    /// Its name.
    pub name: String,
    /// `http`, `tcp`, `icmp` or `dns`.
    pub kind: String,
    /// What it watches.
    pub target: String,
    /// Whether its outages are outages of the system.
    pub counts: bool,
    /// How available it was by itself.
    #[serde(flatten)]
    pub availability: Availability,
}

/// A system with its checks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SystemAvailability {
    /// What people call it: the name its checks give, or that of the one monitor.
    pub name: String,
    /// Promised availability, in millionths: 999,900 is 99.99 %.
    pub promised: u32,
    /// Whether the promise is kept, compared without rounding.
    pub kept: bool,
    /// How available it was: down while any check that counts was.
    #[serde(flatten)]
    pub availability: Availability,
    /// Its checks, in the order of the list; those that do not count, too.
    pub checks: Vec<CheckAvailability>,
}

impl SystemAvailability {
    /// Whether any of its checks counts.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.checks.iter().any(|check| check.counts)
    }
}

/// A system and what core made of its time.
pub(super) struct Told {
    /// Told apart from others by this: the name, or the id of the monitor that is one by itself.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its checks with what each saw.
    pub checks: Vec<(monitors::Model, Check)>,
    /// The period as far as it has passed.
    pub judged: Judged,
}

/// Judges the systems of a project that these monitors watch, in the order of their first monitor:
/// two queries, however many monitors.
///
/// # Errors
/// When the period is empty or the store fails.
pub(super) async fn told(
    app: &App,
    monitors: Vec<monitors::Model>,
    (from, to): (At, At),
) -> Result<Vec<Told>> {
    let period = Span::new(from.timestamp(), to.timestamp())
        .ok_or_else(|| Error::field("to", "before_from"))?;
    let mut events = events(app, &monitors, to).await?;
    let windows = left_out::windows(app, None, from, to).await?;
    let now = app.now().timestamp();
    let mut systems: Vec<Told> = Vec::new();
    for monitor in monitors {
        let check = Check {
            facts: facts(&monitor, &events.remove(&monitor.id).unwrap_or_default()),
            exclusions: exclusions(&monitor, &windows, period),
        };
        let (key, name) = system_of(&monitor);
        match systems.iter_mut().find(|system| system.key == key) {
            Some(system) => system.checks.push((monitor, check)),
            None => systems.push(Told {
                key,
                name,
                checks: vec![(monitor, check)],
                judged: Judged::default(),
            }),
        }
    }
    for system in &mut systems {
        let counting = system.checks.iter().filter(|(monitor, _)| monitor.counts);
        let counting: Vec<Check> = counting.map(|(_, check)| check.clone()).collect();
        system.judged = core::availability(period, now, &counting);
    }
    Ok(systems)
}

/// What tells the system of a monitor apart, and what it is called.
fn system_of(monitor: &monitors::Model) -> (String, String) {
    if monitor.system.is_empty() {
        (monitor.id.to_string(), monitor.name.clone())
    } else {
        (monitor.system.clone(), monitor.system.clone())
    }
}

/// Availability of the systems that these monitors of one project watch.
///
/// # Errors
/// When the period is empty or the store fails.
pub(super) async fn availability(
    app: &App,
    uptime: &Uptime,
    monitors: Vec<monitors::Model>,
    (from, to): (At, At),
) -> Result<Vec<SystemAvailability>> {
    let period = Span::new(from.timestamp(), to.timestamp());
    let now = app.now().timestamp();
    let check = |(monitor, check): &(monitors::Model, Check)| {
        let judged =
            period.map(|period| core::availability(period, now, std::slice::from_ref(check)));
        CheckAvailability {
            monitor_id: monitor.id,
            name: monitor.name.clone(),
            kind: monitor.kind.clone(),
            target: monitor.target.clone(),
            counts: monitor.counts,
            availability: Availability::from(&judged.unwrap_or_default()),
        }
    };
    let system = |system: &Told| SystemAvailability {
        name: system.name.clone(),
        promised: uptime.target,
        kept: system.judged.meets(uptime.target),
        availability: Availability::from(&system.judged),
        checks: system.checks.iter().map(check).collect(),
    };
    let systems = told(app, monitors, (from, to)).await?;
    Ok(systems.iter().map(system).collect())
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

/// What a monitor's events say. What was down when it was removed is nobody's outage any more.
fn facts(monitor: &monitors::Model, events: &[Event]) -> Facts {
    let mut facts = Facts::read(events);
    let open = facts.outages.iter_mut().filter(|one| one.ended.is_none());
    open.for_each(|one| one.ended = monitor.deleted_at.map(At::timestamp));
    facts
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

impl From<&Judged> for Availability {
    fn from(judged: &Judged) -> Self {
        let word = |exclusion: &Exclusion| {
            serde_json::to_value(exclusion)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let excluded = judged.excluded.iter().map(|(reason, length)| Excluded {
            reason: word(reason),
            seconds: length.as_secs(),
        });
        let (counted, free): (Vec<&Interruption>, Vec<&Interruption>) = judged
            .interruptions
            .iter()
            .partition(|one| one.counted.is_positive());
        let rows = |some: Vec<&Interruption>| some.into_iter().map(OutageRow::from).collect();
        Self {
            ratio: judged.ratio(),
            total_seconds: judged.total.as_secs(),
            counted_seconds: judged.counted.as_secs(),
            down_seconds: judged.down.as_secs(),
            excluded: excluded.collect(),
            outages: rows(counted),
            not_counted: rows(free),
        }
    }
}

impl From<&Interruption> for OutageRow {
    fn from(one: &Interruption) -> Self {
        Self {
            began_at: one.began.into(),
            ended_at: one.ended.map(At::from),
            counted_seconds: one.counted.as_secs(),
        }
    }
}

/// Monitors of a project in the list's own order; of those removed, the ones watched after `from`.
pub(super) async fn watched(app: &App, project: Uuid, from: At) -> Result<Vec<monitors::Model>> {
    use monitors::Column;
    let watched = Condition::any()
        .add(Column::DeletedAt.is_null())
        .add(Column::DeletedAt.gt(from));
    let ordered = monitors::Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(watched)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id);
    Ok(ordered.all(app.db.read()).await?)
}

/// Availability of the systems of a project: of checks removed in the period, too, for as long as they
/// were watched.
///
/// # Errors
/// When the period is empty or the store fails.
pub async fn of_project(
    app: &App,
    project: Uuid,
    from: At,
    to: At,
) -> Result<Vec<SystemAvailability>> {
    let uptime = Uptime::read(app, project).await?;
    let rows = watched(app, project, from).await?;
    availability(app, &uptime, rows, (from, to)).await
}
