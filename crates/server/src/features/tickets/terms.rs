//! What a project's contract says to a ticket: office hours and agreement in force, stages without commitment.

use std::sync::Arc;

use anlan_core::time::Interval;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::rows::tickets;
use crate::features::projects::rows::{
    project_agreements, project_calendars, project_stages, projects,
};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

/// The terms of one project.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The project.
    pub project: projects::Model,
    agreements: Vec<project_agreements::Model>,
    calendars: Vec<project_calendars::Model>,
    stages: Vec<project_stages::Model>,
}

impl Terms {
    /// Reads them.
    ///
    /// # Errors
    /// 404 when there is no such project, or the store fails.
    pub async fn load(db: &impl ConnectionTrait, project: Uuid) -> Result<Self> {
        let found = projects::Entity::find_by_id(project)
            .one(db)
            .await?
            .ok_or_else(Error::not_found)?;
        let agreements = project_agreements::Entity::find()
            .filter(project_agreements::Column::ProjectId.eq(project))
            .order_by_asc(project_agreements::Column::EffectiveFrom)
            .all(db)
            .await?;
        let calendars = project_calendars::Entity::find()
            .filter(project_calendars::Column::ProjectId.eq(project))
            .order_by_asc(project_calendars::Column::EffectiveFrom)
            .all(db)
            .await?;
        let stages = project_stages::Entity::find()
            .filter(project_stages::Column::ProjectId.eq(project))
            .filter(project_stages::Column::SlaCounted.eq(false))
            .all(db)
            .await?;
        Ok(Self {
            project: found,
            agreements,
            calendars,
            stages,
        })
    }

    /// Reads them once for a batch of writes.
    ///
    /// # Errors
    /// As [`Terms::load`].
    pub async fn of(tx: &Tx, project: Uuid) -> Result<Arc<Self>> {
        tx.once(format!("{project}"), Self::load(&tx.db, project))
            .await
    }

    /// Key of the agreement in force at an instant for a type of ticket: the one for this type, or else
    /// the one for all others (R-010: a ticket keeps the one of its creation).
    #[must_use]
    pub fn agreement_at(&self, at: Timestamp, zone: &TimeZone, kind: Option<&str>) -> Option<&str> {
        let for_it = |row: &&project_agreements::Model| {
            row.types.split_whitespace().any(|key| Some(key) == kind)
        };
        let in_force = self.in_force(at, zone);
        let own = in_force.iter().copied().find(for_it);
        let found = own.or_else(|| in_force.into_iter().find(|row| row.types.is_empty()));
        found.map(|row| row.agreement.as_str())
    }

    /// Keys of all agreements in force at an instant; first the one for all types that have none of their own.
    #[must_use]
    pub fn agreements_at(&self, at: Timestamp, zone: &TimeZone) -> Vec<&str> {
        let mut in_force = self.in_force(at, zone);
        in_force.sort_by_key(|row| row.types.as_str());
        in_force.iter().map(|row| row.agreement.as_str()).collect()
    }

    /// Agreements in force at an instant, with the types each is for; none for all others.
    pub fn offered_at(
        &self,
        at: Timestamp,
        zone: &TimeZone,
    ) -> impl Iterator<Item = (&str, Vec<String>)> {
        let in_force = self.in_force(at, zone).into_iter();
        in_force.map(|row| {
            let types = row.types.split_whitespace().map(str::to_owned);
            (row.agreement.as_str(), types.collect())
        })
    }

    fn in_force(&self, at: Timestamp, zone: &TimeZone) -> Vec<&project_agreements::Model> {
        let day = at.to_zoned(zone.clone()).date().to_string();
        let holds = |row: &&project_agreements::Model| {
            let ends = row.effective_to.as_deref();
            *row.effective_from <= *day && ends.is_none_or(|end| *day <= *end)
        };
        self.agreements.iter().filter(holds).collect()
    }

    /// Key of the office hours in force at an instant (R-039: a ticket keeps those of its report).
    #[must_use]
    pub fn calendar_at(&self, at: Timestamp, zone: &TimeZone) -> &str {
        let day = at.to_zoned(zone.clone()).date().to_string();
        let begun = |row: &&project_calendars::Model| *row.effective_from <= *day;
        let last = self.calendars.iter().rev().find(begun);
        last.map_or(self.project.calendar.as_str(), |row| row.calendar.as_str())
    }

    /// Key of the office hours a ticket is timed by.
    #[must_use]
    pub fn calendar_of<'a>(&'a self, ticket: &'a tickets::Model) -> &'a str {
        let own = ticket.calendar.as_deref();
        own.unwrap_or(self.project.calendar.as_str())
    }

    /// Stages in which promises are measured and not counted.
    #[must_use]
    pub fn uncounted(&self, zone: &TimeZone) -> Vec<Interval> {
        let start = |day: &str| -> Option<Timestamp> {
            day.parse::<Date>()
                .ok()?
                .to_zoned(zone.clone())
                .ok()
                .map(|at| at.timestamp())
        };
        let end = |day: &str| -> Option<Timestamp> {
            start(&day.parse::<Date>().ok()?.tomorrow().ok()?.to_string())
        };
        self.stages
            .iter()
            .filter_map(|stage| {
                Some(Interval {
                    from: start(&stage.starts_on)?,
                    to: end(&stage.ends_on)?,
                })
            })
            .collect()
    }
}
