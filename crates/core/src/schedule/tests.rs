use proptest::prelude::*;

use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + seconds).unwrap()
}

fn every(seconds: u32) -> Interval {
    Interval::from_seconds(seconds).unwrap()
}

fn drain(schedule: &mut Schedule, now: Timestamp) -> Vec<Due> {
    std::iter::from_fn(|| schedule.pop_due(now)).collect()
}

#[test]
fn intervals_run_from_five_seconds_to_a_day() {
    assert!(Interval::from_seconds(5).is_ok());
    assert!(Interval::from_seconds(86_400).is_ok());
    assert_eq!(Interval::from_seconds(4), Err(IntervalError { got: 4 }));
    assert_eq!(
        Interval::from_seconds(86_401),
        Err(IntervalError { got: 86_401 })
    );
    assert!(
        serde_json::from_str::<Interval>("0")
            .unwrap_err()
            .to_string()
            .contains("interval_seconds")
    );
}

#[test]
fn the_phase_of_an_id_never_changes_between_releases() {
    let known = Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab);
    assert_eq!(phase(known, every(60)), 32_166_000);
    assert_eq!(phase(known, every(5)), 2_166_000);
}

#[test]
fn phases_of_ids_made_in_one_burst_spread_evenly() {
    let mut buckets = [0_u32; 60];
    for n in 0..6_000 {
        let second = phase(id(n), every(60)) / SECOND;
        buckets[usize::try_from(second).unwrap()] += 1;
    }
    assert!(
        buckets.iter().all(|&n| (60..=145).contains(&n)),
        "{buckets:?}"
    );
}

#[test]
fn r269_a_monitor_is_checked_at_its_interval_on_its_phase() {
    let mut schedule = Schedule::new();
    schedule.set(id(1), every(5), at(0));
    let mut slots = Vec::new();
    for second in 0..=60 {
        for due in drain(&mut schedule, at(second)) {
            slots.push(due.slot.as_microsecond());
            schedule.finish(due.id, at(second), Next::Regular);
        }
    }
    assert_eq!(slots.len(), 12);
    assert!(slots.windows(2).all(|w| w[1] - w[0] == 5 * SECOND));
    assert!(
        slots
            .iter()
            .all(|s| s.rem_euclid(5 * SECOND) == phase(id(1), every(5)))
    );
    assert_eq!(schedule.skipped(), 0);
}

#[test]
fn a_check_that_overruns_its_interval_skips_and_counts_and_never_overlaps() {
    let mut schedule = Schedule::new();
    schedule.set(id(1), every(5), at(0));
    let first = schedule.pop_due(at(5)).unwrap();
    assert!(schedule.is_running(id(1)));
    assert_eq!(schedule.pop_due(at(17)), None, "it is still running");
    schedule.finish(id(1), at(17), Next::Regular);
    let lost = schedule.skipped_by(id(1)).unwrap();
    let second = drain(&mut schedule, at(22)).pop().unwrap();
    let distance = (second.slot.as_microsecond() - first.slot.as_microsecond()) / (5 * SECOND);
    assert_eq!(i64::try_from(lost).unwrap(), distance - 1);
    assert!(lost >= 2);
}

#[test]
fn after_a_long_sleep_checks_keep_their_phase_instead_of_arriving_together() {
    let mut schedule = Schedule::new();
    for n in 0..1_000 {
        schedule.set(id(n), every(60), at(0));
    }
    // The machine slept for an hour: nothing runs late, one interval of load follows, spread out.
    assert_eq!(drain(&mut schedule, at(3_600)), vec![]);
    assert!(schedule.skipped() >= 59_000);
    let mut busiest = 0;
    let mut started = 0;
    for second in 3_600..3_660 {
        let due = drain(&mut schedule, at(second));
        busiest = busiest.max(due.len());
        started += due.len();
        for d in due {
            schedule.finish(d.id, at(second), Next::Regular);
        }
    }
    assert!(started >= 950, "{started}");
    assert!(busiest < 40, "{busiest}");
}

#[test]
fn a_clock_set_back_does_not_put_checks_to_sleep() {
    let mut schedule = Schedule::new();
    for n in 0..100 {
        schedule.set(id(n), every(30), at(100_000));
    }
    let running = drain(&mut schedule, at(100_029)).len();
    assert!(running > 50);
    // Back by a day. Within one interval everything that was waiting runs again.
    drain(&mut schedule, at(13_600));
    let again = drain(&mut schedule, at(13_631)).len();
    assert_eq!(running + again, 100);
    assert_eq!(schedule.clock_steps(), 1);
    // And those that were running then come back too, none with absurd skip counts.
    for n in 0..100 {
        schedule.finish(id(n), at(13_631), Next::Regular);
    }
    assert_eq!(drain(&mut schedule, at(13_661)).len(), 100);
    assert!(schedule.skipped() < 100, "{}", schedule.skipped());
}

#[test]
fn retries_come_sooner_but_never_later_than_the_regular_slot() {
    let mut schedule = Schedule::new();
    schedule.set(id(1), every(60), at(0));
    let due = schedule.pop_due(at(60)).unwrap();
    let begun = Timestamp::from_microsecond(due.slot.as_microsecond() + SECOND).unwrap();
    schedule.finish(id(1), begun, Next::RetryAfter(5));
    let retry = schedule.next_due().unwrap();
    assert_eq!(retry.as_microsecond(), begun.as_microsecond() + 5 * SECOND);
    let due = schedule.pop_due(retry).unwrap();
    schedule.finish(id(1), retry, Next::RetryAfter(600));
    assert_eq!(
        schedule.next_due().unwrap().as_microsecond(),
        slot_after(id(1), every(60), due.slot.as_microsecond())
    );
    assert_eq!(schedule.skipped(), 0);
}

