//! Months of indicators: measured, completed by hand, reviewed and signed.

use anlan_core::access::Permission;
use anlan_core::service_level::{Signing, Verdict, signing};
use axum::extract::State;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::content::{self, canonical, digest};
use super::measure::{self, Figure, Measured};
use super::plan::{self, Plan};
use super::rows::kpi_months;
use super::told::{Kpi, KpiMonth, name_of, provisional, shown, targets};
use super::{may, seen, sees_unfinished};
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::reports::{Month, counted_at};
use crate::platform::access::Caller;
use crate::platform::audit::{Actor, Entry};
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Query, Versioned};
use crate::platform::i18n::Lang;
use crate::platform::service_level::Measure;

/// Months that are shown, the last included.
const SHOWN: i32 = 12;
/// The state of a month whose figures may still change.
const OPEN: &str = "open";
/// The state of a month that was signed.
const SIGNED: &str = "signed";

/// Which months.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Until {
    /// The last of the twelve months, as `2026-11`; this month when left out.
    until: Option<String>,
}

/// A month to be measured.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKpiMonth {
    /// As `2026-10`; it must be over.
    month: String,
}

/// What people write of a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KpiMonthTexts {
    /// Figures and remedies by indicator; those not named stay.
    figures: Vec<KpiText>,
}

/// What people write of one indicator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KpiText {
    /// Id of the indicator.
    id: Uuid,
    /// The figure, for what is entered by hand.
    #[serde(default)]
    actual: Option<f64>,
    /// What is done about it.
    #[serde(default)]
    remedy: Option<String>,
}

/// The internal review of a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKpiSignature {
    /// Conclusion of the internal review (内部测评审核).
    conclusion: String,
}

/// Plan and months of a project. Who does not answer for the service sees the months that were signed.
#[utoipa::path(get, path = "/projects/{id}/kpi", tag = "service levels", params(("id" = Uuid, Path), Until),
    responses((status = 200, body = Kpi), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(until): Query<Until>,
) -> Result<Json<Kpi>> {
    let (project, place) = seen(&app, &caller, id).await?;
    let zone = app.definitions.zone_of(&project.calendar);
    let current = Month::of(app.now(), &zone);
    let last = match &until.until {
        Some(text) => Month::parse(text).map_err(|_| Error::field("until", "bad_month"))?,
        None => current,
    };
    let unfinished = sees_unfinished(&caller, place);
    let db = app.db.read();
    let kept = plan::of_project(db, id).await?;
    let rows = kpi_months::Entity::find()
        .filter(kpi_months::Column::ProjectId.eq(id))
        .filter(kpi_months::Column::Month.gte(last.plus(1 - SHOWN).key()))
        .filter(kpi_months::Column::Month.lte(last.key()))
        .order_by_asc(kpi_months::Column::Month)
        .all(db)
        .await?;
    let mut months = Vec::new();
    for row in rows.iter().filter(|row| unfinished || row.state == SIGNED) {
        months.push(shown(caller.lang, row)?);
    }
    if let Some(plan) = kept.as_ref().filter(|_| unfinished && last >= current) {
        let now = measure::measure(&app, id, current, &plan.indicators, None).await?;
        months.push(provisional(caller.lang, current, now, app.now()));
    }
    Ok(Json(Kpi {
        plan: kept.unwrap_or_else(|| Plan {
            version: 0,
            indicators: plan::proposed(&app),
        }),
        months,
        current: current.key(),
        may_manage: caller.access.can(Permission::AgreementManage, place),
        may_write: caller.access.can(Permission::ReportWrite, place),
        report_due_day: app.definitions.indicators.report_due_day,
        targets: targets(caller.lang),
    }))
}

