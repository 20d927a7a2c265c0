//! The pure rules of Anlan: it decides, and cannot touch disk, network, clock or database.

pub mod access;
pub mod alert;
pub mod audit;
pub mod calendar;
pub mod definition;
pub mod expr;
mod findings;
pub mod ids;
pub mod process;
pub mod proposal;
pub mod schedule;
pub mod service_level;
pub mod sla;
pub mod task;
pub mod time;
