//! Service level management: the life of a service level document, what a change of it
//! alters, when it is to be looked at again, and whether a month's indicators were reached.

mod compare;
mod lifecycle;
mod reminders;
mod verdict;

pub use compare::{Line, Mark, compare};
pub use lifecycle::{Refusal, Standing, State, Step, begin, standing, step};
pub use reminders::{Reminder, next_review, reminders};
pub use verdict::{Direction, Signing, Verdict, signing, verdict};

#[cfg(test)]
mod tests;
