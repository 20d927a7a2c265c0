//! Faults that an installation meets: the program killed at any instant, a full disk, a database
//! that goes away, clients that break the protocol. The real binary, real files, a real
//! `PostgreSQL`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on stops where it stands"
)]

mod backup;
mod database_away;
mod full_disk;
mod imported;
mod killed;
mod killed_watching;
mod support;
mod wire;
