//! Service levels: what was promised to a ticket by when, and how the promises stand.
//!
//! An [`Agreement`] is data: levels, and for each level rules saying *within how long*, *by which
//! calendar*, *from which event* and *until which event*. A [`History`] is what happened, with the
//! true times. [`evaluate()`] is the only function between them: it gives clocks, the next instants at
//! which anybody must be told, and what the ticket may not be saved without. It neither knows nor
//! asks what time it is, so the same code runs live tickets, replays last year under another
//! agreement, and answers what the clocks showed at any moment of the past.
//!
//! ```text
//! definitions/agreements/*.yaml ── Agreements::load ──► Agreement ─┐
//! definitions/calendars/*.yaml ─── Calendars::load ───► Calendars ─┼─ evaluate(…, now) ─► Assessment { clocks, wakeups }
//! ticket, timeline ──────────────────────────────────► History ───┘
//! ```

mod agreement;
mod attainment;
mod clock;
mod evaluate;
mod file;
mod history;
mod key;
mod ladder;
mod levels;
mod load;
mod measure;
mod reopened;
mod rule;
mod target;
#[cfg(test)]
mod tests;

pub use self::agreement::{
    Act, Agreement, At, Level, Only, Pauses, Promise, Reclassify, Repeat, Rule, Rules, Start, Step,
    Until,
};
pub use self::attainment::{Attainment, Count};
pub use self::clock::{
    Assessment, Clock, Earlier, LevelPeriod, Refused, Status, Wakeup, WakeupKind, WhyRefused,
};
pub use self::evaluate::{EvaluateError, evaluate, evaluate_since};
pub use self::history::{Happened, History, LevelChange, Negotiation, Outage, Pause};
pub use self::key::{Key, Keys};
pub use self::load::Agreements;
pub use self::target::{EventSet, Target, UnknownTarget};
pub use crate::process::{Event, UnknownEvent};
