//! Service agreements: what is promised at which level, as the definitions say.
//!
//! For documents: [`told`].

mod words;

use std::collections::BTreeMap;

use anlan_core::access::Permission;
use anlan_core::definition::Text;
use anlan_core::sla::{Agreement, Level, Rule, Rules};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::definitions::Definitions;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{Json, Path};
use crate::platform::i18n::Lang;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// A service agreement.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementInfo {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// In one sentence.
    pub summary: String,
    /// Version of its definition.
    pub version: u32,
    /// Name of the calendar by which requests are accepted.
    pub accept: String,
    /// Its levels, the most serious first.
    pub levels: Vec<LevelInfo>,
    /// What is promised while no level has been chosen.
    pub targets: Vec<TargetInfo>,
    /// Levels that follow by themselves from the length of an interruption.
    pub reclassify: Vec<String>,
}

/// A level of an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub struct LevelInfo {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// When a ticket has this level.
    pub definition: String,
    /// Priorities it is proposed for.
    pub priorities: Vec<u8>,
    /// Kinds of ticket it is proposed for, in words.
    pub kinds: Vec<String>,
    /// What is promised.
    pub targets: Vec<TargetInfo>,
}

/// One promise.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetInfo {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// By when, in words.
    pub text: String,
    /// Its length where it is a plain one.
    pub duration_seconds: Option<i64>,
    /// Name of the calendar in which it is measured.
    pub calendar: String,
    /// What starts its clock.
    pub start: String,
    /// Whether a time agreed with the customer may replace it.
    pub negotiable: bool,
    /// Our own discipline and no promise to the customer: never counted.
    pub internal: bool,
    /// Whom it reminds and tells, and when, in words.
    pub ladder: Vec<String>,
}

/// All agreements.
#[utoipa::path(get, path = "/agreements", tag = "agreements", responses((status = 200, body = [AgreementInfo]), (status = 403, body = Problem)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<AgreementInfo>>> {
    caller.require(Permission::AgreementRead)?;
    let teller = Teller::new(&app, caller.lang);
    Ok(Json(
        app.definitions
            .agreements()
            .map(|agreement| teller.agreement(agreement))
            .collect(),
    ))
}

/// One agreement.
#[utoipa::path(get, path = "/agreements/{key}", tag = "agreements", params(("key" = String, Path)), responses((status = 200, body = AgreementInfo), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Json<AgreementInfo>> {
    caller.require(Permission::AgreementRead)?;
    let agreement = app
        .definitions
        .agreement(&key)
        .ok_or_else(Error::not_found)?;
    Ok(Json(Teller::new(&app, caller.lang).agreement(&agreement)))
}

/// An agreement in words.
#[must_use]
pub fn told(app: &App, lang: Lang, agreement: &Agreement) -> AgreementInfo {
    Teller::new(app, lang).agreement(agreement)
}

/// Words of a ladder that are no role.
const STANDING: [&str; 4] = ["assignee", "group_member", "group_leader", "reporter"];

/// Tells agreements in one language.
struct Teller<'a> {
    lang: Lang,
    definitions: &'a Definitions,
    roles: BTreeMap<String, String>,
}

impl<'a> Teller<'a> {
    fn new(app: &'a App, lang: Lang) -> Self {
        let roles = app.definitions.roles.roles.iter().map(|role| {
            let name = lang.pick(&role.name, &role.name_en);
            (role.key.clone(), name.to_owned())
        });
        // Those who are told for what they are to the ticket.
        let standing = STANDING.map(|key| {
            let name = lang.text(&format!("agreement.who.{key}"), &[]);
            (key.to_owned(), name)
        });
        Self {
            lang,
            definitions: &app.definitions,
            roles: roles.chain(standing).collect(),
        }
    }

    fn text(&self, text: &Text) -> String {
        self.lang.pick(&text.zh, &text.en).to_owned()
    }

    fn agreement(&self, agreement: &Agreement) -> AgreementInfo {
        AgreementInfo {
            key: agreement.key.to_string(),
            name: self.text(&agreement.name),
            summary: self.text(&agreement.summary),
            version: agreement.version,
            accept: self.calendar(&agreement.accept),
            levels: agreement
                .levels
                .iter()
                .map(|level| self.level(level))
                .collect(),
            targets: self.targets(&agreement.unlevelled),
            reclassify: agreement
                .reclassify
                .iter()
                .map(|rule| self.reclassify(agreement, rule))
                .collect(),
        }
    }

    fn level(&self, level: &Level) -> LevelInfo {
        LevelInfo {
            key: level.key.to_string(),
            name: self.text(&level.name),
            definition: self.text(&level.definition),
            priorities: level.proposal.priorities.clone(),
            kinds: level
                .proposal
                .kinds
                .iter()
                .map(|kind| self.kind(kind))
                .collect(),
            targets: self.targets(&level.rules),
        }
    }

    fn targets(&self, rules: &Rules) -> Vec<TargetInfo> {
        rules.iter().map(|rule| self.target(rule)).collect()
    }

    fn target(&self, rule: &Rule) -> TargetInfo {
        TargetInfo {
            key: rule.target.as_str().to_owned(),
            name: self.target_name(rule.target),
            text: self.promise(rule),
            duration_seconds: words::plain_length(rule),
            calendar: self.calendar(&rule.calendar),
            start: self.start(&rule.start),
            negotiable: rule.negotiable,
            internal: rule.internal,
            ladder: rule.ladder.iter().map(|step| self.step(step)).collect(),
        }
    }

    fn calendar(&self, key: &str) -> String {
        self.definitions.calendar_name(self.lang, key)
    }
}
