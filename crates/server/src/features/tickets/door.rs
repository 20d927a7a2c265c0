//! The one door: every change to a ticket, by anyone or anything, goes through [`create`], [`act`]
//! or [`replay`]. Load, decide (pure), write everything in one transaction: row, timeline, clocks,
//! timers, notices, audit.

use std::sync::Arc;

use anlan_core::access::{Permission, Place};
use anlan_core::process::{self, Decision, Facts, Input, Level, Refusal};
use anlan_core::sla::{Agreement, Assessment, History};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::{Actor, Standing};
use super::follow::{self, Happening};
use super::record::Record;
use super::rows::{ticket_events, tickets};
use super::terms::Terms;
use super::{effects, moved, numbers, promises, references, witness};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::audit::Entry;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::files;
use crate::platform::i18n::Lang;

/// A ticket to be registered.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Key of the process.
    pub process: String,
    /// The project it belongs to.
    pub project: Uuid,
    /// What was entered.
    pub input: Input,
    /// Where it came from, when a machine registers it: one source, one ticket.
    pub source: Option<(String, String)>,
}

/// What came of an action.
#[derive(Clone, Debug)]
pub struct Written {
    /// The ticket as it stands now.
    pub ticket: tickets::Model,
    /// What was decided.
    pub decision: Decision,
    /// The terms of its project.
    pub terms: Arc<Terms>,
    /// How its promises stand, when it has any.
    pub assessment: Option<Assessment>,
}

/// Registers a ticket.
///
/// # Errors
/// [`Error::Refused`] with the rule and every field that is missing or wrong; 403 or 404 for the project.
pub async fn create(tx: &mut Tx, app: &App, actor: &Actor, new: NewTicket) -> Result<Written> {
    let terms = Terms::of(tx, new.project).await?;
    let (mut record, decision) = intake(app, actor, &terms, new, tx.now)?;
    references::may_register(tx, actor, &terms.project).await?;
    references::check(tx, app, &record.row, &decision).await?;
    record.row.number = numbers::next(
        tx,
        &record.definition,
        &app.definitions.zone_of(&terms.project.calendar),
    )
    .await?;
    let told = At::from(decision.happened_at);
    let assessment = promises::assess(app, &record, &terms, told, tx.now)?;
    let ticket = store(tx, record, assessment.as_ref(), told, true).await?;
    done(tx, app, actor, &ticket, &decision).await?;
    Ok(Written {
        ticket,
        decision,
        terms,
        assessment,
    })
}

/// Does an action on a ticket. `expected` is the version the actor has read; none for the system.
///
/// # Errors
/// 404, 403, [`Error::Stale`], or [`Error::Refused`] with the rule and every field that is missing or wrong.
pub async fn act(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    id: Uuid,
    expected: Option<i32>,
    action: &str,
    input: &Input,
) -> Result<Written> {
    // It may have been registered a moment ago, by this very job.
    tx.settle().await?;
    let row = tickets::Entity::find_by_id(id)
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    let standing = actor.on(&tx.db, &row).await?;
    if let Some(expected) = expected.filter(|expected| *expected != row.version) {
        return Err(stale(tx, &row, expected).await?);
    }
    let told = row.woken_at;
    let terms = Terms::of(tx, row.project_id).await?;
    let mut record = Record::stored(app, row)?;
    let before = promises::assess(app, &record, &terms, told, tx.now)?;
    let attached = files::rows::Entity::find()
        .filter(files::rows::Column::OwnerId.eq(id))
        .count(&tx.db)
        .await?;
    let known = Known {
        terms: &terms,
        assessment: before.as_ref(),
        attached,
        now: tx.now,
    };
    let decision = decide(app, &known, &mut record, &standing, action, input)?;
    references::check(tx, app, &record.row, &decision).await?;
    record.apply(&decision, &actor.record.name);
    let assessment = promises::assess(app, &record, &terms, told, tx.now)?;
    let ticket = store(tx, record, assessment.as_ref(), told, false).await?;
    done(tx, app, actor, &ticket, &decision).await?;
    Ok(Written {
        ticket,
        decision,
        terms,
        assessment,
    })
}

