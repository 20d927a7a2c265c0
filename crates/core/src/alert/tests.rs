//! Samples are written as letters, one per interval of a minute: `.` good, `x` down, `k` a missing
//! keyword, `w` slow, `c` very slow, `b` between the thresholds of slow, `?` the prober failed.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::outage::{self, Availability, Budget, Exclusion, Facts, Span};
use super::rule::{Flapping, RuleError};
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

/// Letters in, status and notices out: the table a duty manager can read.
#[test]
fn r276_two_levels_in_one_rule() {
    type Row = (&'static str, Status, &'static [(NoticeKind, Level)]);
    let table: &[Row] = &[
        ("", Status::Ok, &[]),
        ("....", Status::Ok, &[]),
        (".x", Status::Suspect, &[]),
        (".xx", Status::Suspect, &[]),
        (".xx.", Status::Ok, &[]),
        (".xx.xx", Status::Suspect, &[]),
        (".xxx", Status::Critical, &[(Opened, Critical)]),
        (".xxxxxxxx", Status::Critical, &[(Opened, Critical)]),
        (".xxx.", Status::Recovering, &[(Opened, Critical)]),
        (".xxx.x.", Status::Recovering, &[(Opened, Critical)]),
        (
            ".xxx..",
            Status::Ok,
            &[(Opened, Critical), (Recovered, Critical)],
        ),
        // Blue, then red, then blue, then well.
        ("ww", Status::Warning, &[(Opened, Warning)]),
        (
            "wwcc",
            Status::Critical,
            &[(Opened, Warning), (Upgraded, Critical)],
        ),
        (
            "wwccww",
            Status::Warning,
            &[
                (Opened, Warning),
                (Upgraded, Critical),
                (Downgraded, Warning),
            ],
        ),
        (
            "wwccww..",
            Status::Ok,
            &[
                (Opened, Warning),
                (Upgraded, Critical),
                (Downgraded, Warning),
                (Recovered, Warning),
            ],
        ),
        // The highest level wins at once when both come together.
        ("cc", Status::Critical, &[(Opened, Critical)]),
        (
            "cc..",
            Status::Ok,
            &[(Opened, Critical), (Recovered, Critical)],
        ),
        // Hysteresis: between the thresholds nothing begins and nothing ends.
        ("bbbbbb", Status::Ok, &[]),
        ("wwbbbbbb", Status::Warning, &[(Opened, Warning)]),
        ("ww.b.b.", Status::Recovering, &[(Opened, Warning)]),
        (
            "wwb..",
            Status::Ok,
            &[(Opened, Warning), (Recovered, Warning)],
        ),
        // A missing keyword is blue at once; then the site goes down for good.
        ("k", Status::Warning, &[(Opened, Warning)]),
        (
            "kxxx",
            Status::Critical,
            &[(Opened, Warning), (Upgraded, Critical)],
        ),
        // The prober's own faults neither begin nor end anything, nor break a run.
        ("???????", Status::Unknown, &[]),
        ("xx????", Status::Unknown, &[]),
        ("xx?x", Status::Critical, &[(Opened, Critical)]),
        ("xxx????", Status::Unknown, &[(Opened, Critical)]),
        (
            "xxx.?.",
            Status::Ok,
            &[(Opened, Critical), (Recovered, Critical)],
        ),
    ];
    for (letters, status, told) in table {
        let mut run = Run::new(Rule {
            flapping: None,
            ..rule()
        });
        run.feed(letters);
        assert_eq!(
            (run.status(), run.told.as_slice()),
            (*status, *told),
            "{letters}"
        );
    }
}

#[test]
fn r289_one_outage_is_one_problem_with_its_true_beginning_and_end() {
    let mut run = Run::new(Rule {
        flapping: None,
        ..rule()
    });
    run.feed("...xxx.xxx..xxx..");
    let problems: Vec<_> = run
        .events
        .iter()
        .filter_map(|e| match e.kind {
            EventKind::Opened { problem, began, .. } => Some((problem, began, true)),
            EventKind::Recovered { problem, ended } => Some((problem, ended, false)),
            _ => None,
        })
        .collect();
    let expected = [
        (1, minute(3), true),
        (1, minute(10), false),
        (2, minute(12), true),
        (2, minute(15), false),
    ];
    assert_eq!(problems, expected);
    assert_eq!(run.told.len(), 4);
}

