//! The engine: a scheduler starts probes at their slots, workers look, one writer judges and stores.
//!
//! A worker never touches the database. The writer takes what has come, steps the alert state of
//! each monitor and writes everything that changed — state, events, alert, ticket, notices — in one
//! transaction; only then does the state in memory move on. So a kill at any instant loses nothing
//! that people were told, and tells nobody twice. A sample that changes nothing costs no row.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anlan_core::alert::{Circumstances, State, step};
use anlan_core::schedule::{Due, Next, Schedule};
use anlan_probe::{Options as ProbeOptions, Outcome, Prober};
use anlan_series::{Keeper, Options, Store};
use futures::future;
use serde::Serialize;
use tokio::runtime;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::history;
use super::outcome::{self, Judged};
use super::own_line::{self, OwnLine};
use super::roster::{self, Behind};
use super::storms::Storms;
use super::watch::{Board, Last};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::error::{Error, Result};
use crate::platform::seldom::Seldom;

/// Probes that may run at a time.
const PROBES: usize = 2_000;
/// Results that may wait for the writer; beyond this, workers wait.
const RESULTS: usize = 20_000;
/// Results judged together at most.
const BATCH: usize = 2_000;
/// The shortest sleep of the scheduler: what falls due meanwhile starts together. Waking for each
/// check costs more than the check.
const TICK: Duration = Duration::from_millis(10);
/// How long the writer gathers results before it judges them, for the same reason.
const GATHER: Duration = Duration::from_millis(50);
/// The longest sleep of the scheduler: how late a changed clock is noticed.
const NAP: Duration = Duration::from_millis(500);
/// How long until monitors that could not be read are tried again.
const RETRY: Duration = Duration::from_secs(5);
/// Complaints that every check would repeat.
static HISTORY: Seldom = Seldom::new();
static STATE: Seldom = Seldom::new();
/// Eight hours in microseconds: partitions of history begin at midnight in China.
const BEIJING: i64 = -8 * 3600 * 1_000_000;

/// The engine's state, shared with the API.
pub struct Engine {
    /// What is known of every monitor.
    pub board: Board,
    /// Metric history.
    pub store: Arc<Store>,
    /// Looks at things.
    pub prober: Prober,
    /// Whether this node itself is connected.
    pub own_line: OwnLine,
    /// Bursts of alerts, project by project. Only the writer moves them on.
    storms: Mutex<Storms>,
    figures: Figures,
    _keeper: Keeper,
}

#[derive(Debug, Default)]
struct Figures {
    checks: AtomicU64,
    skipped: AtomicU64,
    running: AtomicU64,
    lag_us: AtomicI64,
    worst_lag_us: AtomicI64,
}

/// How the engine itself is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngineHealth {
    /// Monitors being watched.
    pub monitors: usize,
    /// Checks finished since the start.
    pub checks: u64,
    /// Slots left out because the check before still ran, or the machine was late.
    pub skipped: u64,
    /// Checks running now.
    pub running: u64,
    /// How late the newest check was started, in milliseconds.
    pub lag_ms: i64,
    /// The largest such lag since the start.
    pub worst_lag_ms: i64,
}

/// A finished check on its way to the writer.
struct Checked {
    id: Uuid,
    slot: At,
    outcome: Outcome,
}

impl Engine {
    /// Opens history and sets the prober up; watches nothing yet.
    ///
    /// # Errors
    /// When the history cannot be opened.
    pub fn open(folder: &std::path::Path) -> Result<Self> {
        let options = Options {
            origin: BEIJING,
            ..Options::default()
        };
        let store = Arc::new(Store::open(folder, options).map_err(Error::storage)?);
        let keeper = Keeper::start(
            Arc::clone(&store),
            Duration::from_secs(1),
            Duration::from_secs(60),
        )
        .map_err(Error::storage)?;
        let prober = Prober::new(&ProbeOptions::default()).map_err(Error::internal)?;
        Ok(Self {
            board: Board::default(),
            store,
            prober,
            own_line: OwnLine::default(),
            storms: Mutex::default(),
            figures: Figures::default(),
            _keeper: keeper,
        })
    }

    fn storms(&self) -> MutexGuard<'_, Storms> {
        self.storms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the engine itself is doing.
    #[must_use]
    pub fn health(&self) -> EngineHealth {
        let figures = &self.figures;
        EngineHealth {
            monitors: self.board.read(HashMap::len),
            checks: figures.checks.load(Ordering::Relaxed),
            skipped: figures.skipped.load(Ordering::Relaxed),
            running: figures.running.load(Ordering::Relaxed),
            lag_ms: figures.lag_us.load(Ordering::Relaxed) / 1_000,
            worst_lag_ms: figures.worst_lag_us.load(Ordering::Relaxed) / 1_000,
        }
    }
}

