//! Reading calendars: files of hours, files of holidays, and the set of both a project looks things up in.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::holidays::{Exception, HolidayYear, Label, date, key};
use super::hours::{TimeRange, Week, in_order, weekdays};
use super::{Calendar, DayRule, MissingYear, Season, When, table};
use crate::definition::{Entries, Problem, Problems, Text, read_yaml};
use crate::findings::Findings;

/// The name by which agreements mean "the hours of whoever this contract is with".
pub const OFFICE: &str = "office";
/// A contract that says 5×8 means the customer's office days; the 8 is a manner of speaking.
const FIVE_BY_EIGHT: &str = "5x8";

/// Most seasons and single days one calendar may have.
const MOST: usize = 400;

#[derive(Deserialize)]
struct Kind {
    kind: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: String,
    key: Spanned<String>,
    name: Text,
    timezone: Spanned<String>,
    #[serde(default)]
    holidays: Vec<Spanned<String>>,
    weekly: WeekFile,
    #[serde(default)]
    seasons: Vec<SeasonFile>,
    #[serde(default)]
    days: Vec<DayFile>,
}

type WeekFile = Entries<Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeasonFile {
    #[serde(rename = "name")]
    _name: Text,
    from: Spanned<String>,
    to: Spanned<String>,
    weekly: WeekFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DayFile {
    date: Spanned<String>,
    name: Label,
    #[serde(default)]
    hours: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    open: Option<Spanned<String>>,
    #[serde(default)]
    closed: bool,
}

/// A checked file of hours (`kind: hours`), before holidays are laid over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    key: String,
    name: Text,
    zone: TimeZone,
    layers: Vec<(String, u64)>,
    week: Week,
    seasons: Vec<Season>,
    days: BTreeMap<Date, Exception>,
}

impl Hours {
    /// The key of the calendar it describes.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Reads and checks a file of hours, YAML or JSON.
    ///
    /// # Errors
    /// Everything wrong with it, each with line, field and reason.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let file: File = read_yaml(text)?;
        let mut findings = Findings::default();
        let key = findings
            .take(file.key.referenced.line(), "key", key(&file.key.value))
            .unwrap_or_default();
        if key == OFFICE {
            findings.add(
                file.key.referenced.line(),
                "key",
                "`office` is kept for the hours a project chooses",
            );
        }
        if file.name.is_incomplete() {
            findings.add(0, "name", "the name needs zh and en");
        }
        let zone = TimeZone::get(&file.timezone.value).unwrap_or_else(|_| {
            let reason = format!(
                "`{}` is not a time zone; use an IANA name such as Asia/Shanghai",
                file.timezone.value
            );
            findings.add(file.timezone.referenced.line(), "timezone", reason);
            TimeZone::UTC
        });
        let week = read_week(&file.weekly, "weekly", &mut findings);
        if week.never_works() {
            findings.add(
                0,
                "weekly",
                "nobody ever works in this calendar; a promise measured by it would never come due",
            );
        }
        if file.seasons.len() > MOST || file.days.len() > MOST {
            findings.add(0, "seasons", format!("more than {MOST} seasons or days"));
        }
        let seasons = read_seasons(&file.seasons, &mut findings);
        let mut days = BTreeMap::new();
        for (i, day) in file.days.iter().enumerate().take(MOST) {
            day.put(&format!("days[{i}]"), &mut days, &mut findings);
        }
        let layers = file
            .holidays
            .into_iter()
            .map(|l| (l.value, l.referenced.line()))
            .collect();
        findings.done(Self {
            key,
            name: file.name,
            zone,
            layers,
            week,
            seasons,
            days,
        })
    }

    /// Lays the holidays over the hours.
    fn build(&self, holidays: &BTreeMap<(String, i16), HolidayYear>) -> Result<Calendar, Problems> {
        let mut findings = Findings::default();
        let mut days: BTreeMap<Date, DayRule> = BTreeMap::new();
        let mut layers = Vec::new();
        for (layer, line) in &self.layers {
            let files = || {
                holidays
                    .range((layer.clone(), i16::MIN)..=(layer.clone(), i16::MAX))
                    .map(|(_, file)| file)
            };
            if files().next().is_none() {
                findings.add(
                    *line,
                    "holidays",
                    format!("there is no holiday layer `{layer}`"),
                );
            }
            files()
                .flat_map(|file| &file.days)
                .for_each(|(date, what)| days.entry(*date).or_default().lay(what));
            layers.push((layer.clone(), files().map(|file| file.year).collect()));
        }
        self.days
            .iter()
            .for_each(|(date, what)| days.entry(*date).or_default().lay(what));
        let calendar = Calendar {
            key: self.key.clone(),
            name: self.name.clone(),
            zone: self.zone.clone(),
            week: self.week.clone(),
            seasons: self.seasons.clone(),
            continuous: self.week.always_works() && self.seasons.is_empty() && days.is_empty(),
            days,
            layers,
            years: (0..table::YEARS).map(|_| OnceLock::new()).collect(),
        };
        findings.done(calendar)
    }
}