/// One step of a history that is imported: who did what.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who did it there.
    pub by: String,
    /// The account of who did it, when it is known here.
    pub account: Option<Uuid>,
    /// The actions that lead there, in order; the last takes the input, the others only its time.
    pub actions: Vec<String>,
    /// What was entered, and when.
    pub input: Input,
}

/// Registers a ticket with its whole history: the same decisions as live, written down at once.
/// Nobody is told, since it is over. `next` gives the next step for the ticket as it stands, and
/// is told why the step before was refused, if it was; a refused step leaves no trace.
///
/// # Errors
/// As [`create`]; nothing of the ticket is written then.
pub async fn replay(
    tx: &mut Tx,
    app: &App,
    terms: &Terms,
    by: &str,
    new: NewTicket,
    mut next: impl FnMut(&Record, Option<String>) -> Option<Step> + Send,
) -> Result<tickets::Model> {
    let now = tx.now;
    let actor = Actor::import(by);
    let (mut record, decision) = intake(app, &actor, terms, new, now)?;
    record.row.number = numbers::next(
        tx,
        &record.definition,
        &app.definitions.zone_of(&terms.project.calendar),
    )
    .await?;
    let mut entries = vec![(actor, decision)];
    let mut refusal = None;
    while let Some(step) = next(&record, refusal.take()) {
        match take(app, terms, &record, &step, now) {
            Ok((after, decisions)) => {
                record = after;
                let actor = Actor::import(&step.by).known_as(step.account);
                entries.extend(
                    decisions
                        .into_iter()
                        .map(|decision| (actor.clone(), decision)),
                );
            }
            Err(error) => refusal = Some(error.problem(Lang::Zh).to_string()),
        }
    }
    let assessment = promises::assess(app, &record, terms, now, now)?;
    let ticket = store(tx, record, assessment.as_ref(), now, true).await?;
    let events: Result<Vec<_>> = (1..)
        .zip(&entries)
        .map(|(seq, (actor, decision))| event(now, actor, &ticket, seq, decision))
        .collect();
    let events = events?;
    let entry = Entry::new(&Actor::import(by).record, "ticket.import").on(
        "ticket",
        ticket.id,
        &ticket.number,
    );
    let (count, digest) = (events.len(), witness::digest(&events));
    tx.audit(
        entry.detail(json!({ "events": count, "digest": digest, "source": ticket.source_id })),
    );
    for event in events {
        tx.later(witness::row(event));
    }
    Ok(ticket)
}

/// Takes one step of an imported history, or none of it.
fn take(
    app: &App,
    terms: &Terms,
    record: &Record,
    step: &Step,
    now: At,
) -> Result<(Record, Vec<Decision>)> {
    let actor = Actor::import(&step.by).known_as(step.account);
    let mut record = record.clone();
    let mut decisions = Vec::new();
    for (place, action) in step.actions.iter().enumerate() {
        let last = place + 1 == step.actions.len();
        let on_the_way = || Input {
            happened_at: step.input.happened_at,
            ..Input::default()
        };
        let input = if last {
            step.input.clone()
        } else {
            on_the_way()
        };
        let standing = actor.at(actor.place(&record.row));
        let known = Known {
            terms,
            assessment: None,
            attached: 0,
            now,
        };
        let decision = decide(app, &known, &mut record, &standing, action, &input)?;
        record.apply(&decision, &actor.record.name);
        decisions.push(decision);
    }
    Ok((record, decisions))
}

