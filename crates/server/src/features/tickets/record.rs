//! A ticket's row from its fields: the one place that knows which fields are also columns.

use anlan_core::process::Fields;
use sea_orm::Set;
use serde_json::Value;
use uuid::Uuid;

use super::rows::tickets::{ActiveModel, Model};
use crate::platform::at::At;

/// Writes all fields, and those that lists sort and filter by into their columns.
pub fn project(row: &mut ActiveModel, number: &str, fields: &Fields) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let plain = |key: &str| text(key).unwrap_or_default();
    let small = |key: &str| {
        fields
            .get(key)
            .and_then(Value::as_i64)
            .and_then(|n| i32::try_from(n).ok())
    };
    let scale = |key: &str| small(key).or_else(|| text(key).and_then(|text| text.parse().ok()));
    let yes = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    let id = |key: &str| text(key).and_then(|text| Uuid::parse_str(&text).ok());
    row.title = Set(plain("title"));
    row.r#type = Set(text("type"));
    row.category = Set(text("category"));
    row.cause_category = Set(text("cause_category"));
    row.channel = Set(text("channel"));
    row.unit_id = Set(id("unit_id"));
    row.contact_id = Set(id("contact_id"));
    row.caller_name = Set(plain("caller_name"));
    row.caller_phone = Set(plain("caller_phone"));
    row.system = Set(plain("system"));
    row.ci = Set(plain("ci"));
    row.impact = Set(scale("impact"));
    row.urgency = Set(scale("urgency"));
    row.priority = Set(scale("priority"));
    row.level = Set(text("level"));
    row.line = Set(scale("line"));
    row.major = Set(yes("major"));
    row.interrupted = Set(yes("interrupted"));
    row.outage_started_at = Set(instant(fields, "outage_started_at"));
    row.outage_ended_at = Set(instant(fields, "outage_ended_at"));
    row.assignee_id = Set(id("assignee"));
    row.group_id = Set(id("group"));
    row.resolved_line = Set(scale("resolved_line"));
    row.search = Set(format!(
        "{number}\n{}\n{}\n{}",
        plain("title"),
        plain("caller_name"),
        plain("description")
    )
    .to_lowercase());
    row.fields = Set(Value::from_iter(fields.clone()).to_string());
}

/// A field that holds an instant.
pub fn instant(fields: &Fields, key: &str) -> Option<At> {
    let text = fields.get(key)?.as_str()?;
    text.parse::<jiff::Timestamp>().ok().map(At::from)
}

/// The fields of a stored ticket.
pub fn fields(row: &Model) -> Fields {
    serde_json::from_str(&row.fields).unwrap_or_default()
}