/// Starts watching: runs until the process ends. Schedule and probes have a thread and an event loop
/// of their own: what a probe waits for wakes no other core, and a busy API holds up no check.
///
/// # Errors
/// When the system gives no thread.
pub fn start(app: &App) -> Result<()> {
    let (results, queue) = mpsc::channel(RESULTS);
    let (finished, done) = mpsc::unbounded_channel();
    tokio::spawn(writer(app.clone(), queue, finished));
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::internal)?;
    let app = app.clone();
    thread::Builder::new()
        .name("watch".into())
        .spawn(move || runtime.block_on(scheduler(app, results, done)))
        .map_err(Error::internal)?;
    Ok(())
}

async fn scheduler(
    app: App,
    results: mpsc::Sender<Checked>,
    mut done: mpsc::UnboundedReceiver<(Uuid, Next)>,
) {
    let mut schedule = Schedule::new();
    let permits = Arc::new(Semaphore::new(PROBES));
    let mut changes = app.events.listen();
    let mut behind = Behind::All;
    let mut retry = Instant::now();
    loop {
        if Instant::now() >= retry
            && let Err(error) = roster::catch_up(&app, &mut schedule, &mut behind).await
        {
            tracing::error!(%error, "monitors could not be read; watching goes on as before");
            retry = Instant::now() + RETRY;
        }
        let now = app.now();
        while let Some(due) = schedule.pop_due(now.timestamp()) {
            launch(&app, due, &permits, &results);
        }
        app.monitors()
            .figures
            .skipped
            .store(schedule.skipped(), Ordering::Relaxed);
        let wait = schedule.next_due().map_or(NAP, |due| {
            let micros = At::from(due).0 - app.now().0;
            Duration::from_micros(u64::try_from(micros).unwrap_or_default()).clamp(TICK, NAP)
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Some((id, next)) = done.recv() => {
                schedule.finish(id, app.now().timestamp(), next);
                while let Ok((id, next)) = done.try_recv() {
                    schedule.finish(id, app.now().timestamp(), next);
                }
            }
            change = changes.recv() => behind.hear(change.ok(), &mut changes),
        }
    }
}

fn launch(app: &App, due: Due, permits: &Arc<Semaphore>, results: &mpsc::Sender<Checked>) {
    let figures = &app.monitors().figures;
    figures.lag_us.store(due.lag, Ordering::Relaxed);
    figures.worst_lag_us.fetch_max(due.lag, Ordering::Relaxed);
    let (app, permits, results) = (app.clone(), Arc::clone(permits), results.clone());
    tokio::spawn(async move {
        let Ok(_permit) = permits.acquire().await else {
            return;
        };
        if let Some(checked) = probe(&app, due).await {
            drop(results.send(checked).await);
        }
    });
}

/// Looks at one monitor; nothing when it has been removed meanwhile.
async fn probe(app: &App, due: Due) -> Option<Checked> {
    let engine = app.monitors();
    let watched = engine
        .board
        .read(|all| all.get(&due.id).map(|live| Arc::clone(&live.watched)))?;
    let figures = &engine.figures;
    figures.running.fetch_add(1, Ordering::Relaxed);
    let outcome = engine.prober.run(&watched.check, watched.timeout).await;
    figures.running.fetch_sub(1, Ordering::Relaxed);
    figures.checks.fetch_add(1, Ordering::Relaxed);
    Some(Checked {
        id: due.id,
        slot: At::from(due.slot),
        outcome,
    })
}

/// Watching step by step, without loops and sleeps: each pass looks at what is due at the clock's
/// now, and settles it. For tests and simulations.
#[derive(Debug, Default)]
pub struct Watch(Schedule);

impl Watch {
    /// Takes over what has changed in the database, checks what is due, and says how many that was.
    ///
    /// # Errors
    /// When the monitors cannot be read.
    pub async fn pass(&mut self, app: &App) -> Result<usize> {
        roster::catch_up(app, &mut self.0, &mut Behind::All).await?;
        let now = app.now().timestamp();
        let due: Vec<Due> = std::iter::from_fn(|| self.0.pop_due(now)).collect();
        let checked = future::join_all(due.into_iter().map(|due| probe(app, due))).await;
        let settled = settle(app, checked.into_iter().flatten().collect()).await;
        for (id, next) in &settled {
            self.0.finish(*id, app.now().timestamp(), *next);
        }
        Ok(settled.len())
    }
}

async fn writer(
    app: App,
    mut queue: mpsc::Receiver<Checked>,
    finished: mpsc::UnboundedSender<(Uuid, Next)>,
) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        tokio::time::sleep(GATHER).await;
        while waiting.len() < BATCH
            && let Ok(more) = queue.try_recv()
        {
            waiting.push(more);
        }
        let batch = std::mem::take(&mut waiting);
        for (id, next) in settle(&app, batch).await {
            if finished.send((id, next)).is_err() {
                return;
            }
        }
    }
}

