//! What was agreed upon: the service level document both parties signed, and the indicators of the
//! months behind, measured from the history as it is.

use anlan_core::service_level::Step;
use jiff::civil::Date;

use super::cast::{Cast, Person};
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::service_levels::{
    self, Signature, Signatures, Taking, complete, measure_past, remedies,
};
use crate::platform::audit::Actor;
use crate::platform::day::Day;
use crate::platform::error::Result;
use crate::platform::http::IfMatch;
use sea_orm::EntityTrait;

/// What is done about an indicator that was missed.
const REMEDY: &str = "逐件复盘未达标的事件，查明原因；改进措施列入下月工作计划，由责任人跟踪到位。";
/// Conclusion of the periodic review of the document.
const EXAMINED: &str = "九个部分与现行服务一致，协议继续执行；未达标的时限按改进措施跟踪。";
/// Conclusion of the internal review of a month.
const CONCLUSION: &str =
    "数据与工单、监测记录核对一致。未达标的指标已逐项查明原因并落实改进措施，下月复核效果。";

/// Writes both: the manager drafts, quality passes, and both sign.
///
/// # Errors
/// When the store fails.
pub async fn write(app: &App, cast: &Cast, today: Date) -> Result<()> {
    let (Some(manager), Some(quality), Some(customer)) = (
        cast.holding("project_manager"),
        cast.holding("qa"),
        cast.holding("project_lead"),
    ) else {
        return Ok(());
    };
    document(app, cast, manager, quality, customer).await?;
    indicators(app, cast, manager, quality, today).await
}

async fn document(
    app: &App,
    cast: &Cast,
    manager: &Person,
    quality: &Person,
    customer: &Person,
) -> Result<()> {
    let project = projects::Entity::find_by_id(cast.project)
        .one(app.db.read())
        .await?;
    let Some(project) = project else {
        return Ok(());
    };
    let draft = service_levels::begin(app, &actor(manager), cast.project, "").await?;
    let step = |step, note: &str| Taking {
        step,
        note: note.to_owned(),
        on: None,
        signatures: None,
    };
    let (number, version) = (draft.number, IfMatch(draft.version));
    let submit = step(Step::Submit, "");
    let sent =
        service_levels::take(app, &actor(manager), cast.project, number, version, submit).await?;
    let signature = |person: &Person, position: &str, on: &Day| Signature {
        name: person.user.name.clone(),
        position: position.to_owned(),
        on: on.clone(),
    };
    let signed = Taking {
        on: Some(project.starts_on.clone()),
        signatures: Some(Signatures {
            customer: signature(customer, "信息中心主任", &project.starts_on),
            provider: signature(manager, "项目经理", &project.starts_on),
        }),
        ..step(Step::TakeEffect, "条款与合同一致，时限与现行服务协议一致。")
    };
    let version = IfMatch(sent.version);
    let by = actor(quality);
    let valid = service_levels::take(app, &by, cast.project, number, version, signed).await?;
    // It holds for most of a year already: its review was due.
    let version = IfMatch(valid.version);
    let examined = step(Step::Examine, EXAMINED);
    service_levels::take(app, &by, cast.project, number, version, examined).await?;
    Ok(())
}

/// The plan, and the months since the history begins; the last of several waits to be signed.
async fn indicators(
    app: &App,
    cast: &Cast,
    manager: &Person,
    quality: &Person,
    today: Date,
) -> Result<()> {
    let (id, by) = (cast.project, actor(manager));
    service_levels::write_proposed(app, &by, id, manager.user.id).await?;
    let months = measure_past(app, &by, id, super::first_day(today)).await?;
    let signed = months.len().saturating_sub(1).max(1);
    for month in months.into_iter().take(signed) {
        let words = remedies(&month, REMEDY)?;
        let (key, version) = (month.month.clone(), IfMatch(month.version));
        let month = complete(app, &by, id, key, version, words).await?;
        let version = IfMatch(month.version);
        service_levels::sign(app, &actor(quality), id, month.month, version, CONCLUSION).await?;
    }
    Ok(())
}

fn actor(person: &Person) -> Actor {
    Actor {
        kind: "user",
        id: Some(person.user.id),
        name: person.user.name.clone(),
        ip: String::new(),
    }
}
