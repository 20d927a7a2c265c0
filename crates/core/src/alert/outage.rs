//! From events to outages, and from outages to availability.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::state::{Event, EventKind, Reason};

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

    fn micros(self) -> i64 {
        self.to.as_microsecond() - self.from.as_microsecond()
    }

    fn clip(self, to: Span) -> Option<Self> {
        Self::new(self.from.max(to.from), self.to.min(to.to))
    }
}

/// One outage of one monitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// First bad sample.
    pub began: Timestamp,
    /// First good sample; `None` while it lasts.
    pub ended: Option<Timestamp>,
    /// What the sample said that made it believed; `None` when it began before the history at hand.
    pub reason: Option<Reason>,
}

/// What a monitor's events say about its availability.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Outages, oldest first.
    pub outages: Vec<Outage>,
    /// When nothing was known (no data, prober fault); open ones reach to the end of time.
    pub blind: Vec<Span>,
    /// When it failed while a parent was down. Inside an outage; a contract may exclude it.
    pub unreachable: Vec<Span>,
}

impl Facts {
    /// Reads events in the order in which they happened. An end without a beginning belongs to
    /// something that was already under way when the history at hand begins.
    #[must_use]
    pub fn read<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut facts = Self::default();
        let mut blind = None;
        let mut unreachable = None;
        let mut seen_blind = false;
        for event in events {
            match &event.kind {
                EventKind::OutageBegan { began } => {
                    let reason = Some(event.reason.clone());
                    facts.outages.push(Outage {
                        began: *began,
                        ended: None,
                        reason,
                    });
                }
                EventKind::OutageEnded { ended } => match facts.outages.last_mut() {
                    Some(open) if open.ended.is_none() => open.ended = Some(*ended),
                    Some(_) => {}
                    None => {
                        let began = Timestamp::MIN;
                        facts.outages.push(Outage {
                            began,
                            ended: Some(*ended),
                            reason: None,
                        });
                    }
                },
                EventKind::DataLost { since } => {
                    seen_blind = true;
                    blind.get_or_insert(*since);
                }
                EventKind::DataReturned => {
                    let from = if seen_blind {
                        blind.take()
                    } else {
                        Some(Timestamp::MIN)
                    };
                    seen_blind = true;
                    facts
                        .blind
                        .extend(from.and_then(|from| Span::new(from, event.at)));
                }
                EventKind::UnreachableEntered => unreachable = Some(event.at),
                EventKind::UnreachableLeft => {
                    let from = unreachable.take().unwrap_or(Timestamp::MIN);
                    facts.unreachable.extend(Span::new(from, event.at));
                }
                _ => {}
            }
        }
        facts
            .blind
            .extend(blind.and_then(|from| Span::new(from, Timestamp::MAX)));
        facts
            .unreachable
            .extend(unreachable.and_then(|from| Span::new(from, Timestamp::MAX)));
        facts
    }
}

/// Why time does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// A planned maintenance window.
    Maintenance,
    /// Natural disaster or force majeure, as agreed with the customer.
    ForceMajeure,
    /// Only a device or line it depends on failed (where the contract says so).
    Unreachable,
    /// Nothing was measured. Neither up nor down.
    NoData,
    /// Agreed otherwise.
    Other,
}

/// Availability of one monitor in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Length of the period so far.
    pub total: SignedDuration,
    /// The part that counts.
    pub counted: SignedDuration,
    /// Down in the part that counts.
    pub down: SignedDuration,
    /// What does not count, by reason; no instant is in two of them.
    pub excluded: Vec<(Exclusion, SignedDuration)>,
}

impl Availability {
    /// Share of the counted time in which it was available, 0 to 1; `None` when nothing counts.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let (down, counted) = (self.down.as_secs_f64(), self.counted.as_secs_f64());
        (counted > 0.0).then(|| 1.0 - down / counted)
    }

    /// Whether a target such as 99.99 % was met, compared without rounding; `target` in millionths
    /// (999,900 for 99.99 %). A period in which nothing counts is met.
    #[must_use]
    pub fn meets(&self, target: u32) -> bool {
        let up = self.counted.as_micros() - self.down.as_micros();
        up * 1_000_000 >= self.counted.as_micros() * i128::from(target)
    }
}

