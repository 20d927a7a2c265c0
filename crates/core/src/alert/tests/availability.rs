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
    let unplanned = judged(month, minute(100_000), &[check(&facts, &[])]);
    assert_eq!(percent(&unplanned), "99.861 %");
    assert!(!unplanned.meets(999_900));
    assert_eq!(unplanned.down, SignedDuration::from_mins(60));
    let window = [(Exclusion::Maintenance, span(990, 1_070))];
    let planned = judged(month, minute(100_000), &[check(&facts, &window)]);
    assert_eq!(percent(&planned), "100.000 %");
    assert!(planned.meets(999_900));
    assert_eq!(
        planned.excluded,
        [(Exclusion::Maintenance, SignedDuration::from_mins(80))]
    );
    // It is known, and it is no interruption that counts.
    let counted = |a: &Availability| a.interruptions[0].counted.as_mins();
    assert_eq!((counted(&unplanned), counted(&planned)), (60, 0));
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
    let a = judged(span(0, 50), minute(50), &[check(&facts, &[])]);
    assert_eq!(a.down, SignedDuration::from_mins(16));
    assert_eq!(
        a.excluded,
        [(Exclusion::NoData, SignedDuration::from_mins(5))]
    );
    assert_eq!(a.counted, SignedDuration::from_mins(45));
    // Half a history: the end of something that began before it.
    let tail = Facts::read(run.events.iter().filter(|e| e.at >= minute(20)));
    let a = judged(span(15, 25), minute(50), &[check(&tail, &[])]);
    assert_eq!(a.down, SignedDuration::from_mins(5));
}
