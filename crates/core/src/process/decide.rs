//! The one door: from a record, an actor, an action and what was entered to a decision, or to a refusal that says what is missing.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::approval::{Standing, standing};
use super::definition::Definition;
use super::entering::Entering;
use super::file::{Action, Effect, Note, Notify, Source, Suggest, Task, Who};
use super::model::{
    Actor, ActorKind, Change, Decision, Facts, Fields, Input, Outcome, Refusal, RefusalCode, Ticket,
};
use super::scope::{self, Moment};
use super::secret::looks_secret;
use super::value::{self, CLOCK_TOLERANCE, FieldError, LONG_TEXT_MAX};
use crate::definition::Text;
use crate::expr::{ExprError, Scope};

/// Entered later than this after it happened, it counts as registered afterwards (补录).
const BACKDATED_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Decides about `action` on `ticket`.
///
/// # Errors
/// The [`Refusal`] names the rule that is not kept and everything that is missing.
pub fn decide(
    definition: &Definition,
    ticket: Ticket,
    actor: Actor,
    action: &str,
    input: &Input,
    facts: Facts,
) -> Result<Decision, Refusal> {
    let Some(found) = definition.action(action) else {
        let zh = format!("流程“{}”没有动作“{action}”", definition.name().zh);
        return Err(refuse(
            RefusalCode::UnknownAction,
            zh,
            format!("process {} has no action `{action}`", definition.key()),
        ));
    };
    if !definition.starts_in(found, ticket.state) {
        let state = definition
            .state(ticket.state)
            .map_or_else(|| Text::new(ticket.state, ticket.state), |s| s.name.clone());
        let zh = format!("当前状态为“{}”，不能“{}”", state.zh, found.name.zh);
        return Err(refuse(
            RefusalCode::WrongState,
            zh,
            format!("in state {} one cannot {}", state.en, found.name.en),
        ));
    }
    if !may(definition, &found.who, actor, ticket.fields) {
        let zh = format!("您没有权限“{}”此单", found.name.zh);
        return Err(refuse(
            RefusalCode::NotAllowed,
            zh,
            format!("you may not {} this ticket", found.name.en),
        ));
    }
    let mut door = Door {
        definition,
        ticket: Some(ticket),
        actor,
        facts,
        waived: Vec::new(),
    };
    door.offered(found, ticket)?;
    let mut entering = Entering::new(definition, actor.kind, facts);
    entering.asks(&found.ask);
    let rules: Vec<_> = definition.rules_of(action, found, actor.kind).collect();
    entering.rule_asks(&rules);
    let mut fields = entering.fields(ticket.fields, input);
    let happened_at = door.happened_at(input, &mut entering);
    let note = door.note(found.note, input, &mut entering);
    entering.stop_on_errors()?;
    let moment = Moment {
        ticket: Some(ticket),
        actor,
        facts,
        note: note.as_deref().unwrap_or(""),
        happened_at,
    };
    door.compute(&mut fields, moment)?;
    let mut scope = door.scope(&fields, moment);
    entering.demand(&scope, &fields, &rules, &mut door.waived)?;
    door.approved(found.approval.as_deref())?;
    if door.set(&found.effects, &mut fields, &scope, happened_at)? {
        door.compute(&mut fields, moment)?;
        scope = door.scope(&fields, moment);
    }
    let mut to_state = ticket.state.to_owned();
    for branch in found.to.iter().flat_map(|t| &t.0) {
        if door.holds(branch.when.as_ref(), &scope)? {
            to_state.clone_from(&branch.state);
            break;
        }
    }
    let events = door.events(&found.events, &scope)?;
    let effects = door.outcomes(&found.effects, &fields, &scope)?;
    door.decision(
        action,
        found.name.clone(),
        to_state,
        fields,
        events,
        effects,
        note,
        happened_at,
    )
}

/// Decides about a new record: the same door, only that there is nothing before it.
///
/// # Errors
/// As [`decide`].
pub fn intake(
    definition: &Definition,
    actor: Actor,
    input: &Input,
    facts: Facts,
) -> Result<Decision, Refusal> {
    let create = &definition.file().create;
    let empty = Fields::new();
    if !may(definition, &create.who, actor, &empty) {
        let zh = format!("您没有权限登记{}", definition.name().zh);
        return Err(refuse(
            RefusalCode::NotAllowed,
            zh,
            format!("you may not register a {}", definition.name().en),
        ));
    }
    let mut door = Door {
        definition,
        ticket: None,
        actor,
        facts,
        waived: Vec::new(),
    };
    let mut entering = Entering::new(definition, actor.kind, facts);
    entering.intake_asks();
    let mut fields = entering.fields(&empty, input);
    let happened_at = door.happened_at(input, &mut entering);
    let note = door.note(Note::Optional, input, &mut entering);
    entering.stop_on_errors()?;
    let moment = Moment {
        ticket: None,
        actor,
        facts,
        note: note.as_deref().unwrap_or(""),
        happened_at,
    };
    door.compute(&mut fields, moment)?;
    let mut scope = door.scope(&fields, moment);
    entering.demand_at_intake(&scope, &fields, &mut door.waived)?;
    if door.set(&create.effects, &mut fields, &scope, happened_at)? {
        door.compute(&mut fields, moment)?;
        scope = door.scope(&fields, moment);
    }
    let events = door.events(&create.events, &scope)?;
    let effects = door.outcomes(&create.effects, &fields, &scope)?;
    door.decision(
        "create",
        create.name.clone(),
        create.to.clone(),
        fields,
        events,
        effects,
        note,
        happened_at,
    )
}

