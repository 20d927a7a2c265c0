//! What went out, what waits, and the dead letters.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::channels;
use super::rows::deliveries::{Column, Entity, Model};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, Json, Page, PageQuery, Path, Query};

const STATES: [&str; 4] = ["pending", "sent", "dead", "passed_on"];

/// One message on its way to one address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    id: Uuid,
    /// Name of the channel.
    channel: String,
    channel_id: Uuid,
    /// Mail address or phone number, most of it hidden; empty for a robot.
    address: String,
    kind: String,
    title: String,
    link: String,
    urgent: bool,
    /// `pending`, `sent`, `dead` or `passed_on` (to the fallback channel).
    state: String,
    attempts: i32,
    created_at: At,
    /// When it is tried next, while pending.
    due_at: At,
    sent_at: Option<At>,
    /// Why the last attempt failed.
    error: String,
    /// What the other side answered.
    receipt: String,
    /// The delivery this one stands in for.
    origin_id: Option<Uuid>,
}

/// Which deliveries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `pending`, `sent`, `dead` or `passed_on`.
    state: Option<String>,
    /// On this channel.
    channel: Option<Uuid>,
    /// About this thing.
    subject: Option<Uuid>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Deliveries, the newest first.
#[utoipa::path(get, path = "/deliveries", tag = "channels", params(Filter), responses((status = 200, body = Page<Delivery>), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Delivery>>> {
    caller.require_everywhere(Permission::ChannelRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = Entity::find();
    if let Some(state) = filter.state {
        if !STATES.contains(&state.as_str()) {
            let wrong = FieldError::new("state", "one_of").with("options", STATES.join(", "));
            return Err(Error::Invalid(vec![wrong]));
        }
        query = query.filter(Column::State.eq(state));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(Column::ChannelId.eq(channel));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(Column::SubjectId.eq(subject));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(Column::Id.lt(cursor.id));
    }
    let found = query
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let names: Vec<(Uuid, String)> = channels::Entity::find()
        .select_only()
        .columns([channels::Column::Id, channels::Column::Name])
        .into_tuple()
        .all(app.db.read())
        .await?;
    let name = |id: Uuid| names.iter().find(|(other, _)| *other == id);
    let cut = Page::cut(found, limit, |row| Cursor::number(0, row.id));
    Ok(Json(cut.map(|row| {
        let channel = name(row.channel_id).map(|(_, name)| name.clone());
        Delivery::of(row, channel.unwrap_or_default())
    })))
}

/// Sends a dead letter again, from the beginning.
#[utoipa::path(post, path = "/deliveries/{id}/retry", tag = "channels", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn retry(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    caller.require_everywhere(Permission::ChannelManage)?;
    let entry = caller.entry("delivery.retry");
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = Entity::find_by_id(id)
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                if row.state != "dead" {
                    return Err(Error::conflict("not_dead"));
                }
                tx.audit(entry.on("delivery", id, &row.title));
                tx.changed(Change::new(Topic::Outbox, row.channel_id));
                tx.changed(Change::new(Topic::Delivery, id));
                let mut row = row.into_active_model();
                row.state = Set("pending".into());
                row.attempts = Set(0);
                row.due_at = Set(tx.now);
                row.update(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Delivery {
    fn of(row: Model, channel: String) -> Self {
        Self {
            id: row.id,
            channel,
            channel_id: row.channel_id,
            address: masked(&row.address),
            kind: row.kind,
            title: row.title,
            link: row.link,
            urgent: row.urgent,
            state: row.state,
            attempts: row.attempts,
            created_at: row.created_at,
            due_at: row.due_at,
            sent_at: row.sent_at,
            error: row.last_error,
            receipt: row.receipt,
            origin_id: row.origin_id,
        }
    }
}

/// An address, recognisable for who knows it.
fn masked(address: &str) -> String {
    let hidden = |text: &str, head: usize, tail: usize| {
        let characters: Vec<char> = text.chars().collect();
        if characters.len() <= head + tail {
            return "*".repeat(characters.len());
        }
        let part = |range: &[char]| range.iter().collect::<String>();
        let end = characters.len() - tail;
        format!(
            "{}****{}",
            part(&characters[..head]),
            part(&characters[end..])
        )
    };
    match address.split_once('@') {
        Some((name, domain)) => format!("{}@{domain}", hidden(name, 1, 0)),
        None => hidden(address, 3, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("13812345678"), "138****5678");
        assert_eq!(masked("zhang@example.cn"), "z****@example.cn");
        assert_eq!(masked("z@example.cn"), "*@example.cn");
        assert_eq!(masked("110"), "***");
    }
}
