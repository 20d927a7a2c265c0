//! Tasks as the API shows them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::end::Why;
use super::rows::tasks;
use crate::app::App;
use crate::features::suppliers::rows::supplier_contracts;
use crate::features::tickets::rows::tickets;
use crate::platform::at::At;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Named, Table};

/// A piece of internal work under a ticket.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Task {
    pub id: Uuid,
    pub ticket_id: Uuid,
    /// Its key in the process, `by_hand`, or the target of the agreement it is for.
    pub kind: String,
    pub title: String,
    /// Which of several promises: `respond`, `arrive` or `resolve`.
    pub promise: Option<String>,
    /// The person who does it.
    pub assignee: Option<Named>,
    /// The support group that does it.
    pub group: Option<Named>,
    /// The role whose holders do it.
    pub role: Option<RoleName>,
    /// The supplier that does it.
    pub supplier: Option<Named>,
    /// Number of the contract by which the supplier does it.
    pub contract: Option<String>,
    /// What `due_at` follows from: `hours` of the process, `ola`, `uc`, the `agreement` with the
    /// customer, or what was `agreed` by hand.
    pub basis: String,
    /// Name of the calendar by which its time runs; empty for the clock on the wall.
    pub calendar: String,
    pub started_at: At,
    pub due_at: At,
    /// `open`, `done` or `not_needed`.
    pub state: String,
    /// It was done too late, or is open and overdue.
    pub late: bool,
    pub closed_at: Option<At>,
    pub closed_by: String,
    /// Why it ended as it did.
    pub note: String,
    /// Whether the caller may end it.
    pub may_close: bool,
}

/// A role with its name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleName {
    key: String,
    name: String,
}

/// A task with the ticket it belongs to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskRow {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// Number of its ticket.
    pub ticket_number: String,
    /// Title of its ticket.
    pub ticket_title: String,
}

/// Names of whom a list of tasks is about: one query per kind of thing.
pub struct Names {
    users: HashMap<Uuid, Named>,
    groups: HashMap<Uuid, Named>,
    suppliers: HashMap<Uuid, Named>,
    contracts: HashMap<Uuid, String>,
}

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(db: &impl ConnectionTrait, rows: &[tasks::Model]) -> Result<Self> {
        let users = rows.iter().filter_map(|row| row.assignee_id);
        let groups = rows.iter().filter_map(|row| row.group_id);
        let suppliers = rows.iter().filter_map(|row| row.supplier_id);
        let contracts: Vec<Uuid> = rows.iter().filter_map(|row| row.contract_id).collect();
        Ok(Self {
            users: names::of(db, Table::Users, users).await?,
            groups: names::of(db, Table::Groups, groups).await?,
            suppliers: names::of(db, Table::Suppliers, suppliers).await?,
            contracts: numbers(db, contracts).await?,
        })
    }

    /// Who does it, in one word.
    pub fn who(&self, app: &App, lang: Lang, row: &tasks::Model) -> String {
        let find = |names: &HashMap<Uuid, Named>, id: Option<Uuid>| {
            id.and_then(|id| names.get(&id).map(|named| named.name.clone()))
        };
        find(&self.users, row.assignee_id)
            .or_else(|| find(&self.groups, row.group_id))
            .or_else(|| find(&self.suppliers, row.supplier_id))
            .or_else(|| row.role.as_deref().map(|role| role_name(app, lang, role)))
            .unwrap_or_default()
    }

    /// A task as the API shows it.
    pub fn task(&self, app: &App, lang: Lang, row: tasks::Model, may_close: bool) -> Task {
        let find = |names: &HashMap<Uuid, Named>, id: Option<Uuid>| {
            id.and_then(|id| names.get(&id).cloned())
        };
        let late = match row.state.as_str() {
            "open" => app.now() >= row.due_at,
            "done" => row.closed_at.is_some_and(|at| at > row.due_at),
            _ => false,
        };
        Task {
            id: row.id,
            ticket_id: row.ticket_id,
            title: lang.pick(&row.title_zh, &row.title_en).to_owned(),
            assignee: find(&self.users, row.assignee_id),
            group: find(&self.groups, row.group_id),
            role: row.role.map(|key| RoleName {
                name: role_name(app, lang, &key),
                key,
            }),
            supplier: find(&self.suppliers, row.supplier_id),
            contract: row
                .contract_id
                .and_then(|id| self.contracts.get(&id).cloned()),
            calendar: match row.calendar.as_str() {
                "" => String::new(),
                key => app.definitions.calendar_name(lang, key),
            },
            late,
            may_close: may_close && row.state == "open",
            note: Why::read(row.note, lang),
            kind: row.kind,
            promise: row.promise,
            basis: row.basis,
            started_at: row.started_at,
            due_at: row.due_at,
            state: row.state,
            closed_at: row.closed_at,
            closed_by: row.closed_by_name,
        }
    }
}

/// Tasks with their tickets: one query more.
///
/// # Errors
/// When the store fails.
pub async fn with_tickets(app: &App, lang: Lang, rows: Vec<tasks::Model>) -> Result<Vec<TaskRow>> {
    let db = app.db.read();
    let ids = rows.iter().map(|row| row.ticket_id);
    let found = if rows.is_empty() {
        Vec::new()
    } else {
        tickets::Entity::find()
            .filter(tickets::Column::Id.is_in(ids))
            .all(db)
            .await?
    };
    let about: HashMap<Uuid, tickets::Model> = found.into_iter().map(|row| (row.id, row)).collect();
    let names = Names::of(db, &rows).await?;
    let row = |row: tasks::Model| {
        let ticket = about.get(&row.ticket_id)?;
        Some(TaskRow {
            ticket_number: ticket.number.clone(),
            ticket_title: ticket.title.clone(),
            task: names.task(app, lang, row, true),
        })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

async fn numbers(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = supplier_contracts::Entity::find()
        .filter(supplier_contracts::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.number)).collect())
}

fn role_name(app: &App, lang: Lang, key: &str) -> String {
    app.definitions.roles.get(key).map_or_else(
        || key.to_owned(),
        |role| lang.pick(&role.name, &role.name_en).to_owned(),
    )
}
