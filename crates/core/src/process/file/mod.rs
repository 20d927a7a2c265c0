//! The shape of a process definition file, exactly as a person writes it; see `docs/DEFINITIONS.md`.
//!
//! Nothing here decides anything: [`super::Definition::parse`] checks a [`File`] and turns it into a [`super::Definition`].

mod effect;
mod short;

pub use effect::{By, Effect, Finish, Finished, LinkTo, Negotiate, Notify, Remind, Set, Task};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::event::Event;
use crate::access::Permission;
use crate::definition::{Entries, Text};

/// An expression as written, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text.
    pub text: String,
    /// Line in the file, from 1.
    pub line: u64,
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self {
            text: spanned.value,
            line: spanned.referenced.line(),
        })
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// A whole definition file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Key of the process, for example `incident`.
    pub key: String,
    /// Version, counted up with every change of content.
    pub version: u32,
    /// Name of the process.
    pub name: Text,
    /// What it is for, in a sentence or two.
    pub about: Text,
    /// Rule of the ticket number, for example `INC-{year}-{seq:6}`.
    pub number: String,
    /// How far back a person may date an event (补录), in days.
    pub backdate_days: u32,
    /// Groups of people that actions and notices name by one word.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub people: Entries<People>,
    /// Fields of the record.
    pub fields: Entries<Field>,
    /// Impact × urgency → priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// States.
    pub states: Entries<State>,
    /// How a record is created.
    pub create: Create,
    /// What can be done.
    pub actions: Entries<Action>,
    /// Rules that hold for all actions.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub rules: Entries<Rule>,
    /// Approvals that actions can wait for.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub approvals: Entries<Approval>,
    /// How records can be linked.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub links: Entries<Link>,
    /// Print forms.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub print: Entries<Print>,
}

/// People named by one word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Name.
    pub name: Text,
    /// `assignee`, `group_member`, `group_leader`, `reporter`, or `role:<key>`.
    pub any: Vec<String>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One line of text.
    Text,
    /// Text of several lines.
    LongText,
    /// One of the options, stored by its key.
    Choice,
    /// One of the options whose keys are whole numbers, stored as number.
    Scale,
    /// Yes or no.
    Bool,
    /// A whole number.
    Integer,
    /// A point in time, RFC 3339, stored in UTC.
    Instant,
    /// A calendar day, `2026-11-22`.
    Date,
    /// A telephone number.
    Phone,
    /// A mail address.
    Email,
    /// A user (id).
    User,
    /// A support group (id).
    Group,
    /// A customer unit (id).
    Unit,
    /// A contact of the customer (id).
    Contact,
    /// A configuration item: its id or name.
    Ci,
    /// Another ticket (id).
    Ticket,
}

/// Whether a field is asked when the record is created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intake {
    /// Not asked.
    #[default]
    No,
    /// May be given.
    Optional,
    /// Must be given.
    Required,
}

/// Where a point in time may lie, seen from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Not later than now.
    Past,
    /// Later than now.
    Future,
}

/// Options that are not in the file but come with the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionSource {
    /// The fault levels of the project's agreement, the most serious first.
    AgreementLevels,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Label.
    pub name: Text,
    /// What it holds.
    pub kind: Kind,
    /// Asked at creation?
    #[serde(default)]
    pub intake: Intake,
    /// Condition under which it must be given at creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<Source>,
    /// Condition under which it is shown; a hidden field is never required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Source>,
    /// Formula: the field is computed and cannot be entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<Source>,
    /// Value when none is given at creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Smallest and largest integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(i64, i64)>,
    /// Where an instant may lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Options of a choice or scale.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub options: Entries<Text>,
    /// Options that come with the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options_from: Option<OptionSource>,
    /// A sentence that helps to fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// It belongs to the step it is entered with: the timeline keeps it, the record does not, and the
    /// next step asks anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub step: bool,
}

/// A table over two scales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Scale of the rows.
    pub rows: String,
    /// Scale of the columns.
    pub columns: String,
    /// Scale that is computed.
    pub result: String,
    /// One line per option of `rows`, one value per option of `columns`.
    pub values: Vec<Vec<i64>>,
}

