//! Calendar files that were imported: kept in the database, taken over by every node.

use std::sync::Arc;
use std::time::Duration;

use anlan_core::calendar::{Calendars, HolidayYear, Hours};
use anlan_core::definition::{Problem, Problems};
use anlan_core::sla::Agreement;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::features::projects;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::settings;

mod rows {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "definitions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub key: String,
        pub hash: String,
        pub source: String,
        pub created_at: At,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What calendar files are called in the table of definitions.
const KIND: &str = "calendar";
/// How often a node looks for what another has imported.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Seconds after which every node has taken over what one has imported.
const KNOWN_AFTER: i64 = 60;
/// The setting that keeps the digest of the calendar files of the last start.
const SEEN: &str = "calendars.seen";

/// Checks a file, keeps it and takes it over; the key it is known by.
pub async fn add(app: &App, caller: &Caller, text: String) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::field("file", "bad_characters"));
    }
    let known = app.definitions.calendars();
    let changed = known.with_file(&text).map_err(wrong)?;
    let key = match HolidayYear::parse(&text) {
        Ok(holidays) => format!("{}-{}", holidays.layer, holidays.year),
        Err(_) => Hours::parse(&text).map_err(wrong)?.key().to_owned(),
    };
    if let (Some(old), Some(new)) = (known.get(&key), changed.get(&key))
        && !old.has_hours_of(new)
    {
        unused(app, &key).await?;
    }
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    let entry = caller.entry("calendar.import").on("calendar", &key, &key);
    let entry = entry.detail(serde_json::json!({ "sha256": hash, "bytes": text.len() }));
    let named = key.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = rows::ActiveModel {
                    id: Set(Uuid::now_v7()),
                    kind: Set(KIND.to_owned()),
                    key: Set(named),
                    hash: Set(hash),
                    source: Set(text),
                    created_at: Set(tx.now),
                };
                // The same file again counts as the newest: it may follow another one of its key.
                let again = OnConflict::columns([
                    rows::Column::Kind,
                    rows::Column::Key,
                    rows::Column::Hash,
                ])
                .update_column(rows::Column::CreatedAt)
                .to_owned();
                rows::Entity::insert(row)
                    .on_conflict(again)
                    .exec_without_returning(&tx.db)
                    .await?;
                tx.audit(entry);
                // Once every node reckons by it.
                projects::all_terms_change(tx, tx.now.plus_seconds(KNOWN_AFTER)).await
            })
        })
        .await?;
    load(app).await?;
    Ok(key)
}

/// Refuses other hours for a calendar that promises are reckoned by: tickets keep the hours of the day
/// they were reported, so other hours are another calendar, in force from a day on. Holidays
/// and single days are no hours; the notice of a year comes late and holds for what is open.
async fn unused(app: &App, key: &str) -> Result<()> {
    let in_use = |name: String| {
        let error = FieldError::new("weekly", "hours_in_use").with("name", name);
        Err(Error::Invalid(vec![error]))
    };
    if let Some(project) = projects::working_by(app.db.read(), key).await? {
        return in_use(project);
    }
    let named = |agreement: &&Arc<Agreement>| {
        let mut rules = agreement.all_rules();
        &*agreement.accept == key || rules.any(|rule| &*rule.calendar == key || &*rule.hours == key)
    };
    match app.definitions.agreements().find(named) {
        Some(agreement) => in_use(agreement.key.to_string()),
        None => Ok(()),
    }
}

/// Takes over everything that was imported, the oldest first.
///
/// # Errors
/// When the store fails. A file that this version no longer understands is left out and logged.
pub async fn load(app: &App) -> Result<()> {
    let files = rows::Entity::find()
        .filter(rows::Column::Kind.eq(KIND))
        .order_by_asc(rows::Column::CreatedAt)
        .order_by_asc(rows::Column::Id)
        .all(app.db.read())
        .await?;
    let lay = |calendars: Calendars, file: &rows::Model| match calendars.with_file(&file.source) {
        Ok(more) => more,
        Err(problems) => {
            tracing::error!(key = file.key, %problems, "an imported calendar was left out");
            calendars
        }
    };
    let calendars = files.iter().fold(app.definitions.calendars(), lay);
    app.definitions.set_calendars(calendars);
    Ok(())
}

/// Has clocks judged anew if the calendar files are not those of the last start (a release with the
/// holidays of another year, hours that were edited).
///
/// # Errors
/// When the store fails.
pub async fn compare(app: &App) -> Result<()> {
    let digest = app.definitions.calendar_files().to_owned();
    let seen: String = settings::get(app.db.read(), SEEN).await?;
    if seen == digest {
        return Ok(());
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                settings::set(tx, SEEN, &digest).await?;
                projects::all_terms_change(tx, tx.now).await
            })
        })
        .await
}

/// Looks for what has changed since the last start, and for what other nodes import. The embedded
/// database has one node only.
pub fn start(app: &App) {
    let fresh = app.clone();
    tokio::spawn(async move {
        if let Err(error) = compare(&fresh).await {
            tracing::error!(%error, "clocks could not be judged by the new calendars");
        }
    });
    if app.db.backend() == DbBackend::Sqlite {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        let mut seen = newest(&app).await.unwrap_or_default();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Ok(now) = newest(&app).await else {
                continue;
            };
            if now == seen {
                continue;
            }
            match load(&app).await {
                Ok(()) => seen = now,
                Err(error) => tracing::error!(%error, "imported calendars could not be read"),
            }
        }
    });
}

async fn newest(app: &App) -> Result<Option<At>> {
    Ok(rows::Entity::find()
        .select_only()
        .column(rows::Column::CreatedAt)
        .filter(rows::Column::Kind.eq(KIND))
        .order_by_desc(rows::Column::CreatedAt)
        .limit(1)
        .into_tuple()
        .one(app.db.read())
        .await?)
}

/// Each problem of a file as a wrong field, with its line.
fn wrong(problems: Problems) -> Error {
    let field = |problem: Problem| {
        let name = if problem.path.is_empty() {
            "file".to_owned()
        } else {
            problem.path
        };
        let (zh, en) = match problem.line {
            0 => (problem.reason.clone(), problem.reason),
            line => (
                format!("第 {line} 行：{}", problem.reason),
                format!("line {line}: {}", problem.reason),
            ),
        };
        FieldError::new(name, "bad_definition").text(zh, en)
    };
    Error::Invalid(problems.0.into_iter().map(field).collect())
}
