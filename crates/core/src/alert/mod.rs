//! From samples to problems: the alert state machine.
//!
//! One rule knows two levels, 预警 (warning, blue) and 告警 (critical, red). [`step()`] takes the
//! state, one sample and the rule and returns the next state with the events that happened, each
//! with its reason, and a [`Verdict`]: whether people are to be told, and if not, why not.
//!
//! What keeps it honest:
//! * A fault of the prober itself is *unknown*, silence is *no data*; neither is ever "down" and
//!   neither is ever "recovered". Only samples that are good make a problem go away.
//! * The state follows the truth. Maintenance, a parent that is down, an offline prober and
//!   settling after them only hold back the *telling*; they never stop watching nor resolution.
//! * The whole state is small and serialisable. The server stores it with the sample, in one
//!   transaction, so a kill at any instant loses neither a counter nor a pending recovery.

pub mod availability;
pub mod budget;
pub mod flapping;
pub mod gate;
pub mod outage;
pub mod parents;
pub mod rule;
pub mod sample;
pub mod span;
pub mod state;
mod step;
pub mod storm;
pub mod suppress;
mod tracker;
mod turn;

pub use rule::{Condition, Level, Rule, RuleError, When};
pub use sample::{Circumstances, Measured, Parent, Reading, Sample, UnknownCause};
pub use state::{Event, EventKind, Problem, Reason, State, Status};
pub use step::{Rejection, Step, is_silent, step};
pub use suppress::{Hold, Notice, NoticeKind, Verdict};

#[cfg(test)]
mod tests;
