//! From agreement files to checked agreements.
//!
//! A rule is looked for in the level, then under `all`, then in the presets the agreement `uses`
//! (the last one named first). Whatever cannot be right is refused with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use super::agreement::{Agreement, Level, Reclassify, Rules, Start};
use super::file::{File, LevelFile, Line, RuleFile};
use super::key::Key;
use super::rule::{Context, names};
use super::target::Target;
use crate::calendar::Calendars;
use crate::definition::{Entries, Problem, Problems, nearest, read_yaml};
use crate::findings::Findings;
use crate::proposal::{Kind, Proposal};
use crate::time::parse_duration;

/// Every agreement there is, by key, and the versions that tickets began with.
#[derive(Debug, Clone, Default)]
pub struct Agreements {
    presets: BTreeMap<String, Arc<File>>,
    agreements: BTreeMap<String, Arc<Agreement>>,
    files: BTreeMap<String, String>,
    earlier: BTreeMap<(String, u32), Arc<Agreement>>,
}

impl Agreements {
    /// Reads agreement and preset files, given as (file name, text), in any order.
    ///
    /// # Errors
    /// For every file that cannot be used, its name and everything wrong with it.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        calendars: &Calendars,
    ) -> Result<Self, Vec<(String, Problems)>> {
        let mut bad = Vec::new();
        let mut all = Self::default();
        let mut waiting = Vec::new();
        for (name, text) in files {
            match read(text) {
                Ok(file) if file.kind.value == "preset" => {
                    let key = file.key.value.clone();
                    if let Err(problems) = build(&file, &BTreeMap::new(), calendars) {
                        bad.push((name.to_owned(), problems));
                    } else if all.presets.insert(key, Arc::new(file)).is_some() {
                        bad.push((name.to_owned(), twice("preset")));
                    }
                }
                Ok(file) => waiting.push((name, file)),
                Err(problems) => bad.push((name.to_owned(), problems)),
            }
        }
        for (name, file) in waiting {
            match build(&file, &all.presets, calendars) {
                Ok(agreement) => {
                    all.files.insert(file.key.value.clone(), name.to_owned());
                    if all
                        .agreements
                        .insert(file.key.value, Arc::new(agreement))
                        .is_some()
                    {
                        bad.push((name.to_owned(), twice("agreement")));
                    }
                }
                Err(problems) => bad.push((name.to_owned(), problems)),
            }
        }
        if bad.is_empty() { Ok(all) } else { Err(bad) }
    }

    /// Reads one agreement against the presets of this set, for an edited copy or a check before saving.
    ///
    /// # Errors
    /// Everything wrong with it, each with line, field and reason.
    pub fn parse(&self, text: &str, calendars: &Calendars) -> Result<Agreement, Problems> {
        build(&read(text)?, &self.presets, calendars)
    }

    /// The agreement with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Arc<Agreement>> {
        self.agreements.get(key)
    }

    /// The file each agreement was read from, by key; the other files were presets.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter();
        files.map(|(key, file)| (key.as_str(), file.as_str()))
    }

    /// Keeps a version that is no longer offered, for the tickets that began with it.
    pub fn keep(&mut self, earlier: Arc<Agreement>) {
        let place = (earlier.key.to_string(), earlier.version);
        self.earlier.insert(place, earlier);
    }

    /// The agreement with this key in a certain version.
    #[must_use]
    pub fn version(&self, key: &str, version: u32) -> Option<&Arc<Agreement>> {
        let offered = self.get(key).filter(|now| now.version == version);
        offered.or_else(|| self.earlier.get(&(key.to_owned(), version)))
    }

    /// All agreements, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Agreement>> {
        self.agreements.values()
    }
}

fn twice(what: &str) -> Problems {
    Problems(vec![Problem {
        line: 0,
        path: "key".into(),
        reason: format!("another file has the same {what} key"),
    }])
}

