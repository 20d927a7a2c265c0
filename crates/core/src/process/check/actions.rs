//! Actions, rules, effects, approvals and links: that what they name exists and suits.

use std::collections::BTreeSet;

use super::{Checker, did_you_mean, state_group};
use crate::definition::Entry;
use crate::process::file::{
    Action, Ask, By, Effect, Finish, Kind, LinkTo, Rule, Suggest, Task, To, Who,
};
use crate::sla::Target;
use crate::task::Promise;

impl Checker<'_> {
    pub(super) fn action(
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

    pub(super) fn target(&mut self, line: u64, path: &str, to: Option<&To>) {
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

    pub(super) fn who(&mut self, line: u64, path: &str, who: &Who) {
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

    pub(super) fn ask(
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
            (Some(Suggest::Now), Some(kind)) => kind == Kind::Instant,
            (Some(Suggest::Actor), Some(kind)) => kind == Kind::User,
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

    pub(super) fn rule(
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

    pub(super) fn effects(&mut self, line: u64, path: &str, effects: &[Effect]) {
        for (i, effect) in effects.iter().enumerate() {
            self.effect(line, &format!("{path}.effects[{}]", i + 1), effect);
        }
    }

    pub(super) fn effect(&mut self, line: u64, path: &str, e: &Effect) {
        let given = [
            e.set.is_some(),
            e.clear.is_some(),
            e.notify.is_some(),
            e.remind.is_some(),
            e.negotiate.is_some(),
            e.link.is_some(),
            e.task.is_some(),
            e.finish.is_some(),
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
            if to.is_empty() && e.task.as_ref().is_none_or(|task| task.by.is_none()) {
                self.say(line, path, "`to` must name somebody");
            }
            to.iter().for_each(|word| self.somebody(line, path, word));
        }
        if let Some(remind) = &e.remind {
            self.field_of_kind(line, path, &remind.at, &[Kind::Instant]);
        }
        if let Some(n) = &e.negotiate {
            if n.target.parse::<Target>().is_err() {
                let known = Target::ALL.iter().map(|t| t.as_str());
                let reason = format!(
                    "there is no target `{}`{}",
                    n.target,
                    did_you_mean(&n.target, known)
                );
                self.say(line, path, reason);
            }
            self.field_of_kind(line, path, &n.at, &[Kind::Instant]);
            self.field_of_kind(line, path, &n.reason, &[Kind::Text, Kind::LongText]);
        }
        if let Some(link) = &e.link {
            self.field_of_kind(line, path, &link.field, &[Kind::Ticket]);
        }
        if let Some(task) = &e.task {
            self.task(line, path, task);
        }
        if let Some(finish) = &e.finish {
            self.finish(line, path, finish);
        }
        if let Some(LinkTo { link, .. }) = &e.link
            && !self.file.links.has(link)
        {
            self.say(line, path, format!("there is no link `{link}`"));
        }
    }

    fn task(&mut self, line: u64, path: &str, task: &Task) {
        self.key(line, path, &task.key);
        if !(1..=100).contains(&task.percent) {
            self.say(line, path, "percent is from 1 to 100");
        }
        match (task.due_hours, task.by) {
            (None, None) => self.say(line, path, "`due_hours` or `by` says when a task is due"),
            (Some(hours), _) if hours > 24 * 366 => {
                self.say(line, path, "a task is due within a year");
            }
            _ => {}
        }
        if task.by == Some(By::Supplier) {
            self.field_of_kind(line, path, "vendor_name", &[Kind::Text]);
        }
        if task.by == Some(By::Group) {
            self.field_of_kind(line, path, "group", &[Kind::Group]);
        }
    }

    /// What is ended must have been begun by something: an effect, a person, or the agreement.
    fn finish(&mut self, line: u64, path: &str, finish: &Finish) {
        let actions = self.file.actions.iter().map(|action| &action.value.effects);
        let known: BTreeSet<&str> = actions
            .chain([&self.file.create.effects])
            .flatten()
            .filter_map(|effect| effect.task.as_ref())
            .map(|task| task.key.as_str())
            .chain([Task::BY_HAND, Target::SparePart.as_str()])
            .collect();
        let unknown: Vec<String> = finish
            .tasks
            .iter()
            .filter(|name| {
                let (key, promise) = name.split_once('.').unwrap_or((name, "resolve"));
                !known.contains(key) || promise.parse::<Promise>().is_err()
            })
            .map(|name| {
                let meant = did_you_mean(name, known.iter().copied());
                format!("there is no task `{name}`{meant}")
            })
            .collect();
        for reason in unknown {
            self.say(line, path, reason);
        }
    }

    pub(super) fn create(&mut self) {
        let create = &self.file.create;
        self.text(0, "create.name", &create.name);
        self.state_exists(0, "create.to", &create.to);
        self.who(0, "create", &create.who);
        self.effects(0, "create", &create.effects);
    }

    pub(super) fn approvals_and_links(&mut self) {
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
}
