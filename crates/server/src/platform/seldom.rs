//! Complaints that come in floods — a full disk, met by every check of every monitor — said once in
//! a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one complaint stands for all of its kind.
const WHILE: Duration = Duration::from_secs(10);

/// One kind of complaint.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// Nothing said yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// Whether it may be said now, and how many were left out since it was said last.
    pub fn may(&self) -> Option<u64> {
        self.may_at(Instant::now())
    }

    fn may_at(&self, now: Instant) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, left_out) = &mut *known;
        if said.is_some_and(|said| now.duration_since(said) < WHILE) {
            *left_out += 1;
            return None;
        }
        *said = Some(now);
        Some(std::mem::take(left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_said_once_in_a_while_and_counted() {
        let (one, begun) = (Seldom::new(), Instant::now());
        assert_eq!(one.may_at(begun), Some(0));
        for second in 1..10 {
            assert_eq!(one.may_at(begun + Duration::from_secs(second)), None);
        }
        assert_eq!(one.may_at(begun + Duration::from_secs(10)), Some(9));
        assert_eq!(one.may_at(begun + Duration::from_secs(20)), Some(0));
    }
}
