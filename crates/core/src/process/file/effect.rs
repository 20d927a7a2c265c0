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
    /// As in [`Notify`].
    pub to: Vec<String>,
    /// Hours until it is due.
    pub due_hours: u32,
    /// Percent of the tickets that it is given for, drawn at random; all unless written.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub percent: u8,
}

impl Task {
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
