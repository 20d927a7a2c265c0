//! The transition function.

use jiff::{SignedDuration, Timestamp};

use super::rule::{Finding, Level, Rule, When};
use super::sample::{Circumstances, Measured, Parent, Reading, Sample, UnknownCause};
use super::state::{Blind, Carried, Event, EventKind, Problem, Reason, State};
use super::suppress::{self, Belief, Hold, NoticeKind, Truth, Verdict};
use super::tracker::{ENOUGH, Tracker};
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

/// How long a problem waits for its parent to be looked at.
const PARENT_PATIENCE: SignedDuration = SignedDuration::from_secs(120);

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

/// Notices that no result has come. Call it now and then for every monitor; `watching_since` is when
/// the watching of it began (server start, switched on), so that a restart is not taken for silence.
/// A problem that is open stays open. Returns the event to record, if silence has just begun.
pub fn silence(
    state: &mut State,
    now: Timestamp,
    watching_since: Timestamp,
    interval: Interval,
    rule: &Rule,
) -> Option<Event> {
    if state.blind.is_some() {
        return None;
    }
    let known = state.at.unwrap_or(watching_since);
    if now.duration_since(known.max(watching_since)) <= patience(interval, rule) {
        return None;
    }
    state.blind = Some(Blind {
        cause: None,
        since: known,
    });
    Some(Event {
        at: now,
        kind: EventKind::DataLost { since: known },
        reason: Reason::Silence,
    })
}

