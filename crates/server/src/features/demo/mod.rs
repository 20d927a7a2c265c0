//! The demonstration: a believable project on an empty data folder, and a web server of its own to watch.
//!
//! Everything is written through the same doors as in daily work, in one transaction, and once only:
//! later starts find it there and just serve the site.

mod cases;
mod cast;
mod dice;
mod history;
mod inner;
mod live;
mod promised;
mod site;
mod watched;

use std::net::SocketAddr;

use jiff::civil::Date;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::features::projects::rows::projects;
use crate::platform::at::At;
use crate::platform::audit::{Actor, Entry};
use crate::platform::auth::password;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};
use crate::platform::settings;

/// Days of history.
const DAYS: usize = 35;
/// The setting that says that the demonstration stands.
const SETTING: &str = "demo";

/// What is kept of it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    project: Option<Uuid>,
    port: Option<u16>,
}

/// The demonstration as it runs.
#[derive(Debug)]
pub struct Demo {
    /// Where its web server listens.
    pub site: SocketAddr,
    /// Login, name and role of everybody, and their password, the first time only.
    pub people: Option<(Vec<Account>, String)>,
}

/// Somebody who can sign in.
#[derive(Debug)]
pub struct Account {
    /// What is typed.
    pub login: String,
    /// Name.
    pub name: String,
    /// Name of the role.
    pub role: String,
}

/// Fills an empty store and starts the site. Call it before the loops are started.
///
/// # Errors
/// When the store holds other projects, or fails; nothing is written then.
pub async fn prepare(app: &App) -> Result<Demo> {
    let kept: Kept = settings::get(app.db.read(), SETTING).await?;
    let listener = site::bind(kept.port).await?;
    let address = listener.local_addr().map_err(Error::storage)?;
    site::serve(listener);
    let people = match kept.project {
        Some(project) => {
            follow(app, project, kept.port, address.port()).await?;
            None
        }
        None => Some(fill(app, address.port()).await?),
    };
    Ok(Demo {
        site: address,
        people,
    })
}

async fn follow(app: &App, project: Uuid, before: Option<u16>, port: u16) -> Result<()> {
    let Some(before) = before.filter(|before| *before != port) else {
        return Ok(());
    };
    app.db
        .write(move |tx| {
            Box::pin(async move {
                watched::follow(tx, project, before, port).await?;
                let kept = Kept {
                    project: Some(project),
                    port: Some(port),
                };
                settings::set(tx, SETTING, &kept).await
            })
        })
        .await
}

async fn fill(app: &App, port: u16) -> Result<(Vec<Account>, String)> {
    if projects::Entity::find().count(app.db.read()).await? > 0 {
        return Err(Error::internal(
            "there are projects already; the demonstration wants an empty data folder (--data)",
        ));
    }
    let password = password::one_time();
    let hash = password::hash(&password).await?;
    let targets = watched::possible(app, port).await?;
    let shared = app.clone();
    let (cast, targets, ids, now) = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut dice = dice::Dice::new(20_260_101);
                let cast = cast::write(tx, &hash, today(tx.now)).await?;
                let (ids, tales) = watched::write(tx, &cast, &targets, &mut dice).await?;
                history::write(tx, &shared, &cast, tales, &mut dice).await?;
                live::write(tx, &shared, &cast).await?;
                inner::write(tx, &shared, &cast, today(tx.now)).await?;
                let kept = Kept {
                    project: Some(cast.project),
                    port: Some(port),
                };
                settings::set(tx, SETTING, &kept).await?;
                tx.audit(Entry::new(&Actor::system(), "demo.fill").on(
                    "project",
                    cast.project,
                    "demo",
                ));
                Ok((cast, targets, ids, tx.now))
            })
        })
        .await?;
    watched::measure(app, targets, ids, now).await?;
    promised::write(app, &cast, today(now)).await?;
    let role = |key: &str| {
        let found = app
            .definitions
            .roles
            .roles
            .iter()
            .find(|role| role.key == key);
        found.map_or_else(|| key.to_owned(), |role| role.name.clone())
    };
    let accounts = cast.staff.iter().map(|person| Account {
        login: person.login.to_owned(),
        name: person.user.name.clone(),
        role: role(&person.grant.role),
    });
    Ok((accounts.collect(), password))
}

fn today(now: At) -> Date {
    now.timestamp().to_zoned(china()).date()
}

/// The first day of the history that ends today.
fn first_day(today: Date) -> Date {
    let days = i64::try_from(DAYS).unwrap_or_default();
    today.saturating_sub(jiff::Span::new().days(days))
}
