//! The plan of indicators of a project: what is to be reached, and who answers for it.

use std::collections::BTreeSet;

use anlan_core::access::Permission;
use anlan_core::service_level::Direction;
use anlan_core::sla::Target;
use axum::extract::State;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{self, canonical};
use super::dto::KpiDirection;
use super::may;
use super::rows::kpi_plans;
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::platform::access::Caller;
use crate::platform::audit::{Actor, Entry};
use crate::platform::auth::rows::users;
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Versioned};
use crate::platform::service_level::Measure;

/// Indicators of one plan.
const MOST: usize = 30;

/// One indicator of the plan; its period is the month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KpiIndicator)]
pub struct Indicator {
    /// Its id; a new one when left out.
    #[serde(default = "Uuid::now_v7")]
    pub id: Uuid,
    /// What is measured.
    pub measure: Measure,
    /// Key of the target, for `target`.
    #[serde(default)]
    pub target: Option<String>,
    /// Its name, for `manual`.
    #[serde(default)]
    pub name: String,
    /// Its unit, for `manual`.
    #[serde(default)]
    pub unit: String,
    /// On which side of the goal it is to lie.
    #[schema(value_type = KpiDirection)]
    pub direction: Direction,
    /// The goal: a share of 1 for what the platform measures, a figure in its unit for `manual`.
    pub goal: f64,
    /// Who answers for it.
    #[serde(default)]
    pub owner_id: Option<Uuid>,
}

/// A plan to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKpiPlan {
    /// The indicators, in the order in which they are shown.
    indicators: Vec<Indicator>,
}

/// The plan of a project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KpiPlan)]
pub struct Plan {
    /// For If-Match; 0 while there is none.
    pub version: i32,
    /// The indicators; while there is no plan, what is proposed.
    pub indicators: Vec<Indicator>,
}

/// Keeps the plan of a project. Months that are measured from now on, or again, are held against it;
/// signed ones stay.
#[utoipa::path(put, path = "/projects/{id}/kpi/plan", tag = "service levels", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = NewKpiPlan,
    responses((status = 200, body = Plan), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn write(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(new): Json<NewKpiPlan>,
) -> Result<Versioned<Plan>> {
    may(&app, &caller, id, Permission::AgreementManage).await?;
    let plan = keep(&app, &caller.actor, id, version, new.indicators).await?;
    Ok(Versioned(plan.version, plan))
}

/// Keeps the proposed plan for a project that has none, with one person answering for all of it.
///
/// # Errors
/// As [`keep`].
pub async fn write_proposed(app: &App, actor: &Actor, project: Uuid, owner: Uuid) -> Result<()> {
    let owned = proposed(app).into_iter().map(|one| Indicator {
        owner_id: Some(owner),
        ..one
    });
    keep(app, actor, project, IfMatch(0), owned.collect()).await?;
    Ok(())
}

/// Keeps a plan.
///
/// # Errors
/// 409 when it has moved on, 422 when something is wrong in it.
async fn keep(
    app: &App,
    actor: &Actor,
    project: Uuid,
    version: IfMatch,
    indicators: Vec<Indicator>,
) -> Result<Plan> {
    let indicators = checked(indicators)?;
    let entry = Entry::new(actor, "kpi.plan");
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let project_row = projects::Entity::find_by_id(project)
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                let row = kpi_plans::Entity::find_by_id(project).one(&tx.db).await?;
                version.check(row.as_ref().map_or(0, |row| row.version), || {
                    project_row.code.clone()
                })?;
                owners_exist(tx, &indicators).await?;
                let exists = row.is_some();
                let kept = kpi_plans::Model {
                    project_id: project,
                    data: canonical(&indicators)?,
                    updated_at: tx.now,
                    version: version.0 + 1,
                };
                let mut change = kept.into_active_model().reset_all();
                if exists {
                    change.project_id = sea_orm::ActiveValue::Unchanged(project);
                    change.update(&tx.db).await?;
                } else {
                    change.insert(&tx.db).await?;
                }
                tx.audit(
                    entry
                        .on("project", project, &project_row.code)
                        .detail(json!({ "version": version.0 + 1, "indicators": indicators })),
                );
                Ok(Plan {
                    version: version.0 + 1,
                    indicators,
                })
            })
        })
        .await
}

fn checked(indicators: Vec<Indicator>) -> Result<Vec<Indicator>> {
    let mut check = Check::default();
    if indicators.len() > MOST {
        check.push(FieldError::new("indicators", "too_many").with("max", MOST));
    }
    let (mut ids, mut measured) = (BTreeSet::new(), BTreeSet::new());
    let mut tidy = Vec::new();
    for (n, one) in indicators.into_iter().enumerate() {
        let at = |field: &str| format!("indicators[{n}].{field}");
        let manual = one.measure == Measure::Manual;
        let least = usize::from(manual);
        let name = check.line(&at("name"), &one.name, least..=60);
        let unit = check.line(&at("unit"), &one.unit, 0..=12);
        match (one.measure == Measure::Target, &one.target) {
            (true, None) => check.ensure(false, &at("target"), "required"),
            (false, Some(_)) => check.ensure(false, &at("target"), "not_here"),
            (true, Some(key)) => {
                check.ensure(key.parse::<Target>().is_ok(), &at("target"), "no_such");
            }
            (false, None) => {}
        }
        let shares = manual || (0.0..=1.0).contains(&one.goal);
        check.ensure(shares && one.goal.is_finite(), &at("goal"), "bad_share");
        check.ensure(ids.insert(one.id), &at("id"), "twice");
        let new = manual || measured.insert((one.measure, one.target.clone()));
        check.ensure(new, &at("measure"), "twice");
        // What the platform measures has its own name and unit.
        let (name, unit) = if manual {
            (name, unit)
        } else {
            Default::default()
        };
        tidy.push(Indicator { name, unit, ..one });
    }
    check.finish()?;
    Ok(tidy)
}

async fn owners_exist(tx: &Tx, indicators: &[Indicator]) -> Result<()> {
    let wanted: BTreeSet<Uuid> = indicators.iter().filter_map(|one| one.owner_id).collect();
    let found: Vec<Uuid> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Id.is_in(wanted))
        .filter(users::Column::Active.eq(true))
        .into_tuple()
        .all(&tx.db)
        .await?;
    let mut check = Check::default();
    for (n, one) in indicators.iter().enumerate() {
        let exists = one.owner_id.is_none_or(|owner| found.contains(&owner));
        check.ensure(exists, &format!("indicators[{n}].owner_id"), "no_such");
    }
    check.finish()
}

/// What a new plan proposes.
pub fn proposed(app: &App) -> Vec<Indicator> {
    let all = app.definitions.indicators.indicators.iter();
    let proposed = all.map(|one| Indicator {
        id: Uuid::now_v7(),
        measure: one.key,
        target: one.target.map(|target| target.as_str().to_owned()),
        name: String::new(),
        unit: String::new(),
        direction: one.direction,
        goal: one.goal,
        owner_id: None,
    });
    proposed.collect()
}

/// The plan of a project, when it has one.
///
/// # Errors
/// When the store fails or the stored plan is damaged.
pub async fn of_project(db: &impl ConnectionTrait, project: Uuid) -> Result<Option<Plan>> {
    let row = kpi_plans::Entity::find_by_id(project).one(db).await?;
    match row {
        None => Ok(None),
        Some(row) => Ok(Some(Plan {
            version: row.version,
            indicators: content::read(&row.data)?,
        })),
    }
}
