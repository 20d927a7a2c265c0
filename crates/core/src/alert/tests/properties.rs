//! Properties over random samples, rules and circumstances.

use super::*;

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
        let a = judged(span(1_000, 4_000), minute(now), &[check(&facts, &windows)]);
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
