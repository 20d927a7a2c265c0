//! Beginning a task: who does it, by when, whom to tell.

use anlan_core::definition::Text;
use anlan_core::process::file::{Finished, Task};
use anlan_core::task::{Due, Promise, Within};
use jiff::SignedDuration;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::rows::tasks;
use super::wake::{self, Ring};
use super::{dto, end};
use crate::app::App;
use crate::features::people::rows::groups;
use crate::features::suppliers::rows::supplier_contracts;
use crate::features::tickets::rows::tickets::Model as Ticket;
use crate::features::tickets::{self, Inside, Terms};
use crate::platform::audit;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::i18n::Lang;
use crate::platform::timers;

/// What somebody promises us, by an agreement of his own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    within: Within,
    /// Key of the calendar by which it runs.
    calendar: String,
}

/// Who does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doer {
    /// A person.
    Person(Uuid),
    /// A support group, with its OLA.
    Group(Uuid, Option<Promised>),
    /// Whoever holds a role on the project.
    Role(String),
    /// A supplier, by a contract (UC).
    Supplier {
        /// The supplier.
        supplier: Uuid,
        /// The contract.
        contract: Uuid,
        /// What it promises.
        promised: Promised,
    },
}

/// By when.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Which of several promises of one hand-over.
    pub promise: Option<Promise>,
    /// Warning and end.
    pub due: Due,
}

/// A task, or the several promises of one hand-over, to be begun.
#[derive(Debug)]
pub struct Begun<'a> {
    /// Key.
    pub kind: &'a str,
    /// What to do.
    pub title: Text,
    /// Who does it.
    pub doer: Doer,
    /// What the times follow from.
    pub basis: &'static str,
    /// Key of the calendar they run by; empty for the clock on the wall.
    pub calendar: String,
    /// By when.
    pub when: Vec<When>,
}

impl Doer {
    /// A group.
    pub fn group(group: groups::Model) -> Self {
        let within = Within {
            respond: group.ola_respond.map(SignedDuration::from_secs),
            arrive: None,
            resolve: group.ola_resolve.map(SignedDuration::from_secs),
        };
        let ola = group
            .ola_calendar
            .map(|calendar| Promised { within, calendar });
        Self::Group(group.id, ola)
    }

    /// A supplier.
    pub fn supplier(contract: &supplier_contracts::Model) -> Self {
        Self::Supplier {
            supplier: contract.supplier_id,
            contract: contract.id,
            promised: Promised {
                within: contract.within(),
                calendar: contract.calendar.clone(),
            },
        }
    }

    /// Whether the task is this one's.
    fn has(&self, task: &tasks::Model) -> bool {
        match self {
            Self::Person(id) => task.assignee_id == Some(*id),
            Self::Group(id, _) => task.group_id == Some(*id),
            Self::Role(role) => task.role.as_ref() == Some(role),
            Self::Supplier { supplier, .. } => task.supplier_id == Some(*supplier),
        }
    }

    /// Times by the doer's own agreement: the OLA of a group, the contract with a supplier. Nothing
    /// without one.
    ///
    /// # Errors
    /// When its calendar is gone or does not work so long.
    pub fn terms(
        &self,
        app: &App,
        terms: &Terms,
        start: jiff::Timestamp,
    ) -> Result<Option<(&'static str, String, Vec<When>)>> {
        let (basis, promised) = match self {
            Self::Group(_, Some(ola)) => ("ola", ola),
            Self::Supplier { promised, .. } => ("uc", promised),
            _ => return Ok(None),
        };
        if promised.within.is_empty() {
            return Ok(None);
        }
        let key = &promised.calendar;
        let calendars = app.definitions.calendars_of(&terms.project.calendar);
        let gone = || Error::internal(format!("calendar {key} of {basis} is gone"));
        let calendar = calendars.resolve(key).ok_or_else(gone)?;
        let promises = promised.within.from(start, calendar);
        let when = promises
            .map_err(Error::internal)?
            .into_iter()
            .map(|(promise, due)| When {
                promise: Some(promise),
                due,
            });
        Ok(Some((basis, key.clone(), when.collect())))
    }
}

/// Begins it. The same work that is still open with the same doer is not begun again; open with
/// another, it is his no more.
///
/// # Errors
/// When the store fails.
pub async fn begin(
    tx: &mut Tx,
    app: &App,
    actor: &audit::Actor,
    ticket: &Ticket,
    begun: Begun<'_>,
) -> Result<()> {
    if begun.kind != Task::BY_HAND {
        let open = end::open(tx, ticket.id, begun.kind).await?;
        if open.iter().any(|task| begun.doer.has(task)) {
            return Ok(());
        }
        let why = Text::new("已转交他人", "Handed on to somebody else");
        for task in open {
            end::end(tx, actor, task, Finished::NotNeeded, &why.clone().into()).await?;
        }
    }
    add(tx, app, actor, ticket, begun).await.map(drop)
}

