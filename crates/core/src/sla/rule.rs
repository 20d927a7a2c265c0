//! One rule of an agreement file, checked.

use std::str::FromStr;

use super::agreement::{Act, At, Pauses, Promise, Repeat, Rule, Start, Step, Until};
use super::file::{File, Line, OneOrMany, RuleFile, StepFile};
use super::key::{Key, Keys};
use super::load::did_you_mean;
use super::target::{EventSet, Target};
use crate::calendar::{Calendars, OFFICE};
use crate::findings::Findings;
use crate::process::Event;
use crate::time::{SignedDuration, parse_duration};

/// Most steps one ladder may have, and most times one step may repeat.
const MOST: usize = 50;

/// What rules take from the file around them.
pub(super) struct Context<'a> {
    calendars: &'a Calendars,
    calendar: Key,
    pause: Pauses,
    ladder: Vec<Step>,
}

pub(super) fn names(list: &[String]) -> Keys {
    list.iter().map(|name| Key::from(name.as_str())).collect()
}

impl<'a> Context<'a> {
    /// Defaults of the file, or else of the last preset that has them.
    pub(super) fn new(
        file: &File,
        presets: &[&File],
        calendars: &'a Calendars,
        findings: &mut Findings,
    ) -> Self {
        let mut context = Self {
            calendars,
            calendar: Key::from("7x24"),
            pause: Pauses::All,
            ladder: Vec::new(),
        };
        let sources = || {
            presets
                .iter()
                .copied()
                .chain([file])
                .map(|source| &source.defaults)
                .rev()
        };
        if let Some(name) = sources().find_map(|d| d.calendar.as_ref()) {
            context.calendar = context.known(
                Some(name),
                "defaults.calendar",
                &context.calendar.clone(),
                findings,
            );
        }
        if let Some(pause) = sources().find_map(|d| d.pause.as_ref()) {
            context.pause = pauses(pause);
        }
        if let Some(steps) = sources().find_map(|d| d.ladder.as_ref()) {
            context.ladder = ladder(steps, "defaults.ladder", findings);
        }
        context
    }

    /// The calendar by which requests are accepted.
    pub(super) fn accept(&self, file: &File, findings: &mut Findings) -> Key {
        self.known(file.accept.as_ref(), "accept", &Key::from("7x24"), findings)
    }

    /// The name of a calendar that exists, or the default.
    fn known(
        &self,
        name: Option<&Line>,
        path: &str,
        default: &Key,
        findings: &mut Findings,
    ) -> Key {
        let Some(name) = name else {
            return default.clone();
        };
        if self.calendars.resolve(&name.value).is_none() {
            let hint = did_you_mean(
                &name.value,
                self.calendars.iter().map(|c| c.key()).chain([OFFICE]),
            );
            findings.add(
                name.referenced.line(),
                path,
                format!("there is no calendar `{}`{hint}", name.value),
            );
        }
        Key::from(name.value.as_str())
    }

    pub(super) fn rule(
        &self,
        target: Target,
        file: &RuleFile,
        line: u64,
        path: &str,
        findings: &mut Findings,
    ) -> Option<Rule> {
        let calendar = self.known(
            file.calendar.as_ref(),
            &format!("{path}.calendar"),
            &self.calendar,
            findings,
        );
        let hours = self.known(
            file.hours.as_ref(),
            &format!("{path}.hours"),
            &Key::from(OFFICE),
            findings,
        );
        let around_the_clock = self
            .calendars
            .resolve(&calendar)
            .is_some_and(|c| c.is_continuous());
        let length = |text: &Line, field: &str, findings: &mut Findings| {
            let read = parse_duration(&text.value).and_then(|length| {
                whole_days_make_sense(&text.value, around_the_clock).map(|()| length)
            });
            findings.take(text.referenced.line(), format!("{path}.{field}"), read)
        };
        let promise = match (&file.within, &file.working, &file.nonworking) {
            (Some(within), None, None) => match days(&within.value) {
                Some(days) => Some(Promise::Days {
                    days,
                    until: file.until.unwrap_or(Until::DayEnd),
                }),
                None => length(within, "within", findings).map(|length| Promise::Within { length }),
            },
            (None, Some(working), Some(nonworking)) => length(working, "working", findings)
                .zip(length(nonworking, "nonworking", findings))
                .map(|(working, nonworking)| Promise::ByHours {
                    working,
                    nonworking,
                }),
            _ => {
                findings.add(
                    line,
                    path,
                    "say by when: either within, or working and nonworking",
                );
                None
            }
        };
        let counts_days = matches!(promise, Some(Promise::Days { .. }));
        if file.until.is_some() && !counts_days {
            findings.add(
                line,
                format!("{path}.until"),
                "only goes with within: same_day or working days such as 5wd",
            );
        }
        if counts_days && !around_the_clock {
            findings.add(line, format!("{path}.calendar"), "a promise in days is measured around the clock; say under hours which calendar's working days are meant");
        }
        let grace = file
            .grace
            .as_ref()
            .and_then(|text| length(text, "grace", findings))
            .unwrap_or_default();
        let start = self.start(target, file, path, findings);
        if file.each && !matches!(start, Start::Event { .. }) {
            findings.add(line, format!("{path}.each"), "only goes with from: <event>");
        }
        let mut cancel = events(
            file.cancel.as_deref(),
            target.dropped_by(),
            &format!("{path}.cancel"),
            findings,
        );
        cancel.insert(Event::Cancelled);
        Some(Rule {
            target,
            promise: promise?,
            grace,
            calendar,
            hours,
            start,
            stop: events(
                file.stop.as_deref(),
                target.kept_by(),
                &format!("{path}.stop"),
                findings,
            ),
            cancel,
            pause: match &file.pause {
                Some(pause) => pauses(pause),
                None if target.stands_still() => self.pause.clone(),
                None => Pauses::None,
            },
            negotiable: file.negotiable.unwrap_or(target.is_negotiable()),
            each: file.each,
            internal: file.internal,
            only: file.only.clone(),
            ladder: file.ladder.as_ref().map_or_else(
                || self.ladder.clone(),
                |steps| ladder(steps, &format!("{path}.ladder"), findings),
            ),
            on_start: names(&file.on_start),
            in_charge: file.in_charge.as_deref().map(Key::from),
        })
    }

