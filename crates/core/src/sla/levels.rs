//! Which level a ticket had when, including changes that follow from the length of an interruption.

use super::agreement::{Agreement, Reclassify};
use super::clock::{LevelPeriod, Wakeup, WakeupKind};
use super::evaluate::EvaluateError;
use super::history::History;
use super::key::Key;
use crate::time::Timestamp;

/// The levels a ticket has had by `now`, the last one open. Never empty, no period without length,
/// and no two in a row with the same level.
pub(super) fn periods(
    agreement: &Agreement,
    history: &History,
    ended: Option<Timestamp>,
    now: Timestamp,
) -> Result<Vec<LevelPeriod>, EvaluateError> {
    let mut changes = Vec::with_capacity(history.levels.len());
    for change in history.levels.iter().filter(|change| change.at <= now) {
        let unknown = || EvaluateError::UnknownLevel {
            agreement: agreement.key.clone(),
            level: change.level.clone(),
        };
        let level = agreement.level(&change.level).ok_or_else(unknown)?;
        changes.push((change.at, level.key.clone()));
    }
    changes.sort_by_key(|(at, _)| *at);
    for (at, _) in &mut changes {
        // A level chosen before the true time of the report holds from the report on.
        *at = (*at).max(history.reported_at);
    }
    let mut periods = vec![LevelPeriod {
        level: None,
        from: history.reported_at,
        to: None,
        automatic: false,
    }];
    for (i, (at, level)) in changes.iter().enumerate() {
        begin(&mut periods, level, *at, false);
        let next = changes.get(i + 1).map(|(at, _)| *at);
        let limit = ended.map_or(now, |ended| ended.min(now));
        if let Some((rule, at)) = promotion(agreement, history, &periods, now)
            .filter(|(_, at)| *at <= limit && next.is_none_or(|next| *at < next))
        {
            begin(&mut periods, &rule.to, at, true);
        }
    }
    Ok(periods)
}

/// Ends the last period and begins the next, unless the level stays the same.
fn begin(periods: &mut Vec<LevelPeriod>, level: &Key, from: Timestamp, automatic: bool) {
    // A period that would have no length is as if it had never been.
    periods.pop_if(|last| last.from >= from);
    if let Some(last) = periods.last_mut() {
        if last.level.as_ref() == Some(level) {
            last.to = None;
            return;
        }
        last.to = Some(from);
    }
    periods.push(LevelPeriod {
        level: Some(level.clone()),
        from,
        to: None,
        automatic,
    });
}

/// The promotion the last period runs into, and when.
fn promotion<'a>(
    agreement: &'a Agreement,
    history: &History,
    periods: &[LevelPeriod],
    now: Timestamp,
) -> Option<(&'a Reclassify, Timestamp)> {
    let (last, before) = periods.split_last()?;
    let outage = history.outage.filter(|outage| outage.from <= now)?;
    let rule = agreement
        .reclassify
        .iter()
        .find(|rule| last.level.as_ref() == Some(&rule.from))?;
    let at = outage.from.checked_add(rule.outage).ok()?;
    let short = outage.to.is_some_and(|to| to < at);
    // Whoever chose this level when the interruption had already lasted so long has decided so,
    // unless it was the first level of all.
    let decided = last.from >= at && before.iter().any(|period| period.level.is_some());
    (!short && !decided).then(|| (rule, at.max(last.from)))
}

/// Wakes for the promotion that lies ahead, and for one that has come and is not recorded yet.
pub(super) fn wakeups(
    agreement: &Agreement,
    history: &History,
    periods: &[LevelPeriod],
    ended: Option<Timestamp>,
    now: Timestamp,
    out: &mut Vec<Wakeup>,
) {
    let mut wake = |rule: &Reclassify, at| {
        out.push(Wakeup {
            at,
            target: None,
            cycle: 0,
            kind: WakeupKind::Reclassify {
                from: rule.from.clone(),
                to: rule.to.clone(),
            },
            to_roles: rule.tell.clone(),
            in_charge: None,
        });
    };
    let Some(last) = periods.last() else { return };
    let recorded = history
        .levels
        .iter()
        .filter(|change| change.at <= now)
        .max_by_key(|change| change.at)
        .map(|change| change.level.as_str());
    if last.automatic && recorded != last.level.as_deref() {
        let made = |rule: &&Reclassify| {
            Some(&rule.to) == last.level.as_ref() && Some(&*rule.from) == recorded
        };
        if let Some(rule) = agreement.reclassify.iter().find(made) {
            wake(rule, last.from);
        }
        return;
    }
    let lasts = history
        .outage
        .is_some_and(|outage| outage.to.is_none_or(|to| to > now));
    if let Some((rule, at)) = promotion(agreement, history, periods, now)
        && lasts
        && at > now
        && ended.is_none_or(|ended| ended > now)
    {
        wake(rule, at);
    }
}
