//! Monitors as the API shows and takes them.

use std::collections::HashMap;

use anlan_core::alert::{Rule, Status};
use anlan_core::schedule::Interval;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{alerts, monitors};
use super::watch;
use crate::app::App;
use crate::features::tickets::rows::tickets;
use crate::platform::at::At;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http;
use crate::platform::names::{self, ProjectName};

/// A monitor as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteMonitor {
    pub name: String,
    /// `http`, `tcp`, `icmp` or `dns`.
    pub kind: String,
    pub project_id: Uuid,
    /// What to look at, by kind.
    #[schema(value_type = Object)]
    pub config: Value,
    /// 5 seconds to a day.
    pub interval_seconds: i32,
    /// 1 to 60 seconds, no longer than the interval.
    pub timeout_seconds: i32,
    /// What is bad at which level; three failures in a row are critical when absent.
    #[schema(value_type = Option<Object>)]
    pub rule: Option<Value>,
    #[serde(default)]
    pub group: String,
    /// Place in the list.
    #[serde(default)]
    pub order: i32,
    #[serde(default)]
    pub system: String,
    /// The monitor whose failure explains this one's.
    pub parent_id: Option<Uuid>,
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether its answer shows that the prober itself is connected: when none of these answers,
    /// nothing is called down.
    #[serde(default)]
    pub reference: bool,
    /// Whether its outages are outages of its system. When absent: yes for a check that is a
    /// system by itself, and for HTTP and TCP; what only shows whether a host or name answers does not
    /// count beside them, nor does a reference.
    pub counts_for_availability: Option<bool>,
}

const fn yes() -> bool {
    true
}

/// A monitor in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonitorRow {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub target: String,
    pub project: Option<ProjectName>,
    pub group: String,
    pub order: i32,
    pub system: String,
    pub interval_seconds: i32,
    pub enabled: bool,
    /// `ok`, `suspect`, `warning`, `critical`, `recovering`, `no_data`, `unknown`, `unreachable`, `maintenance` or `paused`.
    pub state: String,
    /// Level of the open problem.
    pub level: Option<String>,
    pub flapping: bool,
    pub last_checked_at: Option<At>,
    pub last_value_ms: Option<f64>,
    /// Since when the problem lasts.
    pub since: Option<At>,
    pub open_ticket: Option<OpenTicket>,
    pub version: i32,
}

/// The ticket of the open alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenTicket {
    pub id: Uuid,
    pub number: String,
}

/// What stands for a secret that the reader may not see.
const HIDDEN: &str = "***";

/// A monitor with its configuration.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonitorDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub row: MonitorRow,
    /// What to look at. Only who manages the monitor sees the password and the headers it sends.
    #[schema(value_type = Object)]
    pub config: Value,
    /// What is bad at which level.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// How long a check may take.
    pub timeout_seconds: i32,
    /// The monitor whose failure explains this one's.
    pub parent_id: Option<Uuid>,
    /// Whether its answer shows that the prober itself is connected.
    pub reference: bool,
    /// Whether its outages are outages of its system.
    pub counts_for_availability: bool,
    /// Availability of this check in the last 24 hours.
    pub availability_24h: Option<f64>,
}

impl MonitorDetail {
    /// Leaves out what the check signs in with.
    pub fn hide_secrets(&mut self) {
        if let Some(password) = self.config.pointer_mut("/basic_auth/password") {
            *password = HIDDEN.into();
        }
        if let Some(Value::Object(headers)) = self.config.get_mut("headers") {
            headers
                .values_mut()
                .for_each(|value| *value = HIDDEN.into());
        }
    }
}

