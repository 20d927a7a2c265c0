//! How the columns of somebody else's event log become our tickets: a file a person can read.
//!
//! ```yaml
//! process: incident
//! source: servicenow            # keeps these tickets apart from other imports
//! missing: ["?", ""]            # what stands for "no value"
//! time: { format: "%d/%m/%Y %H:%M", zone: Asia/Shanghai }
//! ticket: number                # rows of one ticket stand together and in order
//! reported_at: opened_at
//! event: { at: sys_updated_at, by: sys_updated_by }
//! state: { column: ident_state, values: { New: new, Active: diagnosing } }
//! fields:
//!   title: { text: "{category} {subcategory}" }
//!   impact: { column: impact, number: true }
//!   channel: { column: contact_type, values: { Phone: phone }, otherwise: other }
//! noted: [assignment_group, assigned_to]   # changes of these are written into the timeline
//! ```
//! A column that occurs twice is named `category` and `category#2`.

use std::collections::{BTreeMap, HashMap};

use anlan_core::definition::read_yaml;
use anlan_core::process::Definition;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Key of the process the tickets belong to.
    pub process: String,
    /// Name of where they come from.
    pub source: String,
    /// Texts that mean "no value".
    #[serde(default)]
    missing: Vec<String>,
    time: Time,
    /// Column with the ticket's own number.
    pub ticket: String,
    reported_at: String,
    event: EventColumns,
    state: StateColumn,
    fields: BTreeMap<String, FieldRule>,
    /// Columns whose changes are noted.
    #[serde(default)]
    noted: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    format: String,
    zone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventColumns {
    at: String,
    by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateColumn {
    column: String,
    values: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldRule {
    column: Option<String>,
    text: Option<String>,
    #[serde(default)]
    number: bool,
    #[serde(default)]
    values: BTreeMap<String, String>,
    otherwise: Option<String>,
}

/// A map that fits a process and a header.
#[derive(Debug)]
pub struct Columns {
    /// The map.
    pub map: Map,
    index: HashMap<String, usize>,
    zone: TimeZone,
}

/// One row of the file with its line.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    /// Its values.
    pub values: Vec<String>,
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    /// What is wrong with it, with line and field.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        read_yaml(yaml).map_err(|problems| problems.to_string())
    }

    /// Checks the map against the process and the file's header.
    ///
    /// # Errors
    /// Everything it names that does not exist.
    pub fn fit(self, definition: &Definition, header: &[String]) -> Result<Columns, String> {
        let mut index = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let earlier = header[..place]
                .iter()
                .filter(|other| *other == name)
                .count();
            let key = if earlier == 0 {
                name.clone()
            } else {
                format!("{name}#{}", earlier + 1)
            };
            index.insert(key, place);
        }
        let mut wrong = Vec::new();
        let mut column = |wher: &str, name: &str| {
            if !index.contains_key(name) {
                wrong.push(format!("{wher}: the file has no column `{name}`"));
            }
        };
        column("ticket", &self.ticket);
        column("reported_at", &self.reported_at);
        column("event.at", &self.event.at);
        column("event.by", &self.event.by);
        column("state.column", &self.state.column);
        self.noted.iter().for_each(|name| column("noted", name));
        for (key, rule) in &self.fields {
            rule.column
                .iter()
                .for_each(|name| column(&format!("fields.{key}.column"), name));
            placeholders(rule.text.as_deref().unwrap_or_default())
                .for_each(|name| column(&format!("fields.{key}.text"), name));
        }
        for (key, rule) in &self.fields {
            if definition.field(key).is_none() {
                wrong.push(format!(
                    "fields: process {} has no field `{key}`",
                    definition.key()
                ));
            }
            if rule.column.is_some() == rule.text.is_some() {
                wrong.push(format!("fields.{key}: needs either column or text"));
            }
        }
        for state in self
            .state
            .values
            .values()
            .filter(|state| definition.state(state).is_none())
        {
            wrong.push(format!(
                "state.values: process {} has no state `{state}`",
                definition.key()
            ));
        }
        let zone = TimeZone::get(&self.time.zone)
            .map_err(|_| format!("time.zone: no time zone `{}`", self.time.zone));
        match zone {
            Ok(zone) if wrong.is_empty() => Ok(Columns {
                map: self,
                index,
                zone,
            }),
            Ok(_) => Err(wrong.join("\n")),
            Err(reason) => {
                wrong.push(reason);
                Err(wrong.join("\n"))
            }
        }
    }
}

