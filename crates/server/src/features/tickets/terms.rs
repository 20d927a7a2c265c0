//! What a project's contract says to a ticket: calendar, agreement in force, stages without commitment.

use std::sync::Arc;

use anlan_core::time::Interval;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::features::projects::rows::{project_agreements, project_stages, projects};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

/// The terms of one project.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The project.
    pub project: projects::Model,
    agreements: Vec<project_agreements::Model>,
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
        let stages = project_stages::Entity::find()
            .filter(project_stages::Column::ProjectId.eq(project))
            .filter(project_stages::Column::SlaCounted.eq(false))
            .all(db)
            .await?;
        Ok(Self {
            project: found,
            agreements,
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

    /// Key of the agreement in force at an instant (R-010: a ticket keeps the one of its creation).
    #[must_use]
    pub fn agreement_at(&self, at: Timestamp, zone: &TimeZone) -> Option<&str> {
        let day = at.to_zoned(zone.clone()).date().to_string();
        let in_force = |row: &&project_agreements::Model| {
            row.effective_from.as_str() <= day.as_str()
                && row
                    .effective_to
                    .as_deref()
                    .is_none_or(|end| day.as_str() <= end)
        };
        self.agreements
            .iter()
            .rev()
            .find(in_force)
            .map(|row| row.agreement.as_str())
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
