//! The Anlan application: platform (plumbing) and features (rooms).

pub mod app;
pub mod features;
mod migrations;
pub mod platform;
