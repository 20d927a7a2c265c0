//! Which messages go out on which channels, written into the outbox with what they tell about.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::Message;
use super::config::{Config, Rule};
use super::rows::{channels, deliveries};
use crate::platform::auth::rows::users;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::events::{Change, Topic};
use crate::platform::i18n::Lang;

/// What mail takes besides whatever is urgent, and the end of it: somebody has to act on it.
const MAILED: [&str; 7] = [
    "ticket.dispatch",
    "ticket.assign",
    "ticket.sla",
    "ticket.task",
    "ticket.unanswered",
    "supplier.contract",
    "sla",
];

/// Writes a delivery for each address that is to be told.
///
/// # Errors
/// When the store fails.
pub async fn plan(tx: &mut Tx, message: &Message, people: &[users::Model]) -> Result<()> {
    let channels = tx.once(String::new(), enabled(&tx.db)).await?;
    let message_id = Uuid::now_v7();
    let mut rows = Vec::new();
    for Channel { id, config } in channels.iter() {
        if !takes(config, message) {
            continue;
        }
        let draft =
            |user: Option<&users::Model>, address: String, lang: Lang| deliveries::ActiveModel {
                id: Set(Uuid::now_v7()),
                channel_id: Set(*id),
                message_id: Set(message_id),
                user_id: Set(user.map(|user| user.id)),
                address: Set(address),
                kind: Set(message.kind.clone()),
                title: Set(lang.pick(&message.title.0, &message.title.1).to_owned()),
                body: Set(lang.pick(&message.body.0, &message.body.1).to_owned()),
                link: Set(message.link.clone()),
                project_id: Set(message.project),
                subject_id: Set(message.subject),
                urgent: Set(message.urgent),
                state: Set("pending".into()),
                attempts: Set(0),
                due_at: Set(tx.now),
                attempted_at: Set(None),
                sent_at: Set(None),
                last_error: Set(String::new()),
                receipt: Set(String::new()),
                origin_id: Set(None),
                created_at: Set(tx.now),
            };
        let before = rows.len();
        if matches!(config, Config::Robot(..)) {
            rows.push(draft(None, String::new(), config.rule().language));
        } else {
            rows.extend(people.iter().filter_map(|person| {
                let address = address(config, person)?;
                Some(draft(
                    Some(person),
                    address,
                    Lang::from_code(&person.language),
                ))
            }));
        }
        if rows.len() > before {
            tx.changed(Change::new(Topic::Outbox, *id));
        }
    }
    // A statement may carry 32,766 values; a row has 21.
    for part in rows.chunks(1_000) {
        deliveries::Entity::insert_many(part.to_vec())
            .exec_without_returning(&tx.db)
            .await?;
    }
    Ok(())
}

/// A channel that sends.
struct Channel {
    id: Uuid,
    config: Config,
}

async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<Channel>> {
    let rows = channels::Entity::find()
        .filter(channels::Column::Enabled.eq(true))
        .filter(channels::Column::DeletedAt.is_null())
        .all(db)
        .await?;
    let readable = rows.into_iter().filter_map(|row| {
        // What was stored was checked; a channel that cannot be read must not stop a ticket.
        match Config::read(&row.kind, &row.config) {
            Ok(config) => Some(Channel { id: row.id, config }),
            Err(_) => {
                tracing::error!(
                    channel = row.name,
                    "a channel's configuration cannot be read"
                );
                None
            }
        }
    });
    Ok(readable.collect())
}

/// A person's address on a channel of that kind.
pub fn address(config: &Config, person: &users::Model) -> Option<String> {
    let address = match config {
        Config::Smtp(_) => person.email.trim(),
        Config::Http(_) => person.phone.trim(),
        Config::Robot(..) => "",
    };
    (!address.is_empty()).then(|| address.to_owned())
}

fn takes(config: &Config, message: &Message) -> bool {
    let rule = config.rule();
    if rule.standby || !in_projects(rule, message) {
        return false;
    }
    // Whoever was woken hears that it is over, and is not woken for it.
    let wakes = matches!(config, Config::Http(_));
    let of_opening = |kind| !wakes && carries(config, kind, true);
    carries(config, &message.kind, message.urgent) || message.ends.is_some_and(of_opening)
}

/// Whether messages of a kind go through a channel.
fn carries(config: &Config, kind: &str, urgent: bool) -> bool {
    let rule = config.rule();
    let named = |kinds: &[&str]| kinds.iter().any(|prefix| begins(kind, prefix));
    let listed: Vec<&str> = rule.kinds.iter().map(String::as_str).collect();
    match config {
        Config::Smtp(_) if listed.is_empty() => urgent || named(&MAILED),
        Config::Smtp(_) => urgent || named(&listed),
        Config::Http(_) => urgent && (listed.is_empty() || named(&listed)),
        Config::Robot(..) => (urgent || !rule.urgent_only) && (listed.is_empty() || named(&listed)),
    }
}

fn in_projects(rule: &Rule, message: &Message) -> bool {
    rule.projects.is_empty()
        || message
            .project
            .is_some_and(|project| rule.projects.contains(&project))
}

/// Whether `kind` is `prefix` or one of the kinds below it.
fn begins(kind: &str, prefix: &str) -> bool {
    kind.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
