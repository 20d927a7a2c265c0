//! The HTTP surface of tickets.

use std::collections::BTreeMap;
use std::sync::Arc;

use anlan_core::access::Permission;
use anlan_core::definition::Text;
use anlan_core::process::{self, Facts, Input, Outcome};
use anlan_core::proposal::Kind;
use anlan_core::sla::Assessment;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::actor::{Actor, Standing};
use super::door::{self, NewTicket, Written};
use super::dto::{self, TicketDetail, TicketRow, TimelineEntry};
use super::follow::sees_inside;
use super::promises;
use super::query::{self, Counts, Filter};
use super::record::Record;
use super::rows::{ticket_events, ticket_links, tickets};
use super::terms::Terms;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::files;
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Named, Table};

/// A ticket to be registered.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Key of the process, such as `incident`.
    process: String,
    /// The project.
    project_id: Uuid,
    /// Fields as the process asks at intake.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// When it truly happened, if it is registered afterwards (补录).
    happened_at: Option<At>,
    /// A note for the timeline.
    note: Option<String>,
}

/// An action on a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Fields the action asks for.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// When it truly happened, if not now.
    happened_at: Option<At>,
    /// A note for the timeline.
    note: Option<String>,
}

/// A page of tickets.
#[utoipa::path(get, path = "/tickets", tag = "tickets", params(Filter), responses((status = 200, body = Page<TicketRow>), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<TicketRow>>> {
    caller.require(Permission::TicketRead)?;
    let page = query::list(app.db.read(), &caller, &filter).await?;
    let items = dto::rows(&app, caller.lang, page.items).await?;
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

/// How many tickets fit the filter.
#[utoipa::path(get, path = "/tickets/counts", tag = "tickets", params(Filter), responses((status = 200, body = Counts), (status = 422, body = Problem)))]
pub async fn counts(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Counts>> {
    caller.require(Permission::TicketRead)?;
    Ok(Json(query::counts(app.db.read(), &caller, &filter).await?))
}

/// Registers a ticket. With an `Idempotency-Key`, sending it again registers nothing new.
#[utoipa::path(post, path = "/tickets", tag = "tickets", request_body = Create,
    responses((status = 201, body = TicketDetail), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<Create>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::TicketCreate)?;
    let repeatable = idempotent(&headers, "POST /tickets", caller.user.id, &new)?;
    let actor = Actor::caller(&caller);
    let input = input(new.fields, new.note, new.happened_at);
    let new = NewTicket {
        process: new.process,
        project: new.project_id,
        input,
        source: None,
    };
    let shared = app.clone();
    let registered = app
        .db
        .add(move |tx| {
            Box::pin(async move {
                if let Some(repeatable) = &repeatable
                    && let Some(id) = repeatable.earlier::<Uuid>(tx).await?
                {
                    return Ok(Err(id));
                }
                let written = door::create(tx, &shared, &actor, new).await?;
                if let Some(repeatable) = &repeatable {
                    repeatable.keep(tx, &written.ticket.id).await?;
                }
                Ok(Ok(written))
            })
        })
        .await?;
    let shown = match registered {
        Ok(written) => Shown::fresh(&app, &caller, written).await?,
        Err(earlier) => Shown::read(&app, &caller, earlier).await?,
    };
    let detail = shown.detail(&app, &caller).await?;
    Ok((StatusCode::CREATED, Versioned(detail.row.version, detail)))
}

/// One ticket.
#[utoipa::path(get, path = "/tickets/{id}", tag = "tickets", params(("id" = Uuid, Path)), responses((status = 200, body = TicketDetail), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<TicketDetail>> {
    let shown = Shown::read(&app, &caller, id).await?;
    let detail = shown.detail(&app, &caller).await?;
    Ok(Versioned(detail.row.version, detail))
}

