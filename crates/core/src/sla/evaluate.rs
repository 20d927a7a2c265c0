//! From a history to clocks: the pure heart of service levels.
//!
//! [`evaluate`] sees only what had happened by `now`; asked about an earlier instant it answers as
//! it would have answered then. A clock moves through the calendar of its rule: due = start + promise,
//! pushed on by the working time of every pause. So a ticket that waits over a weekend gains nothing,
//! because its clock would not have moved either.

use super::agreement::{Agreement, Rule, Start};
use super::clock::{Assessment, Clock, Earlier, LevelPeriod, Refused, Status, WhyRefused};
use super::history::{History, Negotiation};
use super::key::Key;
use super::ladder;
use super::levels;
use super::measure::Measure;
use super::reopened::Reopened;
use super::target::{EventSet, Target};
use crate::calendar::{Calendar, CalendarError, Calendars};
use crate::time::{Interval, SignedDuration, Timestamp, union};

/// Why a history cannot be judged by an agreement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The history names a level the agreement does not have.
    #[error("agreement `{agreement}` has no level `{level}`")]
    UnknownLevel {
        /// The agreement.
        agreement: Key,
        /// The level.
        level: String,
    },
    /// The agreement names a calendar that is not there.
    #[error("there is no calendar `{0}`")]
    UnknownCalendar(Key),
    /// Working time cannot be computed.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// Judges a history at an instant. Wake-ups are those after `now`.
///
/// # Errors
/// When the history names a level the agreement does not have, a calendar is missing, or a time lies outside all calendars.
pub fn evaluate(
    agreement: &Agreement,
    calendars: &Calendars,
    history: &History,
    now: Timestamp,
) -> Result<Assessment, EvaluateError> {
    evaluate_since(agreement, calendars, history, now, now)
}

/// As [`evaluate`], with the wake-ups after `told`, an earlier instant up to which everybody was told: what came due in between
/// while nobody looked is in the list as well, so that nothing is lost over a stop of the server.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_since(
    agreement: &Agreement,
    calendars: &Calendars,
    history: &History,
    told: Timestamp,
    now: Timestamp,
) -> Result<Assessment, EvaluateError> {
    let reopened = Reopened::find(history, now);
    let ended = reopened.ended(history, now);
    let periods = levels::periods(agreement, history, ended, now)?;
    let counted = !history
        .uncounted
        .iter()
        .any(|stage| stage.contains(history.reported_at));
    let seen = Seen {
        agreement,
        calendars,
        history,
        now,
        told: told.min(now),
        periods: &periods,
        counted,
        reopened,
    };
    let mut assessment = Assessment {
        level: periods.last().and_then(|period| period.level.clone()),
        level_periods: Vec::new(),
        counted,
        clocks: Vec::with_capacity(8),
        wakeups: Vec::new(),
    };
    if history.reported_at <= now {
        seen.judge_all(&mut assessment)?;
    }
    levels::wakeups(
        agreement,
        history,
        &periods,
        ended,
        now,
        &mut assessment.wakeups,
    );
    assessment.wakeups.sort_by_key(|wakeup| wakeup.at);
    assessment.level_periods = periods;
    Ok(assessment)
}

/// Everything the judgement of one target needs.
pub(super) struct Seen<'a> {
    agreement: &'a Agreement,
    calendars: &'a Calendars,
    history: &'a History,
    pub(super) now: Timestamp,
    pub(super) told: Timestamp,
    periods: &'a [LevelPeriod],
    counted: bool,
    reopened: Reopened,
}

/// A promise as one level made it.
struct Judged<'a> {
    rule: &'a Rule,
    level: Option<Key>,
    /// When the level ended.
    until: Option<Timestamp>,
    begin: Timestamp,
    end: End,
}

/// How a clock's running ended.
#[derive(Clone, Copy)]
enum End {
    Open,
    Kept(Timestamp),
    Dropped(Timestamp),
}

impl<'a> Seen<'a> {
    fn judge_all(&self, out: &mut Assessment) -> Result<(), EvaluateError> {
        // Clocks that start when another comes due need that other first.
        for after_breach in [false, true] {
            for target in Target::ALL {
                let Some(rule) = self
                    .newest_rule(*target)
                    .filter(|rule| matches!(rule.start, Start::Breach { .. }) == after_breach)
                else {
                    continue;
                };
                self.judge(*target, rule, out)?;
            }
        }
        out.clocks.sort_by_key(|clock| (clock.target, clock.cycle));
        Ok(())
    }

