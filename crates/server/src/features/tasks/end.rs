//! Ending tasks: by a tick, or because of what was done to the ticket.

use anlan_core::definition::Text;
use anlan_core::process::file::Finished;
use anlan_core::task::Promise;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use serde_json::json;
use uuid::Uuid;

use super::rows::tasks;
use super::wake;
use crate::features::tickets::{self, Inside};
use crate::platform::audit;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::i18n::Lang;
use crate::platform::timers;

/// Why a task ended: what somebody wrote, or what the system says in both languages.
#[derive(Clone, Debug)]
pub enum Why {
    /// As written.
    Written(String),
    /// Said by the system.
    Said(Text),
}

impl From<Text> for Why {
    fn from(text: Text) -> Self {
        Self::Said(text)
    }
}

impl Why {
    /// In a language.
    fn told(&self, lang: Lang) -> &str {
        match self {
            Self::Written(text) => text,
            Self::Said(text) => lang.pick(&text.zh, &text.en),
        }
    }

    /// As it is stored.
    fn stored(&self) -> Result<String> {
        match self {
            Self::Written(text) => Ok(text.clone()),
            Self::Said(text) => serde_json::to_string(text).map_err(Error::internal),
        }
    }

    /// A stored one in a language.
    pub fn read(stored: String, lang: Lang) -> String {
        match serde_json::from_str::<Text>(&stored) {
            Ok(text) => lang.pick(&text.zh, &text.en).to_owned(),
            Err(_) => stored,
        }
    }
}

/// The open tasks of a kind under a ticket, in the order in which they are due.
///
/// # Errors
/// When the store fails.
pub async fn open(tx: &Tx, ticket: Uuid, kind: &str) -> Result<Vec<tasks::Model>> {
    Ok(tasks::Entity::find()
        .filter(tasks::Column::TicketId.eq(ticket))
        .filter(tasks::Column::Kind.eq(kind))
        .filter(tasks::Column::State.eq("open"))
        .order_by_asc(tasks::Column::DueAt)
        .all(&tx.db)
        .await?)
}

/// Ends the open tasks that a name of the process means: `vendor`, or `second_line.respond`.
///
/// # Errors
/// When the store fails.
pub async fn named(
    tx: &mut Tx,
    actor: &audit::Actor,
    ticket: Uuid,
    name: &str,
    state: Finished,
    why: &Why,
) -> Result<()> {
    let (kind, promise) = match name.split_once('.') {
        Some((kind, promise)) => (kind, promise.parse::<Promise>().ok()),
        None => (name, None),
    };
    for task in open(tx, ticket, kind).await? {
        if promise.is_none_or(|kept| kept_with(&task, kept)) {
            end(tx, actor, task, state, why).await?;
        }
    }
    Ok(())
}

/// Ends a task that somebody ticks, and with it what is kept at the latest by it.
///
/// # Errors
/// When the store fails.
pub async fn tick(
    tx: &mut Tx,
    actor: &audit::Actor,
    task: tasks::Model,
    state: Finished,
    why: &Why,
) -> Result<()> {
    let promise = task
        .promise
        .as_deref()
        .and_then(|word| word.parse::<Promise>().ok());
    if let (Some(promise), Finished::Done) = (promise, state) {
        let before = Text::new(
            format!("随“{}”完成", task.title_zh),
            format!("Done with {}", task.title_en),
        );
        for other in open(tx, task.ticket_id, &task.kind).await? {
            if other.id != task.id && kept_with(&other, promise) {
                end(tx, actor, other, state, &before.clone().into()).await?;
            }
        }
    }
    end(tx, actor, task, state, why).await
}

fn kept_with(task: &tasks::Model, kept: Promise) -> bool {
    let promise = task.promise.as_deref().map(str::parse::<Promise>);
    promise.is_some_and(|promise| promise.is_ok_and(|promise| promise.is_kept_with(kept)))
}

/// Ends one task.
///
/// # Errors
/// When the store fails.
pub async fn end(
    tx: &mut Tx,
    actor: &audit::Actor,
    task: tasks::Model,
    state: Finished,
    why: &Why,
) -> Result<()> {
    timers::clear(tx, wake::DUE, task.id).await?;
    let late = state == Finished::Done && tx.now > task.due_at;
    let (ticket, detail) = (
        task.ticket_id,
        json!({ "id": task.id, "kind": task.kind, "late": late }),
    );
    let told = |lang: Lang, title: &str| {
        let why = why.told(lang);
        let colon = lang.pick("：", ": ");
        let title = if late {
            format!("{title}{}", lang.text("task.late", &[]))
        } else {
            title.to_owned()
        };
        if why.is_empty() {
            title
        } else {
            format!("{title}{colon}{why}")
        }
    };
    let note = Text::new(
        told(Lang::Zh, &task.title_zh),
        told(Lang::En, &task.title_en),
    );
    let mut change = task.into_active_model();
    change.state = Set(state.as_str().to_owned());
    change.closed_at = Set(Some(tx.now));
    change.closed_by = Set(actor.id);
    change.closed_by_name = Set(actor.name.clone());
    change.note = Set(why.stored()?);
    change.update(&tx.db).await?;
    let inside = Inside {
        action: match state {
            Finished::Done => "task.done",
            Finished::NotNeeded => "task.not_needed",
        },
        note,
        detail,
    };
    tickets::write_inside(tx, actor, ticket, inside).await
}
