//! Everything that can be wrong with a definition although its YAML is right.

mod actions;
mod fields;
mod states;
mod try_out;

pub(super) use self::try_out::try_out;

use super::file::{Effect, EventWhen, File, Kind, Rule, Source, StateKind};
use crate::access::RoleLibrary;
use crate::definition::{Entries, Entry, Problem, Text, is_key, nearest};

/// Words for "somebody" besides `role:<key>`.
pub(super) const PEOPLE: [&str; 4] = ["assignee", "group_member", "group_leader", "reporter"];

/// Fields the platform itself reads, and what they must hold if the process has them.
const PLATFORM_FIELDS: [(&str, &[Kind]); 14] = [
    ("title", &[Kind::Text]),
    ("description", &[Kind::LongText]),
    ("type", &[Kind::Choice]),
    ("channel", &[Kind::Choice]),
    ("unit_id", &[Kind::Unit]),
    ("contact_id", &[Kind::Contact]),
    ("caller_name", &[Kind::Text]),
    ("caller_phone", &[Kind::Phone]),
    ("priority", &[Kind::Scale]),
    ("level", &[Kind::Choice]),
    ("line", &[Kind::Scale]),
    ("major", &[Kind::Bool]),
    ("assignee", &[Kind::User]),
    ("group", &[Kind::Group]),
];

/// The states a word like `all_open` stands for.
pub(super) fn state_group(word: &str) -> Option<StateKind> {
    match word {
        "all_open" => Some(StateKind::Open),
        "all_waiting" => Some(StateKind::Waiting),
        "all_resolved" => Some(StateKind::Resolved),
        "all_closed" => Some(StateKind::Closed),
        _ => None,
    }
}

/// The end of a sentence about a name that does not exist.
fn did_you_mean<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(wrong, known)
        .map(|n| format!(", did you mean `{n}`?"))
        .unwrap_or_default()
}

/// All expressions of the file with the place they stand at.
pub(super) fn sources(file: &File) -> Vec<(String, &Source)> {
    let mut all = Vec::new();
    for f in &file.fields {
        for (name, source) in [
            ("required_when", &f.value.required_when),
            ("visible_when", &f.value.visible_when),
            ("computed", &f.value.computed),
        ] {
            all.extend(
                source
                    .iter()
                    .map(|s| (format!("fields.{}.{name}", f.key), s)),
            );
        }
    }
    for a in &file.actions {
        let path = format!("actions.{}", a.key);
        all.extend(
            a.value
                .to
                .iter()
                .flat_map(|t| &t.0)
                .filter_map(|b| b.when.as_ref())
                .map(|s| (format!("{path}.to"), s)),
        );
        all.extend(a.value.when.iter().map(|s| (format!("{path}.when"), s)));
        all.extend(rule_sources(&format!("{path}.require"), &a.value.require));
        all.extend(moment_sources(&path, &a.value.events, &a.value.effects));
    }
    all.extend(rule_sources("rules", &file.rules));
    all.extend(moment_sources(
        "create",
        &file.create.events,
        &file.create.effects,
    ));
    all
}

fn rule_sources<'a>(path: &str, rules: &'a Entries<Rule>) -> Vec<(String, &'a Source)> {
    let both = |r: &'a Entry<Rule>| {
        [("when", &r.value.when), ("that", &r.value.that)]
            .map(|(n, s)| (format!("{path}.{}.{n}", r.key), s.as_ref()))
    };
    rules
        .iter()
        .flat_map(both)
        .filter_map(|(p, s)| Some((p, s?)))
        .collect()
}

fn moment_sources<'a>(
    path: &str,
    events: &'a [EventWhen],
    effects: &'a [Effect],
) -> Vec<(String, &'a Source)> {
    let events = events
        .iter()
        .filter_map(|e| e.when.as_ref())
        .map(|s| (format!("{path}.events"), s));
    let effects = effects
        .iter()
        .filter_map(|e| e.when.as_ref())
        .map(|s| (format!("{path}.effects"), s));
    events.chain(effects).collect()
}

