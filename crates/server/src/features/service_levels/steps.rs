//! Steps in the life of a version: core decides, the log keeps.

use anlan_core::access::Permission;
use anlan_core::service_level::{self, Refusal, State, Step, next_review};
use axum::extract::State as Shared;
use sea_orm::{ActiveModelTrait, Set};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{self, Content, canonical, digest};
use super::dto::{self, Signature, Signatures, SlaStepName, SlaVersion};
use super::rows::{sla_steps, sla_versions};
use super::versions::{held, of_project, shown, store};
use super::{draft, may, remind};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::audit::{Actor, Entry};
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{IfMatch, Json, Path, Versioned};

/// A step to be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSlaStep {
    /// Which.
    #[schema(value_type = SlaStepName)]
    step: Step,
    /// The reason or, for `examine`, the conclusion; required but for `submit` and `take_effect`.
    #[serde(default)]
    note: String,
    /// The day it holds from (`take_effect`) or was done on (`examine`, `terminate`); today when left out.
    #[serde(default)]
    on: Option<Day>,
    /// Both signatures, for `take_effect`.
    #[serde(default)]
    signatures: Option<Signatures>,
}

/// A step as it is taken.
#[derive(Clone, Debug)]
pub struct Taking {
    /// Which.
    pub step: Step,
    /// Reason or conclusion.
    pub note: String,
    /// The day it counts from; today when there is none.
    pub on: Option<Day>,
    /// Both signatures.
    pub signatures: Option<Signatures>,
}

/// Takes a step: sends a draft to review, returns it, puts it in force, gives it up, reviews what is in
/// force, ends it. Who sent a version to review does not put it in force.
#[utoipa::path(post, path = "/projects/{id}/sla/versions/{number}/steps", tag = "service levels", params(("id" = Uuid, Path), ("number" = i32, Path), ("If-Match" = String, Header)), request_body = NewSlaStep,
    responses((status = 200, body = SlaVersion), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
pub async fn post(
    Shared(app): Shared<App>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, i32)>,
    version: IfMatch,
    Json(new): Json<NewSlaStep>,
) -> Result<Versioned<SlaVersion>> {
    may(&app, &caller, id, Permission::AgreementManage).await?;
    let taking = Taking {
        step: new.step,
        note: new.note,
        on: new.on,
        signatures: new.signatures,
    };
    let row = take(&app, &caller.actor, id, number, version, taking).await?;
    let view = shown(&app, &caller, &row).await?;
    Ok(Versioned(row.version, view))
}

/// Takes a step.
///
/// # Errors
/// 409 when core refuses it, 422 when something it wants is missing.
pub async fn take(
    app: &App,
    actor: &Actor,
    project: Uuid,
    number: i32,
    version: IfMatch,
    taking: Taking,
) -> Result<sla_versions::Model> {
    let taking = checked(taking)?;
    // What is reviewed holds the promises as they are then.
    let standards = draft::standards_now(app, project).await?;
    let (app, actor) = (app.clone(), actor.clone());
    let db = app.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let mut row = held(tx, project, number).await?;
            version.check(row.version, || format!("V{number}"))?;
            let from = dto::state(&row).ok_or_else(Error::not_found)?;
            let own = actor.id.is_some() && row.submitted_by == actor.id;
            let to = service_level::step(from, taking.step, own).map_err(refused)?;
            let mut content: Content = content::read(&row.data)?;
            let zone = remind::zone(&app, &tx.db, project).await?;
            let today = tx.now.timestamp().to_zoned(zone.clone()).date();
            let on = taking.on.clone().unwrap_or_else(|| today.into());
            match taking.step {
                Step::Submit => {
                    content.standards = standards;
                    row.data = canonical(&content)?;
                    row.submitted_by = actor.id;
                }
                Step::Return => row.submitted_by = None,
                Step::TakeEffect => {
                    if on > content.ends_on {
                        return Err(Error::field("on", "after_end"));
                    }
                    replace(tx, &actor, project, number).await?;
                    row.effective_on = Some(on.clone());
                    row.signatures = canonical(&taking.signatures)?;
                    let review = next_review(on.date(), content.review_months);
                    row.next_review_on = Some(review.into());
                }
                Step::Examine | Step::Terminate if on.date() > today => {
                    return Err(Error::field("on", "in_future_day"));
                }
                Step::Examine => {
                    let review = next_review(on.date(), content.review_months);
                    row.next_review_on = Some(review.into());
                }
                Step::Discard | Step::Terminate => row.next_review_on = None,
            }
            row.state = to.as_str().into();
            let mut detail = json!({
                "number": number, "from": from, "to": to, "note": taking.note, "on": on,
            });
            if taking.step == Step::TakeEffect {
                let hash = digest(&row.data);
                detail["sha256"] = json!(hash);
                detail["signatures"] = json!(taking.signatures);
                row.hash = Some(hash);
            }
            let word = taking.step.as_str();
            let dated = !matches!(taking.step, Step::Submit | Step::Return | Step::Discard);
            let on = dated.then_some(on);
            log(tx, &actor, &row, word, Some(from), to, &taking.note, on).await?;
            let entry = Entry::new(&actor, format!("sla.{word}")).detail(detail);
            let row = store(tx, row, entry).await?;
            if matches!(
                taking.step,
                Step::TakeEffect | Step::Examine | Step::Terminate
            ) {
                remind::plan(&app, tx, &row, &content, &zone).await?;
            }
            Ok(row)
        })
    })
    .await
}