fn read_week(file: &WeekFile, path: &str, findings: &mut Findings) -> Week {
    let mut week = Week::default();
    let mut named = [false; 7];
    for entry in file {
        let path = format!("{path}.{}", entry.key);
        let Some(offsets) = findings.take(entry.line, &path, weekdays(&entry.key)) else {
            continue;
        };
        let Some(hours) = read_hours(&entry.value, entry.line, &path, findings) else {
            continue;
        };
        for offset in offsets {
            if named[offset] {
                findings.add(entry.line, &path, "a weekday is named twice");
            }
            named[offset] = true;
            week.0[offset].clone_from(&hours);
        }
    }
    week
}

fn read_hours(
    texts: &[Spanned<String>],
    line: u64,
    path: &str,
    findings: &mut Findings,
) -> Option<Vec<TimeRange>> {
    if texts.len() > 12 {
        findings.add(line, path, "more than 12 stretches in one day");
        return None;
    }
    let read: Vec<_> = texts
        .iter()
        .map(|t| findings.take(t.referenced.line(), path, TimeRange::parse(&t.value)))
        .collect();
    let hours = read.into_iter().collect::<Option<Vec<_>>>()?;
    findings.take(line, path, in_order(hours))
}

fn read_seasons(files: &[SeasonFile], findings: &mut Findings) -> Vec<Season> {
    let mut seasons: Vec<Season> = Vec::new();
    for (i, file) in files.iter().enumerate().take(MOST) {
        let path = format!("seasons[{i}]");
        let week = read_week(&file.weekly, &format!("{path}.weekly"), findings);
        let line = file.from.referenced.line();
        if week.never_works() {
            findings.add(
                line,
                format!("{path}.weekly"),
                "nobody works in this season",
            );
        }
        let Some(when) = findings.take(
            line,
            format!("{path}.from"),
            read_when(&file.from.value, &file.to.value),
        ) else {
            continue;
        };
        if seasons.iter().any(|other| overlap(other.when, when)) {
            findings.add(line, &path, "overlaps an earlier season");
        }
        seasons.push(Season { when, week });
    }
    seasons
}

/// Reads `06-01` to `09-30`, or two whole dates.
fn read_when(from: &str, to: &str) -> Result<When, String> {
    // A leap year, so that 02-29 may be named.
    let month_day = |text: &str| {
        (text.len() == 5)
            .then(|| {
                date(&format!("2024-{text}"))
                    .ok()
                    .map(|d| (d.month(), d.day()))
            })
            .flatten()
    };
    match (month_day(from), month_day(to)) {
        (Some(from), Some(to)) => Ok(When::Yearly { from, to }),
        (None, None) => match (date(from)?, date(to)?) {
            (from, to) if from <= to => Ok(When::Once { from, to }),
            (from, to) => Err(format!("{to} lies before {from}")),
        },
        _ => Err(format!(
            "`{from}` and `{to}` must both be like 06-01 or both like 2026-06-01"
        )),
    }
}

