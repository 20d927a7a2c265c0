//! What a change of a ticket means for its tasks.

use std::collections::BTreeSet;

use anlan_core::definition::Text;
use anlan_core::process::file::{By, Finish, Task};
use anlan_core::process::{Decision, Outcome};
use anlan_core::sla::{Assessment, Target, Wakeup, WakeupKind};
use anlan_core::task::Due;
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::SignedDuration;
use serde_json::Value;
use uuid::Uuid;

use super::begin::{self, Begun, Doer, When, begin};
use super::end::{self, Why};
use crate::app::App;
use crate::features::suppliers;
use crate::features::tickets::rows::tickets::Model as Ticket;
use crate::features::tickets::{self, Actor, Happening, Terms};
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// Who is answerable when the words of a task find nobody.
const MANAGER: &str = "project_manager";

/// Begins and ends tasks as the ticket demands; part of the ticket's own transaction.
pub fn follow<'a>(
    tx: &'a mut Tx,
    app: &'a App,
    ticket: &'a Ticket,
    happening: Happening<'a>,
) -> BoxFuture<'a, Result<()>> {
    async move {
        match happening {
            Happening::Decided(actor, decision) => decided(tx, app, ticket, actor, decision).await,
            Happening::Woken(wakeup, assessment) => {
                woken(tx, app, ticket, wakeup, assessment).await
            }
        }
    }
    .boxed()
}

async fn decided(
    tx: &mut Tx,
    app: &App,
    ticket: &Ticket,
    actor: &Actor,
    decision: &Decision,
) -> Result<()> {
    for effect in &decision.effects {
        match effect {
            Outcome::Task(task) if task.draws(ticket.id) => {
                asked(tx, app, ticket, actor, decision, task).await?;
            }
            Outcome::Finish(Finish { tasks, state }) => {
                let name = &decision.action_name;
                let why = Why::Said(Text::new(name.zh.clone(), name.en.clone()));
                for name in tasks {
                    end::named(tx, &actor.record, ticket.id, name, *state, &why).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A task that the process asks for: by the agreement of whoever does it, or else within some hours.
async fn asked(
    tx: &mut Tx,
    app: &App,
    ticket: &Ticket,
    actor: &Actor,
    decision: &Decision,
    task: &Task,
) -> Result<()> {
    let vendor = decision.fields.get("vendor_name").and_then(Value::as_str);
    let vendor = vendor.filter(|_| task.by == Some(By::Supplier));
    let doer = match (task.by, vendor) {
        (Some(By::Group), _) => group(tx, ticket).await?,
        (Some(By::Supplier), Some(vendor)) => supplier(tx, ticket, vendor).await?,
        _ => None,
    };
    let terms = Terms::of(tx, ticket.project_id).await?;
    let begun = match doer {
        Some(doer) => {
            doer.terms(app, &terms, tx.now.timestamp())?
                .map(|(basis, calendar, when)| Begun {
                    kind: &task.key,
                    title: task.name.clone(),
                    doer,
                    basis,
                    calendar,
                    when,
                })
        }
        None => None,
    };
    match begun {
        Some(begun) => begin(tx, app, &actor.record, ticket, begun).await,
        None => within_hours(tx, app, ticket, actor, task, vendor).await,
    }
}

/// A task for the first whom its words find; all of them are told. Nothing where the process names no
/// hours.
async fn within_hours(
    tx: &mut Tx,
    app: &App,
    ticket: &Ticket,
    actor: &Actor,
    task: &Task,
    vendor: Option<&str>,
) -> Result<()> {
    let Some(hours) = task.due_hours else {
        return Ok(());
    };
    let title = match vendor {
        Some(vendor) => Text::new(
            format!("{}：{vendor}", task.name.zh),
            format!("{}: {vendor}", task.name.en),
        ),
        None => task.name.clone(),
    };
    let start = tx.now.timestamp();
    let until = start + SignedDuration::from_hours(i64::from(hours));
    let words: Vec<&str> = task.to.iter().map(String::as_str).collect();
    tell(tx, ticket, &words, &title).await?;
    let begun = Begun {
        kind: &task.key,
        doer: first(tx, ticket, &words).await?,
        title,
        basis: "hours",
        calendar: String::new(),
        when: vec![When {
            promise: None,
            due: Due::at(start, until),
        }],
    };
    begin(tx, app, &actor.record, ticket, begun).await
}

/// The clock of the spare part has begun: providing it is a task.
async fn woken(
    tx: &mut Tx,
    app: &App,
    ticket: &Ticket,
    wakeup: &Wakeup,
    assessment: &Assessment,
) -> Result<()> {
    let target = Target::SparePart;
    if wakeup.kind != WakeupKind::StartTarget || wakeup.target != Some(target) {
        return Ok(());
    }
    let clock = assessment
        .clocks
        .iter()
        .find(|clock| clock.target == target && clock.cycle == wakeup.cycle);
    let Some(clock) = clock else {
        return Ok(());
    };
    let words: Vec<&str> = wakeup.to_roles.iter().map(|role| &**role).collect();
    let begun = Begun {
        kind: target.as_str(),
        title: Text::new(target.zh(), target.en()),
        doer: first(tx, ticket, &words).await?,
        basis: "agreement",
        calendar: clock.calendar.to_string(),
        when: vec![When {
            promise: None,
            due: Due::at(clock.started_at, clock.due),
        }],
    };
    begin(tx, app, &Actor::system().record, ticket, begun).await
}

/// The ticket's group.
async fn group(tx: &Tx, ticket: &Ticket) -> Result<Option<Doer>> {
    let Some(id) = ticket.group_id else {
        return Ok(None);
    };
    let group = begin::group(tx, ticket.project_id, id).await?;
    Ok(group.map(Doer::group))
}

/// The supplier of that name, when a contract with it is in force for the ticket's project.
async fn supplier(tx: &Tx, ticket: &Ticket, name: &str) -> Result<Option<Doer>> {
    let day = super::suppliers::day(tx.now);
    let found = suppliers::in_force(&tx.db, ticket.project_id, &day).await?;
    let named = found
        .into_iter()
        .find(|(supplier, _)| supplier.name == name.trim());
    Ok(named.map(|(_, contract)| Doer::supplier(&contract)))
}

/// The first whom the words find; the project manager when they find nobody.
async fn first(tx: &Tx, ticket: &Ticket, words: &[&str]) -> Result<Doer> {
    for word in words {
        let found = match *word {
            "assignee" if ticket.assignee_id.is_some() => ticket.assignee_id.map(Doer::Person),
            "reporter" => ticket.created_by.map(Doer::Person),
            "assignee" | "group_member" | "group_leader" => group(tx, ticket).await?,
            role => {
                let role = role.strip_prefix("role:").unwrap_or(role);
                let holders = tickets::holders(tx, ticket.project_id, &[role]).await?;
                (!holders.is_empty()).then(|| Doer::Role(role.to_owned()))
            }
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Ok(Doer::Role(MANAGER.to_owned()))
}

async fn tell(tx: &mut Tx, ticket: &Ticket, words: &[&str], title: &Text) -> Result<()> {
    let people: BTreeSet<Uuid> = tickets::people(tx, ticket, words).await?;
    tickets::notice(
        tx,
        ticket,
        people,
        "ticket.task",
        (&title.zh, &title.en),
        false,
    )
    .await
}
