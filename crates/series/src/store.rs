//! The store: opening, appending, syncing.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use crate::block::{Block, Cache};
use crate::codec::times::MAX_INSTANT;
use crate::error::{Error, Result};
use crate::files::{Dir, TEMPORARY, lock};
use crate::head::Head;
use crate::options::Options;
use crate::upkeep::Upkeep;
use crate::value::Sample;
use crate::view::View;
use crate::wal::{self, Wal};

/// The metric history in one directory. One process at a time; within it, share an `Arc<Store>`: appends queue behind
/// each other, readers never wait for the disk work of writers.
#[derive(Debug)]
pub struct Store {
    pub(crate) dir: Dir,
    pub(crate) options: Options,
    pub(crate) cache: Arc<Cache>,
    pub(crate) live: RwLock<Live>,
    /// Locked before `live`.
    pub(crate) writer: Mutex<Wal>,
    /// Flushing, merging, dropping and backup, one at a time. Locked before `writer`.
    pub(crate) upkeep: Mutex<Upkeep>,
    /// Samples before this instant have been rolled up and dropped; later arrivals there are refused.
    pub(crate) horizon: AtomicI64,
    /// One sync at a time. Locked before `upkeep`.
    sync_turn: Mutex<()>,
    /// Youngest log segment of which a sync failed: only a flush makes its samples durable.
    failed_segment: AtomicU64,
    /// Youngest log segment whose samples are all in block files.
    pub(crate) flushed_segment: AtomicU64,
    counters: Counters,
    recovery: Recovery,
    _lock: File,
}

/// What readers look at; both parts change together.
#[derive(Debug)]
pub(crate) struct Live {
    pub head: Head,
    pub view: Arc<View>,
}

impl Live {
    /// Whether samples in memory may lie in the range.
    pub fn overlaps(&self, from: i64, to: i64) -> bool {
        self.head.overlaps(from, to)
            || self
                .view
                .frozen
                .as_ref()
                .is_some_and(|f| f.overlaps(from, to))
    }
}

#[derive(Debug, Default)]
struct Counters {
    too_old: AtomicU64,
    in_future: AtomicU64,
}

/// What opening the directory found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Samples taken from the log.
    pub replayed: u64,
    /// Bytes at the end of a log segment that were not a whole record, by file. Normal for the last segment after a
    /// crash: such records were never acknowledged by a sync.
    pub torn: Vec<(String, u64)>,
    /// Block files that could not be read and were set aside (renamed to `….damaged`), with the reason.
    pub damaged: Vec<(String, String)>,
}

/// How a batch was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Appended {
    /// Samples stored.
    pub stored: usize,
    /// Samples left out because raw samples of their time are no longer kept.
    pub too_old: usize,
    /// Samples left out because they lie further in the future than [`Options::max_future`].
    pub in_future: usize,
}

pub(crate) const BLOCK: &str = ".blk";
const DAMAGED: &str = ".damaged";
const LOCK: &str = "LOCK";
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
pub(crate) const META: &str = "META";

