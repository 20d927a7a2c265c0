//! Windows as availability sees them: for what cause their time is left out, and whether that was said
//! only afterwards.

use anlan_core::alert::availability::Exclusion;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::maintenance::{Column, Entity, Model};
use super::windows::{Window, WriteWindow, ids};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::Result;

/// Why the time of a window does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WindowCause)]
pub enum Cause {
    /// Planned work (计划内维护).
    #[default]
    Maintenance,
    /// Natural disaster or force majeure, as agreed with the customer (不可抗力).
    ForceMajeure,
    /// Agreed otherwise: the customer's own doing and the like (客户原因等).
    Other,
}

impl Cause {
    /// The word it is stored as, which is also that of its [`Exclusion`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::ForceMajeure => "force_majeure",
            Self::Other => "other",
        }
    }

    /// As stored; the database knows no other words.
    pub fn read(word: &str) -> Self {
        match word {
            "force_majeure" => Self::ForceMajeure,
            "other" => Self::Other,
            _ => Self::Maintenance,
        }
    }

    /// What availability calls it.
    pub const fn exclusion(self) -> Exclusion {
        match self {
            Self::Maintenance => Exclusion::Maintenance,
            Self::ForceMajeure => Exclusion::ForceMajeure,
            Self::Other => Exclusion::Other,
        }
    }
}

/// Who put time that was over already into a window, and when (补录).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LateEntry {
    /// When.
    pub at: At,
    /// The name of whoever did so, as it was then.
    pub by: String,
}

impl LateEntry {
    /// The mark on a stored window, if it carries one.
    pub fn read(row: &Model) -> Option<Self> {
        Some(Self {
            at: row.entered_late_at?,
            by: row.entered_late_by.clone().unwrap_or_default(),
        })
    }

    /// The mark of a window as it is written now: planned work is announced, and what is only
    /// explained afterwards has to show that it was.
    pub fn mark(before: Option<&Model>, sent: &WriteWindow, now: At, by: &str) -> Option<Self> {
        let over = |from: At, to: At| (from, to.min(now));
        let (from, to) = over(sent.starts_at, sent.ends_at);
        if from >= to {
            return None;
        }
        let as_before = before.filter(|before| {
            let (begun, ended) = over(before.starts_at, before.ends_at);
            begun <= from && to <= ended && says_the_same(before, sent)
        });
        match as_before {
            Some(before) => Self::read(before),
            None => Some(Self {
                at: now,
                by: by.to_owned(),
            }),
        }
    }
}

/// Whether a window is left out of the same monitors' time, for the same cause.
fn says_the_same(before: &Model, sent: &WriteWindow) -> bool {
    before.excluded == sent.excluded_from_availability
        && before.cause == sent.cause.word()
        && before.monitors == ids(&sent.monitor_ids)
}

/// What is left out of availability in `from..to`, the earliest first.
///
/// # Errors
/// When the store fails.
pub async fn windows(app: &App, project: Option<Uuid>, from: At, to: At) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(Column::Excluded.eq(true))
        .filter(Column::Cancelled.is_null())
        .filter(Column::StartsAt.lt(to))
        .filter(Column::EndsAt.gt(from));
    if let Some(project) = project {
        query = query.filter(Column::ProjectId.eq(project));
    }
    let ordered = query
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id);
    Ok(ordered.all(app.db.read()).await?)
}

/// What is left out of a project's availability in `from..to`, the earliest first; for the report.
///
/// # Errors
/// When the store fails.
pub async fn of_project(app: &App, project: Uuid, from: At, to: At) -> Result<Vec<Window>> {
    let rows = windows(app, Some(project), from, to).await?;
    Ok(rows.into_iter().map(Window::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_795_312_800_000_000);

    fn hour(n: i64) -> At {
        NOW.plus_seconds(n * 3600)
    }

    fn sent(from: i64, to: i64) -> WriteWindow {
        WriteWindow {
            name: "补丁".into(),
            project_id: Uuid::nil(),
            monitor_ids: Vec::new(),
            starts_at: hour(from),
            ends_at: hour(to),
            reason: "补丁".into(),
            excluded_from_availability: true,
            cause: Cause::Maintenance,
        }
    }

    /// A window that stands from hour to hour, planned ahead.
    fn stored(from: i64, to: i64) -> Model {
        Model {
            id: Uuid::nil(),
            project_id: Uuid::nil(),
            name: "补丁".into(),
            starts_at: hour(from),
            ends_at: hour(to),
            reason: "补丁".into(),
            excluded: true,
            monitors: String::new(),
            cancelled: None,
            created_at: hour(-100),
            version: 1,
            cause: "maintenance".into(),
            entered_late_at: None,
            entered_late_by: None,
        }
    }

    fn late(before: Option<&Model>, sent: &WriteWindow) -> bool {
        LateEntry::mark(before, sent, NOW, "李四").is_some()
    }

    #[test]
    fn only_time_that_is_over_is_entered_late() {
        for (from, to, is_late) in [(0, 1, false), (1, 2, false), (-1, 1, true), (-2, -1, true)] {
            assert_eq!(late(None, &sent(from, to)), is_late, "{from}..{to}");
        }
    }

    #[test]
    fn a_change_is_late_when_it_leaves_out_more_of_what_is_over() {
        for (before, after, is_late) in [
            ((-2, 2), (-2, 2), false),
            ((-2, 2), (-1, 2), false),
            ((-2, 2), (-2, 9), false),
            ((-2, 2), (-3, 2), true),
            ((-4, -2), (-4, -1), true),
            ((1, 2), (-1, 2), true),
        ] {
            let (stored, sent) = (stored(before.0, before.1), sent(after.0, after.1));
            assert_eq!(late(Some(&stored), &sent), is_late, "{before:?} {after:?}");
        }
        let mut other = sent(-2, 2);
        other.cause = Cause::ForceMajeure;
        assert!(late(Some(&stored(-2, 2)), &other), "another cause");
        let mut counted = stored(-2, 2);
        counted.excluded = false;
        assert!(late(Some(&counted), &sent(-2, 2)), "left out only now");
    }

    #[test]
    fn the_mark_stays_while_its_time_does() {
        let marked = Model {
            entered_late_at: Some(hour(-1)),
            entered_late_by: Some("张三".into()),
            ..stored(-2, 2)
        };
        let kept = LateEntry::mark(Some(&marked), &sent(-2, 3), NOW, "李四");
        assert_eq!(kept.map(|late| late.by).as_deref(), Some("张三"));
        assert!(!late(Some(&marked), &sent(1, 2)), "moved ahead");
    }
}
