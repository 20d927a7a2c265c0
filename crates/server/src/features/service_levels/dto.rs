//! Service level documents as the API shows them.

use anlan_core::service_level::{Line, Mark, Standing, State, compare, standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::content::{self, Content};
use super::rows::{sla_steps, sla_versions};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;

/// A project's service level document: how it stands, its versions, the log of its states.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sla {
    /// `none`, `draft`, `review`, `in_force`, `change` or `terminated`.
    #[schema(value_type = String)]
    pub standing: Standing,
    /// The newest first.
    pub versions: Vec<SlaVersionRow>,
    /// The newest first.
    pub steps: Vec<SlaStep>,
    /// Whether the caller may work on it.
    pub may_manage: bool,
}

/// A version in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaVersionRow {
    /// 1, 2, 3…
    pub number: i32,
    /// `draft`, `review`, `in_force`, `replaced`, `terminated` or `discarded`.
    pub state: String,
    /// Why it was begun.
    pub reason: String,
    /// First day of its term.
    pub starts_on: Day,
    /// Last day of its term.
    pub ends_on: Day,
    /// From which day it holds.
    pub effective_on: Option<Day>,
    /// When it is to be reviewed next.
    pub next_review_on: Option<Day>,
    /// SHA-256 since it took effect.
    pub hash: Option<String>,
    /// Name of who began it.
    pub created_by: String,
    pub created_at: At,
    pub updated_at: At,
    /// For If-Match.
    pub version: i32,
}

/// A step of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaStep {
    /// Of which version.
    pub number: i32,
    pub at: At,
    /// Name of who took it.
    pub by: String,
    /// `begin`, `submit`, `return`, `take_effect`, `replace`, `discard`, `examine` or `terminate`.
    pub step: String,
    pub from: Option<String>,
    pub to: String,
    /// Reason or conclusion.
    pub note: String,
    /// The day it counts from, where it has one.
    pub on: Option<Day>,
}

/// A version with its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaVersion {
    /// The row of the list.
    #[serde(flatten)]
    pub row: SlaVersionRow,
    /// Its title.
    pub title: String,
    /// Number of the document.
    pub document: String,
    pub customer: String,
    pub provider: String,
    pub project: String,
    pub review_months: u8,
    /// The nine parts.
    pub parts: Vec<SlaPart>,
    /// The promises, level by level.
    pub standards: Vec<SlaStandard>,
    /// Who signed, since it took effect.
    pub signatures: Option<Signatures>,
    /// The version it is compared with: the one in force before it.
    pub compared_with: Option<i32>,
    /// The parts that differ from it.
    pub changes: Vec<SlaChange>,
    /// Whether the caller sent it to review, and so does not pass it.
    pub own_review: bool,
}

/// A part.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaPart {
    pub key: String,
    pub title: String,
    /// What belongs there.
    pub guidance: String,
    pub text: String,
}

/// What is promised at a level.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaStandard {
    pub level: String,
    pub definition: String,
    pub promises: Vec<SlaPromise>,
}

/// One promise in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaPromise {
    pub name: String,
    /// By when.
    pub within: String,
    /// From when.
    pub from: String,
    /// In which hours it is measured.
    pub calendar: String,
}

/// A part that differs from the version before.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaChange {
    pub key: String,
    pub title: String,
    pub lines: Vec<SlaLine>,
}

/// A line of a comparison.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaLine {
    /// `same`, `removed` or `added`.
    #[schema(value_type = String)]
    pub mark: Mark,
    pub text: String,
}

/// The steps of `core::service_level`, for the API's description.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what core reads")]
pub enum SlaStepName {
    Submit,
    Return,
    TakeEffect,
    Discard,
    Examine,
    Terminate,
}

/// On which side of its goal an indicator is to lie, for the API's description.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what core reads")]
pub enum KpiDirection {
    AtLeast,
    AtMost,
}

/// Who signed for both parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlaSignatures)]
pub struct Signatures {
    /// 甲方.
    pub customer: Signature,
    /// 乙方.
    pub provider: Signature,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlaSignature)]
pub struct Signature {
    /// Name of who signed.
    pub name: String,
    /// Position.
    pub position: String,
    /// Day of signing.
    pub on: Day,
}

