//! What the monthly report tells of messages that left the house (F-54): how many, by channel.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rows::{channels, deliveries};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::Result;

/// Messages of one channel in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The channel's name.
    pub channel: String,
    /// `smtp`, `http` (SMS gateway), `wecom`, `dingtalk` or `feishu`.
    pub kind: String,
    /// Taken by the other side.
    pub sent: i64,
    /// Given up.
    pub failed: i64,
    /// Still on their way.
    pub waiting: i64,
}

#[derive(FromQueryResult)]
struct Row {
    channel_id: Uuid,
    state: String,
    n: i64,
}

/// Messages about a project that were put on their way in `from..to`, by channel; what was passed on to
/// another channel counts there.
///
/// # Errors
/// When the store fails.
pub async fn sent(app: &App, project: Uuid, from: At, to: At) -> Result<Vec<Sent>> {
    use deliveries::Column;
    let db = app.db.read();
    let rows = deliveries::Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::CreatedAt.gte(from))
        .filter(Column::CreatedAt.lt(to))
        .filter(Column::State.ne("passed_on"))
        .select_only()
        .columns([Column::ChannelId, Column::State])
        .column_as(Column::Id.count(), "n")
        .group_by(Column::ChannelId)
        .group_by(Column::State)
        .into_model::<Row>()
        .all(db)
        .await?;
    let channels = channels::Entity::find()
        .filter(channels::Column::Id.is_in(rows.iter().map(|row| row.channel_id)))
        .all(db)
        .await?;
    let mut told: HashMap<Uuid, Sent> = channels
        .into_iter()
        .map(|channel| {
            let none = Sent {
                channel: channel.name,
                kind: channel.kind,
                sent: 0,
                failed: 0,
                waiting: 0,
            };
            (channel.id, none)
        })
        .collect();
    for row in rows {
        let Some(one) = told.get_mut(&row.channel_id) else {
            continue;
        };
        match row.state.as_str() {
            "sent" => one.sent += row.n,
            "dead" => one.failed += row.n,
            _ => one.waiting += row.n,
        }
    }
    let mut told: Vec<Sent> = told.into_values().collect();
    told.sort_by(|a, b| (&a.kind, &a.channel).cmp(&(&b.kind, &b.channel)));
    Ok(told)
}
