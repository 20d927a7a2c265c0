//! How often one address may fail to sign in.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::platform::at::At;

/// Failures of one address that are tolerated within [`WINDOW`].
const FAILURES: usize = 30;
/// Seconds a failure counts.
const WINDOW: i64 = 300;
/// Addresses remembered at most; the oldest go first, so a flood cannot fill the memory.
const ADDRESSES: usize = 10_000;

/// Counts failures by address. Accounts have their own lock; this slows a guesser who tries many.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<HashMap<String, Vec<At>>>);

impl Limiter {
    /// Whether this address may try now.
    #[must_use]
    pub fn allows(&self, ip: &str, now: At) -> bool {
        let failures = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        failures.get(ip).is_none_or(|times| {
            times
                .iter()
                .filter(|at| now.seconds_since(**at) < WINDOW)
                .count()
                < FAILURES
        })
    }

    /// Notes a failure.
    pub fn failed(&self, ip: &str, now: At) {
        let mut failures = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, times| {
                times
                    .last()
                    .is_some_and(|at| now.seconds_since(*at) < WINDOW)
            });
            if failures.len() >= ADDRESSES {
                failures.clear();
            }
        }
        let times = failures.entry(ip.to_owned()).or_default();
        times.retain(|at| now.seconds_since(*at) < WINDOW);
        times.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fails_too_often_waits() {
        let limiter = Limiter::default();
        let now = At(1_000_000_000_000);
        for _ in 0..FAILURES {
            assert!(limiter.allows("10.0.0.1", now));
            limiter.failed("10.0.0.1", now);
        }
        assert!(!limiter.allows("10.0.0.1", now));
        assert!(limiter.allows("10.0.0.2", now));
        assert!(limiter.allows("10.0.0.1", now.plus_seconds(WINDOW)));
    }
}