pub async fn rows(app: &App, found: Vec<monitors::Model>) -> Result<Vec<MonitorRow>> {
    let db = app.db.read();
    let now = app.now();
    let projects = names::projects(db, found.iter().map(|row| row.project_id)).await?;
    let open = alerts::Entity::find()
        .filter(alerts::Column::MonitorId.is_in(found.iter().map(|row| row.id)))
        .filter(alerts::Column::RecoveredAt.is_null())
        .filter(alerts::Column::TicketId.is_not_null())
        .all(db)
        .await?;
    let tickets = tickets::Entity::find()
        .filter(tickets::Column::Id.is_in(open.iter().filter_map(|alert| alert.ticket_id)))
        .all(db)
        .await?;
    let numbers: HashMap<Uuid, String> = tickets
        .into_iter()
        .map(|ticket| (ticket.id, ticket.number))
        .collect();
    let open: HashMap<Uuid, OpenTicket> = open
        .into_iter()
        .filter_map(|alert| {
            let id = alert.ticket_id?;
            Some((
                alert.monitor_id,
                OpenTicket {
                    id,
                    number: numbers.get(&id)?.clone(),
                },
            ))
        })
        .collect();
    let row = |row: monitors::Model| {
        let live = app.monitors().board.read(|all| {
            all.get(&row.id).map(|live| {
                (
                    live.state.level(),
                    live.state.flapping,
                    live.state.problem.as_ref().map(|problem| problem.began),
                    live.last,
                )
            })
        });
        let (level, flapping, since, last) = live.unwrap_or_default();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a check is far shorter than 2^52 microseconds"
        )]
        let value = last
            .and_then(|last| last.response_us)
            .map(|us| us as f64 / 1_000.0);
        MonitorRow {
            state: status_word(app.monitors().board.status(&row, now)).to_owned(),
            level: level.map(|level| super::outcome::word(level).to_owned()),
            flapping,
            last_checked_at: last.map(|last| last.at),
            last_value_ms: value,
            since: since.map(At::from),
            open_ticket: open.get(&row.id).cloned(),
            project: projects.get(&row.project_id).cloned(),
            id: row.id,
            name: row.name,
            kind: row.kind,
            target: row.target,
            group: row.group_name,
            order: row.position,
            system: row.system,
            interval_seconds: row.interval_seconds,
            enabled: row.enabled,
            version: row.version,
        }
    };
    Ok(found.into_iter().map(row).collect())
}

pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Suspect => "suspect",
        Status::Warning => "warning",
        Status::Critical => "critical",
        Status::Recovering => "recovering",
        Status::NoData => "no_data",
        Status::Unknown => "unknown",
        Status::Unreachable => "unreachable",
        Status::Maintenance => "maintenance",
        Status::Paused => "paused",
    }
}

/// Takes over what was sent, checked field by field.
pub fn apply(row: &mut monitors::Model, sent: WriteMonitor) -> Result<()> {
    let mut wrong = Vec::new();
    let mut text = |field: &str, value: &str, min: usize, max: usize| {
        let length = value.trim().chars().count();
        if length < min {
            wrong.push(FieldError::new(field, "required"));
        } else if length > max {
            wrong.push(FieldError::new(field, "too_long").with("max", max));
        } else if value.chars().any(char::is_control) {
            wrong.push(FieldError::new(field, "control_characters"));
        }
        value.trim().to_owned()
    };
    row.name = text("name", &sent.name, 1, 100);
    row.group_name = text("group", &sent.group, 0, 60);
    row.system = text("system", &sent.system, 0, 100);
    let range = |field: &str, min: i64, max: i64| {
        FieldError::new(field, "out_of_range")
            .with("min", min)
            .with("max", max)
    };
    if Interval::from_seconds(sent.interval_seconds.unsigned_abs()).is_err()
        || sent.interval_seconds < 5
    {
        wrong.push(range("interval_seconds", 5, 86_400));
    }
    if !(1..=60).contains(&sent.timeout_seconds) || sent.timeout_seconds > sent.interval_seconds {
        wrong.push(range(
            "timeout_seconds",
            1,
            i64::from(sent.interval_seconds.clamp(1, 60)),
        ));
    }
    let rule = match sent.rule {
        None => Rule::usual(),
        Some(rule) => http::read("rule", rule).unwrap_or_else(|error| {
            wrong.push(error);
            Rule::usual()
        }),
    };
    if let Err(faults) = rule.check() {
        wrong.extend(faults.into_iter().map(|fault| {
            FieldError::new(
                format!("rule.{}", fault.field),
                format!("rule.{}", fault.code),
            )
        }));
    }
    let config = watch::prepare(&sent.kind, sent.config.clone());
    match config {
        Err(Error::Invalid(fields)) => wrong.extend(fields),
        Err(other) => return Err(other),
        Ok((config, _)) => row.target = config.target(),
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    row.kind = sent.kind;
    row.config = sent.config.to_string();
    row.rule = serde_json::to_string(&rule).map_err(Error::internal)?;
    row.interval_seconds = sent.interval_seconds;
    row.timeout_seconds = sent.timeout_seconds;
    row.position = sent.order;
    row.parent_id = sent.parent_id;
    row.enabled = sent.enabled;
    row.reference = sent.reference;
    row.counts = sent.counts_for_availability.unwrap_or_else(|| {
        let of_the_site = matches!(row.kind.as_str(), "http" | "tcp");
        row.system.is_empty() || of_the_site && !row.reference
    });
    Ok(())
}