/// Adds the rows, with timers and entries of the timeline.
///
/// # Errors
/// When the store fails.
pub async fn add(
    tx: &mut Tx,
    app: &App,
    actor: &audit::Actor,
    ticket: &Ticket,
    begun: Begun<'_>,
) -> Result<Vec<tasks::Model>> {
    let mut made = Vec::new();
    for when in &begun.when {
        let task = row(tx, actor, ticket, &begun, when);
        let rings = [(when.due.warn, Ring::Warn), (when.due.at, Ring::Due)];
        let rings = rings.map(|(at, ring)| (at.into(), ring));
        timers::add(tx, wake::DUE, task.id, &rings).await?;
        tasks::Entity::insert(task.clone().into_active_model().reset_all())
            .exec_without_returning(&tx.db)
            .await?;
        made.push(task);
    }
    let detail = |task: &tasks::Model| json!({ "id": task.id, "promise": task.promise, "due_at": task.due_at });
    let inside = Inside {
        action: "task.open",
        note: said(tx, app, ticket, &begun.title, &made).await?,
        detail: json!({
            "kind": begun.kind, "basis": begun.basis,
            "begun": made.iter().map(detail).collect::<Vec<_>>(),
        }),
    };
    tickets::write_inside(tx, actor, ticket.id, inside).await?;
    Ok(made)
}

fn row(
    tx: &Tx,
    actor: &audit::Actor,
    ticket: &Ticket,
    begun: &Begun<'_>,
    when: &When,
) -> tasks::Model {
    let promise = when.promise.map(Promise::as_str);
    let title = |lang: Lang, title: &str| match promise {
        Some(promise) => format!(
            "{title} · {}",
            lang.text(&format!("task.promise.{promise}"), &[])
        ),
        None => title.to_owned(),
    };
    let mut task = tasks::Model {
        id: Uuid::now_v7(),
        ticket_id: ticket.id,
        project_id: ticket.project_id,
        kind: begun.kind.to_owned(),
        promise: promise.map(str::to_owned),
        title_zh: title(Lang::Zh, &begun.title.zh),
        title_en: title(Lang::En, &begun.title.en),
        assignee_id: None,
        group_id: None,
        role: None,
        supplier_id: None,
        contract_id: None,
        basis: begun.basis.to_owned(),
        calendar: begun.calendar.clone(),
        started_at: tx.now,
        due_at: when.due.at.into(),
        state: "open".to_owned(),
        closed_at: None,
        closed_by: None,
        closed_by_name: String::new(),
        note: String::new(),
        created_by: actor.id,
        created_at: tx.now,
    };
    match &begun.doer {
        Doer::Person(id) => task.assignee_id = Some(*id),
        Doer::Group(id, _) => task.group_id = Some(*id),
        Doer::Role(role) => task.role = Some(role.clone()),
        Doer::Supplier {
            supplier, contract, ..
        } => (task.supplier_id, task.contract_id) = (Some(*supplier), Some(*contract)),
    }
    task
}

/// What the timeline says of new work: what, who, until when.
async fn said(
    tx: &Tx,
    app: &App,
    ticket: &Ticket,
    title: &Text,
    made: &[tasks::Model],
) -> Result<Text> {
    let terms = Terms::of(tx, ticket.project_id).await?;
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let names = dto::Names::of(&tx.db, made).await?;
    let told = |lang: Lang| {
        let who = made.first().map(|task| names.who(app, lang, task));
        let until = made.iter().map(|task| {
            let due = task.due_at.timestamp().to_zoned(zone.clone());
            let due = due.strftime("%Y-%m-%d %H:%M");
            let what = promise_name(lang, task.promise.as_deref());
            match lang {
                Lang::Zh => format!("{what}{due} 前"),
                Lang::En => format!("{what}by {due}"),
            }
        });
        let until: Vec<String> = until.collect();
        let (title, who) = (lang.pick(&title.zh, &title.en), who.unwrap_or_default());
        match lang {
            Lang::Zh => format!("{title}（{who}）：{}", until.join("，")),
            Lang::En => format!("{title} ({who}): {}", until.join(", ")),
        }
    };
    Ok(Text::new(told(Lang::Zh), told(Lang::En)))
}

/// The name of a promise with a blank after it; nothing without one.
fn promise_name(lang: Lang, promise: Option<&str>) -> String {
    promise.map_or_else(String::new, |promise| {
        format!("{} ", lang.text(&format!("task.promise.{promise}"), &[]))
    })
}

/// A group of a project that is in use.
///
/// # Errors
/// When the store fails.
pub async fn group(tx: &Tx, project: Uuid, id: Uuid) -> Result<Option<groups::Model>> {
    Ok(groups::Entity::find_by_id(id)
        .filter(groups::Column::ProjectId.eq(project))
        .filter(groups::Column::Active.eq(true))
        .one(&tx.db)
        .await?)
}
