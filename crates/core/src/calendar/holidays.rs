//! Holidays, make-up working days and half days of one year: the file an administrator imports when
//! the State Council has published the next year's arrangement, and the layer regions add to it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, Serialize};
use serde_saphyr::Spanned;

use super::hours::TimeRange;
use crate::definition::{Problems, Text, read_yaml};
use crate::findings::Findings;

/// Longest single holiday that is believed, in days.
const LONGEST_HOLIDAY: i32 = 31;

/// What a layer says about one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Exception {
    /// Nobody works.
    Holiday {
        /// Which holiday.
        name: Text,
    },
    /// A day of rest on which people work the hours of a normal weekday (调休上班).
    Makeup {
        /// For which holiday.
        name: Text,
    },
    /// Only the part of the normal hours inside `open` is worked.
    Half {
        /// Why.
        name: Text,
        /// What is left of the day.
        open: TimeRange,
    },
    /// Hours of its own.
    Hours {
        /// Why.
        name: Text,
        /// The hours of the date, in order.
        hours: Vec<TimeRange>,
    },
}

/// One layer of exceptions for one year, for example `statutory-cn` of 2026.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HolidayYear {
    /// The layer it belongs to.
    pub layer: String,
    /// The year it completes.
    pub year: i16,
    /// What people call it.
    pub name: Text,
    /// Where the dates come from, for example the number of the State Council's notice.
    pub source: String,
    /// What it says, by date. A holiday may begin in the last days of the year before.
    pub days: BTreeMap<Date, Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: String,
    layer: Spanned<String>,
    year: Spanned<i16>,
    #[serde(default)]
    name: Option<Label>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    holidays: Vec<Holiday>,
    #[serde(default)]
    half_days: Vec<HalfDay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: Label,
    from: Spanned<String>,
    #[serde(default)]
    to: Option<Spanned<String>>,
    #[serde(default)]
    makeup: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfDay {
    name: Label,
    date: Spanned<String>,
    open: Spanned<String>,
}

/// A name, either in both languages or, as people type it, in one for both.
#[derive(Debug, Clone)]
pub(super) struct Label(pub(super) Text);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Label;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name, or {zh: …, en: …}")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Label, E> {
                Ok(Label(Text::new(name, name)))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Label, A::Error> {
                Text::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Label)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Reads `2026-10-01`.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    text.parse()
        .ok()
        .filter(|_| shape)
        .ok_or_else(|| format!("`{text}` is not a date; write for example 2026-10-01"))
}

/// Whether a name is fit to key a calendar or layer.
pub(super) fn key(text: &str) -> Result<String, String> {
    let fits = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}` is not a key; use lower-case letters, digits and -, at most 40"
        ))
    }
}

impl HolidayYear {
    /// Reads and checks a holiday file, YAML or JSON.
    ///
    /// # Errors
    /// Everything wrong with it, each with line, field and reason.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let file: File = read_yaml(text)?;
        let mut findings = Findings::default();
        let (year, line) = (file.year.value, file.year.referenced.line());
        if !(1990..=2190).contains(&year) {
            findings.add(
                line,
                "year",
                format!("{year} is not a year between 1990 and 2190"),
            );
        }
        let layer = findings
            .take(
                file.layer.referenced.line(),
                "layer",
                key(&file.layer.value),
            )
            .unwrap_or_default();
        let mut days = BTreeMap::new();
        for (i, holiday) in file.holidays.iter().enumerate() {
            holiday.put(&format!("holidays[{i}]"), year, &mut days, &mut findings);
        }
        for (i, holiday) in file.holidays.iter().enumerate() {
            holiday.put_makeup(
                &format!("holidays[{i}].makeup"),
                year,
                &mut days,
                &mut findings,
            );
        }
        for (i, half) in file.half_days.iter().enumerate() {
            half.put(&format!("half_days[{i}]"), year, &mut days, &mut findings);
        }
        if days.is_empty() {
            findings.add(0, "holidays", "the file names no day at all");
        }
        let name = file
            .name
            .map_or_else(|| Text::new(&*layer, &*layer), |label| label.0);
        findings.done(Self {
            layer,
            year,
            name,
            source: file.source,
            days,
        })
    }
}

/// Reads a date that has to lie in the year, or within a month of it.
fn date_near(
    text: &Spanned<String>,
    year: i16,
    path: &str,
    findings: &mut Findings,
) -> Option<Date> {
    let line = text.referenced.line();
    let date = findings.take(line, path, date(&text.value))?;
    let months = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 - i32::from(year) * 12;
    if (-1..=12).contains(&months) {
        return Some(date);
    }
    findings.add(line, path, format!("{date} does not belong to {year}"));
    None
}

/// Notes one date, unless the file already said something about it.
fn put(
    days: &mut BTreeMap<Date, Exception>,
    date: Date,
    what: Exception,
    line: u64,
    path: &str,
    findings: &mut Findings,
) {
    match days.entry(date) {
        Entry::Occupied(_) => findings.add(line, path, format!("{date} is named twice")),
        Entry::Vacant(free) => drop(free.insert(what)),
    }
}

impl Holiday {
    fn put(
        &self,
        path: &str,
        year: i16,
        days: &mut BTreeMap<Date, Exception>,
        findings: &mut Findings,
    ) {
        let Some(from) = date_near(&self.from, year, &format!("{path}.from"), findings) else {
            return;
        };
        let (to, line) = match &self.to {
            None => (Some(from), self.from.referenced.line()),
            Some(to) => (
                date_near(to, year, &format!("{path}.to"), findings),
                to.referenced.line(),
            ),
        };
        let Some(to) = to else { return };
        let path = format!("{path}.to");
        let length = from.until(to).map_or(i32::MAX, |span| span.get_days());
        if length < 0 {
            return findings.add(line, path, format!("{to} lies before {from}"));
        }
        if length >= LONGEST_HOLIDAY {
            return findings.add(
                line,
                path,
                format!("{from} to {to} is longer than {LONGEST_HOLIDAY} days"),
            );
        }
        for date in from.series(1.day()).take_while(|d| *d <= to) {
            put(
                days,
                date,
                Exception::Holiday {
                    name: self.name.0.clone(),
                },
                line,
                &path,
                findings,
            );
        }
    }

    fn put_makeup(
        &self,
        path: &str,
        year: i16,
        days: &mut BTreeMap<Date, Exception>,
        findings: &mut Findings,
    ) {
        for text in &self.makeup {
            let Some(date) = date_near(text, year, path, findings) else {
                continue;
            };
            let line = text.referenced.line();
            if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                findings.add(
                    line,
                    path,
                    format!(
                        "{date} is a {:?}; a make-up working day falls on a Saturday or Sunday",
                        date.weekday()
                    ),
                );
                continue;
            }
            put(
                days,
                date,
                Exception::Makeup {
                    name: self.name.0.clone(),
                },
                line,
                path,
                findings,
            );
        }
    }
}

impl HalfDay {
    fn put(
        &self,
        path: &str,
        year: i16,
        days: &mut BTreeMap<Date, Exception>,
        findings: &mut Findings,
    ) {
        let date = date_near(&self.date, year, &format!("{path}.date"), findings);
        let open = findings.take(
            self.open.referenced.line(),
            format!("{path}.open"),
            TimeRange::parse(&self.open.value),
        );
        if let (Some(date), Some(open)) = (date, open) {
            put(
                days,
                date,
                Exception::Half {
                    name: self.name.0.clone(),
                    open,
                },
                self.date.referenced.line(),
                path,
                findings,
            );
        }
    }
}
