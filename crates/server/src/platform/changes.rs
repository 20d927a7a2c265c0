//! What an update changes: for the audit log (before → after), and for whoever comes too late.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::audit::{Entry, rows};
use super::db::Tx;
use super::error::{Error, Result};
use super::http::IfMatch;

/// The fields that differ, each with its value before and after.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// Compares two states of one record, field by field.
    #[must_use]
    pub fn between<T: Serialize>(before: &T, after: &T) -> Self {
        let fields = |state: &T| match serde_json::to_value(state) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let before = fields(before);
        let differing = fields(after)
            .into_iter()
            .filter_map(|(field, after)| {
                let before = before.get(&field).cloned().unwrap_or_default();
                (before != after).then(|| (field, json!([before, after])))
            })
            .collect();
        Self(differing)
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names of the fields.
    #[must_use]
    pub fn fields(&self) -> String {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.join(", ")
    }

    /// The entry with these changes, which lead to `version`.
    #[must_use]
    pub fn on(&self, entry: Entry, version: i32) -> Entry {
        entry.detail(json!({ "version": version, "changes": self }))
    }
}

/// Entries looked through for what has changed since.
const LOOK_BACK: u64 = 20;

/// Refuses an update of a record that has moved on since the caller read it, and says who changed what.
///
/// # Errors
/// [`Error::Stale`], or when the store fails.
pub async fn check_version(tx: &Tx, given: IfMatch, current: i32, id: Uuid) -> Result<()> {
    if given.0 == current {
        return Ok(());
    }
    let entries = rows::Entity::find()
        .filter(rows::Column::ObjectId.eq(id.to_string()))
        .filter(rows::Column::Ok.eq(true))
        .order_by_desc(rows::Column::At)
        .limit(LOOK_BACK)
        .all(&tx.db)
        .await?;
    let mut since: Vec<String> = entries
        .iter()
        .filter_map(|entry| {
            let detail: Value = serde_json::from_str(&entry.detail).ok()?;
            if detail["version"].as_i64()? <= i64::from(given.0) {
                return None;
            }
            let fields: Vec<&str> = detail["changes"]
                .as_object()?
                .keys()
                .map(String::as_str)
                .collect();
            Some(format!(
                "{} {}: {}",
                entry.at,
                entry.actor_name,
                fields.join(", ")
            ))
        })
        .collect();
    since.reverse();
    Err(Error::Stale {
        current,
        changed: since.join("; "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Sample {
        name: &'static str,
        size: Option<u8>,
    }

    #[test]
    fn only_what_differs_is_kept() {
        let before = Sample {
            name: "甲",
            size: None,
        };
        let after = Sample {
            name: "甲",
            size: Some(3),
        };
        assert!(Changes::between(&before, &before).is_empty());
        assert_eq!(
            serde_json::to_value(Changes::between(&before, &after)).unwrap(),
            json!({ "size": [null, 3] })
        );
    }
}
