//! The write-ahead log: every accepted batch is in it before the call returns, until it is in a block file.
//!
//! ```text
//! segment  "ANLANWAL" u64 sequence u16 format u32 crc32 of these, then records
//! record   length u32, crc32 u32, payload
//! payload  new series (count, 16 bytes each; numbered on from the segment's earlier ones), samples (count, then
//!          series number, time since the sample before, scale u8 and mantissa, or 255 and 8 bytes of float)
//! ```
//!
//! A record that was cut short by a crash ends the segment: what was before it counts, the rest was never acknowledged
//! as durable. Samples in a batch of [`MAX_BATCH`] are one record, so a crash keeps all of it or nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;

use crate::bytes::{Malformed, Parsed, Reader, put_f64, put_signed, put_varint};
use crate::codec::times::MAX_INSTANT;
use crate::error::{Error, Result};
use crate::files::Dir;
use crate::value::{MAX_SCALE, Sample, SeriesId, Value};

const MAGIC: &[u8; 8] = b"ANLANWAL";
const FORMAT: u16 = 1;
const HEAD: usize = 22;
const FLOAT: u8 = 255;
/// Samples per record.
pub(crate) const MAX_BATCH: usize = 1 << 16;

/// The segment being written. Its file is made with the first batch, so that a store opens on a full disk.
#[derive(Debug)]
pub(crate) struct Wal {
    dir: Dir,
    pub sequence: u64,
    name: String,
    file: Option<Arc<File>>,
    /// Bytes of the head and of whole records.
    pub len: u64,
    synced: u64,
    numbers: HashMap<SeriesId, u64>,
    buffer: Vec<u8>,
    payload: Vec<u8>,
    /// A write or sync failed in a way that leaves the segment's end unknown: it takes no more records.
    broken: bool,
}

pub(crate) fn segment_name(sequence: u64) -> String {
    format!("wal-{sequence:016x}.log")
}

/// The sequence number in a segment's file name.
pub(crate) fn segment_sequence(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("wal-")?.strip_suffix(".log")?;
    if digits.len() == 16 {
        u64::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

impl Wal {
    pub fn new(dir: &Dir, sequence: u64) -> Self {
        Self {
            dir: dir.clone(),
            sequence,
            name: segment_name(sequence),
            file: None,
            len: 0,
            synced: 0,
            numbers: HashMap::new(),
            buffer: Vec::new(),
            payload: Vec::new(),
            broken: false,
        }
    }

    /// Creates the file with its head, durably named: a record in a file without a name would be lost.
    fn create(&mut self) -> Result<()> {
        let mut head = Vec::with_capacity(HEAD);
        head.extend(MAGIC);
        head.extend(self.sequence.to_le_bytes());
        head.extend(FORMAT.to_le_bytes());
        let crc = crc32fast::hash(&head);
        head.extend(crc.to_le_bytes());
        let file = self.dir.create_new(&self.name)?;
        let written = self
            .dir
            .write(&file, &self.name, &head)
            .and_then(|()| self.dir.sync_names());
        if let Err(e) = written {
            self.dir.remove(&self.name)?;
            return Err(e);
        }
        self.len = head.len() as u64;
        self.file = Some(Arc::new(file));
        Ok(())
    }

    /// Whether the segment can take no more records and a new one is needed.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes a batch; on failure the segment is as before.
    pub fn append(&mut self, samples: &[Sample]) -> Result<()> {
        if self.file.is_none() {
            self.create()?;
        }
        let known = self.numbers.len() as u64;
        self.buffer.clear();
        for batch in samples.chunks(MAX_BATCH) {
            self.encode_record(batch);
        }
        let Some(file) = &self.file else {
            return Ok(());
        };
        match self.dir.write(file, &self.name, &self.buffer) {
            Ok(()) => {
                self.len += self.buffer.len() as u64;
                Ok(())
            }
            Err(e) => {
                self.numbers.retain(|_, number| *number < known);
                if let Err(e) = cut(file, self.len) {
                    tracing::error!(file = %self.name, "cannot cut a failed write off the log: {e}");
                    self.broken = true;
                }
                Err(e)
            }
        }
    }

    fn encode_record(&mut self, batch: &[Sample]) {
        let Self {
            numbers,
            payload,
            buffer,
            ..
        } = self;
        payload.clear();
        let mut new = Vec::new();
        for s in batch {
            let next = numbers.len() as u64;
            numbers.entry(s.series).or_insert_with(|| {
                new.push(s.series);
                next
            });
        }
        put_varint(payload, new.len() as u64);
        new.iter().for_each(|id| payload.extend(id.0.to_le_bytes()));
        put_varint(payload, batch.len() as u64);
        let mut previous = 0;
        for s in batch {
            put_varint(payload, numbers.get(&s.series).copied().unwrap_or_default());
            put_signed(payload, s.at - previous);
            previous = s.at;
            match s.value {
                Value::Decimal { mantissa, scale } => {
                    payload.push(scale);
                    put_signed(payload, mantissa);
                }
                Value::Float(v) => {
                    payload.push(FLOAT);
                    put_f64(payload, v);
                }
            }
        }
        buffer.extend((payload.len() as u32).to_le_bytes());
        buffer.extend(crc32fast::hash(payload).to_le_bytes());
        buffer.extend_from_slice(payload);
    }

    /// What a power cut could still take, to be synced by the caller, who then tells with [`Wal::synced`]: appends need
    /// not wait for the disk meanwhile.
    pub fn unsynced(&self) -> Option<Unsynced> {
        let file = self.file.as_ref().filter(|_| self.synced < self.len)?;
        let (file, name) = (Arc::clone(file), self.name.clone());
        Some(Unsynced {
            file,
            name,
            sequence: self.sequence,
            len: self.len,
        })
    }

    /// Notes that the first `len` bytes are durable, or that a sync failed: then the kernel may have dropped the data
    /// while it calls later syncs successful, so the segment counts as broken.
    pub fn synced(&mut self, len: u64, done: bool) {
        if done {
            self.synced = self.synced.max(len);
        } else {
            self.broken = true;
        }
    }

    /// Makes everything appended so far durable.
    pub fn sync(&mut self) -> Result<()> {
        let Some(unsynced) = self.unsynced() else {
            return Ok(());
        };
        let result = unsynced.sync(&self.dir);
        self.synced(unsynced.len, result.is_ok());
        result
    }
}

/// The part of a segment that is not durable yet.
#[derive(Debug)]
pub(crate) struct Unsynced {
    file: Arc<File>,
    name: String,
    pub sequence: u64,
    pub len: u64,
}

impl Unsynced {
    pub fn sync(&self, dir: &Dir) -> Result<()> {
        dir.sync(&self.file, &self.name)
    }
}

/// Takes back what a failed write left behind.
fn cut(mut file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)?;
    file.seek(SeekFrom::Start(len)).map(|_| ())
}

/// What reading a segment found.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub samples: Vec<Sample>,
    pub records: u64,
    /// Bytes of the head and the whole records.
    pub good: u64,
    /// Why reading stopped before the end of the file.
    pub damage: Option<&'static str>,
}

