//! The HTTP surface of reports.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sea_orm::sea_query::{Condition, Query as Sql};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::compute::{Background, compute};
use super::content::{Content, digest};
use super::dto::{Report, ReportRow, ReportVerdict, row_view, view};
use super::paper;
use super::period::Month;
use super::rows::{report_tickets, reports};
use super::snapshot;
use crate::app::App;
use crate::features::forms::{Format, Paper, render};
use crate::features::projects;
use crate::features::tickets::dto::{self as ticket_dto, TicketRow};
use crate::features::tickets::rows::tickets;
use crate::features::tickets::{Listed, query as ticket_query};
use crate::platform::access::Caller;
use crate::platform::audit::{self, Entry};
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::events::{Change, Topic};
use crate::platform::http::{Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned};
use crate::platform::names;

/// Longest text of a section, in characters.
const MAX_TEXT: usize = 20_000;

/// A report to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// `monthly`.
    kind: String,
    /// The project.
    project_id: Uuid,
    /// As `2026-10`.
    month: String,
}

/// New texts of sections; those not named stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTexts {
    /// The sections.
    sections: Vec<ReportText>,
}

/// The text of one section.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportText {
    /// Key of the section.
    key: String,
    /// Its text; paragraphs are separated by line ends.
    text: String,
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Of this project.
    project: Option<Uuid>,
    /// Rows on the page.
    limit: Option<u64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// What a report is downloaded as.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `docx`, `xlsx`, `html` or `pdf` (default).
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// Reports, the newest month first.
#[utoipa::path(get, path = "/reports", tag = "reports", params(Which), responses((status = 200, body = Page<ReportRow>)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Page<ReportRow>>> {
    caller.require(Permission::ReportRead)?;
    let page = PageQuery {
        limit: which.limit,
        after: which.after,
    };
    let limit = page.limit()?;
    let mut query = seen(&caller);
    if let Some(project) = which.project {
        query = query.filter(reports::Column::ProjectId.eq(project));
    }
    if let Some(cursor) = page.cursor()? {
        use reports::Column as C;
        let from = cursor.as_number()?;
        let tie = Condition::all()
            .add(C::FromAt.eq(from))
            .add(C::Id.lt(cursor.id));
        query = query.filter(Condition::any().add(C::FromAt.lt(from)).add(tie));
    }
    let rows = query
        .order_by_desc(reports::Column::FromAt)
        .order_by_desc(reports::Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor::number(row.from_at.0, row.id));
    let projects =
        names::projects(app.db.read(), page.items.iter().map(|row| row.project_id)).await?;
    Ok(Json(page.map(|row| {
        let project = projects.get(&row.project_id).cloned();
        row_view(row, project)
    })))
}

/// Makes the draft of a month.
#[utoipa::path(post, path = "/reports", tag = "reports", request_body = NewReport,
    responses((status = 201, body = Report), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewReport>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::ReportWrite)?;
    let place = projects::place(app.db.read(), new.project_id).await?;
    caller.require_at(Permission::ReportRead, Permission::ReportWrite, place)?;
    let month = Month::parse(&new.month)?;
    let entry = caller.entry("report.create");
    let made = make(
        &app,
        new.project_id,
        &new.kind,
        month,
        Some(caller.user.id),
        entry,
    )
    .await?;
    let view = view(&app, made).await?;
    Ok((StatusCode::CREATED, Versioned(view.row.version, view)))
}

/// One report.
#[utoipa::path(get, path = "/reports/{id}", tag = "reports", params(("id" = Uuid, Path)), responses((status = 200, body = Report), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Report>> {
    let view = view(&app, visible(&app, &caller, id).await?).await?;
    Ok(Versioned(view.row.version, view))
}

