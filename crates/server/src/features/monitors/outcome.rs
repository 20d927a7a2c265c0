//! What a step of the alert state machine causes: state, events, alert, ticket and notices, written
//! in one transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anlan_core::alert::{Event, EventKind, Level, NoticeKind, Reason, State, Verdict};
use anlan_core::process::Input;
use anlan_probe::{Class, Outcome};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde_json::Value;
use uuid::Uuid;

use super::rows::{alert_events, alerts, monitor_states, monitors, probe_failures};
use super::storms::{Storms, Told};
use super::watch::Watched;
use super::why::Why;
use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::features::projects::uptime_changes;
use crate::features::tickets::{self, Actor, NewTicket, rows::tickets as ticket_table};
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::i18n::Lang;

/// Failed probes kept for each monitor.
const FAILURES: u64 = 50;
/// Longest title of a ticket, in characters.
const TITLE: usize = 120;
/// How the ticket of a storm begins.
const STORM: &str = "多个监控对象同时告警，首个：";
/// Roles of a project that hear of alarms.
const LISTENERS: [&str; 4] = [
    "monitor_duty",
    "service_desk",
    "technical_manager",
    "project_manager",
];

/// A monitor whose state has changed.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The monitor.
    pub watched: Arc<Watched>,
    /// Its state now.
    pub state: State,
    /// What happened.
    pub events: Vec<Event>,
    /// Whether people are to be told.
    pub verdict: Verdict,
    /// The alert that was open before.
    pub alert: Option<Uuid>,
    /// What the probe saw.
    pub outcome: Outcome,
    /// The slot it ran for.
    pub slot: At,
}

/// What was stored: what memory may move on to.
#[derive(Debug)]
pub struct Stored {
    /// The open alert of each monitor.
    pub alerts: HashMap<Uuid, Option<Uuid>>,
    /// The storms, with what has been told.
    pub storms: Storms,
}

/// Stores everything.
///
/// # Errors
/// When the store fails; nothing is written then.
pub async fn store(app: &App, judged: Vec<Judged>, mut storms: Storms) -> Result<Stored> {
    let shared = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let mut alerts = HashMap::new();
                for judged in judged {
                    let alert = one(tx, &shared, &judged, &mut storms).await?;
                    alerts.insert(judged.watched.row.id, alert);
                }
                Ok(Stored { alerts, storms })
            })
        })
        .await
}

async fn one(tx: &mut Tx, app: &App, judged: &Judged, storms: &mut Storms) -> Result<Option<Uuid>> {
    if is_gone(tx, judged.watched.row.id).await? {
        return Ok(None);
    }
    let mut alert = match judged.alert {
        Some(id) => alerts::Entity::find_by_id(id).one(&tx.db).await?,
        None => None,
    };
    for event in &judged.events {
        record(tx, judged, event).await?;
        if let EventKind::OutageBegan { .. } | EventKind::OutageEnded { .. } = event.kind {
            uptime_changes(tx, judged.watched.row.project_id).await?;
        }
        alert = follow(tx, app, judged, event, alert).await?;
    }
    if let Verdict::Tell(notice) = &judged.verdict {
        let opens = matches!(notice.kind, NoticeKind::Opened | NoticeKind::Upgraded)
            && notice.level == Level::Critical;
        let mut told = true;
        if let Some(known) = alert.take() {
            if opens {
                let (raised, aloud) = raise(tx, app, judged, known, storms).await?;
                (alert, told) = (Some(raised), aloud);
            } else {
                told = notice.kind != NoticeKind::Recovered || !others_open(tx, &known).await?;
                alert = Some(known);
            }
        }
        if told {
            // Only what was red has a ticket, however it stands at the end.
            let woke = alert
                .as_ref()
                .is_some_and(|alert| alert.ticket_id.is_some());
            tell(tx, judged, notice.kind, notice.level, woke).await?;
        }
    }
    if let Some(known) = &alert {
        let told = serde_json::to_string(&judged.verdict).map_err(Error::internal)?;
        alerts::Entity::update_many()
            .col_expr(alerts::Column::Told, sea_orm::sea_query::Expr::value(told))
            .filter(alerts::Column::Id.eq(known.id))
            .exec(&tx.db)
            .await?;
    }
    let open = alert
        .filter(|alert| alert.recovered_at.is_none())
        .map(|alert| alert.id);
    keep(tx, judged, open).await?;
    if !matches!(judged.outcome.class, Class::Up) {
        failure(tx, judged).await?;
    }
    tx.changed(Change::in_project(
        Topic::Alert,
        judged.watched.row.id,
        judged.watched.row.project_id,
    ));
    Ok(open)
}