#[test]
fn removed_checks_are_forgotten_even_while_running() {
    let mut schedule = Schedule::new();
    schedule.set(id(1), every(5), at(0));
    schedule.pop_due(at(5)).unwrap();
    assert!(schedule.remove(id(1)));
    schedule.finish(id(1), at(6), Next::Regular);
    assert_eq!(schedule.next_due(), None);
    assert!(schedule.is_empty());
    // The freed place is reused without inheriting anything.
    schedule.set(id(2), every(5), at(6));
    assert_eq!(
        drain(&mut schedule, at(11))
            .iter()
            .map(|d| d.id)
            .collect::<Vec<_>>(),
        vec![id(2)]
    );
}

#[test]
fn expedited_checks_run_at_once_or_right_after_the_run_under_way() {
    let mut schedule = Schedule::new();
    schedule.set(id(1), every(3_600), at(0));
    assert!(schedule.expedite(id(1), at(1)));
    assert_eq!(schedule.pop_due(at(1)).unwrap().slot, at(1));
    assert!(schedule.expedite(id(1), at(2)));
    assert_eq!(schedule.pop_due(at(2)), None);
    schedule.finish(id(1), at(3), Next::Regular);
    assert_eq!(schedule.pop_due(at(3)).unwrap().slot, at(3));
    assert!(!schedule.expedite(id(9), at(3)));
}

#[test]
fn stale_heap_items_stay_bounded() {
    let mut schedule = Schedule::new();
    for round in 0..10_000_u32 {
        schedule.set(id(1), every(5 + round % 2), at(0));
        schedule.expedite(id(1), at(0));
    }
    assert!(schedule.heap.len() <= 66, "{}", schedule.heap.len());
}

#[derive(Debug, Clone)]
enum Act {
    Wait(i64),
    Jump(i64),
    Finish(u128, Option<u32>),
    Set(u128, u32),
    Remove(u128),
    Expedite(u128),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (0..20_i64).prop_map(Act::Wait),
        1 => (-100_000..100_000_i64).prop_map(Act::Jump),
        6 => (0..8_u128, prop::option::of(1..100_u32)).prop_map(|(n, r)| Act::Finish(n, r)),
        2 => (0..8_u128, 5..90_u32).prop_map(|(n, s)| Act::Set(n, s)),
        1 => (0..8_u128).prop_map(Act::Remove),
        1 => (0..8_u128).prop_map(Act::Expedite),
    ];
    prop::collection::vec(act, 1..200)
}

proptest! {
    #[test]
    fn the_next_slot_lies_within_one_interval_on_the_phase(n in any::<u128>(), s in 5_u32..86_400, after in -1_i64 << 50..1_i64 << 50) {
        let (id, interval) = (Uuid::from_u128(n), every(s));
        let next = slot_after(id, interval, after);
        prop_assert!(next > after && next - after <= interval.micros());
        prop_assert_eq!(next.rem_euclid(interval.micros()), phase(id, interval));
    }

    /// Whatever happens, and however the clock jumps: no check overlaps itself, and every waiting
    /// check is due within one interval from now.
    #[test]
    fn no_check_overlaps_or_is_lost(script in acts()) {
        let mut schedule = Schedule::new();
        let mut intervals: HashMap<Uuid, u32> = HashMap::new();
        let mut running: std::collections::HashSet<Uuid> = Default::default();
        let mut now = 1_000_000;
        for act in script {
            match act {
                Act::Wait(s) => now += s,
                Act::Jump(s) => now += s,
                Act::Finish(n, retry) => {
                    running.remove(&id(n));
                    schedule.finish(id(n), at(now), retry.map_or(Next::Regular, Next::RetryAfter));
                }
                Act::Set(n, s) => {
                    intervals.insert(id(n), s);
                    schedule.set(id(n), every(s), at(now));
                }
                Act::Remove(n) => {
                    prop_assert_eq!(schedule.remove(id(n)), intervals.remove(&id(n)).is_some());
                    running.remove(&id(n));
                }
                Act::Expedite(n) => { schedule.expedite(id(n), at(now)); }
            }
            for due in drain(&mut schedule, at(now)) {
                prop_assert!(intervals.contains_key(&due.id));
                prop_assert!(running.insert(due.id), "overlap");
                prop_assert!(due.slot <= at(now));
            }
            prop_assert_eq!(schedule.len(), intervals.len());
            for (id, seconds) in &intervals {
                prop_assert_eq!(schedule.is_running(*id), running.contains(id));
                let due = schedule.entry(*id).unwrap().due;
                if !running.contains(id) {
                    let ahead = due - at(now).as_microsecond();
                    prop_assert!(ahead > 0 && ahead <= i64::from(*seconds) * SECOND + STEP_BACK, "{}", ahead);
                }
            }
            let waiting = intervals.len() - running.len();
            prop_assert_eq!(schedule.next_due().is_some(), waiting > 0);
        }
    }
}
