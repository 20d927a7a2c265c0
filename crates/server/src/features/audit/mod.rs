//! The audit log, for those who may read it.

use axum::extract::State;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use anlan_core::access::Permission;

use crate::app::App;
use crate::features::tickets::witness;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::audit::{self, Verdict, rows};
use crate::platform::error::{Problem, Result};
use crate::platform::http::{Cursor, Json, Page, PageQuery, Query};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    /// The node that wrote it.
    chain: String,
    /// Its number in that node's chain.
    seq: i64,
    /// When.
    at: At,
    /// Who.
    actor: EntryActor,
    /// From which address.
    ip: String,
    /// What.
    action: String,
    /// On what.
    object: EntryObject,
    /// Whether it succeeded.
    ok: bool,
    /// More of it, as JSON text.
    detail: String,
    /// Its hash, which covers the one before.
    hash: String,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryActor {
    kind: String,
    id: Option<Uuid>,
    name: String,
}

/// To what it was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryObject {
    kind: String,
    id: String,
    label: String,
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// By this account.
    actor: Option<Uuid>,
    /// Beginning with this action (`ticket.` finds all about tickets).
    action: Option<String>,
    /// About the thing with this id.
    object: Option<String>,
    /// Not before.
    from: Option<At>,
    /// Before.
    to: Option<At>,
    /// Only those that succeeded, or only those that failed.
    ok: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Newest entries first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Filter), responses((status = 200, body = Page<Entry>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Entry>>> {
    caller.require_everywhere(Permission::AuditRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after.clone(),
    };
    let limit = page.limit()?;
    let mut query = rows::Entity::find().filter(condition(&filter));
    if let Some(cursor) = page.cursor()? {
        // Several nodes may write in the same microsecond; the number breaks the tie.
        let (at, seq) = (
            cursor.as_number()?,
            i64::from_be_bytes(cursor.id.as_bytes()[8..].try_into().unwrap_or_default()),
        );
        query = query.filter(
            Condition::any().add(rows::Column::At.lt(at)).add(
                Condition::all()
                    .add(rows::Column::At.eq(at))
                    .add(rows::Column::Seq.lt(seq)),
            ),
        );
    }
    let found = query
        .order_by_desc(rows::Column::At)
        .order_by_desc(rows::Column::Seq)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let cut = Page::cut(found, limit, |row| {
        Cursor::number(row.at.0, Uuid::from_u64_pair(0, row.seq.cast_unsigned()))
    });
    Ok(Json(cut.map(Entry::from)))
}

/// Checks every chain from its beginning, and the timelines that the log bears witness to.
/// `progress` is told the entries checked so far.
///
/// # Errors
/// When the store fails.
pub async fn check(db: &impl ConnectionTrait, progress: impl FnMut(i64)) -> Result<Verdict> {
    let mut verdict = audit::verify(db, progress).await?;
    if verdict.ok {
        verdict.first_bad = witness::verify(db).await?;
        verdict.ok = verdict.first_bad.is_none();
    }
    Ok(verdict)
}

/// Checks the whole log now.
#[utoipa::path(get, path = "/audit/verify", tag = "audit", responses((status = 200, body = Verdict), (status = 403, body = Problem)))]
pub async fn verify(State(app): State<App>, caller: Caller) -> Result<Json<Verdict>> {
    caller.require_everywhere(Permission::AuditRead)?;
    Ok(Json(check(app.db.read(), |_| {}).await?))
}

fn condition(filter: &Filter) -> Condition {
    let action = filter
        .action
        .as_deref()
        .map(|action| rows::Column::Action.starts_with(action));
    Condition::all()
        .add_option(filter.actor.map(|id| rows::Column::ActorId.eq(id)))
        .add_option(action)
        .add_option(
            filter
                .object
                .as_deref()
                .map(|id| rows::Column::ObjectId.eq(id)),
        )
        .add_option(filter.from.map(|at| rows::Column::At.gte(at)))
        .add_option(filter.to.map(|at| rows::Column::At.lt(at)))
        .add_option(filter.ok.map(|ok| rows::Column::Ok.eq(ok)))
}

impl From<rows::Model> for Entry {
    fn from(row: rows::Model) -> Self {
        Self {
            chain: row.chain,
            seq: row.seq,
            at: row.at,
            actor: EntryActor {
                kind: row.actor_kind,
                id: row.actor_id,
                name: row.actor_name,
            },
            ip: row.ip,
            action: row.action,
            object: EntryObject {
                kind: row.object_kind,
                id: row.object_id,
                label: row.object_label,
            },
            ok: row.ok,
            detail: row.detail,
            hash: row.hash,
        }
    }
}