/// Whether the monitor was removed while it was looked at.
async fn is_gone(tx: &Tx, monitor: Uuid) -> Result<bool> {
    let found = monitors::present().filter(monitors::Column::Id.eq(monitor));
    Ok(found.one(&tx.db).await?.is_none())
}

async fn record(tx: &Tx, judged: &Judged, event: &Event) -> Result<()> {
    let detail = serde_json::to_value(event).map_err(Error::internal)?;
    let kind = detail
        .get("event")
        .or_else(|| detail.pointer("/kind/event"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let row = alert_events::ActiveModel {
        id: Set(Uuid::now_v7()),
        monitor_id: Set(judged.watched.row.id),
        at: Set(tx.now),
        happened_at: Set(event.at.into()),
        kind: Set(kind),
        detail: Set(detail.to_string()),
    };
    alert_events::Entity::insert(row)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}

/// Opens, changes or ends the alert.
async fn follow(
    tx: &mut Tx,
    app: &App,
    judged: &Judged,
    event: &Event,
    alert: Option<alerts::Model>,
) -> Result<Option<alerts::Model>> {
    let monitor = &judged.watched.row;
    match &event.kind {
        EventKind::Opened {
            problem,
            level,
            began,
        } => {
            let row = alerts::ActiveModel {
                id: Set(Uuid::now_v7()),
                monitor_id: Set(monitor.id),
                project_id: Set(monitor.project_id),
                number: Set(i64::try_from(*problem).unwrap_or(i64::MAX)),
                level: Set(word(*level).to_owned()),
                began_at: Set(At::from(*began)),
                opened_at: Set(tx.now),
                recovered_at: Set(None),
                reason: Set(why(judged, &event.reason).stored()?),
                told: Set(String::new()),
                ticket_id: Set(None),
            };
            Ok(Some(row.insert(&tx.db).await?))
        }
        EventKind::Upgraded { level, .. } | EventKind::Downgraded { level, .. } => match alert {
            Some(alert) => {
                let mut row = alert.into_active_model();
                row.level = Set(word(*level).to_owned());
                row.reason = Set(why(judged, &event.reason).stored()?);
                Ok(Some(row.update(&tx.db).await?))
            }
            None => Ok(None),
        },
        EventKind::Recovered { ended, .. } => match alert {
            Some(alert) => {
                if let Some(ticket) = alert.ticket_id
                    && !others_open(tx, &alert).await?
                {
                    recovered(tx, app, judged, ticket, At::from(*ended)).await?;
                }
                let mut row = alert.into_active_model();
                row.recovered_at = Set(Some(At::from(*ended)));
                Ok(Some(row.update(&tx.db).await?))
            }
            None => Ok(None),
        },
        _ => Ok(alert),
    }
}

/// Whether the alert's ticket stands for others too that have not recovered.
async fn others_open(tx: &Tx, alert: &alerts::Model) -> Result<bool> {
    let Some(ticket) = alert.ticket_id else {
        return Ok(false);
    };
    let other = alerts::Entity::find()
        .filter(alerts::Column::TicketId.eq(ticket))
        .filter(alerts::Column::Id.ne(alert.id))
        .filter(alerts::Column::RecoveredAt.is_null())
        .limit(1)
        .one(&tx.db)
        .await?;
    Ok(other.is_some())
}

/// Sees to it that the alert has its one ticket: a new one, the one still open from the outage
/// before, or that of the storm it belongs to. Says whether people are to be told of it by itself.
async fn raise(
    tx: &mut Tx,
    app: &App,
    judged: &Judged,
    alert: alerts::Model,
    storms: &mut Storms,
) -> Result<(alerts::Model, bool)> {
    if alert.ticket_id.is_some() {
        return Ok((alert, true));
    }
    let project = judged.watched.row.project_id;
    let folded = match storms.admit(project, tx.now) {
        Told::Alone => None,
        Told::StormBegins => Some(None),
        // A storm that goes on after its ticket was solved needs a new one.
        Told::Folded(ticket) => Some(unsolved(tx, ticket).await?),
    };
    let (ticket, aloud) = match folded {
        None => (ticket(tx, app, judged, &alert, None).await?, true),
        Some(Some(ticket)) => (ticket, false),
        Some(None) => {
            let ticket = ticket(tx, app, judged, &alert, Some(STORM)).await?;
            storms.begun(project, ticket);
            (ticket, true)
        }
    };
    let mut row = alert.into_active_model();
    row.ticket_id = Set(Some(ticket));
    Ok((row.update(&tx.db).await?, aloud))
}

/// The ticket of an alert; `storm` heads its title when it stands for others too.
async fn ticket(
    tx: &mut Tx,
    app: &App,
    judged: &Judged,
    alert: &alerts::Model,
    storm: Option<&str>,
) -> Result<Uuid> {
    let monitor = &judged.watched.row;
    let actor = Actor::monitor(&monitor.name);
    let earlier = match storm {
        Some(_) => None,
        None => still_open(tx, monitor.id).await?,
    };
    match earlier {
        Some(ticket) => {
            tickets::act(
                tx,
                app,
                &actor,
                ticket,
                None,
                "monitor_failed_again",
                &Input::default(),
            )
            .await?;
            Ok(ticket)
        }
        None => {
            let mut fields = fields(judged, alert);
            if let Some(storm) = storm {
                head(&mut fields, storm);
            }
            let new = NewTicket {
                process: "incident".into(),
                project: monitor.project_id,
                input: Input {
                    fields,
                    note: None,
                    happened_at: Some(alert.began_at.timestamp()),
                },
                source: Some(("alert".into(), alert.id.to_string())),
            };
            Ok(tickets::create(tx, app, &actor, new).await?.ticket.id)
        }
    }
}

/// Says in title and description that the ticket stands for a storm.
fn head(fields: &mut BTreeMap<String, Value>, storm: &str) {
    for (key, longest) in [("title", TITLE), ("description", usize::MAX)] {
        let text = fields.get(key).and_then(Value::as_str).unwrap_or_default();
        let text: String = format!("{storm}{text}").chars().take(longest).collect();
        fields.insert(key.to_owned(), text.into());
    }
}

fn fields(judged: &Judged, alert: &alerts::Model) -> BTreeMap<String, Value> {
    let monitor = &judged.watched.row;
    let reason = Why::told(&alert.reason, Lang::Zh);
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    let mut set = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    set(
        "title",
        format!("{}：{reason}", monitor.name)
            .chars()
            .take(TITLE)
            .collect::<String>()
            .into(),
    );
    let zone = crate::platform::definitions::china();
    let since = alert
        .began_at
        .timestamp()
        .to_zoned(zone)
        .strftime("%Y-%m-%d %H:%M:%S");
    let (name, target) = (&monitor.name, &monitor.target);
    set(
        "description",
        format!("监控对象“{name}”（{target}）自 {since} 起异常：{reason}").into(),
    );
    set("type", "fault".into());
    set("channel", "monitor".into());
    set("caller_name", "监控系统".into());
    set(
        "category",
        if monitor.kind == "http" {
            "website"
        } else {
            "network"
        }
        .into(),
    );
    if !monitor.system.is_empty() {
        set("system", monitor.system.clone().into());
    }
    set(
        "ci",
        monitor.target.chars().take(200).collect::<String>().into(),
    );
    let down = judged.state.outage.is_some();
    set("impact", if down { 1 } else { 2 }.into());
    set("urgency", 2.into());
    if down {
        set("interrupted", true.into());
        set("outage_started_at", alert.began_at.to_string().into());
    }
    fields
}

/// The ticket of an earlier alert of this monitor that nobody has solved yet.
async fn still_open(tx: &Tx, monitor: Uuid) -> Result<Option<Uuid>> {
    let earlier = alerts::Entity::find()
        .filter(alerts::Column::MonitorId.eq(monitor))
        .filter(alerts::Column::TicketId.is_not_null())
        .order_by_desc(alerts::Column::Number)
        .limit(1)
        .one(&tx.db)
        .await?;
    match earlier.and_then(|alert| alert.ticket_id) {
        Some(ticket) => unsolved(tx, ticket).await,
        None => Ok(None),
    }
}

/// The ticket, unless it is solved already.
async fn unsolved(tx: &Tx, ticket: Uuid) -> Result<Option<Uuid>> {
    let row = ticket_table::Entity::find_by_id(ticket).one(&tx.db).await?;
    Ok(row
        .filter(|row| matches!(row.state_kind.as_str(), "open" | "waiting"))
        .map(|row| row.id))
}

/// Notes the recovery on the ticket and offers it for confirmation. A ticket that is solved already needs no note.
async fn recovered(tx: &mut Tx, app: &App, judged: &Judged, ticket: Uuid, ended: At) -> Result<()> {
    let actor = Actor::monitor(&judged.watched.row.name);
    if unsolved(tx, ticket).await?.is_none() {
        return Ok(());
    }
    let input = Input {
        fields: BTreeMap::from([("outage_ended_at".to_owned(), Value::from(ended.to_string()))]),
        note: None,
        happened_at: Some(ended.timestamp()),
    };
    tickets::act(tx, app, &actor, ticket, None, "monitor_recovered", &input).await?;
    Ok(())
}

async fn tell(
    tx: &mut Tx,
    judged: &Judged,
    kind: NoticeKind,
    level: Level,
    woke: bool,
) -> Result<()> {
    let monitor = &judged.watched.row;
    // What is over, and what changes all the time, has no reason to give.
    let reason = match kind {
        NoticeKind::Opened | NoticeKind::Upgraded => {
            judged.state.problem.as_ref().map(|problem| &problem.reason)
        }
        NoticeKind::Downgraded => Some(&Reason::Eased),
        _ => None,
    };
    let because = |colon: &str, lang| {
        reason.map_or_else(String::new, |reason| {
            format!("{colon}{}", why(judged, reason).text(lang))
        })
    };
    let (zh, en) = match (kind, level) {
        (NoticeKind::Recovered, _) => ("恢复", "Recovered"),
        (NoticeKind::FlappingStarted, _) => ("状态频繁变化", "Flapping"),
        (NoticeKind::FlappingStopped, _) => ("状态已稳定", "Steady again"),
        (_, Level::Critical) => ("告警", "Critical"),
        (_, Level::Warning) => ("预警", "Warning"),
    };
    let (zh_why, en_why) = (because("：", Lang::Zh), because(": ", Lang::En));
    let message = Message {
        kind: format!(
            "alert.{}",
            if kind == NoticeKind::Recovered {
                "recovered"
            } else {
                word(level)
            }
        ),
        to: tickets::holders(tx, monitor.project_id, &LISTENERS)
            .await?
            .iter()
            .copied()
            .collect(),
        title: (
            format!("{zh}　{}{zh_why}", monitor.name),
            format!("{en}: {}{en_why}", monitor.name),
        ),
        body: (monitor.target.clone(), monitor.target.clone()),
        link: format!("/monitors/{}", monitor.id),
        project: Some(monitor.project_id),
        subject: Some(monitor.id),
        // Blue is shown, red wakes.
        urgent: level == Level::Critical && kind != NoticeKind::Recovered,
        ends: (woke && kind == NoticeKind::Recovered).then_some("alert.critical"),
    };
    notifications::tell(tx, &message).await
}

async fn keep(tx: &Tx, judged: &Judged, alert: Option<Uuid>) -> Result<()> {
    use monitor_states::Column;
    let row = monitor_states::ActiveModel {
        monitor_id: Set(judged.watched.row.id),
        state: Set(serde_json::to_string(&judged.state).map_err(Error::internal)?),
        alert_id: Set(alert),
        updated_at: Set(tx.now),
    };
    let conflict = OnConflict::column(Column::MonitorId)
        .update_columns([Column::State, Column::AlertId, Column::UpdatedAt])
        .to_owned();
    monitor_states::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}

/// Keeps the failed probe with its log, and no more than the newest of them.
async fn failure(tx: &Tx, judged: &Judged) -> Result<()> {
    use probe_failures::{Column, Entity};
    let monitor = judged.watched.row.id;
    let row = probe_failures::ActiveModel {
        id: Set(Uuid::now_v7()),
        monitor_id: Set(monitor),
        at: Set(judged.slot),
        outcome: Set(serde_json::to_string(&judged.outcome).map_err(Error::internal)?),
    };
    Entity::insert(row).exec_without_returning(&tx.db).await?;
    let oldest = Entity::find()
        .filter(Column::MonitorId.eq(monitor))
        .order_by_desc(Column::At)
        .offset(FAILURES)
        .limit(1)
        .one(&tx.db)
        .await?;
    if let Some(oldest) = oldest {
        Entity::delete_many()
            .filter(Column::MonitorId.eq(monitor))
            .filter(Column::At.lte(oldest.at))
            .exec(&tx.db)
            .await?;
    }
    Ok(())
}

fn why(judged: &Judged, reason: &Reason) -> Why {
    Why {
        rule: reason.clone(),
        seen: judged.outcome.class.clone(),
    }
}

/// The word a level is stored as.
#[must_use]
pub const fn word(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Critical => "critical",
    }
}
