//! What holds for every calendar whatever.

use proptest::prelude::*;

use super::tests::{all, beijing};
use super::*;
use crate::time::{DAY, MINUTE};

/// Any week in any of some zones: half of the days empty, otherwise up to three stretches, the last of which may run past midnight.
fn any_calendar(zones: &'static [&'static str]) -> impl Strategy<Value = Calendars> {
    let day = prop_oneof![
        Just(Vec::new()),
        prop::collection::btree_set(0u16..24 * 4, 2..=6)
            .prop_map(|set| set.into_iter().collect::<Vec<_>>())
    ];
    (prop::collection::vec(day, 7), prop::sample::select(zones), any::<bool>()).prop_filter_map("never works", |(week, zone, overnight)| {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let clock = |quarter: u16| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        let mut text = format!("kind: hours\nkey: any\nname: {{zh: 任, en: Any}}\ntimezone: {zone}\nholidays: [statutory-cn]\nweekly:\n");
        for (name, quarters) in names.iter().zip(&week) {
            let mut stretches: Vec<String> = quarters.chunks_exact(2).map(|p| format!("\"{}-{}\"", clock(p[0]), clock(p[1]))).collect();
            if let (true, Some(last)) = (overnight, quarters.last().filter(|_| quarters.len() % 2 == 1)) {
                stretches.push(format!("\"{}-00:15\"", clock(*last)));
            }
            text.push_str(&format!("  {name}: [{}]\n", stretches.join(", ")));
        }
        all().with_file(&text).ok()
    })
}

const ZONES: &[&str] = &[
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Urumqi",
    "UTC",
];

/// Minutes from the beginning of 2026 within two years.
fn minute() -> impl Strategy<Value = Timestamp> {
    (0i64..2 * 365 * 24 * 60)
        .prop_map(|m| instant(beijing("2025-06-01 00:00").as_microsecond() + m * MINUTE))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn adding_then_measuring_gives_the_length_back(all in any_calendar(ZONES), from in minute(), minutes in 0i64..100_000) {
        let calendar = all.get("any").unwrap();
        let length = SignedDuration::from_mins(minutes);
        let end = calendar.add_working(from, length).unwrap();
        prop_assert!(end >= from);
        prop_assert_eq!(calendar.working_between(from, end), length);
        // The end is the earliest such instant.
        if minutes > 0 {
            prop_assert!(calendar.is_working(instant(end.as_microsecond() - 1)));
        }
    }

    #[test]
    fn adding_is_monotone_and_can_be_split(all in any_calendar(ZONES), from in minute(), later in 0i64..50_000, a in 0i64..20_000, b in 0i64..20_000) {
        let calendar = all.get("any").unwrap();
        let add = |from, minutes| calendar.add_working(from, SignedDuration::from_mins(minutes)).unwrap();
        let after = instant(from.as_microsecond() + later * MINUTE);
        prop_assert!(add(from, a) <= add(after, a));
        prop_assert!(add(from, a) <= add(from, a + b));
        prop_assert_eq!(add(add(from, a), b), add(from, a + b));
    }

    #[test]
    fn parts_of_a_period_add_up(all in any_calendar(ZONES), mut points in prop::collection::vec(minute(), 3)) {
        let calendar = all.get("any").unwrap();
        points.sort_unstable();
        let between = |a, b| calendar.working_between(a, b);
        prop_assert_eq!(between(points[0], points[1]) + between(points[1], points[2]), between(points[0], points[2]));
        prop_assert_eq!(between(points[2], points[0]), -between(points[0], points[2]));
        prop_assert!(between(points[0], points[1]) <= points[1].duration_since(points[0]));
        let stretches = calendar.stretches(Interval::new(points[0], points[1]), usize::MAX);
        prop_assert_eq!(stretches.iter().map(|s| s.length().as_secs()).sum::<i64>(), between(points[0], points[1]).as_secs());
    }

    #[test]
    fn agrees_with_a_walk_through_the_minutes(all in any_calendar(&["Asia/Shanghai"]), from in minute()) {
        let calendar = all.get("any").unwrap();
        let works = |at: Timestamp| {
            let wall = calendar.time_zone().to_datetime(at);
            let minute = u16::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).unwrap();
            let inside = |date: Date, minute: u16| calendar.day(date).hours.iter().any(|h| h.start() <= minute && minute < h.end());
            inside(wall.date(), minute) || inside(wall.date().yesterday().unwrap(), minute + 1440)
        };
        let mut worked = 0;
        for step in 0..3 * DAY / MINUTE {
            let at = instant(from.as_microsecond() + step * MINUTE);
            prop_assert_eq!(calendar.is_working(at), works(at), "{}", at);
            if step % 97 == 0 {
                prop_assert_eq!(calendar.working_between(from, at), SignedDuration::from_mins(worked));
                let next = calendar.next_working_start(at).unwrap();
                prop_assert!(works(next) && (next == at) == works(at));
            }
            worked += i64::from(works(at));
        }
    }
}