/// A new ticket in memory.
fn intake(
    app: &App,
    actor: &Actor,
    terms: &Terms,
    new: NewTicket,
    now: At,
) -> Result<(Record, Decision)> {
    let definition = app
        .definitions
        .newest(&new.process)
        .ok_or_else(|| Error::field("process", "unknown_key"))?;
    let unit = new
        .input
        .fields
        .get("unit_id")
        .and_then(Value::as_str)
        .and_then(|id| Uuid::parse_str(id).ok());
    let place = Place {
        project: Some(new.project),
        unit,
        own: true,
    };
    actor.require(Permission::TicketCreate, place)?;
    let standing = actor.at(place);
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let reported = new.input.happened_at.unwrap_or_else(|| now.timestamp());
    let kind = kind(&definition, &new.input);
    let agreement = terms
        .agreement_at(reported, &zone, kind.as_deref())
        .and_then(|key| app.definitions.agreement(key));
    let levels = levels(agreement.as_deref());
    let facts = Facts {
        now: now.timestamp(),
        levels: &levels,
        breached: &[],
        recovered: false,
    };
    let decision =
        process::intake(&definition, standing.actor(), &new.input, facts).map_err(refused)?;
    let happened = At::from(decision.happened_at);
    let row = tickets::Model {
        id: Uuid::now_v7(),
        project_id: new.project,
        process: new.process,
        definition_version: i32::try_from(definition.version()).unwrap_or(i32::MAX),
        created_by: actor.user(),
        reported_at: happened,
        created_at: if actor.imports() { happened } else { now },
        agreement: agreement
            .as_ref()
            .map(|agreement| agreement.key.to_string()),
        agreement_version: agreement.and_then(|agreement| i32::try_from(agreement.version).ok()),
        calendar: Some(terms.calendar_at(reported, &zone).to_owned()),
        source_kind: new.source.as_ref().map(|(kind, _)| kind.clone()),
        source_id: new.source.map(|(_, id)| id),
        ..tickets::Model::empty()
    };
    let mut record = Record {
        row,
        fields: decision.fields.clone(),
        history: History::new(decision.happened_at),
        definition,
    };
    record.apply(&decision, &actor.record.name);
    Ok((record, decision))
}

/// The type a new ticket will have: what was entered, or what the process takes for granted.
fn kind(definition: &process::Definition, input: &Input) -> Option<String> {
    let field = definition.field("type");
    let usual = || field.and_then(|field| field.default.as_ref());
    let value = input.fields.get("type").or_else(usual)?;
    value.as_str().map(str::to_owned)
}

/// What a decision depends on besides the ticket and who acts.
struct Known<'a> {
    terms: &'a Terms,
    /// How its promises stand.
    assessment: Option<&'a Assessment>,
    /// How many files are attached.
    attached: u64,
    now: At,
}

/// Decides; the record is put under the agreement of its type first, should that become another.
fn decide(
    app: &App,
    known: &Known<'_>,
    record: &mut Record,
    standing: &Standing,
    action: &str,
    input: &Input,
) -> Result<Decision> {
    let left = moved::follow(app, known.terms, record, input);
    let Known {
        assessment,
        attached,
        now,
        ..
    } = *known;
    let levels = levels(record.agreement(app).as_deref());
    let breached = overdue(assessment);
    let ticket = process::Ticket {
        state: &record.row.state,
        fields: &record.fields,
        reported_at: record.row.reported_at.timestamp(),
        votes: &[],
        attachments: u32::try_from(attached).unwrap_or(u32::MAX),
        reopened: u32::try_from(record.row.reopened).unwrap_or(0),
    };
    let recovered = record.fields.contains_key("recovered_at");
    let facts = Facts {
        now: now.timestamp(),
        levels: &levels,
        breached: &breached,
        recovered,
    };
    let mut decision = process::decide(
        &record.definition,
        ticket,
        standing.actor(),
        action,
        input,
        facts,
    )
    .map_err(refused)?;
    if let Some(left) = left {
        left.tell(record, &mut decision);
    }
    Ok(decision)
}

/// Writes row, clocks and the next timer.
pub(super) async fn store(
    tx: &mut Tx,
    record: Record,
    assessment: Option<&Assessment>,
    told: At,
    fresh: bool,
) -> Result<tickets::Model> {
    let model = record.row(assessment, told, tx.now)?;
    let row = model.clone().into_active_model().reset_all();
    if fresh && model.source_id.is_none() {
        tx.later(row);
    } else if fresh {
        let inserted = tickets::Entity::insert(row)
            .exec_without_returning(&tx.db)
            .await;
        inserted.map_err(|error| Error::on_unique(error, "source_id", "source"))?;
    } else {
        tickets::Entity::update(row).exec(&tx.db).await?;
    }
    promises::keep(tx, model.id, assessment, told, fresh).await?;
    tx.changed(Change::in_project(
        Topic::Ticket,
        model.id,
        model.project_id,
    ));
    Ok(model)
}

