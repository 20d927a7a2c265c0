//! Tests that need the inside: a disk that fails on demand, decoders fed with bytes no writer made, and copies begun at
//! an awkward moment.

mod copies;
mod decoding;
mod faults;

/// A directory of the test's own; in memory where the machine has such a place, as thousands of syncs take minutes.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}
