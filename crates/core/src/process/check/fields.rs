//! Fields: kinds, options, constants, the matrix, and that something fills each of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::{Checker, PLATFORM_FIELDS};
use crate::definition::Entry;
use crate::process::file::{Field, Intake, Kind};
use crate::process::value::{self, Circumstances};

impl Checker<'_> {
    pub(super) fn fields(&mut self) {
        let file = self.file;
        if !file.fields.has("title") {
            self.say(0, "fields", "every process needs a field `title`");
        }
        for Entry {
            key,
            line,
            value: field,
        } in &file.fields
        {
            let (line, path) = (*line, format!("fields.{key}"));
            self.key(line, &path, key);
            self.text(line, &path, &field.name);
            if let Some((_, kinds)) = PLATFORM_FIELDS.iter().find(|(k, _)| k == key)
                && !kinds.contains(&field.kind)
            {
                self.say(
                    line,
                    &path,
                    format!(
                        "the platform reads `{key}` itself and expects kind {:?}",
                        kinds[0]
                    )
                    .to_lowercase(),
                );
            }
            self.options(line, &path, field);
            let text = matches!(field.kind, Kind::Text | Kind::LongText | Kind::Ci);
            if field.max.is_some() && !text {
                self.say(line, &path, "`max` only suits texts");
            }
            if field
                .max
                .is_some_and(|m| m == 0 || m > value::LONG_TEXT_MAX)
            {
                self.say(
                    line,
                    &path,
                    format!("`max` must lie between 1 and {}", value::LONG_TEXT_MAX),
                );
            }
            if field.range.is_some_and(|(low, high)| low > high)
                || (field.range.is_some() && field.kind != Kind::Integer)
            {
                self.say(
                    line,
                    &path,
                    "`range` suits integers, the smaller number first",
                );
            }
            if field.when.is_some() && field.kind != Kind::Instant {
                self.say(line, &path, "`when` only suits instants");
            }
            let computed = self.is_computed(key);
            if computed
                && (field.intake != Intake::No
                    || field.default.is_some()
                    || field.required_when.is_some())
            {
                self.say(
                    line,
                    &path,
                    "a computed field is neither asked nor given a default",
                );
            }
            if field.intake == Intake::No && field.required_when.is_some() {
                self.say(line, &path, "`required_when` needs `intake: optional`");
            }
            if let Some(default) = &field.default {
                self.constant(line, &path, key, default);
            }
        }
    }

    pub(super) fn options(&mut self, line: u64, path: &str, field: &Field) {
        let chosen = matches!(field.kind, Kind::Choice | Kind::Scale);
        match (
            chosen,
            field.options.is_empty(),
            field.options_from.is_none(),
        ) {
            (true, true, true) => {
                self.say(line, path, "a choice needs `options` or `options_from`");
            }
            (true, false, false) => self.say(line, path, "give either `options` or `options_from`"),
            (false, false, _) | (false, _, false) => {
                self.say(line, path, "only a choice or scale has options");
            }
            _ => {}
        }
        if field.options_from.is_some() && field.kind == Kind::Scale {
            self.say(
                line,
                path,
                "options that come with the project need `kind: choice`",
            );
        }
        for option in &field.options {
            self.text(
                option.line,
                &format!("{path}.options.{}", option.key),
                &option.value,
            );
            if field.kind == Kind::Scale && option.key.parse::<i64>().is_err() {
                self.say(
                    option.line,
                    format!("{path}.options"),
                    format!(
                        "the options of a scale are whole numbers, not `{}`",
                        option.key
                    ),
                );
            } else if field.kind == Kind::Choice {
                self.key(option.line, &format!("{path}.options"), &option.key);
            }
        }
    }

    pub(super) fn is_computed(&self, key: &str) -> bool {
        let by_matrix = self.file.matrix.as_ref().is_some_and(|m| m.result == key);
        by_matrix
            || self
                .file
                .fields
                .get(key)
                .is_some_and(|f| f.computed.is_some())
    }

    /// A constant written in the file for a field.
    pub(super) fn constant(&mut self, line: u64, path: &str, key: &str, constant: &Value) {
        let Some(field) = self.file.fields.get(key) else {
            return;
        };
        if field.options_from.is_some() {
            return;
        }
        let on = Circumstances {
            now: Timestamp::UNIX_EPOCH,
            levels: &[],
        };
        if let Err(error) = value::check(key, field, constant, on) {
            self.say(
                line,
                path,
                format!(
                    "`{constant}` does not suit field `{key}`: {}",
                    error.message.en
                ),
            );
        }
    }

    pub(super) fn matrix(&mut self) {
        let Some(m) = &self.file.matrix else { return };
        let scale = |key: &str| {
            self.file
                .fields
                .get(key)
                .filter(|f| f.kind == Kind::Scale)
                .map(|f| f.options.0.len())
        };
        let (rows, columns, result) = (scale(&m.rows), scale(&m.columns), scale(&m.result));
        for (name, key, found) in [
            ("rows", &m.rows, rows),
            ("columns", &m.columns, columns),
            ("result", &m.result, result),
        ] {
            if found.is_none() {
                self.say(
                    0,
                    format!("matrix.{name}"),
                    format!("`{key}` is not a field of kind scale"),
                );
            }
        }
        if self
            .file
            .fields
            .get(&m.result)
            .is_some_and(|f| f.computed.is_some())
        {
            self.say(0, "matrix.result", "the field already has a formula");
        }
        let (Some(rows), Some(columns)) = (rows, columns) else {
            return;
        };
        if m.values.len() != rows || m.values.iter().any(|row| row.len() != columns) {
            self.say(
                0,
                "matrix.values",
                format!("needs {rows} rows of {columns} values"),
            );
        }
        for value in m.values.iter().flatten() {
            if self
                .file
                .fields
                .get(&m.result)
                .is_some_and(|f| !f.options.has(&value.to_string()))
            {
                self.say(
                    0,
                    "matrix.values",
                    format!("{value} is no option of `{}`", m.result),
                );
            }
        }
    }

    pub(super) fn every_field_is_filled(&mut self) {
        let file = self.file;
        let rules = file
            .rules
            .iter()
            .chain(file.actions.iter().flat_map(|a| a.value.require.iter()));
        let effects = file
            .actions
            .iter()
            .flat_map(|a| &a.value.effects)
            .chain(&file.create.effects);
        let filled: BTreeSet<&str> = rules
            .flat_map(|r| &r.value.ask)
            .map(String::as_str)
            .chain(file.actions.iter().flat_map(|a| a.value.ask.keys()))
            .chain(
                effects
                    .filter_map(|e| e.set.as_ref())
                    .map(|s| s.field.as_str()),
            )
            .collect();
        for field in &file.fields {
            let f = &field.value;
            let key = field.key.as_str();
            if f.intake == Intake::No
                && f.default.is_none()
                && !filled.contains(key)
                && !self.is_computed(key)
            {
                self.say(
                    field.line,
                    format!("fields.{key}"),
                    "nothing ever fills this field: ask for it at intake or in an action",
                );
            }
        }
    }
}
