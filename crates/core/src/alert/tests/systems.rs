//! One figure for a system that several checks watch.

use super::*;

fn down(outages: &[(i64, i64)]) -> Facts {
    Facts {
        outages: outages
            .iter()
            .map(|(from, to)| outage(*from, *to))
            .collect(),
        ..Facts::default()
    }
}

fn minutes(a: &Availability) -> (i64, i64) {
    (a.counted.as_mins(), a.down.as_mins())
}

#[test]
fn r047_outages_that_overlap_are_one_and_counted_once() {
    let (page, port) = (down(&[(10, 40)]), down(&[(20, 60), (80, 90)]));
    let checks = [check(&page, &[]), check(&port, &[])];
    let system = judged(span(0, 100), minute(1_000), &checks);
    assert_eq!(minutes(&system), (100, 60));
    let seen: Vec<_> = system
        .interruptions
        .iter()
        .map(|one| (one.began, one.ended))
        .collect();
    assert_eq!(
        seen,
        [
            (minute(10), Some(minute(60))),
            (minute(80), Some(minute(90)))
        ]
    );
}

#[test]
fn r047_planned_work_on_one_check_hides_no_outage_of_another() {
    let work = [(Exclusion::Maintenance, span(0, 50))];
    let (page, port) = (down(&[(10, 40)]), down(&[(20, 30)]));
    let one = judged(
        span(0, 100),
        minute(1_000),
        &[check(&page, &work), check(&port, &[])],
    );
    assert_eq!(minutes(&one), (100, 10));
    assert_eq!(one.excluded, []);
    let both = judged(
        span(0, 100),
        minute(1_000),
        &[check(&page, &work), check(&port, &work)],
    );
    assert_eq!(minutes(&both), (50, 0));
    assert_eq!(
        both.excluded,
        [(Exclusion::Maintenance, SignedDuration::from_mins(50))]
    );
    assert_eq!(both.interruptions[0].counted, SignedDuration::ZERO);
}

#[test]
fn r047_a_system_is_unknown_only_while_no_check_sees_it() {
    let blind = |from, to| Facts {
        blind: vec![span(from, to)],
        ..Facts::default()
    };
    let checks = [check(&blind(10, 50), &[]), check(&blind(40, 60), &[])];
    let system = judged(span(0, 100), minute(1_000), &checks);
    assert_eq!(
        system.excluded,
        [(Exclusion::NoData, SignedDuration::from_mins(10))]
    );
    let nobody = judged(span(0, 100), minute(1_000), &[]);
    assert_eq!((nobody.ratio(), nobody.meets(999_900)), (None, true));
}

#[test]
fn r047_what_lasts_has_no_end_and_counts_until_now() {
    let mut facts = down(&[(10, 40)]);
    facts.outages[0].ended = None;
    let system = judged(span(0, 100), minute(50), &[check(&facts, &[])]);
    let [one] = system.interruptions[..] else {
        panic!("{system:?}");
    };
    assert_eq!((one.ended, one.counted.as_mins()), (None, 40));
}

type Stretch = (i64, i64);

/// One check: outages, blindness, windows (planned or not), each a beginning and a length in minutes.
type Drawn = (Vec<Stretch>, Vec<Stretch>, Vec<(Stretch, bool)>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let stretches = || prop::collection::vec((0..120_i64, 1..30_i64), 0..4);
    let windows = prop::collection::vec(((0..120_i64, 1..30_i64), any::<bool>()), 0..3);
    prop::collection::vec((stretches(), stretches(), windows), 1..4)
}

const fn reason(planned: bool) -> Exclusion {
    if planned {
        Exclusion::Maintenance
    } else {
        Exclusion::ForceMajeure
    }
}

fn checks(drawn: &[Drawn]) -> Vec<Check> {
    let spans = |all: &[Stretch]| all.iter().map(|(from, n)| span(*from, from + n)).collect();
    let one = |(outages, blind, windows): &Drawn| Check {
        facts: Facts {
            outages: outages
                .iter()
                .map(|(from, n)| outage(*from, from + n))
                .collect(),
            blind: spans(blind),
            unreachable: vec![],
        },
        exclusions: windows
            .iter()
            .map(|((from, n), planned)| (reason(*planned), span(*from, from + n)))
            .collect(),
    };
    drawn.iter().map(one).collect()
}

/// What one minute was for one check: down, out of the count, or neither.
fn minute_of(drawn: &Drawn, t: i64) -> (bool, Option<Exclusion>) {
    let inside = |(from, n): &Stretch| (*from..from + n).contains(&t);
    let window = drawn.2.iter().find(|(span, _)| inside(span));
    let (down, blind) = (drawn.0.iter().any(inside), drawn.1.iter().any(inside));
    let out = window.map(|(_, planned)| reason(*planned));
    (
        down && out.is_none(),
        out.or((blind && !down).then_some(Exclusion::NoData)),
    )
}

proptest! {
    /// Minute by minute, the slow and obvious way.
    #[test]
    fn r047_a_system_is_what_its_minutes_are(drawn in drawn(), now in 0..150_i64) {
        let (mut down, mut out) = (0, std::collections::BTreeMap::new());
        let passed = 20..100.min(now.max(20));
        for t in passed.clone() {
            let seen: Vec<_> = drawn.iter().map(|one| minute_of(one, t)).collect();
            down += i64::from(seen.iter().any(|(down, _)| *down));
            if let Some(reasons) = seen.iter().map(|(_, out)| *out).collect::<Option<Vec<_>>>() {
                *out.entry(*reasons.iter().min().unwrap()).or_insert(0) += 1;
            }
        }
        let system = judged(span(20, 100), minute(now), &checks(&drawn));
        let excluded: Vec<_> = out.iter().map(|(why, n)| (*why, SignedDuration::from_mins(*n))).collect();
        prop_assert_eq!(system.down.as_mins(), down);
        prop_assert_eq!(&system.excluded, &excluded);
        let left = passed.end - passed.start - out.values().sum::<i64>();
        prop_assert_eq!(system.counted.as_mins(), left);
        let counted: i64 = system.interruptions.iter().map(|one| one.counted.as_mins()).sum();
        prop_assert_eq!(counted, down);
    }

    #[test]
    fn r047_the_order_of_checks_and_a_check_said_twice_change_nothing(drawn in drawn()) {
        let all = checks(&drawn);
        let system = judged(span(20, 100), minute(1_000), &all);
        let reversed: Vec<_> = all.iter().rev().cloned().collect();
        prop_assert_eq!(&judged(span(20, 100), minute(1_000), &reversed), &system);
        let twice: Vec<_> = all.iter().chain(&all).cloned().collect();
        prop_assert_eq!(&judged(span(20, 100), minute(1_000), &twice), &system);
    }

    #[test]
    fn r047_down_never_exceeds_what_counts_and_another_check_only_adds_to_both(drawn in drawn()) {
        let all = checks(&drawn);
        let system = judged(span(20, 100), minute(1_000), &all);
        prop_assert!(system.down <= system.counted && system.counted <= system.total);
        let fewer = judged(span(20, 100), minute(1_000), &all[1..]);
        prop_assert!(all.len() == 1 || fewer.down <= system.down && fewer.counted <= system.counted);
    }
}
