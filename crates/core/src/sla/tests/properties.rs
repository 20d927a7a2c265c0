//! What holds for every history whatever.

use proptest::prelude::*;

use super::super::*;
use super::{agreement, agreements, nine_to_six};
use crate::calendar::tests::beijing;
use crate::time::{Interval, MINUTE, SignedDuration, Timestamp, instant};

/// The Thursday before the long week of National Day 2026: weekends, a holiday and make-up days follow.
fn minute(minutes: i64) -> Timestamp {
    instant(beijing("2026-09-24 08:00").as_microsecond() + minutes * MINUTE)
}

/// An instant of the three weeks that follow.
fn moment() -> impl Strategy<Value = Timestamp> {
    (0i64..21 * 24 * 60).prop_map(minute)
}

const EVENTS: &[Event] = &[
    Event::Dispatched,
    Event::Acknowledged,
    Event::Responded,
    Event::Called,
    Event::PhoneSolved,
    Event::ReResponded,
    Event::Arrived,
    Event::OnsiteFailed,
    Event::PlanDelivered,
    Event::TimetableDelivered,
    Event::SpareDelivered,
    Event::Restored,
    Event::Resolved,
    Event::ReportDelivered,
    Event::Closed,
    Event::Cancelled,
];

/// An agreement in office hours, in days and with everything else the product's own do not have.
fn odd() -> &'static Agreement {
    static ODD: std::sync::OnceLock<Agreement> = std::sync::OnceLock::new();
    ODD.get_or_init(|| {
        let text = r#"
kind: agreement
key: odd
name: {zh: 杂, en: Odd}
summary: {zh: 杂, en: Odd}
accept: office
uses: [escalation, dispatch]
all:
  respond: {within: 0m, grace: 10m, calendar: office}
  resolve: {within: 6h, calendar: office, pause: [waiting_customer]}
  arrive: {working: 30m, nonworking: 2h, negotiable: true}
  plan: {within: 3wd, until: office_end}
  reply: {within: same_day}
  spare_part: {from: breach of resolve, within: 1d, negotiable: true}
levels:
  高:
    name: {zh: 高, en: High}
    definition: {zh: 高, en: High}
    targets:
      resolve: {within: 2h, calendar: office}
  低:
    name: {zh: 低, en: Low}
    definition: {zh: 低, en: Low}
reclassify:
  - {from: 低, to: 高, outage: 3h, tell: [assignee]}
"#;
        agreements().parse(text, nine_to_six()).unwrap()
    })
}

/// By key, so that a failing case prints what matters.
fn named(key: &str) -> &'static Agreement {
    if key == "odd" { odd() } else { agreement(key) }
}

fn any_pause() -> impl Strategy<Value = Pause> {
    let reason = prop::sample::select(vec!["waiting_customer", "waiting_vendor"]);
    (moment(), 0i64..5_000, any::<bool>(), reason).prop_map(|(from, length, open, reason)| Pause {
        reason: reason.to_owned(),
        from,
        to: (!open).then(|| instant(from.as_microsecond() + length * MINUTE)),
    })
}

fn any_negotiation() -> impl Strategy<Value = Negotiation> {
    let target = prop::sample::select(vec![Target::Resolve, Target::Arrive, Target::SparePart]);
    (moment(), moment(), target).prop_map(|(at, due, target)| Negotiation {
        target,
        at,
        due,
        reason: "约定".into(),
        by: "客户".into(),
    })
}

/// Any history under any agreement; with reopenings only when asked for.
fn any_case(reopened: bool) -> impl Strategy<Value = (&'static str, History)> {
    let events = move || {
        let mut events = EVENTS.to_vec();
        events.extend(reopened.then_some(Event::Reopened));
        prop::sample::select(events)
    };
    (
        prop::sample::select(vec!["odd", "odd", "A", "B", "C", "D", "E", "F", "G"]),
        0i64..3 * 24 * 60,
        prop::collection::vec((events(), moment()), 0..10),
        prop::collection::vec((any::<prop::sample::Index>(), moment()), 0..3),
        prop::collection::vec(any_pause(), 0..3),
        prop::collection::vec(any_negotiation(), 0..3),
        prop::option::of((moment(), prop::option::of(moment()))),
    )
        .prop_map(
            |(key, reported, events, levels, pauses, negotiated, outage)| {
                let agreement = named(key);
                let mut history = History::new(minute(reported));
                history.channel = Some("email".into());
                for (event, at) in events {
                    history.happened(event, at);
                }
                for (level, at) in levels.iter().filter(|_| !agreement.levels.is_empty()) {
                    history.level(level.get(&agreement.levels).key.to_string(), *at);
                }
                history.pauses = pauses;
                history.negotiated = negotiated;
                history.outage = outage.map(|(from, to)| Outage { from, to });
                (key, history)
            },
        )
}

