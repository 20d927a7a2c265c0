//! Durable timers: every promise, reminder, escalation and plan is one row, woken by one loop.
//!
//! A timer is deleted in the same transaction as what it causes, so it acts exactly once however
//! many nodes look at the table and wherever the process is killed. A tick costs what is due,
//! not what is open.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::Platform;
use super::at::At;
use super::clock::Latest;
use super::db::{Db, Tx};
use super::error::{Error, Result};
use super::events::{Change, Topic};

mod rows {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "timers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub due_at: At,
        pub kind: String,
        pub subject_id: Option<Uuid>,
        pub payload: String,
        pub attempts: i32,
        pub last_error: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A timer that has come due.
pub type Timer = rows::Model;

/// Timers handled in one pass before the table is read again.
const PASS: u64 = 500;
/// The longest sleep: bounds how late another node's timers are noticed.
const NAP: Duration = Duration::from_secs(1);
/// The longest pause while the store fails: how late timers are at most once it works again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What a kind of timer does. It must call [`done`] in the transaction of its effect.
pub type Handler<S> = fn(S, Timer) -> BoxFuture<'static, Result<()>>;

/// Sets a timer.
///
/// # Errors
/// When it cannot be stored.
pub async fn set(
    tx: &mut Tx,
    due_at: At,
    kind: &str,
    subject: Option<Uuid>,
    payload: &(impl Serialize + Sync),
) -> Result<()> {
    let row = row(due_at, kind, subject, payload)?;
    row.insert(&tx.db).await?;
    tx.changed(Change::new(Topic::Timer, subject.unwrap_or_default()));
    Ok(())
}

/// Replaces all timers of one kind about one subject.
///
/// # Errors
/// When they cannot be stored.
pub async fn replace<P: Serialize + Sync>(
    tx: &mut Tx,
    kind: &str,
    subject: Uuid,
    timers: &[(At, P)],
) -> Result<()> {
    clear(tx, kind, subject).await?;
    add(tx, kind, subject, timers).await
}

/// Adds timers of one kind about one subject.
///
/// # Errors
/// When they cannot be stored.
pub async fn add<P: Serialize + Sync>(
    tx: &mut Tx,
    kind: &str,
    subject: Uuid,
    timers: &[(At, P)],
) -> Result<()> {
    if timers.is_empty() {
        return Ok(());
    }
    let rows = timers
        .iter()
        .map(|(due_at, payload)| row(*due_at, kind, Some(subject), payload))
        .collect::<Result<Vec<_>>>()?;
    rows::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    tx.changed(Change::new(Topic::Timer, subject));
    Ok(())
}

/// Sets a timer about a subject, of which no other job knows before the commit.
///
/// # Errors
/// When it cannot be written down.
pub fn later(tx: &mut Tx, kind: &str, subject: Uuid, due_at: At) -> Result<()> {
    tx.later(row(due_at, kind, Some(subject), &())?);
    tx.changed(Change::new(Topic::Timer, subject));
    Ok(())
}

/// Removes all timers of one kind about one subject.
///
/// # Errors
/// When the store fails.
pub async fn clear(tx: &Tx, kind: &str, subject: Uuid) -> Result<()> {
    rows::Entity::delete_many()
        .filter(rows::Column::SubjectId.eq(subject))
        .filter(rows::Column::Kind.eq(kind))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Removes the timers of one kind about these subjects that are due at `due` or before.
///
/// # Errors
/// When the store fails.
pub async fn clear_due(tx: &Tx, kind: &str, subjects: &[Uuid], due: At) -> Result<()> {
    rows::Entity::delete_many()
        .filter(rows::Column::SubjectId.is_in(subjects.iter().copied()))
        .filter(rows::Column::Kind.eq(kind))
        .filter(rows::Column::DueAt.lte(due))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Takes a due timer out. False when another node, or this one before a crash, already did.
///
/// # Errors
/// When the store fails.
pub async fn done(tx: &Tx, timer: &Timer) -> Result<bool> {
    Ok(rows::Entity::delete_by_id(timer.id)
        .exec(&tx.db)
        .await?
        .rows_affected
        == 1)
}

fn row(
    due_at: At,
    kind: &str,
    subject: Option<Uuid>,
    payload: &impl Serialize,
) -> Result<rows::ActiveModel> {
    Ok(rows::ActiveModel {
        id: Set(Uuid::now_v7()),
        due_at: Set(due_at),
        kind: Set(kind.to_owned()),
        subject_id: Set(subject),
        payload: Set(serde_json::to_string(payload).map_err(Error::internal)?),
        attempts: Set(0),
        last_error: Set(None),
    })
}

/// The loop's table of what each kind does.
pub struct Loop<S> {
    state: S,
    /// To notice that the clock is set back.
    latest: Latest,
    handlers: HashMap<&'static str, Handler<S>>,
}

impl<S> Loop<S>
where
    S: Clone + Send + Sync + 'static + std::ops::Deref<Target = Platform>,
{
    /// A loop with its handlers by kind.
    #[must_use]
    pub fn new(state: S, handlers: impl IntoIterator<Item = (&'static str, Handler<S>)>) -> Self {
        Self {
            state,
            latest: Latest::default(),
            handlers: handlers.into_iter().collect(),
        }
    }

    /// Runs until the process ends: handles what is due, sleeps until the next or a nudge.
    pub async fn run(self) {
        let mut changes = self.state.events.listen();
        let mut pause = NAP;
        loop {
            match self.tick().await {
                Ok(0) => pause = NAP,
                Ok(_) => {
                    pause = NAP;
                    continue;
                }
                // What is due stays due: without a pause a store that fails would be asked, and the
                // log written, a thousand times a second.
                Err(error) => {
                    tracing::error!(%error, again_in = ?pause, "timers could not be worked on");
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(2 * pause);
                    continue;
                }
            }
            let next = next_due(&self.state.db).await.unwrap_or(None);
            let wait = next.map_or(NAP, |due| {
                let micros = (due.0 - self.state.now().0).max(1_000);
                Duration::from_micros(u64::try_from(micros).unwrap_or_default()).min(NAP)
            });
            let nudged = async {
                loop {
                    match changes.recv().await {
                        Ok(change) if change.topic != Topic::Timer => {}
                        _ => break,
                    }
                }
            };
            drop(tokio::time::timeout(wait, nudged).await);
        }
    }

    /// Handles what is due now and tells how many timers that were.
    ///
    /// # Errors
    /// When the table cannot be read. A handler's own failure is kept with its timer, which
    /// comes again after a growing pause.
    pub async fn tick(&self) -> Result<usize> {
        let now = self.state.now();
        if let Some(before) = self.latest.set_back(now) {
            tracing::warn!(%before, %now, "the clock was set back");
            self.pull(before).await?;
        }
        self.latest.saw(now);
        let due = rows::Entity::find()
            .filter(rows::Column::DueAt.lte(now))
            .order_by_asc(rows::Column::DueAt)
            .limit(PASS)
            .all(self.state.db.read())
            .await?;
        let count = due.len();
        for timer in due {
            let result = match self.handlers.get(timer.kind.as_str()) {
                Some(handler) => handler(self.state.clone(), timer.clone()).await,
                None => Err(Error::internal(format!(
                    "no handler for timers of kind {}",
                    timer.kind
                ))),
            };
            if let Err(error) = result {
                tracing::error!(%error, kind = timer.kind, id = %timer.id, "a timer failed and will come again");
                self.postpone(timer, &error).await?;
            }
        }
        Ok(count)
    }

    /// Makes due what was due before the clock was set back, and what was only to be tried again; what
    /// was planned for later stays where it is on the clock.
    async fn pull(&self, before: At) -> Result<()> {
        use rows::Column;
        let was_due = Condition::any()
            .add(Column::DueAt.lte(before))
            .add(Column::Attempts.gt(0));
        self.state
            .db
            .write(move |tx| {
                Box::pin(async move {
                    rows::Entity::update_many()
                        .col_expr(Column::DueAt, Expr::value(tx.now.0))
                        .filter(Column::DueAt.gt(tx.now))
                        .filter(was_due)
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    async fn postpone(&self, timer: Timer, error: &Error) -> Result<()> {
        let error = error.to_string();
        self.state
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let pause = 5_i64 << timer.attempts.clamp(0, 9);
                    let again = rows::ActiveModel {
                        id: Set(timer.id),
                        due_at: Set(tx.now.plus_seconds(pause)),
                        attempts: Set(timer.attempts.saturating_add(1)),
                        last_error: Set(Some(error)),
                        ..Default::default()
                    };
                    rows::Entity::update_many()
                        .set(again)
                        .filter(rows::Column::Id.eq(timer.id))
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}

/// When the next timer is due.
///
/// # Errors
/// When the table cannot be read.
pub async fn next_due(db: &Db) -> Result<Option<At>> {
    let due: Option<At> = rows::Entity::find()
        .select_only()
        .column(rows::Column::DueAt)
        .order_by_asc(rows::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(due)
}