/// Does an action on a ticket.
#[utoipa::path(post, path = "/tickets/{id}/actions/{action}", tag = "tickets", params(("id" = Uuid, Path), ("action" = String, Path)), request_body = Act,
    responses((status = 200, body = TicketDetail), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    caller: Caller,
    Path((id, action)): Path<(Uuid, String)>,
    IfMatch(version): IfMatch,
    Json(sent): Json<Act>,
) -> Result<Versioned<TicketDetail>> {
    let actor = Actor::caller(&caller);
    let input = input(sent.fields, sent.note, sent.happened_at);
    let (shared, by, named) = (app.clone(), actor.clone(), action.clone());
    let done = app
        .db
        .write(move |tx| {
            Box::pin(
                async move { door::act(tx, &shared, &by, id, Some(version), &named, &input).await },
            )
        })
        .await;
    let written = match done {
        // Want of a right is written down for every request alike; this is the process that says no.
        Err(error @ Error::Refused { .. }) => {
            let action: String = action.chars().take(60).collect();
            app.db
                .audit(
                    caller
                        .entry(format!("ticket.{action}"))
                        .on("ticket", id, "")
                        .failed()
                        .detail(error.to_string()),
                )
                .await?;
            return Err(error);
        }
        other => other?,
    };
    let shown = Shown::written(&app, &caller, written).await?;
    let detail = shown.detail(&app, &caller).await?;
    Ok(Versioned(detail.row.version, detail))
}

/// The timeline, newest first. What goes on inside (tasks) is left out for the customer.
#[utoipa::path(get, path = "/tickets/{id}/timeline", tag = "tickets", params(("id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<TimelineEntry>), (status = 404, body = Problem)))]
pub async fn timeline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<TimelineEntry>>> {
    let ticket = visible(&app, &caller, id).await?;
    let limit = page.limit()?;
    let mut query = ticket_events::Entity::find().filter(ticket_events::Column::TicketId.eq(id));
    if !sees_inside(&caller, &ticket) {
        query = query.filter(ticket_events::Column::Internal.eq(false));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(ticket_events::Column::Seq.lt(cursor.as_number()?));
    }
    let rows = query
        .order_by_desc(ticket_events::Column::Seq)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| {
        Cursor::number(i64::from(row.seq), row.id)
    });
    Ok(Json(page.map(|row| {
        dto::timeline_entry(&app, caller.lang, &ticket, row)
    })))
}

/// A ticket the caller may see.
///
/// # Errors
/// 404 otherwise.
pub async fn visible(app: &App, caller: &Caller, id: Uuid) -> Result<tickets::Model> {
    let found = tickets::Entity::find_by_id(id)
        .filter(query::scope(caller))
        .one(app.db.read())
        .await?;
    found.ok_or_else(Error::not_found)
}

fn input(fields: BTreeMap<String, Value>, note: Option<String>, happened_at: Option<At>) -> Input {
    Input {
        fields,
        note,
        happened_at: happened_at.map(At::timestamp),
    }
}

/// A ticket with what its page shows besides: read, or known from having written it.
struct Shown {
    record: Record,
    terms: Arc<Terms>,
    assessment: Option<Assessment>,
    attachments: Vec<files::rows::Model>,
    links: Vec<dto::Link>,
    warnings: Vec<process::FieldError>,
}

impl Shown {
    async fn read(app: &App, caller: &Caller, id: Uuid) -> Result<Self> {
        let ticket = visible(app, caller, id).await?;
        let db = app.db.read();
        let now = app.now();
        let record = Record::stored(app, ticket)?;
        let terms = Terms::load(db, record.row.project_id).await?;
        Ok(Self {
            assessment: promises::assess(app, &record, &terms, now, now)?,
            terms: Arc::new(terms),
            attachments: files::of(db, id).await?,
            links: links(app, caller, id).await?,
            warnings: Vec::new(),
            record,
        })
    }

    /// After an action.
    async fn written(app: &App, caller: &Caller, written: Written) -> Result<Self> {
        let id = written.ticket.id;
        Ok(Self {
            attachments: files::of(app.db.read(), id).await?,
            links: links(app, caller, id).await?,
            ..Self::fresh(app, caller, written).await?
        })
    }

