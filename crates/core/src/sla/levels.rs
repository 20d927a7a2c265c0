//! Which level a ticket had when, including changes that follow from the length of an interruption.

use super::agreement::{Agreement, Reclassify};
use super::clock::{LevelPeriod, Wakeup, WakeupKind};
use super::evaluate::EvaluateError;
use super::history::{History, Outage};
use crate::process::Event;
use crate::time::Timestamp;

/// The levels a ticket has had by `now`, the last one open. Never empty.
pub(super) fn periods(
    agreement: &Agreement,
    history: &History,
    now: Timestamp,
) -> Result<Vec<LevelPeriod>, EvaluateError> {
    let mut changes = Vec::with_capacity(history.levels.len());
    for change in history.levels.iter().filter(|change| change.at <= now) {
        let unknown = || EvaluateError::UnknownLevel {
            agreement: agreement.key.clone(),
            level: change.level.clone(),
        };
        let level = agreement.level(&change.level).ok_or_else(unknown)?;
        // A level chosen before the true time of the report holds from the report on.
        changes.push((change.at.max(history.reported_at), level.key.clone()));
    }
    changes.sort_by_key(|(at, _)| *at);
    let open = |level, from, automatic| LevelPeriod {
        level,
        from,
        to: None,
        automatic,
    };
    let mut periods = vec![open(None, history.reported_at, false)];
    for (at, level) in changes {
        change(&mut periods, open(Some(level), at, false));
        while let Some((rule, at)) =
            due_change(agreement, history, &periods).filter(|(_, at)| *at <= at_most(history, now))
        {
            change(&mut periods, open(Some(rule.to.clone()), at, true));
        }
    }
    drop_overtaken(&mut periods);
    Ok(periods)
}

/// Ends the last period and begins the next. A period that would have no length, or repeats the level, is not kept.
fn change(periods: &mut Vec<LevelPeriod>, next: LevelPeriod) {
    if let Some(last) = periods.last_mut() {
        if last.level == next.level {
            return;
        }
        last.to = Some(next.from);
    }
    periods.push(next);
}

/// Removes periods without length, which arise when a level is chosen at the very report or promoted at once.
fn drop_overtaken(periods: &mut Vec<LevelPeriod>) {
    periods.retain(|period| period.to.is_none_or(|to| to > period.from));
}

/// The promotion the last period runs into, and when.
fn due_change<'a>(
    agreement: &'a Agreement,
    history: &History,
    periods: &[LevelPeriod],
) -> Option<(&'a Reclassify, Timestamp)> {
    let last = periods.last()?;
    let outage = history.outage?;
    // Somebody who lowers the level again after the promotion has decided so.
    let promoted_before = |rule: &Reclassify| {
        periods
            .iter()
            .any(|p| p.automatic && p.level.as_ref() == Some(&rule.to))
    };
    let rule = agreement
        .reclassify
        .iter()
        .find(|rule| last.level.as_ref() == Some(&rule.from) && !promoted_before(rule))?;
    let at = outage.from.checked_add(rule.outage).ok()?;
    let over = |to: Timestamp| to < at;
    (!outage.to.is_some_and(over)).then(|| (rule, at.max(last.from)))
}

/// Levels stop changing by themselves when the ticket is solved or over.
fn at_most(history: &History, now: Timestamp) -> Timestamp {
    let ends = history
        .events
        .iter()
        .filter(|e| matches!(e.event, Event::Resolved | Event::Closed | Event::Cancelled));
    ends.map(|e| e.at).chain([now]).min().unwrap_or(now)
}

/// Wakes for the promotion that lies ahead, or passed since `told`.
pub(super) fn wakeups(
    agreement: &Agreement,
    history: &History,
    periods: &[LevelPeriod],
    told: Timestamp,
    now: Timestamp,
    out: &mut Vec<Wakeup>,
) {
    let mut wake = |rule: &Reclassify, at| {
        let kind = WakeupKind::Reclassify {
            from: rule.from.clone(),
            to: rule.to.clone(),
        };
        out.push(Wakeup {
            at,
            target: None,
            cycle: 0,
            kind,
            to_roles: rule.tell.clone(),
        });
    };
    for pair in periods
        .windows(2)
        .filter(|pair| pair[1].automatic && pair[1].from > told)
    {
        let made = |rule: &&Reclassify| {
            Some(&rule.from) == pair[0].level.as_ref() && Some(&rule.to) == pair[1].level.as_ref()
        };
        agreement
            .reclassify
            .iter()
            .filter(made)
            .for_each(|rule| wake(rule, pair[1].from));
    }
    let ongoing = matches!(history.outage, Some(Outage { to: None, .. }));
    if let Some((rule, at)) = due_change(agreement, history, periods)
        .filter(|(_, at)| ongoing && *at > now && at_most(history, now) == now)
    {
        wake(rule, at);
    }
}