fn overlap(a: When, b: When) -> bool {
    let year = |y| {
        Date::new(y, 1, 1).ok().map(|first| {
            first
                .series(jiff::Span::new().days(1))
                .take_while(move |d| d.year() == y)
        })
    };
    match (a, b) {
        (When::Once { from: a1, to: a2 }, When::Once { from: b1, to: b2 }) => a1 <= b2 && b1 <= a2,
        (When::Once { from, to }, yearly) | (yearly, When::Once { from, to }) => from
            .series(jiff::Span::new().days(1))
            .take_while(|d| *d <= to)
            .take(366)
            .any(|d| yearly.contains(d)),
        _ => year(2024).is_some_and(|mut days| days.any(|d| a.contains(d) && b.contains(d))),
    }
}

impl DayFile {
    fn put(&self, path: &str, days: &mut BTreeMap<Date, Exception>, findings: &mut Findings) {
        let line = self.date.referenced.line();
        let Some(date) = findings.take(line, format!("{path}.date"), date(&self.date.value)) else {
            return;
        };
        let name = self.name.0.clone();
        let what = match (&self.hours, &self.open, self.closed) {
            (Some(hours), None, false) => {
                read_hours(hours, line, &format!("{path}.hours"), findings)
                    .map(|hours| Exception::Hours { name, hours })
            }
            (None, Some(open), false) => findings
                .take(
                    open.referenced.line(),
                    format!("{path}.open"),
                    TimeRange::parse(&open.value),
                )
                .map(|open| Exception::Half { name, open }),
            (None, None, true) => Some(Exception::Holiday { name }),
            _ => {
                findings.add(line, path, "say exactly one of hours, open or closed: true");
                None
            }
        };
        let Some(what) = what else { return };
        if days.insert(date, what).is_some() {
            findings.add(line, path, format!("{date} is named twice"));
        }
    }
}

/// Every calendar there is, and which of them the project at hand means by "office". Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Calendars {
    set: Arc<Set>,
    office: Option<Arc<Calendar>>,
}

#[derive(Debug, Clone, Default)]
struct Set {
    holidays: BTreeMap<(String, i16), HolidayYear>,
    hours: BTreeMap<String, Hours>,
    built: BTreeMap<String, Arc<Calendar>>,
}