/// What sort of state it is; lists, counters and reports go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// We work on it.
    Open,
    /// We wait for somebody else.
    Waiting,
    /// Done, not yet closed.
    Resolved,
    /// Over.
    Closed,
}

/// What the clocks do while a record is in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// They run.
    Running,
    /// They stand still and the promise moves.
    Paused,
    /// They are over.
    Stopped,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Name.
    pub name: Text,
    /// Sort.
    pub kind: StateKind,
    /// What the clocks do.
    pub clock: Clock,
}

/// How a record comes into being.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Name of the timeline entry.
    pub name: Text,
    /// Who may.
    pub who: Who,
    /// First state.
    pub to: String,
    /// Named moments for the clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventWhen>,
    /// What happens besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// What happens next, shown beside the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

/// Who may do something. An import always may: the server grants it by `import.run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// Permission that a person or token must hold on the record; without it no person may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// At least one of these must hold for the person too; empty means everybody with the permission.
    /// `assignee`, `group_member`, `group_leader`, `reporter`, `role:<key>`, or a key of `people`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// Whether timers and monitors of the platform may do it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub system: bool,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// The usual next step.
    Primary,
    /// One of several possibilities.
    #[default]
    Normal,
    /// Ends or undoes something.
    Danger,
}

/// Whether an action takes a note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// No note.
    None,
    /// May be given.
    #[default]
    Optional,
    /// Must be given.
    Required,
}

/// Something that can be done to a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// A verb.
    pub name: Text,
    /// How the button looks.
    #[serde(default)]
    pub kind: ActionKind,
    /// States in which it can be done: keys, or `all_open`, `all_waiting`, `all_resolved`, `all_closed`.
    pub from: Vec<String>,
    /// Condition under which it is offered at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Source>,
    /// State it leads to; without it the state stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<To>,
    /// Who may.
    pub who: Who,
    /// Fields the form asks for.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub ask: Entries<Ask>,
    /// Note.
    #[serde(default)]
    pub note: Note,
    /// Rules that hold for this action.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub require: Entries<Rule>,
    /// Approval that must be granted first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// Named moments for the clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventWhen>,
    /// What happens besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// Whether an import of history walks to the next state by this action.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// What happens next, shown beside the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

/// Where an action leads: one state, or the first branch whose condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct To(pub Vec<Branch>);

/// One possible next state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The state.
    pub state: String,
    /// Condition; the last branch has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Source>,
}

/// How a field is asked in a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ask {
    /// Must the field be filled when the action is done?
    pub required: bool,
    /// Value offered, and taken when none is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Value offered that is known only when the form is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest: Option<Suggest>,
    /// Another field whose value is offered, and taken when none is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
}

/// A value known only when it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suggest {
    /// The moment of the action.
    Now,
    /// The user who acts.
    Actor,
}

/// A rule: when the condition holds, these fields must be filled and this must be true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Condition under which the rule applies; without it always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Source>,
    /// Fields that must be filled; the form asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<String>,
    /// What must be true after the action's fields are entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub that: Option<Source>,
    /// What is shown when the rule is not kept: which rule, what is missing.
    pub message: Text,
    /// For rules of the whole process: actions it does not hold for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// A moment, perhaps under a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventWhen {
    /// The moment.
    pub event: Event,
    /// Condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Source>,
}

/// An approval: nodes in the order they are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Name.
    pub name: Text,
    /// Steps; a step is asked when the one before it is granted.
    pub steps: Entries<ApprovalStep>,
}

/// One step of an approval; its roles are asked at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalStep {
    /// Name, printed above the signature.
    pub name: Text,
    /// Roles that are asked.
    pub roles: Vec<String>,
    /// How many roles must agree; without it all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<u8>,
}

/// A kind of link to another record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Seen from here.
    pub name: Text,
    /// Seen from the other side.
    pub reverse: Text,
    /// Key of the other process.
    pub process: String,
}

/// A print form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Print {
    /// Name.
    pub name: Text,
}
