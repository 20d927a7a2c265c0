//! Files attached to tickets.

use std::time::Duration;

use anlan_core::access::Permission;
use axum::body::Body;
use axum::extract::{Multipart, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use sea_orm::EntityTrait;
use tokio::time::timeout;
use utoipa::ToSchema;
use uuid::Uuid;

use super::actor::Actor;
use super::api::visible;
use super::dto::Attachment;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::files::{self, MAX_SIZE, Owner};
use crate::platform::http::{Json, Path, in_time};

/// How long an upload may take as a whole: the largest file over a slow line.
const LONGEST_UPLOAD: Duration = Duration::from_secs(600);

/// A file, as a form field named `file`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body")]
pub struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Attaches a file to a ticket.
#[utoipa::path(post, path = "/tickets/{id}/attachments", tag = "tickets", params(("id" = Uuid, Path)),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = Attachment), (status = 404, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn attach(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<Attachment>)> {
    let ticket = visible(&app, &caller, id).await?;
    let actor = Actor::caller(&caller);
    let place = actor.place(&ticket);
    let writes = [
        Permission::TicketAct,
        Permission::TicketCreate,
        Permission::TicketConfirm,
    ];
    if !writes
        .iter()
        .any(|permission| caller.access.can(*permission, place))
    {
        return Err(Error::forbidden().with("permission", Permission::TicketAct));
    }
    let late = |_| Error::coded(StatusCode::REQUEST_TIMEOUT, "body_timeout");
    let (name, content) = timeout(LONGEST_UPLOAD, read(&mut form))
        .await
        .map_err(late)??;
    let stored = app.files.put(&content).await?;
    let owner = Owner {
        kind: "ticket",
        id,
        project: Some(ticket.project_id),
        by: Some(caller.user.id),
    };
    let entry = caller
        .entry("ticket.attach")
        .on("ticket", id, &ticket.number)
        .detail(serde_json::json!({ "name": name, "sha256": stored.hash }));
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                tx.changed(Change::in_project(Topic::Ticket, id, ticket.project_id));
                files::attach(tx, stored, &name, owner).await
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

async fn read(form: &mut Multipart) -> Result<(String, Vec<u8>)> {
    let broken = |_| Error::coded(StatusCode::BAD_REQUEST, "broken_body");
    let missing = || Error::field("file", "required");
    let mut field = in_time(form.next_field())
        .await?
        .map_err(broken)?
        .ok_or_else(missing)?;
    if field.name() != Some("file") {
        return Err(Error::field(field.name().unwrap_or("?"), "unknown"));
    }
    let name = field.file_name().unwrap_or_default().to_owned();
    let mut content = Vec::new();
    while let Some(part) = in_time(field.chunk()).await?.map_err(broken)? {
        if content.len() + part.len() > MAX_SIZE {
            return Err(Error::coded(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
        }
        content.extend_from_slice(&part);
    }
    if content.is_empty() {
        return Err(missing());
    }
    Ok((name, content))
}

/// One attachment's content. Only pictures and PDF are shown in the browser; everything else is saved.
#[utoipa::path(get, path = "/attachments/{id}", tag = "tickets", params(("id" = Uuid, Path)), responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem)))]
pub async fn download(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<impl IntoResponse> {
    let row = files::rows::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .filter(|row| row.owner_kind == "ticket")
        .ok_or_else(Error::not_found)?;
    visible(&app, &caller, row.owner_id).await?;
    let content = app.files.get(&row.hash).await?;
    let shown = matches!(
        row.media_type.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "application/pdf"
    );
    let disposition = if shown { "inline" } else { "attachment" };
    let encoded: String = form_urlencoded::byte_serialize(row.name.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let headers: [(HeaderName, String); 3] = [
        (
            CONTENT_TYPE,
            if shown {
                row.media_type
            } else {
                "application/octet-stream".into()
            },
        ),
        (
            CONTENT_DISPOSITION,
            format!("{disposition}; filename*=UTF-8''{encoded}"),
        ),
        // Whatever it holds, it runs nothing.
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".into(),
        ),
    ];
    Ok((headers, Body::from(content)))
}
