//! Stages of a project: in some of them promises are measured and not counted.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::contract::managed;
use super::rows::{project_stages, projects};
use super::{place, terms_changed};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::changes::{Changes, check_version};
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Versioned};

/// What is kept of a stage.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageFields {
    pub name: String,
    /// First day.
    pub starts_on: Day,
    /// Last day.
    pub ends_on: Day,
    /// Whether promises of this stage count.
    pub sla_counted: bool,
}

/// A stage.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stage {
    id: Uuid,
    #[serde(flatten)]
    fields: StageFields,
    version: i32,
}

/// Stages of a project, by their days.
#[utoipa::path(get, path = "/projects/{id}/stages", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = [Stage]), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Stage>>> {
    caller.require(Permission::ProjectRead)?;
    let db = app.db.read();
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectRead,
        place(db, id).await?,
    )?;
    Ok(Json(of(db, id).await?.iter().map(Stage::from).collect()))
}

/// Adds a stage.
#[utoipa::path(post, path = "/projects/{id}/stages", tag = "projects", params(("id" = Uuid, Path)), request_body = StageFields,
    responses((status = 201, body = Stage), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(fields): Json<StageFields>,
) -> Result<(StatusCode, Versioned<Stage>)> {
    caller.require(Permission::ProjectRead)?;
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                let fields = fitting(tx, &project, None, &fields).await?;
                let entry = caller
                    .entry("project.stage.create")
                    .on("project", id, &project.code);
                tx.audit(entry.detail(&fields));
                let row = project_stages::Model {
                    id: Uuid::now_v7(),
                    project_id: id,
                    name: fields.name,
                    starts_on: fields.starts_on,
                    ends_on: fields.ends_on,
                    sla_counted: fields.sla_counted,
                    version: 1,
                };
                terms_changed(tx, id).await?;
                Ok(row.into_active_model().reset_all().insert(&tx.db).await?)
            })
        })
        .await?;
    Ok((
        StatusCode::CREATED,
        Versioned(row.version, Stage::from(&row)),
    ))
}

/// Changes a stage.
#[utoipa::path(put, path = "/projects/{id}/stages/{stage}", tag = "projects", params(("id" = Uuid, Path), ("stage" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = StageFields, responses((status = 200, body = Stage), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((id, stage)): Path<(Uuid, Uuid)>,
    version: IfMatch,
    Json(fields): Json<StageFields>,
) -> Result<Versioned<Stage>> {
    caller.require(Permission::ProjectRead)?;
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                let row = one(tx, id, stage).await?;
                check_version(tx, version, row.version, stage).await?;
                let fields = fitting(tx, &project, Some(stage), &fields).await?;
                let changes = Changes::between(&StageFields::from(&row), &fields);
                if changes.is_empty() {
                    return Ok(row);
                }
                let entry = caller
                    .entry("project.stage.update")
                    .on("stage", stage, &fields.name);
                tx.audit(changes.on(entry, row.version + 1));
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.name = Set(fields.name);
                change.starts_on = Set(fields.starts_on);
                change.ends_on = Set(fields.ends_on);
                change.sla_counted = Set(fields.sla_counted);
                terms_changed(tx, id).await?;
                Ok(change.update(&tx.db).await?)
            })
        })
        .await?;
    Ok(Versioned(row.version, Stage::from(&row)))
}

/// Removes a stage.
#[utoipa::path(delete, path = "/projects/{id}/stages/{stage}", tag = "projects", params(("id" = Uuid, Path), ("stage" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((id, stage)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    caller.require(Permission::ProjectRead)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                let row = one(tx, id, stage).await?;
                let entry = caller
                    .entry("project.stage.delete")
                    .on("project", id, &project.code);
                tx.audit(entry.detail(StageFields::from(&row)));
                project_stages::Entity::delete_by_id(stage)
                    .exec(&tx.db)
                    .await?;
                terms_changed(tx, id).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stages of a project, by their days.
async fn of(db: &impl ConnectionTrait, project: Uuid) -> Result<Vec<project_stages::Model>> {
    Ok(project_stages::Entity::find()
        .filter(project_stages::Column::ProjectId.eq(project))
        .order_by_asc(project_stages::Column::StartsOn)
        .all(db)
        .await?)
}

async fn one(tx: &Tx, project: Uuid, stage: Uuid) -> Result<project_stages::Model> {
    project_stages::Entity::find_by_id(stage)
        .filter(project_stages::Column::ProjectId.eq(project))
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)
}

/// A stage lies within the project's term and shares no day with another: what counts on a day must be plain.
async fn fitting(
    tx: &Tx,
    project: &projects::Model,
    own: Option<Uuid>,
    fields: &StageFields,
) -> Result<StageFields> {
    let mut check = Check::default();
    let name = check.line("name", &fields.name, 1..=60);
    let term = || {
        FieldError::new("", "outside_term")
            .with("from", &project.starts_on)
            .with("to", &project.ends_on)
    };
    if fields.starts_on < project.starts_on {
        check.push(FieldError {
            field: "starts_on".into(),
            ..term()
        });
    }
    if fields.ends_on > project.ends_on {
        check.push(FieldError {
            field: "ends_on".into(),
            ..term()
        });
    }
    check.ensure(
        fields.starts_on <= fields.ends_on,
        "ends_on",
        "before_start",
    );
    let others = of(&tx.db, project.id).await?;
    let shares = |other: &&project_stages::Model| {
        Some(other.id) != own
            && other.starts_on <= fields.ends_on
            && fields.starts_on <= other.ends_on
    };
    if let Some(other) = others.iter().find(shares) {
        let error = FieldError::new("starts_on", "overlaps").with("name", &other.name);
        check.push(
            error
                .with("from", &other.starts_on)
                .with("to", &other.ends_on),
        );
    }
    check.finish()?;
    Ok(StageFields {
        name,
        ..fields.clone()
    })
}

impl From<&project_stages::Model> for StageFields {
    fn from(row: &project_stages::Model) -> Self {
        Self {
            name: row.name.clone(),
            starts_on: row.starts_on.clone(),
            ends_on: row.ends_on.clone(),
            sla_counted: row.sla_counted,
        }
    }
}

impl From<&project_stages::Model> for Stage {
    fn from(row: &project_stages::Model) -> Self {
        Self {
            id: row.id,
            fields: row.into(),
            version: row.version,
        }
    }
}