/// Writes the timeline entry, carries out the effects and lets others follow.
async fn done(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    ticket: &tickets::Model,
    decision: &Decision,
) -> Result<()> {
    let seq = ticket.events;
    let event = event(tx.now, actor, ticket, seq, decision)?;
    let digest = witness::digest([&event]);
    tx.later(witness::row(event));
    effects::carry_out(tx, actor, ticket, decision).await?;
    let entry = Entry::new(&actor.record, format!("ticket.{}", decision.action)).on(
        "ticket",
        ticket.id,
        &ticket.number,
    );
    tx.audit(entry.detail(json!({
        "from": decision.from_state, "to": decision.to_state, "event": seq, "digest": digest,
    })));
    follow::follow(tx, app, ticket, Happening::Decided(actor, decision)).await
}

fn event(
    now: At,
    actor: &Actor,
    ticket: &tickets::Model,
    seq: i32,
    decision: &Decision,
) -> Result<ticket_events::Model> {
    let events: Vec<&str> = decision.events.iter().map(|event| event.as_str()).collect();
    Ok(ticket_events::Model {
        id: Uuid::now_v7(),
        ticket_id: ticket.id,
        seq,
        at: now,
        happened_at: decision.happened_at.into(),
        actor_kind: actor.record.kind.to_owned(),
        actor_id: actor.record.id,
        actor_name: actor.record.name.clone(),
        action: decision.action.clone(),
        from_state: decision.from_state.clone(),
        to_state: decision.to_state.clone(),
        note: decision.note.clone().unwrap_or_default(),
        changes: serde_json::to_string(&decision.changes).map_err(Error::internal)?,
        sla_events: events.join(" "),
        internal: false,
    })
}

/// The fault levels of an agreement, as the process engine takes them.
pub(super) fn levels(agreement: Option<&Agreement>) -> Vec<Level> {
    let level = |level: &anlan_core::sla::Level| Level {
        key: level.key.to_string(),
        name: level.name.clone(),
        serious: None,
        proposal: level.proposal.clone(),
    };
    agreement
        .map(|agreement| agreement.levels.iter().map(level).collect())
        .unwrap_or_default()
}

/// The targets that are overdue and not yet met.
pub(super) fn overdue(assessment: Option<&Assessment>) -> Vec<String> {
    let clocks = assessment
        .into_iter()
        .flat_map(|assessment| &assessment.clocks);
    clocks
        .filter(|clock| clock.is_overdue())
        .map(|clock| clock.target.as_str().to_owned())
        .collect()
}

/// Says what has changed since the version the actor read.
async fn stale(tx: &Tx, ticket: &tickets::Model, read: i32) -> Result<Error> {
    let latest = ticket_events::Entity::find()
        .filter(ticket_events::Column::TicketId.eq(ticket.id))
        // What goes on inside leaves the version as it is.
        .filter(ticket_events::Column::Internal.eq(false))
        .order_by_desc(ticket_events::Column::Seq)
        .paginate(&tx.db, 5)
        .fetch_page(0)
        .await?;
    let since = usize::try_from(ticket.version.saturating_sub(read)).unwrap_or(1);
    let changed: Vec<String> = latest
        .iter()
        .take(since)
        .map(|event| format!("{} {}", event.actor_name, event.action))
        .collect();
    Ok(Error::Stale {
        current: ticket.version,
        changed: changed.join("; "),
    })
}

/// A refusal of the process as an error of the API.
fn refused(refusal: Refusal) -> Error {
    let field = |error: process::FieldError| {
        FieldError::new(error.field, error.code).text(error.message.zh, error.message.en)
    };
    Error::Refused {
        code: refusal.code.as_str().to_owned(),
        zh: refusal.message.zh,
        en: refusal.message.en,
        fields: refusal.errors.into_iter().map(field).collect(),
    }
}