    /// The rule of the latest level that has one for the target.
    fn newest_rule(&self, target: Target) -> Option<&'a Rule> {
        self.periods
            .iter()
            .rev()
            .find_map(|period| self.rule(period, target))
    }

    fn rule(&self, period: &LevelPeriod, target: Target) -> Option<&'a Rule> {
        let rules = self.agreement.rules(period.level.as_deref())?;
        rules.get(target).filter(|rule| {
            rule.only.covers(
                self.history.kind.as_deref(),
                self.history.channel.as_deref(),
            )
        })
    }

    /// Judges the clocks of one target: one, or one for each start event.
    fn judge(
        &self,
        target: Target,
        newest: &'a Rule,
        out: &mut Assessment,
    ) -> Result<(), EvaluateError> {
        if let (true, Start::Event { event }) = (newest.each, newest.start) {
            let mut starts: Vec<Timestamp> = self.events(EventSet::of(&[event])).collect();
            starts.sort_unstable();
            starts.dedup();
            for (i, start) in starts.iter().enumerate() {
                let cycle = u16::try_from(i + 1).unwrap_or(u16::MAX);
                self.judge_one(target, cycle, Some(*start), starts.get(i + 1).copied(), out)?;
            }
            return Ok(());
        }
        self.judge_one(target, 1, None, None, out)
    }

    fn judge_one(
        &self,
        target: Target,
        cycle: u16,
        start: Option<Timestamp>,
        replaced: Option<Timestamp>,
        out: &mut Assessment,
    ) -> Result<(), EvaluateError> {
        let Some((judged, earlier)) = self.find(target, start, replaced, out)? else {
            return Ok(());
        };
        let rule = judged.rule;
        let (measure, mut clock) = self.clock(&judged, cycle)?;
        for before in &earlier {
            clock.earlier.push(self.earlier(before)?);
        }
        if clock.is_open() {
            let first = out.wakeups.len();
            ladder::wakeups(self, &measure, &clock, &mut out.wakeups)?;
            self.start_wakeups(rule, &clock, out);
            if self.is_waiting(rule) {
                // While it waits nothing lies ahead; what had come before stays.
                let now = self.now;
                let ahead = out.wakeups.split_off(first);
                out.wakeups
                    .extend(ahead.into_iter().filter(|wakeup| wakeup.at <= now));
            }
        }
        out.clocks.push(clock);
        Ok(())
    }

    /// By which level a clock is judged and how it ended, and what levels before had promised.
    fn find(
        &self,
        target: Target,
        start: Option<Timestamp>,
        replaced: Option<Timestamp>,
        out: &Assessment,
    ) -> Result<Option<(Judged<'a>, Vec<Judged<'a>>)>, EvaluateError> {
        let mut earlier: Vec<Judged<'a>> = Vec::new();
        let mut judged: Option<Judged<'a>> = None;
        for period in self.periods {
            let Some(rule) = self.rule(period, target) else {
                // The new level promises nothing of the kind.
                if let Some(open) = judged.as_mut().filter(|j| matches!(j.end, End::Open)) {
                    open.end = End::Dropped(period.from);
                }
                continue;
            };
            let begin = match start {
                Some(start) => Some(start),
                None => self.start_of(rule, out)?,
            };
            let Some(begin) = begin else { continue };
            let (begin, end) = match self.run(rule, begin, replaced) {
                (begin, End::Kept(at) | End::Dropped(at))
                    if period.to.is_some_and(|to| at >= to) =>
                {
                    (begin, End::Open)
                }
                run => run,
            };
            if period.to.is_some_and(|to| begin >= to) {
                continue;
            }
            // The same promise goes on when levels share it.
            earlier.extend(
                judged
                    .take()
                    .filter(|before| !std::ptr::eq(before.rule, rule)),
            );
            judged = Some(Judged {
                rule,
                level: period.level.clone(),
                until: period.to,
                begin,
                end,
            });
            if !matches!(end, End::Open) {
                break;
            }
        }
        Ok(judged.map(|judged| (judged, earlier)))
    }

    /// Wakes for the start of clocks: those that start when this one comes due, and this one itself when an event has started it.
    fn start_wakeups(&self, rule: &Rule, clock: &Clock, out: &mut Assessment) {
        let matters = !rule.on_start.is_empty() || rule.in_charge.is_some();
        let by_event = matches!(rule.start, Start::Event { .. }) && matters;
        if by_event && clock.started_at > self.told {
            let mut wakeup = ladder::start(rule, clock.started_at);
            wakeup.cycle = clock.cycle;
            out.wakeups.push(wakeup);
        }
        if clock.due <= self.told {
            return;
        }
        let Some(last) = self.periods.last() else {
            return;
        };
        let at_breach = Start::Breach {
            target: clock.target,
        };
        let follow = Target::ALL
            .iter()
            .filter_map(|target| self.rule(last, *target));
        for rule in follow.filter(|rule| rule.start == at_breach) {
            out.wakeups.push(ladder::start(rule, clock.due));
        }
    }

    /// When the clock of a rule starts; nothing when it has not.
    fn start_of(&self, rule: &Rule, out: &Assessment) -> Result<Option<Timestamp>, EvaluateError> {
        let start = match rule.start {
            Start::Reported => Some(
                self.calendar(&self.agreement.accept)?
                    .next_working_start(self.history.reported_at)?,
            ),
            Start::Event { event } => self.events(EventSet::of(&[event])).min(),
            Start::Breach { target } => out.clock(target).and_then(breached_at),
        };
        Ok(start)
    }

    /// How a clock ends that begins at `begin`, and when it truly began: whoever acts before the
    /// calendar has opened begins and ends it then.
    fn run(&self, rule: &Rule, begin: Timestamp, replaced: Option<Timestamp>) -> (Timestamp, End) {
        let from_report = rule.start == Start::Reported;
        let from = if from_report || rule.target.may_precede_start() {
            self.history.reported_at
        } else {
            begin
        };
        let first = |set| self.events(set).filter(|at| *at >= from).min();
        let kept = first(rule.stop);
        let dropped = first(rule.cancel).into_iter().chain(replaced).min();
        let ended = kept.into_iter().chain(dropped).min();
        let begin = match ended {
            Some(ended) if from_report => begin.min(ended),
            _ => begin,
        };
        let end = match (kept, dropped) {
            (Some(kept), Some(dropped)) if dropped < kept => End::Dropped(dropped.max(begin)),
            (Some(kept), _) => End::Kept(kept.max(begin)),
            (None, Some(dropped)) => End::Dropped(dropped.max(begin)),
            (None, None) => End::Open,
        };
        (begin, end)
    }

    /// Times of events known by now that still hold; a solution that turned out to be none does not.
    /// What happened before the report counts as happening with it.
    fn events(&self, set: EventSet) -> impl Iterator<Item = Timestamp> {
        let happened = self.history.events.iter().enumerate();
        happened
            .filter(move |(_, e)| e.at <= self.now && set.contains(e.event))
            .filter(|(i, _)| self.reopened.holds(*i))
            .map(|(_, e)| e.at.max(self.history.reported_at))
    }

    fn calendar(&self, name: &Key) -> Result<&'a Calendar, EvaluateError> {
        self.calendars
            .resolve(name)
            .map(|calendar| &**calendar)
            .ok_or_else(|| EvaluateError::UnknownCalendar(name.clone()))
    }

    /// The waits a rule stands still for between two instants.
    fn waits(&self, rule: &Rule, from: Timestamp, to: Timestamp) -> Vec<Interval> {
        let whole = Interval::new(from, to);
        let pauses = self
            .history
            .pauses
            .iter()
            .filter(|pause| rule.pause.include(&pause.reason));
        let pauses = pauses.map(|pause| Interval::new(pause.from, pause.to.unwrap_or(to)));
        union(
            pauses
                .chain(self.reopened.gaps.iter().copied())
                .map(|wait| wait.clip(&whole))
                .filter(|wait| !wait.is_empty())
                .collect(),
        )
    }

    /// Whether the rule's clock stands still at `now`.
    fn is_waiting(&self, rule: &Rule) -> bool {
        let holds = |pause: &&super::history::Pause| {
            pause.from <= self.now && pause.to.is_none_or(|to| to > self.now)
        };
        self.history
            .pauses
            .iter()
            .filter(holds)
            .any(|pause| rule.pause.include(&pause.reason))
    }

    /// The measure of a clock up to an instant.
    fn measure(
        &self,
        rule: &'a Rule,
        start: Timestamp,
        until: Timestamp,
    ) -> Result<Measure<'a>, EvaluateError> {
        Ok(Measure {
            rule,
            calendar: self.calendar(&rule.calendar)?,
            hours: self.calendar(&rule.hours)?,
            start,
            waits: self.waits(rule, start, until),
        })
    }

    fn clock(
        &self,
        judged: &Judged<'a>,
        cycle: u16,
    ) -> Result<(Measure<'a>, Clock), EvaluateError> {
        let Judged {
            rule, begin, end, ..
        } = *judged;
        let stopped_at = match end {
            End::Open => None,
            End::Kept(at) | End::Dropped(at) => Some(at),
        };
        // A clock whose calendar has not opened yet has used no time.
        let until = stopped_at.unwrap_or(self.now).max(begin);
        let measure = self.measure(rule, begin, until)?;
        let mut clock = Clock {
            target: rule.target,
            cycle,
            level: judged.level.clone(),
            calendar: rule.calendar.clone(),
            started_at: begin,
            promised_due: measure.promised()?,
            due: measure.due()?,
            stopped_at,
            status: Status::Running,
            elapsed: measure.used(begin, until),
            remaining: SignedDuration::ZERO,
            allowed: SignedDuration::ZERO,
            counted: self.counted && !rule.internal,
            negotiated: None,
            refused: Vec::new(),
            earlier: Vec::new(),
        };
        self.negotiate(&measure, until, &mut clock)?;
        clock.allowed = measure.used(begin, clock.due);
        clock.remaining = if until <= clock.due {
            measure.calendar.working_between(until, clock.due)
        } else {
            -measure.used(clock.due, until)
        };
        clock.status = match end {
            End::Kept(at) if at <= clock.due => Status::Met,
            End::Kept(_) => Status::Breached,
            End::Dropped(at) if at < clock.due => Status::Cancelled,
            End::Dropped(_) => Status::Breached,
            // An agreed time outside the calendar is held off to the end of the wait, which is now.
            End::Open if self.now <= clock.due && self.is_waiting(rule) => Status::Paused,
            End::Open if self.now >= clock.due => Status::Breached,
            End::Open => Status::Running,
        };
        Ok((measure, clock))
    }

    /// Lets agreed times replace the promised one, in the order they were agreed.
    fn negotiate(
        &self,
        measure: &Measure<'a>,
        until: Timestamp,
        clock: &mut Clock,
    ) -> Result<(), EvaluateError> {
        let known = |n: &&Negotiation| n.target == clock.target && n.at <= until.min(self.now);
        let mut agreed: Vec<&Negotiation> = self.history.negotiated.iter().filter(known).collect();
        agreed.sort_by_key(|n| n.at);
        for negotiation in agreed {
            let at = negotiation.at;
            let due_then = match &clock.negotiated {
                Some(last) => measure.shifted(last.due, last.at, at)?,
                None => self.measure(measure.rule, measure.start, at)?.due()?,
            };
            let why = if !measure.rule.negotiable {
                WhyRefused::NotNegotiable
            } else if due_then < at {
                WhyRefused::TooLate
            } else if negotiation.due < at.max(measure.start) {
                WhyRefused::InThePast
            } else {
                clock.due = measure.shifted(negotiation.due, at, until)?;
                clock.negotiated = Some(negotiation.clone());
                continue;
            };
            clock.refused.push(Refused {
                negotiation: negotiation.clone(),
                why,
            });
        }
        Ok(())
    }

    /// What a level that no longer holds had promised.
    fn earlier(&self, judged: &Judged<'a>) -> Result<Earlier, EvaluateError> {
        let until = judged.until.unwrap_or(self.now);
        let ended = Judged {
            level: judged.level.clone(),
            end: End::Dropped(until),
            ..*judged
        };
        let (_, clock) = self.clock(&ended, 1)?;
        Ok(Earlier {
            level: clock.level,
            due: clock.due,
            until,
            missed: clock.status == Status::Breached,
        })
    }
}

/// When a promise was first broken. A level that is changed later does not undo what began then.
fn breached_at(clock: &Clock) -> Option<Timestamp> {
    let before = clock.earlier.iter().find(|earlier| earlier.missed);
    let last = (clock.status == Status::Breached).then_some(clock.due);
    before.map(|earlier| earlier.due).or(last)
}
