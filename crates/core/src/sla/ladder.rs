//! When somebody is told about a clock: warnings, the breach, repetitions, escalation, reassignment.

use super::agreement::{Act, At, Repeat, Rule, Step};
use super::clock::{Clock, Wakeup, WakeupKind};
use super::evaluate::{EvaluateError, Seen};
use super::measure::Measure;
use crate::calendar::CalendarError;
use crate::time::{SignedDuration, Timestamp};

/// Adds what an open clock wakes for: everything after `told` that has passed by now, and the next time of every step.
pub(super) fn wakeups(
    seen: &Seen<'_>,
    measure: &Measure<'_>,
    clock: &Clock,
    out: &mut Vec<Wakeup>,
) -> Result<(), EvaluateError> {
    let mut wake = |at: Timestamp, kind, step: Option<&Step>| {
        let to_roles = step.map(|step| step.tell.clone()).unwrap_or_default();
        out.push(Wakeup {
            at,
            target: Some(clock.target),
            cycle: clock.cycle,
            kind,
            to_roles,
            in_charge: None,
        });
    };
    let ladder = &measure.rule.ladder;
    if clock.due > seen.told {
        let told_then = ladder.iter().find(|step| {
            matches!(step.at, At::Breach { after } if after.is_zero()) && step.act != Act::Reassign
        });
        wake(clock.due, WakeupKind::Breach, told_then);
    }
    let mut rung = 0;
    for step in ladder {
        match step.at {
            At::Percent { percent } => {
                let at = measure.after(clock.allowed * i32::from(percent) / 100)?;
                if at > seen.told && at < clock.due {
                    wake(
                        at,
                        if step.act == Act::Remind {
                            WakeupKind::Warn { percent }
                        } else {
                            kind(step.act, 0)
                        },
                        Some(step),
                    );
                }
            }
            At::Elapsed { length } => {
                repeated(
                    step.repeat,
                    seen,
                    |offset| measure.after(length + offset),
                    |at, count| wake(at, said(kind(step.act, 0), count), Some(step)),
                )?;
            }
            // Told together with the breach itself.
            At::Breach { after }
                if after.is_zero() && step.act != Act::Reassign && step.repeat.is_none() => {}
            At::Breach { after } => {
                rung += u8::from(!after.is_zero() || step.repeat.is_some());
                let after_due = |offset| {
                    measure.shifted(
                        measure.calendar.add_working(clock.due, after + offset)?,
                        clock.due,
                        Timestamp::MAX,
                    )
                };
                repeated(step.repeat, seen, after_due, |at, count| {
                    wake(at, said(kind(step.act, rung), count), Some(step));
                })?;
            }
        }
    }
    Ok(())
}

/// The wake-up for a clock that starts at `at`.
pub(super) fn start(rule: &Rule, at: Timestamp) -> Wakeup {
    Wakeup {
        at,
        target: Some(rule.target),
        cycle: 1,
        kind: WakeupKind::StartTarget,
        to_roles: rule.on_start.clone(),
        in_charge: rule.in_charge.clone(),
    }
}

const fn kind(act: Act, step: u8) -> WakeupKind {
    match act {
        Act::Remind => WakeupKind::Remind,
        Act::Escalate => WakeupKind::Escalate { step },
        Act::Reassign => WakeupKind::Reassign,
    }
}

/// The second and every further time is a repetition.
fn said(kind: WakeupKind, count: u32) -> WakeupKind {
    if count > 1 {
        WakeupKind::Repeat { count }
    } else {
        kind
    }
}

/// Calls `wake` for the first time if it passed since `told`, for the latest repetition that did,
/// and for the next one; what was missed in between is not made up for.
fn repeated(
    repeat: Option<Repeat>,
    seen: &Seen<'_>,
    at: impl Fn(SignedDuration) -> Result<Timestamp, CalendarError>,
    mut wake: impl FnMut(Timestamp, u32),
) -> Result<(), EvaluateError> {
    let (every, times) = repeat.map_or((SignedDuration::ZERO, 1), |r| (r.every, r.times));
    let mut offset = SignedDuration::ZERO;
    let mut missed = None;
    let mut next = None;
    for count in 1..=times {
        let at = at(offset)?;
        offset += every;
        if at > seen.now {
            next = Some((at, count));
            break;
        }
        match count {
            _ if at <= seen.told => {}
            1 => wake(at, count),
            _ => missed = Some((at, count)),
        }
    }
    for (at, count) in missed.into_iter().chain(next) {
        wake(at, count);
    }
    Ok(())
}
