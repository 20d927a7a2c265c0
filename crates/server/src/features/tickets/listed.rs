//! What a list shows of a ticket. A page of two hundred leaves most of what it does not show
//! (every field, the text that is searched) in the database.

use sea_orm::DerivePartialModel;
use uuid::Uuid;

use super::rows::tickets::{Entity, Model};
use crate::platform::at::At;

/// A ticket as lists read it.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
#[expect(missing_docs, reason = "columns of a ticket")]
pub struct Listed {
    pub id: Uuid,
    pub number: String,
    pub project_id: Uuid,
    pub process: String,
    pub definition_version: i32,
    pub state: String,
    pub state_kind: String,
    pub title: String,
    pub r#type: Option<String>,
    pub category: Option<String>,
    pub channel: Option<String>,
    pub unit_id: Option<Uuid>,
    pub caller_name: String,
    pub caller_phone: String,
    pub priority: Option<i32>,
    pub level: Option<String>,
    pub line: Option<i32>,
    pub major: bool,
    pub assignee_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub reported_at: At,
    pub created_at: At,
    pub updated_at: At,
    pub resolved_at: Option<At>,
    pub closed_at: Option<At>,
    pub agreement: Option<String>,
    pub agreement_version: Option<i32>,
    pub next_target: Option<String>,
    pub next_due_at: Option<At>,
    pub breached: bool,
    pub history: String,
    pub version: i32,
}

impl From<Model> for Listed {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            number: row.number,
            project_id: row.project_id,
            process: row.process,
            definition_version: row.definition_version,
            state: row.state,
            state_kind: row.state_kind,
            title: row.title,
            r#type: row.r#type,
            category: row.category,
            channel: row.channel,
            unit_id: row.unit_id,
            caller_name: row.caller_name,
            caller_phone: row.caller_phone,
            priority: row.priority,
            level: row.level,
            line: row.line,
            major: row.major,
            assignee_id: row.assignee_id,
            group_id: row.group_id,
            reported_at: row.reported_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            resolved_at: row.resolved_at,
            closed_at: row.closed_at,
            agreement: row.agreement,
            agreement_version: row.agreement_version,
            next_target: row.next_target,
            next_due_at: row.next_due_at,
            breached: row.breached,
            history: row.history,
            version: row.version,
        }
    }
}