/// Checks everything but the expressions.
pub(super) fn check(file: &File, roles: &RoleLibrary) -> Vec<Problem> {
    let mut checker = Checker {
        file,
        roles,
        problems: Vec::new(),
    };
    checker.head();
    checker.people();
    checker.fields();
    checker.matrix();
    checker.states();
    for action in &file.actions {
        checker.action(action);
    }
    for rule in &file.rules {
        checker.rule("rules", rule, true);
    }
    checker.create();
    checker.approvals_and_links();
    checker.reachability();
    checker.every_field_is_filled();
    checker.problems
}

struct Checker<'a> {
    file: &'a File,
    roles: &'a RoleLibrary,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn say(&mut self, line: u64, path: impl Into<String>, reason: impl Into<String>) {
        self.problems.push(Problem {
            line,
            path: path.into(),
            reason: reason.into(),
        });
    }

    fn key(&mut self, line: u64, path: &str, key: &str) {
        if !is_key(key) {
            self.say(
                line,
                path,
                format!("`{key}` is not a key: use a to z, digits and _, at most 40 characters"),
            );
        }
    }

    fn text(&mut self, line: u64, path: &str, text: &Text) {
        if text.is_incomplete() {
            self.say(line, path, "both languages, zh and en, must be given");
        }
    }

    fn head(&mut self) {
        self.key(0, "key", &self.file.key);
        self.text(0, "name", &self.file.name);
        self.text(0, "about", &self.file.about);
        if self.file.version == 0 {
            self.say(0, "version", "versions count from 1");
        }
        if self.file.backdate_days > 3650 {
            self.say(0, "backdate_days", "at most 3650 days");
        }
    }

    fn people(&mut self) {
        for Entry {
            key,
            line,
            value: people,
        } in &self.file.people
        {
            let path = format!("people.{key}");
            self.key(*line, &path, key);
            self.text(*line, &path, &people.name);
            if PEOPLE.contains(&key.as_str()) || people.any.is_empty() {
                self.say(
                    *line,
                    &path,
                    "needs a name of its own and at least one member",
                );
            }
            for word in &people.any {
                if self.file.people.has(word) {
                    self.say(
                        *line,
                        &path,
                        format!("`{word}` is a group itself; groups hold single people and roles"),
                    );
                } else {
                    self.somebody(*line, &path, word);
                }
            }
        }
    }

    fn state_exists(&mut self, line: u64, path: &str, key: &str) {
        if !self.file.states.has(key) {
            let hint = did_you_mean(key, self.file.states.keys());
            self.say(line, path, format!("there is no state `{key}`{hint}"));
        }
    }

    fn field_exists(&mut self, line: u64, path: &str, key: &str) -> bool {
        let exists = self.file.fields.has(key);
        if !exists {
            let hint = did_you_mean(key, self.file.fields.keys());
            self.say(line, path, format!("there is no field `{key}`{hint}"));
        }
        exists
    }

    /// A field that can be written.
    fn writable(&mut self, line: u64, path: &str, key: &str) {
        if self.field_exists(line, path, key) && self.is_computed(key) {
            self.say(
                line,
                path,
                format!("field `{key}` is computed and cannot be entered"),
            );
        }
    }

    fn field_of_kind(&mut self, line: u64, path: &str, key: &str, kinds: &[Kind]) {
        if self.field_exists(line, path, key)
            && !self
                .file
                .fields
                .get(key)
                .is_some_and(|f| kinds.contains(&f.kind))
        {
            self.say(
                line,
                path,
                format!("field `{key}` must be of kind {kinds:?}").to_lowercase(),
            );
        }
    }

    fn somebody(&mut self, line: u64, path: &str, word: &str) {
        if let Some(role) = word.strip_prefix("role:") {
            self.role(line, path, role);
        } else if !PEOPLE.contains(&word) && !self.file.people.has(word) {
            let hint = did_you_mean(word, PEOPLE.into_iter().chain(self.file.people.keys()));
            self.say(
                line,
                path,
                format!(
                    "`{word}` is nobody: use {}, role:<key> or a key of `people`{hint}",
                    PEOPLE.join(", ")
                ),
            );
        }
    }

    fn role(&mut self, line: u64, path: &str, role: &str) {
        if self.roles.get(role).is_none() {
            let hint = did_you_mean(role, self.roles.roles.iter().map(|r| r.key.as_str()));
            self.say(line, path, format!("there is no role `{role}`{hint}"));
        }
    }
}