fn read(text: &str) -> Result<File, Problems> {
    let file: File = read_yaml(text)?;
    let mut findings = Findings::default();
    if !matches!(file.kind.value.as_str(), "agreement" | "preset") {
        findings.add(
            file.kind.referenced.line(),
            "kind",
            format!("`{}` is neither agreement nor preset", file.kind.value),
        );
    }
    if file.kind.value == "preset"
        && !(file.levels.is_empty() && file.reclassify.is_empty() && file.uses.is_empty())
    {
        findings.add(
            file.kind.referenced.line(),
            "kind",
            "a preset has only defaults and all; levels, reclassify and uses belong to agreements",
        );
    }
    let line = file.key.referenced.line();
    let key = &file.key.value;
    if key.is_empty()
        || key.len() > 40
        || !key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        findings.add(
            line,
            "key",
            format!("`{key}` is not a key; use letters, digits, - and _, at most 40"),
        );
    }
    for (path, text) in [("name", &file.name), ("summary", &file.summary)] {
        if text.is_incomplete() {
            findings.add(0, path, "needs zh and en");
        }
    }
    if file.version == 0 {
        findings.add(0, "version", "versions count from 1");
    }
    findings.done(file)
}

fn build(
    file: &File,
    presets: &BTreeMap<String, Arc<File>>,
    calendars: &Calendars,
) -> Result<Agreement, Problems> {
    let mut findings = Findings::default();
    let mut used: Vec<&File> = Vec::new();
    for name in &file.uses {
        match presets.get(&name.value) {
            Some(preset) => used.push(preset),
            None => {
                let hint = did_you_mean(&name.value, presets.keys().map(String::as_str));
                findings.add(
                    name.referenced.line(),
                    "uses",
                    format!("there is no preset `{}`{hint}", name.value),
                );
            }
        }
    }
    let context = Context::new(file, &used, calendars, &mut findings);
    let mut unlevelled = Rules::default();
    for preset in &used {
        // A preset was checked when it was loaded; only its place in this agreement is new.
        put_all(
            &context,
            &preset.all,
            &format!("uses.{}", preset.key.value),
            &mut unlevelled,
            &mut findings,
        );
    }
    put_all(&context, &file.all, "all", &mut unlevelled, &mut findings);
    let levels = file
        .levels
        .iter()
        .map(|entry| {
            level(
                &context,
                &entry.key,
                entry.line,
                &entry.value,
                &unlevelled,
                &mut findings,
            )
        })
        .collect();
    check_breaches(&unlevelled, "all", &mut findings);
    let agreement = Agreement {
        key: Key::from(file.key.value.as_str()),
        name: file.name.clone(),
        summary: file.summary.clone(),
        version: file.version,
        accept: context.accept(file, &mut findings),
        levels,
        unlevelled,
        reclassify: Vec::new(),
    };
    let agreement = with_reclassify(agreement, file, &mut findings);
    check_proposals(&agreement, &mut findings);
    findings.done(agreement)
}

fn put_all(
    context: &Context<'_>,
    entries: &Entries<RuleFile>,
    path: &str,
    rules: &mut Rules,
    findings: &mut Findings,
) {
    for entry in entries {
        let path = format!("{path}.{}", entry.key);
        let Ok(target) = Target::from_str(&entry.key) else {
            let hint = did_you_mean(&entry.key, Target::ALL.iter().map(|t| t.as_str()));
            findings.add(
                entry.line,
                path,
                format!("there is no target `{}`{hint}", entry.key),
            );
            continue;
        };
        if let Some(rule) = context.rule(target, &entry.value, entry.line, &path, findings) {
            rules.put(Arc::new(rule));
        }
    }
}

fn level(
    context: &Context<'_>,
    key: &str,
    line: u64,
    file: &LevelFile,
    all: &Rules,
    findings: &mut Findings,
) -> Level {
    let path = format!("levels.{key}");
    if key.is_empty() || key.chars().count() > 40 || key.chars().any(char::is_control) {
        findings.add(line, &path, "a level's key has 1 to 40 characters");
    }
    for (field, text) in [("name", &file.name), ("definition", &file.definition)] {
        if text.is_incomplete() {
            findings.add(line, format!("{path}.{field}"), "needs zh and en");
        }
    }
    let mut rules = all.clone();
    put_all(
        context,
        &file.targets,
        &format!("{path}.targets"),
        &mut rules,
        findings,
    );
    check_breaches(&rules, &path, findings);
    Level {
        key: Key::from(key),
        name: file.name.clone(),
        definition: file.definition.clone(),
        proposal: Proposal {
            priorities: file.priorities.clone(),
            kinds: file.kinds.clone(),
        },
        rules,
    }
}

