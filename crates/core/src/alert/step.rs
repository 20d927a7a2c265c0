//! The transition function.

use jiff::{SignedDuration, Timestamp};

use super::rule::Rule;
use super::sample::{Circumstances, Reading, Sample, UnknownCause};
use super::state::{Event, State};
use super::suppress::{Hold, Verdict};
use super::turn::Turn;
use crate::schedule::{Interval, Next};

/// How far ahead of our clock a sample may claim to be.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);

/// Why a sample was not taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// Not newer than the newest known (a late or repeated result).
    Stale,
    /// More than a minute ahead of our clock.
    Future,
}

/// What one sample did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The state to store, in the same transaction as the sample.
    pub state: State,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Whether people are to be told. On [`Verdict::Tell`] the state already counts them as told:
    /// write the message to the outbox in the same transaction.
    pub verdict: Verdict,
    /// When to look again.
    pub next: Next,
    /// Set when the sample was ignored; the state is then unchanged.
    pub rejected: Option<Rejection>,
}

/// Takes one sample into account.
#[must_use]
pub fn step(mut state: State, sample: &Sample, around: &Circumstances, rule: &Rule) -> Step {
    if let Some(rejected) = reject(&state, sample.at, around.now) {
        let next = Next::Regular;
        return Step {
            state,
            events: Vec::new(),
            verdict: Verdict::Silent,
            next,
            rejected: Some(rejected),
        };
    }
    let mut turn = Turn {
        rule,
        at: sample.at,
        around,
        events: Vec::new(),
    };
    turn.note_gap(&mut state);
    state.at = Some(sample.at);
    turn.adopt_rule(&mut state);
    turn.circumstances(&mut state);
    let verdict = match &sample.reading {
        Reading::Unknown(cause) => turn.unknown(&mut state, *cause),
        Reading::Measured(measured)
            if around.prober_offline && turn.raw_level(&state, measured).is_some() =>
        {
            turn.unknown(&mut state, UnknownCause::ProberOffline)
        }
        Reading::Measured(measured) => turn.measured(&mut state, measured),
    };
    let next = next_check(&state, &verdict, rule);
    Step {
        state,
        events: turn.events,
        verdict,
        next,
        rejected: None,
    }
}

/// Whether results have failed to come. `watching_since` is when the watching of it began (server
/// start, switched on), so that a restart is not taken for silence. For showing only: the next
/// sample records the gap.
#[must_use]
pub fn is_silent(
    state: &State,
    now: Timestamp,
    watching_since: Timestamp,
    interval: Interval,
    rule: &Rule,
) -> bool {
    let known = state.at.map_or(watching_since, |at| at.max(watching_since));
    now.duration_since(known) > patience(interval, rule)
}

/// How long without a result is still normal.
pub(super) fn patience(interval: Interval, rule: &Rule) -> SignedDuration {
    SignedDuration::from_secs(i64::from(interval.seconds()) * i64::from(rule.no_data_after.max(1)))
}

/// Icinga's rule: an older result is refused, unless the newest known one lies in the future, which
/// means that the clock was set back.
fn reject(state: &State, at: Timestamp, now: Timestamp) -> Option<Rejection> {
    if at.duration_since(now) > AHEAD {
        return Some(Rejection::Future);
    }
    let newest = state.at?;
    (at <= newest && newest <= now).then_some(Rejection::Stale)
}

fn next_check(state: &State, verdict: &Verdict, rule: &Rule) -> Next {
    let pending = match state.level() {
        None => state.raw.is_some(),
        Some(_) => state.raw.is_none(),
    };
    // Held for a moment only: look again soon, so that people are told soon.
    let passing = |hold: &Hold| matches!(hold, Hold::Settling | Hold::ParentPending);
    let settling = matches!(verdict, Verdict::Hold { because, .. } if because.iter().all(passing));
    if (pending || settling) && !state.flapping && state.blind.is_none() {
        Next::RetryAfter(rule.retry_seconds)
    } else {
        Next::Regular
    }
}
