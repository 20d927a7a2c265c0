//! Checks of web addresses.

mod cookies;
mod exchange;
pub(crate) mod io;
mod page;
mod plan;
mod run;
mod target;

pub use plan::Plan;
