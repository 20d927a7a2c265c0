//! The store: readers apart, one writer with group commit.
//!
//! Every change runs as a job on one writer task: inside a savepoint, in a transaction that is
//! committed once for all jobs that were waiting. So an acknowledged write has survived an fsync,
//! and a hundred of them share it. The same code serves both databases; with several nodes on one
//! `PostgreSQL` each node has its own writer and its own audit chain. See docs/adr/0002.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use log::LevelFilter;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IntoActiveModel, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::at::At;
use super::audit::{self, Chain, Entry};
use super::clock::Clock;
use super::error::{Error, Result};
use super::events::{Change, Events};
use super::later::Later;
use super::memo::Memo;

/// Jobs that one commit may carry: bounds how long the first of them waits for its answer.
const BATCH: usize = 256;
/// Jobs that may wait; beyond this, callers wait before they are queued (back-pressure).
const QUEUE: usize = 4096;
/// What SQLite's writing connection keeps in memory, in KiB, written as it takes it.
const WRITER_CACHE: &str = "-16384";
/// What each of its reading connections keeps. The system's own cache serves all of them.
const READER_CACHE: &str = "-6144";
/// How long a request waits for a connection to a `PostgreSQL` that is away.
const REACH: Duration = Duration::from_secs(5);
/// How long a batch may take on `PostgreSQL`. One that is silent and yet keeps the line open must
/// not hold up every later write for good.
const LONGEST_BATCH: Duration = Duration::from_secs(120);
/// How long a batch runs before the writer is called stuck.
const STUCK: Duration = Duration::from_secs(15);
/// How long a look at the store's health may take.
const LOOK: Duration = Duration::from_secs(3);

/// A database: cheap to clone.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    jobs: mpsc::Sender<Box<dyn Job>>,
    statements: Arc<AtomicU64>,
    doing: Arc<Mutex<Doing>>,
    node: Arc<str>,
}

/// How the writer is doing.
#[derive(Debug, Default)]
struct Doing {
    /// When the batch began that runs now.
    since: Option<Instant>,
    /// Whether the last batch failed as a whole.
    failed: bool,
}

/// What a job writes through: the transaction, the instant it counts as, and what happens besides.
pub struct Tx {
    /// The savepoint of this job; use it as any connection.
    pub db: DatabaseTransaction,
    /// The instant of everything this job writes.
    pub now: At,
    audit: Vec<Entry>,
    changes: Vec<Change>,
    memo: Memo,
    later: Later,
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

    /// Puts a row off that nobody can know of before the commit. It is written with those of the
    /// whole batch, before any job of [`Db::write`] runs, and not at all if this job fails.
    pub fn later<A>(&mut self, row: A)
    where
        A: ActiveModelTrait + Send + Sync + 'static,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        self.later.add(row);
    }

    /// Writes what this job has put off, because it goes on to read it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(&mut self) -> Result<()> {
        self.later.write(&self.db).await
    }

    /// Reads what seldom changes once for all jobs of a batch that ask. A job that asks must not
    /// write it: jobs that do (an administrator's) never ask, and end what was kept.
    ///
    /// # Errors
    /// What `read` returns.
    pub async fn once<T: Send + Sync + 'static>(
        &self,
        key: String,
        read: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        self.memo.once(key, read).await
    }
}

/// One queued write, its result type hidden.
trait Job: Send {
    /// Whether it only adds what nobody knows of yet.
    fn adds(&self) -> bool;
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Answer>;
}

/// Told whether the commit stands, and if not, why.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;

/// Tells the waiting caller how its job ended, after the commit (or without one).
type Answer = (bool, Reply);