#[test]
fn every_transition_is_an_event_with_its_reason() {
    let mut run = Run::new(rule());
    run.feed(".xxx.x..");
    assert_eq!(
        run.names(),
        "suspected opened outage_began recovering relapsed recovering recovered outage_ended"
    );
    let refused = Reason::Down {
        code: "connect_refused".into(),
    };
    assert_eq!(run.events[1].reason, refused);
    assert_eq!(run.events[6].reason, Reason::Good { samples: 2 });
    let mut run = Run::new(rule());
    run.feed("ww");
    let slow = Reason::Above {
        metric: "response_ms".into(),
        value: 5_000.0,
        limit: 3_000.0,
    };
    assert_eq!(run.events[1].reason, slow);
    let json = serde_json::to_value(&run.events[1]).unwrap();
    assert_eq!(json["event"], "opened");
    assert_eq!(json["level"], "warning");
    assert_eq!(
        serde_json::from_value::<Event>(json).unwrap(),
        run.events[1]
    );
}

#[test]
fn n_of_m_counts_inside_its_window_and_knows_the_first_bad_sample() {
    let mut rule = rule();
    rule.conditions[2].bad = 3;
    rule.conditions[2].of = Some(5);
    let mut run = Run::new(rule.clone());
    run.feed(".w.w.w");
    assert_eq!(run.state.problem.as_ref().map(|p| p.began), Some(minute(1)));
    let mut run = Run::new(rule);
    run.feed("w...w.w.w");
    assert_eq!(
        run.state.problem.as_ref().map(|p| p.began),
        Some(minute(4)),
        "the first had left the window"
    );
}

#[test]
fn soft_states_are_checked_again_soon() {
    let mut run = Run::new(rule());
    let next = |run: &Run| run.last.as_ref().unwrap().next;
    run.feed("..");
    assert_eq!(next(&run), Next::Regular);
    run.feed("x");
    assert_eq!(next(&run), Next::RetryAfter(10));
    run.feed("xx");
    assert_eq!(next(&run), Next::Regular);
    run.feed(".");
    assert_eq!(next(&run), Next::RetryAfter(10));
    run.feed(".");
    assert_eq!(next(&run), Next::Regular);
}

#[test]
fn no_data_is_not_recovery_and_a_result_ends_it() {
    let mut run = Run::new(rule());
    run.feed("xxx");
    let begun = minute(-100);
    let quiet = |run: &Run, n| is_silent(&run.state, minute(n), begun, every_minute(), &rule());
    assert!(!quiet(&run, 5));
    assert!(quiet(&run, 6));
    assert!(run.state.problem.is_some());
    run.n = 9;
    run.feed("x");
    assert_eq!(
        run.names(),
        "suspected opened outage_began data_lost data_returned"
    );
    assert_eq!(run.status(), Status::Critical);
    assert_eq!(run.told, [(Opened, Critical)]);
    assert_eq!(run.opened(), 1);
}

#[test]
fn a_restart_is_not_taken_for_silence_but_the_hole_is_recorded() {
    let mut run = Run::new(rule());
    run.feed("...");
    let since = |n| is_silent(&run.state, minute(61), minute(n), every_minute(), &rule());
    assert!(!since(60));
    assert!(since(0));
    run.n = 61;
    run.feed(".");
    assert_eq!(run.names(), "data_lost data_returned");
    assert_eq!(run.events[0].kind, EventKind::DataLost { since: minute(2) });
    assert_eq!(run.status(), Status::Ok);
}

#[test]
fn late_results_are_refused_until_the_clock_was_set_back() {
    let mut run = Run::new(rule());
    run.n = 1_000;
    run.feed("...");
    let at = |n| sample('x', minute(n));
    let mut around = run.around;
    around.now = minute(1_003);
    let late = step(run.state.clone(), &at(1_001), &around, &rule());
    assert_eq!(
        (late.rejected, late.state == run.state),
        (Some(Rejection::Stale), true)
    );
    let repeated = step(run.state.clone(), &at(1_002), &around, &rule());
    assert_eq!(repeated.rejected, Some(Rejection::Stale));
    // The clock went back ten hours: the newest known result now lies in the future.
    around.now = minute(400);
    let accepted = step(run.state.clone(), &at(400), &around, &rule());
    assert_eq!(accepted.rejected, None);
    assert_eq!(accepted.state.at, Some(minute(400)));
    let ahead = step(run.state.clone(), &at(500), &around, &rule());
    assert_eq!(ahead.rejected, Some(Rejection::Future));
}