/// A row as lists show it.
///
/// # Errors
/// When the stored content is damaged.
pub fn row(version: &sla_versions::Model) -> Result<SlaVersionRow> {
    let content: Content = content::read(&version.data)?;
    Ok(SlaVersionRow {
        number: version.number,
        state: version.state.clone(),
        reason: version.reason.clone(),
        starts_on: content.starts_on,
        ends_on: content.ends_on,
        effective_on: version.effective_on.clone(),
        next_review_on: version.next_review_on.clone(),
        hash: version.hash.clone(),
        created_by: version.created_name.clone(),
        created_at: version.created_at,
        updated_at: version.updated_at,
        version: version.version,
    })
}

/// The document as a whole, of versions and steps the caller may see, both the newest first.
///
/// # Errors
/// When stored content is damaged.
pub fn whole(
    versions: &[sla_versions::Model],
    steps: Vec<sla_steps::Model>,
    may_manage: bool,
) -> Result<Sla> {
    let states: Vec<State> = versions.iter().filter_map(state).collect();
    let step = |step: sla_steps::Model| SlaStep {
        number: step.number,
        at: step.at,
        by: step.actor_name,
        step: step.step,
        from: step.from_state,
        to: step.to_state,
        note: step.note,
        on: step.on_day,
    };
    Ok(Sla {
        standing: standing(&states),
        versions: versions.iter().map(row).collect::<Result<_>>()?,
        steps: steps.into_iter().map(step).collect(),
        may_manage,
    })
}

/// The state of a version; nothing when the word is none, which the database refuses.
pub fn state(version: &sla_versions::Model) -> Option<State> {
    State::read(&version.state)
}

/// A version with its text, compared with the one before.
///
/// # Errors
/// When stored content is damaged.
pub fn version(
    app: &App,
    lang: Lang,
    caller: Uuid,
    version: &sla_versions::Model,
    before: Option<&sla_versions::Model>,
) -> Result<SlaVersion> {
    let content: Content = content::read(&version.data)?;
    let earlier: Option<Content> = match before {
        Some(before) => Some(content::read(&before.data)?),
        None => None,
    };
    let guidance = |key: &str| {
        let mut parts = app.definitions.document.parts.iter();
        let found = parts.find(|part| part.key == key);
        found.map_or_else(String::new, |part| {
            lang.pick(&part.guidance.zh, &part.guidance.en).to_owned()
        })
    };
    let parts = content.parts.iter().map(|part| SlaPart {
        key: part.key.clone(),
        title: lang.pick(&part.title.zh, &part.title.en).to_owned(),
        guidance: guidance(&part.key),
        text: part.text.clone(),
    });
    let standards = content.standards.iter().map(|standard| SlaStandard {
        level: standard.level.clone(),
        definition: standard.definition.clone(),
        promises: standard
            .promises
            .iter()
            .map(|one| SlaPromise {
                name: one.name.clone(),
                within: one.within.clone(),
                from: one.from.clone(),
                calendar: one.calendar.clone(),
            })
            .collect(),
    });
    let signatures = match version.signatures.as_str() {
        "" => None,
        text => Some(content::read(text)?),
    };
    Ok(SlaVersion {
        row: row(version)?,
        title: content.title.clone(),
        document: content.number(version.number),
        customer: content.customer.clone(),
        provider: content.provider.clone(),
        project: content.project.clone(),
        review_months: content.review_months,
        parts: parts.collect(),
        standards: standards.collect(),
        signatures,
        compared_with: before.map(|before| before.number),
        changes: earlier.map_or_else(Vec::new, |earlier| changes(lang, &earlier, &content)),
        own_review: version.submitted_by == Some(caller),
    })
}

/// The parts that differ.
pub fn changes(lang: Lang, before: &Content, after: &Content) -> Vec<SlaChange> {
    let line = |line: Line| SlaLine {
        mark: line.mark,
        text: line.text,
    };
    let differing = after.parts.iter().filter_map(|part| {
        let earlier = before.parts.iter().find(|one| one.key == part.key);
        let earlier = earlier.map_or_else(String::new, |one| before.whole(one));
        let lines = compare(&earlier, &after.whole(part));
        (!lines.is_empty()).then(|| SlaChange {
            key: part.key.clone(),
            title: lang.pick(&part.title.zh, &part.title.en).to_owned(),
            lines: lines.into_iter().map(line).collect(),
        })
    });
    differing.collect()
}