/// Reads a segment as far as it is whole, handing over each record's samples.
pub(crate) fn replay(dir: &Dir, name: &str, mut each: impl FnMut(&[Sample])) -> Result<Replayed> {
    let path = dir.join(name);
    let bytes = std::fs::read(&path).map_err(|e| Error::io("read", &path, e))?;
    let mut found = Replayed::default();
    let mut r = Reader::new(&bytes);
    match head(&mut r) {
        Ok(format) if format > FORMAT => {
            return Err(Error::TooNew {
                path,
                found: format,
                known: FORMAT,
            });
        }
        Ok(_) => {}
        Err(Malformed(why)) => {
            found.damage = Some(why);
            return Ok(found);
        }
    }
    let mut ids = Vec::new();
    loop {
        found.good = (bytes.len() - r.rest().len()) as u64;
        if r.is_empty() {
            return Ok(found);
        }
        found.samples.clear();
        if let Err(Malformed(why)) = record(&mut r, &mut ids, &mut found.samples) {
            found.damage = Some(why);
            found.samples.clear();
            return Ok(found);
        }
        found.records += 1;
        each(&found.samples);
    }
}

fn head(r: &mut Reader<'_>) -> Parsed<u16> {
    let head = r.take(HEAD)?;
    let mut h = Reader::new(head);
    if h.take(8)? != MAGIC {
        return Err(Malformed("not a log segment"));
    }
    let _sequence = h.u64()?;
    let format = h.u16()?;
    if h.u32()? != crc32fast::hash(&head[..HEAD - 4]) {
        return Err(Malformed("segment head checksum differs"));
    }
    Ok(format)
}

fn record(r: &mut Reader<'_>, ids: &mut Vec<SeriesId>, samples: &mut Vec<Sample>) -> Parsed<()> {
    let len = r.u32()? as usize;
    let crc = r.u32()?;
    let payload = r.take(len)?;
    // A zero length with a zero checksum is what a file system leaves behind, not a record.
    if len == 0 || crc32fast::hash(payload) != crc {
        return Err(Malformed("record checksum differs"));
    }
    let mut p = Reader::new(payload);
    for _ in 0..p.count(16)? {
        ids.push(SeriesId(p.u128()?));
    }
    let mut at = 0i64;
    for _ in 0..p.count(4)? {
        let number = p.limited(ids.len())?;
        let series = *ids.get(number).ok_or(Malformed("unknown series number"))?;
        at = at
            .checked_add(p.signed()?)
            .filter(|t| (-MAX_INSTANT..=MAX_INSTANT).contains(t))
            .ok_or(Malformed("instant outside the calendar"))?;
        let value = match p.u8()? {
            FLOAT => Value::Float(p.f64()?),
            scale if scale <= MAX_SCALE => Value::Decimal {
                mantissa: p.signed()?,
                scale,
            },
            _ => return Err(Malformed("more than 18 decimal places")),
        };
        samples.push(Sample { series, at, value });
    }
    if p.is_empty() {
        Ok(())
    } else {
        Err(Malformed("bytes left over in a record"))
    }
}
