//! The yearly allowance of downtime.

use jiff::civil::date;

use super::super::budget::{Budget, service_year};
use super::*;

const BUDGET: Budget = Budget {
    total_seconds: 20 * 3_600,
    single_seconds: 3_600,
};

/// A year with these outages, in minutes, as far as it has passed.
fn year(outages: &[(i64, i64)], windows: &[(Exclusion, Span)], now: i64) -> Availability {
    let facts = Facts {
        outages: outages
            .iter()
            .map(|(from, to)| outage(*from, *to))
            .collect(),
        ..Facts::default()
    };
    let year = span(0, 365 * 24 * 60);
    judged(year, minute(now), &[check(&facts, windows)])
}

/// An hour without service, so many times.
fn hours(n: i64) -> Vec<(i64, i64)> {
    (0..n).map(|i| (i * 10_000, i * 10_000 + 60)).collect()
}

#[test]
fn r046_the_21st_hour_exceeds_the_budget_and_a_long_single_outage_is_flagged() {
    let judge = |outages: &[(i64, i64)]| BUDGET.judge(&year(outages, &[], 10_000_000));
    let twenty = judge(&hours(20));
    assert_eq!((twenty.exceeded_at, twenty.too_long.len()), (None, 0));
    let twenty_one = judge(&hours(21));
    assert_eq!(twenty_one.exceeded_at, Some(minute(200_000)));
    assert_eq!(twenty_one.used, SignedDuration::from_hours(21));
    let long = judge(&[(0, 61)]);
    assert_eq!(long.too_long[0].counted, SignedDuration::from_mins(61));
    assert_eq!(judge(&[(0, 60)]).too_long, []);
}

#[test]
fn r046_planned_work_uses_nothing_and_makes_no_outage_too_long() {
    let window = [(Exclusion::Maintenance, span(30, 200))];
    let usage = BUDGET.judge(&year(&[(0, 120)], &window, 1_000));
    assert_eq!((usage.used.as_mins(), usage.too_long.len()), (30, 0));
}

#[test]
fn r046_warnings_come_at_four_fifths_and_at_the_end() {
    let told = |n: i64| {
        let year = year(&hours(n), &[], 10_000_000);
        let left = BUDGET.until_next(&year).map(|left| left.as_hours());
        (BUDGET.warnings(&year), left)
    };
    assert_eq!(told(15), (vec![], Some(1)));
    assert_eq!(told(16), (vec![(80, minute(150_060))], Some(4)));
    let all = vec![(80, minute(150_060)), (100, minute(190_060))];
    assert_eq!(told(20), (all.clone(), None));
    assert_eq!(told(25), (all, None));
}

#[test]
fn a_service_year_runs_from_anniversary_to_anniversary() {
    for (begins, day, expected) in [
        (
            date(2026, 1, 1),
            date(2026, 12, 31),
            (date(2026, 1, 1), date(2027, 1, 1)),
        ),
        (
            date(2026, 7, 1),
            date(2027, 6, 30),
            (date(2026, 7, 1), date(2027, 7, 1)),
        ),
        (
            date(2026, 7, 1),
            date(2027, 7, 1),
            (date(2027, 7, 1), date(2028, 7, 1)),
        ),
        (
            date(2026, 7, 1),
            date(2026, 1, 1),
            (date(2026, 7, 1), date(2027, 7, 1)),
        ),
        (
            date(2024, 2, 29),
            date(2025, 2, 28),
            (date(2025, 2, 28), date(2026, 2, 28)),
        ),
    ] {
        assert_eq!(service_year(begins, day), expected, "{begins} {day}");
    }
}
