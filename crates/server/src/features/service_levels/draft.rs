//! The first draft of a document, from what the platform knows of the project.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::content::{Content, Part, Promised, Standard};
use crate::app::App;
use crate::features::agreements::{self, AgreementInfo, TargetInfo};
use crate::features::monitors::rows::monitors;
use crate::features::projects::rows::projects;
use crate::features::projects::{Uptime, members_of};
use crate::features::tickets::Terms;
use crate::platform::day::Day;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Table};

/// What stands where nothing is known: to be filled in by hand.
const UNKNOWN: &str = "＿＿＿＿";
/// Systems that are named; of more the number is told.
const NAMED: usize = 12;

/// A first draft.
///
/// # Errors
/// 404 without the project, or when the store fails.
pub async fn first(app: &App, project: Uuid) -> Result<Content> {
    let terms = Terms::load(app.db.read(), project).await?;
    let agreements = in_force(app, &terms);
    let known = known(app, &terms.project, &agreements).await?;
    let outline = &app.definitions.document;
    let part = |part: &crate::platform::service_level::PartOutline| Part {
        key: part.key.clone(),
        title: part.title.clone(),
        text: fill(&part.text, &known),
    };
    Ok(Content {
        form: format!("{} 第{}版", outline.form, outline.version),
        title: outline.title.clone(),
        code: terms.project.code.clone(),
        project: terms.project.name.clone(),
        customer: known.get("customer").cloned().unwrap_or_default(),
        provider: terms.project.provider_name.clone(),
        starts_on: terms.project.starts_on.clone(),
        ends_on: terms.project.ends_on.clone(),
        review_months: outline.review_months,
        parts: outline.parts.iter().map(part).collect(),
        standards: standards(&agreements),
    })
}

/// The next version begins with the words of the one before and the promises as they are now.
///
/// # Errors
/// As [`first`].
pub async fn next(app: &App, project: Uuid, before: Content) -> Result<Content> {
    let standards = standards_now(app, project).await?;
    Ok(Content {
        standards,
        ..before
    })
}

/// The promises as they are now.
///
/// # Errors
/// As [`first`].
pub async fn standards_now(app: &App, project: Uuid) -> Result<Vec<Standard>> {
    let terms = Terms::load(app.db.read(), project).await?;
    Ok(standards(&in_force(app, &terms)))
}

/// The agreements in force today; of several, each is for some types of ticket.
fn in_force(app: &App, terms: &Terms) -> Vec<AgreementInfo> {
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let keys = terms.agreements_at(app.now().timestamp(), &zone);
    let agreements = keys
        .into_iter()
        .filter_map(|key| app.definitions.agreement(key));
    agreements
        .map(|one| agreements::told(app, Lang::Zh, &one))
        .collect()
}

fn standards(agreements: &[AgreementInfo]) -> Vec<Standard> {
    let promises = |targets: &[TargetInfo]| {
        let kept = targets.iter().filter(|target| !target.internal);
        let promised = kept.map(|target| Promised {
            name: target.name.clone(),
            within: target.text.clone(),
            from: target.start.clone(),
            calendar: target.calendar.clone(),
        });
        promised.collect::<Vec<_>>()
    };
    let levels = agreements.iter().flat_map(|one| &one.levels);
    let levels = levels.map(|level| Standard {
        level: level.name.clone(),
        definition: level.definition.clone(),
        promises: promises(&level.targets),
    });
    levels.collect()
}

