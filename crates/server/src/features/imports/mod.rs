//! Importing history: somebody else's event log goes through our own engine, with true times.
//!
//! One ticket is one transaction, known by its source: what is there is skipped, so an import that
//! was cut off is simply run again. A row that does not fit is reported with its reason and left out.

mod map;
mod run;

pub use map::Map;
pub use run::{Options, Refused, Summary, run};
