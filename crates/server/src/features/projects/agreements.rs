//! Which service agreement is in force from which day. Periods of one project share no day.

use anlan_core::access::Permission;
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{project_agreements, projects};
use super::{place, place_of};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{Json, Path};
use crate::platform::i18n::Lang;

/// A period of an agreement.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodFields {
    /// Key of the agreement.
    pub agreement: String,
    /// First day. A period that has no last day ends on the day before.
    pub effective_from: Day,
    /// Last day; none until it is known.
    #[serde(default)]
    pub effective_to: Option<Day>,
}

/// An agreement in force for a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Period {
    id: Uuid,
    #[serde(flatten)]
    fields: PeriodFields,
    /// Name of the agreement.
    name: String,
    created_at: At,
}

/// Agreements of a project, by their days.
#[utoipa::path(get, path = "/projects/{id}/agreements", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = [Period]), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Period>>> {
    caller.require(Permission::ProjectRead)?;
    let db = app.db.read();
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectRead,
        place(db, id).await?,
    )?;
    let rows = of(db, id).await?;
    Ok(Json(
        rows.iter()
            .map(|row| period(&app, caller.lang, row))
            .collect(),
    ))
}

/// Puts an agreement in force from a day on. The one in force until then, if open, ends the day before;
/// tickets keep the agreement of the day they were reported.
#[utoipa::path(post, path = "/projects/{id}/agreements", tag = "projects", params(("id" = Uuid, Path)), request_body = PeriodFields,
    responses((status = 201, body = Period), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(fields): Json<PeriodFields>,
) -> Result<(StatusCode, Json<Period>)> {
    caller.require(Permission::ProjectRead)?;
    let mut check = Check::default();
    check.ensure(
        app.definitions.agreement(&fields.agreement).is_some(),
        "agreement",
        "no_such",
    );
    let ends_after = fields
        .effective_to
        .as_ref()
        .is_none_or(|end| *end >= fields.effective_from);
    check.ensure(ends_after, "effective_to", "before_start");
    let lang = caller.lang;
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                check.finish()?;
                let ended = make_room(tx, id, &fields).await?;
                let entry =
                    caller
                        .entry("project.agreement.create")
                        .on("project", id, &project.code);
                tx.audit(
                    entry.detail(serde_json::json!({ "added": fields, "ended_before": ended })),
                );
                let row = project_agreements::Model {
                    id: Uuid::now_v7(),
                    project_id: id,
                    agreement: fields.agreement,
                    effective_from: fields.effective_from,
                    effective_to: fields.effective_to,
                    created_at: tx.now,
                    created_by: Some(caller.user.id),
                };
                Ok(row.into_active_model().reset_all().insert(&tx.db).await?)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(period(&app, lang, &row))))
}

/// Removes a period entered by mistake. One under which tickets were reported stays.
#[utoipa::path(delete, path = "/projects/{id}/agreements/{period}", tag = "projects", params(("id" = Uuid, Path), ("period" = Uuid, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((id, period)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    caller.require(Permission::ProjectRead)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let project = managed(tx, &caller, id).await?;
                let row = project_agreements::Entity::find_by_id(period)
                    .filter(project_agreements::Column::ProjectId.eq(id))
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                if in_use(tx, id, &row.agreement).await? {
                    return Err(Error::conflict("agreement_in_use"));
                }
                let entry =
                    caller
                        .entry("project.agreement.delete")
                        .on("project", id, &project.code);
                tx.audit(entry.detail(PeriodFields::from(&row)));
                project_agreements::Entity::delete_by_id(period)
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The project, locked, if the caller may choose its agreements.
async fn managed(tx: &Tx, caller: &Caller, id: Uuid) -> Result<projects::Model> {
    let row = projects::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    caller.require_at(
        Permission::ProjectRead,
        Permission::AgreementManage,
        place_of(&row),
    )?;
    Ok(row)
}

async fn of(db: &impl ConnectionTrait, project: Uuid) -> Result<Vec<project_agreements::Model>> {
    Ok(project_agreements::Entity::find()
        .filter(project_agreements::Column::ProjectId.eq(project))
        .order_by_asc(project_agreements::Column::EffectiveFrom)
        .all(db)
        .await?)
}

/// Ends the open period that the new one follows, and refuses any other overlap. Returns what was ended.
async fn make_room(tx: &Tx, project: Uuid, new: &PeriodFields) -> Result<Option<PeriodFields>> {
    let mut ended = None;
    for row in of(&tx.db, project).await? {
        let before_new_ends = new
            .effective_to
            .as_ref()
            .is_none_or(|end| row.effective_from <= *end);
        let after_new_begins = row
            .effective_to
            .as_ref()
            .is_none_or(|end| *end >= new.effective_from);
        if !(before_new_ends && after_new_begins) {
            continue;
        }
        if row.effective_to.is_some() || row.effective_from >= new.effective_from {
            let error = FieldError::new("effective_from", "overlaps").with("name", &row.agreement);
            let until = row
                .effective_to
                .map_or_else(String::new, |day| day.to_string());
            return Err(Error::Invalid(vec![
                error.with("from", &row.effective_from).with("to", until),
            ]));
        }
        ended = Some(PeriodFields::from(&row));
        let mut change = row.into_active_model();
        change.effective_to = Set(Some(new.effective_from.before()));
        change.update(&tx.db).await?;
    }
    Ok(ended)
}

/// Whether a ticket of the project was promised by this agreement.
async fn in_use(tx: &Tx, project: Uuid, agreement: &str) -> Result<bool> {
    let query = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new("tickets"))
        .and_where(Expr::col(Alias::new("project_id")).eq(project))
        .and_where(Expr::col(Alias::new("agreement")).eq(agreement))
        .limit(1)
        .to_owned();
    Ok(tx.db.query_one(&query).await?.is_some())
}

impl From<&project_agreements::Model> for PeriodFields {
    fn from(row: &project_agreements::Model) -> Self {
        Self {
            agreement: row.agreement.clone(),
            effective_from: row.effective_from.clone(),
            effective_to: row.effective_to.clone(),
        }
    }
}

fn period(app: &App, lang: Lang, row: &project_agreements::Model) -> Period {
    let agreement = app.definitions.agreement(&row.agreement);
    let name =
        agreement.map(|agreement| lang.pick(&agreement.name.zh, &agreement.name.en).to_owned());
    Period {
        id: row.id,
        fields: row.into(),
        name: name.unwrap_or_else(|| row.agreement.clone()),
        created_at: row.created_at,
    }
}
