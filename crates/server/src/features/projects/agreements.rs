//! Which service agreement is in force from which day, and for which types of ticket: one
//! contract may promise faults and requests different things. Of one day and type there is at most one.

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
    /// Ticket types it is for; none for all that no other agreement of the day is for.
    #[serde(default)]
    pub types: Vec<String>,
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

/// Puts an agreement in force from a day on, for all types of ticket or for some. The one in force until
/// then for the same types, if open, ends the day before; tickets keep the agreement of the day they were
/// reported.
#[utoipa::path(post, path = "/projects/{id}/agreements", tag = "projects", params(("id" = Uuid, Path)), request_body = PeriodFields,
    responses((status = 201, body = Period), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(mut fields): Json<PeriodFields>,
) -> Result<(StatusCode, Json<Period>)> {
    caller.require(Permission::ProjectRead)?;
    let mut check = Check::default();
    fields.types.sort_unstable();
    fields.types.dedup();
    let known = fields.types.iter().all(|key| is_type(&app, key));
    check.ensure(known, "types", "no_such");
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
                    types: fields.types.join(" "),
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
                if in_use(tx, id, &row).await? {
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

/// Whether a process knows tickets of this type.
fn is_type(app: &App, key: &str) -> bool {
    let processes = app.definitions.processes();
    let mut fields = processes.iter().filter_map(|process| process.field("type"));
    fields.any(|field| field.options.has(key))
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
        let old = PeriodFields::from(&row);
        if !(before_new_ends && after_new_begins && share_a_type(&old, new)) {
            continue;
        }
        if old.types != new.types {
            return Err(overlap("types", &old));
        }
        if old.effective_to.is_some() || old.effective_from >= new.effective_from {
            return Err(overlap("effective_from", &old));
        }
        ended = Some(old);
        let mut change = row.into_active_model();
        change.effective_to = Set(Some(new.effective_from.before()));
        change.update(&tx.db).await?;
    }
    Ok(ended)
}

/// Whether two agreements of one day would both be for some type: those without types are for what
/// is left.
fn share_a_type(one: &PeriodFields, other: &PeriodFields) -> bool {
    if one.types.is_empty() || other.types.is_empty() {
        return one.types == other.types;
    }
    one.types.iter().any(|key| other.types.contains(key))
}

fn overlap(field: &str, with: &PeriodFields) -> Error {
    let until = with.effective_to.as_ref();
    let error = FieldError::new(field, "overlaps")
        .with("name", &with.agreement)
        .with("from", &with.effective_from)
        .with("to", until.map_or_else(String::new, ToString::to_string));
    Error::Invalid(vec![error])
}

/// Whether a ticket of the project was promised by this agreement; of one that is for some types only,
/// a ticket of those.
async fn in_use(tx: &Tx, project: Uuid, row: &project_agreements::Model) -> Result<bool> {
    let col = |name: &'static str| Expr::col(Alias::new(name));
    let mut query = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new("tickets"))
        .and_where(col("project_id").eq(project))
        .and_where(col("agreement").eq(row.agreement.as_str()))
        .limit(1)
        .to_owned();
    let types = PeriodFields::from(row).types;
    if !types.is_empty() {
        query.and_where(col("type").is_in(types));
    }
    Ok(tx.db.query_one(&query).await?.is_some())
}

impl From<&project_agreements::Model> for PeriodFields {
    fn from(row: &project_agreements::Model) -> Self {
        Self {
            agreement: row.agreement.clone(),
            effective_from: row.effective_from.clone(),
            effective_to: row.effective_to.clone(),
            types: row.types.split_whitespace().map(str::to_owned).collect(),
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
