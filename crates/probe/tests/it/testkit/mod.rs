//! Real servers for tests, on free loopback ports: nginx, and servers that misbehave.
//!
//! A helper that cannot do its work stops the test and says what is missing.
//!
//! Other crates' tests share it: `#[path = "../../../probe/tests/it/testkit/mod.rs"] mod testkit;`.
#![allow(
    dead_code,
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several test programs, each of which uses a part and stops where it cannot go on"
)]

pub mod certs;
pub mod hostile;
pub mod nginx;

use std::net::{Ipv4Addr, TcpListener};

/// A loopback port that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no free loopback port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}
