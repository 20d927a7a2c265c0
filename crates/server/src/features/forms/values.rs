//! What a ticket has to say on 客户服务受理单 (F-01, R-079).

use std::collections::{BTreeMap, HashMap};

use anlan_core::process::{Definition, Fields};
use anlan_document::Value;
use anlan_document::form::{Entry, Values};
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::api::local;
use crate::app::App;
use crate::features::tickets::rows::{ticket_clocks, ticket_events, ticket_links, tickets};
use crate::features::tickets::{Record, dto, query};
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Named, Table};

/// Steps on one sheet; a longer story is told by the timeline, and the sheet says so.
const STEPS: usize = 200;

/// The values of a ticket, in Chinese as the form is.
pub async fn of(
    app: &App,
    caller: &Caller,
    ticket: tickets::Model,
    zone: &TimeZone,
    customer: &str,
) -> Result<Values> {
    let db = app.db.read();
    let id = ticket.id;
    let events = ticket_events::Entity::find()
        .filter(ticket_events::Column::TicketId.eq(id))
        .filter(ticket_events::Column::Internal.eq(false))
        .order_by_asc(ticket_events::Column::Seq)
        .all(db)
        .await?;
    let clocks = ticket_clocks::Entity::find()
        .filter(ticket_clocks::Column::TicketId.eq(id))
        .all(db)
        .await?;
    let links = linked(app, caller, id).await?;
    let record = Record::stored(app, ticket)?;
    let people = people(app, &record, &events).await?;
    let units = names::of(db, Table::Units, record.row.unit_id).await?;
    let sheet = Sheet {
        app,
        zone,
        record: &record,
        people,
    };
    let unit = record.row.unit_id.and_then(|id| units.get(&id));
    let mut values = sheet.told(customer, unit, events.first());
    values.insert("handling".into(), Entry::Rows(sheet.handling(&events)));
    values.extend(sheet.times(&events, &clocks));
    values.extend(related(&record.fields, &links));
    Ok(values)
}

/// One ticket on its sheet.
struct Sheet<'a> {
    app: &'a App,
    zone: &'a TimeZone,
    record: &'a Record,
    people: HashMap<Uuid, Named>,
}

