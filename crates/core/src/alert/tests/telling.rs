//! Who is told what: maintenance, parents, our own line, flapping.

use super::*;

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
