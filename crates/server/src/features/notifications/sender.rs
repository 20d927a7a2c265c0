//! The loop that empties the outbox: each channel by itself, so that a dead one holds up no other.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, future, stream};
use uuid::Uuid;

use super::outbox::{self, Channel, Parcel};
use super::send::{Failure, Letter, Wire};
use crate::app::App;
use crate::platform::clock::Latest;
use crate::platform::error::Result;
use crate::platform::events::Topic;

/// The longest sleep: bounds how late a retry, or another node's message, is noticed.
const NAP: Duration = Duration::from_secs(1);
/// The pause after the store failed: a full disk must not be told of in the log every second.
const PAUSE: Duration = Duration::from_secs(15);
/// Parcels sent at the same time on one channel.
const ABREAST: usize = 4;

/// Sends what is due.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

struct Inner {
    app: App,
    /// Open lines by channel, with the version of the settings they were made from.
    wires: Mutex<HashMap<Uuid, (i32, Arc<Wire>)>>,
    /// Channels being worked on.
    busy: Mutex<HashSet<Uuid>>,
    /// To notice that the clock is set back.
    latest: Latest,
}

impl Sender {
    /// A sender that has sent nothing yet.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(Arc::new(Inner {
            app,
            wires: Mutex::default(),
            busy: Mutex::default(),
            latest: Latest::default(),
        }))
    }

    /// Runs until the process ends.
    pub async fn run(self) {
        let mut changes = self.0.app.events.listen();
        loop {
            match self.due().await {
                Ok(channels) => {
                    for channel in channels {
                        self.start(channel);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, again_in = ?PAUSE, "the outbox could not be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            let nudged = async {
                loop {
                    match changes.recv().await {
                        Ok(change) if change.topic != Topic::Outbox => {}
                        _ => break,
                    }
                }
            };
            drop(tokio::time::timeout(NAP, nudged).await);
        }
    }

    /// Sends everything that may be sent now, all channels side by side, and waits for the end of it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pass(&self) -> Result<()> {
        let channels = self.due().await?;
        let work = channels.into_iter().map(|channel| self.work(channel));
        future::join_all(work).await.into_iter().collect()
    }

    /// Channels that something is due on, by a clock that may have been set back.
    async fn due(&self) -> Result<Vec<Channel>> {
        let (app, latest) = (&self.0.app, &self.0.latest);
        let now = app.now();
        if let Some(before) = latest.set_back(now) {
            tracing::warn!(%before, %now, "the clock was set back");
            outbox::set_back(app, before.0 - now.0).await?;
        }
        latest.saw(now);
        outbox::due_channels(app).await
    }

    fn start(&self, channel: Channel) {
        let id = channel.row.id;
        let lock = || self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if !lock().insert(id) {
            return;
        }
        let sender = self.clone();
        tokio::spawn(async move {
            // Freed however the work ends.
            let _free = Busy(Arc::clone(&sender.0), id);
            if let Err(error) = sender.work(channel).await {
                tracing::error!(%error, again_in = ?PAUSE, "a channel's messages could not be worked on");
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    async fn work(&self, channel: Channel) -> Result<()> {
        let wire = self.wire(&channel);
        loop {
            let mut parcels = outbox::claim(&self.0.app, &channel, &wire).await?;
            if parcels.is_empty() {
                return Ok(());
            }
            // The first shows whether the other side answers at all, and wants to be asked: the others
            // need not wait for the same silence.
            let first = parcels.remove(0);
            let result = self.send(&wire, &first).await;
            let silent = matches!(result, Err(Failure::Unreachable(_) | Failure::ShutOut(..)));
            let failure = result.clone();
            outbox::settle(&self.0.app, &channel, first, result).await?;
            if silent {
                for parcel in parcels {
                    outbox::settle(&self.0.app, &channel, parcel, failure.clone()).await?;
                }
                continue;
            }
            let mut rest = stream::iter(parcels)
                .map(|parcel| async {
                    let result = self.send(&wire, &parcel).await;
                    outbox::settle(&self.0.app, &channel, parcel, result).await
                })
                .buffer_unordered(ABREAST);
            while let Some(settled) = rest.next().await {
                settled?;
            }
        }
    }

    async fn send(&self, wire: &Wire, parcel: &Parcel) -> std::result::Result<String, Failure> {
        let app = &self.0.app;
        let letters: Vec<Letter> = parcel.iter().map(|row| outbox::letter(app, row)).collect();
        wire.send(&letters, app.now()).await
    }

    fn wire(&self, channel: &Channel) -> Arc<Wire> {
        let mut wires = self.0.wires.lock().unwrap_or_else(PoisonError::into_inner);
        match wires.get(&channel.row.id) {
            Some((version, wire)) if *version == channel.row.version => Arc::clone(wire),
            _ => {
                let wire = Arc::new(channel.wire().unwrap_or_else(Wire::Broken));
                wires.insert(channel.row.id, (channel.row.version, Arc::clone(&wire)));
                wire
            }
        }
    }
}

/// Marks a channel as worked on until it is dropped.
struct Busy(Arc<Inner>, Uuid);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.1);
    }
}
