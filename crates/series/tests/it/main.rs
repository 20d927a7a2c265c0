//! The store through its public face: against a model, across crashes, over damaged files.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops where it stands"
)]

mod crash;
mod damage;
mod model;
mod support;
mod upkeep;
