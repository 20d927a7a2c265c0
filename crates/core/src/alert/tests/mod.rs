//! Samples are written as letters, one per interval of a minute: `.` good, `x` down, `k` a missing
//! keyword, `w` slow, `c` very slow, `b` between the thresholds of slow, `?` the prober failed.

mod availability;
mod budget;
mod properties;
mod rules;
mod states;
mod systems;
mod telling;

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::availability::{Availability, Check, Exclusion, availability as judged};
use super::outage::{self, Facts};
use super::rule::{Flapping, RuleError};
use super::span::Span;
use super::*;
use crate::schedule::{Interval, Next};

fn minute(n: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + 60 * n).unwrap()
}

fn every_minute() -> Interval {
    Interval::from_seconds(60).unwrap()
}

fn condition(level: Level, when: When, bad: u8) -> Condition {
    Condition {
        level,
        when,
        bad,
        of: None,
        outage: None,
    }
}

fn down() -> When {
    When::Down {
        only: vec![],
        except: vec!["keyword_missing".into()],
    }
}

fn slower_than(value: f64, recover: f64) -> When {
    When::Above {
        metric: "response_ms".into(),
        value,
        recover: Some(recover),
    }
}

/// Down (3×) and very slow (2×) are red, slow (2×) and a missing keyword (1×) are blue.
fn rule() -> Rule {
    Rule {
        conditions: vec![
            condition(Level::Critical, down(), 3),
            condition(Level::Critical, slower_than(8_000.0, 8_000.0), 2),
            condition(Level::Warning, slower_than(3_000.0, 2_000.0), 2),
            condition(
                Level::Warning,
                When::Down {
                    only: vec!["keyword_missing".into()],
                    except: vec![],
                },
                1,
            ),
        ],
        ..Rule::usual()
    }
}

fn sample(letter: char, at: Timestamp) -> Sample {
    let took = |ms: f64| Sample::up(at, vec![(Cow::Borrowed("response_ms"), ms)]);
    match letter {
        '.' => took(120.0),
        'b' => took(2_500.0),
        'w' => took(5_000.0),
        'c' => took(9_000.0),
        'x' => Sample::down(at, "connect_refused"),
        'k' => Sample::down(at, "keyword_missing"),
        '?' => Sample::unknown(at, UnknownCause::ProberFault),
        _ => panic!("no such sample: {letter}"),
    }
}

/// A monitor with its history.
struct Run {
    rule: Rule,
    state: State,
    n: i64,
    around: Circumstances,
    events: Vec<Event>,
    told: Vec<(NoticeKind, Level)>,
    last: Option<Step>,
}

impl Run {
    fn new(rule: Rule) -> Self {
        rule.check().unwrap();
        Self {
            rule,
            state: State::default(),
            n: 0,
            around: Circumstances::clear(minute(0), every_minute()),
            events: vec![],
            told: vec![],
            last: None,
        }
    }

    fn feed(&mut self, letters: &str) -> &mut Self {
        for letter in letters.chars() {
            let at = minute(self.n);
            self.around.now = at;
            let step = step(
                self.state.clone(),
                &sample(letter, at),
                &self.around,
                &self.rule,
            );
            assert_eq!(step.rejected, None);
            self.state = step.state.clone();
            self.events.extend(step.events.clone());
            if let Verdict::Tell(notice) = step.verdict {
                self.told.push((notice.kind, notice.level));
            }
            self.last = Some(step);
            self.n += 1;
        }
        self
    }

    fn status(&self) -> Status {
        self.state
            .status(self.around.maintenance, self.around.parent == Parent::Down)
    }

    fn names(&self) -> String {
        let name = |e: &Event| {
            serde_json::to_value(e).unwrap()["event"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        self.events.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    fn opened(&self) -> usize {
        self.events
            .iter()
            .filter(|e| matches!(e.kind, EventKind::Opened { .. }))
            .count()
    }
}

use Level::{Critical, Warning};
use NoticeKind::{Downgraded, FlappingStarted, FlappingStopped, Opened, Recovered, Upgraded};

fn span(from: i64, to: i64) -> Span {
    Span::new(minute(from), minute(to)).unwrap()
}

/// What a check of this history saw, with these exclusions.
fn check(facts: &Facts, exclusions: &[(Exclusion, Span)]) -> Check {
    Check {
        facts: facts.clone(),
        exclusions: exclusions.to_vec(),
    }
}

fn outage(from: i64, to: i64) -> outage::Outage {
    outage::Outage {
        began: minute(from),
        ended: Some(minute(to)),
        reason: None,
    }
}