fn judge(agreement: &str, history: &History, now: Timestamp) -> Assessment {
    evaluate(named(agreement), nine_to_six(), history, now).unwrap()
}

/// What anybody could have known at an instant.
fn known_at(history: &History, now: Timestamp) -> History {
    let mut known = history.clone();
    known.events.retain(|e| e.at <= now);
    known.levels.retain(|l| l.at <= now);
    known.negotiated.retain(|n| n.at <= now);
    known.pauses.retain(|p| p.from <= now);
    for pause in &mut known.pauses {
        pause.to = pause.to.filter(|to| *to <= now);
    }
    known.outage = history.outage.filter(|o| o.from <= now);
    if let Some(outage) = &mut known.outage {
        outage.to = outage.to.filter(|to| *to <= now);
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_clock_makes_sense((agreement, history) in any_case(true), now in moment()) {
        for clock in judge(agreement, &history, now).clocks {
            prop_assert!(clock.due >= clock.started_at, "{clock:?}");
            prop_assert!(clock.promised_due >= clock.started_at);
            prop_assert!(clock.stopped_at.is_none_or(|at| clock.started_at <= at && at <= now.max(clock.started_at)));
            prop_assert!(!clock.elapsed.is_negative() && !clock.allowed.is_negative());
            match clock.status {
                Status::Met => prop_assert!(clock.stopped_at.is_some_and(|at| at <= clock.due)),
                Status::Breached => prop_assert!(clock.stopped_at.unwrap_or(now) >= clock.due),
                Status::Cancelled => prop_assert!(clock.stopped_at.is_some_and(|at| at < clock.due)),
                Status::Running => prop_assert!(clock.stopped_at.is_none() && now < clock.due),
                Status::Paused => prop_assert!(clock.stopped_at.is_none() && now <= clock.due),
            }
        }
    }

    #[test]
    fn the_past_is_answered_as_it_was((agreement, history) in any_case(true), now in moment()) {
        prop_assert_eq!(judge(agreement, &history, now), judge(agreement, &known_at(&history, now), now));
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter((agreement, mut history) in any_case(false), now in moment()) {
        let before = judge(agreement, &history, now);
        history.events.reverse();
        history.pauses.reverse();
        prop_assume!(history.levels.windows(2).all(|pair| pair[0].at != pair[1].at));
        prop_assume!(history.negotiated.windows(2).all(|pair| pair[0].at != pair[1].at));
        history.levels.reverse();
        history.negotiated.reverse();
        prop_assert_eq!(before, judge(agreement, &history, now));
    }

    #[test]
    fn a_met_verdict_stands((agreement, history) in any_case(false), now in moment(), later in 0i64..20_000) {
        let then = judge(agreement, &history, now);
        let end = judge(agreement, &history, instant(now.as_microsecond() + later * MINUTE));
        for clock in then.clocks.iter().filter(|clock| clock.status == Status::Met) {
            let now = end.clocks.iter().find(|c| (c.target, c.cycle) == (clock.target, clock.cycle));
            prop_assert_eq!(now, Some(clock));
        }
    }

    #[test]
    fn waiting_never_brings_a_due_time_nearer((agreement, mut history) in any_case(false), pause in any_pause(), now in moment()) {
        // An agreed time that came too late may be in time when the clock stood still: only promises are compared.
        history.negotiated.clear();
        history.levels.truncate(1);
        let before = judge(agreement, &history, now);
        history.pauses.push(pause);
        let after = judge(agreement, &history, now);
        for clock in &before.clocks {
            let Some(paused) = after.clocks.iter().find(|c| (c.target, c.cycle, c.started_at) == (clock.target, clock.cycle, clock.started_at)) else { continue };
            prop_assert!(paused.due >= clock.due && paused.elapsed <= clock.elapsed, "{clock:?}\n{paused:?}");
            prop_assert!(clock.status != Status::Met || paused.status == Status::Met);
        }
    }

    #[test]
    fn pauses_outside_working_hours_change_nothing((agreement, mut history) in any_case(false), now in moment(), night in 0i64..20, hours in 1i64..14) {
        let before = judge(agreement, &history, now);
        let from = minute(night * 24 * 60 + 10 * 60);
        history.pauses.push(Pause { reason: "waiting_customer".into(), from, to: Some(instant(from.as_microsecond() + hours * 60 * MINUTE)) });
        let after = judge(agreement, &history, now);
        for clock in before.clocks.iter().filter(|c| c.calendar == "office" && c.negotiated.is_none() && c.refused.is_empty()) {
            let paused = after.clock(clock.target).unwrap();
            if paused.refused.is_empty() && paused.negotiated.is_none() {
                prop_assert_eq!((paused.due, paused.elapsed), (clock.due, clock.elapsed));
            }
        }
    }

    #[test]
    fn time_used_and_time_left_make_up_the_time_allowed((agreement, history) in any_case(true), now in moment()) {
        for clock in judge(agreement, &history, now).clocks {
            prop_assert_eq!(clock.elapsed + clock.remaining, clock.allowed, "{:?}", clock);
        }
    }

    #[test]
    fn nothing_is_told_twice_or_forgotten((agreement, history) in any_case(true), a in moment(), b in moment()) {
        // The history ends before anybody looks, so that only time passes between the two looks.
        let (a, b) = (a.min(b), a.max(b));
        let history = known_at(&history, a);
        let ladder = |told, now| evaluate_since(named(agreement), nine_to_six(), &history, told, now).unwrap().wakeups;
        let unique = |w: &Wakeup| !matches!(w.kind, WakeupKind::Repeat { .. } | WakeupKind::Reclassify { .. });
        let first: Vec<Wakeup> = ladder(a, a).into_iter().filter(unique).filter(|w| w.at <= b).collect();
        let caught_up: Vec<Wakeup> = ladder(a, b).into_iter().filter(unique).filter(|w| w.at <= b).collect();
        prop_assume!(judge(agreement, &history, a).level == judge(agreement, &history, b).level);
        for wakeup in &first {
            let key = |w: &Wakeup| (w.at, w.target, w.cycle, w.kind.clone());
            prop_assert_eq!(caught_up.iter().filter(|w| key(w) == key(wakeup)).count(), 1, "{:?}\n{:?}", wakeup, caught_up);
        }
        prop_assert!(ladder(b, b).iter().filter(|w| unique(w)).all(|w| w.at > b));
    }

    #[test]
    fn between_wakeups_no_status_changes_by_itself((agreement, history) in any_case(true), now in moment(), part in 0.0f64..1.0) {
        prop_assume!(now >= history.reported_at);
        let before = judge(agreement, &known_at(&history, now), now);
        let next = before.wakeups.iter().map(|w| w.at).find(|at| *at > now);
        let Some(next) = next else { return Ok(()) };
        // Exact: `part` of the way, always before the next wake-up.
        let span = next.as_microsecond() - now.as_microsecond();
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant in between will do")]
        let at = instant(now.as_microsecond() + (span as f64 * part) as i64);
        let after = judge(agreement, &known_at(&history, now), at);
        let state = |a: &Assessment| a.clocks.iter().map(|c| (c.target, c.cycle, c.status)).collect::<Vec<_>>();
        prop_assert_eq!(state(&before), state(&after));
        prop_assert_eq!(before.level, after.level);
    }

    #[test]
    fn a_stage_without_commitment_changes_nothing_but_the_count((agreement, mut history) in any_case(true), now in moment()) {
        let before = judge(agreement, &history, now);
        history.uncounted.push(Interval::new(history.reported_at, Timestamp::MAX));
        let mut after = judge(agreement, &history, now);
        prop_assert!(!after.counted && !after.is_breached());
        after.counted = true;
        for (clock, was) in after.clocks.iter_mut().zip(&before.clocks) {
            prop_assert!(!clock.counted);
            clock.counted = was.counted;
        }
        prop_assert_eq!(before, after);
    }

    #[test]
    fn no_text_crashes_the_loader(text in "\\PC{0,200}") {
        let _ = agreements().parse(&text, nine_to_six());
        let _ = nine_to_six().with_file(&text);
    }

    #[test]
    fn a_broken_file_is_refused_and_never_crashes(cut in any::<prop::sample::Index>(), junk in "[ \\-:{}\\[\\],a-z0-9%\n]{0,6}") {
        let text = include_str!("../../../../../definitions/agreements/D.yaml");
        let mut at = cut.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let broken = format!("{}{junk}{}", &text[..at], &text[at..]);
        if let Err(problems) = agreements().parse(&broken, nine_to_six()) {
            prop_assert!(problems.0.iter().all(|p| !p.reason.is_empty()));
        }
    }
}

#[test]
fn an_hour_is_an_hour() {
    assert_eq!(
        minute(60).duration_since(minute(0)),
        SignedDuration::from_hours(1)
    );
}
