//! What every way through the door does: compute, check the time and the note, set fields, gather what follows.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::approval::{Standing, standing};
use super::definition::Definition;
use super::entering::Entering;
use super::event::Event;
use super::file::{Action, Effect, EventWhen, Note, Notify, Source, Suggest, Task};
use super::model::{
    Actor, ActorKind, Change, Decision, Facts, Fields, Input, Outcome, Refusal, RefusalCode, Ticket,
};
use super::scope::{self, Moment};
use super::secret::looks_secret;
use super::value::{self, CLOCK_TOLERANCE, FieldError, LONG_TEXT_MAX};
use super::who::spelt_out;
use crate::definition::Text;
use crate::expr::{ExprError, Scope};
use crate::proposal::{Subject, proposed};

/// Entered later than this after it happened, it counts as registered afterwards (补录).
const BACKDATED_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What was settled about an action, before it becomes a [`Decision`].
pub(super) struct Draft<'a> {
    pub action: &'a str,
    pub name: &'a Text,
    pub to_state: String,
    pub fields: Fields,
    pub events: Vec<Event>,
    pub effects: Vec<Outcome>,
    pub note: Option<String>,
    pub happened_at: Timestamp,
}

/// What both ways through the door share.
pub(super) struct Door<'a> {
    definition: &'a Definition,
    ticket: Option<Ticket<'a>>,
    actor: Actor<'a>,
    facts: Facts<'a>,
    /// Whether the agreement proposes the level, since nobody chooses it now.
    pub(super) proposes: Proposes,
    pub(super) waived: Vec<String>,
}

/// When the agreement proposes the level of a ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proposes {
    /// The form asks for it and it was left as it is.
    Asked,
    /// Only if the type becomes another: then it may be another agreement's to say.
    ForAnotherType,
    /// Not at all: it was entered.
    Never,
}

