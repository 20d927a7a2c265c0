//! From a history to clocks: the pure heart of service levels.
//!
//! [`evaluate`] sees only what had happened by `now`; asked about an earlier instant it answers as
//! it would have answered then. A clock moves through the calendar of its rule: due = start + promise,
//! pushed on by the working time of every pause. So a ticket that waits over a weekend gains nothing,
//! because its clock would not have moved either.

use super::agreement::{Agreement, Rule, Start};
use super::clock::{Assessment, Clock, Demand, Earlier, LevelPeriod, Refused, Status, WhyRefused};
use super::history::{History, Negotiation};
use super::key::Key;
use super::ladder;
use super::levels;
use super::measure::Measure;
use super::target::{EventSet, Target};
use crate::calendar::{Calendar, CalendarError, Calendars};
use crate::process::Event;
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
    let periods = levels::periods(agreement, history, now)?;
    let counted = !history
        .uncounted
        .iter()
        .any(|stage| stage.contains(history.reported_at));
    let mut seen = Seen {
        agreement,
        calendars,
        history,
        now,
        told: told.min(now),
        periods: &periods,
        counted,
        rejected: rejections(history, now),
    };
    let mut assessment = Assessment {
        level: periods.last().and_then(|period| period.level.clone()),
        level_periods: Vec::new(),
        counted,
        clocks: Vec::with_capacity(8),
        wakeups: Vec::new(),
        demands: Vec::new(),
    };
    seen.judge_all(&mut assessment)?;
    levels::wakeups(
        agreement,
        history,
        &periods,
        seen.told,
        now,
        &mut assessment.wakeups,
    );
    assessment.wakeups.sort_by_key(|wakeup| wakeup.at);
    assessment.level_periods = periods;
    Ok(assessment)
}

/// Stretches from a solution to the moment it turned out to be none.
fn rejections(history: &History, now: Timestamp) -> Vec<Interval> {
    let ends = EventSet::of(&[
        Event::Resolved,
        Event::Closed,
        Event::Restored,
        Event::PhoneSolved,
    ]);
    let reopened = history
        .events
        .iter()
        .filter(|e| e.event == Event::Reopened && e.at <= now);
    let since = |again: Timestamp| {
        history
            .events
            .iter()
            .filter(move |e| ends.contains(e.event) && e.at <= again)
            .map(|e| e.at)
    };
    let mut gaps: Vec<Interval> = Vec::new();
    for again in reopened.map(|e| e.at) {
        let before = history
            .events
            .iter()
            .filter(|e| e.event == Event::Reopened && e.at < again)
            .map(|e| e.at)
            .max();
        if let Some(from) = since(again)
            .filter(|at| before.is_none_or(|before| *at > before))
            .min()
        {
            gaps.push(Interval::new(from, again));
        }
    }
    union(gaps)
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
    rejected: Vec<Interval>,
}

/// How a clock's running ended.
#[derive(Clone, Copy)]
enum End {
    Open,
    Kept(Timestamp),
    Dropped(Timestamp),
}

