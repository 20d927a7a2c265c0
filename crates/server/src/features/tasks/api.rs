//! The HTTP surface of tasks.

use anlan_core::access::Permission;
use anlan_core::definition::Text;
use anlan_core::process::file::{self, Finished};
use anlan_core::task::Due;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::begin::{self, Begun, Doer, When};
use super::dto::{Names, Task};
use super::end::{self, Why};
use super::query;
use super::rows::tasks;
use crate::app::App;
use crate::features::people::rows::group_members;
use crate::features::suppliers;
use crate::features::tickets::rows::tickets::Model as Ticket;
use crate::features::tickets::{self, Actor, Terms};
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{Json, Path, idempotent};

/// Key of the tasks that people add.
pub const BY_HAND: &str = file::Task::BY_HAND;

/// Tasks that a ticket shows at most.
const SHOWN: u64 = 200;

/// A task to be added. Exactly one of person, group and supplier does it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// What is to be done.
    pub title: String,
    #[serde(default)]
    pub assignee_id: Option<Uuid>,
    #[serde(default)]
    pub group_id: Option<Uuid>,
    #[serde(default)]
    pub supplier_id: Option<Uuid>,
    /// By when; without it the OLA of the group or the contract with the supplier says so.
    #[serde(default)]
    pub due_at: Option<At>,
}

/// How a task ends.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It was done.
    Done,
    /// Nobody needs it any more; `note` says why.
    NotNeeded,
}

/// The end of a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    state: Ending,
    /// What was done, or why it is not needed.
    #[serde(default)]
    note: String,
}

/// The tasks of a ticket, what is open first. The customer sees none; who works on other things only his own.
#[utoipa::path(get, path = "/tickets/{id}/tasks", tag = "tasks", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<Task>), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Task>>> {
    caller.require(Permission::TicketRead)?;
    let ticket = tickets::visible(&app, &caller, id).await?;
    let groups = groups_of(app.db.read(), caller.user.id).await?;
    let mut query = tasks::Entity::find().filter(tasks::Column::TicketId.eq(id));
    if !tickets::sees_inside(&caller, &ticket) {
        query = query.filter(query::mine(&caller, &groups));
    }
    let rows = query
        .order_by_desc(tasks::Column::CreatedAt)
        .limit(SHOWN)
        .all(app.db.read())
        .await?;
    Ok(Json(shown(&app, &caller, &ticket, &groups, rows).await?))
}

/// Adds a task by hand.
#[utoipa::path(post, path = "/tickets/{id}/tasks", tag = "tasks", params(("id" = Uuid, Path)), request_body = NewTask,
    responses((status = 201, body = Vec<Task>), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(new): Json<NewTask>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::TicketRead)?;
    let ticket = tickets::visible(&app, &caller, id).await?;
    let actor = Actor::caller(&caller);
    actor.require(Permission::TicketAct, actor.place(&ticket))?;
    let repeat = idempotent(
        &headers,
        &format!("POST /tickets/{id}/tasks"),
        caller.user.id,
        &new,
    )?;
    let (shared, about) = (app.clone(), ticket.clone());
    let made = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<Vec<Uuid>>(tx).await?
                {
                    return Ok(earlier);
                }
                let begun = by_hand(tx, &shared, &about, new).await?;
                let doer = begun.doer.clone();
                let rows = begin::add(tx, &shared, &actor.record, &about, begun).await?;
                tell(tx, &actor, &about, &doer, &rows).await?;
                let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &ids).await?;
                }
                Ok(ids)
            })
        })
        .await?;
    let rows = tasks::Entity::find()
        .filter(tasks::Column::Id.is_in(made))
        .all(app.db.read())
        .await?;
    let answer = shown(&app, &caller, &ticket, &[], rows).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Ends a task: by whoever may act on the ticket, or whose task it is.
#[utoipa::path(post, path = "/tasks/{id}/close", tag = "tasks", params(("id" = Uuid, Path)), request_body = Close,
    responses((status = 200, body = Task), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(close): Json<Close>,
) -> Result<Json<Task>> {
    caller.require(Permission::TicketRead)?;
    let task = tasks::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let ticket = tickets::visible(&app, &caller, task.ticket_id).await?;
    let groups = groups_of(app.db.read(), caller.user.id).await?;
    if !query::is_mine(&caller, &groups, &task) {
        if !tickets::sees_inside(&caller, &ticket) {
            return Err(Error::not_found());
        }
        let actor = Actor::caller(&caller);
        actor.require(Permission::TicketAct, actor.place(&ticket))?;
    }
    let (state, note) = checked(&close)?;
    let by = caller.actor.clone();
    let ended = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let task = tasks::Entity::find_by_id(id)
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                if task.state != "open" {
                    return Err(Error::conflict("task_closed"));
                }
                end::tick(tx, &by, task, state, &Why::Written(note)).await?;
                let task = tasks::Entity::find_by_id(id).one(&tx.db).await?;
                task.ok_or_else(Error::not_found)
            })
        })
        .await?;
    let shown = shown(&app, &caller, &ticket, &groups, vec![ended]).await?;
    let one = shown.into_iter().next().ok_or_else(Error::not_found)?;
    Ok(Json(one))
}

