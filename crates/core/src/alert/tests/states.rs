//! From samples to states and events.

use super::*;

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
