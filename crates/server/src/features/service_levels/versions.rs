//! Versions of the document: begun, written while they are drafts, read.

use anlan_core::access::Permission;
use anlan_core::service_level::{self, State};
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{self, Content, canonical, digest};
use super::dto::{self, Sla, SlaVersion};
use super::rows::{sla_steps, sla_versions};
use super::steps::log;
use super::{draft, may, seen, sees_unfinished};
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::platform::access::Caller;
use crate::platform::audit::{self, Actor, Entry};
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Versioned};

/// Longest text of a part, in characters.
const MAX_TEXT: usize = 20_000;

/// Why the next version is begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSlaVersion {
    /// Why; the first version may leave it out.
    #[serde(default)]
    reason: String,
}

/// New texts of a draft; parts that are not named stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaTexts {
    /// First day of the term.
    #[serde(default)]
    starts_on: Option<Day>,
    /// Last day of the term.
    #[serde(default)]
    ends_on: Option<Day>,
    /// Months from one review to the next, 1 to 36.
    #[serde(default)]
    review_months: Option<u8>,
    /// The parts.
    #[serde(default)]
    parts: Vec<SlaText>,
}

/// The text of one part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaText {
    /// Key of the part.
    key: String,
    /// Its text; paragraphs are separated by line ends.
    text: String,
}

/// Whether a version in force is still what was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaVerdict {
    /// It is.
    ok: bool,
    /// The hash kept with it.
    hash: Option<String>,
    /// The hash of what stands there now.
    computed: String,
    /// Whether the audit log has that hash.
    audited: bool,
}

/// The service level document of a project: its versions and the log of its states.
#[utoipa::path(get, path = "/projects/{id}/sla", tag = "service levels", params(("id" = Uuid, Path)),
    responses((status = 200, body = Sla), (status = 404, body = Problem)))]
pub async fn list(
    Shared(app): Shared<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Sla>> {
    let (_, place) = seen(&app, &caller, id).await?;
    let unfinished = sees_unfinished(&caller, place);
    let db = app.db.read();
    let mut versions = of_project(db, id).await?;
    versions.retain(|version| unfinished || took_effect(version));
    let mut steps = sla_steps::Entity::find()
        .filter(sla_steps::Column::ProjectId.eq(id))
        .order_by_desc(sla_steps::Column::At)
        .order_by_desc(sla_steps::Column::Id)
        .all(db)
        .await?;
    steps.retain(|step| unfinished || State::read(&step.to_state).is_some_and(State::took_effect));
    let manage = caller.access.can(Permission::AgreementManage, place);
    Ok(Json(dto::whole(&versions, steps, manage)?))
}

/// Begins a version: the first from what is known of the project, a later one, which changes the
/// document, from the words of the one before. One at a time.
#[utoipa::path(post, path = "/projects/{id}/sla/versions", tag = "service levels", params(("id" = Uuid, Path)), request_body = NewSlaVersion,
    responses((status = 201, body = SlaVersion), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Shared(app): Shared<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(new): Json<NewSlaVersion>,
) -> Result<impl IntoResponse> {
    may(&app, &caller, id, Permission::AgreementManage).await?;
    let made = begin(&app, &caller.actor, id, &new.reason).await?;
    let view = shown(&app, &caller, &made).await?;
    Ok((StatusCode::CREATED, Versioned(made.version, view)))
}

/// One version, compared with the one in force before it.
#[utoipa::path(get, path = "/projects/{id}/sla/versions/{number}", tag = "service levels", params(("id" = Uuid, Path), ("number" = i32, Path)),
    responses((status = 200, body = SlaVersion), (status = 404, body = Problem)))]
pub async fn show(
    Shared(app): Shared<App>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, i32)>,
) -> Result<Versioned<SlaVersion>> {
    let version = visible(&app, &caller, id, number).await?;
    let view = shown(&app, &caller, &version).await?;
    Ok(Versioned(version.version, view))
}

