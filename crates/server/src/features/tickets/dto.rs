//! Tickets as the API shows them.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use anlan_core::definition::Text;
use anlan_core::process::AvailableAction;
use anlan_core::sla::Target;

use super::listed::Listed;
use super::rows::{ticket_events, tickets};
use super::said::Said;
use super::tracking::Tracking;
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::platform::at::At;
use crate::platform::error::Result;
use crate::platform::files;
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Named, ProjectName, Table};

/// A ticket in a list.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the process definition labels the fields")]
pub struct TicketRow {
    pub id: Uuid,
    pub number: String,
    pub title: String,
    pub process: String,
    pub project: Option<ProjectName>,
    pub state: State,
    pub r#type: Option<String>,
    pub category: Option<String>,
    pub priority: Option<i32>,
    pub level: Option<String>,
    pub level_name: Option<String>,
    pub line: Option<i32>,
    pub channel: Option<String>,
    pub unit: Option<Named>,
    pub caller_name: String,
    pub caller_phone: String,
    pub assignee: Option<Named>,
    pub group: Option<Named>,
    pub major: bool,
    pub reported_at: At,
    pub created_at: At,
    pub updated_at: At,
    pub resolved_at: Option<At>,
    pub closed_at: Option<At>,
    /// The running promise that is due next.
    pub next_due: Option<NextDue>,
    /// A promise is or was broken.
    pub breached: bool,
    /// When it was responded to, diagnosed and escalated.
    pub tracking: Tracking,
    pub version: i32,
}

/// A state with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct State {
    /// Key.
    pub key: String,
    /// Name in the caller's language.
    pub name: String,
    /// `open`, `waiting`, `resolved` or `closed`.
    pub kind: String,
}

/// The running promise that is due next.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextDue {
    /// Key of the target.
    pub target: String,
    /// Name of the target.
    pub name: String,
    /// When it is due.
    pub due_at: At,
}

/// A ticket with everything its page shows except the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketDetail {
    /// The row of the list.
    #[serde(flatten)]
    pub row: TicketRow,
    /// All fields by key, as the process defines them.
    pub fields: BTreeMap<String, Value>,
    /// Its promises.
    pub clocks: Vec<Clock>,
    /// What the caller may do now.
    pub actions: Vec<Action>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// Linked tickets.
    pub links: Vec<Link>,
    /// Who registered it.
    pub created_by: Option<Named>,
    /// Registered later than it happened (补录).
    pub backdated: bool,
    /// The agreement whose promises run.
    pub agreement: Option<String>,
    /// Version of the process it began with.
    pub definition_version: i32,
    /// What the caller should know although the action was allowed (a password in the text…).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// One promise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Clock {
    /// Key of the target.
    pub target: String,
    /// Name of the target.
    pub name: String,
    /// Counts the clocks of one target from 1, where every dispatch has its own.
    pub cycle: u16,
    /// When it began.
    pub started_at: At,
    /// When it is due by the agreement.
    pub promised_due_at: At,
    /// When it is due as agreed since.
    pub due_at: At,
    /// When it was met or given up.
    pub stopped_at: Option<At>,
    /// `running`, `paused`, `met`, `breached` or `cancelled`.
    pub state: String,
    /// Counted seconds until due; negative when overdue. At the time of the answer.
    pub remaining_seconds: i64,
    /// Counted seconds used.
    pub elapsed_seconds: i64,
    /// Counted seconds allowed.
    pub duration_seconds: i64,
    /// Whether it counts in reports.
    pub counted: bool,
    /// Name of the calendar by which it is measured.
    pub calendar: String,
    /// Set when another time was agreed with the customer.
    pub negotiated: Option<Negotiated>,
}

/// Another time agreed with the customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Negotiated {
    /// Why.
    pub reason: String,
    /// Who agreed to it.
    pub by: String,
    /// When it was agreed.
    pub at: At,
}

/// Something the caller may do now, with its form.
#[derive(Debug, Serialize, ToSchema)]
pub struct Action {
    /// Key.
    pub key: String,
    /// What the button says.
    pub name: String,
    /// `primary`, `normal` or `danger`.
    pub kind: String,
    /// Where it leads, as far as known beforehand.
    pub to_state: Option<String>,
    /// What it asks.
    pub fields: Vec<FormField>,
    /// `none`, `optional` or `required`.
    pub note: String,
    /// What happens next.
    pub hint: Option<String>,
    /// Why it cannot be done yet although it is the caller's to do.
    pub blocked: Option<String>,
}

/// A field of a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormField {
    /// Key.
    pub key: String,
    /// Must it be filled in?
    pub required: bool,
    /// Value to start with.
    pub default: Option<Value>,
}

/// One attachment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    /// Id, for `/attachments/{id}`.
    pub id: Uuid,
    /// File name.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Media type.
    pub media_type: String,
    /// When it was attached.
    pub created_at: At,
}

