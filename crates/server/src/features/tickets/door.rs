//! The one door: every change to a ticket, by anyone or anything, goes through [`create`] or
//! [`act`]. Load, decide (pure), write everything in one transaction: row, timeline, clocks,
//! timers, notices, audit.

use std::sync::Arc;

use anlan_core::access::{Permission, Place};
use anlan_core::process::{
    self, ActorKind, Decision, Definition, Facts, Input, Level, Refusal, file::StateKind,
};
use anlan_core::sla::{Assessment, History};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde_json::Value;
use uuid::Uuid;

use super::actor::{Actor, Standing};
use super::rows::{ticket_events, tickets};
use super::terms::Terms;
use super::{effects, numbers, promises, record};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::audit::Entry;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::files;

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
}

/// Registers a ticket.
///
/// # Errors
/// [`Error::Refused`] with the rule and every field that is missing or wrong; 403 or 404 for the project.
pub async fn create(tx: &mut Tx, app: &App, actor: &Actor, new: NewTicket) -> Result<Written> {
    let definition = app
        .definitions
        .newest(&new.process)
        .ok_or_else(|| Error::field("process", "unknown_key"))?;
    let terms = Terms::load(&tx.db, new.project).await?;
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
    let reported_at = new.input.happened_at.unwrap_or_else(|| tx.now.timestamp());
    let agreement = terms.agreement_at(reported_at, &zone).map(str::to_owned);
    let (decision, levels) = decide_intake(
        app,
        &definition,
        &standing,
        new.input,
        agreement.as_deref(),
        tx.now,
    )?;
    check_references(tx, new.project, &decision).await?;
    let number = numbers::next(tx, &definition, &zone).await?;
    let mut history = History::new(decision.happened_at);
    promises::remember(&mut history, &decision, &actor.record.name);
    let assessment = promises::assess(
        app,
        agreement.as_deref(),
        &terms,
        &history,
        decision.happened_at.into(),
        tx.now,
    )?;
    let id = Uuid::now_v7();
    let mut row = tickets::ActiveModel {
        id: Set(id),
        number: Set(number.clone()),
        project_id: Set(new.project),
        process: Set(new.process),
        definition_version: Set(version(&definition)),
        created_by: Set(actor.user()),
        reported_at: Set(decision.happened_at.into()),
        created_at: Set(if standing.actor().kind == ActorKind::Import {
            decision.happened_at.into()
        } else {
            tx.now
        }),
        agreement_version: Set(agreement
            .as_deref()
            .and_then(|key| app.definitions.agreement(key))
            .and_then(|a| i32::try_from(a.version).ok())),
        agreement: Set(agreement),
        recovered: Set(false),
        reopened: Set(0),
        resolved_at: Set(None),
        closed_at: Set(None),
        backdated: Set(decision.backdated),
        source_kind: Set(new.source.as_ref().map(|(kind, _)| kind.clone())),
        source_id: Set(new.source.map(|(_, id)| id)),
        version: Set(0),
        events: Set(0),
        ..Default::default()
    };
    drop(levels);
    let ticket = write(
        tx,
        app,
        actor,
        Writing {
            row: &mut row,
            number: &number,
            terms: &terms,
            history,
            assessment,
            fresh: true,
        },
        &decision,
    )
    .await?;
    Ok(Written { ticket, decision })
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
    let before = tickets::Entity::find_by_id(id)
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    let standing = actor.on(&tx.db, &before).await?;
    if let Some(expected) = expected.filter(|expected| *expected != before.version) {
        return Err(stale(tx, &before, expected).await?);
    }
    let definition = definition_of(app, &before)?;
    let terms = Terms::load(&tx.db, before.project_id).await?;
    let mut history = history_of(&before)?;
    let standing_now = promises::assess(
        app,
        before.agreement.as_deref(),
        &terms,
        &history,
        before.woken_at,
        tx.now,
    )?;
    let fields = record::fields(&before);
    let attachments = files::rows::Entity::find()
        .filter(files::rows::Column::OwnerId.eq(id))
        .count(&tx.db)
        .await?;
    let levels = levels(app, before.agreement.as_deref());
    let breached = overdue(standing_now.as_ref());
    let decision = {
        let ticket = process::Ticket {
            state: &before.state,
            fields: &fields,
            reported_at: before.reported_at.timestamp(),
            votes: &[],
            attachments: u32::try_from(attachments).unwrap_or(u32::MAX),
            reopened: u32::try_from(before.reopened).unwrap_or(0),
        };
        let facts = Facts {
            now: tx.now.timestamp(),
            levels: &levels,
            breached: &breached,
            recovered: before.recovered,
        };
        process::decide(&definition, ticket, standing.actor(), action, input, facts)
            .map_err(refused)?
    };
    demands(standing_now.as_ref(), &definition, &decision)?;
    check_references(tx, before.project_id, &decision).await?;
    promises::remember(&mut history, &decision, &actor.record.name);
    let told = before.woken_at;
    let assessment = promises::assess(
        app,
        before.agreement.as_deref(),
        &terms,
        &history,
        told,
        tx.now,
    )?;
    let number = before.number.clone();
    let (resolved, closed) = (before.resolved_at, before.closed_at);
    let mut row = before.into_active_model();
    let happened: At = decision.happened_at.into();
    let over = matches!(decision.state_kind, StateKind::Resolved | StateKind::Closed);
    row.resolved_at = Set(if over {
        resolved.or(Some(happened))
    } else {
        None
    });
    row.closed_at = Set(if decision.state_kind == StateKind::Closed {
        closed.or(Some(happened))
    } else {
        None
    });
    if resolved.is_some() && !over {
        row.reopened = Set(row.reopened.take().unwrap_or_default() + 1);
    }
    let ticket = write(
        tx,
        app,
        actor,
        Writing {
            row: &mut row,
            number: &number,
            terms: &terms,
            history,
            assessment,
            fresh: false,
        },
        &decision,
    )
    .await?;
    Ok(Written { ticket, decision })
}