impl<'a> Door<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        ticket: Option<Ticket<'a>>,
        actor: Actor<'a>,
        facts: Facts<'a>,
    ) -> Self {
        Self {
            definition,
            ticket,
            actor,
            facts,
            proposes: Proposes::Asked,
            waived: Vec::new(),
        }
    }

    /// The moment its conditions are computed at.
    pub(super) fn moment<'m>(&self, note: Option<&'m str>, happened_at: Timestamp) -> Moment<'m>
    where
        'a: 'm,
    {
        Moment {
            ticket: self.ticket,
            actor: self.actor,
            facts: self.facts,
            note: note.unwrap_or(""),
            happened_at,
        }
    }

    pub(super) fn scope(&self, fields: &Fields, moment: Moment) -> Scope {
        scope::build(&self.definition.names, &moment, fields)
    }

    pub(super) fn holds(&self, condition: Option<&Source>, scope: &Scope) -> Result<bool, Refusal> {
        holds(self.definition, condition, scope)
    }

    /// An action whose condition does not hold is not there; history is not asked.
    pub(super) fn offered(&self, action: &Action, ticket: Ticket) -> Result<(), Refusal> {
        if action.when.is_none() || self.actor.kind == ActorKind::Import {
            return Ok(());
        }
        let moment = Moment {
            ticket: Some(ticket),
            actor: self.actor,
            facts: self.facts,
            note: "",
            happened_at: self.facts.now,
        };
        if self.holds(action.when.as_ref(), &self.scope(ticket.fields, moment))? {
            return Ok(());
        }
        let zh = format!("此单目前不需要“{}”", action.name.zh);
        Err(refuse(
            RefusalCode::WrongState,
            zh,
            format!("there is nothing to {} now", action.name.en),
        ))
    }

    /// Where nobody chooses a fault level, the agreement proposes the one for type, category and
    /// priority. A level somebody has chosen stays; one that was itself only proposed follows.
    fn propose_level(&self, fields: &mut Fields) {
        if self.definition.field("level").is_none() || self.proposes == Proposes::Never {
            return;
        }
        let propose = |fields: &Fields| {
            let level = proposed(self.facts.levels, |level| &level.proposal, subject(fields));
            level.map(|level| Value::from(level.key.clone()))
        };
        if let Some(ticket) = self.ticket {
            let retyped = ticket.fields.get("type") != fields.get("type");
            if self.proposes == Proposes::ForAnotherType && !retyped {
                return;
            }
            let has = fields.get("level");
            if has.is_some() && has != propose(ticket.fields).as_ref() {
                return;
            }
        } else if fields.contains_key("level") {
            return;
        }
        if let Some(level) = propose(fields) {
            put(fields, "level", level);
        }
    }

    /// Brings the computed fields up to date.
    pub(super) fn compute(&self, fields: &mut Fields, moment: Moment) -> Result<(), Refusal> {
        let file = self.definition.file();
        if let Some(matrix) = &file.matrix {
            let place = |key: &str| {
                let value = fields.get(key)?.as_i64()?.to_string();
                file.fields
                    .get(key)?
                    .options
                    .keys()
                    .position(|k| k == value)
            };
            let result = place(&matrix.rows)
                .zip(place(&matrix.columns))
                .and_then(|(r, c)| matrix.values.get(r)?.get(c).copied());
            put(
                fields,
                &matrix.result,
                result.map_or(Value::Null, Value::from),
            );
        }
        self.propose_level(fields);
        for field in &file.fields {
            let Some(source) = &field.value.computed else {
                continue;
            };
            let Some(expr) = self.definition.expr(source) else {
                continue;
            };
            let computed = expr
                .value(&self.scope(fields, moment))
                .map_err(|e| broken(source, &e))?;
            let on = value::Circumstances {
                now: self.facts.now,
                levels: self.facts.levels,
            };
            let fits = value::check(&field.key, &field.value, &computed, on)
                .map_err(|e| broken(source, &ExprError::Compute(e.message.en)))?;
            put(fields, &field.key, fits);
        }
        Ok(())
    }

    pub(super) fn happened_at(&self, input: &Input, entering: &mut Entering) -> Timestamp {
        let now = self.facts.now;
        let Some(at) = input.happened_at else {
            return now;
        };
        let error = |code, zh: &str, en: &str| FieldError::new("happened_at", code, zh, en);
        let days = i64::from(self.definition.file().backdate_days);
        if at > now.saturating_add(CLOCK_TOLERANCE).unwrap_or(now) {
            entering.errors.push(error(
                "future",
                "发生时间不能晚于现在",
                "it cannot have happened later than now",
            ));
        } else if self.actor.kind == ActorKind::Import {
            return at;
        } else if now.duration_since(at) > SignedDuration::from_hours(24 * days) {
            entering.errors.push(error(
                "past",
                &format!("最多补录 {days} 天以前发生的事"),
                &format!("it may have happened at most {days} days ago"),
            ));
        } else if self.ticket.is_some_and(|t| at < t.reported_at) {
            entering.errors.push(error(
                "past",
                "发生时间不能早于受理时间",
                "it cannot have happened before the ticket was reported",
            ));
        }
        at.min(now)
    }

    pub(super) fn note(
        &mut self,
        wanted: Note,
        input: &Input,
        entering: &mut Entering,
    ) -> Option<String> {
        let label = Text::new("备注", "Note");
        let note = input.note.as_deref().filter(|n| !n.trim().is_empty());
        let checked = note
            .map(|n| value::long_text("note", &label, n, LONG_TEXT_MAX))
            .transpose();
        match (checked, wanted) {
            (Err(error), _) => entering.errors.push(error),
            (Ok(None), Note::Required) if self.actor.kind == ActorKind::Import => {
                self.waived.push("note".into());
            }
            (Ok(None), Note::Required) => entering.errors.push(FieldError::new(
                "note",
                "required",
                "请填写备注",
                "a note is required",
            )),
            (Ok(Some(_)), Note::None) => entering.errors.push(FieldError::new(
                "note",
                "not_asked",
                "此动作不带备注",
                "this action takes no note",
            )),
            (Ok(note), _) => return note,
        }
        None
    }

    pub(super) fn approved(&mut self, approval: Option<&str>) -> Result<(), Refusal> {
        let Some((key, approval)) =
            approval.and_then(|key| Some((key, self.definition.file().approvals.get(key)?)))
        else {
            return Ok(());
        };
        let now = standing(key, approval, self.ticket.map_or(&[], |t| t.votes));
        if now == Standing::Granted {
            return Ok(());
        }
        if self.actor.kind == ActorKind::Import {
            self.waived.push(key.to_owned());
            return Ok(());
        }
        let step = match &now {
            Standing::Pending { step, .. } | Standing::Refused { step } => approval.steps.get(step),
            Standing::Granted => None,
        };
        let step = step.map_or_else(Text::default, |s| s.name.clone());
        let refused = matches!(now, Standing::Refused { .. });
        let (zh, en) = if refused {
            ("未获批准", "was refused")
        } else {
            ("尚待批准", "is still waited for")
        };
        let mut refusal = refuse(
            RefusalCode::NotApproved,
            format!("“{}”{zh}：{}", approval.name.zh, step.zh),
            format!("{} {en}: {}", approval.name.en, step.en),
        );
        refusal.rule = Some(key.to_owned());
        Err(refusal)
    }

    /// Carries out `set` and `clear`; says whether anything changed.
    pub(super) fn set(
        &self,
        effects: &[Effect],
        fields: &mut Fields,
        scope: &Scope,
        happened_at: Timestamp,
    ) -> Result<bool, Refusal> {
        let mut changed = false;
        for effect in effects {
            if (effect.set.is_none() && effect.clear.is_none())
                || !self.holds(effect.when.as_ref(), scope)?
            {
                continue;
            }
            if let Some(set) = &effect.set {
                let value = match (&set.to, set.from) {
                    (Some(constant), _) => constant.clone(),
                    (None, Some(Suggest::Now)) => happened_at.to_string().into(),
                    (None, Some(Suggest::Actor)) => self
                        .actor
                        .user
                        .map_or(Value::Null, |u| u.to_string().into()),
                    (None, None) => Value::Null,
                };
                changed |= put(fields, &set.field, value);
            }
            for key in effect.clear.iter().flatten() {
                changed |= fields.remove(key).is_some();
            }
        }
        Ok(changed)
    }

    pub(super) fn events(
        &self,
        events: &[EventWhen],
        scope: &Scope,
    ) -> Result<Vec<Event>, Refusal> {
        let mut reached = Vec::new();
        for event in events {
            if self.holds(event.when.as_ref(), scope)? {
                reached.push(event.event);
            }
        }
        Ok(reached)
    }

    pub(super) fn outcomes(
        &self,
        effects: &[Effect],
        fields: &Fields,
        scope: &Scope,
    ) -> Result<Vec<Outcome>, Refusal> {
        let mut outcomes = Vec::new();
        for effect in effects {
            if self.holds(effect.when.as_ref(), scope)? {
                outcomes.extend(outcome(self.definition, effect, fields));
            }
        }
        Ok(outcomes)
    }

    /// Puts the decision together.
    pub(super) fn decision(self, draft: Draft) -> Result<Decision, Refusal> {
        let Draft {
            action,
            name,
            to_state,
            fields,
            events,
            effects,
            note,
            happened_at,
        } = draft;
        let Some(state) = self.definition.state(&to_state) else {
            return Err(refuse(
                RefusalCode::BrokenRule,
                format!("流程没有状态“{to_state}”"),
                format!("the process has no state `{to_state}`"),
            ));
        };
        let empty = Fields::new();
        let before = self.ticket.map_or(&empty, |t| t.fields);
        let changes = changes(self.definition, before, &fields);
        let warnings = warnings(&changes, note.as_deref());
        let mut fields = fields;
        for of_step in self
            .definition
            .file()
            .fields
            .iter()
            .filter(|f| f.value.step)
        {
            fields.remove(&of_step.key);
        }
        let late = self.facts.now.duration_since(happened_at) > BACKDATED_AFTER;
        Ok(Decision {
            action: action.to_owned(),
            action_name: name.clone(),
            from_state: self.ticket.map(|t| t.state.to_owned()),
            state_kind: state.kind,
            clock: state.clock,
            to_state,
            changes,
            fields,
            events,
            effects,
            note,
            happened_at,
            backdated: late && self.actor.kind != ActorKind::Import,
            warnings,
            waived: self.waived,
        })
    }
}

