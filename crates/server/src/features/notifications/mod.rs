//! Telling people: in the product at once, by mail, SMS or robot through the outbox.
//!
//! ```text
//! tell ─► notices (the bell)
//!      └► route ─► deliveries ─► sender ─ claim ─► send ─► settle: sent · again later · fallback · dead
//! ```

mod channels;
mod check;
pub mod config;
mod deliveries;
mod figures;
mod limits;
mod notices;
mod outbox;
mod route;
pub mod rows;
mod secrets;
mod send;
mod sender;

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::platform::auth::rows::users;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::events::{Change, Topic};
use crate::platform::i18n::Lang;

pub use figures::{Sent, sent as sent_of};
pub use sender::Sender;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(notices::list))
        .routes(routes!(notices::count))
        .routes(routes!(notices::read))
        .routes(routes!(notices::read_all))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::update, channels::delete))
        .routes(routes!(channels::test))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::retry))
}

/// Something that people are to be told.
#[derive(Clone, Debug)]
pub struct Message {
    /// Sort of message, such as `ticket.breach`: rules choose channels by it.
    pub kind: String,
    /// Whom.
    pub to: BTreeSet<Uuid>,
    /// One line, in Chinese and English.
    pub title: (String, String),
    /// The rest, in Chinese and English.
    pub body: (String, String),
    /// Address of the page it is about, below the public URL (`/tickets/…`).
    pub link: String,
    /// The project it belongs to.
    pub project: Option<Uuid>,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// It may wake somebody up: sent on every channel at once.
    pub urgent: bool,
    /// The kind of the urgent message that this one is the end of: it goes the ways that one went, but
    /// for those that wake (R-276).
    pub ends: Option<&'static str>,
}

/// Tells everybody named, in the same transaction as what they are told about.
///
/// # Errors
/// When the store fails.
pub async fn tell(tx: &mut Tx, message: &Message) -> Result<()> {
    let people = users::Entity::find()
        .filter(users::Column::Id.is_in(message.to.iter().copied()))
        .filter(users::Column::Active.eq(true))
        .all(&tx.db)
        .await?;
    let notices: Vec<_> = people
        .iter()
        .map(|person| {
            let lang = Lang::from_code(&person.language);
            rows::notices::ActiveModel {
                id: Set(Uuid::now_v7()),
                user_id: Set(person.id),
                at: Set(tx.now),
                kind: Set(message.kind.clone()),
                title: Set(lang.pick(&message.title.0, &message.title.1).to_owned()),
                body: Set(lang.pick(&message.body.0, &message.body.1).to_owned()),
                link: Set(message.link.clone()),
                project_id: Set(message.project),
                subject_id: Set(message.subject),
                urgent: Set(message.urgent),
                read_at: Set(None),
            }
        })
        .collect();
    if !notices.is_empty() {
        rows::notices::Entity::insert_many(notices)
            .exec_without_returning(&tx.db)
            .await?;
    }
    for person in &people {
        tx.changed(Change::for_person(Topic::Notice, person.id, person.id));
    }
    route::plan(tx, message, &people).await
}
