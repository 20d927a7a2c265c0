//! A monitor as the engine holds it, and everything it holds in memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anlan_core::alert::{Rule, State, Status, is_silent, parents, sample::Parent};
use anlan_core::schedule::Interval;
use anlan_probe::text::FIELD_CODES;
use anlan_probe::{Check, Config, Kind, Outcome};
use jiff::Timestamp;
use uuid::Uuid;

use super::rows::{maintenance, monitor_states, monitors};
use crate::platform::at::At;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http;

/// A monitor, ready to run.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its row.
    pub row: monitors::Model,
    /// What to look at.
    pub check: Check,
    /// What is bad.
    pub rule: Rule,
    /// How often.
    pub interval: Interval,
    /// How long a check may take.
    pub timeout: Duration,
}

impl Watched {
    /// Reads a row.
    ///
    /// # Errors
    /// Every field of the configuration or rule that cannot be used.
    pub fn read(row: monitors::Model) -> Result<Self> {
        let json = |field: &str, text: &str| {
            serde_json::from_str(text).map_err(|_| Error::field(field, "malformed"))
        };
        let check = prepare(&row.kind, json("config", &row.config)?)?.1;
        let rule: Rule =
            serde_json::from_str(&row.rule).map_err(|_| Error::field("rule", "malformed"))?;
        let interval = Interval::from_seconds(row.interval_seconds.unsigned_abs())
            .map_err(|_| out_of_range("interval_seconds", 5, 86_400))?;
        let timeout = Duration::from_secs(u64::from(row.timeout_seconds.unsigned_abs()));
        Ok(Self {
            row,
            check,
            rule,
            interval,
            timeout,
        })
    }
}

/// A field outside its range.
pub fn out_of_range(field: &str, min: i64, max: i64) -> Error {
    Error::Invalid(vec![
        FieldError::new(field, "out_of_range")
            .with("min", min)
            .with("max", max),
    ])
}

/// Reads a probe configuration strictly.
///
/// # Errors
/// Every field that cannot be used, below `config.`.
pub fn prepare(kind: &str, config: serde_json::Value) -> Result<(Config, Check)> {
    let kind: Kind = serde_json::from_value(kind.into()).map_err(|_| {
        Error::Invalid(vec![
            FieldError::new("kind", "one_of").with("options", "http, tcp, icmp, dns"),
        ])
    })?;
    let fields =
        |errors: Vec<anlan_probe::FieldError>| Error::Invalid(errors.iter().map(field).collect());
    let config = Config::parse(kind, config).map_err(fields)?;
    let check = config.check().map_err(fields)?;
    Ok((config, check))
}

/// A field of a probe configuration in the API's words.
fn field(error: &anlan_probe::FieldError) -> FieldError {
    let sentence = FIELD_CODES.iter().find(|(code, _, _)| *code == error.code);
    let (zh, en) = sentence.map_or((error.code, error.code), |(_, zh, en)| (*zh, *en));
    let (zh_more, en_more) = more(error);
    // The configuration as a whole is the probe's ".".
    let path = format!("config.{}", error.field);
    FieldError::new(path.trim_end_matches('.'), error.code)
        .text(format!("{zh}{zh_more}"), format!("{en}{en_more}"))
}

/// What there is to say beyond the code, in Chinese and English.
fn more(error: &anlan_probe::FieldError) -> (String, String) {
    let brackets = |text: &str| format!(" ({text})");
    match error.detail.as_deref() {
        Some(detail) if !matches!(error.code, "required" | "unknown_field") => {
            match http::in_words(detail) {
                Some((zh, en)) => (brackets(&zh), brackets(&en)),
                None => (brackets(detail), brackets(detail)),
            }
        }
        // With these the code says everything.
        _ => (String::new(), String::new()),
    }
}

/// What is known of one monitor beyond its row.
#[derive(Clone, Debug)]
pub struct Live {
    /// The monitor.
    pub watched: Arc<Watched>,
    /// Its alert state as stored.
    pub state: State,
    /// Its open alert.
    pub alert: Option<Uuid>,
    /// When it was last checked, and what came of it.
    pub last: Option<Last>,
    /// When the watching of it began here.
    pub since: Timestamp,
}

