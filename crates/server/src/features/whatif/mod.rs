//! What would we have kept? Judges the histories of a project's tickets by another agreement
//! (or by their own): the same pure function that runs the live clocks.

use std::collections::BTreeMap;

use anlan_core::calendar::Calendars;
use anlan_core::proposal::Subject;
use anlan_core::sla::{self, Agreement, History, Status, Target};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::tickets::Terms;
use crate::features::tickets::rows::tickets;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// Tickets judged between two reads.
const PAGE: u64 = 2_000;

/// What to judge.
#[derive(Clone, Debug)]
pub struct Question {
    /// Code of the project.
    pub project: String,
    /// Key of the agreement to judge by; each ticket's own when absent.
    pub agreement: Option<String>,
    /// Reported not before.
    pub from: Option<At>,
    /// Reported before.
    pub to: Option<At>,
}

/// The answer: how each promise would have been kept.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Answer {
    /// Tickets judged.
    pub tickets: u64,
    /// Tickets the agreement says nothing about, or that could not be judged.
    pub skipped: u64,
    /// Tickets with every counted promise kept.
    pub kept_whole: u64,
    /// By target.
    pub targets: BTreeMap<String, Attainment>,
    /// By level, all targets together.
    pub levels: BTreeMap<String, Attainment>,
}

/// How often a promise was kept.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Attainment {
    /// Kept in time.
    pub met: u64,
    /// Broken.
    pub breached: u64,
    /// Fell away before it came due.
    pub cancelled: u64,
    /// Not decided yet.
    pub open: u64,
}

impl Attainment {
    /// The share that was kept, of those decided; nothing while none is.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let decided = self.met + self.breached;
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of tickets are far below 2^52"
        )]
        (decided > 0).then(|| self.met as f64 / decided as f64)
    }

    const fn count(&mut self, status: Status) {
        match status {
            Status::Met => self.met += 1,
            Status::Breached => self.breached += 1,
            Status::Cancelled => self.cancelled += 1,
            Status::Running | Status::Paused => self.open += 1,
        }
    }
}

/// Judges every ticket of the project. `progress` is told how many were judged so far.
///
/// # Errors
/// When project or agreement do not exist, or the store fails.
pub async fn answer(
    app: &App,
    question: &Question,
    mut progress: impl FnMut(u64),
) -> Result<Answer> {
    let db = app.db.read();
    let project = projects::Entity::find()
        .filter(projects::Column::Code.eq(&question.project))
        .one(db)
        .await?;
    let project = project
        .ok_or_else(|| Error::internal(format!("no project has the code {}", question.project)))?;
    let other = match &question.agreement {
        None => None,
        Some(key) => Some(
            app.definitions
                .agreement(key)
                .ok_or_else(|| Error::internal(format!("no agreement {key}")))?,
        ),
    };
    let terms = Terms::load(db, project.id).await?;
    let mut calendars: BTreeMap<String, Calendars> = BTreeMap::new();
    let uncounted = terms.uncounted(&app.definitions.zone_of(&project.calendar));
    let now = app.now().timestamp();
    let mut answer = Answer::default();
    let mut after = Uuid::nil();
    loop {
        let page = page(app, project.id, question, after).await?;
        let Some(last) = page.last() else {
            return Ok(answer);
        };
        after = last.id;
        for ticket in page {
            let own = ticket
                .agreement
                .zip(ticket.agreement_version)
                .and_then(|(key, version)| app.definitions.agreement_version(&key, version));
            let hours = ticket.calendar.unwrap_or_else(|| project.calendar.clone());
            let calendars = calendars
                .entry(hours)
                .or_insert_with_key(|key| app.definitions.calendars_of(key));
            let judged = other.clone().or(own.clone()).and_then(|agreement| {
                let mut history: History = serde_json::from_str(&ticket.history).ok()?;
                history.uncounted.clone_from(&uncounted);
                if other.is_some() {
                    let category = ticket.category.as_deref();
                    relevel(
                        &mut history,
                        own.as_deref(),
                        &agreement,
                        category,
                        ticket.priority,
                    );
                }
                sla::evaluate(&agreement, calendars, &history, now).ok()
            });
            match judged {
                Some(judged) => answer.add(&judged),
                None => answer.skipped += 1,
            }
        }
        progress(answer.tickets + answer.skipped);
    }
}

/// What of a ticket is judged.
#[derive(FromQueryResult)]
struct Judged {
    id: Uuid,
    history: String,
    category: Option<String>,
    priority: Option<i32>,
    agreement: Option<String>,
    agreement_version: Option<i32>,
    calendar: Option<String>,
}

async fn page(app: &App, project: Uuid, question: &Question, after: Uuid) -> Result<Vec<Judged>> {
    use tickets::Column;
    let mut query = tickets::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::History,
            Column::Category,
            Column::Priority,
            Column::Agreement,
            Column::AgreementVersion,
            Column::Calendar,
        ])
        .filter(Column::ProjectId.eq(project))
        .filter(Column::Id.gt(after));
    if let Some(from) = question.from {
        query = query.filter(Column::ReportedAt.gte(from));
    }
    if let Some(to) = question.to {
        query = query.filter(Column::ReportedAt.lt(to));
    }
    Ok(query
        .order_by_asc(Column::Id)
        .limit(PAGE)
        .into_model()
        .all(app.db.read())
        .await?)
}

/// The levels of one agreement mean nothing to another: each becomes its counterpart there. Where
/// there are none, the ticket is proposed one from the report on.
fn relevel(
    history: &mut History,
    own: Option<&Agreement>,
    other: &Agreement,
    category: Option<&str>,
    priority: Option<i32>,
) {
    let kind = history.kind.clone();
    let subject = Subject {
        kind: kind.as_deref(),
        category,
        priority: priority.and_then(|priority| u8::try_from(priority).ok()),
    };
    match own {
        Some(own) => *history = history.translated(own, other, subject),
        None => history.levels.clear(),
    }
    if let (true, Some(level)) = (history.levels.is_empty(), other.propose(subject)) {
        history.level(level.key.to_string(), history.reported_at);
    }
}

impl Answer {
    fn add(&mut self, judged: &sla::Assessment) {
        self.tickets += 1;
        let level = judged
            .level
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        let mut whole = true;
        for clock in judged.clocks.iter().filter(|clock| clock.counted) {
            whole &= clock.status != Status::Breached;
            self.targets
                .entry(clock.target.as_str().to_owned())
                .or_default()
                .count(clock.status);
            self.levels
                .entry(level.clone())
                .or_default()
                .count(clock.status);
        }
        self.kept_whole += u64::from(whole);
    }

    /// The targets in the order of a ticket's life, with their Chinese names.
    pub fn in_order(&self) -> impl Iterator<Item = (&'static str, &Attainment)> {
        Target::ALL
            .iter()
            .filter_map(|target| Some((target.zh(), self.targets.get(target.as_str())?)))
    }
}