/// How long without a result is still normal.
fn patience(interval: Interval, rule: &Rule) -> SignedDuration {
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
    let pending = match state.problem {
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

/// One sample being handled.
struct Turn<'a> {
    rule: &'a Rule,
    at: Timestamp,
    around: &'a Circumstances,
    events: Vec<Event>,
}

impl Turn<'_> {
    fn emit(&mut self, kind: EventKind, reason: Reason) {
        self.events.push(Event {
            at: self.at,
            kind,
            reason,
        });
    }

    /// A hole in the history that nobody noticed at the time (the server was off).
    fn note_gap(&mut self, state: &mut State) {
        let Some(newest) = state.at.filter(|_| state.blind.is_none()) else {
            return;
        };
        if self.at.duration_since(newest) > patience(self.around.interval, self.rule) {
            state.blind = Some(Blind {
                cause: None,
                since: newest,
            });
            self.emit(EventKind::DataLost { since: newest }, Reason::Silence);
        }
    }

    /// Counters kept under other conditions mean nothing under these. The problem stays until seen good.
    fn adopt_rule(&mut self, state: &mut State) {
        let fingerprint = self.rule.fingerprint();
        if state.rule == fingerprint && state.trackers.len() == self.rule.conditions.len() {
            return;
        }
        state.rule = fingerprint;
        state.trackers = vec![Tracker::default(); self.rule.conditions.len()];
        state.carried = state.level().map(|level| Carried { level, good: 0 });
    }

    fn circumstances(&mut self, state: &mut State) {
        if state.maintenance != self.around.maintenance {
            state.maintenance = self.around.maintenance;
            let kind = if state.maintenance {
                EventKind::MaintenanceEntered
            } else {
                EventKind::MaintenanceLeft
            };
            self.emit(kind, Reason::Maintenance);
        }
    }

    fn unknown(&mut self, state: &mut State, cause: UnknownCause) -> Verdict {
        if state.blind.is_none_or(|blind| blind.cause != Some(cause)) {
            let since = state.blind.map_or(self.at, |blind| blind.since);
            state.blind = Some(Blind {
                cause: Some(cause),
                since,
            });
            self.emit(EventKind::DataLost { since }, Reason::Prober { cause });
        }
        Verdict::Silent
    }

    fn measured(&mut self, state: &mut State, measured: &Measured) -> Verdict {
        if state.blind.take().is_some() {
            self.emit(EventKind::DataReturned, Reason::Result);
        }
        let raw = self.raw_level(state, measured);
        self.track(state, measured);
        self.flapping(state, raw);
        self.softly(state, raw, measured);
        state.raw = raw;
        let bad = |c: &super::Condition| c.is_outage() && c.look_at(measured) == Finding::Bad;
        state.failing = self.rule.conditions.iter().any(bad);
        self.level(state, measured);
        self.outage(state, measured);
        self.reachability(state);
        self.forget_counters(state);
        self.verdict(state)
    }

    /// The worst level this sample shows by itself. A condition that holds and was not measured, or
    /// lies between its thresholds, still counts.
    fn raw_level(&self, state: &State, measured: &Measured) -> Option<Level> {
        let holding = |i: usize| state.trackers.get(i).is_some_and(|t| t.since.is_some());
        let conditions = self.rule.conditions.iter().enumerate();
        let bad = conditions.filter(|(i, c)| match c.look_at(measured) {
            Finding::Bad => true,
            Finding::Between | Finding::Absent => holding(*i),
            Finding::Good => false,
        });
        bad.map(|(_, c)| c.level).max()
    }

    fn track(&mut self, state: &mut State, measured: &Measured) {
        for (condition, tracker) in self.rule.conditions.iter().zip(&mut state.trackers) {
            tracker.push(condition.look_at(measured), self.at, condition.window());
            if tracker.since.is_none() && tracker.window.count_ones() >= u32::from(condition.bad) {
                tracker.hold();
            } else if tracker.since.is_some() && tracker.good >= self.rule.recover_after {
                tracker.let_go();
            }
        }
    }

    fn flapping(&mut self, state: &mut State, raw: Option<Level>) {
        let Some(limits) = self.rule.flapping else {
            state.changes = Default::default();
            if std::mem::take(&mut state.flapping) {
                self.emit(
                    EventKind::FlappingStopped { percent: 0 },
                    Reason::RuleChanged,
                );
            }
            return;
        };
        state.changes = state.changes.push(raw != state.raw);
        let now = state.changes.is_flapping(state.flapping, limits);
        let percent = state.changes.percent();
        if now && !state.flapping {
            self.emit(EventKind::FlappingStarted { percent }, Reason::Changes);
        } else if !now && state.flapping {
            self.emit(EventKind::FlappingStopped { percent }, Reason::Changes);
        }
        state.flapping = now;
    }

    /// Suspicion and hope: what one sample says before it is believed. Quiet while flapping.
    fn softly(&mut self, state: &mut State, raw: Option<Level>, measured: &Measured) {
        match raw {
            Some(_) => (state.clean, state.clean_since) = (0, None),
            None => {
                state.clean_since.get_or_insert(self.at);
                state.clean = (state.clean + 1).min(ENOUGH);
            }
        }
        if state.flapping {
            return;
        }
        match (state.problem, state.raw, raw) {
            (None, None, Some(level)) => {
                self.emit(
                    EventKind::Suspected { level },
                    self.worst(state, measured, Some(level)),
                );
            }
            (None, Some(_), None) => self.emit(EventKind::Cleared, Reason::Good { samples: 1 }),
            (Some(_), Some(_), None) => {
                self.emit(EventKind::Recovering, Reason::Good { samples: 1 });
            }
            (Some(_), None, Some(level)) => {
                self.emit(
                    EventKind::Relapsed,
                    self.worst(state, measured, Some(level)),
                );
            }
            _ => {}
        }
    }

    /// Opens, raises, lowers and closes the problem.
    fn level(&mut self, state: &mut State, measured: &Measured) {
        self.carry(state);
        let held = self
            .holding(state)
            .map(|(condition, _)| condition.level)
            .max();
        let target = held.max(state.carried.map(|c| c.level));
        match (state.problem, target) {
            (None, Some(level)) => {
                state.problems += 1;
                let began = self
                    .holding(state)
                    .filter_map(|(_, t)| t.since)
                    .min()
                    .unwrap_or(self.at);
                let problem = Problem {
                    number: state.problems,
                    level,
                    began,
                    opened: self.at,
                };
                state.problem = Some(problem);
                let kind = EventKind::Opened {
                    problem: problem.number,
                    level,
                    began,
                };
                self.emit(kind, self.worst(state, measured, Some(level)));
            }
            (Some(problem), Some(level)) if level > problem.level => {
                state.problem = Some(Problem { level, ..problem });
                let kind = EventKind::Upgraded {
                    problem: problem.number,
                    level,
                };
                self.emit(kind, self.worst(state, measured, Some(level)));
            }
            _ if state.flapping => {}
            (Some(problem), Some(level))
                if level < problem.level && state.raw < Some(problem.level) =>
            {
                state.problem = Some(Problem { level, ..problem });
                self.emit(
                    EventKind::Downgraded {
                        problem: problem.number,
                        level,
                    },
                    Reason::Eased,
                );
            }
            (Some(problem), None) if state.clean >= self.rule.recover_after => {
                state.problem = None;
                let ended = state.clean_since.unwrap_or(self.at);
                let samples = state.clean;
                self.emit(
                    EventKind::Recovered {
                        problem: problem.number,
                        ended,
                    },
                    Reason::Good { samples },
                );
            }
            _ => {}
        }
    }

    /// A level carried over from another rule gives way to the conditions of this one as soon as they
    /// hold at that level, or to enough good samples.
    fn carry(&mut self, state: &mut State) {
        let Some(mut carried) = state.carried else {
            return;
        };
        carried.good = if state.raw.is_none() {
            carried.good + 1
        } else {
            0
        };
        let replaced = self
            .holding(state)
            .any(|(condition, _)| condition.level >= carried.level);
        let over = carried.good >= self.rule.recover_after;
        state.carried = (!replaced && !over).then_some(carried);
    }

    fn outage(&mut self, state: &mut State, measured: &Measured) {
        let conditions = || self.rule.conditions.iter().filter(|c| c.is_outage());
        let began = self
            .holding(state)
            .filter(|(c, _)| c.is_outage())
            .filter_map(|(_, t)| t.since)
            .min();
        match (state.outage, began) {
            (None, Some(began)) => {
                let level = conditions().map(|c| c.level).max();
                state.outage = Some(began);
                self.emit(
                    EventKind::OutageBegan { began },
                    self.worst(state, measured, level),
                );
            }
            (Some(began), None) => {
                let mut ended = began;
                for (condition, tracker) in self.rule.conditions.iter().zip(&state.trackers) {
                    if !condition.is_outage() {
                        continue;
                    }
                    if tracker.good < self.rule.recover_after {
                        return;
                    }
                    ended = ended.max(tracker.good_since.unwrap_or(self.at));
                }
                if conditions().next().is_none() {
                    ended = self.at;
                }
                state.outage = None;
                let samples = self.rule.recover_after;
                self.emit(EventKind::OutageEnded { ended }, Reason::Good { samples });
            }
            _ => {}
        }
    }

    fn reachability(&mut self, state: &mut State) {
        let unreachable = self.around.parent == Parent::Down && state.raw.is_some();
        if unreachable != state.unreachable {
            state.unreachable = unreachable;
            let kind = if unreachable {
                EventKind::UnreachableEntered
            } else {
                EventKind::UnreachableLeft
            };
            self.emit(kind, Reason::Parent);
        }
    }

    /// A healthy monitor's state is the same after every sample, but for its time.
    fn forget_counters(&self, state: &mut State) {
        if state.outage.is_some() {
            return;
        }
        for tracker in state.trackers.iter_mut().filter(|t| t.since.is_none()) {
            (tracker.good, tracker.good_since) = (0, None);
        }
    }

    fn verdict(&mut self, state: &mut State) -> Verdict {
        let parent_failing = matches!(self.around.parent, Parent::Suspect | Parent::Down);
        let quiet = self.around.maintenance || parent_failing || self.around.prober_offline;
        state.clear = if quiet {
            0
        } else {
            (state.clear + 1).min(ENOUGH)
        };
        let highest = self
            .holding(state)
            .filter(|(c, _)| Some(c.level) == state.level());
        let needed = highest.map(|(c, _)| c.bad).min().unwrap_or(1);
        let truth = Truth {
            level: state.level(),
            problem: state.problems,
            recovering: state.is_recovering(),
            flapping: state.flapping,
            maintenance: self.around.maintenance,
            parent_down: self.around.parent == Parent::Down,
            parent_pending: self.parent_is_pending(state),
            prober_offline: self.around.prober_offline,
            settled: state.clear >= needed,
        };
        let verdict = suppress::decide(
            Belief {
                level: state.told,
                flapping: state.told_flapping,
            },
            truth,
        );
        let held = match &verdict {
            Verdict::Tell(notice) => {
                match notice.kind {
                    NoticeKind::FlappingStarted => state.told_flapping = true,
                    NoticeKind::FlappingStopped => state.told_flapping = false,
                    _ => state.told = state.level(),
                }
                Vec::new()
            }
            Verdict::Hold { because, .. } => because.clone(),
            Verdict::Silent => Vec::new(),
        };
        if held != state.held {
            state.held.clone_from(&held);
            if !held.is_empty() {
                self.emit(EventKind::Held { because: held }, Reason::Suppressed);
            }
        }
        verdict
    }

    /// Whether it may yet turn out that a parent is to blame: one is failing, or none has been seen good
    /// since the problem began. Not for ever: a parent that is not looked at holds nothing back for long.
    fn parent_is_pending(&self, state: &State) -> bool {
        let Some(problem) = state.problem else {
            return false;
        };
        match self.around.parent {
            Parent::Suspect => true,
            Parent::Up { seen } => {
                seen < problem.began && self.at.duration_since(problem.opened) < PARENT_PATIENCE
            }
            Parent::None | Parent::Down => false,
        }
    }

    fn holding<'s>(
        &'s self,
        state: &'s State,
    ) -> impl Iterator<Item = (&'s super::Condition, &'s Tracker)> {
        self.rule
            .conditions
            .iter()
            .zip(&state.trackers)
            .filter(|(_, t)| t.since.is_some())
    }

    /// The sample's own words for a level: the first bad condition at that level, else any bad one.
    fn worst(&self, state: &State, measured: &Measured, level: Option<Level>) -> Reason {
        let bad = || {
            self.rule
                .conditions
                .iter()
                .filter(|c| c.look_at(measured) == Finding::Bad)
        };
        let condition = bad()
            .find(|c| Some(c.level) == level)
            .or_else(|| bad().next());
        let metric = |name: &String| measured.metric(name).unwrap_or_default();
        match condition.map(|c| &c.when) {
            Some(When::Down { .. }) => Reason::Down {
                code: measured.down.clone().unwrap_or_default(),
            },
            Some(When::Above {
                metric: name,
                value,
                ..
            }) => Reason::Above {
                metric: name.clone(),
                value: metric(name),
                limit: *value,
            },
            Some(When::Below {
                metric: name,
                value,
                ..
            }) => Reason::Below {
                metric: name.clone(),
                value: metric(name),
                limit: *value,
            },
            None if state.carried.is_some() => Reason::RuleChanged,
            None => Reason::Changes,
        }
    }
}
