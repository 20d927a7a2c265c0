//! What a report says: sections of text, figures, tables and charts, stored as canonical JSON.

use std::collections::BTreeMap;

use anlan_document::{Chart, Header, Table, Tone, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::count::Filter;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// A report's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Code and version of its outline, such as `F-54 第1版`.
    pub form: String,
    /// On the cover.
    pub title: String,
    /// The period in words.
    pub period: String,
    /// Its number.
    pub number: String,
    /// The parties.
    pub header: Header,
    /// When the figures were counted.
    pub computed_at: At,
    /// From first to last.
    pub sections: Vec<Section>,
    /// Everything that was counted from tickets, by key.
    pub counts: BTreeMap<String, Count>,
    /// SHA-256 of the rows that were counted, since the approval; so the hash of the report covers them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
}

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Key of the outline.
    pub key: String,
    /// Title without number.
    pub title: String,
    /// What the figures say in words; the text until somebody writes another.
    pub proposal: String,
    /// The text, paragraphs separated by line ends.
    pub text: String,
    /// The numbers that matter.
    pub figures: Vec<Figure>,
    /// Tables.
    pub tables: Vec<Counted>,
    /// Charts.
    pub charts: Vec<Chart>,
}

/// A number that matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Key; when `counts` has it, the rows behind it can be listed.
    pub key: String,
    /// What it is.
    pub label: String,
    /// The number.
    pub value: Value,
    /// Beneath it.
    pub note: String,
    /// Kept or missed, where there is a standard.
    pub tone: Option<Tone>,
}

/// A table and the keys of what was counted for its cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Key.
    pub key: String,
    /// The table.
    pub table: Table,
    /// For each row and column the key in `counts`, where the cell was counted.
    pub figures: Vec<Vec<Option<String>>>,
}

/// Something counted from tickets, with what it was counted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// How many tickets.
    pub value: i64,
    /// Which.
    pub filter: Filter,
}

impl Content {
    /// Reads it as stored.
    ///
    /// # Errors
    /// When the stored text is damaged.
    pub fn read(data: &str) -> Result<Self> {
        serde_json::from_str(data).map_err(|error| Error::internal(format!("report data: {error}")))
    }

    /// As canonical JSON: keys in order, no blanks.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn canonical(&self) -> Result<String> {
        // serde_json's own map is ordered by key.
        let value = serde_json::to_value(self).map_err(Error::internal)?;
        serde_json::to_string(&value).map_err(Error::internal)
    }

    /// Takes over what people wrote into an earlier computation.
    pub fn keep_texts(&mut self, earlier: &Self) {
        for section in &mut self.sections {
            let before = earlier.sections.iter().find(|old| old.key == section.key);
            if let Some(old) = before.filter(|old| old.text != old.proposal) {
                section.text.clone_from(&old.text);
            }
        }
    }
}

/// SHA-256 as lower-case hexadecimal.
#[must_use]
pub fn digest(data: &str) -> String {
    hex::encode(Sha256::digest(data.as_bytes()))
}