impl Live {
    /// A monitor that is new here, in the state it was left in.
    #[must_use]
    pub fn new(
        watched: Arc<Watched>,
        stored: Option<monitor_states::Model>,
        now: Timestamp,
    ) -> Self {
        let state = stored
            .as_ref()
            .and_then(|row| serde_json::from_str(&row.state).ok());
        Self {
            watched,
            state: state.unwrap_or_default(),
            alert: stored.and_then(|row| row.alert_id),
            last: None,
            since: now,
        }
    }

    /// Whether results have failed to come.
    fn is_silent(&self, now: At) -> bool {
        let Watched { interval, rule, .. } = &*self.watched;
        is_silent(&self.state, now.timestamp(), self.since, *interval, rule)
    }
}

/// The newest result.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// Its slot.
    pub at: At,
    /// How long a whole answer took, in microseconds.
    pub response_us: Option<i64>,
}

impl Last {
    /// From an outcome.
    #[must_use]
    pub fn of(at: At, outcome: &Outcome) -> Self {
        let us = if let Some(ping) = &outcome.ping {
            ping.avg_us
        } else {
            outcome.answered.then_some(outcome.phases.total_us)
        };
        Self {
            at,
            response_us: us.and_then(|us| i64::try_from(us).ok()),
        }
    }
}

/// Everything the engine holds in memory, readable by the API.
#[derive(Debug, Default)]
pub struct Board {
    monitors: RwLock<HashMap<Uuid, Live>>,
    windows: RwLock<Vec<maintenance::Model>>,
}

impl Board {
    /// Reads with a function, as briefly as possible.
    pub fn read<T>(&self, with: impl FnOnce(&HashMap<Uuid, Live>) -> T) -> T {
        with(&self.monitors.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes with a function, as briefly as possible.
    pub fn write<T>(&self, with: impl FnOnce(&mut HashMap<Uuid, Live>) -> T) -> T {
        with(
            &mut self
                .monitors
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Takes over the maintenance windows.
    pub fn set_windows(&self, windows: Vec<maintenance::Model>) {
        *self.windows.write().unwrap_or_else(PoisonError::into_inner) = windows;
    }

    /// Whether a monitor is in a maintenance window.
    #[must_use]
    pub fn in_maintenance(&self, monitor: &monitors::Model, now: At) -> bool {
        let windows = self.windows.read().unwrap_or_else(PoisonError::into_inner);
        windows.iter().any(|window| {
            window.starts_at <= now && now < window.ends_at && covers(window, monitor)
        })
    }

    /// How the monitors above this one stand.
    #[must_use]
    pub fn parent(&self, id: Uuid) -> Parent {
        self.read(|all| {
            parents::standing(
                id,
                |id| all.get(&id)?.watched.row.parent_id,
                |id| {
                    all.get(&id)
                        .filter(|live| live.watched.row.enabled)
                        .map(|live| &live.state)
                },
            )
        })
    }

    /// What to show of a monitor now; one that is not watched yet has no data.
    #[must_use]
    pub fn status(&self, monitor: &monitors::Model, now: At) -> Status {
        if !monitor.enabled {
            return Status::Paused;
        }
        let down = self.parent(monitor.id) == Parent::Down;
        let maintenance = self.in_maintenance(monitor, now);
        self.read(|all| {
            let Some(live) = all.get(&monitor.id) else {
                return Status::NoData;
            };
            match live.state.status(maintenance, down) {
                status if status == Status::Maintenance || !live.is_silent(now) => status,
                _ => Status::NoData,
            }
        })
    }
}

/// Whether a maintenance window is about a monitor.
#[must_use]
pub fn covers(window: &maintenance::Model, monitor: &monitors::Model) -> bool {
    let named = || {
        window
            .monitors
            .split_whitespace()
            .any(|id| Uuid::parse_str(id) == Ok(monitor.id))
    };
    window.cancelled.is_none()
        && window.project_id == monitor.project_id
        && (window.monitors.is_empty() || named())
}
