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
    /// Seconds that this address has to wait; none when it may try now.
    #[must_use]
    pub fn wait(&self, ip: &str, now: At) -> Option<i64> {
        let failures = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let age = |at: &At| now.seconds_since(*at);
        let newest_first = failures.get(ip)?.iter().rev().map(age);
        // With the oldest of those that fill the measure it becomes free again.
        let last = newest_first.filter(|age| *age < WINDOW).nth(FAILURES - 1)?;
        Some(WINDOW - last)
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
            assert_eq!(limiter.wait("10.0.0.1", now), None);
            limiter.failed("10.0.0.1", now);
        }
        assert_eq!(limiter.wait("10.0.0.1", now), Some(WINDOW));
        assert_eq!(
            limiter.wait("10.0.0.1", now.plus_seconds(10)),
            Some(WINDOW - 10)
        );
        assert_eq!(limiter.wait("10.0.0.2", now), None);
        assert_eq!(limiter.wait("10.0.0.1", now.plus_seconds(WINDOW)), None);
    }
}
