//! From outages to the availability of a system that several checks watch.
//!
//! A system is down while any of its checks is down in time that counts for that check. Its time does
//! not count only where none of its checks' time counts: planned work that was announced for one check
//! hides no outage that another one saw.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::outage::Facts;
use super::span::{Span, intersect, length, subtract, union};

/// Why time does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// A planned maintenance window.
    Maintenance,
    /// Natural disaster or force majeure, as agreed with the customer.
    ForceMajeure,
    /// Only a device or line it depends on failed (where the contract says so).
    Unreachable,
    /// Agreed otherwise.
    Other,
    /// Nothing was measured. Neither up nor down.
    NoData,
}

impl Exclusion {
    /// All reasons. Where the checks of a system give several for one instant, the first is told.
    pub const ALL: [Self; 5] = [
        Self::Maintenance,
        Self::ForceMajeure,
        Self::Unreachable,
        Self::Other,
        Self::NoData,
    ];
}

/// One check of a system.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// What its events say.
    pub facts: Facts,
    /// Which of its time does not count; where two overlap, the first holds.
    pub exclusions: Vec<(Exclusion, Span)>,
}

/// A stretch without service, as it was seen: outages of several checks that touch are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// First bad sample of any check.
    pub began: Timestamp,
    /// First instant at which no check was down; `None` while it lasts.
    pub ended: Option<Timestamp>,
    /// How much of it counts in the period; zero when it lies wholly in time that does not.
    pub counted: SignedDuration,
}

/// Availability of a system in a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability {
    /// Length of the period so far.
    pub total: SignedDuration,
    /// The part that counts.
    pub counted: SignedDuration,
    /// Down in the part that counts.
    pub down: SignedDuration,
    /// When it was down in the part that counts: in order, disjoint.
    pub down_spans: Vec<Span>,
    /// What does not count, by reason; no instant is in two of them.
    pub excluded: Vec<(Exclusion, SignedDuration)>,
    /// Every stretch without service that touches the period, counted or not, in order.
    pub interruptions: Vec<Interruption>,
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

/// What a period was for one check.
struct Seen {
    /// Down, and it counts.
    down: Vec<Span>,
    /// What does not count, by reason, disjoint.
    out: Vec<(Exclusion, Vec<Span>)>,
}

impl Seen {
    /// Time without data inside an outage is down: the outage lasts until a good sample is seen. Time
    /// without data outside an outage is excluded.
    fn of(check: &Check, period: Span) -> Self {
        let outages = union(outages(&check.facts), period);
        let (mut gone, mut out) = (Vec::new(), Vec::new());
        for (why, span) in &check.exclusions {
            let fresh = subtract(&union([*span], period), &gone);
            gone = union(gone.into_iter().chain(fresh.iter().copied()), period);
            out.push((*why, fresh));
        }
        let blind = union(check.facts.blind.iter().copied(), period);
        let blind = subtract(&subtract(&blind, &outages), &gone);
        out.push((Exclusion::NoData, blind));
        Self {
            down: subtract(&outages, &gone),
            out,
        }
    }

    fn out(&self, period: Span) -> Vec<Span> {
        union(
            self.out.iter().flat_map(|(_, spans)| spans).copied(),
            period,
        )
    }
}

fn outages(facts: &Facts) -> impl Iterator<Item = Span> {
    let spans = facts.outages.iter();
    spans.filter_map(|one| Span::new(one.began, one.ended.unwrap_or(Timestamp::MAX)))
}

/// Computes the availability of the system that `checks` watch in `period`, as far as it has passed at
/// `now`. Their order does not matter. Without any check nothing counts.
#[must_use]
pub fn availability(period: Span, now: Timestamp, checks: &[Check]) -> Availability {
    let Some(period) = Span::new(period.from, period.to.min(now)) else {
        return Availability::default();
    };
    let seen: Vec<Seen> = checks.iter().map(|check| Seen::of(check, period)).collect();
    let down = union(seen.iter().flat_map(|one| &one.down).copied(), period);
    let out = seen.iter().fold(vec![period], |common, one| {
        intersect(&common, &one.out(period), period)
    });
    let micros = SignedDuration::from_micros;
    Availability {
        total: micros(period.micros()),
        counted: micros(period.micros() - length(&out)),
        down: micros(length(&down)),
        excluded: reasons(&seen, &out, period),
        interruptions: interruptions(checks, &down, period),
        down_spans: down,
    }
}

/// Divides the time that does not count among its reasons.
fn reasons(seen: &[Seen], out: &[Span], period: Span) -> Vec<(Exclusion, SignedDuration)> {
    let mut left = out.to_vec();
    let mut told = Vec::new();
    for why in Exclusion::ALL {
        let given = seen.iter().flat_map(|one| &one.out);
        let given = given.filter(|(reason, _)| *reason == why);
        let given = union(given.flat_map(|(_, spans)| spans).copied(), period);
        let own = if why == Exclusion::NoData {
            left.clone()
        } else {
            intersect(&left, &given, period)
        };
        if !own.is_empty() {
            told.push((why, SignedDuration::from_micros(length(&own))));
        }
        left = subtract(&left, &own);
    }
    told
}

/// What was seen of the period's stretches without service, from first to last sample.
fn interruptions(checks: &[Check], down: &[Span], period: Span) -> Vec<Interruption> {
    let ever = Span {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    };
    let all = union(checks.iter().flat_map(|check| outages(&check.facts)), ever);
    let told = all.into_iter().filter_map(|span| {
        let within = span.clip(period)?;
        let counted = intersect(down, &[within], period);
        Some(Interruption {
            began: span.from,
            ended: (span.to < Timestamp::MAX).then_some(span.to),
            counted: SignedDuration::from_micros(length(&counted)),
        })
    });
    told.collect()
}