/// Measures a month that is over, or measures it again while it is not signed. What people wrote stays.
#[utoipa::path(post, path = "/projects/{id}/kpi/months", tag = "service levels", params(("id" = Uuid, Path)), request_body = NewKpiMonth,
    responses((status = 200, body = KpiMonth), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn measure(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(new): Json<NewKpiMonth>,
) -> Result<Versioned<KpiMonth>> {
    let project = may(&app, &caller, id, Permission::ReportWrite).await?;
    let month = Month::parse(&new.month)?;
    let row = keep(&app, &caller.actor, &project, month).await?;
    Ok(Versioned(row.version, shown(caller.lang, &row)?))
}

/// Writes figures that are entered by hand, and remedies, while the month is not signed.
#[utoipa::path(put, path = "/projects/{id}/kpi/months/{month}", tag = "service levels", params(("id" = Uuid, Path), ("month" = String, Path), ("If-Match" = String, Header)), request_body = KpiMonthTexts,
    responses((status = 200, body = KpiMonth), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn write(
    State(app): State<App>,
    caller: Caller,
    Path((id, month)): Path<(Uuid, String)>,
    version: IfMatch,
    Json(texts): Json<KpiMonthTexts>,
) -> Result<Versioned<KpiMonth>> {
    may(&app, &caller, id, Permission::ReportWrite).await?;
    let row = complete(&app, &caller.actor, id, month, version, texts.figures).await?;
    Ok(Versioned(row.version, shown(caller.lang, &row)?))
}

/// Completes a month by what people write.
///
/// # Errors
/// 409 when it is signed or has moved on, 422 when something is wrong.
pub async fn complete(
    app: &App,
    actor: &Actor,
    project: Uuid,
    month: String,
    version: IfMatch,
    texts: Vec<KpiText>,
) -> Result<kpi_months::Model> {
    let entry = Entry::new(actor, "kpi.write");
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let mut row = open(&tx.db, project, &month).await?;
                version.check(row.version, || month.clone())?;
                let before: Measured = content::read(&row.data)?;
                let after = written(before.clone(), texts)?;
                row.data = canonical(&after)?;
                let entry = entry.detail(json!({ "before": before, "after": after }));
                store(tx, row, entry).await
            })
        })
        .await
}

/// Remedies in the same words for all that was missed, for the demonstration.
///
/// # Errors
/// When the stored month is damaged.
pub fn remedies(row: &kpi_months::Model, words: &str) -> Result<Vec<KpiText>> {
    let month: Measured = content::read(&row.data)?;
    let missed = month
        .figures
        .iter()
        .filter(|one| one.verdict() == Verdict::Missed);
    let text = |one: &Figure| KpiText {
        id: one.id,
        actual: None,
        remedy: Some(words.to_owned()),
    };
    Ok(missed.map(text).collect())
}

/// Signs a month with the conclusion of its internal review: its figures stay from now on. What is
/// entered by hand must be there, and each indicator that was missed needs a remedy.
#[utoipa::path(post, path = "/projects/{id}/kpi/months/{month}/signature", tag = "service levels", params(("id" = Uuid, Path), ("month" = String, Path), ("If-Match" = String, Header)), request_body = NewKpiSignature,
    responses((status = 200, body = KpiMonth), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn post_signature(
    State(app): State<App>,
    caller: Caller,
    Path((id, month)): Path<(Uuid, String)>,
    version: IfMatch,
    Json(new): Json<NewKpiSignature>,
) -> Result<Versioned<KpiMonth>> {
    may(&app, &caller, id, Permission::AgreementManage).await?;
    let row = sign(&app, &caller.actor, id, month, version, &new.conclusion).await?;
    Ok(Versioned(row.version, shown(caller.lang, &row)?))
}

/// Signs a month.
///
/// # Errors
/// 409 when it is signed, has moved on or its report was counted later, 422 when something is missing.
pub async fn sign(
    app: &App,
    actor: &Actor,
    project: Uuid,
    month: String,
    version: IfMatch,
    conclusion: &str,
) -> Result<kpi_months::Model> {
    let mut check = Check::default();
    let conclusion = check.lines("conclusion", conclusion, 1..=5_000);
    let actor = actor.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let mut row = open(&tx.db, project, &month).await?;
                version.check(row.version, || month.clone())?;
                // What is signed is what the report says.
                let counted = counted_at(&tx.db, project, &month).await?;
                if counted.is_some_and(|at| at > row.measured_at) {
                    return Err(Error::conflict("kpi_report_newer"));
                }
                lacking(&content::read(&row.data)?, &mut check);
                check.finish()?;
                let hash = digest(&format!("{}\n{conclusion}", row.data));
                let entry = Entry::new(&actor, "kpi.sign")
                    .detail(json!({ "sha256": hash, "conclusion": conclusion }));
                row.hash = Some(hash);
                row.conclusion = conclusion;
                row.state = SIGNED.into();
                row.signed_by = actor.id;
                row.signed_name.clone_from(&actor.name);
                row.signed_at = Some(tx.now);
                store(tx, row, entry).await
            })
        })
        .await
}

/// Names what keeps a month from being signed.
fn lacking(month: &Measured, check: &mut Check) {
    for (n, one) in month.figures.iter().enumerate() {
        let manual = one.measure == Measure::Manual;
        let field = match signing(one.verdict(), manual, &one.remedy) {
            Signing::Ready => continue,
            Signing::LacksFigure => "actual",
            Signing::LacksMeasure => "remedy",
        };
        let error = FieldError::new(format!("figures[{n}].{field}"), "required");
        check.push(error.with("name", name_of(Lang::Zh, one)));
    }
}