struct Work<F, T> {
    adds: bool,
    work: F,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Work<F, T>
where
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    fn adds(&self) -> bool {
        self.adds
    }

    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let Self { work, reply, .. } = *self;
            // A panic in one job must not take the writer, and every later write, with it.
            let result = AssertUnwindSafe(work(tx))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Error::storage("a write panicked")));
            let ok = result.is_ok();
            let answer: Reply = Box::new(move |committed| {
                let result = match committed {
                    Err(error) if result.is_ok() => Err(error),
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
            .pragma("temp_store", "memory");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // SQLite ends a transaction by itself when the disk is full, and the driver goes on
            // counting it: such a connection could never begin another.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(quiet(options.clone()).pragma("cache_size", WRITER_CACHE))
            .await
            .map_err(Error::storage)?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            // A file does not hang up: asking each time costs as much as a small query.
            .test_before_acquire(false)
            .connect_with(
                quiet(options)
                    .pragma("cache_size", READER_CACHE)
                    .pragma("query_only", "on"),
            )
            .await
            .map_err(Error::storage)?;
        Self::start(read.into(), writer.into(), clock, events, node).await
    }

    /// Connects to a `PostgreSQL` (or one that speaks its protocol) by its URL.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the login.
    pub async fn postgres(url: &str, clock: Clock, events: Events, node: &str) -> Result<Self> {
        let options = postgres_options(url)?;
        let options = quiet(options.application_name("anlan"));
        reach(&options).await?;
        let writer = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(REACH)
            .connect_with(options.clone())
            .await
            .map_err(Error::storage)?;
        let read = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(REACH)
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
        let (doing, node) = (Arc::<Mutex<Doing>>::default(), Arc::<str>::from(node));
        tokio::spawn(
            Writer {
                db: writer,
                clock,
                events,
                chain: Some(chain),
                node: Arc::clone(&node),
                queue,
                doing: Arc::clone(&doing),
            }
            .run(),
        );
        Ok(Self {
            read,
            jobs,
            statements,
            doing,
            node,
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
        self.queue(false, work).await
    }

    /// As [`Db::write`], for work that only adds, and reads none of what is put off with
    /// [`Tx::later`]: many of them share its statements.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn add<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.queue(true, work).await
    }

    async fn queue<T, F>(&self, adds: bool, work: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::storage("the write was not carried out");
        self.jobs
            .send(Box::new(Work { adds, work, reply }))
            .await
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Looks whether the store can be read, and written if the last write failed.
    ///
    /// # Errors
    /// [`Error::Storage`] or a coded 503 or 507 that says what is wrong.
    pub async fn look(&self) -> Result<()> {
        let silent = |_| Error::storage("the store does not answer");
        let read = self.read.execute_unprepared("SELECT 1");
        timeout(LOOK, read).await.map_err(silent)??;
        let (stuck, failed) = {
            let doing = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
            let stuck = doing.since.is_some_and(|since| since.elapsed() > STUCK);
            (stuck || self.jobs.is_closed(), doing.failed)
        };
        if stuck {
            return Err(Error::coded(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "writer_stuck",
            ));
        }
        if failed {
            timeout(LOOK, self.try_write()).await.map_err(silent)??;
        }
        Ok(())
    }

    /// Writes a row that means nothing, to see whether writing works again.
    async fn try_write(&self) -> Result<()> {
        let key = format!("health:{}", self.node);
        self.write(move |tx| {
            Box::pin(async move {
                let [counters, id, value] = ["counters", "key", "value"].map(Alias::new);
                let one_more = Expr::col((counters.clone(), value.clone())).add(1);
                let insert = Query::insert()
                    .into_table(counters)
                    .columns([id.clone(), value.clone()])
                    .values([Expr::val(key), Expr::val(1_i64)])
                    .map_err(Error::internal)?
                    .on_conflict(OnConflict::column(id).value(value, one_more).to_owned())
                    .to_owned();
                tx.db.execute(&insert).await?;
                Ok(())
            })
        })
        .await
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

/// Reads a URL. The driver would take any other scheme as well, and look for the server there.
fn postgres_options(url: &str) -> Result<PgConnectOptions> {
    let wrong = |reason: &str| {
        Error::storage(format!(
            "no PostgreSQL URL such as postgres://user:password@host:5432/database: {reason}"
        ))
    };
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(wrong("it must begin with postgres://"));
    }
    url.parse()
        .map_err(|error: sqlx::Error| wrong(&error.to_string()))
}

/// Connects once, to say what is wrong: a pool only says that it waited in vain.
async fn reach(options: &PgConnectOptions) -> Result<()> {
    let place = format!(
        "PostgreSQL at {}:{}",
        options.get_host(),
        options.get_port()
    );
    let failed = |reason: String| Error::storage(format!("{place}: {reason}"));
    let connection = timeout(2 * REACH, options.connect())
        .await
        .map_err(|_| failed("no answer".into()))?
        .map_err(|error| failed(error.to_string()))?;
    connection
        .close()
        .await
        .map_err(|error| failed(error.to_string()))
}

/// A commit whose answer was lost may stand or not. One that the database refused does not.
fn uncommitted(error: DbErr) -> Error {
    let refused = match &error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause.as_database_error().is_some(),
        _ => false,
    };
    if refused {
        return error.into();
    }
    uncertain(&error.to_string())
}

fn uncertain(reason: &str) -> Error {
    Error::coded(axum::http::StatusCode::SERVICE_UNAVAILABLE, "uncertain").with("reason", reason)
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
    /// Where the audit chain ends; unknown after a batch that failed, until the database is asked.
    chain: Option<Chain>,
    node: Arc<str>,
    queue: mpsc::Receiver<Box<dyn Job>>,
    doing: Arc<Mutex<Doing>>,
}

impl Writer {
    async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        while self.queue.recv_many(&mut waiting, BATCH).await > 0 {
            self.doing(|doing| doing.since = Some(Instant::now()));
            self.commit(std::mem::take(&mut waiting)).await;
            self.doing(|doing| doing.since = None);
        }
    }

    fn doing(&self, change: impl FnOnce(&mut Doing)) {
        change(&mut self.doing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Runs the waiting jobs in one transaction, commits, then answers all of them.
    async fn commit(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut batch = Batch::default();
        let limit = match self.db.get_database_backend() {
            DbBackend::Postgres => LONGEST_BATCH,
            _ => Duration::MAX,
        };
        let outcome = timeout(limit, self.write(jobs, &mut batch))
            .await
            .unwrap_or_else(|_| Err(uncertain("the database did not answer")));
        self.doing(|doing| doing.failed = outcome.is_err());
        // After a failure only the database knows whether the commit stands: whoever went on from
        // the old end of the chain would be refused for ever if it does.
        self.chain = outcome.as_ref().ok().cloned();
        let committed = match outcome {
            Ok(_) => {
                for change in batch.changes {
                    self.events.send(change);
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a batch of writes was not committed");
                Err(error)
            }
        };
        for answer in batch.answers {
            answer(committed.clone());
        }
    }

    async fn write(&self, jobs: Vec<Box<dyn Job>>, batch: &mut Batch) -> Result<Chain> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.db.begin_with_options(options).await?;
        let chain = match &self.chain {
            Some(chain) => chain.clone(),
            None => audit::head(&transaction, &self.node).await?,
        };
        let mut memo = Memo::default();
        let mut later = Later::default();
        for job in jobs {
            if !job.adds() {
                later.write(&transaction).await?;
            }
            let savepoint = transaction.begin().await?;
            let mut tx = Tx {
                db: savepoint,
                now: self.clock.now(),
                audit: Vec::new(),
                changes: Vec::new(),
                memo,
                later: Later::default(),
            };
            let (ok, answer) = job.run(&mut tx).await;
            batch.answers.push(answer);
            if ok {
                tx.db.commit().await?;
                batch
                    .audit
                    .extend(tx.audit.into_iter().map(|entry| (tx.now, entry)));
                batch.changes.extend(tx.changes);
                later.append(tx.later);
            } else {
                tx.db.rollback().await?;
            }
            tx.memo.job_ended(ok);
            memo = tx.memo;
        }
        later.write(&transaction).await?;
        let chain = audit::append(&transaction, &chain, std::mem::take(&mut batch.audit)).await?;
        transaction.commit().await.map_err(uncommitted)?;
        Ok(chain)
    }
}

#[derive(Default)]
struct Batch {
    answers: Vec<Reply>,
    audit: Vec<(At, Entry)>,
    changes: Vec<Change>,
}