impl<'a> Seen<'a> {
    fn judge_all(&mut self, out: &mut Assessment) -> Result<(), EvaluateError> {
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
        let mut earlier: Vec<(&LevelPeriod, &'a Rule, Timestamp)> = Vec::new();
        let mut end = End::Open;
        let mut judged = None;
        for period in self.periods {
            let Some(rule) = self.rule(period, target) else {
                // The new level promises nothing of the kind.
                if judged.is_some() {
                    end = End::Dropped(period.from);
                    break;
                }
                continue;
            };
            let begin = match start {
                Some(start) => Some(start),
                None => self.start_of(rule, out)?,
            };
            let Some(begin) = begin.filter(|begin| period.to.is_none_or(|to| *begin < to)) else {
                continue;
            };
            earlier.extend(judged.take());
            judged = Some((period, rule, begin));
            end = self.end_of(rule, begin, replaced);
            match end {
                End::Kept(at) | End::Dropped(at) if period.to.is_none_or(|to| at < to) => break,
                _ if period.to.is_some() => end = End::Open,
                _ => {}
            }
        }
        let Some((period, rule, begin)) = judged else {
            return Ok(());
        };
        let (measure, mut clock) = self.clock(rule, cycle, period, begin, end)?;
        for (period, rule, begin) in earlier {
            clock.earlier.push(self.earlier(rule, period, begin)?);
        }
        if clock.is_overdue() && !rule.demand.is_empty() {
            out.demands.push(Demand {
                target,
                fields: rule.demand.clone(),
                since: clock.due,
            });
        }
        if clock.is_open() && clock.status != Status::Paused {
            ladder::wakeups(self, &measure, &clock, &mut out.wakeups)?;
            self.start_wakeups(&clock, out);
        }
        out.clocks.push(clock);
        Ok(())
    }

    /// Wakes for the clocks that start when this one comes due.
    fn start_wakeups(&self, clock: &Clock, out: &mut Assessment) {
        let Some(rules) = self
            .periods
            .last()
            .and_then(|period| self.agreement.rules(period.level.as_deref()))
        else {
            return;
        };
        if clock.due <= self.told {
            return;
        }
        let waiting = rules.iter().filter(|rule| {
            rule.start
                == Start::Breach {
                    target: clock.target,
                }
        });
        for rule in waiting.filter(|rule| {
            rule.only.covers(
                self.history.kind.as_deref(),
                self.history.channel.as_deref(),
            )
        }) {
            out.wakeups.push(ladder::start(rule, clock.due));
        }
    }

    /// When the clock of a rule starts; nothing when it has not.
    fn start_of(&self, rule: &Rule, out: &Assessment) -> Result<Option<Timestamp>, EvaluateError> {
        let start = match rule.start {
            Start::Reported if self.history.reported_at > self.now => None,
            Start::Reported => Some(
                self.calendar(&self.agreement.accept)?
                    .next_working_start(self.history.reported_at)?,
            ),
            Start::Event { event } => self.events(EventSet::of(&[event])).min(),
            Start::Breach { target } => out
                .clock(target)
                .filter(|clock| clock.status == Status::Breached && clock.due <= self.now)
                .map(|clock| clock.due),
        };
        Ok(start)
    }

    fn end_of(&self, rule: &Rule, begin: Timestamp, replaced: Option<Timestamp>) -> End {
        let from = if rule.target.may_precede_start() {
            self.history.reported_at.min(begin)
        } else {
            begin
        };
        let kept = self
            .events(rule.stop)
            .filter(|at| *at >= from)
            .min()
            .map(|at| at.max(begin));
        let dropped = self
            .events(rule.cancel)
            .filter(|at| *at >= from)
            .chain(replaced)
            .min()
            .map(|at| at.max(begin));
        match (kept, dropped) {
            (Some(kept), Some(dropped)) if dropped < kept => End::Dropped(dropped),
            (Some(kept), _) => End::Kept(kept),
            (None, Some(dropped)) => End::Dropped(dropped),
            (None, None) => End::Open,
        }
    }

    /// Times of events known by now that still hold; a solution that turned out to be none does not.
    fn events(&self, set: EventSet) -> impl Iterator<Item = Timestamp> {
        let happened = self
            .history
            .events
            .iter()
            .filter(move |e| e.at <= self.now && set.contains(e.event));
        happened
            .filter(|e| {
                !self
                    .rejected
                    .iter()
                    .any(|gap| (gap.contains(e.at) || gap.to == e.at) && undone(e.event))
            })
            .map(|e| e.at)
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
                .chain(self.rejected.iter().copied())
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

    fn clock(
        &self,
        rule: &'a Rule,
        cycle: u16,
        period: &LevelPeriod,
        start: Timestamp,
        end: End,
    ) -> Result<(Measure<'a>, Clock), EvaluateError> {
        let stopped_at = match end {
            End::Open => None,
            End::Kept(at) | End::Dropped(at) => Some(at),
        };
        let until = stopped_at.unwrap_or(self.now);
        let measure = Measure {
            rule,
            calendar: self.calendar(&rule.calendar)?,
            start,
            waits: self.waits(rule, start, until),
        };
        let hours = self.calendar(&rule.hours)?;
        let promised_due = measure.promised(hours)?;
        let mut clock = Clock {
            target: rule.target,
            cycle,
            level: period.level.clone(),
            calendar: rule.calendar.clone(),
            started_at: start,
            promised_due,
            due: measure.with_grace(promised_due, hours)?,
            stopped_at,
            status: Status::Running,
            elapsed: measure.used(start, until),
            remaining: SignedDuration::ZERO,
            allowed: SignedDuration::ZERO,
            counted: self.counted && !rule.internal,
            negotiated: None,
            refused: Vec::new(),
            earlier: Vec::new(),
        };
        self.negotiate(&measure, hours, until, &mut clock)?;
        clock.allowed = measure.used(start, clock.due);
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
            End::Open if self.now >= clock.due => Status::Breached,
            End::Open if self.is_waiting(rule) => Status::Paused,
            End::Open => Status::Running,
        };
        Ok((measure, clock))
    }

    /// Lets agreed times replace the promised one, in the order they were agreed.
    fn negotiate(
        &self,
        measure: &Measure<'_>,
        hours: &Calendar,
        until: Timestamp,
        clock: &mut Clock,
    ) -> Result<(), EvaluateError> {
        let known = |n: &&Negotiation| n.target == clock.target && n.at <= until;
        let mut agreed: Vec<&Negotiation> = self.history.negotiated.iter().filter(known).collect();
        agreed.sort_by_key(|n| n.at);
        for negotiation in agreed {
            let due_then = match &clock.negotiated {
                Some(last) => measure.shifted(last.due, last.at, negotiation.at)?,
                None => Measure {
                    waits: measure.waits_until(negotiation.at),
                    ..*measure
                }
                .due(hours)?,
            };
            let why = match () {
                () if !measure.rule.negotiable => Some(WhyRefused::NotNegotiable),
                () if due_then < negotiation.at => Some(WhyRefused::TooLate),
                () if negotiation.due < negotiation.at.max(measure.start) => {
                    Some(WhyRefused::InThePast)
                }
                () => None,
            };
            match why {
                Some(why) => clock.refused.push(Refused {
                    negotiation: negotiation.clone(),
                    why,
                }),
                None => {
                    clock.due = measure.shifted(negotiation.due, negotiation.at, until)?;
                    clock.negotiated = Some(negotiation.clone());
                }
            }
        }
        Ok(())
    }

    /// What a level that no longer holds had promised.
    fn earlier(
        &self,
        rule: &'a Rule,
        period: &LevelPeriod,
        start: Timestamp,
    ) -> Result<Earlier, EvaluateError> {
        let until = period.to.unwrap_or(self.now);
        let measure = Measure {
            rule,
            calendar: self.calendar(&rule.calendar)?,
            start,
            waits: self.waits(rule, start, until),
        };
        let due = measure.due(self.calendar(&rule.hours)?)?;
        Ok(Earlier {
            level: period.level.clone(),
            due,
            until,
            missed: due <= until,
        })
    }
}

/// Events that a reopening undoes.
const fn undone(event: Event) -> bool {
    matches!(
        event,
        Event::Resolved | Event::Closed | Event::Restored | Event::PhoneSolved | Event::Confirmed
    )
}
