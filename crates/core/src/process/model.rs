//! What goes into a decision and what comes out of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::approval::Vote;
use super::event::Event;
use super::file::{ActionKind, Clock, Finish, Note, Notify, StateKind, Task};
use super::value::FieldError;
use crate::access::Permission;
use crate::definition::Text;
use crate::proposal::Proposal;

/// Values of a record by field key, normalised by [`super::value::check`]; an empty field is absent.
pub type Fields = BTreeMap<String, Value>;

/// A record as it stands before the action.
#[derive(Debug, Clone, Copy)]
pub struct Ticket<'a> {
    /// Key of its state.
    pub state: &'a str,
    /// All its fields, assignee, group and line included.
    pub fields: &'a Fields,
    /// When it was reported to us (the true time, R-061).
    pub reported_at: Timestamp,
    /// Votes of its approvals so far.
    pub votes: &'a [Vote],
    /// How many files are attached.
    pub attachments: u32,
    /// How often it was reopened.
    pub reopened: u32,
}

/// What sort of actor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    User,
    /// A program with an API token: has the rights of the token, and the same duties as a person.
    Token,
    /// Timers, monitors and rules of the platform itself.
    System,
    /// An import of history: what a person would have been asked for cannot be asked any more.
    Import,
}

impl ActorKind {
    /// The word used in database and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "token",
            Self::System => "system",
            Self::Import => "import",
        }
    }
}

/// Who acts, as seen from this record.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// What sort.
    pub kind: ActorKind,
    /// The user, if it is one; for a token its owner.
    pub user: Option<Uuid>,
    /// What they may do on this record.
    pub permissions: &'a BTreeSet<Permission>,
    /// Keys of the roles they have on this record's project.
    pub roles: &'a BTreeSet<String>,
    /// Member of the support group the record is with?
    pub group_member: bool,
    /// Leader of that group?
    pub group_leader: bool,
    /// The one who reported it, or for whom it was reported?
    pub reporter: bool,
}

/// What is sent with an action.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// Fields as sent; `null` empties a field.
    pub fields: Fields,
    /// Note.
    pub note: Option<String>,
    /// When it truly happened, if not now.
    pub happened_at: Option<Timestamp>,
}

/// A fault level of the project's agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Key, as stored in the field `level`.
    pub key: String,
    /// Name.
    pub name: Text,
    /// Whether it counts as high or medium (等级高或中, R-085); when not said, the upper half of the levels does.
    #[serde(default)]
    pub serious: Option<bool>,
    /// The tickets it is proposed for when nobody chooses a level.
    #[serde(default)]
    pub proposal: Proposal,
}

/// What the world looks like at the moment of the action.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Now.
    pub now: Timestamp,
    /// Fault levels of the project's agreement, the most serious first.
    pub levels: &'a [Level],
    /// Targets of the agreement that are overdue and not yet met.
    pub breached: &'a [String],
    /// Whether monitoring sees the thing well again.
    pub recovered: bool,
}

/// What is to be written when an action is done. Nothing of it may be left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Key of the action; `create` for the first.
    pub action: String,
    /// Its name.
    pub action_name: Text,
    /// State before; none at creation.
    pub from_state: Option<String>,
    /// State after.
    pub to_state: String,
    /// Sort of the state after.
    pub state_kind: StateKind,
    /// What the clocks do from here on.
    pub clock: Clock,
    /// All fields after the action.
    pub fields: Fields,
    /// What changed.
    pub changes: Vec<Change>,
    /// Moments that were reached, at `happened_at`.
    pub events: Vec<Event>,
    /// What happens besides.
    pub effects: Vec<Outcome>,
    /// Note, normalised.
    pub note: Option<String>,
    /// When it truly happened.
    pub happened_at: Timestamp,
    /// Whether it was entered noticeably later than it happened (补录).
    pub backdated: bool,
    /// What the person should be told although it is allowed.
    pub warnings: Vec<FieldError>,
    /// Keys of rules, fields and duties an import was excused from.
    pub waived: Vec<String>,
}

/// One changed field, with everything the timeline shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Key.
    pub field: String,
    /// Label.
    pub label: Text,
    /// Value before; `Null` if empty.
    pub from: Value,
    /// Value after.
    pub to: Value,
}

/// Something the server does in the same transaction.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Tell people.
    Notify(Notify),
    /// Remind people at a time.
    Remind {
        /// When.
        at: Timestamp,
        /// Whom: see [`Notify::to`].
        to: Vec<String>,
        /// What.
        text: Text,
    },
    /// Move a target to an agreed time.
    Negotiate {
        /// Target.
        target: String,
        /// Agreed time.
        at: Timestamp,
        /// Reason.
        reason: String,
    },
    /// Link to another ticket.
    Link {
        /// Key of the link.
        link: String,
        /// The other ticket.
        ticket: Uuid,
    },
    /// Give somebody a task.
    Task(Task),
    /// End open tasks.
    Finish(Finish),
}

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}", .message.en)]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// Key of the rule, if it was one.
    pub rule: Option<String>,
    /// What is wrong with single fields, missing ones included.
    pub errors: Vec<FieldError>,
    /// What happened and what to do.
    pub message: Text,
}

/// Sort of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The process has no such action.
    UnknownAction,
    /// Not in this state.
    WrongState,
    /// Not by this actor.
    NotAllowed,
    /// Fields, note or time are missing or wrong.
    InvalidFields,
    /// A rule of the process is not kept.
    RuleNotKept,
    /// An approval is still missing.
    NotApproved,
    /// A condition in the definition could not be computed; nothing is done then.
    BrokenRule,
}

impl RefusalCode {
    /// The word used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAction => "unknown_action",
            Self::WrongState => "wrong_state",
            Self::NotAllowed => "not_allowed",
            Self::InvalidFields => "invalid_fields",
            Self::RuleNotKept => "rule_not_kept",
            Self::NotApproved => "not_approved",
            Self::BrokenRule => "broken_rule",
        }
    }
}

/// Something the actor may do now, with its form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AvailableAction {
    /// Key.
    pub key: String,
    /// Name.
    pub name: Text,
    /// How the button looks.
    pub kind: ActionKind,
    /// State it leads to, as far as known before the form is filled in.
    pub to_state: Option<String>,
    /// Fields of the form.
    pub fields: Vec<FormField>,
    /// Whether a note is taken.
    pub note: Note,
    /// What happens next.
    pub hint: Option<Text>,
    /// Why it cannot be done yet although it is this actor's to do.
    pub blocked: Option<Text>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormField {
    /// Key.
    pub key: String,
    /// Must it be filled in?
    pub required: bool,
    /// Value to start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}
