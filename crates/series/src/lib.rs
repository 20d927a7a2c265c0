//! Metric history: an embedded store for samples of many series. Knows no HTTP and no SQL.
//!
//! # Shape
//! A sample is (series, scheduled slot, value). Batches go to a write-ahead log and into memory (the *head*); a full
//! head is written to immutable *block files*, one per partition (a day); finished partitions are merged into one file,
//! rolled up and, when old, dropped as whole files.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use anlan_series::{Keeper, Options, Sample, Store, Window};
//!
//! # fn main() -> anlan_series::Result<()> {
//! # let home = tempfile::tempdir().unwrap();
//! # let dir = home.path();
//! let store = Arc::new(Store::open(dir, Options::default())?);
//! let _keeper = Keeper::start(Arc::clone(&store), Duration::from_secs(1), Duration::from_secs(60))?;
//! let noon = 1_767_268_800_000_000;
//! let taken = store.append(&[Sample::new(7u64, noon, 0.31), Sample::new(7u64, noon + 15_000_000, 0.29)])?;
//! assert_eq!(taken.stored, 2);
//! let minute = store.aggregate(7u64.into(), Window { from: noon, to: noon + 60_000_000, step: 60_000_000 })?;
//! assert_eq!(minute.stats[0].avg(), Some(0.3));
//! # Ok(())
//! # }
//! ```
//!
//! # Files in the directory
//! | name | what |
//! | --- | --- |
//! | `META` | partition length and origin, fixed at creation |
//! | `LOCK` | held by the process that has the store open |
//! | `wal-<sequence>.log` | write-ahead log, its records are described in `wal.rs` |
//! | `<tier s>s-<partition s>-<oldest>-<youngest>.blk` | block, described in `block/mod.rs`; tier 0 holds raw samples, others roll-ups |
//! | `….tmp` | being written; removed at start |
//! | `….damaged` | set aside at start because its directory cannot be read |
//!
//! No file lists the others: a block's name and directory say which writes it contains, so a block whose writes are all
//! in another one (same tier and partition) has been merged and goes at the next start, whatever moment a crash chose.
//!
//! # Memory
//! At most `3 × head_samples × 16 bytes` (8 for even clocks) for samples, twice that while vectors grow; about 250 bytes
//! per series that is in the head; `index_cache`; 30 bytes per 64 chunks for block directories; and, while a partition is
//! merged or rolled up, 48 bytes per sample of its largest series.

mod backup;
mod block;
mod bytes;
mod codec;
mod error;
mod files;
mod head;
mod keeper;
mod options;
mod pieces;
mod plan;
mod query;
mod rollup;
mod run;
mod stats;
mod store;
mod upkeep;
mod value;
mod view;
mod wal;

#[cfg(test)]
mod tests;

pub use backup::{Snapshot, Verified, copy, verify};
pub use error::{Error, Result};
pub use keeper::Keeper;
pub use options::{Clock, Options, Rollup};
pub use query::{Buckets, MAX_BUCKETS, MAX_POINTS, Window};
pub use stats::Stats;
pub use store::{Appended, Info, Recovery, Store};
pub use value::{MAX_SCALE, Point, Sample, SeriesId, Value};
