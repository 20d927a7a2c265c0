//! The store: readers apart, one writer with group commit.
//!
//! Every change runs as a job on one writer task: inside a savepoint, in a transaction that is
//! committed once for all jobs that were waiting. So an acknowledged write has survived an fsync,
//! and a hundred of them share it. The same code serves both databases; with several nodes on one
//! `PostgreSQL` each node has its own writer and its own audit chain. See docs/adr/0002.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use log::LevelFilter;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::{mpsc, oneshot};

use super::at::At;
use super::audit::{self, Chain, Entry};
use super::clock::Clock;
use super::error::{Error, Result};
use super::events::{Change, Events};

/// Jobs that one commit may carry: bounds how long the first of them waits for its answer.
const BATCH: usize = 256;
/// Jobs that may wait; beyond this, callers wait before they are queued (back-pressure).
const QUEUE: usize = 4096;

/// A database: cheap to clone.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    jobs: mpsc::Sender<Box<dyn Job>>,
    statements: Arc<AtomicU64>,
}

/// What a job writes through: the transaction, the instant it counts as, and what happens besides.
pub struct Tx {
    /// The savepoint of this job; use it as any connection.
    pub db: DatabaseTransaction,
    /// The instant of everything this job writes.
    pub now: At,
    audit: Vec<Entry>,
    changes: Vec<Change>,
}

impl Tx {
    /// Adds an entry to the audit log, written in the same commit.
    pub fn audit(&mut self, entry: Entry) {
        self.audit.push(entry);
    }

    /// Announces a change to live pages and loops, once the commit stands.
    pub fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }
}

/// One queued write, its result type hidden.
trait Job: Send {
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Answer>;
}

/// Told whether the commit stands, and if not, why.
type Reply = Box<dyn FnOnce(std::result::Result<(), String>) + Send>;

/// Tells the waiting caller how its job ended, after the commit (or without one).
type Answer = (bool, Reply);

struct Work<F, T> {
    work: F,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Work<F, T>
where
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let Self { work, reply } = *self;
            // A panic in one job must not take the writer, and every later write, with it.
            let result = AssertUnwindSafe(work(tx))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::storage("a write panicked")));
            let ok = result.is_ok();
            let answer: Reply = Box::new(move |committed| {
                let result = match committed {
                    Err(reason) if result.is_ok() => Err(Error::storage(reason)),
                    _ => result,
                };
                // The caller may have gone away; what was committed stands all the same.
                drop(reply.send(result));
            });
            (ok, answer)
        })
    }
}

impl Db {
    /// Opens (and creates when missing) the embedded database in `path`.
    ///
    /// # Errors
    /// When the file cannot be opened or created.
    pub async fn sqlite(path: &Path, clock: Clock, events: Events, node: &str) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged commit survives power loss; group commit pays for it.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("cache_size", "-16384")
            .pragma("temp_store", "memory");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(quiet(options.clone()))
            .await
            .map_err(Error::storage)?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(quiet(options).pragma("query_only", "on"))
            .await
            .map_err(Error::storage)?;
        Self::start(read.into(), writer.into(), clock, events, node).await
    }

    /// Connects to a `PostgreSQL` (or one that speaks its protocol) by its URL.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the login.
    pub async fn postgres(url: &str, clock: Clock, events: Events, node: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(Error::storage)?;
        let options = quiet(options.application_name("anlan"));
        let writer = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(Error::storage)?;
        let read = PgPoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await
            .map_err(Error::storage)?;
        Self::start(read.into(), writer.into(), clock, events, node).await
    }

    async fn start(
        mut read: DatabaseConnection,
        mut writer: DatabaseConnection,
        clock: Clock,
        events: Events,
        node: &str,
    ) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        for connection in [&mut read, &mut writer] {
            let count = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
        crate::migrations::run(&writer).await?;
        let chain = audit::head(&writer, node).await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(
            Writer {
                db: writer,
                clock,
                events,
                chain,
                queue,
            }
            .run(),
        );
        Ok(Self {
            read,
            jobs,
            statements,
        })
    }

    /// How many statements were sent since the start. A list must not need more of them for more rows.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The connection for reading. Nothing may be written through it.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Which of the two databases this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Runs `work` on the writer and answers once it is durable. Everything `work` wrote is undone
    /// when it returns an error.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Storage`] when the commit fails.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::storage("the write was not carried out");
        self.jobs
            .send(Box::new(Work { work, reply }))
            .await
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Writes one audit entry by itself (a failed attempt, a read that must be evident).
    ///
    /// # Errors
    /// When the commit fails.
    pub async fn audit(&self, entry: Entry) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                Ok(())
            })
        })
        .await
    }
}

/// Statements are not logged one by one; slow ones are, at a level an operator sees.
fn quiet<O: sqlx::ConnectOptions>(options: O) -> O {
    options
        .log_statements(LevelFilter::Off)
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(1))
}

struct Writer {
    db: DatabaseConnection,
    clock: Clock,
    events: Events,
    chain: Chain,
    queue: mpsc::Receiver<Box<dyn Job>>,
}

impl Writer {
    async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        while self.queue.recv_many(&mut waiting, BATCH).await > 0 {
            self.commit(std::mem::take(&mut waiting)).await;
        }
    }

    /// Runs the waiting jobs in one transaction, commits, then answers all of them.
    async fn commit(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut batch = Batch::default();
        let outcome = self.write(jobs, &mut batch).await;
        let committed = match outcome {
            Ok(chain) => {
                self.chain = chain;
                for change in batch.changes {
                    self.events.send(change);
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a batch of writes was not committed");
                Err(error.to_string())
            }
        };
        for answer in batch.answers {
            answer(committed.clone());
        }
    }

    async fn write(
        &self,
        jobs: Vec<Box<dyn Job>>,
        batch: &mut Batch,
    ) -> std::result::Result<Chain, sea_orm::DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.db.begin_with_options(options).await?;
        for job in jobs {
            let savepoint = transaction.begin().await?;
            let mut tx = Tx {
                db: savepoint,
                now: self.clock.now(),
                audit: Vec::new(),
                changes: Vec::new(),
            };
            let (ok, answer) = job.run(&mut tx).await;
            batch.answers.push(answer);
            if ok {
                tx.db.commit().await?;
                batch
                    .audit
                    .extend(tx.audit.into_iter().map(|entry| (tx.now, entry)));
                batch.changes.extend(tx.changes);
            } else {
                tx.db.rollback().await?;
            }
        }
        let chain =
            audit::append(&transaction, &self.chain, std::mem::take(&mut batch.audit)).await?;
        transaction.commit().await?;
        Ok(chain)
    }
}

#[derive(Default)]
struct Batch {
    answers: Vec<Reply>,
    audit: Vec<(At, Entry)>,
    changes: Vec<Change>,
}