/// Writes a draft. What is under review or in force stays as it is.
#[utoipa::path(put, path = "/projects/{id}/sla/versions/{number}", tag = "service levels", params(("id" = Uuid, Path), ("number" = i32, Path), ("If-Match" = String, Header)), request_body = SlaTexts,
    responses((status = 200, body = SlaVersion), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn write(
    Shared(app): Shared<App>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, i32)>,
    version: IfMatch,
    Json(texts): Json<SlaTexts>,
) -> Result<Versioned<SlaVersion>> {
    may(&app, &caller, id, Permission::AgreementManage).await?;
    let keys: Vec<String> = texts.parts.iter().map(|part| part.key.clone()).collect();
    let entry = caller.entry("sla.write");
    let done = app.db.write(move |tx| {
        Box::pin(async move {
            let mut row = held(tx, id, number).await?;
            if row.state != State::Draft.as_str() {
                return Err(Error::conflict("sla_fixed"));
            }
            version.check(row.version, || format!("V{number}"))?;
            let content = written(content::read(&row.data)?, texts)?;
            row.data = canonical(&content)?;
            let entry = entry.detail(json!({ "number": number, "parts": keys }));
            store(tx, row, entry).await
        })
    });
    let row = done.await?;
    let view = shown(&app, &caller, &row).await?;
    Ok(Versioned(row.version, view))
}

/// Whether a version in force is still what was signed, by its hash and the audit log.
#[utoipa::path(get, path = "/projects/{id}/sla/versions/{number}/verify", tag = "service levels", params(("id" = Uuid, Path), ("number" = i32, Path)),
    responses((status = 200, body = SlaVerdict), (status = 404, body = Problem)))]
pub async fn verify(
    Shared(app): Shared<App>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, i32)>,
) -> Result<Json<SlaVerdict>> {
    let version = visible(&app, &caller, id, number).await?;
    let computed = digest(&version.data);
    let entries = audit::rows::Entity::find()
        .filter(audit::rows::Column::ObjectKind.eq("sla"))
        .filter(audit::rows::Column::ObjectId.eq(version.id.to_string()))
        .filter(audit::rows::Column::Action.eq("sla.take_effect"))
        .filter(audit::rows::Column::Ok.eq(true))
        .all(app.db.read())
        .await?;
    let audited = entries.iter().any(|entry| entry.detail.contains(&computed));
    Ok(Json(SlaVerdict {
        ok: audited && version.hash.as_deref() == Some(computed.as_str()),
        hash: version.hash,
        computed,
        audited,
    }))
}

/// Begins a version.
///
/// # Errors
/// 409 while another is being worked on, 422 when a change gives no reason.
pub async fn begin(
    app: &App,
    actor: &Actor,
    project: Uuid,
    reason: &str,
) -> Result<sla_versions::Model> {
    let before = of_project(app.db.read(), project).await?;
    let mut check = Check::default();
    let least = usize::from(before.iter().any(took_effect));
    let reason = check.lines("reason", reason, least..=500);
    check.finish()?;
    let content = match before.iter().find(|version| took_effect(version)) {
        Some(last) => draft::next(app, project, content::read(&last.data)?).await?,
        None => draft::first(app, project).await?,
    };
    let (actor, data) = (actor.clone(), canonical(&content)?);
    let entry = Entry::new(&actor, "sla.begin");
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let before = of_project(&tx.db, project).await?;
                let states: Vec<State> = before.iter().filter_map(dto::state).collect();
                service_level::begin(&states).map_err(|_| Error::conflict("sla_unfinished"))?;
                let number = before.first().map_or(1, |last| last.number + 1);
                let row = sla_versions::Model {
                    id: Uuid::now_v7(),
                    project_id: project,
                    number,
                    state: State::Draft.as_str().into(),
                    data,
                    reason,
                    hash: None,
                    effective_on: None,
                    next_review_on: None,
                    signatures: String::new(),
                    submitted_by: None,
                    created_name: actor.name.clone(),
                    created_at: tx.now,
                    updated_at: tx.now,
                    version: 1,
                };
                let insert = row.clone().into_active_model().reset_all();
                // Two at once: the second finds the number taken.
                insert.insert(&tx.db).await.map_err(|error| {
                    match Error::on_unique(error, "number", "number") {
                        Error::Invalid(_) => Error::conflict("sla_unfinished"),
                        other => other,
                    }
                })?;
                log(
                    tx,
                    &actor,
                    &row,
                    "begin",
                    None,
                    State::Draft,
                    &row.reason,
                    None,
                )
                .await?;
                tx.audit(
                    entry
                        .on("sla", row.id, content.number(number))
                        .detail(json!({ "number": number, "reason": row.reason })),
                );
                Ok(row)
            })
        })
        .await
}

