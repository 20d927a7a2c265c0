//! Online copies, and checking that every stored byte is what was written.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::block::{Block, Cache};
use crate::error::{Error, Result};
use crate::files::{Dir, lock};
use crate::pieces::each_series;
use crate::store::{BLOCK, META, Store, cut};
use crate::wal::{self, segment_sequence};

/// How often [`copy`] begins anew. A walk takes milliseconds, new blocks come by the minute.
const WALKS: usize = 20;

/// What a copy holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Block files, shared with the store by hard link where the file system allows it.
    pub blocks: usize,
    /// Log segments copied.
    pub segments: usize,
    /// Size of all files, bytes.
    pub bytes: u64,
}

/// What [`verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Block files read in full.
    pub blocks: usize,
    /// Chunks decoded and compared with their index entries.
    pub chunks: u64,
    /// Samples in raw blocks.
    pub samples: u64,
    /// Samples in the log.
    pub log_samples: u64,
    /// What is wrong, one line each, with the file. Empty = sound.
    pub problems: Vec<String>,
}

impl Store {
    /// Makes a consistent copy in `target`, a directory that must not exist, while the store goes on. The copy has every
    /// append that returned before the call, and opens as a store of its own.
    ///
    /// # Errors
    /// [`Error::Io`]; then `target` does not exist.
    pub fn snapshot(&self, target: &Path) -> Result<Snapshot> {
        made_whole(target, |partial| self.copy_to(partial))
    }

    fn copy_to(&self, target: &Path) -> Result<Snapshot> {
        let to = emptied(target)?;
        let mut snapshot = Snapshot::default();
        // Holding the upkeep keeps log segments and blocks in place; appends go on.
        let _upkeep = lock(&self.upkeep);
        let (current, cut, view) = {
            let writer = lock(&self.writer);
            (writer.sequence, writer.len, Arc::clone(&self.live().view))
        };
        for block in &view.blocks {
            link(block.path(), &to.join(&block.name))?;
            snapshot.blocks += 1;
            snapshot.bytes += block.size;
        }
        for name in self.dir.names()? {
            let Some(sequence) = segment_sequence(&name).filter(|s| *s <= current) else {
                continue;
            };
            let limit = if sequence == current { cut } else { u64::MAX };
            if limit == 0 {
                // Begun since the picture was taken.
                continue;
            }
            snapshot.bytes += copy_first(&self.dir.join(&name), &to.join(&name), limit)?;
            snapshot.segments += 1;
        }
        copy_first(&self.dir.join(META), &to.join(META), u64::MAX)?;
        to.sync_names()?;
        Ok(snapshot)
    }
}

/// Makes a consistent copy of the store in `path`, which another process may have open, in `target`, a directory that must
/// not exist. The copy has every sample that was written before the call, and opens as a store of its own.
///
/// # Errors
/// [`Error::Io`]; then `target` does not exist.
pub fn copy(path: &Path, target: &Path) -> Result<Snapshot> {
    let from = Dir::new(path);
    made_whole(target, |partial| {
        for _ in 0..WALKS {
            if let Some(snapshot) = walk(&from, partial, &from.names()?)? {
                return Ok(snapshot);
            }
        }
        let why = io::Error::other("its files change faster than they are linked");
        Err(Error::io("copy", path, why))
    })
}

/// Takes the files of a listing over. Nothing when a block was written or dropped since: what went into it may have been missed,
/// for the owner removes files only after the block that holds their samples has its name.
pub(crate) fn walk(from: &Dir, target: &Path, names: &[String]) -> Result<Option<Snapshot>> {
    let to = emptied(target)?;
    let mut snapshot = Snapshot::default();
    for name in names {
        match take(from, &to, name, &mut snapshot) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            done => done?,
        }
    }
    let newest = names.iter().rfind(|name| segment_sequence(name).is_some());
    if let Some(newest) = newest {
        // Its last record may still be on its way.
        let good = wal::replay(&to, newest, |_| {})?.good;
        cut(&to, newest, good)?;
    }
    let now = from.names()?;
    let merged = now
        .iter()
        .any(|name| name.ends_with(BLOCK) && names.binary_search(name).is_err());
    if merged {
        return Ok(None);
    }
    to.sync_names()?;
    Ok(Some(snapshot))
}

fn take(from: &Dir, to: &Dir, name: &str, snapshot: &mut Snapshot) -> Result<()> {
    let (path, copy) = (from.join(name), to.join(name));
    if name.ends_with(BLOCK) {
        snapshot.bytes += link(&path, &copy)?;
        snapshot.blocks += 1;
    } else if segment_sequence(name).is_some() {
        snapshot.bytes += copy_first(&path, &copy, u64::MAX)?;
        snapshot.segments += 1;
    } else if name == META {
        copy_first(&path, &copy, u64::MAX)?;
    }
    Ok(())
}

