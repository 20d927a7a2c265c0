//! The background thread that syncs and maintains a store.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::files::lock;
use crate::store::Store;

/// Keeps a store: makes appends durable in groups and does a round of upkeep now and then, until it is dropped.
/// A failure is logged and tried again; [`Keeper::last_error`] shows it to the operator.
#[derive(Debug)]
pub struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    last_error: Arc<Mutex<Option<String>>>,
}

impl Keeper {
    /// Starts the thread: a sync every `sync_every` (what a power cut may cost) and upkeep every `maintain_every`.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses a thread.
    pub fn start(
        store: Arc<Store>,
        sync_every: Duration,
        maintain_every: Duration,
    ) -> Result<Self> {
        let (stop, stopped) = channel();
        let last_error = Arc::new(Mutex::new(None));
        let told = Arc::clone(&last_error);
        let directory = store.path().to_owned();
        let work = move || {
            let mut maintained: Option<Instant> = None;
            let mut upkeep_failure = None;
            loop {
                let ended = stopped.recv_timeout(sync_every) != Err(RecvTimeoutError::Timeout);
                let sync_failure = store.sync().err();
                if !ended && maintained.is_none_or(|at| at.elapsed() >= maintain_every) {
                    upkeep_failure = store.maintain().err();
                    maintained = Some(Instant::now());
                }
                let failure = sync_failure
                    .as_ref()
                    .or(upkeep_failure.as_ref())
                    .map(Error::to_string);
                let before = std::mem::replace(&mut *lock(&told), failure.clone());
                if let Some(failure) = failure.filter(|f| before.as_ref() != Some(f)) {
                    tracing::error!("metric history: {failure}");
                }
                if ended {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("series-keeper".to_owned())
            .spawn(work);
        let thread = thread.map_err(|e| Error::io("start a thread for", &directory, e))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
            last_error,
        })
    }

    /// What the last round of work failed at, if it did.
    pub fn last_error(&self) -> Option<String> {
        lock(&self.last_error).clone()
    }
}

/// Ends the thread after a last sync.
impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the keeper of the metric history ended in a panic");
        }
    }
}
