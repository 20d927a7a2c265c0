//! Writes one block file.

use std::fs::File;

use super::index::{ChunkMeta, Page};
use super::{BlockId, Covered, FORMAT, MAGIC, encode_rows, encode_run};
use crate::bytes::{put_signed, put_varint};
use crate::codec::Effort;
use crate::error::{Error, Result};
use crate::files::{Dir, TEMPORARY};
use crate::rollup::Rows;
use crate::run::Run;
use crate::stats::Stats;
use crate::value::SeriesId;

/// A page is closed once it holds this many chunks: about 3 KB, one read.
const PAGE_CHUNKS: usize = 64;
const BUFFER: usize = 256 * 1024;

/// Takes series in rising order, each with its chunks in time order, and ends with [`BlockWriter::finish`].
/// Dropped before that, it removes what it has written.
pub(crate) struct BlockWriter {
    dir: Dir,
    id: BlockId,
    effort: Effort,
    temporary: String,
    file: File,
    buffer: Vec<u8>,
    written: u64,
    page: Page,
    pages: Vec<(SeriesId, Vec<u8>)>,
    series: u64,
    samples: u64,
    span: Option<(i64, i64)>,
    finished: bool,
}

impl BlockWriter {
    pub fn create(dir: &Dir, id: BlockId, effort: Effort) -> Result<Self> {
        let temporary = format!("{}{TEMPORARY}", id.file_name());
        let file = dir.create_new(&temporary)?;
        Ok(Self {
            dir: dir.clone(),
            id,
            effort,
            temporary,
            file,
            buffer: Vec::with_capacity(BUFFER + 64 * 1024),
            written: 0,
            page: Page::default(),
            pages: Vec::new(),
            series: 0,
            samples: 0,
            span: None,
            finished: false,
        })
    }

    pub fn push_run(&mut self, series: SeriesId, run: &Run) -> Result<()> {
        let mut bytes = Vec::new();
        let clock = encode_run(&mut bytes, run, self.effort);
        let stats = Stats::of(run, 0..run.len());
        let (first_at, last_at) = (run.first_at(), run.last_at());
        self.push(
            series,
            ChunkMeta {
                first_at,
                last_at,
                clock,
                rows: run.len(),
                offset: 0,
                len: 0,
                wide: run.values.is_wide(),
                stats,
            },
            bytes,
        )
    }

    pub fn push_rows(&mut self, series: SeriesId, rows: &Rows) -> Result<()> {
        let mut bytes = Vec::new();
        let clock = encode_rows(&mut bytes, rows, self.effort);
        let (first_at, last_at) = (rows.times.first(), rows.times.last());
        let meta = ChunkMeta {
            first_at,
            last_at,
            clock,
            rows: rows.times.len(),
            offset: 0,
            len: 0,
            wide: false,
            stats: rows.total(),
        };
        self.push(series, meta, bytes)
    }

    fn push(&mut self, series: SeriesId, mut meta: ChunkMeta, mut bytes: Vec<u8>) -> Result<()> {
        let crc = crc32fast::hash(&bytes);
        bytes.extend(crc.to_le_bytes());
        let same = self
            .page
            .series
            .last()
            .is_some_and(|(last, _)| *last == series);
        if !same {
            if self.page.chunks.len() >= PAGE_CHUNKS {
                self.close_page();
            }
            let at = self.page.chunks.len();
            self.page.series.push((series, at..at));
            self.series += 1;
        }
        meta.offset = self.written + self.buffer.len() as u64;
        meta.len = bytes.len();
        self.samples += meta.stats.count;
        let (first, last) = self.span.unwrap_or((meta.first_at, meta.last_at));
        self.span = Some((first.min(meta.first_at), last.max(meta.last_at)));
        self.page.chunks.push(meta);
        if let Some((_, range)) = self.page.series.last_mut() {
            range.end += 1;
        }
        self.put(&bytes)
    }

    fn close_page(&mut self) {
        let page = std::mem::take(&mut self.page);
        if let Some((first, _)) = page.series.first() {
            let mut bytes = page.encode(self.id.start);
            let crc = crc32fast::hash(&bytes);
            bytes.extend(crc.to_le_bytes());
            self.pages.push((*first, bytes));
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.drain()
        } else {
            Ok(())
        }
    }

    fn drain(&mut self) -> Result<()> {
        self.dir.write(&self.file, &self.temporary, &self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes index and trailer, makes the file durable and gives it its name. The caller syncs the names.
    /// A block without samples is not kept: `None`.
    pub fn finish(mut self, covered: &[Covered]) -> Result<Option<String>> {
        self.close_page();
        if self.pages.is_empty() && covered.is_empty() {
            return Ok(None);
        }
        let data_end = self.written + self.buffer.len() as u64;
        let pages = std::mem::take(&mut self.pages);
        let directory = self.directory(&pages, covered);
        for (_, bytes) in &pages {
            self.put(bytes)?;
        }
        let offset = data_end + pages.iter().map(|(_, b)| b.len() as u64).sum::<u64>();
        let too_large =
            |_| Error::bad_argument("directory", "more than 4 GiB of index in one block");
        let len = u32::try_from(directory.len()).map_err(too_large)?;
        self.put(&directory)?;
        let mut trailer = Vec::new();
        trailer.extend(offset.to_le_bytes());
        trailer.extend(len.to_le_bytes());
        trailer.extend(crc32fast::hash(&directory).to_le_bytes());
        trailer.extend(FORMAT.to_le_bytes());
        trailer.extend(MAGIC);
        self.put(&trailer)?;
        self.drain()?;
        self.dir.sync(&self.file, &self.temporary)?;
        let name = self.id.file_name();
        self.dir.rename(&self.temporary, &name)?;
        self.finished = true;
        Ok(Some(name))
    }

    fn directory(&self, pages: &[(SeriesId, Vec<u8>)], covered: &[Covered]) -> Vec<u8> {
        let mut out = Vec::new();
        let id = &self.id;
        put_varint(&mut out, id.tier as u64);
        put_signed(&mut out, id.start);
        put_varint(&mut out, (id.end - id.start) as u64);
        put_varint(&mut out, id.sequence.0);
        put_varint(&mut out, id.sequence.1 - id.sequence.0);
        let (first, last) = self.span.unwrap_or((id.start, id.start));
        put_signed(&mut out, first);
        put_varint(&mut out, (last - first) as u64);
        put_varint(&mut out, self.samples);
        put_varint(&mut out, self.series);
        put_varint(&mut out, covered.len() as u64);
        for c in covered {
            put_signed(&mut out, c.start);
            put_varint(&mut out, c.sequence);
        }
        put_varint(&mut out, self.written + self.buffer.len() as u64);
        put_varint(&mut out, pages.len() as u64);
        for (first, bytes) in pages {
            out.extend(first.0.to_le_bytes());
            put_varint(&mut out, bytes.len() as u64);
        }
        out
    }
}

impl Drop for BlockWriter {
    fn drop(&mut self) {
        if !self.finished {
            // Best effort: what stays is removed at the next start.
            let _ = self.dir.remove(&self.temporary);
        }
    }
}