#[test]
fn maintenance_is_silent_and_what_is_still_broken_after_it_is_told() {
    let mut run = Run::new(rule());
    run.around.maintenance = true;
    run.feed("xxxx");
    assert_eq!(run.status(), Status::Maintenance);
    assert_eq!(run.told, []);
    assert_eq!(run.state.held, [Hold::Maintenance, Hold::Settling]);
    assert!(run.names().contains("opened"), "the truth is recorded");
    run.around.maintenance = false;
    run.feed("xx");
    assert_eq!(run.told, [], "services are given time to come up");
    assert_eq!(run.last.as_ref().unwrap().next, Next::RetryAfter(10));
    run.feed("x");
    assert_eq!(run.told, [(Opened, Critical)]);
    assert_eq!(run.state.held, []);
    run.feed("..");
    assert_eq!(run.told, [(Opened, Critical), (Recovered, Critical)]);
}

#[test]
fn a_problem_knows_its_reason_for_a_message_that_comes_later() {
    let mut run = Run::new(rule());
    run.around.maintenance = true;
    run.feed("wwcc");
    let slow = |value, limit| Reason::Above {
        metric: "response_ms".into(),
        value,
        limit,
    };
    assert_eq!(
        run.state.problem.as_ref().unwrap().reason,
        slow(9_000.0, 8_000.0)
    );
    run.around.maintenance = false;
    run.feed("ccww");
    assert_eq!(run.told, [(Opened, Critical), (Downgraded, Warning)]);
    assert_eq!(
        run.state.problem.as_ref().unwrap().reason,
        slow(9_000.0, 8_000.0)
    );
}

#[test]
fn what_came_and_went_in_maintenance_is_never_told() {
    let mut run = Run::new(rule());
    run.around.maintenance = true;
    run.feed("xxxx..");
    run.around.maintenance = false;
    run.feed("....");
    assert_eq!(run.told, []);
    // But a resolution is told even in maintenance, because people believe it is broken.
    run.feed("xxx");
    run.around.maintenance = true;
    run.feed("..");
    assert_eq!(run.told, [(Opened, Critical), (Recovered, Critical)]);
}

#[test]
fn a_parent_down_keeps_500_children_quiet_during_and_after() {
    let mut told = 0;
    let mut held = 0;
    for n in 0..500 {
        let mut child = Run::new(rule());
        child.feed("....");
        child.feed(&"x".repeat(n % 3));
        child.around.parent = Parent::Down;
        child.feed("xxxxxxxx");
        assert_eq!(child.status(), Status::Unreachable);
        assert!(child.names().contains("unreachable_entered"));
        child.around.parent = Parent::Up {
            seen: minute(child.n),
        };
        // Each comes back in its own time after the parent.
        child.feed(&"x".repeat(n % 3)).feed("....");
        assert_eq!(child.status(), Status::Ok);
        told += child.told.len();
        held += usize::from(child.names().contains("held"));
    }
    assert_eq!((told, held), (0, 500));
    // One that really has its own trouble is told, once.
    let mut child = Run::new(rule());
    child.around.parent = Parent::Down;
    child.feed("xxxxx");
    child.around.parent = Parent::Up {
        seen: minute(child.n),
    };
    child.feed("xxxxx");
    assert_eq!(child.told, [(Opened, Critical)]);
}

