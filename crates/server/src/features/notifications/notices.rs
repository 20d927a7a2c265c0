//! What one was told: the bell in the page's corner.

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::notices::{Column, Entity, Model};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, Json, Page, PageQuery, Path, Query};

/// One notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    id: Uuid,
    at: At,
    /// Sort of message, such as `ticket.sla.breach`.
    kind: String,
    title: String,
    body: String,
    /// The page it is about (`/tickets/…`).
    link: String,
    urgent: bool,
    /// When it was read; null while it is new.
    read_at: Option<At>,
}

impl From<Model> for Notice {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            at: row.at,
            kind: row.kind,
            title: row.title,
            body: row.body,
            link: row.link,
            urgent: row.urgent,
            read_at: row.read_at,
        }
    }
}

/// Which notices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Only those not read yet.
    unread: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// How many are new.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    unread: u64,
}

/// One's own notices, the newest first.
#[utoipa::path(get, path = "/notices", tag = "notices", params(Filter), responses((status = 200, body = Page<Notice>), (status = 401, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Notice>>> {
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = Entity::find().filter(Column::UserId.eq(caller.user.id));
    if filter.unread == Some(true) {
        query = query.filter(Column::ReadAt.is_null());
    }
    if let Some(cursor) = page.cursor()? {
        let at = cursor.as_number()?;
        query = query.filter(
            Condition::any().add(Column::At.lt(at)).add(
                Condition::all()
                    .add(Column::At.eq(at))
                    .add(Column::Id.lt(cursor.id)),
            ),
        );
    }
    let found = query
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let cut = Page::cut(found, limit, |row| Cursor::number(row.at.0, row.id));
    Ok(Json(cut.map(Notice::from)))
}

/// How many of one's notices are new.
#[utoipa::path(get, path = "/notices/count", tag = "notices", responses((status = 200, body = Count), (status = 401, body = Problem)))]
pub async fn count(State(app): State<App>, caller: Caller) -> Result<Json<Count>> {
    let unread = Entity::find()
        .filter(Column::UserId.eq(caller.user.id))
        .filter(Column::ReadAt.is_null())
        .count(app.db.read())
        .await?;
    Ok(Json(Count { unread }))
}

/// One has read it.
#[utoipa::path(post, path = "/notices/{id}/read", tag = "notices", params(("id" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let me = caller.user.id;
    let row = Entity::find_by_id(id)
        .filter(Column::UserId.eq(me))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    if row.read_at.is_none() {
        mark(&app, me, Some(id)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// One has read them all.
#[utoipa::path(post, path = "/notices/read-all", tag = "notices", responses((status = 204), (status = 401, body = Problem)))]
pub async fn read_all(State(app): State<App>, caller: Caller) -> Result<StatusCode> {
    mark(&app, caller.user.id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn mark(app: &App, me: Uuid, one: Option<Uuid>) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let which = Condition::all()
                    .add(Column::UserId.eq(me))
                    .add(Column::ReadAt.is_null())
                    .add_option(one.map(|id| Expr::col(Column::Id).eq(id)));
                let done = Entity::update_many()
                    .col_expr(Column::ReadAt, Expr::value(tx.now.0))
                    .filter(which)
                    .exec(&tx.db)
                    .await?;
                if done.rows_affected > 0 {
                    tx.changed(Change::for_person(Topic::Notice, one.unwrap_or(me), me));
                }
                Ok(())
            })
        })
        .await
}
