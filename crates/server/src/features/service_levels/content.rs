//! What a version of the document says: nine parts and the promises of the agreement, stored
//! as canonical JSON.

use anlan_core::definition::Text;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::day::Day;
use crate::platform::error::{Error, Result};

/// The content of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Code and version of its outline, such as `SLA 第1版`.
    pub form: String,
    /// On the cover.
    pub title: String,
    /// Code of the project, for the number of the document.
    pub code: String,
    /// Name of the project.
    pub project: String,
    /// 甲方.
    pub customer: String,
    /// 乙方.
    pub provider: String,
    /// First day of its term.
    pub starts_on: Day,
    /// Last day of its term.
    pub ends_on: Day,
    /// Months from one review to the next.
    pub review_months: u8,
    /// The nine parts.
    pub parts: Vec<Part>,
    /// The promises of the service agreement, level by level.
    pub standards: Vec<Standard>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Key of the outline.
    pub key: String,
    /// Title without number.
    pub title: Text,
    /// Its text, paragraphs separated by line ends.
    pub text: String,
}

/// What is promised at one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    /// Name of the level.
    pub level: String,
    /// When an incident has it.
    pub definition: String,
    /// The promises.
    pub promises: Vec<Promised>,
}

/// One promise in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promised {
    /// What is promised.
    pub name: String,
    /// By when.
    pub within: String,
    /// From when.
    pub from: String,
    /// In which hours it is measured.
    pub calendar: String,
}

/// The part that the promises stand in.
pub const STANDARDS: &str = "standards";
/// The part that the term stands in.
const TERM: &str = "term";

impl Content {
    /// The text of a part with what the platform adds to it, for a comparison.
    pub fn whole(&self, part: &Part) -> String {
        let mut text = part.text.clone();
        let mut add = |line: String| {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
        };
        match part.key.as_str() {
            TERM => add(format!("协议期限：{} 至 {}", self.starts_on, self.ends_on)),
            STANDARDS => {
                for level in &self.standards {
                    add(format!("{}：{}", level.level, level.definition));
                    for one in &level.promises {
                        add(format!(
                            "{}　{}：{}（{}，自{}起）",
                            level.level, one.name, one.within, one.calendar, one.from
                        ));
                    }
                }
            }
            _ => {}
        }
        text
    }

    /// Its number, of which version `number` is.
    pub fn number(&self, number: i32) -> String {
        format!("SLA-{}-V{number}", self.code)
    }
}

/// Reads JSON as it was stored.
///
/// # Errors
/// When the stored text is damaged.
pub fn read<T: DeserializeOwned>(data: &str) -> Result<T> {
    serde_json::from_str(data).map_err(|error| Error::internal(format!("stored data: {error}")))
}

/// As canonical JSON: keys in order, no blanks.
///
/// # Errors
/// When a number is not finite.
pub fn canonical(value: &impl Serialize) -> Result<String> {
    // serde_json's own map is ordered by key.
    let value = serde_json::to_value(value).map_err(Error::internal)?;
    serde_json::to_string(&value).map_err(Error::internal)
}

/// SHA-256 as lower-case hexadecimal.
pub fn digest(data: &str) -> String {
    hex::encode(Sha256::digest(data.as_bytes()))
}
