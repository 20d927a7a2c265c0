//! Spans of time and sets of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A half-open span of time, `from` ≤ t < `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
}

impl Span {
    /// The span between two instants; `None` when it would be empty.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    pub(super) fn micros(self) -> i64 {
        self.to.as_microsecond() - self.from.as_microsecond()
    }

    pub(super) fn clip(self, to: Span) -> Option<Self> {
        Self::new(self.from.max(to.from), self.to.min(to.to))
    }
}

/// All of their time, in microseconds; they are disjoint.
pub(super) fn length(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.micros()).sum()
}

/// Sorted, disjoint and inside `within`.
pub(super) fn union(spans: impl IntoIterator<Item = Span>, within: Span) -> Vec<Span> {
    let mut all: Vec<Span> = spans.into_iter().filter_map(|s| s.clip(within)).collect();
    all.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// `spans` without `holes`; both sorted and disjoint.
pub(super) fn subtract(spans: &[Span], holes: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(spans.len());
    let mut next_hole = 0;
    for span in spans {
        let mut from = span.from;
        while holes.get(next_hole).is_some_and(|h| h.to <= from) {
            next_hole += 1;
        }
        for hole in holes[next_hole..].iter().take_while(|h| h.from < span.to) {
            left.extend(Span::new(from, hole.from));
            from = from.max(hole.to);
        }
        left.extend(Span::new(from, span.to));
    }
    left
}

/// What lies in both sets, each sorted and disjoint and inside `within`.
pub(super) fn intersect(one: &[Span], other: &[Span], within: Span) -> Vec<Span> {
    subtract(one, &subtract(&[within], other))
}
