//! Computing a report: what it needs is read first, then the snapshot is taken and counted in one write.

use anlan_core::sla::Agreement;
use anlan_document::Header;
use jiff::tz::TimeZone;
use std::sync::Arc;
use uuid::Uuid;

use super::analysis;
use super::content::Content;
use super::period::Month;
use super::rows::reports;
use super::sections::Maker;
use super::snapshot::{self, Promise, Trend};
use super::tables::{Counter, Names};
use crate::app::App;
use crate::features::monitors::{
    Alarms, BudgetUse, Response, SystemAvailability, Window, alarms_of, availability_of, budget_of,
    left_out_of, responses_of,
};
use crate::features::notifications::{Sent, sent_of};
use crate::features::projects::Uptime;
use crate::features::tickets::Terms;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::names::{self, Table};
use crate::platform::outline::Outline;

/// Monitors whose answering times are told.
const MEASURED: usize = 50;

/// What a report needs besides its snapshot.
pub struct Background {
    app: App,
    /// Outline and standards.
    pub outline: Outline,
    /// The month.
    pub month: Month,
    /// The project's time zone.
    pub zone: TimeZone,
    /// The parties.
    pub header: Header,
    /// Project manager.
    pub manager: String,
    /// Agreements in force at the end of the month; of several, each is for some types of ticket.
    pub agreements: Vec<Arc<Agreement>>,
    /// What the contract promises about systems being up.
    pub uptime: Uptime,
    /// Availability of the systems that are watched.
    pub systems: Vec<SystemAvailability>,
    /// How each used its yearly budget of downtime, up to the end of the month; nothing without one.
    pub budgets: Vec<BudgetUse>,
    /// Alarms by monitor, most first.
    pub alarms: Vec<Alarms>,
    /// How fast the first monitors of the list answered.
    pub responses: Vec<Response>,
    /// Messages by channel.
    pub sent: Vec<Sent>,
    /// Windows that were left out of it.
    pub left_out: Vec<Window>,
    /// The last twelve months.
    pub trend: Trend,
    /// The end of the month, or now while it lasts.
    pub until: At,
    number: String,
}

impl Background {
    /// Reads it.
    ///
    /// # Errors
    /// 404 without the project, 422 when the month has not begun.
    pub async fn read(app: &App, project: Uuid, kind: &str, month: Month) -> Result<Self> {
        let db = app.db.read();
        let outline = app.definitions.reports.get(kind).cloned();
        let outline = outline.ok_or_else(|| Error::field("kind", "unknown_key"))?;
        let terms = Terms::load(db, project).await?;
        let zone = app.definitions.zone_of(&terms.project.calendar);
        let (from, to) = (month.begins(&zone), month.plus(1).begins(&zone));
        let now = app.now();
        if from >= now {
            return Err(Error::field("month", "in_future"));
        }
        let until = to.min(now);
        let units = names::of(db, Table::Units, [terms.project.customer_unit_id]).await?;
        let people = names::of(db, Table::Users, terms.project.manager_id).await?;
        let agreements = terms.agreements_at(At(until.0 - 1).timestamp(), &zone);
        let defined = agreements
            .into_iter()
            .filter_map(|key| app.definitions.agreement(key));
        let uptime = Uptime::of(app, &terms.project);
        let mut systems = availability_of(app, project, from, until).await?;
        systems.retain(SystemAvailability::is_judged);
        let one = |all: std::collections::HashMap<Uuid, names::Named>| {
            all.into_values()
                .next()
                .map(|named| named.name)
                .unwrap_or_default()
        };
        Ok(Self {
            outline,
            month,
            header: Header {
                project: terms.project.name.clone(),
                customer: one(units),
                provider: terms.project.provider_name.clone(),
            },
            manager: one(people),
            agreements: defined.collect(),
            systems,
            budgets: budget_of(app, project, until).await?,
            uptime,
            alarms: alarms_of(app, project, from, until).await?,
            responses: responses_of(app, project, (from, until), MEASURED).await?,
            sent: sent_of(app, project, from, until).await?,
            left_out: left_out_of(app, project, from, until).await?,
            trend: snapshot::trend(db, project, month, &zone).await?,
            until,
            number: format!("{}-{}", terms.project.code, month.key()),
            zone,
            app: app.clone(),
        })
    }

    /// The period in words.
    pub fn period(&self) -> String {
        let day =
            |day: jiff::civil::Date| format!("{}年{}月{}日", day.year(), day.month(), day.day());
        format!("{}至{}", day(self.month.first), day(self.month.last()))
    }

    /// Bounds of the month.
    pub fn bounds(&self) -> (At, At) {
        (
            self.month.begins(&self.zone),
            self.month.plus(1).begins(&self.zone),
        )
    }
}

/// Takes the snapshot of a report and makes its content.
///
/// # Errors
/// When the store fails.
pub async fn compute(tx: &Tx, background: &Background, report: &reports::Model) -> Result<Content> {
    snapshot::take(&tx.db, report).await?;
    let counted = snapshot::count(&tx.db, report).await?;
    let process = background.app.definitions.newest("incident");
    let told: Vec<_> = counted.promises.iter().map(Promise::told).collect();
    let mut maker = Maker {
        background,
        names: Names {
            process: process.as_deref(),
            agreements: &background.agreements,
        },
        kept: analysis::kept(&told),
        counter: Counter::new(&counted.groups),
        counted: &counted,
    };
    let outline = &background.outline;
    let mut sections = Vec::new();
    for heading in &outline.sections {
        let mut section = maker.section(&heading.key);
        section.key.clone_from(&heading.key);
        section.title.clone_from(&heading.title);
        if section.proposal.is_empty() {
            section.proposal.clone_from(&heading.text);
        }
        section.text.clone_from(&section.proposal);
        sections.push(section);
    }
    Ok(Content {
        form: format!("{} 第{}版", outline.form, outline.version),
        title: outline.title.clone(),
        period: background.period(),
        number: background.number.clone(),
        header: background.header.clone(),
        computed_at: tx.now,
        sections,
        counts: maker.counter.counts,
        rows: None,
    })
}