impl Store {
    /// Opens the store in `path`, creating it if it does not exist, and replays the log.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process has it open, [`Error::TooNew`] if a newer program wrote it,
    /// [`Error::BadArgument`] for impossible options, [`Error::Io`] for anything the operating system refuses.
    /// A damaged block or log end is not an error: see [`Store::recovery`].
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        Self::open_dir(Dir::create(path)?, options)
    }

    pub(crate) fn open_dir(dir: Dir, mut options: Options) -> Result<Self> {
        options.check()?;
        let lock_file = take_lock(&dir)?;
        read_meta(&dir, &mut options)?;
        let cache = Arc::new(Cache::new(options.open_files, options.index_cache));
        let mut recovery = Recovery::default();
        let blocks = open_blocks(&dir, &cache, &mut recovery)?;
        let next = blocks
            .iter()
            .map(|b| b.id.sequence.1 + 1)
            .max()
            .unwrap_or(1);
        let view = View::new(blocks, None);
        let horizon = view.dropped_until(options.partition).unwrap_or(i64::MIN);
        let now = options.clock.now();
        let (head, writer) = replay(&dir, now, &mut recovery)?;
        let newest = view
            .tier(0)
            .iter()
            .map(|b| b.span.1)
            .chain(head.span.map(|s| s.1))
            .max();
        Ok(Self {
            cache,
            live: RwLock::new(Live {
                head,
                view: Arc::new(view),
            }),
            writer: Mutex::new(writer),
            upkeep: Mutex::new(Upkeep::new(next, newest)),
            horizon: AtomicI64::new(horizon),
            sync_turn: Mutex::new(()),
            failed_segment: AtomicU64::new(0),
            flushed_segment: AtomicU64::new(0),
            counters: Counters::default(),
            recovery,
            _lock: lock_file,
            dir,
            options,
        })
    }

    /// The settings in force: as given, but partition and origin as they were when the store was created.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The store's directory.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What opening found.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Appends a batch. When it returns, the samples are visible to readers and survive the death of the process;
    /// [`Store::sync`] makes them survive a power cut. For an instant the series already has, the new value wins.
    ///
    /// # Errors
    /// [`Error::BadSample`] for a value that is not finite or an instant beyond ±2^61 µs; [`Error::Io`] when the disk
    /// is full or fails. Either way nothing of the batch was stored, and later appends may work again.
    pub fn append(&self, samples: &[Sample]) -> Result<Appended> {
        for (index, s) in samples.iter().enumerate() {
            let far = !(-MAX_INSTANT..=MAX_INSTANT).contains(&s.at);
            let problem = s.value.problem().or(if far {
                Some("at: outside ±2^61 µs")
            } else {
                None
            });
            if let Some(reason) = problem {
                return Err(Error::BadSample { index, reason });
            }
        }
        let now = self.options.clock.now();
        let (horizon, future) = (
            self.horizon.load(Ordering::Acquire),
            now.saturating_add(self.options.max_future),
        );
        let mut report = Appended::default();
        report.too_old = samples.iter().filter(|s| s.at < horizon).count();
        report.in_future = samples.iter().filter(|s| s.at > future).count();
        report.stored = samples.len() - report.too_old - report.in_future;
        if report.stored == samples.len() {
            self.append_checked(samples, now)?;
        } else {
            self.counters
                .too_old
                .fetch_add(report.too_old as u64, Ordering::Relaxed);
            self.counters
                .in_future
                .fetch_add(report.in_future as u64, Ordering::Relaxed);
            let fit: Vec<Sample> = samples
                .iter()
                .filter(|s| (horizon..=future).contains(&s.at))
                .copied()
                .collect();
            self.append_checked(&fit, now)?;
        }
        Ok(report)
    }

    fn append_checked(&self, samples: &[Sample], now: i64) -> Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        self.make_room()?;
        let mut writer = lock(&self.writer);
        self.renew_broken(&mut writer);
        writer.append(samples)?;
        let full = {
            let mut live = self.live_mut();
            live.head.add(samples, now);
            live.head.segment = writer.sequence;
            live.head.samples >= self.options.head_samples && live.view.frozen.is_none()
        };
        if full {
            self.rotate(&mut writer);
        }
        Ok(())
    }

    /// If the head is full and the one before it still waits to be written, writes that one now: the caller feels the
    /// disk's pace and memory stays bounded.
    fn make_room(&self) -> Result<()> {
        let (samples, waiting) = {
            let live = self.live();
            (live.head.samples, live.view.frozen.is_some())
        };
        if !waiting || samples < self.options.head_samples {
            return Ok(());
        }
        match self.flush_frozen(&mut lock(&self.upkeep)) {
            Err(e) if samples >= 2 * self.options.head_samples => Err(e),
            _ => Ok(()),
        }
    }

    /// Makes every append that has returned survive a power cut.
    ///
    /// # Errors
    /// [`Error::Io`] if the disk fails; then the samples are still readable, and a later `sync` that succeeds covers them.
    pub fn sync(&self) -> Result<()> {
        // The kernel tells a failure once: two syncs at a time, and one would take the other's for its own success.
        let _turn = lock(&self.sync_turn);
        let unsynced = lock(&self.writer).unsynced();
        if let Some(unsynced) = unsynced {
            let result = unsynced.sync(&self.dir);
            let mut writer = lock(&self.writer);
            if writer.sequence == unsynced.sequence {
                writer.synced(unsynced.len, result.is_ok());
                self.renew_broken(&mut writer);
            } else if result.is_err() {
                self.failed_segment
                    .fetch_max(unsynced.sequence, Ordering::AcqRel);
            }
            drop(writer);
            result?;
        }
        // What a failed sync may have lost cannot be synced again: it goes into block files from memory.
        if self.failed_segment.load(Ordering::Acquire)
            > self.flushed_segment.load(Ordering::Acquire)
        {
            self.flush()?;
        }
        Ok(())
    }

    /// Begins a new log segment if the current one can take no more, and remembers that its end may not be durable.
    fn renew_broken(&self, writer: &mut Wal) {
        if writer.is_broken() {
            self.failed_segment
                .fetch_max(writer.sequence, Ordering::AcqRel);
            *writer = Wal::new(&self.dir, writer.sequence + 1);
        }
    }

    /// Moves the head aside for flushing and begins a new log segment. Does nothing while one still waits.
    pub(crate) fn rotate(&self, writer: &mut Wal) {
        if self.live().view.frozen.is_some() {
            return;
        }
        if let Err(e) = writer.sync() {
            tracing::error!("log sync failed, its samples go to a block file instead: {e}");
            self.failed_segment
                .fetch_max(writer.sequence, Ordering::AcqRel);
        }
        let mut live = self.live_mut();
        let mut frozen = std::mem::take(&mut live.head);
        frozen.segment = writer.sequence;
        live.view = Arc::new(View::new(live.view.blocks.clone(), Some(Arc::new(frozen))));
        drop(live);
        *writer = Wal::new(&self.dir, writer.sequence + 1);
    }

    pub(crate) fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live_mut(&self) -> RwLockWriteGuard<'_, Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Figures about the store, for the operator.
    pub fn info(&self) -> Info {
        let live = self.live();
        let view = &live.view;
        Info {
            memory_samples: live.head.samples + view.frozen.as_ref().map_or(0, |f| f.samples),
            block_files: view.blocks.len(),
            block_bytes: view.blocks.iter().map(|b| b.size).sum(),
            raw_bytes: view.tier(0).iter().map(|b| b.size).sum(),
            raw_samples: view.tier(0).iter().map(|b| b.samples).sum(),
            raw_from: view
                .tier(0)
                .iter()
                .map(|b| b.span.0)
                .chain(live.head.span.map(|s| s.0))
                .min(),
            too_old: self.counters.too_old.load(Ordering::Relaxed),
            in_future: self.counters.in_future.load(Ordering::Relaxed),
        }
    }
}