impl Columns {
    /// A value; nothing when it is missing.
    pub fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let value = row.values.get(*self.index.get(column)?)?.trim();
        (!self.map.missing.iter().any(|missing| missing == value) && !value.is_empty())
            .then_some(value)
    }

    /// The ticket's own number.
    pub fn ticket<'r>(&self, row: &'r Row) -> Option<&'r str> {
        self.value(row, &self.map.ticket)
    }

    /// When the ticket was reported.
    ///
    /// # Errors
    /// When there is no time or it does not fit the format.
    pub fn reported_at(&self, row: &Row) -> Result<Timestamp, String> {
        self.time(row, &self.map.reported_at)
    }

    /// When the row's event happened.
    ///
    /// # Errors
    /// As [`Columns::reported_at`].
    pub fn happened_at(&self, row: &Row) -> Result<Timestamp, String> {
        self.time(row, &self.map.event.at)
    }

    /// Who did it.
    pub fn by(&self, row: &Row) -> String {
        self.value(row, &self.map.event.by)
            .unwrap_or("?")
            .to_owned()
    }

    /// The state the row leads to; nothing when the row does not say.
    ///
    /// # Errors
    /// When the state is not in the map.
    pub fn state(&self, row: &Row) -> Result<Option<&str>, String> {
        let Some(value) = self.value(row, &self.map.state.column) else {
            return Ok(None);
        };
        let state = self.map.state.values.get(value).map(String::as_str);
        state.map(Some).ok_or_else(|| {
            format!(
                "{}: state `{value}` is not in the map",
                self.map.state.column
            )
        })
    }

    /// The fields of the process.
    ///
    /// # Errors
    /// When a value is not in the map or not a number.
    pub fn fields(&self, row: &Row) -> Result<BTreeMap<String, Value>, String> {
        let mut fields = BTreeMap::new();
        for (key, rule) in &self.map.fields {
            if let Some(value) = self.field(row, key, rule)? {
                fields.insert(key.clone(), value);
            }
        }
        Ok(fields)
    }

    fn field(&self, row: &Row, key: &str, rule: &FieldRule) -> Result<Option<Value>, String> {
        if let Some(text) = &rule.text {
            return Ok(Some(self.fill(row, text).into()));
        }
        let column = rule.column.as_deref().unwrap_or_default();
        let Some(value) = self.value(row, column) else {
            return Ok(rule.otherwise.clone().map(Value::from));
        };
        let mapped = match (rule.values.get(value), &rule.otherwise) {
            (Some(mapped), _) => mapped.as_str(),
            (None, Some(otherwise)) if !rule.values.is_empty() => otherwise,
            (None, None) if !rule.values.is_empty() => {
                return Err(format!("{column}: `{value}` is not in the map of {key}"));
            }
            (None, _) => value,
        };
        if rule.number {
            let number: i64 = mapped
                .parse()
                .map_err(|_| format!("{column}: `{mapped}` is not a number"))?;
            return Ok(Some(number.into()));
        }
        Ok(Some(mapped.into()))
    }

    /// What changed between two rows among the noted columns.
    pub fn note(&self, before: &Row, row: &Row) -> String {
        let changed = self.map.noted.iter().filter_map(|column| {
            let (from, to) = (self.value(before, column), self.value(row, column));
            (from != to)
                .then(|| format!("{column}: {} → {}", from.unwrap_or("-"), to.unwrap_or("-")))
        });
        changed.collect::<Vec<_>>().join("; ")
    }

    fn time(&self, row: &Row, column: &str) -> Result<Timestamp, String> {
        let text = self
            .value(row, column)
            .ok_or_else(|| format!("{column}: no time"))?;
        let parsed = DateTime::strptime(&self.map.time.format, text);
        let local = parsed
            .map_err(|_| format!("{column}: `{text}` does not fit {}", self.map.time.format))?;
        let zoned = local
            .to_zoned(self.zone.clone())
            .map_err(|error| format!("{column}: {error}"))?;
        Ok(zoned.timestamp())
    }

    fn fill(&self, row: &Row, text: &str) -> String {
        placeholders(text).fold(text.to_owned(), |filled, name| {
            filled.replace(&format!("{{{name}}}"), self.value(row, name).unwrap_or("-"))
        })
    }
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