/// A switch and 500 sites behind it, with their own phases; the checks run in true order. Children fail
/// before the switch is looked at, and before it is believed to be down.
#[test]
fn a_storm_behind_one_switch_is_one_alarm_and_none_after_it() {
    let second = |n: i64| Timestamp::from_second(1_764_000_000 + n).unwrap();
    let (mut states, mut next): (Vec<State>, Vec<i64>) =
        (0..=500_i64).map(|n| (State::default(), n % 60)).unzip();
    let mut told = Vec::new();
    for now in 0..1_800_i64 {
        let dark = (600..1_200).contains(&now);
        for n in 0..states.len() {
            if next[n] != now {
                continue;
            }
            // The switch is back before the sites behind it, which take up to 20 seconds more.
            let late = 1_200 + i64::try_from(n).unwrap() % 20;
            let down = if n == 0 {
                dark
            } else {
                dark || (1_200..late).contains(&now)
            };
            let mut around = Circumstances::clear(second(now), every_minute());
            around.parent = parents::standing(n, |id| (id > 0).then_some(0), |id| states.get(id));
            let sample = sample(if down { 'x' } else { '.' }, second(now));
            let step = step(states[n].clone(), &sample, &around, &rule());
            if let Verdict::Tell(notice) = step.verdict {
                told.push((n, now, notice.kind));
            }
            let suspected = step
                .events
                .iter()
                .any(|e| matches!(e.kind, EventKind::Suspected { .. }));
            states[n] = step.state;
            next[n] = match step.next {
                Next::Regular => now + 60,
                Next::RetryAfter(seconds) => now + i64::from(seconds),
            };
            // A failing child wants its parent looked at.
            if suspected && n > 0 {
                next[0] = next[0].min(now + 1);
            }
        }
    }
    let of_sites: Vec<_> = told.iter().filter(|(n, _, _)| *n > 0).collect();
    assert!(of_sites.is_empty(), "{of_sites:?}");
    assert_eq!(
        told.iter().map(|(_, _, kind)| *kind).collect::<Vec<_>>(),
        [Opened, Recovered]
    );
    assert!(
        (600..700).contains(&told[0].1) && (1_200..1_300).contains(&told[1].1),
        "{told:?}"
    );
    assert!(
        states
            .iter()
            .all(|s| s.problem.is_none() && s.told.is_none())
    );
}

#[test]
fn a_child_waits_until_its_parent_has_been_seen_good_but_not_for_ever() {
    let mut child = Run::new(rule());
    child.around.parent = Parent::Up { seen: minute(0) };
    child.n = 1;
    child.feed("xxx");
    assert_eq!(
        (child.told.as_slice(), child.state.held.as_slice()),
        ([].as_slice(), [Hold::ParentPending].as_slice())
    );
    assert_eq!(child.last.as_ref().unwrap().next, Next::RetryAfter(10));
    child.around.parent = Parent::Up { seen: minute(2) };
    child.feed("x");
    assert_eq!(child.told, [(Opened, Critical)]);
    let mut orphan = Run::new(rule());
    orphan.around.parent = Parent::Up { seen: minute(-100) };
    orphan.feed("xxxx");
    assert_eq!(orphan.told, []);
    orphan.feed("x");
    assert_eq!(orphan.told, [(Opened, Critical)], "two minutes are enough");
}

#[test]
fn standing_follows_the_chain_and_survives_a_circle() {
    let fed = |letters| {
        let mut run = Run::new(rule());
        run.feed(letters);
        run.state
    };
    let (up, failing, down, blind, slow) =
        (fed(".."), fed(".x"), fed("xxx"), fed(".?"), fed("ccc"));
    let chain = |states: &[&State]| {
        parents::standing(
            0_usize,
            |id| (id < states.len()).then_some(id + 1),
            |id| states.get(id - 1).copied(),
        )
    };
    assert_eq!(chain(&[]), Parent::None);
    assert_eq!(chain(&[&up, &up]), Parent::Up { seen: minute(1) });
    assert_eq!(chain(&[&up, &failing]), Parent::Suspect);
    assert_eq!(chain(&[&failing, &up, &down]), Parent::Down);
    assert_eq!(chain(&[&blind]), Parent::None);
    assert_eq!(
        chain(&[&slow]),
        Parent::Up { seen: minute(2) },
        "slow is not down"
    );
    assert_eq!(
        parents::standing(0, |id: usize| Some(1 - id), |_| Some(&up)),
        Parent::Up { seen: minute(1) }
    );
}

#[test]
fn an_offline_prober_knows_nothing_and_alarms_nobody() {
    let mut run = Run::new(rule());
    run.feed("...");
    run.around.prober_offline = true;
    run.feed("xxxxxxx");
    assert_eq!(run.status(), Status::Unknown);
    assert_eq!((run.told.as_slice(), run.opened()), ([].as_slice(), 0));
    // What answers all the same is good.
    run.feed(".");
    assert_eq!(run.status(), Status::Ok);
    run.around.prober_offline = false;
    run.feed("...");
    assert_eq!(run.told, []);
    assert_eq!(run.names(), "data_lost data_returned");
}

