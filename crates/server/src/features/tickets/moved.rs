//! A ticket whose type is corrected may come under another agreement of its project: one contract
//! promises faults and requests different things.
//!
//! The type says what the ticket has been all along. So it is judged by the agreement that was in
//! force for its new type on the day it was reported, from the report on; the levels of the old
//! agreement mean nothing to the new one, which proposes its own. What was told and done under the
//! old one stays in the timeline, and so does the change of agreement.

use anlan_core::definition::Text;
use anlan_core::process::{Change, Decision, Input};
use serde_json::Value;

use super::record::Record;
use super::terms::Terms;
use crate::app::App;

/// What a ticket leaves behind.
pub struct Left {
    agreement: Option<String>,
    level: Option<Value>,
}

/// Puts the record under the agreement of the type that it is given, if that is another.
pub fn follow(app: &App, terms: &Terms, record: &mut Record, input: &Input) -> Option<Left> {
    let kind = input.fields.get("type")?;
    if record.fields.get("type") == Some(kind) {
        return None;
    }
    let zone = app.definitions.zone_of(&terms.project.calendar);
    let reported = record.row.reported_at.timestamp();
    let key = terms.agreement_at(reported, &zone, kind.as_str());
    if record.row.agreement.as_deref() == key {
        return None;
    }
    let agreement = key.and_then(|key| app.definitions.agreement(key));
    let left = Left {
        agreement: record.row.agreement.take(),
        level: record.fields.remove("level"),
    };
    record.row.agreement_version = None;
    if let Some(agreement) = agreement {
        record.row.agreement = Some(agreement.key.to_string());
        record.row.agreement_version = i32::try_from(agreement.version).ok();
    }
    record.history.levels.clear();
    Some(left)
}

impl Left {
    /// Says in the decision what has changed with the type.
    pub fn tell(self, record: &Record, decision: &mut Decision) {
        let now = decision.fields.get("level").cloned().unwrap_or_default();
        decision.changes.retain(|change| change.field != "level");
        let label = record.definition.field("level");
        let label = label.map(|field| field.name.clone()).unwrap_or_default();
        let level = change("level", label, self.level.unwrap_or_default(), now);
        let agreement = change(
            "agreement",
            Text::new("服务协议", "Service agreement"),
            self.agreement.into(),
            record.row.agreement.clone().into(),
        );
        let changed = [level, agreement].into_iter();
        decision
            .changes
            .extend(changed.filter(|change| change.from != change.to));
    }
}

fn change(field: &str, label: Text, from: Value, to: Value) -> Change {
    Change {
        field: field.to_owned(),
        label,
        from,
        to,
    }
}