/// What of a record decides about its level.
fn subject(fields: &Fields) -> Subject<'_> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let priority = fields.get("priority").and_then(Value::as_u64);
    Subject {
        kind: text("type"),
        category: text("category"),
        priority: priority.and_then(|priority| u8::try_from(priority).ok()),
    }
}

/// Writes a value, `Null` meaning empty; says whether it changed anything.
pub(super) fn put(fields: &mut Fields, key: &str, value: Value) -> bool {
    if value.is_null() {
        return fields.remove(key).is_some();
    }
    if fields.get(key) == Some(&value) {
        return false;
    }
    fields.insert(key.to_owned(), value);
    true
}

fn outcome(definition: &Definition, effect: &Effect, fields: &Fields) -> Option<Outcome> {
    let people = |to: &[String]| {
        to.iter()
            .flat_map(|word| spelt_out(definition, word))
            .cloned()
            .collect()
    };
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let time = |key: &str| text(key)?.parse::<Timestamp>().ok();
    if let Some(notify) = &effect.notify {
        return Some(Outcome::Notify(Notify {
            to: people(&notify.to),
            ..notify.clone()
        }));
    }
    if let Some(r) = &effect.remind {
        return Some(Outcome::Remind {
            at: time(&r.at)?,
            to: people(&r.to),
            text: r.text.clone(),
        });
    }
    if let Some(n) = &effect.negotiate {
        return Some(Outcome::Negotiate {
            target: n.target.clone(),
            at: time(&n.at)?,
            reason: text(&n.reason).unwrap_or_default().to_owned(),
        });
    }
    if let Some(l) = &effect.link {
        return Some(Outcome::Link {
            link: l.link.clone(),
            ticket: text(&l.field)?.parse().ok()?,
        });
    }
    if let Some(finish) = &effect.finish {
        return Some(Outcome::Finish(finish.clone()));
    }
    let task = effect.task.as_ref()?;
    Some(Outcome::Task(Task {
        to: people(&task.to),
        ..task.clone()
    }))
}