#[test]
fn flapping_is_told_once_and_holds_the_problem_open() {
    let mut run = Run::new(Rule {
        recover_after: 1,
        ..rule()
    });
    run.rule.conditions[0].bad = 1;
    run.feed(&".".repeat(20)).feed(&"x.".repeat(100));
    assert!(run.state.flapping);
    assert!(run.opened() <= 4, "{}", run.names());
    let before = run.told.len();
    assert_eq!(
        run.told.iter().filter(|t| t.0 == FlappingStarted).count(),
        1
    );
    run.feed(&"x.".repeat(100));
    assert_eq!(run.told.len(), before, "nothing new is said");
    run.feed(&".".repeat(20));
    assert_eq!(run.status(), Status::Ok);
    assert_eq!(
        run.told.iter().filter(|t| t.0 == FlappingStopped).count(),
        1
    );
    assert_eq!(
        run.told.iter().filter(|t| t.0 == Opened).count(),
        run.opened()
    );
    assert_eq!(run.state.problem, None);
}

#[test]
fn a_changed_rule_neither_recovers_nor_reopens_a_problem() {
    let mut run = Run::new(rule());
    run.feed("xxx");
    run.rule.conditions[0].bad = 5;
    run.feed("xx");
    assert_eq!((run.status(), run.opened()), (Status::Critical, 1));
    run.feed("xxx");
    assert_eq!((run.status(), run.opened()), (Status::Critical, 1));
    run.feed("..");
    assert_eq!(run.told, [(Opened, Critical), (Recovered, Critical)]);
    assert_eq!(run.state.outage, None);
    // A condition that is dropped takes its problem with it only after good samples.
    let mut run = Run::new(rule());
    run.feed("ww");
    run.rule.conditions.remove(2);
    run.feed("w");
    assert_eq!(run.status(), Status::Recovering);
    run.feed("w");
    assert_eq!(run.status(), Status::Ok);
}

#[test]
fn rules_name_the_field_that_is_wrong() {
    let fault = |change: fn(&mut Rule)| {
        let mut rule = rule();
        change(&mut rule);
        rule.check().unwrap_err().remove(0)
    };
    let error = |field: &str, code| RuleError {
        field: field.into(),
        code,
    };
    assert_eq!(
        fault(|r| r.conditions.clear()),
        error("conditions", "required")
    );
    assert_eq!(
        fault(|r| r.recover_after = 0),
        error("recover_after", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[1].bad = 33),
        error("conditions[1].bad", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[1].of = Some(1)),
        error("conditions[1].of", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[2].when = slower_than(1.0, 2.0)),
        error("conditions[2].when.recover", "wrong_side")
    );
    assert_eq!(
        fault(|r| r.flapping = Some(Flapping { high: 20, low: 30 })),
        error("flapping.low", "above_high")
    );
    let strict = r#"{"conditions":[{"level":"critical","when":{"kind":"down","onyl":[]}}]}"#;
    assert!(
        serde_json::from_str::<Rule>(strict)
            .unwrap_err()
            .to_string()
            .contains("onyl")
    );
    let short = r#"{"conditions":[{"level":"critical","when":{"kind":"down"}}]}"#;
    assert_eq!(serde_json::from_str::<Rule>(short).unwrap(), Rule::usual());
}

#[test]
fn a_fingerprint_tells_rules_apart_and_never_changes_between_releases() {
    let changes: [fn(&mut Rule); 9] = [
        |_| {},
        |r| r.conditions[0].level = Warning,
        |r| r.conditions[0].bad = 4,
        |r| r.conditions[0].of = Some(5),
        |r| r.conditions[0].outage = Some(true),
        |r| {
            r.conditions[0].when = When::Down {
                only: vec!["keyword_missing".into()],
                except: vec![],
            }
        },
        |r| r.conditions[1].when = slower_than(8_000.0, 7_999.0),
        |r| {
            r.conditions[1].when = When::Below {
                metric: "response_ms".into(),
                value: 8_000.0,
                recover: Some(8_000.0),
            }
        },
        |r| r.conditions.swap(0, 1),
    ];
    let print = |change: &fn(&mut Rule)| {
        let mut rule = rule();
        change(&mut rule);
        rule.fingerprint()
    };
    let all: std::collections::BTreeSet<u32> = changes.iter().map(print).collect();
    assert_eq!(all.len(), changes.len());
    let mut same = rule();
    (same.recover_after, same.flapping) = (9, None);
    assert_eq!(
        same.fingerprint(),
        rule().fingerprint(),
        "counters outlive what does not change their meaning"
    );
    assert_eq!(Rule::usual().fingerprint(), 4_186_920_763);
}

