//! The promises of a ticket: what happened becomes a history, the history becomes clocks and the
//! next instant at which anybody must be told.

use anlan_core::process::{Decision, Outcome, file::Clock as StateClock};
use anlan_core::sla::{
    self, Assessment, Event, Happened, History, LevelChange, Negotiation, Outage, Pause, WakeupKind,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::record::{self, Record};
use super::rows::ticket_clocks;
use super::terms::Terms;
use super::unanswered;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::timers;

/// Kind of the one timer a ticket has: its next wake-up.
pub const WAKE: &str = "ticket.wake";

/// Adds what a decision says to the history.
pub fn remember(history: &mut History, decision: &Decision, actor: &str) {
    let at = decision.happened_at;
    let text = |key: &str| {
        decision
            .fields
            .get(key)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    history.kind = text("type");
    history.channel = text("channel");
    for event in &decision.events {
        if let Ok(event) = event.as_str().parse::<Event>() {
            history.events.push(Happened { event, at });
        }
    }
    if let Some(level) = text("level").filter(|level| {
        history
            .levels
            .last()
            .is_none_or(|last| last.level != *level)
    }) {
        history.levels.push(LevelChange { at, level });
    }
    if decision.from_state.as_deref() != Some(decision.to_state.as_str()) {
        for pause in history.pauses.iter_mut().filter(|pause| pause.to.is_none()) {
            pause.to = Some(at.max(pause.from));
        }
        if decision.clock == StateClock::Paused {
            history.pauses.push(Pause {
                reason: decision.to_state.clone(),
                from: at,
                to: None,
            });
        }
    }
    for effect in &decision.effects {
        if let Outcome::Negotiate {
            target,
            at: due,
            reason,
        } = effect
            && let Ok(target) = target.parse()
        {
            history.negotiated.push(Negotiation {
                target,
                at,
                due: *due,
                reason: reason.clone(),
                by: actor.to_owned(),
            });
        }
    }
    let outage = record::instant(&decision.fields, "outage_started_at");
    history.outage = outage.map(|from| Outage {
        from: from.timestamp(),
        to: record::instant(&decision.fields, "outage_ended_at").map(At::timestamp),
    });
}

/// Judges a ticket's history by its agreement; nothing when its project has none.
///
/// # Errors
/// When the agreement is gone or does not fit the history.
pub fn assess(
    app: &App,
    record: &Record,
    terms: &Terms,
    told: At,
    now: At,
) -> Result<Option<Assessment>> {
    let Some(key) = record.row.agreement.as_deref() else {
        return Ok(None);
    };
    let gone = || Error::internal(format!("agreement {key} of this version is not defined"));
    let agreement = record.agreement(app).ok_or_else(gone)?;
    let calendars = app.definitions.calendars_of(terms.calendar_of(&record.row));
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let judge = |history: &History| {
        sla::evaluate_since(
            &agreement,
            &calendars,
            history,
            told.timestamp(),
            now.timestamp(),
        )
    };
    let uncounted = terms.uncounted(&zone);
    let judged = if uncounted.is_empty() {
        judge(&record.history)
    } else {
        judge(&History {
            uncounted,
            ..record.history.clone()
        })
    };
    judged.map(Some).map_err(Error::internal)
}

/// Stores the clocks and sets the timer of the next wake-up after `told`.
///
/// # Errors
/// When the store fails.
pub async fn keep(
    tx: &mut Tx,
    ticket: Uuid,
    assessment: Option<&Assessment>,
    told: At,
    fresh: bool,
) -> Result<()> {
    if !fresh {
        ticket_clocks::Entity::delete_many()
            .filter(ticket_clocks::Column::TicketId.eq(ticket))
            .exec(&tx.db)
            .await?;
        timers::clear(tx, WAKE, ticket).await?;
    }
    let Some(assessment) = assessment else {
        return Ok(());
    };
    for clock in &assessment.clocks {
        tx.later(row(ticket, clock)?);
    }
    unanswered::watch(tx, ticket, assessment, fresh).await?;
    // One that lies in the past (a late registration, a busy moment) fires at once. A promotion is told
    // until it is recorded: it may have come with the report itself.
    let ahead = assessment.wakeups.iter().filter(|wakeup| {
        At::from(wakeup.at) > told || matches!(wakeup.kind, WakeupKind::Reclassify { .. })
    });
    match ahead.map(|wakeup| At::from(wakeup.at)).min() {
        Some(next) => timers::later(tx, WAKE, ticket, next),
        None => Ok(()),
    }
}

fn row(ticket: Uuid, clock: &sla::Clock) -> Result<ticket_clocks::ActiveModel> {
    let state = serde_json::to_value(clock.status).map_err(Error::internal)?;
    Ok(ticket_clocks::ActiveModel {
        id: Set(Uuid::now_v7()),
        ticket_id: Set(ticket),
        target: Set(clock.target.as_str().to_owned()),
        cycle: Set(i32::from(clock.cycle)),
        started_at: Set(clock.started_at.into()),
        promised_due_at: Set(clock.promised_due.into()),
        due_at: Set(clock.due.into()),
        stopped_at: Set(clock.stopped_at.map(At::from)),
        state: Set(state.as_str().unwrap_or_default().to_owned()),
        elapsed_us: Set(micros(clock.elapsed)),
        duration_us: Set(micros(clock.allowed)),
        counted: Set(clock.counted),
        detail: Set(serde_json::to_string(clock).map_err(Error::internal)?),
    })
}

fn micros(length: jiff::SignedDuration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}
