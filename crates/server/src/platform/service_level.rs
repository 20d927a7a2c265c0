//! What service level management begins with: the outline of the document and the plan of indicators.

use std::collections::BTreeSet;

use anlan_core::definition::Text;
use anlan_core::service_level::Direction;
use anlan_core::sla::Target;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The nine parts of a service level document; a file orders and names them as it likes.
pub const PARTS: [&str; 9] = [
    "term",
    "mode",
    "scope",
    "reports",
    "standards",
    "organisation",
    "charges",
    "duties",
    "changes",
];

/// What the text of a part may leave to be filled in.
pub const BLANKS: [&str; 19] = [
    "customer",
    "provider",
    "project",
    "starts_on",
    "ends_on",
    "hotline",
    "accept",
    "systems",
    "agreement",
    "attainment",
    "availability",
    "report",
    "report_due_day",
    "report_sections",
    "manager",
    "customer_lead",
    "members",
    "escalation",
    "review_months",
];

/// `definitions/service_levels/document.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentOutline {
    /// Code, printed at the foot.
    pub form: String,
    /// Version, printed at the foot.
    pub version: u32,
    /// Printed on the cover.
    pub title: String,
    /// Months from one review to the next.
    pub review_months: u8,
    /// Days before the end of the term at which it is told.
    pub remind_days: Vec<u16>,
    /// The nine parts.
    pub parts: Vec<PartOutline>,
}

/// One part.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartOutline {
    /// One of [`PARTS`].
    pub key: String,
    /// Its title, without number.
    pub title: Text,
    /// What belongs there.
    pub guidance: Text,
    /// The first draft, with blanks such as `{customer}`.
    pub text: String,
}

impl DocumentOutline {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let read: Self = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        if !(1..=36).contains(&read.review_months) {
            return Err("review_months: from 1 to 36".into());
        }
        if read
            .remind_days
            .iter()
            .any(|days| *days == 0 || *days > 365)
        {
            return Err("remind_days: from 1 to 365".into());
        }
        let keys: BTreeSet<&str> = read.parts.iter().map(|part| part.key.as_str()).collect();
        if let Some(missing) = PARTS.iter().find(|part| !keys.contains(**part)) {
            return Err(format!("parts: {missing} is missing"));
        }
        if read.parts.len() != PARTS.len() {
            return Err(format!("parts: exactly {}, each once", PARTS.len()));
        }
        for part in &read.parts {
            let at = |reason: String| format!("parts.{}: {reason}", part.key);
            if part.title.is_incomplete() || part.guidance.is_incomplete() {
                return Err(at("title and guidance need zh and en".into()));
            }
            if let Some(blank) = blanks(&part.text).find(|blank| !BLANKS.contains(blank)) {
                return Err(at(format!("nothing is known of {{{blank}}}")));
            }
        }
        Ok(read)
    }
}

/// The names in braces.
fn blanks(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// `definitions/service_levels/indicators.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorOutline {
    /// Version of the file.
    pub version: u32,
    /// Day of the month by which the report of the month before is to be approved.
    pub report_due_day: i8,
    /// What a new plan proposes.
    pub indicators: Vec<Proposed>,
}

/// An indicator that is proposed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// What is measured.
    pub key: Measure,
    /// Which target, where it is the promise of one.
    #[serde(default)]
    pub target: Option<Target>,
    /// On which side of the goal it is to lie.
    pub direction: Direction,
    /// The goal, as a share of 1.
    pub goal: f64,
}

/// What an indicator measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 时限达标率: promises kept, of all targets.
    Attainment,
    /// Promises of one target kept.
    Target,
    /// 一线解决率: of the incidents solved, those solved by the first line.
    FirstLine,
    /// 最低可用率: of the systems watched, the lowest.
    Availability,
    /// 满意率: of the incidents rated, those rated good or fairly good.
    Satisfaction,
    /// 服务报告按时: the report of the month before was approved in time.
    ReportOnTime,
    /// 重新打开率: of the incidents solved, those opened again.
    Reopened,
    /// Entered by hand.
    Manual,
}

impl IndicatorOutline {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let read: Self = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        if !(1..=28).contains(&read.report_due_day) {
            return Err("report_due_day: from 1 to 28".into());
        }
        for (n, one) in read.indicators.iter().enumerate() {
            let at = |reason: &str| format!("indicators[{n}]: {reason}");
            if one.key == Measure::Manual {
                return Err(at(
                    "what is entered by hand belongs into a project's own plan",
                ));
            }
            if (one.key == Measure::Target) != one.target.is_some() {
                return Err(at("`target` belongs to `key: target`, and only there"));
            }
            if !(0.0..=1.0).contains(&one.goal) {
                return Err(at("goal: a share from 0 to 1"));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../definitions/service_levels/document.yaml");
    const INDICATORS: &str = include_str!("../../../../definitions/service_levels/indicators.yaml");

    #[test]
    fn r041_the_outline_has_nine_parts_and_a_bad_one_is_refused() {
        assert_eq!(DocumentOutline::parse(DOCUMENT).unwrap().parts.len(), 9);
        let cases = [
            ("key: charges", "key: fees", "charges is missing"),
            (
                "甲方负责人：{customer_lead}",
                "{boss}",
                "nothing is known of {boss}",
            ),
            ("review_months: 6", "review_months: 0", "review_months"),
            ("en: Charges", "en: ''", "parts.charges: title"),
        ];
        for (word, other, reason) in cases {
            let error = DocumentOutline::parse(&DOCUMENT.replacen(word, other, 1)).unwrap_err();
            assert!(error.contains(reason), "{word}: {error}");
        }
    }

    #[test]
    fn r045_the_plan_holds_every_promise_to_100_percent_and_a_bad_one_is_refused() {
        let read = IndicatorOutline::parse(INDICATORS).unwrap();
        assert_eq!(read.indicators[0].key, Measure::Attainment);
        assert!((read.indicators[0].goal - 1.0).abs() < f64::EPSILON);
        let cases = [
            ("key: first_line", "key: manual", "by hand"),
            ("target: respond, ", "", "`target`"),
            ("goal: 0.7", "goal: 70", "goal"),
            ("report_due_day: 10", "report_due_day: 31", "report_due_day"),
        ];
        for (word, other, reason) in cases {
            let error = IndicatorOutline::parse(&INDICATORS.replacen(word, other, 1)).unwrap_err();
            assert!(error.contains(reason), "{word}: {error}");
        }
    }
}