#[test]
fn a_healthy_state_is_small_and_does_not_change() {
    let mut run = Run::new(rule());
    run.feed(&".".repeat(50));
    let mut before = run.state.clone();
    assert!(
        serde_json::to_string(&before).unwrap().len() < 200,
        "{}",
        serde_json::to_string(&before).unwrap()
    );
    run.feed(".");
    before.at = run.state.at;
    assert_eq!(run.state, before);
}

// --- availability --------------------------------------------------------------------------------

fn span(from: i64, to: i64) -> Span {
    Span::new(minute(from), minute(to)).unwrap()
}

fn outage(from: i64, to: i64) -> outage::Outage {
    outage::Outage {
        began: minute(from),
        ended: Some(minute(to)),
        reason: None,
    }
}

fn percent(a: &Availability) -> String {
    format!("{:.3} %", a.ratio().unwrap() * 100.0)
}

#[test]
fn r047_an_hour_of_unplanned_outage_in_a_30_day_month() {
    let month = span(0, 30 * 24 * 60);
    let facts = Facts {
        outages: vec![outage(1_000, 1_060)],
        ..Facts::default()
    };
    let unplanned = outage::availability(month, minute(100_000), &facts, &[]);
    assert_eq!(percent(&unplanned), "99.861 %");
    assert!(!unplanned.meets(999_900));
    assert_eq!(unplanned.down, SignedDuration::from_mins(60));
    let window = [(Exclusion::Maintenance, span(990, 1_070))];
    let planned = outage::availability(month, minute(100_000), &facts, &window);
    assert_eq!(percent(&planned), "100.000 %");
    assert!(planned.meets(999_900));
    assert_eq!(
        planned.excluded,
        [(Exclusion::Maintenance, SignedDuration::from_mins(80))]
    );
}

#[test]
fn r046_the_21st_hour_exceeds_the_budget_and_a_long_single_outage_is_flagged() {
    let budget = Budget {
        total_seconds: 20 * 3_600,
        single_seconds: 3_600,
    };
    let year = span(0, 365 * 24 * 60);
    let hours = |n: i64| {
        (0..n)
            .map(|i| outage(i * 10_000, i * 10_000 + 60))
            .collect()
    };
    let judge = |outages| {
        budget.judge(
            year,
            minute(10_000_000),
            &Facts {
                outages,
                ..Facts::default()
            },
            &[],
        )
    };
    let twenty = judge(hours(20));
    assert_eq!((twenty.exceeded_at, twenty.too_long.len()), (None, 0));
    let twenty_one = judge(hours(21));
    assert_eq!(twenty_one.exceeded_at, Some(minute(200_000)));
    assert_eq!(twenty_one.used, SignedDuration::from_hours(21));
    let long = judge(vec![outage(0, 61)]);
    assert_eq!(long.too_long, [span(0, 61)]);
}

#[test]
fn availability_from_the_events_of_a_real_run() {
    let mut run = Run::new(rule());
    // Down 10..20 (confirmed 3rd, ends with the first good), blind 30..35, down and blind 40..46.
    run.feed(&".".repeat(10))
        .feed("xxxxxxxxxx")
        .feed(&".".repeat(10));
    run.feed("?????").feed(".....").feed("xxx???").feed("....");
    let facts = Facts::read(&run.events);
    let spans: Vec<_> = facts.outages.iter().map(|o| (o.began, o.ended)).collect();
    assert_eq!(
        spans,
        [
            (minute(10), Some(minute(20))),
            (minute(40), Some(minute(46)))
        ]
    );
    assert_eq!(
        facts.outages[0].reason,
        Some(Reason::Down {
            code: "connect_refused".into()
        })
    );
    let a = outage::availability(span(0, 50), minute(50), &facts, &[]);
    assert_eq!(a.down, SignedDuration::from_mins(16));
    assert_eq!(
        a.excluded,
        [(Exclusion::NoData, SignedDuration::from_mins(5))]
    );
    assert_eq!(a.counted, SignedDuration::from_mins(45));
    // Half a history: the end of something that began before it.
    let tail = Facts::read(run.events.iter().filter(|e| e.at >= minute(20)));
    let a = outage::availability(span(15, 25), minute(50), &tail, &[]);
    assert_eq!(a.down, SignedDuration::from_mins(5));
}

// --- properties ----------------------------------------------------------------------------------

fn letters() -> impl Strategy<Value = Vec<char>> {
    let runs = prop::collection::vec(
        (
            prop::sample::select(vec!['.', 'x', 'k', 'w', 'c', 'b', '?']),
            1..8_usize,
        ),
        1..60,
    );
    runs.prop_map(|runs| {
        runs.into_iter()
            .flat_map(|(letter, n)| std::iter::repeat_n(letter, n))
            .collect()
    })
}

