//! My work: what waits for the person who is signed in.

use anlan_core::access::Permission;
use axum::extract::State;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::features::people::rows::group_members;
use crate::features::tasks::{self, TaskRow};
use crate::features::tickets::{dto, query, rows::tickets};
use crate::platform::access::Caller;
use crate::platform::error::{Problem, Result};
use crate::platform::http::Json;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Rows of each pile at most.
const SHOWN: u64 = 20;
/// Tickets of each pile that are counted at most.
const COUNTED: u64 = 1_000;
/// The state of a ticket that somebody was given and has not yet said to have.
const GIVEN: &str = "dispatched";

/// Tickets that wait for the same thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pile {
    /// How many there are; counting stops at 1,000.
    count: i64,
    /// The first 20, the next promise first.
    rows: Vec<dto::TicketRow>,
}

/// What waits for me.
#[derive(Debug, Serialize, ToSchema)]
pub struct Work {
    /// Tickets that I was given and have not yet acknowledged.
    waiting_ack: Pile,
    /// Tickets that I am working on.
    assigned: Pile,
    /// Tickets of my groups that nobody has taken.
    unassigned: Pile,
    /// Solved tickets that wait for confirmation: mine as engineer, or my unit's as customer.
    to_confirm: Pile,
    /// Open tickets that I may see and whose promise is due within two hours or overdue.
    breaching: Pile,
    /// Internal tasks of mine, of my groups and of my roles.
    tasks: TaskPile,
}

/// Open tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskPile {
    /// How many there are; counting stops at 1,000.
    count: i64,
    /// The first 20, what is due first before the rest.
    rows: Vec<TaskRow>,
}

/// What waits for me.
#[utoipa::path(get, path = "/work", tag = "work", responses((status = 200, body = Work), (status = 403, body = Problem)))]
pub async fn show(State(app): State<App>, caller: Caller) -> Result<Json<Work>> {
    caller.require(Permission::TicketRead)?;
    let me = caller.user.id;
    let open = || {
        Condition::all()
            .add(query::scope(&caller))
            .add(tickets::Column::StateKind.is_in(["open", "waiting"]))
    };
    let groups: Vec<uuid::Uuid> = group_members::Entity::find()
        .filter(group_members::Column::UserId.eq(me))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|member| member.group_id)
        .collect();
    let given = || open().add(tickets::Column::AssigneeId.eq(me));
    let waiting_ack = given().add(tickets::Column::State.eq(GIVEN));
    let assigned = given().add(tickets::Column::State.ne(GIVEN));
    let unassigned = open()
        .add(tickets::Column::AssigneeId.is_null())
        .add(tickets::Column::GroupId.is_in(groups.iter().copied()));
    let mine = Condition::any()
        .add(tickets::Column::AssigneeId.eq(me))
        .add(tickets::Column::CreatedBy.eq(me))
        .add_option(
            caller
                .user
                .unit_id
                .map(|unit| tickets::Column::UnitId.eq(unit)),
        );
    let to_confirm = Condition::all()
        .add(query::scope(&caller))
        .add(tickets::Column::StateKind.eq("resolved"))
        .add(mine);
    let soon = app.now().plus_seconds(2 * 3600);
    let breaching = open().add(tickets::Column::NextDueAt.lte(soon));
    Ok(Json(Work {
        waiting_ack: pile(&app, &caller, waiting_ack).await?,
        assigned: pile(&app, &caller, assigned).await?,
        unassigned: pile(&app, &caller, unassigned).await?,
        to_confirm: pile(&app, &caller, to_confirm).await?,
        breaching: pile(&app, &caller, breaching).await?,
        tasks: task_pile(&app, &caller, &groups).await?,
    }))
}

async fn task_pile(app: &App, caller: &Caller, groups: &[uuid::Uuid]) -> Result<TaskPile> {
    let waiting = tasks::waiting(caller, groups);
    let rows = tasks::rows_of(app, caller, waiting.clone(), SHOWN).await?;
    let count = match rows.len() as u64 {
        SHOWN => tasks::count(app.db.read(), waiting, COUNTED).await?,
        all => i64::try_from(all).unwrap_or_default(),
    };
    Ok(TaskPile { count, rows })
}

async fn pile(app: &App, caller: &Caller, condition: Condition) -> Result<Pile> {
    let found = tickets::Entity::find()
        .filter(condition.clone())
        .order_by_asc(tickets::Column::NextDueAt)
        .order_by_desc(tickets::Column::CreatedAt)
        .limit(SHOWN)
        .into_partial_model()
        .all(app.db.read())
        .await?;
    let count = match found.len() as u64 {
        SHOWN => query::count(app.db.read(), condition, COUNTED).await?,
        all => i64::try_from(all).unwrap_or_default(),
    };
    let rows = dto::rows(app, caller.lang, found).await?;
    Ok(Pile { count, rows })
}