    fn start(&self, target: Target, file: &RuleFile, path: &str, findings: &mut Findings) -> Start {
        let Some(from) = &file.from else {
            return target.default_start();
        };
        let read = match from.value.strip_prefix("breach of ") {
            Some(other) => other
                .parse()
                .map(|target| Start::Breach { target })
                .map_err(|e: super::target::UnknownTarget| e.to_string()),
            None => event(&from.value).map(|event| {
                if event == Event::Reported {
                    Start::Reported
                } else {
                    Start::Event { event }
                }
            }),
        };
        findings
            .take(from.referenced.line(), format!("{path}.from"), read)
            .unwrap_or(Start::Reported)
    }
}

/// `same_day` is no working day later, `5wd` five.
fn days(text: &str) -> Option<u32> {
    match text {
        "same_day" => Some(0),
        _ => text
            .strip_suffix("wd")
            .and_then(|n| n.parse().ok())
            .filter(|n| *n <= 1_000),
    }
}

/// Days and weeks of 24 hours cannot be meant where a day has eight.
fn whole_days_make_sense(text: &str, around_the_clock: bool) -> Result<(), String> {
    if around_the_clock || !text.contains(['d', 'w']) {
        return Ok(());
    }
    Err(format!(
        "`{text}` counts days of 24 hours, which this calendar does not have; write hours, or working days such as 5wd"
    ))
}

fn event(word: &str) -> Result<Event, String> {
    Event::from_str(word).map_err(|e| {
        format!(
            "{e}{}",
            did_you_mean(word, Event::ALL.iter().map(|e| e.as_str()))
        )
    })
}

fn events(
    list: Option<&[Line]>,
    default: &[Event],
    path: &str,
    findings: &mut Findings,
) -> EventSet {
    let Some(list) = list else {
        return EventSet::of(default);
    };
    let read: Vec<Event> = list
        .iter()
        .filter_map(|word| findings.take(word.referenced.line(), path, event(&word.value)))
        .collect();
    EventSet::of(&read)
}

fn pauses(file: &OneOrMany) -> Pauses {
    match file.0.as_slice() {
        [one] if one == "all" => Pauses::All,
        [one] if one == "none" => Pauses::None,
        [] => Pauses::None,
        list => Pauses::Only(names(list)),
    }
}

fn ladder(files: &[StepFile], path: &str, findings: &mut Findings) -> Vec<Step> {
    if files.len() > MOST {
        findings.add(0, path, format!("more than {MOST} steps"));
    }
    files
        .iter()
        .take(MOST)
        .enumerate()
        .filter_map(|(i, file)| step(file, &format!("{path}[{i}]"), findings))
        .collect()
}

fn step(file: &StepFile, path: &str, findings: &mut Findings) -> Option<Step> {
    let line = file.at.referenced.line();
    let at = findings.take(line, format!("{path}.at"), point(&file.at.value))?;
    let repeat = match (&file.every, file.times) {
        (None, None) => None,
        (Some(every), Some(times)) => {
            let every = findings.take(
                every.referenced.line(),
                format!("{path}.every"),
                parse_duration(&every.value),
            )?;
            if every < SignedDuration::from_mins(1)
                || !(1..=MOST).contains(&usize::try_from(times).unwrap_or(0))
            {
                findings.add(
                    line,
                    path,
                    format!("repeats at least a minute apart and 1 to {MOST} times"),
                );
            }
            if matches!(at, At::Percent { .. }) {
                findings.add(line, path, "a percentage cannot repeat");
            }
            Some(Repeat { every, times })
        }
        _ => {
            findings.add(line, path, "every and times go together");
            None
        }
    };
    let act = file.act.unwrap_or(match at {
        At::Breach { after } if !after.is_zero() => Act::Escalate,
        _ => Act::Remind,
    });
    if file.tell.is_empty() && act != Act::Reassign {
        findings.add(line, format!("{path}.tell"), "tells nobody");
    }
    Some(Step {
        at,
        repeat,
        tell: names(&file.tell),
        act,
    })
}

/// `80%`, `15m`, `breach` or `breach+30m`.
fn point(text: &str) -> Result<At, String> {
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.parse().ok().filter(|p| (1..=99).contains(p));
        return percent
            .map(|percent| At::Percent { percent })
            .ok_or_else(|| format!("`{text}` is not a percentage from 1% to 99%"));
    }
    match text.strip_prefix("breach") {
        Some("") => Ok(At::Breach {
            after: SignedDuration::ZERO,
        }),
        Some(after) => match after.trim_start().strip_prefix('+') {
            Some(after) => parse_duration(after).map(|after| At::Breach { after }),
            None => Err(format!(
                "`{text}` is not a point of a clock; write for example 80%, 15m, breach or breach+30m"
            )),
        },
        None => parse_duration(text).map(|length| At::Elapsed { length }),
    }
}