/// A clock may start at the breach of another; not of one that itself waits for a breach.
fn check_breaches(rules: &Rules, path: &str, findings: &mut Findings) {
    for rule in rules.iter() {
        let Start::Breach { target } = rule.start else {
            continue;
        };
        let reason = match rules.get(target).map(|other| other.start) {
            None => format!("starts at the breach of {target}, which is not promised here"),
            Some(Start::Breach { .. }) => {
                format!("starts at the breach of {target}, which itself starts at a breach")
            }
            Some(_) => continue,
        };
        findings.add(0, format!("{path}.{}", rule.target), reason);
    }
}

fn with_reclassify(mut agreement: Agreement, file: &File, findings: &mut Findings) -> Agreement {
    for (i, rule) in file.reclassify.iter().enumerate() {
        let path = format!("reclassify[{i}]");
        let known = |name: &Line, field: &str, findings: &mut Findings| {
            if agreement.level(&name.value).is_none() {
                findings.add(
                    name.referenced.line(),
                    format!("{path}.{field}"),
                    format!("there is no level `{}`", name.value),
                );
            }
        };
        known(&rule.from, "from", findings);
        known(&rule.to, "to", findings);
        if rule.from.value == rule.to.value {
            findings.add(
                rule.to.referenced.line(),
                &path,
                "from and to are the same level",
            );
        }
        let Some(outage) = findings.take(
            rule.outage.referenced.line(),
            format!("{path}.outage"),
            parse_duration(&rule.outage.value),
        ) else {
            continue;
        };
        agreement.reclassify.push(Reclassify {
            from: rule.from.value.as_str().into(),
            to: rule.to.value.as_str().into(),
            outage,
            tell: names(&rule.tell),
        });
    }
    agreement
}

/// A ticket is proposed one level: no two may name the same priority of the same kind.
fn check_proposals(agreement: &Agreement, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for level in &agreement.levels {
        let Proposal { priorities, kinds } = &level.proposal;
        let priorities_path = format!("levels.{}.priorities", level.key);
        for priority in priorities.iter().filter(|one| !(1..=5).contains(*one)) {
            let reason = format!("{priority} is not a priority from 1 to 5");
            findings.add(0, &priorities_path, reason);
        }
        let kinds_path = format!("levels.{}.for", level.key);
        if kinds.contains(&Kind::default()) {
            findings.add(0, &kinds_path, "says neither types nor categories");
        }
        if level.proposal == Proposal::default() {
            continue;
        }
        for (kind, category) in named(kinds) {
            for priority in or_any(priorities.iter().copied().map(Some)) {
                if seen.insert((kind, category, priority)) {
                    continue;
                }
                let what = [
                    kind.map(|kind| format!("type {kind}")),
                    category.map(|category| format!("category {category}")),
                    priority.map(|priority| format!("priority {priority}")),
                ];
                let what: Vec<String> = what.into_iter().flatten().collect();
                let path = if kinds.is_empty() {
                    &priorities_path
                } else {
                    &kinds_path
                };
                findings.add(0, path, format!("{} proposes two levels", what.join(", ")));
            }
        }
    }
}

/// Every single type and category that kinds name; both are none where a level names no kind.
fn named(kinds: &[Kind]) -> Vec<(Option<&str>, Option<&str>)> {
    if kinds.is_empty() {
        return vec![(None, None)];
    }
    let mut all = Vec::new();
    for kind in kinds {
        let categories = or_any(kind.categories.iter().map(|one| Some(one.as_str())));
        for name in or_any(kind.types.iter().map(|one| Some(one.as_str()))) {
            all.extend(categories.iter().map(|category| (name, *category)));
        }
    }
    all
}

/// The values, or none of them as the only one.
fn or_any<T>(values: impl Iterator<Item = Option<T>>) -> Vec<Option<T>> {
    let values: Vec<_> = values.collect();
    if values.is_empty() {
        vec![None]
    } else {
        values
    }
}

/// `; did you mean …?` when something similar exists.
pub(super) fn did_you_mean<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(wrong, known)
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