fn changes(definition: &Definition, before: &Fields, after: &Fields) -> Vec<Change> {
    let of = |fields: &Fields, key: &str| fields.get(key).cloned().unwrap_or(Value::Null);
    let changed = definition
        .file()
        .fields
        .iter()
        .filter(|f| before.get(&f.key) != after.get(&f.key));
    changed
        .map(|f| Change {
            field: f.key.clone(),
            label: f.value.name.clone(),
            from: of(before, &f.key),
            to: of(after, &f.key),
        })
        .collect()
}

fn warnings(changes: &[Change], note: Option<&str>) -> Vec<FieldError> {
    let texts = changes
        .iter()
        .filter_map(|c| Some((c.field.as_str(), c.label.clone(), c.to.as_str()?)));
    let note = note.map(|n| ("note", Text::new("备注", "Note"), n));
    let secret = texts.chain(note).filter(|(_, _, text)| looks_secret(text));
    secret
        .map(|(key, label, _)| {
            let zh = format!(
                "“{}”里好像写了密码。工单会被多人查看，请改用安全方式告知并尽快更换密码",
                label.zh
            );
            FieldError::new(
                key,
                "secret",
                zh,
                format!(
                    "{} seems to contain a password; tell it another way and change it",
                    label.en
                ),
            )
        })
        .collect()
}

pub(super) fn refuse(code: RefusalCode, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal {
        code,
        rule: None,
        errors: Vec::new(),
        message: Text::new(zh, en),
    }
}

/// A condition of the definition that cannot be computed stops the action: better no step than a wrong one.
pub(super) fn broken(source: &Source, error: &ExprError) -> Refusal {
    let zh = format!(
        "流程定义第 {} 行的条件无法计算，请联系管理员：{error}",
        source.line
    );
    refuse(
        RefusalCode::BrokenRule,
        zh,
        format!(
            "the condition on line {} of the definition cannot be computed: {error}",
            source.line
        ),
    )
}

/// Whether a condition holds; none always does.
pub(super) fn holds(
    definition: &Definition,
    condition: Option<&Source>,
    scope: &Scope,
) -> Result<bool, Refusal> {
    match condition.and_then(|s| Some((s, definition.expr(s)?))) {
        None => Ok(condition.is_none()),
        Some((source, expr)) => expr.check(scope).map_err(|e| broken(source, &e)),
    }
}