fn written(mut month: Measured, texts: Vec<KpiText>) -> Result<Measured> {
    let mut check = Check::default();
    for (n, new) in texts.into_iter().enumerate() {
        let at = |field: &str| format!("figures[{n}].{field}");
        let Some(figure) = month.figures.iter_mut().find(|one| one.id == new.id) else {
            check.ensure(false, &at("id"), "no_such");
            continue;
        };
        if let Some(actual) = new.actual {
            let by_hand = figure.measure == Measure::Manual;
            check.ensure(by_hand, &at("actual"), "computed");
            check.ensure(actual.is_finite(), &at("actual"), "wrong_type");
            figure.actual = Some(actual);
        }
        if let Some(remedy) = new.remedy {
            figure.remedy = check.lines(&at("remedy"), &remedy, 0..=2_000);
        }
    }
    check.finish()?;
    Ok(month)
}

/// Measures a month and keeps it.
///
/// # Errors
/// 409 when it is signed or there is no plan, 422 when it is not over or before the contract.
pub async fn keep(
    app: &App,
    actor: &Actor,
    project: &projects::Model,
    month: Month,
) -> Result<kpi_months::Model> {
    let zone = app.definitions.zone_of(&project.calendar);
    if month.plus(1).begins(&zone) > app.now() {
        return Err(Error::field("month", "not_over"));
    }
    if month.last() < project.starts_on.date() || month.first > project.ends_on.date() {
        let error = FieldError::new("month", "outside_term");
        let error = error.with("from", &project.starts_on);
        return Err(Error::Invalid(vec![error.with("to", &project.ends_on)]));
    }
    let db = app.db.read();
    let plan = plan::of_project(db, project.id).await?;
    let plan = plan.ok_or_else(|| Error::conflict("kpi_no_plan"))?;
    let before = found(db, project.id, &month.key()).await?;
    let written = match &before {
        Some(row) if row.state == SIGNED => return Err(Error::conflict("kpi_signed")),
        Some(row) => Some(content::read(&row.data)?),
        None => None,
    };
    let now = measure::measure(app, project.id, month, &plan.indicators, written.as_ref()).await?;
    let data = canonical(&now)?;
    let entry = Entry::new(actor, "kpi.measure").detail(&now);
    let (id, key, read) = (project.id, month.key(), before.map(|row| row.version));
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = found(&tx.db, id, &key).await?;
                // Somebody wrote or signed while it was counted.
                if row.as_ref().map(|row| row.version) != read {
                    return Err(Error::Stale {
                        current: row.map_or(0, |row| row.version),
                        changed: key,
                    });
                }
                if let Some(mut row) = row {
                    row.data = data;
                    row.measured_at = tx.now;
                    return store(tx, row, entry).await;
                }
                let row = kpi_months::Model {
                    id: Uuid::now_v7(),
                    project_id: id,
                    month: key,
                    state: OPEN.into(),
                    data,
                    hash: None,
                    measured_at: tx.now,
                    signed_by: None,
                    signed_name: String::new(),
                    signed_at: None,
                    conclusion: String::new(),
                    version: 1,
                };
                tx.audit(entry.on("kpi", row.id, &row.month));
                let insert = row.into_active_model().reset_all().insert(&tx.db);
                insert
                    .await
                    .map_err(|error| Error::on_unique(error, "month", "month"))
            })
        })
        .await
}

async fn found(
    db: &impl ConnectionTrait,
    project: Uuid,
    month: &str,
) -> Result<Option<kpi_months::Model>> {
    Ok(kpi_months::Entity::find()
        .filter(kpi_months::Column::ProjectId.eq(project))
        .filter(kpi_months::Column::Month.eq(month))
        .one(db)
        .await?)
}

/// A month that is not signed yet.
async fn open(db: &impl ConnectionTrait, project: Uuid, month: &str) -> Result<kpi_months::Model> {
    let row = found(db, project, month).await?;
    let row = row.ok_or_else(Error::not_found)?;
    if row.state == SIGNED {
        return Err(Error::conflict("kpi_signed"));
    }
    Ok(row)
}

async fn store(tx: &mut Tx, mut row: kpi_months::Model, entry: Entry) -> Result<kpi_months::Model> {
    row.version += 1;
    tx.audit(entry.on("kpi", row.id, &row.month));
    let id = row.id;
    let mut change = row.into_active_model().reset_all();
    change.id = sea_orm::ActiveValue::Unchanged(id);
    Ok(change.update(&tx.db).await?)
}