    /// After it was registered: nothing can be attached yet.
    async fn fresh(app: &App, caller: &Caller, written: Written) -> Result<Self> {
        let links_to = |effect: &Outcome| matches!(effect, Outcome::Link { .. });
        let linked = written.decision.effects.iter().any(links_to);
        Ok(Self {
            links: if linked {
                links(app, caller, written.ticket.id).await?
            } else {
                Vec::new()
            },
            record: Record::stored(app, written.ticket)?,
            terms: written.terms,
            assessment: written.assessment,
            attachments: Vec::new(),
            warnings: written.decision.warnings,
        })
    }

    async fn detail(self, app: &App, caller: &Caller) -> Result<TicketDetail> {
        let db = app.db.read();
        let lang = caller.lang;
        let standing = Actor::caller(caller).on(db, &self.record.row).await?;
        let actions = self.actions(app, &standing);
        let Record {
            row: ticket,
            fields,
            ..
        } = self.record;
        let created_by = match ticket.created_by {
            Some(id) if id == caller.user.id => Some(Named {
                id,
                name: caller.user.name.clone(),
            }),
            other => names::of(db, Table::Users, other)
                .await?
                .into_values()
                .next(),
        };
        let clocks = self
            .assessment
            .iter()
            .flat_map(|assessment| &assessment.clocks);
        Ok(TicketDetail {
            clocks: clocks.map(|clock| dto::clock(app, lang, clock)).collect(),
            actions: actions
                .into_iter()
                .map(|action| dto::action(lang, action))
                .collect(),
            attachments: self.attachments.into_iter().map(Into::into).collect(),
            links: self.links,
            created_by,
            backdated: ticket.backdated,
            agreement: ticket.agreement.clone(),
            definition_version: ticket.definition_version,
            warnings: self
                .warnings
                .into_iter()
                .map(|warning| {
                    lang.pick(&warning.message.zh, &warning.message.en)
                        .to_owned()
                })
                .collect(),
            row: dto::row(app, lang, ticket, &self.terms.project).await?,
            fields,
        })
    }

    /// What the caller may do now.
    fn actions(&self, app: &App, standing: &Standing) -> Vec<process::AvailableAction> {
        let record = &self.record;
        let levels = door::levels(record.agreement(app).as_deref());
        let breached = door::overdue(self.assessment.as_ref());
        let ticket = process::Ticket {
            state: &record.row.state,
            fields: &record.fields,
            reported_at: record.row.reported_at.timestamp(),
            votes: &[],
            attachments: u32::try_from(self.attachments.len()).unwrap_or(u32::MAX),
            reopened: u32::try_from(record.row.reopened).unwrap_or(0),
        };
        let facts = Facts {
            now: app.now().timestamp(),
            levels: &levels,
            breached: &breached,
            recovered: record.fields.contains_key("recovered_at"),
        };
        process::available(&record.definition, ticket, standing.actor(), facts)
    }
}

/// Linked tickets that the caller may see.
async fn links(app: &App, caller: &Caller, id: Uuid) -> Result<Vec<dto::Link>> {
    let db = app.db.read();
    let either = Condition::any()
        .add(ticket_links::Column::FromId.eq(id))
        .add(ticket_links::Column::ToId.eq(id));
    let links = ticket_links::Entity::find().filter(either).all(db).await?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let other = |link: &ticket_links::Model| {
        if link.from_id == id {
            link.to_id
        } else {
            link.from_id
        }
    };
    let found = tickets::Entity::find()
        .filter(tickets::Column::Id.is_in(links.iter().map(other)))
        .filter(query::scope(caller))
        .all(db)
        .await?;
    let by_id: BTreeMap<Uuid, tickets::Model> = found
        .into_iter()
        .map(|ticket| (ticket.id, ticket))
        .collect();
    let shown = links.into_iter().filter_map(|link| {
        let ticket = by_id.get(&other(&link))?;
        Some(dto::Link {
            kind: link.kind,
            outgoing: link.from_id == id,
            ticket: ticket.id,
            number: ticket.number.clone(),
            title: ticket.title.clone(),
        })
    });
    Ok(shown.collect())
}

/// Which process.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FormQuery {
    /// The project whose agreements count.
    project: Option<Uuid>,
    /// The day on which they are in force, such as that of a ticket's report; today when none is given.
    on: Option<Day>,
}

