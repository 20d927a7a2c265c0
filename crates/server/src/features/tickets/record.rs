//! A ticket in memory: its row, its fields, what its promises are computed from.

use std::sync::Arc;

use anlan_core::process::file::StateKind;
use anlan_core::process::{Decision, Definition, Fields};
use anlan_core::sla::{Agreement, Assessment, History};
use serde_json::Value;
use uuid::Uuid;

use super::promises;
use super::rows::tickets::Model;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// A ticket in memory.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its row; `fields`, `history` and their projections are brought up to date by [`Record::row`].
    pub row: Model,
    /// Its fields.
    pub fields: Fields,
    /// What its promises are computed from.
    pub history: History,
    /// The version of the process it began with.
    pub definition: Arc<Definition>,
}

impl Record {
    /// A stored ticket.
    ///
    /// # Errors
    /// When the version of its process is gone or its row is damaged.
    pub fn stored(app: &App, row: Model) -> Result<Self> {
        let damaged = |what: &str, error: serde_json::Error| {
            Error::internal(format!("{what} of {}: {error}", row.number))
        };
        let definition = app
            .definitions
            .process(&row.process, row.definition_version);
        Ok(Self {
            fields: serde_json::from_str(&row.fields).map_err(|error| damaged("fields", error))?,
            history: serde_json::from_str(&row.history)
                .map_err(|error| damaged("history", error))?,
            definition: definition.ok_or_else(|| {
                Error::internal(format!(
                    "version {} of process {} is gone",
                    row.definition_version, row.process
                ))
            })?,
            row,
        })
    }

    /// The agreement it began with, in the version it had then.
    #[must_use]
    pub fn agreement(&self, app: &App) -> Option<Arc<Agreement>> {
        let key = self.row.agreement.as_deref()?;
        let version = self.row.agreement_version?;
        app.definitions.agreement_version(key, version)
    }

    /// Takes over what was decided.
    pub fn apply(&mut self, decision: &Decision, actor: &str) {
        promises::remember(&mut self.history, decision, actor);
        self.fields.clone_from(&decision.fields);
        let happened = At::from(decision.happened_at);
        let over = matches!(decision.state_kind, StateKind::Resolved | StateKind::Closed);
        let row = &mut self.row;
        if row.resolved_at.is_some() && !over {
            row.reopened += 1;
        }
        row.resolved_at = if over {
            row.resolved_at.or(Some(happened))
        } else {
            None
        };
        row.closed_at = if decision.state_kind == StateKind::Closed {
            row.closed_at.or(Some(happened))
        } else {
            None
        };
        row.state.clone_from(&decision.to_state);
        row.state_kind = word(decision.state_kind).to_owned();
        row.backdated |= decision.backdated;
        row.events += 1;
    }

    /// The row to be stored: fields that lists sort and filter by stand in their columns. `told` is the
    /// instant up to which everybody was told.
    ///
    /// # Errors
    /// When the history cannot be written down.
    pub fn row(mut self, assessment: Option<&Assessment>, told: At, now: At) -> Result<Model> {
        stand(&mut self.row, assessment);
        self.row.history = serde_json::to_string(&self.history).map_err(Error::internal)?;
        self.row.updated_at = now;
        // What has come due meanwhile is still to be told: its timer asks from here on.
        self.row.woken_at = told;
        self.row.version += 1;
        project(&mut self.row, &self.fields);
        Ok(self.row)
    }
}

/// How its promises stand, for lists.
pub fn stand(row: &mut Model, assessment: Option<&Assessment>) {
    let next = assessment.and_then(Assessment::next_due);
    row.next_target = next.map(|clock| clock.target.as_str().to_owned());
    row.next_due_at = next.map(|clock| clock.due.into());
    row.breached = assessment.is_some_and(Assessment::is_breached);
}

/// Writes all fields, and those that lists sort and filter by into their columns.
fn project(row: &mut Model, fields: &Fields) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let plain = |key: &str| text(key).unwrap_or_default();
    let small = |key: &str| {
        fields
            .get(key)
            .and_then(Value::as_i64)
            .and_then(|n| i32::try_from(n).ok())
    };
    let yes = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    let id = |key: &str| text(key).and_then(|text| Uuid::parse_str(&text).ok());
    row.title = plain("title");
    row.r#type = text("type");
    row.category = text("category");
    row.cause_category = text("cause_category");
    row.satisfaction = text("satisfaction");
    row.channel = text("channel");
    row.unit_id = id("unit_id");
    row.contact_id = id("contact_id");
    row.caller_name = plain("caller_name");
    row.caller_phone = plain("caller_phone");
    row.system = plain("system");
    row.ci = plain("ci");
    row.impact = small("impact");
    row.urgency = small("urgency");
    row.priority = small("priority");
    row.level = text("level");
    row.line = small("line");
    row.major = yes("major");
    row.interrupted = yes("interrupted");
    row.outage_started_at = instant(fields, "outage_started_at");
    row.outage_ended_at = instant(fields, "outage_ended_at");
    row.assignee_id = id("assignee");
    row.group_id = id("group");
    row.resolved_line = small("resolved_line");
    row.search = format!(
        "{}\n{}\n{}\n{}",
        row.number,
        row.title,
        row.caller_name,
        plain("description")
    )
    .to_lowercase();
    row.fields = serde_json::to_string(fields).unwrap_or_default();
}

/// A field that holds an instant.
pub fn instant(fields: &Fields, key: &str) -> Option<At> {
    let text = fields.get(key)?.as_str()?;
    text.parse::<jiff::Timestamp>().ok().map(At::from)
}

/// The word a sort of state is stored as.
const fn word(kind: StateKind) -> &'static str {
    match kind {
        StateKind::Open => "open",
        StateKind::Waiting => "waiting",
        StateKind::Resolved => "resolved",
        StateKind::Closed => "closed",
    }
}