impl Sheet<'_> {
    fn text(&self, key: &str) -> String {
        let value = self.record.fields.get(key);
        value
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    fn at(&self, at: Option<At>) -> Entry {
        at.map_or_else(
            || Value::Empty.into(),
            |at| Value::DateTime(local(at, self.zone)).into(),
        )
    }

    fn name(&self, id: Option<Uuid>) -> String {
        id.and_then(|id| self.people.get(&id))
            .map(|named| named.name.clone())
            .unwrap_or_default()
    }

    /// What was told at intake and found out since: sections one to four and six.
    fn told(
        &self,
        customer: &str,
        unit: Option<&Named>,
        registered: Option<&ticket_events::Model>,
    ) -> Values {
        let (row, fields) = (&self.record.row, &self.record.fields);
        let label = |key: &str| option(&self.record.definition, fields, key);
        let yes_no = |key: &str| match fields.get(key).and_then(serde_json::Value::as_bool) {
            Some(true) => Entry::chosen("yes"),
            Some(false) => Entry::chosen("no"),
            None => Value::Empty.into(),
        };
        let received_by = match (row.created_by, registered) {
            (Some(_), _) => self.name(row.created_by),
            (None, Some(event)) if event.actor_kind == "monitor" => "监控系统".into(),
            (None, registered) => {
                registered.map_or_else(String::new, |event| event.actor_name.clone())
            }
        };
        let description = self.text("description");
        let symptom = if description.starts_with(row.title.as_str()) {
            description
        } else {
            format!("{}\n{description}", row.title).trim().to_owned()
        };
        let place: Vec<String> = ["caller_department", "location"]
            .map(|key| self.text(key))
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        let entries: Vec<(&str, Entry)> = vec![
            ("number", row.number.as_str().into()),
            ("received_at", self.at(Some(row.reported_at))),
            ("received_by", received_by.into()),
            (
                "customer",
                unit.map_or(customer, |unit| unit.name.as_str()).into(),
            ),
            (
                "channel",
                channel(row.channel.as_deref(), &label("channel")),
            ),
            ("contact", row.caller_name.as_str().into()),
            ("contact_phone", row.caller_phone.as_str().into()),
            ("contact_place", place.join(" / ").into()),
            ("system", row.system.as_str().into()),
            ("category", label("category").into()),
            ("configuration_item", row.ci.as_str().into()),
            ("device_type", self.text("device_type").into()),
            ("model", self.text("model").into()),
            ("serial_number", self.text("serial_number").into()),
            ("address", self.text("ip_address").into()),
            ("install_location", self.text("install_location").into()),
            ("kind", kind(row.r#type.as_deref())),
            ("impact", label("impact").into()),
            ("urgency", label("urgency").into()),
            ("priority", label("priority").into()),
            ("fault_level", self.level().into()),
            ("interrupted", yes_no("interrupted")),
            ("interruption_began", self.at(row.outage_started_at)),
            ("interruption_ended", self.at(row.outage_ended_at)),
            ("major", Entry::chosen(if row.major { "yes" } else { "no" })),
            ("agreed_at", self.at(instant(fields, "agreed_at"))),
            ("symptom", symptom.into()),
            ("business_impact", self.text("business_reason").into()),
            ("cause", self.text("cause").into()),
            ("solution", self.text("solution").into()),
            ("workaround", self.text("workaround").into()),
            ("backed_up", yes_no("backup_done")),
            ("confirmed", confirmed(fields)),
            ("satisfaction", chosen(&self.text("satisfaction"))),
        ];
        entries
            .into_iter()
            .map(|(key, entry)| (key.to_owned(), entry))
            .collect()
    }

    /// The fault level by its name in the agreement.
    fn level(&self) -> String {
        let row = &self.record.row;
        let Some(key) = row.level.as_deref() else {
            return String::new();
        };
        let name = self.record.agreement(self.app).and_then(|agreement| {
            let level = agreement.levels.iter().find(|level| &*level.key == key)?;
            Some(level.name.zh.clone())
        });
        name.unwrap_or_else(|| key.to_owned())
    }

    /// Who did what when and how long it took, without what the system reminded of by itself.
    fn handling(&self, events: &[ticket_events::Model]) -> Vec<BTreeMap<String, Value>> {
        let mut way = String::new();
        let mut rows = Vec::new();
        let mut spent = 0;
        for event in events
            .iter()
            .filter(|event| !event.action.starts_with("sla."))
        {
            let entry = dto::timeline_entry(self.app, Lang::Zh, &self.record.row, event.clone());
            let mut parts = Vec::new();
            let mut effort = Value::Empty;
            for change in &entry.changes {
                let to = change.to.as_str().unwrap_or_default();
                match change.field.as_str() {
                    "handling_mode" => {
                        way = named(&self.record.definition, "handling_mode", &change.to);
                    }
                    "effort" => {
                        let minutes = change.to.as_i64().unwrap_or(0);
                        spent += minutes;
                        effort = Value::Duration(minutes * 60);
                    }
                    "assignee" | "group" => {
                        let name = self.name(Uuid::parse_str(to).ok());
                        if !name.is_empty() {
                            parts.push(format!("{}：{name}", change.label));
                        }
                    }
                    _ => {}
                }
            }
            let note = entry.note.trim();
            if !note.is_empty() {
                parts.push(note.to_owned());
            }
            let text = if parts.is_empty() {
                entry.action_name
            } else {
                format!("{}。{}", entry.action_name, parts.join("；"))
            };
            let cells = [
                ("at", Value::DateTime(local(event.happened_at, self.zone))),
                ("by", event.actor_name.as_str().into()),
                ("way", way.as_str().into()),
                ("text", text.into()),
                ("effort", effort),
            ];
            rows.push(cells.map(|(key, value)| (key.to_owned(), value)).into());
        }
        let left = rows.len().saturating_sub(STEPS);
        rows.truncate(STEPS);
        let mut last = |text: String, effort: Value| {
            let cells = [("text", text.into()), ("effort", effort)];
            rows.push(cells.map(|(key, value)| (key.to_owned(), value)).into());
        };
        if left > 0 {
            last(
                format!("以上为前{STEPS}步，其余{left}步见系统中的处理过程。"),
                Value::Empty,
            );
        }
        if spent > 0 {
            last("用时合计".into(), Value::Duration(spent * 60));
        }
        rows
    }

    /// When the promises were kept, and whether in time.
    fn times(
        &self,
        events: &[ticket_events::Model],
        clocks: &[ticket_clocks::Model],
    ) -> Vec<(String, Entry)> {
        let first = |words: &[&str]| {
            let told = |event: &&ticket_events::Model| {
                event
                    .sla_events
                    .split(' ')
                    .any(|word| words.contains(&word))
            };
            events.iter().find(told).map(|event| event.happened_at)
        };
        let counted = || clocks.iter().filter(|clock| clock.counted);
        let late: Vec<String> = counted()
            .filter(|clock| clock.state == "breached")
            .map(|clock| dto::target_name(Lang::Zh, &clock.target))
            .collect();
        let decided = counted().any(|clock| matches!(clock.state.as_str(), "met" | "breached"));
        let reason = self.text("miss_reason");
        let verdict = if late.is_empty() {
            if decided && self.record.row.resolved_at.is_some() {
                Entry::chosen("kept")
            } else {
                Value::Empty.into()
            }
        } else {
            let mut late = late;
            late.dedup();
            let reason = if reason.is_empty() {
                format!("{}超时", late.join("、"))
            } else {
                reason
            };
            Entry::Chosen(vec!["breached".into()], Some(reason))
        };
        vec![
            (
                "responded_at".into(),
                self.at(first(&["responded", "called", "replied"])),
            ),
            (
                "arrived_at".into(),
                self.at(first(&["arrived", "senior_arrived", "developer_arrived"])),
            ),
            ("resolved_at".into(), self.at(self.record.row.resolved_at)),
            ("agreement".into(), verdict),
        ]
    }
}

/// Names of everybody the sheet mentions, people and groups, in two queries.
async fn people(
    app: &App,
    record: &Record,
    events: &[ticket_events::Model],
) -> Result<HashMap<Uuid, Named>> {
    let mut ids: Vec<Uuid> = record.row.created_by.into_iter().collect();
    for event in events {
        let changes: Vec<serde_json::Value> =
            serde_json::from_str(&event.changes).unwrap_or_default();
        let named = changes
            .iter()
            .filter(|change| matches!(change["field"].as_str(), Some("assignee" | "group")))
            .filter_map(|change| Uuid::parse_str(change["to"].as_str()?).ok());
        ids.extend(named);
    }
    let db = app.db.read();
    let mut found = names::of(db, Table::Users, ids.iter().copied()).await?;
    found.extend(names::of(db, Table::Groups, ids).await?);
    Ok(found)
}

/// Numbers of linked tickets that the caller may see, with their process.
async fn linked(app: &App, caller: &Caller, id: Uuid) -> Result<Vec<(String, String)>> {
    let db = app.db.read();
    let either = Condition::any()
        .add(ticket_links::Column::FromId.eq(id))
        .add(ticket_links::Column::ToId.eq(id));
    let links = ticket_links::Entity::find().filter(either).all(db).await?;
    let others: Vec<Uuid> = links
        .iter()
        .flat_map(|link| [link.from_id, link.to_id])
        .filter(|other| *other != id)
        .collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let found = tickets::Entity::find()
        .filter(tickets::Column::Id.is_in(others))
        .filter(query::scope(caller))
        .order_by_asc(tickets::Column::Number)
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|ticket| (ticket.process, ticket.number))
        .collect())
}

