//! The rooms. Each exports what others may use through its `mod.rs`.

pub mod agreements;
pub mod audit;
pub mod calendars;
pub mod demo;
pub mod desk;
pub mod forms;
pub mod imports;
pub mod live;
pub mod monitors;
pub mod notifications;
pub mod people;
pub mod projects;
pub mod reports;
pub mod service_levels;
pub mod settings;
pub mod suppliers;
pub mod tasks;
pub mod tickets;
pub mod web;
pub mod whatif;
pub mod work;
