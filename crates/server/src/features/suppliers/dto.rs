//! Suppliers as the API shows them, and what is checked before they are written.

use std::collections::HashMap;

use anlan_core::calendar::OFFICE;
use anlan_core::task;
use jiff::civil::Date;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::READERS;
use super::rows::{supplier_contracts, suppliers};
use crate::app::App;
use crate::features::projects;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::check::Check;
use crate::platform::day::Day;
use crate::platform::definitions::china;
use crate::platform::error::{FieldError, Result};
use crate::platform::i18n::Lang;
use crate::platform::names::{self, ProjectName};

/// Words a contract may list.
const WORDS: usize = 50;
/// The shortest and the longest time that can be promised, in seconds: a minute and a year.
const PROMISED: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;

/// What is kept of a supplier.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierFields {
    /// Name, as it is chosen at a ticket.
    pub name: String,
    /// Whom to ask for.
    #[serde(default)]
    pub contact: String,
    /// Where to call.
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub note: String,
    /// False once nothing is given to it any more.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// What is kept of a support contract (UC).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractFields {
    /// Its number, unique for the supplier.
    pub number: String,
    /// The project it is for; all projects when there is none.
    #[serde(default)]
    pub project_id: Option<Uuid>,
    /// Systems and service items it supports.
    #[serde(default)]
    pub supports: Vec<String>,
    /// Key of the calendar by which its promises run; `office` for the project's own hours.
    pub calendar: String,
    /// Seconds until it responds.
    #[serde(default)]
    pub respond_seconds: Option<i64>,
    /// Seconds until it is on site.
    #[serde(default)]
    pub arrive_seconds: Option<i64>,
    /// Seconds until it has dealt with it.
    #[serde(default)]
    pub resolve_seconds: Option<i64>,
    /// First day.
    pub starts_on: Day,
    /// Last day.
    pub ends_on: Day,
}

/// A supplier with its contracts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Supplier {
    id: Uuid,
    #[serde(flatten)]
    fields: SupplierFields,
    /// Those the caller may see, the one that ends last first.
    contracts: Vec<Contract>,
    created_at: At,
    version: i32,
}

/// A support contract.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Contract {
    id: Uuid,
    #[serde(flatten)]
    fields: ContractFields,
    project: Option<ProjectName>,
    /// Name of its calendar.
    calendar_name: String,
    /// It runs today.
    running: bool,
    /// It runs, ends within 30 days, and none follows it.
    ends_soon: bool,
    /// Days until its last day; negative once it is over.
    days_left: i32,
    version: i32,
}

/// Today, where contracts are made.
pub fn today(app: &App) -> Date {
    app.now().timestamp().to_zoned(china()).date()
}

/// Contracts that the caller may see: those for all projects, and those of projects he works on.
pub fn seen(caller: &Caller) -> Condition {
    let column = supplier_contracts::Column::ProjectId;
    READERS
        .iter()
        .fold(Condition::any().add(column.is_null()), |any, permission| {
            any.add(projects::of_projects(caller, *permission, column))
        })
}

