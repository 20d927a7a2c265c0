//! Reads block files: directory at opening, index pages and chunks on demand through a bounded cache.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::index::{ChunkMeta, Page};
use super::{BlockId, Covered, FORMAT, MAGIC, TRAILER, decode_rows, decode_run};
use crate::bytes::{Malformed, Parsed, Reader};
use crate::codec::times::{MAX_INSTANT, checked_end};
use crate::error::{Error, Result};
use crate::files::{Dir, lock, read_at};
use crate::rollup::Rows;
use crate::run::Run;
use crate::value::SeriesId;

/// Where an index page lies and which series it begins with.
#[derive(Clone, Copy, Debug)]
struct PageRef {
    first: SeriesId,
    offset: u64,
    len: usize,
}

/// An immutable block file. Its file is removed when it was given up (see [`Block::give_up`]) and the last reader is done.
#[derive(Debug)]
pub(crate) struct Block {
    pub id: BlockId,
    pub name: String,
    /// First and last instant of its samples.
    pub span: (i64, i64),
    /// Samples in it, or samples that its roll-ups summarise.
    pub samples: u64,
    pub series: u64,
    pub covered: Vec<Covered>,
    /// Size of the file in bytes.
    pub size: u64,
    data_end: u64,
    pages: Vec<PageRef>,
    path: PathBuf,
    number: u64,
    given_up: AtomicBool,
    cache: Arc<Cache>,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

impl Block {
    pub fn open(dir: &Dir, name: &str, cache: &Arc<Cache>) -> Result<Self> {
        let path = dir.join(name);
        let file = File::open(&path).map_err(|e| Error::io("open", &path, e))?;
        let size = file
            .metadata()
            .map_err(|e| Error::io("read", &path, e))?
            .len();
        let bad = |m: Malformed| Error::corrupt(&path, m.0);
        let trailer_at = size
            .checked_sub(TRAILER as u64)
            .ok_or(Malformed("shorter than a trailer"))
            .map_err(bad)?;
        let trailer = read_at(&file, &path, trailer_at, TRAILER)?;
        let mut r = Reader::new(&trailer);
        let (offset, len, crc, format) =
            (|| Ok((r.u64()?, r.u32()? as usize, r.u32()?, r.u16()?)))().map_err(bad)?;
        if r.rest() != MAGIC {
            return Err(bad(Malformed("not a block file or cut short")));
        }
        if format > FORMAT {
            return Err(Error::TooNew {
                path,
                found: format,
                known: FORMAT,
            });
        }
        if offset.checked_add(len as u64) != Some(trailer_at) {
            return Err(bad(Malformed("directory is not where the trailer says")));
        }
        let directory = read_at(&file, &path, offset, len)?;
        if crc32fast::hash(&directory) != crc {
            return Err(bad(Malformed("directory checksum differs")));
        }
        let mut block = Self::parse(&directory, offset).map_err(bad)?;
        block.name = name.to_owned();
        block.path = path;
        block.size = size;
        block.cache = Arc::clone(cache);
        Ok(block)
    }