/// Figures about a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Samples held in memory.
    pub memory_samples: usize,
    /// Number of block files.
    pub block_files: usize,
    /// Their size, roll-ups included.
    pub block_bytes: u64,
    /// Size of the files with raw samples, index included.
    pub raw_bytes: u64,
    /// Raw samples in them (one that waits to be merged with a later correction counts twice).
    pub raw_samples: u64,
    /// Oldest raw sample, epoch µs.
    pub raw_from: Option<i64>,
    /// Samples refused since opening because they were too old.
    pub too_old: u64,
    /// Samples refused since opening because they lay in the future.
    pub in_future: u64,
}

fn take_lock(dir: &Dir) -> Result<File> {
    let path = dir.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(|e| Error::io("open", &path, e))?;
    // A process that is just ending, or a child forked from this one that has not begun its own program yet, may hold
    // it for a moment more.
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, e)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(Error::Locked(dir.path().to_owned()));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// `META` fixes what may not change later: two lines, `partition <µs>` and `origin <µs>`.
fn read_meta(dir: &Dir, options: &mut Options) -> Result<()> {
    let path = dir.join(META);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let text = format!(
                "anlan series 1\npartition {}\norigin {}\n",
                options.partition, options.origin
            );
            return dir.replace(META, text.as_bytes());
        }
        Err(e) => return Err(Error::io("read", &path, e)),
    };
    let field = |name: &str| {
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '));
        let value = line.and_then(|v| v.trim().parse::<i64>().ok());
        value.ok_or_else(|| Error::corrupt(&path, format!("no number for {name}")))
    };
    let (partition, origin) = (field("partition")?, field("origin")?);
    if (partition, origin) != (options.partition, options.origin) {
        tracing::warn!(
            partition,
            origin,
            "the store keeps the partitions it was created with"
        );
        (options.partition, options.origin) = (partition, origin);
        options.check()?;
    }
    Ok(())
}

