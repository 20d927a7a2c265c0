//! Everything that can be wrong with a definition although its YAML is right.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::definition::Definition;
use super::file::{
    Action, Ask, Effect, Field, File, Intake, Kind, Rule, Source, StateKind, To, Who,
};
use super::model::{Actor, ActorKind, Facts, Fields, Level, Ticket};
use super::scope::{self, Moment};
use super::value::{self, Circumstances};
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
    events: &'a [super::file::EventWhen],
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

    fn fields(&mut self) {
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

    fn options(&mut self, line: u64, path: &str, field: &Field) {
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

    fn is_computed(&self, key: &str) -> bool {
        let by_matrix = self.file.matrix.as_ref().is_some_and(|m| m.result == key);
        by_matrix
            || self
                .file
                .fields
                .get(key)
                .is_some_and(|f| f.computed.is_some())
    }

    /// A constant written in the file for a field.
    fn constant(&mut self, line: u64, path: &str, key: &str, constant: &Value) {
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

    fn matrix(&mut self) {
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

    fn states(&mut self) {
        let mut names = BTreeSet::new();
        for Entry {
            key,
            line,
            value: state,
        } in &self.file.states
        {
            let path = format!("states.{key}");
            self.key(*line, &path, key);
            self.text(*line, &path, &state.name);
            if state_group(key).is_some() {
                self.say(
                    *line,
                    &path,
                    "this word stands for several states and cannot name one",
                );
            }
            if !names.insert(&state.name.zh) {
                self.say(
                    *line,
                    &path,
                    format!("another state is called {} too", state.name.zh),
                );
            }
        }
    }

    fn state_exists(&mut self, line: u64, path: &str, key: &str) {
        if !self.file.states.has(key) {
            let hint = nearest(key, self.file.states.keys())
                .map(|n| format!(", did you mean `{n}`?"))
                .unwrap_or_default();
            self.say(line, path, format!("there is no state `{key}`{hint}"));
        }
    }

    fn field_exists(&mut self, line: u64, path: &str, key: &str) -> bool {
        let exists = self.file.fields.has(key);
        if !exists {
            let hint = nearest(key, self.file.fields.keys())
                .map(|n| format!(", did you mean `{n}`?"))
                .unwrap_or_default();
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

    fn action(
        &mut self,
        Entry {
            key,
            line,
            value: action,
        }: &Entry<Action>,
    ) {
        let (line, path) = (*line, format!("actions.{key}"));
        self.key(line, &path, key);
        self.text(line, &path, &action.name);
        if let Some(hint) = &action.hint {
            self.text(line, &format!("{path}.hint"), hint);
        }
        if key == "create" {
            self.say(
                line,
                &path,
                "`create` is the name of the first entry of every record",
            );
        }
        if action.from.is_empty() {
            self.say(
                line,
                format!("{path}.from"),
                "an action needs at least one state it starts from",
            );
        }
        for from in &action.from {
            match state_group(from) {
                None => self.state_exists(line, &format!("{path}.from"), from),
                Some(kind) if !self.file.states.iter().any(|s| s.value.kind == kind) => {
                    self.say(
                        line,
                        format!("{path}.from"),
                        format!("there is no state for `{from}`"),
                    );
                }
                Some(_) => {}
            }
        }
        self.target(line, &path, action.to.as_ref());
        self.who(line, &path, &action.who);
        for ask in &action.ask {
            self.ask(&path, ask);
        }
        for rule in &action.require {
            self.rule(&format!("{path}.require"), rule, false);
        }
        if let Some(approval) = &action.approval
            && !self.file.approvals.has(approval)
        {
            self.say(
                line,
                format!("{path}.approval"),
                format!("there is no approval `{approval}`"),
            );
        }
        self.effects(line, &path, &action.effects);
    }

    fn target(&mut self, line: u64, path: &str, to: Option<&To>) {
        let path = format!("{path}.to");
        let Some(To(branches)) = to else { return };
        for (i, branch) in branches.iter().enumerate() {
            self.state_exists(line, &path, &branch.state);
            let last = i + 1 == branches.len();
            if last && branch.when.is_some() {
                self.say(
                    line,
                    &path,
                    "the last branch must have no condition, or the action could lead nowhere",
                );
            } else if !last && branch.when.is_none() {
                self.say(
                    line,
                    &path,
                    "a branch without condition hides the ones after it",
                );
            }
        }
    }

    fn who(&mut self, line: u64, path: &str, who: &Who) {
        let path = format!("{path}.who");
        if who.permission.is_none() && (!who.system || !who.any.is_empty()) {
            self.say(
                line,
                &path,
                "name the permission a person needs (or only `system: true`)",
            );
        }
        who.any
            .iter()
            .for_each(|word| self.somebody(line, &path, word));
    }

    fn somebody(&mut self, line: u64, path: &str, word: &str) {
        if let Some(role) = word.strip_prefix("role:") {
            self.role(line, path, role);
        } else if !PEOPLE.contains(&word) && !self.file.people.has(word) {
            let hint = nearest(word, PEOPLE.into_iter().chain(self.file.people.keys()))
                .map(|n| format!(", did you mean `{n}`?"))
                .unwrap_or_default();
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
            let hint = nearest(role, self.roles.roles.iter().map(|r| r.key.as_str()))
                .map(|n| format!(", did you mean `{n}`?"))
                .unwrap_or_default();
            self.say(line, path, format!("there is no role `{role}`{hint}"));
        }
    }

    fn ask(
        &mut self,
        path: &str,
        Entry {
            key,
            line,
            value: ask,
        }: &Entry<Ask>,
    ) {
        let path = format!("{path}.ask.{key}");
        self.writable(*line, &path, key);
        if let Some(default) = &ask.default {
            self.constant(*line, &path, key, default);
        }
        if let Some(copy) = &ask.copy {
            let kind = |key: &str| self.file.fields.get(key).map(|f| f.kind);
            if kind(copy).is_some() && kind(copy) != kind(key) {
                self.say(
                    *line,
                    &path,
                    format!("`{copy}` holds something else than `{key}`"),
                );
            }
            self.field_exists(*line, &path, copy);
        }
        let fits = match (ask.suggest, self.file.fields.get(key).map(|f| f.kind)) {
            (Some(super::file::Suggest::Now), Some(kind)) => kind == Kind::Instant,
            (Some(super::file::Suggest::Actor), Some(kind)) => kind == Kind::User,
            _ => true,
        };
        if !fits {
            self.say(
                *line,
                &path,
                "`suggest: now` suits instants, `suggest: actor` suits users",
            );
        }
    }

    fn rule(
        &mut self,
        path: &str,
        Entry {
            key,
            line,
            value: rule,
        }: &Entry<Rule>,
        global: bool,
    ) {
        let (line, path) = (*line, format!("{path}.{key}"));
        self.key(line, &path, key);
        self.text(line, &format!("{path}.message"), &rule.message);
        if rule.ask.is_empty() && rule.that.is_none() {
            self.say(
                line,
                &path,
                "a rule needs `ask` (fields that must be filled) or `that` (what must be true)",
            );
        }
        for field in &rule.ask {
            self.writable(line, &format!("{path}.ask"), field);
        }
        if !global && !rule.except.is_empty() {
            self.say(
                line,
                &path,
                "`except` belongs to the rules of the whole process",
            );
        }
        for action in &rule.except {
            if !self.file.actions.has(action) {
                self.say(
                    line,
                    format!("{path}.except"),
                    format!("there is no action `{action}`"),
                );
            }
        }
    }

    fn effects(&mut self, line: u64, path: &str, effects: &[Effect]) {
        for (i, effect) in effects.iter().enumerate() {
            self.effect(line, &format!("{path}.effects[{}]", i + 1), effect);
        }
    }

    fn effect(&mut self, line: u64, path: &str, e: &Effect) {
        let given = [
            e.set.is_some(),
            e.clear.is_some(),
            e.notify.is_some(),
            e.remind.is_some(),
            e.start_tracking.is_some(),
            e.stop_tracking.is_some(),
            e.negotiate.is_some(),
            e.link.is_some(),
            e.create_linked.is_some(),
            e.survey.is_some(),
            e.task.is_some(),
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            self.say(line, path, "name exactly one effect per list item");
        }
        if let Some(set) = &e.set {
            self.writable(line, path, &set.field);
            match (&set.to, set.from) {
                (Some(value), None) => self.constant(line, path, &set.field, value),
                (None, Some(_)) => {}
                _ => self.say(
                    line,
                    path,
                    "`set` needs either `to` (a constant) or `from` (now, actor)",
                ),
            }
        }
        for field in e.clear.iter().flatten() {
            self.writable(line, path, field);
        }
        for (to, text) in [
            e.notify.as_ref().map(|n| (&n.to, &n.text)),
            e.remind.as_ref().map(|r| (&r.to, &r.text)),
            e.task.as_ref().map(|t| (&t.to, &t.name)),
        ]
        .into_iter()
        .flatten()
        {
            self.text(line, path, text);
            if to.is_empty() {
                self.say(line, path, "`to` must name somebody");
            }
            to.iter().for_each(|word| self.somebody(line, path, word));
        }
        if let Some(remind) = &e.remind {
            self.field_of_kind(line, path, &remind.at, &[Kind::Instant]);
        }
        if let Some(n) = &e.negotiate {
            self.key(line, path, &n.target);
            self.field_of_kind(line, path, &n.at, &[Kind::Instant]);
            self.field_of_kind(line, path, &n.reason, &[Kind::Text, Kind::LongText]);
        }
        if let Some(link) = &e.link {
            self.field_of_kind(line, path, &link.field, &[Kind::Ticket]);
        }
        for key in e
            .start_tracking
            .iter()
            .chain(&e.stop_tracking)
            .chain(e.task.as_ref().map(|t| &t.key))
        {
            self.key(line, path, key);
        }
        for link in e
            .link
            .as_ref()
            .map(|l| &l.link)
            .into_iter()
            .chain(e.create_linked.as_ref().map(|c| &c.link))
        {
            if !self.file.links.has(link) {
                self.say(line, path, format!("there is no link `{link}`"));
            }
        }
        if e.survey.as_ref().is_some_and(|s| s.percent > 100) {
            self.say(line, path, "percent is at most 100");
        }
        if e.task.as_ref().is_some_and(|t| t.due_hours > 24 * 366) {
            self.say(line, path, "a task is due within a year");
        }
    }

    fn create(&mut self) {
        let create = &self.file.create;
        self.text(0, "create.name", &create.name);
        self.state_exists(0, "create.to", &create.to);
        self.who(0, "create", &create.who);
        self.effects(0, "create", &create.effects);
    }

    fn approvals_and_links(&mut self) {
        for Entry {
            key,
            line,
            value: approval,
        } in &self.file.approvals
        {
            let path = format!("approvals.{key}");
            self.key(*line, &path, key);
            self.text(*line, &path, &approval.name);
            if approval.steps.is_empty() {
                self.say(*line, &path, "an approval needs at least one step");
            }
            for step in &approval.steps {
                let path = format!("{path}.{}", step.key);
                self.text(step.line, &path, &step.value.name);
                step.value
                    .roles
                    .iter()
                    .for_each(|role| self.role(step.line, &path, role));
                let need = step.value.need.map_or(step.value.roles.len(), usize::from);
                if need == 0 || need > step.value.roles.len() {
                    self.say(
                        step.line,
                        &path,
                        "`need` must lie between 1 and the number of roles",
                    );
                }
            }
        }
        for Entry {
            key,
            line,
            value: link,
        } in &self.file.links
        {
            let path = format!("links.{key}");
            self.key(*line, &path, key);
            self.key(*line, &path, &link.process);
            self.text(*line, &path, &link.name);
            self.text(*line, &path, &link.reverse);
        }
        for print in &self.file.print {
            self.text(
                print.line,
                &format!("print.{}", print.key),
                &print.value.name,
            );
        }
    }

    /// Every state can be reached, and from every state the record can come to an end.
    fn reachability(&mut self) {
        let file = self.file;
        let steps = steps(file);
        let forward = closure(BTreeSet::from([file.create.to.as_str()]), &steps);
        let back: Vec<(&str, &str)> = steps.iter().map(|(a, b)| (*b, *a)).collect();
        let ends = file
            .states
            .iter()
            .filter(|s| s.value.kind == StateKind::Closed)
            .map(|s| s.key.as_str())
            .collect();
        let ending = closure(ends, &back);
        for state in &file.states {
            let path = format!("states.{}", state.key);
            if !forward.contains(state.key.as_str()) {
                self.say(state.line, &path, "no action leads to this state");
            }
            if !ending.contains(state.key.as_str()) {
                self.say(
                    state.line,
                    &path,
                    "from this state a record can never be closed",
                );
            }
        }
    }

    fn every_field_is_filled(&mut self) {
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

/// Every possible step from state to state.
fn steps(file: &File) -> Vec<(&str, &str)> {
    let mut steps = Vec::new();
    for action in &file.actions {
        for state in &file.states {
            let starts = action
                .value
                .from
                .iter()
                .any(|f| *f == state.key || state_group(f) == Some(state.value.kind));
            let targets = action
                .value
                .to
                .iter()
                .flat_map(|t| &t.0)
                .map(|b| b.state.as_str());
            steps.extend(
                targets
                    .filter(|_| starts)
                    .map(|to| (state.key.as_str(), to)),
            );
        }
    }
    steps
}

fn closure<'a>(mut reached: BTreeSet<&'a str>, steps: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    loop {
        let before = reached.len();
        reached.extend(
            steps
                .iter()
                .filter(|(from, _)| reached.contains(from))
                .map(|(_, to)| *to)
                .collect::<Vec<_>>(),
        );
        if reached.len() == before {
            return reached;
        }
    }
}

/// Computes every expression once on an empty and once on a filled record, so that a comparison of a text with a number, or a rule that
/// forgets that a field may be empty, is found when the file is loaded and not when a ticket waits.
pub(super) fn try_out(definition: &Definition) -> Vec<Problem> {
    let levels = [Level {
        key: "l1".into(),
        name: Text::new("一级", "Level 1"),
        serious: None,
    }];
    let breached = ["resolve".to_owned()];
    let now = Timestamp::UNIX_EPOCH;
    let facts = Facts {
        now,
        levels: &levels,
        breached: &breached,
        recovered: true,
    };
    let roles = BTreeSet::from(["service_desk".to_owned()]);
    let permissions = BTreeSet::new();
    let actor = Actor {
        kind: ActorKind::User,
        user: Some(uuid::Uuid::nil()),
        permissions: &permissions,
        roles: &roles,
        group_member: true,
        group_leader: true,
        reporter: true,
    };
    let nobody = Actor {
        kind: ActorKind::System,
        user: None,
        ..actor
    };
    let full: Fields = definition
        .file()
        .fields
        .iter()
        .map(|f| (f.key.clone(), sample(&f.value)))
        .collect();
    let empty = Fields::new();
    let mut problems = Vec::new();
    for (what, fields, actor) in [("an empty", &empty, nobody), ("a filled", &full, actor)] {
        let ticket = Ticket {
            state: "",
            fields,
            reported_at: now,
            votes: &[],
            attachments: 0,
            reopened: 0,
        };
        let moment = Moment {
            ticket: Some(ticket),
            actor,
            facts,
            note: "",
            happened_at: now,
        };
        let scope = scope::build(definition.file(), &definition.used, &moment, fields);
        for (path, source) in sources(definition.file()) {
            let Some(expr) = definition.expr(source) else {
                continue;
            };
            let result = if path.ends_with(".computed") {
                expr.value(&scope).map(drop)
            } else {
                expr.check(&scope).map(drop)
            };
            if let Err(error) = result {
                problems.push(Problem {
                    line: source.line,
                    path,
                    reason: format!("tried on {what} record: {error}"),
                });
            }
        }
    }
    problems
}

fn sample(field: &Field) -> Value {
    match field.kind {
        Kind::Scale => field
            .options
            .keys()
            .next()
            .and_then(|k| k.parse::<i64>().ok())
            .unwrap_or(1)
            .into(),
        Kind::Choice => field.options.keys().next().unwrap_or("l1").into(),
        Kind::Bool => true.into(),
        Kind::Integer => field.range.map_or(1, |(low, _)| low).into(),
        Kind::Instant => Timestamp::UNIX_EPOCH.to_string().into(),
        Kind::Date => "2026-11-22".into(),
        Kind::User | Kind::Group | Kind::Unit | Kind::Contact | Kind::Ticket => {
            uuid::Uuid::nil().to_string().into()
        }
        Kind::Text | Kind::LongText | Kind::Phone | Kind::Email | Kind::Ci => "文字".into(),
    }
}
