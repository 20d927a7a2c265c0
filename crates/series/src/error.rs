//! What can go wrong, and where.

use std::io;
use std::path::{Path, PathBuf};

/// Every failure of the metric history.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused; the store stays readable and later writes may work again.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done, e.g. "write".
        action: &'static str,
        /// The file or directory it was done to.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Stored bytes are not what was written: a checksum, length or code does not fit.
    #[error("{} is damaged: {detail}", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// The directory was written by a newer format than this program knows.
    #[error("{} has format {found}, this program reads up to {known}", path.display())]
    TooNew {
        /// The file that says so.
        path: PathBuf,
        /// Format number found.
        found: u16,
        /// Highest format number known.
        known: u16,
    },
    /// Another process has the directory open.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// A sample that cannot be stored; nothing of its batch was written.
    #[error("sample {index}: {reason}")]
    BadSample {
        /// Position in the batch, from 0.
        index: usize,
        /// Why it is refused.
        reason: &'static str,
    },
    /// An option or query argument outside its range.
    #[error("{field}: {reason}")]
    BadArgument {
        /// The argument's name.
        field: &'static str,
        /// Why it is refused.
        reason: String,
    },
    /// The question needs raw samples, and part of the range is kept only as roll-ups.
    #[error("raw samples are no longer kept before {first_raw} µs")]
    NeedsRaw {
        /// Start of the oldest raw partition still kept, epoch µs.
        first_raw: i64,
    },
}

/// The result of every fallible call.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn corrupt(path: &Path, detail: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            detail: detail.into(),
        }
    }

    pub(crate) fn bad_argument(field: &'static str, reason: impl Into<String>) -> Self {
        Self::BadArgument {
            field,
            reason: reason.into(),
        }
    }

    /// Whether the disk (or a quota on it) is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => {
                matches!(
                    source.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                )
            }
            _ => false,
        }
    }
}