impl Calendars {
    /// Reads all calendar files, given as (file name, text), in any order.
    ///
    /// # Errors
    /// For every file that cannot be used, its name and everything wrong with it.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<(String, Problems)>> {
        let mut set = Set::default();
        let mut bad = Vec::new();
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for (name, text) in files {
            match set.read(text) {
                Ok(Some(key)) => drop(names.insert(key, name)),
                Ok(None) => {}
                Err(problems) => bad.push((name.to_owned(), problems)),
            }
        }
        for (key, problems) in set.build() {
            bad.push((
                names
                    .get(&key)
                    .map_or(key.clone(), |name| (*name).to_owned()),
                problems,
            ));
        }
        if bad.is_empty() {
            Ok(Self {
                set: Arc::new(set),
                office: None,
            })
        } else {
            Err(bad)
        }
    }

    /// The same set with one more or another file: an imported holiday year, or a customer's hours.
    ///
    /// # Errors
    /// Everything wrong with the file; a calendar it would break counts as wrong with it.
    pub fn with_file(&self, text: &str) -> Result<Self, Problems> {
        let mut set = Set {
            built: BTreeMap::new(),
            ..(*self.set).clone()
        };
        set.holidays.extend(
            kind_is(text, "holidays")?
                .then(|| HolidayYear::parse(text))
                .transpose()?
                .map(|y| ((y.layer.clone(), y.year), y)),
        );
        set.hours.extend(
            kind_is(text, "hours")?
                .then(|| Hours::parse(text))
                .transpose()?
                .map(|h| (h.key.clone(), h)),
        );
        if let Some((_, problems)) = set.build().into_iter().next() {
            return Err(problems);
        }
        let office = self
            .office
            .as_ref()
            .and_then(|office| set.built.get(office.key()).cloned());
        Ok(Self {
            set: Arc::new(set),
            office,
        })
    }

    /// The same set where agreements that say `office` or `5x8` mean the calendar `key`; nothing when there is no such calendar.
    #[must_use]
    pub fn with_office(&self, key: &str) -> Option<Self> {
        let office = self.get(key)?.clone();
        Some(Self {
            set: self.set.clone(),
            office: Some(office),
        })
    }

    /// The calendar with exactly this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Arc<Calendar>> {
        self.set.built.get(key)
    }

    /// The calendar an agreement means by this name: [`OFFICE`] and `5x8` are the project's own hours.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<&Arc<Calendar>> {
        match name {
            OFFICE | FIVE_BY_EIGHT => self.office.as_ref().or_else(|| self.get(FIVE_BY_EIGHT)),
            _ => self.get(name),
        }
    }

    /// All calendars, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        self.set.built.values()
    }

    /// All holiday files, by layer and year.
    pub fn holiday_years(&self) -> impl Iterator<Item = &HolidayYear> {
        self.set.holidays.values()
    }

    /// Holiday files that are missing in any calendar, each once (R-016, R-257 and every working-hour promise depend on them).
    #[must_use]
    pub fn missing_years(&self, today: Date) -> Vec<MissingYear> {
        let mut missing: Vec<_> = self
            .iter()
            .flat_map(|calendar| calendar.missing_years(today))
            .collect();
        missing.sort_by(|a, b| (&a.layer, a.year).cmp(&(&b.layer, b.year)));
        missing.dedup();
        missing
    }
}

/// Whether the file says `kind: <wanted>`; any other kind than the two known is refused.
fn kind_is(text: &str, wanted: &str) -> Result<bool, Problems> {
    let Kind { kind } = read_yaml(text)?;
    match kind.value.as_str() {
        "hours" | "holidays" => Ok(kind.value == wanted),
        other => Err(Problems(vec![Problem {
            line: kind.referenced.line(),
            path: "kind".to_owned(),
            reason: format!("`{other}` is neither hours nor holidays"),
        }])),
    }
}

impl Set {
    /// Takes in one file; for hours the key is returned.
    fn read(&mut self, text: &str) -> Result<Option<String>, Problems> {
        let twice = |what: String| {
            Problems(vec![Problem {
                line: 0,
                path: String::new(),
                reason: format!("{what} is defined by two files"),
            }])
        };
        if kind_is(text, "holidays")? {
            let year = HolidayYear::parse(text)?;
            let id = (year.layer.clone(), year.year);
            if self.holidays.contains_key(&id) {
                return Err(twice(format!("{} of {}", id.0, id.1)));
            }
            self.holidays.insert(id, year);
            return Ok(None);
        }
        let hours = Hours::parse(text)?;
        let key = hours.key.clone();
        if self.hours.contains_key(&key) {
            return Err(twice(format!("calendar `{key}`")));
        }
        self.hours.insert(key.clone(), hours);
        Ok(Some(key))
    }

    /// Builds every calendar; what could not be built is returned with its key.
    fn build(&mut self) -> Vec<(String, Problems)> {
        let mut bad = Vec::new();
        for (key, hours) in &self.hours {
            match hours.build(&self.holidays) {
                Ok(calendar) => drop(self.built.insert(key.clone(), Arc::new(calendar))),
                Err(problems) => bad.push((key.clone(), problems)),
            }
        }
        bad
    }
}