/// A linked ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// Kind of link.
    pub kind: String,
    /// Whether this ticket is the one that points.
    pub outgoing: bool,
    /// The other one.
    pub ticket: Uuid,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
}

/// One entry of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// Id.
    pub id: Uuid,
    /// Place in the timeline.
    pub seq: i32,
    /// When it was written down.
    pub at: At,
    /// When it truly happened.
    pub happened_at: At,
    /// Who.
    pub actor: TimelineActor,
    /// Key of the action.
    pub action: String,
    /// Name of the action.
    pub action_name: String,
    /// State before.
    pub from_state: Option<String>,
    /// State after.
    pub to_state: String,
    /// Name of the state after.
    pub to_state_name: String,
    /// What was said.
    pub note: String,
    /// What was changed.
    pub changes: Vec<FieldChange>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineActor {
    /// `user`, `token`, `system`, `monitor`, `import` or `mail`.
    pub kind: String,
    /// The account.
    pub id: Option<Uuid>,
    /// Name as it was then.
    pub name: String,
}

/// One changed field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    /// Key.
    pub field: String,
    /// Label.
    pub label: String,
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
}

impl From<files::rows::Model> for Attachment {
    fn from(row: files::rows::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            size: row.size,
            media_type: row.media_type,
            created_at: row.created_at,
        }
    }
}

/// Rows of a list with all the names they show: four queries, however many rows.
///
/// # Errors
/// When the store fails.
pub async fn rows(app: &App, lang: Lang, rows: Vec<Listed>) -> Result<Vec<TicketRow>> {
    let projects = names::projects(app.db.read(), rows.iter().map(|row| row.project_id)).await?;
    let names = Names::read(app, &rows, projects).await?;
    Ok(rows
        .into_iter()
        .map(|row| names.row(app, lang, row))
        .collect())
}

/// The row of one ticket whose project is known.
///
/// # Errors
/// When the store fails.
pub async fn row(
    app: &App,
    lang: Lang,
    row: tickets::Model,
    project: &projects::Model,
) -> Result<TicketRow> {
    let name = ProjectName {
        id: project.id,
        code: project.code.clone(),
        name: project.name.clone(),
    };
    let projects = HashMap::from([(project.id, name)]);
    let row = Listed::from(row);
    let names = Names::read(app, std::slice::from_ref(&row), projects).await?;
    Ok(names.row(app, lang, row))
}

struct Names {
    users: HashMap<Uuid, Named>,
    units: HashMap<Uuid, Named>,
    groups: HashMap<Uuid, Named>,
    projects: HashMap<Uuid, ProjectName>,
}

impl Names {
    async fn read(
        app: &App,
        rows: &[Listed],
        projects: HashMap<Uuid, ProjectName>,
    ) -> Result<Self> {
        let db = app.db.read();
        let assignees = rows.iter().filter_map(|row| row.assignee_id);
        let units = rows.iter().filter_map(|row| row.unit_id);
        let groups = rows.iter().filter_map(|row| row.group_id);
        Ok(Self {
            users: names::of(db, Table::Users, assignees).await?,
            units: names::of(db, Table::Units, units).await?,
            groups: names::of(db, Table::Groups, groups).await?,
            projects,
        })
    }

    fn row(&self, app: &App, lang: Lang, row: Listed) -> TicketRow {
        let find = |names: &HashMap<Uuid, Named>, id: Option<Uuid>| {
            id.and_then(|id| names.get(&id).cloned())
        };
        let level_name = level_name(app, lang, &row);
        let next_due = row
            .next_target
            .zip(row.next_due_at)
            .map(|(target, due_at)| NextDue {
                name: target_name(lang, &target),
                target,
                due_at,
            });
        TicketRow {
            state: state(
                app,
                lang,
                &row.process,
                row.definition_version,
                &row.state,
                &row.state_kind,
            ),
            project: self.projects.get(&row.project_id).cloned(),
            unit: find(&self.units, row.unit_id),
            assignee: find(&self.users, row.assignee_id),
            group: find(&self.groups, row.group_id),
            next_due,
            level_name,
            id: row.id,
            number: row.number,
            title: row.title,
            process: row.process,
            r#type: row.r#type,
            category: row.category,
            priority: row.priority,
            level: row.level,
            line: row.line,
            channel: row.channel,
            caller_name: row.caller_name,
            caller_phone: row.caller_phone,
            major: row.major,
            reported_at: row.reported_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            resolved_at: row.resolved_at,
            closed_at: row.closed_at,
            breached: row.breached,
            tracking: Tracking::read(&row.history),
            version: row.version,
        }
    }
}

/// A state with its name, from the version of the process the ticket began with.
fn state(app: &App, lang: Lang, process: &str, version: i32, key: &str, kind: &str) -> State {
    let name = app
        .definitions
        .process(process, version)
        .and_then(|definition| {
            definition
                .state(key)
                .map(|state| lang.pick(&state.name.zh, &state.name.en).to_owned())
        });
    State {
        name: name.unwrap_or_else(|| key.to_owned()),
        key: key.to_owned(),
        kind: kind.to_owned(),
    }
}

