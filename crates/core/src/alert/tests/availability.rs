//! Availability from outages.

use super::*;

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
