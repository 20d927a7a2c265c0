//! The one source of "now", so that tests and simulations can hold it still or move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::at::At;

/// Where the application reads the time from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved (tests, simulated history).
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until [`Clock::set`] moves it.
    #[must_use]
    pub fn manual(at: At) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> At {
        match self {
            Self::System => At(jiff::Timestamp::now().as_microsecond()),
            Self::Manual(at) => At(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; the system clock is not ours to move.
    pub fn set(&self, to: At) {
        if let Self::Manual(at) = self {
            at.store(to.0, Ordering::SeqCst);
        }
    }
}

/// Steps back of up to so many seconds are waited out.
const SLIGHT: i64 = 60;

/// The latest instant a loop has seen, by which it notices that the clock is set back: what was stamped
/// before would otherwise wait until the clock comes round again.
#[derive(Debug, Default)]
pub struct Latest(AtomicI64);

impl Latest {
    /// Where the clock stood before it was set back to `now` by more than a little.
    #[must_use]
    pub fn set_back(&self, now: At) -> Option<At> {
        let before = At(self.0.load(Ordering::SeqCst));
        (before.seconds_since(now) > SLIGHT).then_some(before)
    }

    /// Takes note of an instant.
    pub fn saw(&self, now: At) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}
