//! How groups and suppliers keep what they promised us: OLA and UC.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::dto::Names;
use super::rows::tasks;
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::Result;
use crate::platform::i18n::Lang;

/// One promise of a group or supplier that came due, with how it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The ticket it belongs to.
    pub ticket: Uuid,
    /// Group or supplier.
    pub who: String,
    /// `ola` or `uc`.
    pub basis: String,
    /// What was to be done.
    pub title: String,
    /// By when.
    pub due_at: At,
    /// When it was done.
    pub closed_at: Option<At>,
    /// Whether that was in time.
    pub kept: bool,
}

/// The promises under OLA and UC that came due between two instants and were needed, in that order.
/// What is still open has been broken when it is due.
///
/// # Errors
/// When the store fails.
pub async fn stats(
    app: &App,
    db: &impl ConnectionTrait,
    lang: Lang,
    project: Uuid,
    (from, to): (At, At),
) -> Result<Vec<Told>> {
    let rows = tasks::Entity::find()
        .filter(tasks::Column::ProjectId.eq(project))
        .filter(tasks::Column::DueAt.gte(from))
        .filter(tasks::Column::DueAt.lt(to))
        .filter(tasks::Column::Basis.is_in(["ola", "uc"]))
        .filter(tasks::Column::State.ne("not_needed"))
        .order_by_asc(tasks::Column::DueAt)
        .all(db)
        .await?;
    let names = Names::of(db, &rows).await?;
    let now = app.now();
    let told = |row: tasks::Model| {
        let ended = row.closed_at.unwrap_or(now);
        let over = row.closed_at.is_some() || now > row.due_at;
        over.then(|| Told {
            who: names.who(app, lang, &row),
            ticket: row.ticket_id,
            title: lang.pick(&row.title_zh, &row.title_en).to_owned(),
            kept: ended <= row.due_at,
            basis: row.basis,
            due_at: row.due_at,
            closed_at: row.closed_at,
        })
    };
    Ok(rows.into_iter().filter_map(told).collect())
}