/// Opens all blocks; removes leftovers, sets damaged files aside.
fn open_blocks(dir: &Dir, cache: &Arc<Cache>, recovery: &mut Recovery) -> Result<Vec<Arc<Block>>> {
    let mut blocks = Vec::new();
    for name in dir.names()? {
        if name.ends_with(TEMPORARY) {
            dir.remove(&name)?;
        } else if name.ends_with(BLOCK) {
            match Block::open(dir, &name, cache) {
                Ok(block) => blocks.push(Arc::new(block)),
                Err(Error::Corrupt { detail, .. }) => {
                    tracing::error!(file = %name, "block set aside, it is damaged: {detail}");
                    dir.rename(&name, &format!("{name}{DAMAGED}"))?;
                    recovery.damaged.push((name, detail));
                }
                Err(e) => return Err(e),
            }
        }
    }
    let (old, current) = blocks
        .iter()
        .cloned()
        .partition::<Vec<_>, _>(|b| blocks.iter().any(|o| o.id.supersedes(&b.id)));
    old.iter().for_each(|b| b.give_up());
    Ok(current)
}

/// Reads all log segments into a head and begins a new segment after them.
fn replay(dir: &Dir, now: i64, recovery: &mut Recovery) -> Result<(Head, Wal)> {
    let mut head = Head::default();
    let mut segments: Vec<(u64, String)> = dir
        .names()?
        .into_iter()
        .filter_map(|n| Some((wal::segment_sequence(&n)?, n)))
        .collect();
    segments.sort();
    for (sequence, name) in &segments {
        let found = wal::replay(dir, name, |samples| {
            head.add(samples, now);
            recovery.replayed += samples.len() as u64;
        })?;
        head.segment = *sequence;
        if let Some(why) = found.damage {
            let path = dir.join(name);
            let size = std::fs::metadata(&path)
                .map_err(|e| Error::io("read", &path, e))?
                .len();
            if size > found.good {
                tracing::warn!(file = %name, at = found.good, size, "the log ends in an unfinished record: {why}");
                recovery.torn.push((name.clone(), size - found.good));
            }
            cut(dir, name, found.good)?;
        }
    }
    let next = segments.last().map_or(1, |(sequence, _)| sequence + 1);
    Ok((head, Wal::new(dir, next)))
}

/// Shortens a segment, or removes one without a whole head.
pub(crate) fn cut(dir: &Dir, name: &str, len: u64) -> Result<()> {
    if len == 0 {
        return dir.remove(name);
    }
    let path = dir.join(name);
    let file = File::options()
        .write(true)
        .open(&path)
        .map_err(|e| Error::io("open", &path, e))?;
    file.set_len(len)
        .and_then(|()| file.sync_data())
        .map_err(|e| Error::io("cut", &path, e))
}