/// What both ways through the door write.
struct Writing<'a> {
    row: &'a mut tickets::ActiveModel,
    number: &'a str,
    terms: &'a Terms,
    history: History,
    assessment: Option<Assessment>,
    fresh: bool,
}

async fn write(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    writing: Writing<'_>,
    decision: &Decision,
) -> Result<tickets::Model> {
    let Writing {
        row,
        number,
        terms,
        history,
        assessment,
        fresh,
    } = writing;
    record::project(row, number, &decision.fields);
    row.state = Set(decision.to_state.clone());
    row.state_kind = Set(word(decision.state_kind));
    row.updated_at = Set(tx.now);
    row.woken_at = Set(tx.now);
    row.history = Set(serde_json::to_string(&history).map_err(Error::internal)?);
    row.version = Set(row.version.take().unwrap_or_default() + 1);
    let seq = row.events.take().unwrap_or_default() + 1;
    row.events = Set(seq);
    due(row, assessment.as_ref());
    let ticket = if fresh {
        row.clone()
            .insert(&tx.db)
            .await
            .map_err(|error| Error::on_unique(error, "source_id", "source"))?
    } else {
        row.clone().update(&tx.db).await?
    };
    promises::keep(tx, ticket.id, assessment.as_ref(), fresh).await?;
    event(tx, actor, &ticket, seq, decision).await?;
    effects::carry_out(tx, app, actor, &ticket, terms, decision).await?;
    let entry = Entry::new(&actor.record, format!("ticket.{}", decision.action)).on(
        "ticket",
        ticket.id,
        &ticket.number,
    );
    tx.audit(entry.detail(
        serde_json::json!({ "from": decision.from_state, "to": decision.to_state, "event": seq }),
    ));
    tx.changed(Change::in_project(
        Topic::Ticket,
        ticket.id,
        ticket.project_id,
    ));
    Ok(ticket)
}

/// Writes what lists show of the clocks.
pub(super) fn due(row: &mut tickets::ActiveModel, assessment: Option<&Assessment>) {
    let next = assessment.and_then(Assessment::next_due);
    row.next_target = Set(next.map(|clock| clock.target.as_str().to_owned()));
    row.next_due_at = Set(next.map(|clock| clock.due.into()));
    row.breached = Set(assessment.is_some_and(Assessment::is_breached));
}

async fn event(
    tx: &Tx,
    actor: &Actor,
    ticket: &tickets::Model,
    seq: i32,
    decision: &Decision,
) -> Result<()> {
    let events: Vec<&str> = decision.events.iter().map(|event| event.as_str()).collect();
    let row = ticket_events::ActiveModel {
        id: Set(Uuid::now_v7()),
        ticket_id: Set(ticket.id),
        seq: Set(seq),
        at: Set(tx.now),
        happened_at: Set(decision.happened_at.into()),
        actor_kind: Set(actor.record.kind.to_owned()),
        actor_id: Set(actor.record.id),
        actor_name: Set(actor.record.name.clone()),
        action: Set(decision.action.clone()),
        from_state: Set(decision.from_state.clone()),
        to_state: Set(decision.to_state.clone()),
        note: Set(decision.note.clone().unwrap_or_default()),
        changes: Set(serde_json::to_string(&decision.changes).map_err(Error::internal)?),
        sla_events: Set(events.join(" ")),
        internal: Set(false),
    };
    ticket_events::Entity::insert(row)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}

