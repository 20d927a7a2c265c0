//! Measures working time and service levels: how many tickets a second one thread judges, finished
//! ones (as a replay of last year does) and open ones with everything they wake for.
//!
//! `cargo run --release -p anlan-core --example sla_bench`

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use anlan_core::calendar::Calendars;
use anlan_core::sla::{Agreement, Agreements, Attainment, Event, History, Pause, evaluate};
use anlan_core::time::{SignedDuration, Timestamp};

const TICKETS: usize = 20_000;
const ROUNDS: usize = 5;

const CALENDARS: &[(&str, &str)] = &[
    (
        "statutory-cn-2025.yaml",
        include_str!("../../../definitions/calendars/statutory-cn-2025.yaml"),
    ),
    (
        "statutory-cn-2026.yaml",
        include_str!("../../../definitions/calendars/statutory-cn-2026.yaml"),
    ),
    (
        "7x24.yaml",
        include_str!("../../../definitions/calendars/7x24.yaml"),
    ),
    (
        "5x8.yaml",
        include_str!("../../../definitions/calendars/5x8.yaml"),
    ),
];

const AGREEMENTS: &[(&str, &str)] = &[
    (
        "C.yaml",
        include_str!("../../../definitions/agreements/C.yaml"),
    ),
    (
        "escalation.yaml",
        include_str!("../../../definitions/agreements/escalation.yaml"),
    ),
    (
        "dispatch.yaml",
        include_str!("../../../definitions/agreements/dispatch.yaml"),
    ),
    (
        "complaint.yaml",
        include_str!("../../../definitions/agreements/complaint.yaml"),
    ),
    (
        "same-day.yaml",
        include_str!("../../../definitions/agreements/same-day.yaml"),
    ),
];

/// A ticket of the year 2026 with the events of an ordinary life, `spread` minutes apart.
fn ticket(i: usize) -> Result<History, Box<dyn Error>> {
    let minutes = i64::try_from(i * 7_919 % (300 * 24 * 60))?;
    let start: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let reported = start.checked_add(SignedDuration::from_mins(minutes))?;
    let after = |minutes: usize| -> Result<Timestamp, Box<dyn Error>> {
        Ok(reported.checked_add(SignedDuration::from_mins(i64::try_from(minutes)?))?)
    };
    let spread = 5 + i % 90;
    let mut history = History::new(reported);
    history.level(
        if i.is_multiple_of(4) {
            "重大"
        } else {
            "一般"
        },
        reported,
    );
    for (step, event) in [
        Event::Responded,
        Event::Dispatched,
        Event::Acknowledged,
        Event::Called,
        Event::Arrived,
        Event::Diagnosed,
        Event::PlanDelivered,
        Event::Resolved,
        Event::Closed,
    ]
    .into_iter()
    .enumerate()
    {
        history.happened(event, after((step + 1) * spread)?);
    }
    if i.is_multiple_of(3) {
        history.pauses.push(Pause {
            reason: "waiting_customer".into(),
            from: after(6 * spread)?,
            to: Some(after(7 * spread)?),
        });
    }
    Ok(history)
}

/// Best of some rounds, in seconds.
fn best(mut work: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn judge_all(
    agreement: &Agreement,
    calendars: &Calendars,
    tickets: &[History],
    later: Option<SignedDuration>,
) -> Result<(), Box<dyn Error>> {
    let mut all = Attainment::default();
    for history in tickets {
        let now = match later {
            Some(later) => history.reported_at.checked_add(later)?,
            None => "2027-06-01T00:00:00Z".parse()?,
        };
        all.add(&evaluate(agreement, calendars, history, now)?);
    }
    black_box(all);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let calendars = Calendars::load(CALENDARS.iter().copied()).map_err(|e| format!("{e:?}"))?;
    let agreements =
        Agreements::load(AGREEMENTS.iter().copied(), &calendars).map_err(|e| format!("{e:?}"))?;
    let agreement = agreements.get("C").ok_or("agreement C")?;
    let office = calendars.get("5x8").ok_or("calendar 5x8")?;
    let tickets = (0..TICKETS).map(ticket).collect::<Result<Vec<_>, _>>()?;

    let figure = |name: &str, value: f64| println!("{name:48}  {value:>14.1}");
    #[expect(clippy::cast_precision_loss, reason = "20,000 is exact")]
    let count = TICKETS as f64;
    let finished = best(|| judge_all(agreement, &calendars, &tickets, None))?;
    figure("finished tickets judged a second", count / finished);
    let soon = Some(SignedDuration::from_mins(3));
    let open = best(|| judge_all(agreement, &calendars, &tickets, soon))?;
    figure("open tickets judged a second, with wake-ups", count / open);
    for (name, hours) in [
        ("40 working hours", 40),
        ("ten years of working time", 20_000),
    ] {
        let length = SignedDuration::from_hours(hours);
        let seconds = best(|| {
            for history in &tickets {
                black_box(office.add_working(history.reported_at, length)?);
            }
            Ok(())
        })?;
        figure(&format!("adding {name}, ns"), seconds * 1e9 / count);
    }
    Ok(())
}
