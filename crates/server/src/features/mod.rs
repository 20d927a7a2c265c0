//! The rooms. Each exports what others may use through its `mod.rs`.

pub mod audit;
pub mod people;
pub mod projects;
pub mod web;