/// Decides about a new ticket; where nobody chose a fault level, the agreement proposes one for the priority.
fn decide_intake(
    app: &App,
    definition: &Definition,
    standing: &Standing,
    mut input: Input,
    agreement: Option<&str>,
    now: At,
) -> Result<(Decision, Vec<Level>)> {
    let levels = levels(app, agreement);
    let facts = Facts {
        now: now.timestamp(),
        levels: &levels,
        breached: &[],
        recovered: false,
    };
    let decision = process::intake(definition, standing.actor(), &input, facts).map_err(refused)?;
    let open = definition.field("level").is_some()
        && !levels.is_empty()
        && !decision.fields.contains_key("level");
    let proposed = || {
        let priority = decision.fields.get("priority")?.as_u64()?;
        let agreement = app.definitions.agreement(agreement?)?;
        agreement
            .level_for_priority(u8::try_from(priority).ok()?)
            .map(|level| level.key.to_string())
    };
    let decision = match open.then(proposed).flatten() {
        None => decision,
        Some(level) => {
            input.fields.insert("level".into(), level.into());
            process::intake(definition, standing.actor(), &input, facts).map_err(refused)?
        }
    };
    Ok((decision, levels))
}

/// The fault levels of an agreement, as the process engine takes them.
pub(super) fn levels(app: &App, agreement: Option<&str>) -> Vec<Level> {
    let agreement = agreement.and_then(|key| app.definitions.agreement(key));
    let level = |level: &anlan_core::sla::Level| Level {
        key: level.key.to_string(),
        name: level.name.clone(),
        serious: None,
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

/// The definition a ticket began with.
///
/// # Errors
/// When that version is gone.
pub(super) fn definition_of(app: &App, ticket: &tickets::Model) -> Result<Arc<Definition>> {
    let gone = || {
        Error::internal(format!(
            "version {} of process {} is gone",
            ticket.definition_version, ticket.process
        ))
    };
    app.definitions
        .process(&ticket.process, ticket.definition_version)
        .ok_or_else(gone)
}

/// The history a ticket's promises are computed from.
///
/// # Errors
/// When it is damaged.
pub(super) fn history_of(ticket: &tickets::Model) -> Result<History> {
    serde_json::from_str(&ticket.history)
        .map_err(|error| Error::internal(format!("history of {}: {error}", ticket.number)))
}

/// Fields that an overdue promise demands before anything else is saved.
fn demands(
    assessment: Option<&Assessment>,
    definition: &Definition,
    decision: &Decision,
) -> Result<()> {
    if decision.waived.iter().any(|_| true)
        || matches!(decision.state_kind, StateKind::Closed) && decision.from_state.is_none()
    {
        return Ok(());
    }
    let missing: Vec<FieldError> = assessment
        .into_iter()
        .flat_map(|assessment| &assessment.demands)
        .flat_map(|demand| demand.fields.iter())
        .filter(|field| {
            definition.field(field).is_some() && !decision.fields.contains_key(&***field)
        })
        .map(|field| FieldError::new(&**field, "demanded"))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(missing))
    }
}

/// Ids in fields must name things that exist, in this project where they belong to one.
async fn check_references(tx: &Tx, project: Uuid, decision: &Decision) -> Result<()> {
    use crate::features::people::rows::{groups, units};
    use crate::platform::auth::rows::users;
    let changed = |key: &str| {
        let change = decision.changes.iter().find(|change| change.field == key)?;
        change.to.as_str().and_then(|id| Uuid::parse_str(id).ok())
    };
    let mut wrong = Vec::new();
    if let Some(id) = changed("assignee")
        && users::Entity::find_by_id(id)
            .one(&tx.db)
            .await?
            .is_none_or(|user| !user.active)
    {
        wrong.push(FieldError::new("assignee", "no_such_person"));
    }
    if let Some(id) = changed("group")
        && groups::Entity::find_by_id(id)
            .one(&tx.db)
            .await?
            .is_none_or(|group| group.project_id != project)
    {
        wrong.push(FieldError::new("group", "no_such_group"));
    }
    if let Some(id) = changed("unit_id")
        && units::Entity::find_by_id(id).one(&tx.db).await?.is_none()
    {
        wrong.push(FieldError::new("unit_id", "no_such_unit"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Says what has changed since the version the actor read.
async fn stale(tx: &Tx, ticket: &tickets::Model, read: i32) -> Result<Error> {
    use sea_orm::QueryOrder;
    let since = ticket_events::Entity::find()
        .filter(ticket_events::Column::TicketId.eq(ticket.id))
        .order_by_desc(ticket_events::Column::Seq)
        .paginate(&tx.db, 5)
        .fetch_page(0)
        .await?;
    let changed: Vec<String> = since
        .iter()
        .take(usize::try_from(ticket.version - read).unwrap_or(1))
        .map(|event| format!("{} {}", event.actor_name, event.action))
        .collect();
    Ok(Error::Stale {
        current: ticket.version,
        changed: changed.join("; "),
    })
}

/// A refusal of the process as an error of the API.
pub(super) fn refused(refusal: Refusal) -> Error {
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

fn version(definition: &Definition) -> i32 {
    i32::try_from(definition.version()).unwrap_or(i32::MAX)
}

/// The word a sort of state is stored as.
pub(super) fn word(kind: StateKind) -> String {
    match kind {
        StateKind::Open => "open",
        StateKind::Waiting => "waiting",
        StateKind::Resolved => "resolved",
        StateKind::Closed => "closed",
    }
    .to_owned()
}