fn checked(close: &Close) -> Result<(Finished, String)> {
    let mut check = Check::default();
    let (state, least) = match close.state {
        Ending::Done => (Finished::Done, 0),
        Ending::NotNeeded => (Finished::NotNeeded, 1),
    };
    let note = check.lines("note", &close.note, least..=500);
    check.finish()?;
    Ok((state, note))
}

async fn shown(
    app: &App,
    caller: &Caller,
    ticket: &Ticket,
    groups: &[Uuid],
    mut rows: Vec<tasks::Model>,
) -> Result<Vec<Task>> {
    rows.sort_by_key(|row| (row.state != "open", row.due_at));
    let place = Actor::caller(caller).place(ticket);
    let acts = caller.access.can(Permission::TicketAct, place);
    let names = Names::of(app.db.read(), &rows).await?;
    let task = |row: tasks::Model| {
        let may_close = acts || query::is_mine(caller, groups, &row);
        names.task(app, caller.lang, row, may_close)
    };
    Ok(rows.into_iter().map(task).collect())
}

/// What somebody adds: who does it must work on the project, and a time must follow from something.
async fn by_hand(tx: &Tx, app: &App, ticket: &Ticket, new: NewTask) -> Result<Begun<'static>> {
    let mut check = Check::default();
    let title = check.line("title", &new.title, 1..=120);
    let given = [new.assignee_id, new.group_id, new.supplier_id];
    match given.iter().flatten().count() {
        1 => {}
        0 => check.ensure(false, "assignee_id", "required"),
        _ => check.ensure(false, "assignee_id", "one_doer"),
    }
    check.ensure(new.due_at.is_none_or(|at| at > tx.now), "due_at", "past");
    check.finish()?;
    let doer = doer(tx, app, ticket, &new).await?;
    let terms = Terms::of(tx, ticket.project_id).await?;
    let start = tx.now.timestamp();
    let (basis, calendar, when) = match new.due_at {
        Some(at) => {
            let due = Due::at(start, at.timestamp());
            let when = When { promise: None, due };
            ("agreed", String::new(), vec![when])
        }
        None => doer
            .terms(app, &terms, start)?
            .ok_or_else(|| Error::field("due_at", "required"))?,
    };
    Ok(Begun {
        kind: BY_HAND,
        title: Text::new(title.clone(), title),
        doer,
        basis,
        calendar,
        when,
    })
}

async fn doer(tx: &Tx, app: &App, ticket: &Ticket, new: &NewTask) -> Result<Doer> {
    let project = ticket.project_id;
    if let Some(person) = new.assignee_id {
        return if tickets::works_on(tx, app, person, project).await? {
            Ok(Doer::Person(person))
        } else {
            Err(Error::field("assignee_id", "no_such_person"))
        };
    }
    if let Some(id) = new.group_id {
        let group = begin::group(tx, project, id).await?;
        return group
            .map(Doer::group)
            .ok_or_else(|| Error::field("group_id", "no_such_group"));
    }
    let day = super::suppliers::day(tx.now);
    let found = suppliers::in_force(&tx.db, project, &day).await?;
    let chosen = found
        .into_iter()
        .find(|(supplier, _)| Some(supplier.id) == new.supplier_id);
    chosen
        .map(|(_, contract)| Doer::supplier(&contract))
        .ok_or_else(|| Error::field("supplier_id", "no_contract"))
}

/// Tells whoever got it, unless he gave it to himself.
async fn tell(
    tx: &mut Tx,
    actor: &Actor,
    ticket: &Ticket,
    doer: &Doer,
    rows: &[tasks::Model],
) -> Result<()> {
    let Some(task) = rows.first() else {
        return Ok(());
    };
    if matches!(doer, Doer::Supplier { .. }) {
        return Ok(());
    }
    let mut people = super::wake::doers(tx, ticket, task).await?;
    actor.user().map(|me| people.remove(&me));
    let title = (&*task.title_zh, &*task.title_en);
    tickets::notice(tx, ticket, people, "ticket.task", title, false).await
}

async fn groups_of(db: &impl ConnectionTrait, user: Uuid) -> Result<Vec<Uuid>> {
    let found = group_members::Entity::find()
        .filter(group_members::Column::UserId.eq(user))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|member| member.group_id).collect())
}