/// A process with everything a form needs: fields, options, states, actions, and what the project has agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessDetail {
    /// Key.
    key: String,
    /// Version.
    version: u32,
    /// The definition as written.
    #[schema(value_type = Object)]
    definition: Value,
    /// The project's agreements in force on the day, each with its fault levels.
    agreements: Vec<AgreementOption>,
}

/// An agreement that is in force for some types of ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementOption {
    /// Key.
    key: String,
    /// Ticket types it is for; none for all that no other is for.
    types: Vec<String>,
    /// Its fault levels, the most serious first.
    levels: Vec<LevelOption>,
}

/// A fault level with its definition, as the form shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LevelOption {
    /// Key.
    key: String,
    /// Name.
    name: String,
    /// When a ticket has this level.
    definition: String,
    /// Priorities it is proposed for.
    priorities: Vec<u8>,
    /// Kinds of ticket it is proposed for: within one all conditions must fit, any one is enough.
    kinds: Vec<KindOption>,
}

/// A kind of ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindOption {
    /// Any of these types; every type when there is none.
    types: Vec<String>,
    /// Any of these categories; every category when there is none.
    categories: Vec<String>,
}

impl From<&Kind> for KindOption {
    fn from(kind: &Kind) -> Self {
        Self {
            types: kind.types.clone(),
            categories: kind.categories.clone(),
        }
    }
}

/// A process in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessRow {
    /// Key.
    key: String,
    /// Name.
    name: String,
    /// Newest version.
    version: u32,
}

/// The processes.
#[utoipa::path(get, path = "/processes", tag = "tickets", responses((status = 200, body = Vec<ProcessRow>)))]
pub async fn processes(State(app): State<App>, caller: Caller) -> Result<Json<Vec<ProcessRow>>> {
    caller.require(Permission::TicketRead)?;
    let row = |definition: std::sync::Arc<process::Definition>| ProcessRow {
        key: definition.key().to_owned(),
        name: caller
            .lang
            .pick(&definition.name().zh, &definition.name().en)
            .to_owned(),
        version: definition.version(),
    };
    Ok(Json(
        app.definitions.processes().into_iter().map(row).collect(),
    ))
}

/// One process.
#[utoipa::path(get, path = "/processes/{key}", tag = "tickets", params(("key" = String, Path), FormQuery), responses((status = 200, body = ProcessDetail), (status = 404, body = Problem)))]
pub async fn process(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
    Query(form): Query<FormQuery>,
) -> Result<Json<ProcessDetail>> {
    caller.require(Permission::TicketRead)?;
    let definition = app.definitions.newest(&key).ok_or_else(Error::not_found)?;
    let mut agreements = Vec::new();
    if let Some(project) = form.project {
        caller.require_at(
            Permission::TicketRead,
            Permission::TicketRead,
            anlan_core::access::Place::project(project),
        )?;
        let terms = Terms::load(app.db.read(), project).await?;
        let zone = app.definitions.zone_of(&terms.project.calendar);
        let at = match form.on {
            None => app.now(),
            Some(day) => day.span(&zone)?.0,
        };
        let offered = terms.offered_at(at.timestamp(), &zone);
        let known =
            offered.filter_map(|(key, types)| Some((app.definitions.agreement(key)?, types)));
        agreements.extend(known.map(|(agreement, types)| {
            AgreementOption {
                key: agreement.key.to_string(),
                types,
                levels: agreement
                    .levels
                    .iter()
                    .map(|level| level_option(caller.lang, level))
                    .collect(),
            }
        }));
    }
    Ok(Json(ProcessDetail {
        key,
        version: definition.version(),
        definition: serde_json::to_value(definition.file()).map_err(Error::internal)?,
        agreements,
    }))
}

fn level_option(lang: Lang, level: &anlan_core::sla::Level) -> LevelOption {
    let pick = |text: &Text| lang.pick(&text.zh, &text.en).to_owned();
    LevelOption {
        key: level.key.to_string(),
        name: pick(&level.name),
        definition: pick(&level.definition),
        priorities: level.proposal.priorities.clone(),
        kinds: level.proposal.kinds.iter().map(Into::into).collect(),
    }
}
