//! One sample being handled: every part of the state in its turn.

use jiff::{SignedDuration, Timestamp};

use super::rule::{Finding, Level, Rule, When};
use super::sample::{Circumstances, Measured, Parent, UnknownCause};
use super::state::{Blind, Carried, Event, EventKind, Problem, Reason, State};
use super::step::patience;
use super::suppress::{self, Belief, NoticeKind, Truth, Verdict};
use super::tracker::{ENOUGH, Tracker};

/// How long a problem waits for its parent to be looked at.
const PARENT_PATIENCE: SignedDuration = SignedDuration::from_secs(120);

/// One sample being handled.
pub(super) struct Turn<'a> {
    pub rule: &'a Rule,
    pub at: Timestamp,
    pub around: &'a Circumstances,
    pub events: Vec<Event>,
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
    pub fn note_gap(&mut self, state: &mut State) {
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
    pub fn adopt_rule(&mut self, state: &mut State) {
        let fingerprint = self.rule.fingerprint();
        if state.rule == fingerprint && state.trackers.len() == self.rule.conditions.len() {
            return;
        }
        state.rule = fingerprint;
        state.trackers = vec![Tracker::default(); self.rule.conditions.len()];
        state.carried = state.level().map(|level| Carried { level, good: 0 });
    }

    pub fn circumstances(&mut self, state: &mut State) {
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

    pub fn unknown(&mut self, state: &mut State, cause: UnknownCause) -> Verdict {
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

    pub fn measured(&mut self, state: &mut State, measured: &Measured) -> Verdict {
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
    pub fn raw_level(&self, state: &State, measured: &Measured) -> Option<Level> {
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
        match (state.level(), state.raw, raw) {
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
        let now = state.level();
        match (now, target) {
            (None, Some(level)) => self.open(state, level, measured),
            (Some(old), Some(level)) if level > old => {
                let reason = self.worst(state, measured, Some(level));
                self.shift(state, level, reason, |problem| EventKind::Upgraded {
                    problem,
                    level,
                });
            }
            _ if state.flapping => {}
            (Some(old), Some(level)) if level < old && state.raw < Some(old) => {
                self.shift(state, level, Reason::Eased, |problem| {
                    EventKind::Downgraded { problem, level }
                });
            }
            (Some(_), None) if state.clean >= self.rule.recover_after => self.close(state),
            _ => {}
        }
    }

    fn open(&mut self, state: &mut State, level: Level, measured: &Measured) {
        state.problems += 1;
        let number = state.problems;
        let began = self
            .holding(state)
            .filter_map(|(_, t)| t.since)
            .min()
            .unwrap_or(self.at);
        let reason = self.worst(state, measured, Some(level));
        state.problem = Some(Problem {
            number,
            level,
            began,
            opened: self.at,
            reason: reason.clone(),
        });
        self.emit(
            EventKind::Opened {
                problem: number,
                level,
                began,
            },
            reason,
        );
    }

    fn shift(
        &mut self,
        state: &mut State,
        level: Level,
        reason: Reason,
        kind: impl Fn(u64) -> EventKind,
    ) {
        let Some(problem) = state.problem.as_mut() else {
            return;
        };
        let rising = level > problem.level;
        problem.level = level;
        if rising {
            problem.reason = reason.clone();
        }
        let number = problem.number;
        self.emit(kind(number), reason);
    }

    fn close(&mut self, state: &mut State) {
        let Some(problem) = state.problem.take() else {
            return;
        };
        let ended = state.clean_since.unwrap_or(self.at);
        let reason = Reason::Good {
            samples: state.clean,
        };
        self.emit(
            EventKind::Recovered {
                problem: problem.number,
                ended,
            },
            reason,
        );
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
        let Some(problem) = &state.problem else {
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