/// The name of the fault level, from the version of the agreement whose promises run.
fn level_name(app: &App, lang: Lang, row: &Listed) -> Option<String> {
    let key = row.level.as_deref()?;
    let agreement = row
        .agreement
        .as_deref()
        .zip(row.agreement_version)
        .and_then(|(agreement, version)| app.definitions.agreement_version(agreement, version));
    let level = agreement
        .as_ref()
        .and_then(|agreement| agreement.level(key));
    Some(level.map_or_else(
        || key.to_owned(),
        |level| lang.pick(&level.name.zh, &level.name.en).to_owned(),
    ))
}

/// The name of a target.
pub fn target_name(lang: Lang, target: &str) -> String {
    target.parse::<Target>().map_or_else(
        |_| target.to_owned(),
        |target| lang.pick(target.zh(), target.en()).to_owned(),
    )
}

/// A timeline entry with the names of its action and states.
pub fn timeline_entry(
    app: &App,
    lang: Lang,
    ticket: &tickets::Model,
    row: ticket_events::Model,
) -> TimelineEntry {
    let definition = app
        .definitions
        .process(&ticket.process, ticket.definition_version);
    let name = definition
        .as_deref()
        .and_then(|definition| match row.action.as_str() {
            "create" => Some(&definition.file().create.name),
            key => definition.action(key).map(|action| &action.name),
        });
    // What the system does by itself (reminders, breaches) is named in the locale files.
    let action_name = name.map_or_else(
        || lang.text(&format!("action.{}", row.action), &[]),
        |name| lang.pick(&name.zh, &name.en).to_owned(),
    );
    let to_state_name = state(
        app,
        lang,
        &ticket.process,
        ticket.definition_version,
        &row.to_state,
        "",
    )
    .name;
    let changes: Vec<Value> = serde_json::from_str(&row.changes).unwrap_or_default();
    let change = |value: Value| {
        let text = |path: &str| {
            value
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        FieldChange {
            field: text("/field"),
            label: lang.pick(&text("/label/zh"), &text("/label/en")).to_owned(),
            from: value.get("from").cloned().unwrap_or_default(),
            to: value.get("to").cloned().unwrap_or_default(),
        }
    };
    let note = match row.action.split('.').next() {
        Some("sla") => Said::told(row.note, lang),
        Some("task") => inside(row.note, lang),
        _ => row.note,
    };
    TimelineEntry {
        id: row.id,
        seq: row.seq,
        at: row.at,
        happened_at: row.happened_at,
        actor: TimelineActor {
            kind: row.actor_kind,
            id: row.actor_id,
            name: row.actor_name,
        },
        action: row.action,
        action_name,
        from_state: row.from_state,
        to_state: row.to_state,
        to_state_name,
        note,
        changes: changes.into_iter().map(change).collect(),
    }
}

/// The note of an entry about something inside, which is kept in both languages.
fn inside(note: String, lang: Lang) -> String {
    match serde_json::from_str::<Text>(&note) {
        Ok(text) => lang.pick(&text.zh, &text.en).to_owned(),
        Err(_) => note,
    }
}

/// A clock of an assessment.
pub fn clock(app: &App, lang: Lang, clock: &anlan_core::sla::Clock) -> Clock {
    Clock {
        target: clock.target.as_str().to_owned(),
        name: lang.pick(clock.target.zh(), clock.target.en()).to_owned(),
        cycle: clock.cycle,
        started_at: clock.started_at.into(),
        promised_due_at: clock.promised_due.into(),
        due_at: clock.due.into(),
        stopped_at: clock.stopped_at.map(At::from),
        state: serde_json::to_value(clock.status)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default(),
        remaining_seconds: clock.remaining.as_secs(),
        elapsed_seconds: clock.elapsed.as_secs(),
        duration_seconds: clock.allowed.as_secs(),
        counted: clock.counted,
        calendar: app.definitions.calendar_name(lang, &clock.calendar),
        negotiated: clock.negotiated.as_ref().map(|agreed| Negotiated {
            reason: agreed.reason.clone(),
            by: agreed.by.clone(),
            at: agreed.at.into(),
        }),
    }
}

/// An action with its form.
pub fn action(lang: Lang, action: AvailableAction) -> Action {
    let word = |value: serde_json::Result<Value>| {
        value
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    let pick = |text: &Text| lang.pick(&text.zh, &text.en).to_owned();
    Action {
        name: pick(&action.name),
        kind: word(serde_json::to_value(action.kind)),
        note: word(serde_json::to_value(action.note)),
        hint: action.hint.as_ref().map(pick),
        blocked: action.blocked.as_ref().map(pick),
        to_state: action.to_state,
        fields: action
            .fields
            .into_iter()
            .map(|field| FormField {
                key: field.key,
                required: field.required,
                default: field.default,
            })
            .collect(),
        key: action.key,
    }
}