fn written(mut content: Content, texts: SlaTexts) -> Result<Content> {
    let mut check = Check::default();
    content.starts_on = texts.starts_on.unwrap_or(content.starts_on);
    content.ends_on = texts.ends_on.unwrap_or(content.ends_on);
    check.ensure(
        content.starts_on <= content.ends_on,
        "ends_on",
        "before_start",
    );
    if let Some(months) = texts.review_months {
        if !(1..=36).contains(&months) {
            let error = FieldError::new("review_months", "out_of_range");
            check.push(error.with("min", 1).with("max", 36));
        }
        content.review_months = months;
    }
    for (n, new) in texts.parts.into_iter().enumerate() {
        let text = check.lines(&format!("parts[{n}].text"), &new.text, 0..=MAX_TEXT);
        match content.parts.iter_mut().find(|part| part.key == new.key) {
            Some(part) => part.text = text,
            None => check.ensure(false, &format!("parts[{n}].key"), "unknown_key"),
        }
    }
    check.finish()?;
    Ok(content)
}

/// Versions of a project, the newest first.
pub async fn of_project(
    db: &impl ConnectionTrait,
    project: Uuid,
) -> Result<Vec<sla_versions::Model>> {
    Ok(sla_versions::Entity::find()
        .filter(sla_versions::Column::ProjectId.eq(project))
        .order_by_desc(sla_versions::Column::Number)
        .all(db)
        .await?)
}

/// A version the caller may see.
pub async fn visible(
    app: &App,
    caller: &Caller,
    project: Uuid,
    number: i32,
) -> Result<sla_versions::Model> {
    let (_, place) = seen(app, caller, project).await?;
    let found = one(app.db.read(), project, number).await?;
    if took_effect(&found) || sees_unfinished(caller, place) {
        Ok(found)
    } else {
        Err(Error::not_found())
    }
}

async fn one(db: &impl ConnectionTrait, project: Uuid, number: i32) -> Result<sla_versions::Model> {
    sla_versions::Entity::find()
        .filter(sla_versions::Column::ProjectId.eq(project))
        .filter(sla_versions::Column::Number.eq(number))
        .one(db)
        .await?
        .ok_or_else(Error::not_found)
}

/// A version to be changed; its project is locked, so that two steps cannot cross.
pub async fn held(tx: &Tx, project: Uuid, number: i32) -> Result<sla_versions::Model> {
    use sea_orm::QuerySelect;
    projects::Entity::find_by_id(project)
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    one(&tx.db, project, number).await
}

/// Keeps a changed version.
pub async fn store(
    tx: &mut Tx,
    mut version: sla_versions::Model,
    entry: Entry,
) -> Result<sla_versions::Model> {
    version.version += 1;
    version.updated_at = tx.now;
    let content: Content = content::read(&version.data)?;
    tx.audit(entry.on("sla", version.id, content.number(version.number)));
    let mut row = version.clone().into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::Unchanged(version.id);
    Ok(row.update(&tx.db).await?)
}

fn took_effect(version: &sla_versions::Model) -> bool {
    dto::state(version).is_some_and(State::took_effect)
}

/// The version that was in force before this one.
pub async fn before(
    db: &impl ConnectionTrait,
    version: &sla_versions::Model,
) -> Result<Option<sla_versions::Model>> {
    let versions = of_project(db, version.project_id).await?;
    let mut earlier = versions.into_iter();
    Ok(earlier.find(|one| one.number < version.number && took_effect(one)))
}

/// A version as the caller sees it.
pub async fn shown(
    app: &App,
    caller: &Caller,
    version: &sla_versions::Model,
) -> Result<SlaVersion> {
    let before = before(app.db.read(), version).await?;
    dto::version(app, caller.lang, caller.user.id, version, before.as_ref())
}