    fn parse(directory: &[u8], directory_at: u64) -> Parsed<Self> {
        let mut r = Reader::new(directory);
        let tier = i64::try_from(r.varint()?).map_err(|_| Malformed("tier too wide"))?;
        let start = instant(r.signed()?)?;
        let end = checked_end(start, 1, r.varint()?)?;
        let low = r.varint()?;
        let high = low
            .checked_add(r.varint()?)
            .ok_or(Malformed("sequence too large"))?;
        let first = instant(r.signed()?)?;
        let last = checked_end(first, 1, r.varint()?)?;
        let (samples, series) = (r.varint()?, r.varint()?);
        let covered = (0..r.count(2)?)
            .map(|_| {
                Ok(Covered {
                    start: instant(r.signed()?)?,
                    sequence: r.varint()?,
                })
            })
            .collect::<Parsed<_>>()?;
        let data_end = r.varint()?;
        let mut offset = data_end;
        let pages = (0..r.count(17)?)
            .map(|_| {
                let page = PageRef {
                    first: SeriesId(r.u128()?),
                    offset,
                    len: r.limited(u32::MAX as usize)?,
                };
                offset = offset
                    .checked_add(page.len as u64)
                    .ok_or(Malformed("pages too long"))?;
                Ok(page)
            })
            .collect::<Parsed<Vec<_>>>()?;
        if offset != directory_at || !r.is_empty() {
            return Err(Malformed(
                "pages do not fill the space before the directory",
            ));
        }
        if !pages.is_sorted_by(|a, b| a.first < b.first) {
            return Err(Malformed("pages do not rise"));
        }
        Ok(Self {
            id: BlockId {
                tier,
                start,
                end,
                sequence: (low, high),
            },
            name: String::new(),
            span: (first, last),
            samples,
            series,
            covered,
            size: 0,
            data_end,
            pages,
            path: PathBuf::new(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            given_up: AtomicBool::new(false),
            cache: Arc::default(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn overlaps(&self, from: i64, to: i64) -> bool {
        self.series > 0 && self.span.0 < to && from <= self.span.1
    }

    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The index page `i`; the caller keeps `i` below `page_count`.
    pub fn page(&self, i: usize) -> Result<Arc<Page>> {
        self.cache.pages.get((self.number, i), || {
            let page = self.read_page(i)?;
            let weight = page.weight();
            Ok((Arc::new(page), weight))
        })
    }

    /// As [`Block::page`], past the cache: for walks over whole blocks.
    pub fn read_page(&self, i: usize) -> Result<Page> {
        let at = self.pages[i];
        let bytes = self.checked(at.offset, at.len, "index page")?;
        let page = Page::decode(&bytes, self.id.start, self.data_end)
            .map_err(|m| Error::corrupt(&self.path, m.0))?;
        match page.series.first() {
            Some((first, _)) if *first == at.first => Ok(page),
            _ => Err(Error::corrupt(
                &self.path,
                "index page begins with another series",
            )),
        }
    }

    /// The page in which a series would be, if any.
    pub fn page_of(&self, id: SeriesId) -> Result<Option<Arc<Page>>> {
        match self.pages.partition_point(|p| p.first <= id) {
            0 => Ok(None),
            after => self.page(after - 1).map(Some),
        }
    }

    pub fn run(&self, chunk: &ChunkMeta) -> Result<Run> {
        let bytes = self.checked(chunk.offset, chunk.len, "chunk")?;
        decode_run(&bytes, chunk).map_err(|m| self.bad_chunk(chunk, m))
    }

    pub fn rows(&self, chunk: &ChunkMeta) -> Result<Rows> {
        let bytes = self.checked(chunk.offset, chunk.len, "chunk")?;
        decode_rows(&bytes, chunk).map_err(|m| self.bad_chunk(chunk, m))
    }

    fn bad_chunk(&self, chunk: &ChunkMeta, m: Malformed) -> Error {
        Error::corrupt(
            &self.path,
            format!("chunk at byte {}: {}", chunk.offset, m.0),
        )
    }

    /// Reads bytes that end in their checksum, and checks it. `len` was checked against the file's size when parsed.
    fn checked(&self, offset: u64, len: usize, what: &str) -> Result<Vec<u8>> {
        let file = self.cache.files.get(self.number, || {
            let file = File::open(&self.path).map_err(|e| Error::io("open", &self.path, e))?;
            Ok((Arc::new(file), 1))
        })?;
        let mut bytes = read_at(&file, &self.path, offset, len)?;
        let stored = bytes.split_off(len.saturating_sub(4));
        if stored != crc32fast::hash(&bytes).to_le_bytes() {
            return Err(Error::corrupt(
                &self.path,
                format!("{what} at byte {offset}: checksum differs"),
            ));
        }
        Ok(bytes)
    }

    /// The file goes once nobody reads it any more.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.cache.files.forget(|k| *k == self.number);
        if *self.given_up.get_mut()
            && let Err(e) = std::fs::remove_file(&self.path)
        {
            // Harmless: at the next start the file is seen to be superseded or expired and goes then.
            tracing::warn!(file = %self.path.display(), "cannot remove a block that is no longer needed: {e}");
        }
    }
}

fn instant(t: i64) -> Parsed<i64> {
    if (-MAX_INSTANT..=MAX_INSTANT).contains(&t) {
        Ok(t)
    } else {
        Err(Malformed("instant outside the calendar"))
    }
}

/// What readers share: open files and decoded index pages, both bounded.
#[derive(Debug)]
pub(crate) struct Cache {
    files: Lru<u64, Arc<File>>,
    pages: Lru<(u64, usize), Arc<Page>>,
}

impl Cache {
    /// At most `files` open files and about `bytes` of index pages.
    pub fn new(files: usize, bytes: usize) -> Self {
        Self {
            files: Lru::new(files),
            pages: Lru::new(bytes),
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new(1, 0)
    }
}

/// Forgets what was not used for longest when the sum of weights passes the limit.
#[derive(Debug)]
struct Lru<K, V> {
    limit: usize,
    inner: Mutex<LruInner<K, V>>,
}

#[derive(Debug)]
struct LruInner<K, V> {
    clock: u64,
    weight: usize,
    /// Value, weight, last use.
    entries: HashMap<K, (V, usize, u64)>,
}

impl<K: Hash + Eq + Copy, V: Clone> Lru<K, V> {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            inner: Mutex::new(LruInner {
                clock: 0,
                weight: 0,
                entries: HashMap::new(),
            }),
        }
    }

    fn get(&self, key: K, load: impl FnOnce() -> Result<(V, usize)>) -> Result<V> {
        {
            let mut inner = lock(&self.inner);
            inner.clock += 1;
            let now = inner.clock;
            if let Some((value, _, used)) = inner.entries.get_mut(&key) {
                *used = now;
                return Ok(value.clone());
            }
        }
        let (value, weight) = load()?;
        let mut inner = lock(&self.inner);
        let now = inner.clock;
        if let Some((_, old, _)) = inner.entries.insert(key, (value.clone(), weight, now)) {
            inner.weight -= old;
        }
        inner.weight += weight;
        if inner.weight > self.limit {
            inner.shrink(self.limit);
        }
        Ok(value)
    }

    fn forget(&self, which: impl Fn(&K) -> bool) {
        let mut inner = lock(&self.inner);
        let LruInner {
            entries, weight, ..
        } = &mut *inner;
        entries.retain(|k, (_, w, _)| {
            let goes = which(k);
            if goes {
                *weight -= *w;
            }
            !goes
        });
    }
}

impl<K: Hash + Eq + Copy, V> LruInner<K, V> {
    /// Drops the older part, so that the work is done once for many insertions.
    fn shrink(&mut self, limit: usize) {
        let mut by_use: Vec<(u64, K)> = self.entries.iter().map(|(k, e)| (e.2, *k)).collect();
        by_use.sort_unstable_by_key(|e| e.0);
        for (_, key) in by_use {
            if self.weight <= limit / 4 * 3 {
                break;
            }
            if let Some((_, weight, _)) = self.entries.remove(&key) {
                self.weight -= weight;
            }
        }
    }
}
