//! The audit log bears witness to the timeline: every entry of a ticket's timeline has its digest in
//! the audit entry of the same change, so that the hash chain covers it too.

use std::collections::BTreeMap;

use anlan_core::audit;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::Deserialize;
use uuid::Uuid;

use super::rows::ticket_events;
use crate::platform::audit::{BadEntry, rows};
use crate::platform::error::Result;

/// Audit entries read at a time.
const PAGE: u64 = 500;

/// The digest of entries of one timeline, in their order.
pub fn digest<'a>(events: impl IntoIterator<Item = &'a ticket_events::Model>) -> String {
    let parts: Vec<String> = events.into_iter().flat_map(parts).collect();
    audit::digest(parts.iter().map(String::as_str))
}

/// Everything an entry says, as texts.
fn parts(event: &ticket_events::Model) -> [String; 15] {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        event.id.to_string(),
        event.ticket_id.to_string(),
        event.seq.to_string(),
        event.at.0.to_string(),
        event.happened_at.0.to_string(),
        event.actor_kind.clone(),
        id(event.actor_id),
        event.actor_name.clone(),
        event.action.clone(),
        event.from_state.clone().unwrap_or_default(),
        event.to_state.clone(),
        event.note.clone(),
        event.changes.clone(),
        event.sla_events.clone(),
        event.internal.to_string(),
    ]
}

/// The entry as it is put into its table.
pub fn row(event: ticket_events::Model) -> ticket_events::ActiveModel {
    event.into_active_model().reset_all()
}

/// What an audit entry says of the timeline beside it.
#[derive(Debug, Deserialize)]
struct Said {
    digest: String,
    /// The number of the one entry it is about, …
    event: Option<i32>,
    /// … or how many from the first on (an import).
    events: Option<i32>,
}

impl Said {
    /// Numbers of the first and the last entry it is about.
    fn span(&self) -> Option<(i32, i32)> {
        let one = self.event.map(|seq| (seq, seq));
        one.or_else(|| self.events.map(|count| (1, count)))
    }
}

/// Compares every timeline with what the audit log says of it: the first entry that was altered or
/// removed, if there is one. Entries from before digests were written are passed over.
///
/// # Errors
/// When the store fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<Option<BadEntry>> {
    let mut after: Option<(String, i64)> = None;
    loop {
        let mut query = rows::Entity::find()
            .filter(rows::Column::ObjectKind.eq("ticket"))
            .filter(rows::Column::Detail.contains("\"digest\""));
        if let Some((chain, seq)) = &after {
            let same = Condition::all()
                .add(rows::Column::Chain.eq(chain))
                .add(rows::Column::Seq.gt(*seq));
            let later = rows::Column::Chain.gt(chain);
            query = query.filter(Condition::any().add(later).add(same));
        }
        let page = query
            .order_by_asc(rows::Column::Chain)
            .order_by_asc(rows::Column::Seq)
            .limit(PAGE)
            .all(db)
            .await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        after = Some((last.chain.clone(), last.seq));
        if let Some(bad) = compare(db, &page).await? {
            return Ok(Some(bad));
        }
    }
}

async fn compare(db: &impl ConnectionTrait, page: &[rows::Model]) -> Result<Option<BadEntry>> {
    let about = |row: &rows::Model| Uuid::parse_str(&row.object_id).unwrap_or_default();
    let found = ticket_events::Entity::find()
        .filter(ticket_events::Column::TicketId.is_in(page.iter().map(about)))
        .all(db)
        .await?;
    let timelines: BTreeMap<(Uuid, i32), ticket_events::Model> = found
        .into_iter()
        .map(|event| ((event.ticket_id, event.seq), event))
        .collect();
    for row in page {
        let Ok(said) = serde_json::from_str::<Said>(&row.detail) else {
            continue;
        };
        let Some((first, last)) = said.span() else {
            continue;
        };
        let ticket = about(row);
        let events = timelines.range((ticket, first)..=(ticket, last));
        if digest(events.map(|(_, event)| event)) != said.digest {
            return Ok(Some(BadEntry {
                chain: row.chain.clone(),
                seq: row.seq,
                reason: format!(
                    "the timeline of {} is not what was written then",
                    row.object_label
                ),
            }));
        }
    }
    Ok(None)
}