/// The version in force until now gives way to the new one.
async fn replace(tx: &mut Tx, actor: &Actor, project: Uuid, by: i32) -> Result<()> {
    let versions = of_project(&tx.db, project).await?;
    let in_force = versions
        .into_iter()
        .filter(|one| one.state == State::InForce.as_str());
    for mut old in in_force {
        old.state = State::Replaced.as_str().into();
        old.next_review_on = None;
        let note = format!("V{by}");
        log(
            tx,
            actor,
            &old,
            "replace",
            Some(State::InForce),
            State::Replaced,
            &note,
            None,
        )
        .await?;
        let entry = Entry::new(actor, "sla.replace")
            .detail(json!({ "number": old.number, "replaced_by": by }));
        store(tx, old, entry).await?;
    }
    Ok(())
}

fn checked(taking: Taking) -> Result<Taking> {
    let mut check = Check::default();
    let least = usize::from(taking.step.wants_note());
    let note = check.lines("note", &taking.note, least..=2_000);
    let signatures = match (taking.step, taking.signatures) {
        (Step::TakeEffect, Some(both)) => {
            let mut signature = |party: &str, one: Signature| Signature {
                name: check.line(&format!("signatures.{party}.name"), &one.name, 1..=60),
                position: check.line(
                    &format!("signatures.{party}.position"),
                    &one.position,
                    1..=60,
                ),
                on: one.on,
            };
            Some(Signatures {
                customer: signature("customer", both.customer),
                provider: signature("provider", both.provider),
            })
        }
        (Step::TakeEffect, None) => {
            check.push(FieldError::new("signatures", "required"));
            None
        }
        (_, Some(_)) => {
            check.push(FieldError::new("signatures", "not_here"));
            None
        }
        (_, None) => None,
    };
    check.finish()?;
    Ok(Taking {
        note,
        signatures,
        ..taking
    })
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::NotFrom(_, state) => Error::conflict(match state {
            State::Draft => "sla_is_draft",
            State::Review => "sla_is_review",
            State::InForce => "sla_is_in_force",
            State::Replaced => "sla_is_replaced",
            State::Terminated => "sla_is_terminated",
            State::Discarded => "sla_is_discarded",
        }),
        Refusal::OwnReview => Error::conflict("sla_own_review"),
        Refusal::Unfinished => Error::conflict("sla_unfinished"),
    }
}

/// Adds to the log.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub async fn log(
    tx: &Tx,
    actor: &Actor,
    version: &sla_versions::Model,
    step: &str,
    from: Option<State>,
    to: State,
    note: &str,
    on: Option<Day>,
) -> Result<()> {
    let row = sla_steps::ActiveModel {
        id: Set(Uuid::now_v7()),
        project_id: Set(version.project_id),
        number: Set(version.number),
        at: Set(tx.now),
        actor_id: Set(actor.id),
        actor_name: Set(actor.name.clone()),
        step: Set(step.to_owned()),
        from_state: Set(from.map(|state| state.as_str().to_owned())),
        to_state: Set(to.as_str().to_owned()),
        note: Set(note.to_owned()),
        on_day: Set(on),
    };
    row.insert(&tx.db).await?;
    Ok(())
}