/// Whether the actor is one of those named.
pub(super) fn may(definition: &Definition, who: &Who, actor: Actor, fields: &Fields) -> bool {
    match actor.kind {
        ActorKind::Import => true,
        ActorKind::System => who.system,
        ActorKind::User | ActorKind::Token => {
            who.permission
                .is_some_and(|p| actor.permissions.contains(&p))
                && (who.any.is_empty()
                    || who.any.iter().any(|word| {
                        spelt_out(definition, word)
                            .iter()
                            .any(|w| is(w, actor, fields))
                    }))
        }
    }
}

/// The people a word stands for.
fn spelt_out<'a>(definition: &'a Definition, word: &'a String) -> &'a [String] {
    definition
        .file()
        .people
        .get(word)
        .map_or(std::slice::from_ref(word), |p| &p.any)
}

fn is(word: &str, actor: Actor, fields: &Fields) -> bool {
    match word {
        "assignee" => actor.user.is_some_and(|u| {
            fields.get("assignee").and_then(Value::as_str) == Some(u.to_string().as_str())
        }),
        "group_member" => actor.group_member || actor.group_leader,
        "group_leader" => actor.group_leader,
        "reporter" => actor.reporter,
        _ => word
            .strip_prefix("role:")
            .is_some_and(|role| actor.roles.contains(role)),
    }
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

/// What both ways through the door share.
struct Door<'a> {
    definition: &'a Definition,
    ticket: Option<Ticket<'a>>,
    actor: Actor<'a>,
    facts: Facts<'a>,
    waived: Vec<String>,
}

impl Door<'_> {
    fn scope(&self, fields: &Fields, moment: Moment) -> Scope {
        scope::build(
            self.definition.file(),
            &self.definition.used,
            &moment,
            fields,
        )
    }

    fn holds(&self, condition: Option<&Source>, scope: &Scope) -> Result<bool, Refusal> {
        holds(self.definition, condition, scope)
    }

    /// An action whose condition does not hold is not there; history is not asked.
    fn offered(&self, action: &Action, ticket: Ticket) -> Result<(), Refusal> {
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

    /// Brings the computed fields up to date.
    fn compute(&self, fields: &mut Fields, moment: Moment) -> Result<(), Refusal> {
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

    fn happened_at(&self, input: &Input, entering: &mut Entering) -> Timestamp {
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

    fn note(&mut self, wanted: Note, input: &Input, entering: &mut Entering) -> Option<String> {
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

    fn approved(&mut self, approval: Option<&str>) -> Result<(), Refusal> {
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
    fn set(
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

    fn events(
        &self,
        events: &[super::file::EventWhen],
        scope: &Scope,
    ) -> Result<Vec<super::event::Event>, Refusal> {
        let mut reached = Vec::new();
        for event in events {
            if self.holds(event.when.as_ref(), scope)? {
                reached.push(event.event);
            }
        }
        Ok(reached)
    }

    fn outcomes(
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

    #[expect(
        clippy::too_many_arguments,
        reason = "these are the parts of a decision, put together in one place"
    )]
    fn decision(
        self,
        action: &str,
        action_name: Text,
        to_state: String,
        fields: Fields,
        events: Vec<super::event::Event>,
        effects: Vec<Outcome>,
        note: Option<String>,
        happened_at: Timestamp,
    ) -> Result<Decision, Refusal> {
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
        let late = self.facts.now.duration_since(happened_at) > BACKDATED_AFTER;
        Ok(Decision {
            action: action.to_owned(),
            action_name,
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
    if let Some(c) = &effect.create_linked {
        return Some(Outcome::CreateLinked(c.clone()));
    }
    if let Some(s) = &effect.survey {
        return Some(Outcome::Survey { percent: s.percent });
    }
    if let Some(t) = &effect.task {
        return Some(Outcome::Task(Task {
            to: people(&t.to),
            ..t.clone()
        }));
    }
    let start = effect
        .start_tracking
        .as_ref()
        .map(|k| Outcome::StartTracking(k.clone()));
    start.or_else(|| {
        effect
            .stop_tracking
            .as_ref()
            .map(|k| Outcome::StopTracking(k.clone()))
    })
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
