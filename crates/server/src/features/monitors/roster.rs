//! Who is watched: what the engine holds in memory, kept in line with the database.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anlan_core::schedule::Schedule;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use uuid::Uuid;

use super::rows::{maintenance, monitor_states, monitors};
use super::watch::{Live, Watched};
use crate::app::App;
use crate::platform::error::Result;
use crate::platform::events::{Change, Topic};

/// Named changes above which reading everything costs less than reading them one by one.
const MANY: usize = 200;

/// What has to be read again.
#[derive(Debug)]
pub enum Behind {
    /// Nothing.
    Nothing,
    /// These monitors, and the maintenance windows.
    Some(HashSet<Uuid>),
    /// Everything: at the start, and after changes were missed.
    All,
}

impl Behind {
    /// Takes a change heard (none: some were missed), and all that have come with it.
    pub fn hear(&mut self, first: Option<Change>, more: &mut Receiver<Change>) {
        match first {
            Some(change) => self.add(change),
            None => *self = Self::All,
        }
        loop {
            match more.try_recv() {
                Ok(change) => self.add(change),
                Err(TryRecvError::Lagged(_)) => *self = Self::All,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn add(&mut self, change: Change) {
        if change.topic != Topic::Monitor {
            return;
        }
        match self {
            Self::Nothing => *self = Self::Some(HashSet::from([change.id])),
            Self::Some(ids) if ids.len() < MANY => drop(ids.insert(change.id)),
            Self::Some(_) | Self::All => *self = Self::All,
        }
    }
}

/// Brings what is watched in line with the database; nothing is behind any more then.
///
/// # Errors
/// When the database cannot be read; what is behind stays so.
pub async fn catch_up(app: &App, schedule: &mut Schedule, behind: &mut Behind) -> Result<()> {
    let only = match &*behind {
        Behind::Nothing => return Ok(()),
        Behind::Some(ids) => Some(ids.iter().copied().collect::<Vec<_>>()),
        Behind::All => None,
    };
    let windows = maintenance::Entity::find()
        .filter(maintenance::Column::EndsAt.gt(app.now()))
        .all(app.db.read())
        .await?;
    app.monitors().board.set_windows(windows);
    let mut query = monitors::present();
    if let Some(ids) = &only {
        query = query.filter(monitors::Column::Id.is_in(ids.iter().copied()));
    }
    let rows = query.all(app.db.read()).await?;
    let mut states = stored(app, &rows, only.is_none()).await?;
    let mut regard = forget(app, schedule, &rows, only);
    let now = app.now().timestamp();
    for row in rows {
        let state = states.remove(&row.id);
        regard |= adopt(app, schedule, row, state, now);
    }
    if regard {
        references(app);
    }
    *behind = Behind::Nothing;
    Ok(())
}

/// The stored states of monitors that are new here.
async fn stored(
    app: &App,
    rows: &[monitors::Model],
    all: bool,
) -> Result<HashMap<Uuid, monitor_states::Model>> {
    let fresh: Vec<Uuid> = app.monitors().board.read(|known| {
        let ids = rows.iter().map(|row| row.id);
        ids.filter(|id| !known.contains_key(id)).collect()
    });
    if fresh.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = monitor_states::Entity::find();
    if !all {
        query = query.filter(monitor_states::Column::MonitorId.is_in(fresh));
    }
    let found = query.all(app.db.read()).await?;
    Ok(found.into_iter().map(|row| (row.monitor_id, row)).collect())
}

/// Lets go of what was asked for (everything known, when nothing in particular was) and is gone. Says
/// whether a reference was among it.
fn forget(
    app: &App,
    schedule: &mut Schedule,
    rows: &[monitors::Model],
    asked: Option<Vec<Uuid>>,
) -> bool {
    let present: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let board = &app.monitors().board;
    let asked = asked.unwrap_or_else(|| board.read(|known| known.keys().copied().collect()));
    let mut reference = false;
    for gone in asked.into_iter().filter(|id| !present.contains(id)) {
        schedule.remove(gone);
        let known = board.write(|known| known.remove(&gone));
        reference |= known.is_some_and(|live| live.watched.row.reference);
    }
    reference
}

/// Takes over one monitor, unless it is known as it is. Says whether it is or was a reference.
fn adopt(
    app: &App,
    schedule: &mut Schedule,
    row: monitors::Model,
    stored: Option<monitor_states::Model>,
    now: Timestamp,
) -> bool {
    let board = &app.monitors().board;
    let (id, name, enabled) = (row.id, row.name.clone(), row.enabled);
    let known = board.read(|all| all.get(&id).map(|live| Arc::clone(&live.watched)));
    if known
        .as_ref()
        .is_some_and(|known| known.row.version == row.version)
    {
        return false;
    }
    let reference = row.reference || known.is_some_and(|known| known.row.reference);
    let watched = match Watched::read(row) {
        Ok(watched) => Arc::new(watched),
        Err(error) => {
            tracing::error!(%error, name, "a monitor cannot be used");
            return reference;
        }
    };
    if enabled {
        schedule.set(id, watched.interval, now);
    } else {
        schedule.remove(id);
    }
    board.write(|all| match all.get_mut(&id) {
        Some(live) => {
            live.watched = watched;
            live.since = now;
        }
        None => drop(all.insert(id, Live::new(watched, stored, now))),
    });
    reference
}

/// Tells the gate which monitors are references.
fn references(app: &App) {
    let references = app.monitors().board.read(|all| {
        let rows = all.values().map(|live| &live.watched.row);
        let references = rows.filter(|row| row.enabled && row.reference);
        references.map(|row| row.id).collect()
    });
    app.monitors().own_line.set(references);
}