/// Judges a batch, stores what changed, and tells when each monitor is looked at next.
async fn settle(app: &App, batch: Vec<Checked>) -> Vec<(Uuid, Next)> {
    let samples: Vec<_> = batch
        .iter()
        .flat_map(|checked| history::samples(checked.id, checked.slot, &checked.outcome))
        .collect();
    if let Err(error) = app.monitors().store.append(&samples)
        && let Some(more) = HISTORY.may()
    {
        tracing::error!(%error, more, "metric history could not be written");
    }
    let own_line = &app.monitors().own_line;
    let changed = batch
        .iter()
        .filter_map(|checked| own_line.observe(checked.id, checked.outcome.answered));
    if let Some(change) = changed.last()
        && let Err(error) = own_line::tell(app, change).await
    {
        tracing::error!(%error, "that the own line changed could not be told");
    }
    let mut next = Vec::with_capacity(batch.len());
    let mut judged = Vec::new();
    for checked in batch {
        let id = checked.id;
        let last = Last::of(checked.slot, &checked.outcome);
        let Some((then, changed)) = judge(app, checked) else {
            next.push((id, Next::Regular));
            continue;
        };
        next.push((id, then));
        app.monitors()
            .board
            .write(|all| all.get_mut(&id).map(|live| live.last = Some(last)));
        judged.extend(changed);
    }
    if judged.is_empty() {
        return next;
    }
    if keep(app, judged.clone()).await.is_err() {
        // One monitor that cannot be stored must not keep the others from being told of.
        for judged in judged {
            let name = judged.watched.row.name.clone();
            if let Err(error) = keep(app, vec![judged]).await
                && let Some(more) = STATE.may()
            {
                tracing::error!(%error, name, more, "what was seen could not be stored; the next sample tries again");
            }
        }
    }
    next
}

/// Stores what has changed. Only what is stored counts: otherwise the next sample finds the state
/// as it was.
async fn keep(app: &App, judged: Vec<Judged>) -> Result<()> {
    let moved: Vec<(Uuid, State)> = judged
        .iter()
        .map(|judged| (judged.watched.row.id, judged.state.clone()))
        .collect();
    let engine = app.monitors();
    let storms = engine.storms().clone();
    let stored = outcome::store(app, judged, storms).await?;
    *engine.storms() = stored.storms;
    engine.board.write(|all| {
        for (id, state) in moved {
            if let Some(live) = all.get_mut(&id) {
                live.state = state;
                live.alert = stored.alerts.get(&id).copied().unwrap_or(live.alert);
            }
        }
    });
    Ok(())
}

/// Steps one monitor's alert state. Nothing to store when only time has passed.
fn judge(app: &App, checked: Checked) -> Option<(Next, Option<Judged>)> {
    let now = app.now();
    let live = app
        .monitors()
        .board
        .read(|all| all.get(&checked.id).cloned())?;
    let around = Circumstances {
        now: now.timestamp(),
        interval: live.watched.interval,
        maintenance: app.monitors().board.in_maintenance(&live.watched.row, now),
        parent: app.monitors().board.parent(checked.id),
        prober_offline: app.monitors().own_line.is_in_doubt(),
    };
    let stepped = step(
        live.state.clone(),
        &checked.outcome.sample(checked.slot.timestamp()),
        &around,
        &live.watched.rule,
    );
    if stepped.rejected.is_some() {
        return Some((stepped.next, None));
    }
    let mut as_before = live.state;
    as_before.at = stepped.state.at;
    if as_before == stepped.state && stepped.events.is_empty() {
        app.monitors().board.write(|all| {
            all.get_mut(&checked.id)
                .map(|live| live.state.at = stepped.state.at)
        });
        return Some((stepped.next, None));
    }
    let judged = Judged {
        watched: live.watched,
        state: stepped.state,
        events: stepped.events,
        verdict: stepped.verdict,
        alert: live.alert,
        outcome: checked.outcome,
        slot: checked.slot,
    };
    Some((stepped.next, Some(judged)))
}