/// Lets a directory appear under its name only when it is whole.
fn made_whole(target: &Path, make: impl FnOnce(&Path) -> Result<Snapshot>) -> Result<Snapshot> {
    if fs::exists(target).map_err(|e| Error::io("read", target, e))? {
        return Err(Error::bad_argument(
            "target",
            format!("{} exists already", target.display()),
        ));
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let done = make(partial).and_then(|snapshot| {
        fs::rename(partial, target).map_err(|e| Error::io("rename", partial, e))?;
        if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
            Dir::new(parent).sync_names()?;
        }
        Ok(snapshot)
    });
    if done.is_err() {
        let _ = fs::remove_dir_all(partial);
    }
    done
}

/// A directory without what an earlier try left in it.
fn emptied(target: &Path) -> Result<Dir> {
    if fs::exists(target).map_err(|e| Error::io("read", target, e))? {
        fs::remove_dir_all(target).map_err(|e| Error::io("remove", target, e))?;
    }
    Dir::create(target)
}

/// A block never changes, so the copy may share its bytes where the file system allows it. Returns their number.
fn link(from: &Path, to: &Path) -> Result<u64> {
    if fs::hard_link(from, to).is_err() {
        return copy_first(from, to, u64::MAX);
    }
    let data = fs::metadata(to).map_err(|e| Error::io("read", to, e))?;
    Ok(data.len())
}

/// Copies the first `limit` bytes and makes them durable.
fn copy_first(from: &Path, to: &Path, limit: u64) -> Result<u64> {
    let source = File::open(from).map_err(|e| Error::io("open", from, e))?;
    let mut target = File::create(to).map_err(|e| Error::io("create", to, e))?;
    let copied =
        io::copy(&mut source.take(limit), &mut target).map_err(|e| Error::io("write", to, e))?;
    target.sync_data().map_err(|e| Error::io("sync", to, e))?;
    Ok(copied)
}

/// Reads every file of the store in `path` (open or not) and checks it against its checksums and its index.
///
/// # Errors
/// Only if the directory cannot be listed; whatever is wrong with its files is told in [`Verified::problems`].
pub fn verify(path: &Path) -> Result<Verified> {
    let dir = Dir::new(path);
    let cache = Arc::new(Cache::new(1, 0));
    let mut found = Verified::default();
    for name in dir.names()? {
        let checked = if name.ends_with(BLOCK) {
            Block::open(&dir, &name, &cache).and_then(|block| {
                if block.id.file_name() != name {
                    return Err(Error::corrupt(
                        &dir.join(&name),
                        "the file's name is not the one it was written under",
                    ));
                }
                verify_block(&Arc::new(block), &mut found)
            })
        } else if segment_sequence(&name).is_some() {
            let mut samples = 0;
            wal::replay(&dir, &name, |batch| samples += batch.len() as u64).map(|replayed| {
                found.log_samples += samples;
                if let Some(why) = replayed.damage {
                    found.problems.push(format!(
                        "{name}: unfinished after byte {}: {why}",
                        replayed.good
                    ));
                }
            })
        } else {
            Ok(())
        };
        match checked {
            // Merged or dropped by a running store since the directory was listed.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(e) => found.problems.push(e.to_string()),
            Ok(()) => {}
        }
    }
    Ok(found)
}

fn verify_block(block: &Arc<Block>, found: &mut Verified) -> Result<()> {
    found.blocks += 1;
    let (mut samples, mut series) = (0u64, 0u64);
    let raw = block.id.tier == 0;
    each_series(&[Arc::clone(block)], |_, chunks| {
        series += 1;
        for (block, chunk) in &chunks {
            found.chunks += 1;
            samples = samples.saturating_add(chunk.stats.count);
            let stats = if raw {
                block
                    .run(chunk)
                    .map(|run| crate::stats::Stats::of(&run, 0..run.len()))
            } else {
                block.rows(chunk).map(|rows| rows.total())
            };
            match stats {
                Ok(stats) if stats == chunk.stats => {}
                Ok(_) => found.problems.push(format!(
                    "{}: chunk at byte {} does not match its index entry",
                    block.path().display(),
                    chunk.offset
                )),
                Err(e) => found.problems.push(e.to_string()),
            }
        }
        Ok(())
    })?;
    if (samples, series) != (block.samples, block.series) {
        return Err(Error::corrupt(
            block.path(),
            "the directory counts other samples or series than the index",
        ));
    }
    found.samples += if raw { samples } else { 0 };
    Ok(())
}
