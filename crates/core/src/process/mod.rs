//! Processes as data: what a record holds, which states it goes through, who may do what when, and what follows.
//!
//! A definition is a file a person can read ([`mod@file`], explained in `docs/DEFINITIONS.md`). [`Definition::parse`] checks it and compiles its
//! conditions. [`intake`] and [`decide()`] are the one door every change goes through; both are pure: they look at what they are given and
//! say what is to be written, or refuse with the rule and everything that is missing. [`available()`] lists what is possible, with the forms.

pub mod approval;
mod available;
mod check;
mod decide;
mod definition;
mod door;
mod entering;
mod event;
pub mod file;
mod model;
mod scope;
mod secret;
#[cfg(test)]
mod tests;
pub mod value;
mod who;

pub use available::{available, intake_form};
pub use decide::{decide, intake};
pub use definition::{Catalogue, CatalogueError, Definition};
pub use event::{Event, UnknownEvent};
pub use model::{
    Actor, ActorKind, AvailableAction, Change, Decision, Facts, Fields, FormField, Input, Level,
    Outcome, Refusal, RefusalCode, Ticket,
};
pub use secret::looks_secret;
pub use value::FieldError;