fn rules() -> impl Strategy<Value = Rule> {
    (1..5_u8, 1..4_u8, 0..3_u8, any::<bool>()).prop_map(|(bad, recover_after, extra, flapping)| {
        let mut rule = rule();
        rule.recover_after = recover_after;
        for condition in &mut rule.conditions {
            condition.bad = bad;
            condition.of = Some(bad + extra);
        }
        rule.flapping = flapping.then_some(Flapping::USUAL);
        rule
    })
}

#[derive(Debug, Clone, Copy)]
struct Weather {
    maintenance: bool,
    parent: bool,
    offline: bool,
}

fn weather() -> impl Strategy<Value = Vec<Weather>> {
    let one = (any::<bool>(), any::<bool>(), any::<bool>(), 1..30_usize);
    prop::collection::vec(one, 1..10).prop_map(|runs| {
        let spell = |(maintenance, parent, offline, n)| {
            std::iter::repeat_n(
                Weather {
                    maintenance,
                    parent,
                    offline,
                },
                n,
            )
        };
        runs.into_iter().flat_map(spell).collect()
    })
}

/// Runs all samples through `step`, calling `look` with the state before, the sample and the step.
fn run_all(
    rule: &Rule,
    letters: &[char],
    weather: &[Weather],
    mut look: impl FnMut(&State, char, &Circumstances, &Step) -> Result<(), TestCaseError>,
) -> Result<State, TestCaseError> {
    let mut state = State::default();
    for (n, letter) in letters.iter().enumerate() {
        let at = minute(i64::try_from(n).unwrap());
        let mut around = Circumstances::clear(at, every_minute());
        if !weather.is_empty() {
            let w = weather[n % weather.len()];
            (around.maintenance, around.prober_offline) = (w.maintenance, w.offline);
            if w.parent {
                around.parent = if n % 3 == 0 {
                    Parent::Suspect
                } else {
                    Parent::Down
                };
            }
        }
        let step = step(state.clone(), &sample(*letter, at), &around, rule);
        look(&state, *letter, &around, &step)?;
        state = step.state;
    }
    Ok(state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_recovers_without_enough_good_samples(rule in rules(), letters in letters(), weather in weather()) {
        let mut good = 0;
        run_all(&rule, &letters, &weather, |before, letter, _, step| {
            match letter {
                _ if step.state.blind.is_some() => {}
                '.' | 'b' => good += 1,
                _ => good = 0,
            }
            if before.problem.is_some() && step.state.problem.is_none() {
                prop_assert!(good >= rule.recover_after, "{} good", good);
            }
            prop_assert!(step.state.blind.is_none() || before.problem == step.state.problem);
            Ok(())
        })?;
    }

    #[test]
    fn one_outage_is_one_open_problem(rule in rules(), letters in letters(), weather in weather()) {
        let mut open = None;
        let mut last = 0;
        run_all(&rule, &letters, &weather, |_, _, _, step| {
            for event in &step.events {
                match event.kind {
                    EventKind::Opened { problem, began, .. } => {
                        prop_assert!(open.is_none() && problem == last + 1 && began <= event.at);
                        (open, last) = (Some(problem), problem);
                    }
                    EventKind::Upgraded { problem, .. } | EventKind::Downgraded { problem, .. } => prop_assert_eq!(open, Some(problem)),
                    EventKind::Recovered { problem, ended } => {
                        prop_assert!(open == Some(problem) && ended <= event.at);
                        open = None;
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(step.state.problem.as_ref().map(|p| p.number), open);
            Ok(())
        })?;
    }

    /// People are told of what is true: in calm weather belief follows truth, and never the other
    /// way round; in bad weather nothing rising is told.
    #[test]
    fn notices_follow_the_truth(rule in rules(), letters in letters(), weather in weather()) {
        let mut believed = None;
        run_all(&rule, &letters, &weather, |_, _, around, step| {
            if let Verdict::Tell(notice) = &step.verdict {
                let bad_weather = around.maintenance || matches!(around.parent, Parent::Suspect | Parent::Down) || around.prober_offline;
                match notice.kind {
                    Opened => prop_assert!(believed.is_none() && !bad_weather),
                    Upgraded => prop_assert!(believed == Some(Warning) && !bad_weather),
                    Downgraded => prop_assert_eq!(believed, Some(Critical)),
                    Recovered => prop_assert!(believed.is_some() && step.state.problem.is_none()),
                    FlappingStarted => prop_assert!(!bad_weather),
                    FlappingStopped => {}
                }
                if !matches!(notice.kind, FlappingStarted | FlappingStopped) {
                    believed = step.state.level();
                }
            }
            prop_assert_eq!(step.state.told, believed);
            Ok(())
        })?;
        // When the sky clears and the samples stay the same, belief and truth meet.
        let mut calm = letters.clone();
        calm.extend(std::iter::repeat_n('x', 60));
        let end = run_all(&rule, &calm, &[], |_, _, _, _| Ok(()))?;
        prop_assert_eq!((end.told, end.level()), (Some(Critical), Some(Critical)));
        calm.extend(std::iter::repeat_n('.', 60));
        let end = run_all(&rule, &calm, &[], |_, _, _, _| Ok(()))?;
        prop_assert_eq!((end.told, end.level(), end.flapping, end.told_flapping), (None, None, false, false));
    }

    #[test]
    fn flapping_input_makes_no_storm(period in 1..4_usize, bad in 1..4_u8, recover_after in 1..4_u8) {
        let mut rule = rule();
        rule.recover_after = recover_after;
        rule.conditions.iter_mut().for_each(|c| c.bad = bad);
        let letters: Vec<char> = (0..2_000).map(|n| if n / period % 2 == 0 { '.' } else { 'x' }).collect();
        let (mut alerts, mut notices) = (0, 0);
        run_all(&rule, &letters, &[], |_, _, _, step| {
            let facts = |e: &&Event| !matches!(e.kind, EventKind::OutageBegan { .. } | EventKind::OutageEnded { .. });
            alerts += step.events.iter().filter(facts).count();
            notices += usize::from(matches!(step.verdict, Verdict::Tell(_)));
            Ok(())
        })?;
        prop_assert!(alerts <= 40 && notices <= 12, "{} events, {} notices in 2,000 samples", alerts, notices);
    }

    /// A kill at any point: the state that was written is the state that goes on.
    #[test]
    fn replay_from_any_stored_state_is_identical(rule in rules(), letters in letters(), weather in weather()) {
        run_all(&rule, &letters, &weather, |before, letter, around, direct| {
            let stored: State = serde_json::from_str(&serde_json::to_string(before).unwrap()).unwrap();
            prop_assert_eq!(&stored, before);
            let again = step(stored, &sample(letter, around.now), around, &rule);
            prop_assert_eq!(&again, direct);
            // And the same result delivered twice changes nothing.
            let twice = step(direct.state.clone(), &sample(letter, around.now), around, &rule);
            prop_assert_eq!((twice.rejected, &twice.state), (Some(Rejection::Stale), &direct.state));
            Ok(())
        })?;
    }

    #[test]
    fn availability_parts_add_up(
        outages in prop::collection::vec((0..5_000_i64, 1..500_i64), 0..8),
        blind in prop::collection::vec((0..5_000_i64, 1..500_i64), 0..8),
        windows in prop::collection::vec((0..5_000_i64, 1..500_i64), 0..8),
        now in 0..6_000_i64,
    ) {
        let facts = Facts {
            outages: outages.iter().map(|(from, n)| outage(*from, from + n)).collect(),
            blind: blind.iter().map(|(from, n)| span(*from, from + n)).collect(),
            unreachable: vec![],
        };
        let windows: Vec<_> = windows.iter().map(|(from, n)| (Exclusion::Maintenance, span(*from, from + n))).collect();
        let a = outage::availability(span(1_000, 4_000), minute(now), &facts, &windows);
        // Minute by minute, the slow and obvious way.
        let inside = |spans: &[(i64, i64)], t: i64| spans.iter().any(|(from, n)| (*from..from + n).contains(&t));
        let (mut down, mut gone, mut unseen) = (0, 0, 0);
        for t in 1_000..4_000.min(now.max(1_000)) {
            let window = windows.iter().any(|(_, s)| s.from <= minute(t) && minute(t) < s.to);
            let out = inside(&outages, t);
            gone += i64::from(window);
            down += i64::from(out && !window);
            unseen += i64::from(inside(&blind, t) && !out && !window);
        }
        prop_assert_eq!(a.down, SignedDuration::from_mins(down));
        prop_assert_eq!(a.total - a.counted, SignedDuration::from_mins(gone + unseen));
    }
}