/// Problem, change and article: from links, and from what was written down in words.
fn related(fields: &Fields, links: &[(String, String)]) -> Vec<(String, Entry)> {
    let written = fields
        .get("related")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let mut of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (process, number) in links {
        let field = match process.as_str() {
            "change" => "change",
            "knowledge" => "article",
            _ => "problem",
        };
        of.entry(field).or_default().push(number.clone());
    }
    for word in written.split([',', '，', '、', ';', '；', ' ']) {
        let word = word.trim();
        let field = match word.to_ascii_uppercase() {
            empty if empty.is_empty() => continue,
            upper if upper.starts_with("CHG") => "change",
            upper if upper.starts_with("KB") => "article",
            _ => "problem",
        };
        let list = of.entry(field).or_default();
        if !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    }
    of.into_iter()
        .map(|(field, list)| (field.to_owned(), list.join("、").into()))
        .collect()
}

fn instant(fields: &Fields, key: &str) -> Option<At> {
    let text = fields.get(key)?.as_str()?;
    text.parse::<jiff::Timestamp>().ok().map(At::from)
}

fn chosen(key: &str) -> Entry {
    if key.is_empty() {
        Value::Empty.into()
    } else {
        Entry::chosen(key)
    }
}

fn confirmed(fields: &Fields) -> Entry {
    match fields
        .get("customer_confirmed")
        .and_then(serde_json::Value::as_bool)
    {
        Some(true) => Entry::chosen("solved"),
        Some(false) => Entry::chosen("unsolved"),
        None => Value::Empty.into(),
    }
}

/// The form's own boxes; a way in that has none is printed by its name.
fn channel(key: Option<&str>, label: &str) -> Entry {
    let field = match key {
        None => return Value::Empty.into(),
        Some("phone" | "mobile") => "phone",
        Some("email") => "mail",
        Some("platform" | "portal") => "platform",
        Some(own @ ("qq" | "wechat" | "inspection" | "other")) => own,
        Some("monitor") => "alarm",
        Some(_) => label,
    };
    Entry::chosen(field)
}

fn kind(key: Option<&str>) -> Entry {
    match key {
        None => Value::Empty.into(),
        Some("suggestion") => Entry::chosen("advice"),
        Some(key) => Entry::chosen(key),
    }
}

/// The name of a chosen option.
fn option(definition: &Definition, fields: &Fields, key: &str) -> String {
    fields
        .get(key)
        .map(|value| named(definition, key, value))
        .unwrap_or_default()
}

fn named(definition: &Definition, field: &str, value: &serde_json::Value) -> String {
    let key = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let name = definition
        .field(field)
        .and_then(|field| field.options.get(&key))
        .map(|name| name.zh.clone());
    name.unwrap_or(key)
}