/// Writes texts of sections, while it is a draft.
#[utoipa::path(put, path = "/reports/{id}", tag = "reports", params(("id" = Uuid, Path)), request_body = ReportTexts,
    responses((status = 200, body = Report), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn write(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(texts): Json<ReportTexts>,
) -> Result<Versioned<Report>> {
    may(&app, &caller, id, Permission::ReportWrite).await?;
    let keys: Vec<String> = texts.sections.iter().map(|one| one.key.clone()).collect();
    let entry = caller
        .entry("report.write")
        .detail(json!({ "sections": keys }));
    let done = app.db.write(move |tx| {
        Box::pin(async move {
            let mut report = draft(tx, id, version).await?;
            report.data = written(&report.data, texts)?;
            store(tx, report, entry).await
        })
    });
    let view = view(&app, done.await?).await?;
    Ok(Versioned(view.row.version, view))
}

/// The content with new texts of sections.
fn written(data: &str, texts: ReportTexts) -> Result<String> {
    let mut content = Content::read(data)?;
    let mut wrong = Vec::new();
    for (n, new) in texts.sections.into_iter().enumerate() {
        if new.text.chars().count() > MAX_TEXT {
            wrong.push(
                FieldError::new(format!("sections[{n}].text"), "too_long").with("max", MAX_TEXT),
            );
            continue;
        }
        let mut sections = content.sections.iter_mut();
        match sections.find(|section| section.key == new.key) {
            Some(section) => section.text = new.text,
            None => wrong.push(FieldError::new(format!("sections[{n}].key"), "unknown_key")),
        }
    }
    if wrong.is_empty() {
        content.canonical()
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Counts again, while it is a draft. ReportTexts that somebody wrote stay.
#[utoipa::path(post, path = "/reports/{id}/recompute", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Report), (status = 404, body = Problem), (status = 409, body = Problem), (status = 428, body = Problem)))]
pub async fn recompute(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
) -> Result<Versioned<Report>> {
    let report = may(&app, &caller, id, Permission::ReportWrite).await?;
    let month = Month::parse(&report.month)?;
    let background = Background::read(&app, report.project_id, &report.kind, month).await?;
    let entry = caller.entry("report.recompute");
    let done = app.db.write(move |tx| {
        Box::pin(async move {
            let mut report = draft(tx, id, version).await?;
            let mut content = compute(tx, &background, &report).await?;
            content.keep_texts(&Content::read(&report.data)?);
            report.data = content.canonical()?;
            store(tx, report, entry).await
        })
    });
    let view = view(&app, done.await?).await?;
    Ok(Versioned(view.row.version, view))
}

/// Approves and freezes it: the data, with the digest of the rows it was counted from, is kept with its
/// SHA-256; the audit log has it too.
#[utoipa::path(post, path = "/reports/{id}/approve", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Report), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 428, body = Problem)))]
pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
) -> Result<Versioned<Report>> {
    let report = may(&app, &caller, id, Permission::ReportApprove).await?;
    if report.to_at > app.now() {
        return Err(Error::conflict("month_not_over"));
    }
    if Content::read(&report.data)?.computed_at < report.to_at {
        return Err(Error::conflict("counted_too_early"));
    }
    let (by, name) = (caller.user.id, caller.user.name.clone());
    let entry = caller.entry("report.approve");
    let done = app.db.write(move |tx| {
        Box::pin(async move {
            // What is approved is exactly what was read: the version says so.
            let mut report = draft(tx, id, version).await?;
            let mut content = Content::read(&report.data)?;
            content.rows = Some(snapshot::digest(&tx.db, id).await?);
            report.data = content.canonical()?;
            let hash = digest(&report.data);
            let entry = entry.detail(json!({ "sha256": hash, "month": report.month }));
            report.hash = Some(hash);
            report.state = "approved".into();
            report.approved_by = Some(by);
            report.approved_name = name;
            report.approved_at = Some(tx.now);
            store(tx, report, entry).await
        })
    });
    let view = view(&app, done.await?).await?;
    Ok(Versioned(view.row.version, view))
}

/// Whether the data, and the tickets it was counted from, are still what was approved.
#[utoipa::path(get, path = "/reports/{id}/verify", tag = "reports", params(("id" = Uuid, Path)), responses((status = 200, body = ReportVerdict), (status = 404, body = Problem)))]
pub async fn verify(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<ReportVerdict>> {
    let report = visible(&app, &caller, id).await?;
    let computed = digest(&report.data);
    let approvals = audit::rows::Entity::find()
        .filter(audit::rows::Column::ObjectKind.eq("report"))
        .filter(audit::rows::Column::ObjectId.eq(id.to_string()))
        .filter(audit::rows::Column::Action.eq("report.approve"))
        .filter(audit::rows::Column::Ok.eq(true))
        .all(app.db.read())
        .await?;
    let audited = approvals
        .iter()
        .any(|entry| entry.detail.contains(&computed));
    let approved = Content::read(&report.data).ok();
    let rows = match approved.and_then(|content| content.rows) {
        Some(rows) => Some(snapshot::digest(app.db.read(), id).await? == rows),
        None => None,
    };
    Ok(Json(ReportVerdict {
        ok: audited && rows != Some(false) && report.hash.as_deref() == Some(computed.as_str()),
        rows,
        hash: report.hash,
        computed,
        audited,
    }))
}

/// The report as a file.
#[utoipa::path(get, path = "/reports/{id}/file", tag = "reports", params(("id" = Uuid, Path), Wanted),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem)))]
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(wanted): Query<Wanted>,
) -> Result<Paper> {
    let report = visible(&app, &caller, id).await?;
    let content = Content::read(&report.data)?;
    let terms = crate::features::tickets::Terms::load(app.db.read(), report.project_id).await?;
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let copy = paper::Copy {
        by: &caller.user.name,
        at: app.now(),
        zone: &zone,
        whole: wanted.format == Format::Xlsx,
    };
    let document = paper::document(&report, &content, &copy);
    let name = format!("{}-{}", content.title, content.number);
    let file = render(
        document,
        wanted.format,
        name,
        format!("report-{}", content.number),
    )
    .await?;
    let entry = caller
        .entry("report.export")
        .on("report", id, &content.number)
        .detail(json!({ "format": wanted.format.extension() }));
    app.db.audit(entry).await?;
    Ok(file)
}

/// The tickets a figure was counted from.
#[utoipa::path(get, path = "/reports/{id}/figures/{figure}/rows", tag = "reports", params(("id" = Uuid, Path), ("figure" = String, Path), PageQuery),
    responses((status = 200, body = Page<TicketRow>), (status = 404, body = Problem)))]