/// Computes availability in `period`, as far as it has passed at `now`.
///
/// Time without data inside an outage is down: the outage lasts until a good sample is seen. Time
/// without data outside an outage is excluded and shown as such.
#[must_use]
pub fn availability(
    period: Span,
    now: Timestamp,
    facts: &Facts,
    exclusions: &[(Exclusion, Span)],
) -> Availability {
    let mut result = Availability {
        total: SignedDuration::ZERO,
        counted: SignedDuration::ZERO,
        down: SignedDuration::ZERO,
        excluded: Vec::new(),
    };
    let Some(period) = Span::new(period.from, period.to.min(now)) else {
        return result;
    };
    let outages = facts
        .outages
        .iter()
        .filter_map(|o| Span::new(o.began, o.ended.unwrap_or(Timestamp::MAX)));
    let outages = union(outages, period);
    let mut gone: Vec<Span> = Vec::new();
    for (why, span) in exclusions {
        let fresh = subtract(&union([*span], period), &gone);
        note(&mut result.excluded, *why, length(&fresh));
        gone = union(gone.into_iter().chain(fresh), period);
    }
    let blind = subtract(
        &subtract(&union(facts.blind.iter().copied(), period), &outages),
        &gone,
    );
    note(&mut result.excluded, Exclusion::NoData, length(&blind));
    let total = period.micros();
    result.total = SignedDuration::from_micros(total);
    result.counted = SignedDuration::from_micros(total - length(&gone) - length(&blind));
    result.down = SignedDuration::from_micros(length(&subtract(&outages, &gone)));
    result
}

fn note(excluded: &mut Vec<(Exclusion, SignedDuration)>, why: Exclusion, micros: i64) {
    let more = SignedDuration::from_micros(micros);
    match excluded.iter_mut().find(|(known, _)| *known == why) {
        Some((_, sum)) => *sum += more,
        None if micros > 0 => excluded.push((why, more)),
        None => {}
    }
}

fn length(spans: &[Span]) -> i64 {
    spans.iter().map(|s| s.micros()).sum()
}

/// Sorted, disjoint and inside `within`.
fn union(spans: impl IntoIterator<Item = Span>, within: Span) -> Vec<Span> {
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
fn subtract(spans: &[Span], holes: &[Span]) -> Vec<Span> {
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

/// A yearly allowance of unavailability (R-046: 20 h a year, not to be used in one go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Allowed in the period, in seconds.
    pub total_seconds: u32,
    /// Allowed for a single outage, in seconds.
    pub single_seconds: u32,
}

/// How a budget was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Used so far.
    pub used: SignedDuration,
    /// The instant at which the budget was used up; `None` while some is left.
    pub exceeded_at: Option<Timestamp>,
    /// Outages that lasted longer than a single one may.
    pub too_long: Vec<Span>,
}

impl Budget {
    /// Judges the outages of a period, as far as it has passed at `now`; excluded time is free.
    #[must_use]
    pub fn judge(
        self,
        period: Span,
        now: Timestamp,
        facts: &Facts,
        exclusions: &[(Exclusion, Span)],
    ) -> Usage {
        let mut usage = Usage {
            used: SignedDuration::ZERO,
            exceeded_at: None,
            too_long: Vec::new(),
        };
        let Some(period) = Span::new(period.from, period.to.min(now)) else {
            return usage;
        };
        let gone = union(exclusions.iter().map(|(_, span)| *span), period);
        let total = SignedDuration::from_secs(self.total_seconds.into());
        let single = SignedDuration::from_secs(self.single_seconds.into());
        let spans = facts
            .outages
            .iter()
            .filter_map(|o| Span::new(o.began, o.ended.unwrap_or(Timestamp::MAX)));
        for outage in union(spans, period) {
            let parts = subtract(&[outage], &gone);
            if SignedDuration::from_micros(length(&parts)) > single {
                usage.too_long.push(outage);
            }
            for part in parts {
                let left = total - usage.used;
                usage.used += SignedDuration::from_micros(part.micros());
                if usage.used > total && usage.exceeded_at.is_none() {
                    usage.exceeded_at = part.from.checked_add(left).ok();
                }
            }
        }
        usage
    }
}
