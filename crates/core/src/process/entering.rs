//! What is entered with an action: which fields may come, whether each is right, and which are missing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::definition::Definition;
use super::door::{holds, put, refuse};
use super::file::{Action, Ask, Intake, Rule, Suggest};
use super::model::{ActorKind, Facts, Fields, Input, Refusal, RefusalCode};
use super::value::{self, Circumstances, FieldError};
use crate::definition::{Entries, Entry, Text};
use crate::expr::Scope;

/// Fields one request may send; no form has nearly as many.
const MAX_FIELDS: usize = 200;

/// How one field is asked in this action.
#[derive(Clone, Copy, Default)]
struct Asked<'a> {
    required: bool,
    default: Option<&'a Value>,
    copy: Option<&'a str>,
    /// Only its default counts; it cannot be sent.
    closed: bool,
}

/// Collects what is entered and what is wrong with it.
pub(super) struct Entering<'a> {
    definition: &'a Definition,
    kind: ActorKind,
    facts: Facts<'a>,
    asked: BTreeMap<&'a str, Asked<'a>>,
    pub(super) errors: Vec<FieldError>,
}

impl<'a> Entering<'a> {
    pub(super) fn new(definition: &'a Definition, kind: ActorKind, facts: Facts<'a>) -> Self {
        Self {
            definition,
            kind,
            facts,
            asked: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// The fields of an action's form.
    pub(super) fn asks(&mut self, asks: &'a Entries<Ask>) {
        self.asked.extend(asks.iter().map(|a| {
            (
                a.key.as_str(),
                Asked {
                    required: a.value.required,
                    default: a.value.default.as_ref(),
                    copy: a.value.copy.as_deref(),
                    closed: false,
                },
            )
        }));
    }

    /// The fields that rules may ask for besides.
    pub(super) fn rule_asks(&mut self, rules: &[&'a Entry<Rule>]) {
        for field in rules.iter().flat_map(|r| &r.value.ask) {
            self.asked.entry(field).or_default();
        }
    }

    /// The fields of the intake form.
    pub(super) fn intake_asks(&mut self) {
        for field in &self.definition.file().fields {
            let f = &field.value;
            if f.intake != Intake::No || f.default.is_some() {
                let required = f.intake == Intake::Required;
                self.asked.insert(
                    &field.key,
                    Asked {
                        required,
                        default: f.default.as_ref(),
                        copy: None,
                        closed: f.intake == Intake::No,
                    },
                );
            }
        }
    }

    /// The record's fields after what was entered, every value checked; errors are collected.
    pub(super) fn fields(&mut self, before: &Fields, input: &Input) -> Fields {
        let mut fields = before.clone();
        for (key, asked) in &self.asked {
            if let Some(default) = asked.default.or_else(|| before.get(asked.copy?))
                && !fields.contains_key(*key)
                && !input.fields.contains_key(*key)
            {
                fields.insert((*key).to_owned(), default.clone());
            }
        }
        if input.fields.len() > MAX_FIELDS {
            self.errors.push(FieldError::new(
                "fields",
                "too_long",
                "字段太多",
                "too many fields",
            ));
            return fields;
        }
        for (key, value) in &input.fields {
            match self.entered(key, value) {
                Ok(value) => drop(put(&mut fields, key, value)),
                Err(error) => self.errors.push(error),
            }
        }
        fields
    }

    fn entered(&self, key: &str, value: &Value) -> Result<Value, FieldError> {
        let shown: String = key.chars().take(40).collect();
        let Some(field) = self.definition.field(key) else {
            return Err(FieldError::new(
                &shown,
                "unknown_field",
                format!("没有字段“{shown}”"),
                format!("there is no field `{shown}`"),
            ));
        };
        let computed = field.computed.is_some()
            || self
                .definition
                .file()
                .matrix
                .as_ref()
                .is_some_and(|m| m.result == key);
        if computed {
            let zh = format!("“{}”由系统计算，不能填写", field.name.zh);
            return Err(FieldError::new(
                key,
                "computed",
                zh,
                format!("{} is computed and cannot be entered", field.name.en),
            ));
        }
        // History may bring any field with any step; forms bring their own.
        if self.kind != ActorKind::Import && self.asked.get(key).is_none_or(|a| a.closed) {
            let zh = format!("此动作不能修改“{}”", field.name.zh);
            return Err(FieldError::new(
                key,
                "not_asked",
                zh,
                format!("this action does not change {}", field.name.en),
            ));
        }
        value::check(
            key,
            field,
            value,
            Circumstances {
                now: self.facts.now,
                levels: self.facts.levels,
            },
        )
    }

    /// Stops if anything entered is wrong: what is missing is only told once the rest is right.
    pub(super) fn stop_on_errors(&mut self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let errors = std::mem::take(&mut self.errors);
        let join = |pick: fn(&Text) -> &str, mark: &str| {
            errors
                .iter()
                .map(|e| pick(&e.message))
                .collect::<Vec<_>>()
                .join(mark)
        };
        let (zh, en) = (join(|t| &t.zh, "；"), join(|t| &t.en, "; "));
        let mut refusal = refuse(RefusalCode::InvalidFields, zh, en);
        refusal.errors = errors;
        Err(refusal)
    }

    /// Everything that must be there is there, and every rule is kept; an import is excused and that is noted.
    pub(super) fn demand(
        &self,
        scope: &Scope,
        fields: &Fields,
        rules: &[&Entry<Rule>],
        waived: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let mut missing = Vec::new();
        for (key, asked) in &self.asked {
            if asked.required {
                self.missing(key, scope, fields, &mut missing)?;
            }
        }
        let own = missing.len();
        let mut not_kept: Option<&Entry<Rule>> = None;
        for rule in rules {
            if !holds(self.definition, rule.value.when.as_ref(), scope)? {
                continue;
            }
            let before = missing.len();
            for key in &rule.value.ask {
                if !missing.iter().any(|e: &FieldError| e.field == *key) {
                    self.missing(key, scope, fields, &mut missing)?;
                }
            }
            let that = holds(self.definition, rule.value.that.as_ref(), scope)?;
            if missing.len() > before || !that {
                if self.kind == ActorKind::Import {
                    waived.push(rule.key.clone());
                }
                not_kept = not_kept.or(Some(rule));
            }
        }
        if self.kind == ActorKind::Import {
            waived.extend(missing.into_iter().map(|e| e.field));
            return Ok(());
        }
        match not_kept {
            None if missing.is_empty() => Ok(()),
            None => Err(incomplete(missing)),
            Some(rule) => Err(Refusal {
                code: if own > 0 {
                    RefusalCode::InvalidFields
                } else {
                    RefusalCode::RuleNotKept
                },
                rule: Some(rule.key.clone()),
                errors: missing,
                message: rule.value.message.clone(),
            }),
        }
    }

    /// As [`Self::demand`], with the conditions fields carry for the intake form.
    pub(super) fn demand_at_intake(
        &self,
        scope: &Scope,
        fields: &Fields,
        waived: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let mut missing = Vec::new();
        for field in &self.definition.file().fields {
            let f = &field.value;
            let required = f.intake == Intake::Required
                || (f.required_when.is_some()
                    && holds(self.definition, f.required_when.as_ref(), scope)?);
            if required {
                self.missing(&field.key, scope, fields, &mut missing)?;
            }
        }
        if self.kind == ActorKind::Import {
            waived.extend(missing.into_iter().map(|e| e.field));
            return Ok(());
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Err(incomplete(missing))
        }
    }

    /// Notes a field that is empty although it must not be; one that is not shown may be.
    fn missing(
        &self,
        key: &str,
        scope: &Scope,
        fields: &Fields,
        missing: &mut Vec<FieldError>,
    ) -> Result<(), Refusal> {
        let Some(field) = self.definition.field(key) else {
            return Ok(());
        };
        if !fields.contains_key(key) && holds(self.definition, field.visible_when.as_ref(), scope)?
        {
            missing.push(FieldError::new(
                key,
                "required",
                format!("请填写“{}”", field.name.zh),
                format!("{} is required", field.name.en),
            ));
        }
        Ok(())
    }
}

fn incomplete(errors: Vec<FieldError>) -> Refusal {
    let zh = errors
        .iter()
        .map(|e| e.message.zh.as_str())
        .collect::<Vec<_>>()
        .join("；");
    let en = errors
        .iter()
        .map(|e| e.message.en.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    Refusal {
        code: RefusalCode::InvalidFields,
        rule: None,
        errors,
        message: Text::new(zh, en),
    }
}

impl Definition {
    /// The rules that hold for an action: its own, and those of the whole process, which ask people and not the platform.
    pub(super) fn rules_of<'a>(
        &'a self,
        key: &'a str,
        action: &'a Action,
        actor: ActorKind,
    ) -> impl Iterator<Item = &'a Entry<Rule>> {
        let holds = move |r: &&Entry<Rule>| {
            actor != ActorKind::System && !r.value.except.iter().any(|e| e == key)
        };
        let global = self.file().rules.iter().filter(holds);
        action.require.iter().chain(global)
    }
}

/// The value a form starts with.
pub(super) fn start_value(
    ask: &Ask,
    key: &str,
    fields: &Fields,
    actor: Option<uuid::Uuid>,
    now: jiff::Timestamp,
) -> Option<Value> {
    let suggested = match ask.suggest {
        Some(Suggest::Now) => Some(Value::from(now.to_string())),
        Some(Suggest::Actor) => actor.map(|u| Value::from(u.to_string())),
        None => None,
    };
    let copied = || fields.get(ask.copy.as_ref()?).cloned();
    ask.default
        .clone()
        .or(suggested)
        .or_else(copied)
        .or_else(|| fields.get(key).cloned())
}
