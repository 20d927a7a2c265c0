//! What can happen besides when an action is done: a closed list.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Source, Suggest};
use crate::definition::Text;

/// Something that happens besides: exactly one of the members besides `when` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Source>,
    /// Sets a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
    /// Empties fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<Vec<String>>,
    /// Tells people at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
    /// Tells people at the time a field holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Remind>,
    /// Replaces the promised end of a target by an agreed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiate: Option<Negotiate>,
    /// Links to the ticket a field names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkTo>,
    /// Gives somebody a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Ends tasks that are still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
}

/// Sets `field` to a constant or to a value known at the moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The field.
    pub field: String,
    /// A constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// A value known at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Suggest>,
}

/// Whom to tell what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// `assignee`, `group_member`, `group_leader`, `reporter`, or `role:<key>`; in a decision groups of people are spelt out.
    pub to: Vec<String>,
    /// What it says in one line; the ticket's number and title are added.
    pub text: Text,
    /// Whether it may wake somebody up: sent on every channel, not only shown.
    #[serde(default)]
    pub urgent: bool,
}

/// Whom to remind when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remind {
    /// Field that holds the time.
    pub at: String,
    /// As in [`Notify`].
    pub to: Vec<String>,
    /// As in [`Notify`].
    pub text: Text,
}

/// Which target moves where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negotiate {
    /// Target of the agreement.
    pub target: String,
    /// Field with the agreed time.
    pub at: String,
    /// Field with the reason.
    pub reason: String,
}

/// Which ticket to link and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkTo {
    /// Key of the link.
    pub link: String,
    /// Field that names the other ticket.
    pub field: String,
}

/// A task for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Key.
    pub key: String,
    /// What to do.
    pub name: Text,
    /// As in [`Notify`]: all are told, and it is for the first whom the words find.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Whose own agreement says by when, instead of `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Hours until it is due; with `by`, where there is no such agreement. Without either there is no task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_hours: Option<u32>,
    /// Percent of the tickets that it is given for, drawn at random; all unless written.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub percent: u8,
}

/// Who does a task under an agreement of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The ticket's support group, by its OLA.
    Group,
    /// The supplier that the field `vendor_name` names, by its contract (UC).
    Supplier,
}

/// Ends the open tasks of a ticket that have these keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// Keys; `key.target` for the one promise of it (`second_line.respond`).
    pub tasks: Vec<String>,
    /// How they end.
    #[serde(rename = "as", default)]
    pub state: Finished,
}

/// How a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finished {
    /// It was done.
    #[default]
    Done,
    /// Nobody needs it any more.
    NotNeeded,
}

impl Finished {
    /// The word used in definitions, database and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotNeeded => "not_needed",
        }
    }
}

impl Task {
    /// The key of the tasks that people add by hand.
    pub const BY_HAND: &str = "by_hand";

    /// Whether a ticket is among those drawn. The same ticket is always answered the same, so that
    /// what is done twice, or looked at later, is drawn once.
    #[must_use]
    pub fn draws(&self, ticket: Uuid) -> bool {
        let digest = Sha256::new()
            .chain_update(ticket.as_bytes())
            .chain_update(&self.key)
            .finalize();
        let dice = digest
            .iter()
            .take(8)
            .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        dice % 100 < u64::from(self.percent)
    }
}

const fn all() -> u8 {
    100
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_all(percent: &u8) -> bool {
    *percent == 100
}