pub async fn figure_rows(
    State(app): State<App>,
    caller: Caller,
    Path((id, key)): Path<(Uuid, String)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<TicketRow>>> {
    let report = visible(&app, &caller, id).await?;
    let content = Content::read(&report.data)?;
    let count = content.counts.get(&key).ok_or_else(Error::not_found)?;
    let counted = Sql::select()
        .column(report_tickets::Column::TicketId)
        .from(report_tickets::Entity)
        .cond_where(count.filter.condition(id))
        .to_owned();
    let limit = page.limit()?;
    let mut query = tickets::Entity::find()
        .filter(tickets::Column::Id.in_subquery(counted))
        .filter(ticket_query::scope(&caller));
    if let Some(cursor) = page.cursor()? {
        query = query.filter(tickets::Column::Id.gt(cursor.id));
    }
    let rows = query
        .order_by_asc(tickets::Column::Id)
        .limit(limit + 1)
        .into_partial_model::<Listed>()
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor::number(0, row.id));
    let items = ticket_dto::rows(&app, caller.lang, page.items).await?;
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

/// Makes the draft of a month for a project.
///
/// # Errors
/// `month taken` when there is one; otherwise as [`Background::read`].
pub async fn make(
    app: &App,
    project: Uuid,
    kind: &str,
    month: Month,
    by: Option<Uuid>,
    entry: Entry,
) -> Result<reports::Model> {
    let background = Background::read(app, project, kind, month).await?;
    let (from_at, to_at) = background.bounds();
    let kind = kind.to_owned();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let mut report = reports::Model {
                    id: Uuid::now_v7(),
                    project_id: project,
                    kind,
                    month: month.key(),
                    from_at,
                    to_at,
                    state: "draft".into(),
                    data: String::new(),
                    hash: None,
                    created_by: by,
                    created_at: tx.now,
                    updated_at: tx.now,
                    approved_by: None,
                    approved_name: String::new(),
                    approved_at: None,
                    version: 1,
                };
                report.data = compute(tx, &background, &report).await?.canonical()?;
                let stored = report
                    .clone()
                    .into_active_model()
                    .reset_all()
                    .insert(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "month", "month"))?;
                tx.audit(entry.on("report", report.id, month.key()));
                tx.changed(Change::in_project(Topic::Report, report.id, project));
                Ok(stored)
            })
        })
        .await
}

/// Reports the caller may see.
fn seen(caller: &Caller) -> sea_orm::Select<reports::Entity> {
    reports::Entity::find().filter(projects::of_projects(
        caller,
        Permission::ReportRead,
        reports::Column::ProjectId,
    ))
}

async fn visible(app: &App, caller: &Caller, id: Uuid) -> Result<reports::Model> {
    let found = seen(caller)
        .filter(reports::Column::Id.eq(id))
        .one(app.db.read())
        .await?;
    found.ok_or_else(Error::not_found)
}

/// A report the caller may see, refused unless the permission is held there.
async fn may(
    app: &App,
    caller: &Caller,
    id: Uuid,
    permission: Permission,
) -> Result<reports::Model> {
    let report = visible(app, caller, id).await?;
    let place = projects::place(app.db.read(), report.project_id).await?;
    caller.require_at(Permission::ReportRead, permission, place)?;
    Ok(report)
}

type Tx = crate::platform::db::Tx;

/// The draft as it stands, of the version the caller read.
async fn draft(tx: &Tx, id: Uuid, version: IfMatch) -> Result<reports::Model> {
    let report = reports::Entity::find_by_id(id)
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    if report.state != "draft" {
        return Err(Error::conflict("report_approved"));
    }
    version.check(report.version, || report.month.clone())?;
    Ok(report)
}

async fn store(tx: &mut Tx, mut report: reports::Model, entry: Entry) -> Result<reports::Model> {
    report.version += 1;
    report.updated_at = tx.now;
    let (id, project) = (report.id, report.project_id);
    tx.audit(entry.on("report", id, &report.month));
    tx.changed(Change::in_project(Topic::Report, id, project));
    let mut row = report.into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::Unchanged(id);
    Ok(row.update(&tx.db).await?)
}
