//! A task's time runs out: whoever does it is warned at 80 %; at the end its leader and the project
//! manager are told, too.

use std::collections::BTreeSet;

use anlan_core::definition::Text;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::rows::tasks;
use crate::app::App;
use crate::features::people::rows::{group_members, groups};
use crate::features::tickets::rows::tickets::{Entity as Tickets, Model as Ticket};
use crate::features::tickets::{self, Actor, Inside};
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::timers::{self, Timer};

/// Kind of the timers of a task.
pub const DUE: &str = "task.due";

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    /// Four fifths of the time are over.
    Warn,
    /// It is due.
    Due,
}

/// The handler of [`DUE`].
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn wake(app: App, timer: Timer) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !timers::done(tx, &timer).await? {
                    return Ok(());
                }
                let Ok(ring) = serde_json::from_str::<Ring>(&timer.payload) else {
                    return Ok(());
                };
                let id = timer.subject_id.unwrap_or_default();
                let task = tasks::Entity::find_by_id(id).one(&tx.db).await?;
                // Whoever comes late with a warning has a breach to tell.
                let passed = |task: &tasks::Model| ring == Ring::Warn && tx.now >= task.due_at;
                let Some(task) = task.filter(|task| task.state == "open" && !passed(task)) else {
                    return Ok(());
                };
                let ticket = Tickets::find_by_id(task.ticket_id).one(&tx.db).await?;
                match ticket {
                    Some(ticket) => rung(tx, &ticket, &task, ring).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

async fn rung(tx: &mut Tx, ticket: &Ticket, task: &tasks::Model, ring: Ring) -> Result<()> {
    let mut people = doers(tx, ticket, task).await?;
    let (kind, zh, en) = match ring {
        Ring::Warn => ("ticket.task.warn", "任务即将到期", "Task due soon"),
        Ring::Due => ("ticket.task.overdue", "任务超时", "Task overdue"),
    };
    if ring == Ring::Due {
        people.extend(answerable(tx, task).await?);
        let inside = Inside {
            action: "task.overdue",
            note: Text::new(task.title_zh.clone(), task.title_en.clone()),
            detail: json!({ "id": task.id, "kind": task.kind, "due_at": task.due_at }),
        };
        tickets::write_inside(tx, &Actor::system().record, ticket.id, inside).await?;
    }
    let title = (
        format!("{zh}：{}", task.title_zh),
        format!("{en}: {}", task.title_en),
    );
    // What others were promised wakes people; a form still to be filed does not.
    let promised = !matches!(task.basis.as_str(), "hours" | "agreed");
    let urgent = ring == Ring::Due && promised;
    tickets::notice(tx, ticket, people, kind, (&title.0, &title.1), urgent).await
}

/// Whose work it is: of a supplier's, whoever sees to the ticket.
///
/// # Errors
/// When the store fails.
pub async fn doers(tx: &Tx, ticket: &Ticket, task: &tasks::Model) -> Result<BTreeSet<Uuid>> {
    if let Some(person) = task.assignee_id {
        return Ok(BTreeSet::from([person]));
    }
    if let Some(group) = task.group_id {
        let members = group_members::Entity::find()
            .filter(group_members::Column::GroupId.eq(group))
            .all(&tx.db)
            .await?;
        return Ok(members.into_iter().map(|member| member.user_id).collect());
    }
    match &task.role {
        Some(role) => Ok((*tickets::holders(tx, task.project_id, &[role]).await?).clone()),
        None => tickets::people(tx, ticket, &["assignee"]).await,
    }
}

/// Who answers for it: the leader of its group, and the project's managers.
async fn answerable(tx: &Tx, task: &tasks::Model) -> Result<BTreeSet<Uuid>> {
    let managers = tickets::holders(tx, task.project_id, &["project_manager"]).await?;
    let mut people = (*managers).clone();
    if let Some(group) = task.group_id {
        let group = groups::Entity::find_by_id(group).one(&tx.db).await?;
        people.extend(group.and_then(|group| group.leader_id));
    }
    Ok(people)
}