/// Suppliers with their contracts: two queries, however many.
///
/// # Errors
/// When the store fails.
pub async fn shown(
    app: &App,
    db: &impl ConnectionTrait,
    caller: &Caller,
    rows: Vec<suppliers::Model>,
) -> Result<Vec<Supplier>> {
    let contracts = supplier_contracts::Entity::find()
        .filter(supplier_contracts::Column::SupplierId.is_in(rows.iter().map(|row| row.id)))
        .filter(seen(caller))
        .order_by_desc(supplier_contracts::Column::EndsOn)
        .order_by_desc(supplier_contracts::Column::Id)
        .all(db)
        .await?;
    let projects = contracts.iter().filter_map(|contract| contract.project_id);
    let names = names::projects(db, projects).await?;
    let supplier = |row: suppliers::Model| {
        let own: Vec<_> = contracts
            .iter()
            .filter(|contract| contract.supplier_id == row.id)
            .collect();
        Supplier {
            id: row.id,
            contracts: own
                .iter()
                .map(|one| contract(app, caller.lang, one, &own, &names))
                .collect(),
            fields: (&row).into(),
            created_at: row.created_at,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(supplier).collect())
}

fn contract(
    app: &App,
    lang: Lang,
    row: &supplier_contracts::Model,
    all: &[&supplier_contracts::Model],
    names: &HashMap<Uuid, ProjectName>,
) -> Contract {
    let today = today(app);
    let (starts, ends) = (row.starts_on.date(), row.ends_on.date());
    let running = starts <= today && today <= ends;
    let followed = all
        .iter()
        .any(|other| other.project_id == row.project_id && other.ends_on > row.ends_on);
    let left = today.until(ends).map_or(0, |span| span.get_days());
    Contract {
        id: row.id,
        project: row.project_id.and_then(|id| names.get(&id).cloned()),
        calendar_name: app.definitions.calendar_name(lang, &row.calendar),
        running,
        ends_soon: running && task::ends_soon(ends, today) && !followed,
        days_left: left,
        fields: row.into(),
        version: row.version,
    }
}

impl SupplierFields {
    /// Tidied.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn checked(self) -> Result<Self> {
        let mut check = Check::default();
        let fields = Self {
            name: check.line("name", &self.name, 1..=120),
            contact: check.line("contact", &self.contact, 0..=60),
            phone: check.phone("phone", &self.phone),
            email: check.email("email", &self.email),
            note: check.lines("note", &self.note, 0..=2000),
            active: self.active,
        };
        check.finish()?;
        Ok(fields)
    }
}

impl ContractFields {
    /// Tidied.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn checked(self, app: &App) -> Result<Self> {
        let mut check = Check::default();
        let number = check.line("number", &self.number, 1..=60);
        if self.supports.len() > WORDS {
            check.push(FieldError::new("supports", "too_many").with("max", WORDS));
        }
        let supports = self
            .supports
            .iter()
            .map(|word| check.line("supports", word, 1..=60))
            .collect();
        let known =
            self.calendar == OFFICE || app.definitions.calendars().get(&self.calendar).is_some();
        check.ensure(known, "calendar", "no_such");
        for (field, seconds) in [
            ("respond_seconds", self.respond_seconds),
            ("arrive_seconds", self.arrive_seconds),
            ("resolve_seconds", self.resolve_seconds),
        ] {
            promised(&mut check, field, seconds);
        }
        check.ensure(self.starts_on <= self.ends_on, "ends_on", "before_start");
        check.finish()?;
        Ok(Self {
            number,
            supports,
            ..self
        })
    }
}

fn promised(check: &mut Check, field: &str, seconds: Option<i64>) {
    if seconds.is_some_and(|seconds| !PROMISED.contains(&seconds)) {
        check.push(
            FieldError::new(field, "out_of_range")
                .with("min", PROMISED.start())
                .with("max", PROMISED.end()),
        );
    }
}

impl From<&suppliers::Model> for SupplierFields {
    fn from(row: &suppliers::Model) -> Self {
        Self {
            name: row.name.clone(),
            contact: row.contact.clone(),
            phone: row.phone.clone(),
            email: row.email.clone(),
            note: row.note.clone(),
            active: row.active,
        }
    }
}

impl From<&supplier_contracts::Model> for ContractFields {
    fn from(row: &supplier_contracts::Model) -> Self {
        Self {
            number: row.number.clone(),
            project_id: row.project_id,
            supports: row.words(),
            calendar: row.calendar.clone(),
            respond_seconds: row.respond,
            arrive_seconds: row.arrive,
            resolve_seconds: row.resolve,
            starts_on: row.starts_on.clone(),
            ends_on: row.ends_on.clone(),
        }
    }
}