/// The outline's text with its blanks filled in, each once: what is filled in is not looked into.
fn fill(text: &str, known: &BTreeMap<&'static str, String>) -> String {
    let mut filled = String::new();
    let mut rest = text.trim_end();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let blank = after.split_once('}');
        match blank.and_then(|(name, tail)| Some((known.get(name)?, tail))) {
            Some((value, tail)) => {
                filled.push_str(if value.is_empty() { UNKNOWN } else { value });
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

async fn known(
    app: &App,
    project: &projects::Model,
    agreements: &[AgreementInfo],
) -> Result<BTreeMap<&'static str, String>> {
    let db = app.db.read();
    let units = names::of(db, Table::Units, [project.customer_unit_id]).await?;
    let leaders = [project.manager_id, project.customer_lead_id];
    let people = names::of(db, Table::Users, leaders.into_iter().flatten()).await?;
    let person = |id: Option<Uuid>| {
        let found = id.and_then(|id| people.get(&id));
        found.map(|named| named.name.clone()).unwrap_or_default()
    };
    let customer = units.get(&project.customer_unit_id);
    let outline = app.definitions.reports.get("monthly");
    let each = |of: fn(&AgreementInfo) -> &String| {
        let all = agreements.iter().map(|one| of(one).as_str());
        all.collect::<Vec<_>>().join("；")
    };
    let sections = outline.into_iter().flat_map(|one| &one.sections);
    let sections: Vec<&str> = sections
        .filter(|section| section.key != "appendix")
        .map(|section| section.title.as_str())
        .collect();
    Ok(BTreeMap::from([
        (
            "customer",
            customer.map(|unit| unit.name.clone()).unwrap_or_default(),
        ),
        ("provider", project.provider_name.clone()),
        ("project", project.name.clone()),
        ("starts_on", day(&project.starts_on)),
        ("ends_on", day(&project.ends_on)),
        ("hotline", project.hotline.clone()),
        ("accept", each(|one| &one.accept)),
        ("systems", systems(app, project.id).await?),
        ("agreement", each(|one| &one.name)),
        (
            "attainment",
            outline
                .map(|one| percent(one.standards.attainment))
                .unwrap_or_default(),
        ),
        (
            "availability",
            percent(f64::from(Uptime::of(app, project).target) / 1_000_000.0),
        ),
        (
            "report",
            outline.map(|one| one.title.clone()).unwrap_or_default(),
        ),
        (
            "report_due_day",
            app.definitions.indicators.report_due_day.to_string(),
        ),
        ("report_sections", sections.join("、")),
        ("manager", person(project.manager_id)),
        ("customer_lead", person(project.customer_lead_id)),
        ("members", members(app, project.id).await?),
        ("escalation", escalation(agreements)),
        (
            "review_months",
            app.definitions.document.review_months.to_string(),
        ),
    ]))
}

/// A share as contracts write it: 100 %, 99.99 %, 99.995 %.
fn percent(share: f64) -> String {
    let digits = format!("{:.4}", share * 100.0);
    format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A day as contracts write it.
fn day(day: &Day) -> String {
    let date = day.date();
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// What is watched.
async fn systems(app: &App, project: Uuid) -> Result<String> {
    let all: Vec<String> = monitors::Entity::find()
        .select_only()
        .column(monitors::Column::Name)
        .filter(monitors::Column::ProjectId.eq(project))
        .filter(monitors::Column::DeletedAt.is_null())
        .order_by_asc(monitors::Column::Position)
        .order_by_asc(monitors::Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(if all.len() > NAMED {
        format!("{}等{}项", all[..NAMED].join("、"), all.len())
    } else {
        all.join("、")
    })
}

/// Who serves, one line for each role, in the order of the role library.
async fn members(app: &App, project: Uuid) -> Result<String> {
    let people = members_of(app, Lang::Zh, project).await?;
    let mut lines = Vec::new();
    for role in &app.definitions.roles.roles {
        let holds = people
            .iter()
            .filter(|one| one.roles.iter().any(|held| held.key == role.key));
        let names: Vec<&str> = holds.map(|one| one.name.as_str()).collect();
        if !names.is_empty() {
            lines.push(format!("{}：{}", role.name, names.join("、")));
        }
    }
    Ok(lines.join("\n"))
}

/// Promises by name, each with the levels it is made at.
type Promises<'a> = Vec<(&'a str, Vec<&'a str>)>;
/// Ladders in words, each with its promises.
type Ladders<'a> = Vec<(String, Promises<'a>)>;

/// Whom promises that run out are told to; promises that escalate alike share a line.
fn escalation(agreements: &[AgreementInfo]) -> String {
    // For each ladder the levels of each promise, then the promises of the same levels together.
    let mut alike: Ladders<'_> = Vec::new();
    for level in agreements.iter().flat_map(|one| &one.levels) {
        for target in level.targets.iter().filter(|one| !one.internal) {
            let ladder = target.ladder.join("；");
            if ladder.is_empty() {
                continue;
            }
            let promises = found(&mut alike, &ladder);
            match promises.iter_mut().find(|(name, _)| *name == target.name) {
                Some((_, levels)) => levels.push(&level.name),
                None => promises.push((&target.name, vec![&level.name])),
            }
        }
    }
    let mut lines = Vec::new();
    for (ladder, promises) in alike {
        let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        for (name, levels) in promises {
            match groups.iter_mut().find(|(of, _)| *of == levels) {
                Some((_, names)) => names.push(name),
                None => groups.push((levels, vec![name])),
            }
        }
        let whose = groups
            .into_iter()
            .map(|(levels, names)| format!("{}的{}时限", levels.join("、"), names.join("、")));
        let whose: Vec<String> = whose.collect();
        lines.push(format!("{}：{ladder}。", whose.join("，")));
    }
    lines.join("\n")
}

/// What is kept of a ladder.
fn found<'a, 'b>(alike: &'a mut Ladders<'b>, ladder: &str) -> &'a mut Promises<'b> {
    let place = alike.iter().position(|(one, _)| one == ladder);
    let place = place.unwrap_or_else(|| {
        alike.push((ladder.to_owned(), Vec::new()));
        alike.len() - 1
    });
    &mut alike[place].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_filled_and_what_is_unknown_stays_to_be_written() {
        let known = BTreeMap::from([
            ("members", "服务台：陈静\n一线支持：李伟".to_owned()),
            ("hotline", String::new()),
            ("project", "{hotline}".to_owned()),
        ]);
        assert_eq!(
            fill(
                "{project}的服务人员：\n{members}\n热线：{hotline}。\n",
                &known
            ),
            "{hotline}的服务人员：\n服务台：陈静\n一线支持：李伟\n热线：＿＿＿＿。"
        );
    }
}
