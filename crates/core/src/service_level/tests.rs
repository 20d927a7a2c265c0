//! The rules as tables.

use jiff::civil::{Date, date};

use super::*;

#[test]
fn r042_each_step_leads_where_it_should_and_nowhere_else() {
    use State::{Discarded, Draft, InForce, Review, Terminated};
    let possible = [
        (Draft, Step::Submit, Review),
        (Draft, Step::Discard, Discarded),
        (Review, Step::Return, Draft),
        (Review, Step::TakeEffect, InForce),
        (Review, Step::Discard, Discarded),
        (InForce, Step::Examine, InForce),
        (InForce, Step::Terminate, Terminated),
    ];
    for state in State::ALL {
        for taken in Step::ALL {
            let expected = possible
                .iter()
                .find(|(from, by, _)| (*from, *by) == (state, taken))
                .map_or(Err(Refusal::NotFrom(taken, state)), |(_, _, to)| Ok(*to));
            assert_eq!(step(state, taken, false), expected, "{state:?} {taken:?}");
        }
    }
}

#[test]
fn r042_nobody_passes_his_own_draft() {
    assert_eq!(
        step(State::Review, Step::TakeEffect, true),
        Err(Refusal::OwnReview)
    );
    // Taking it back is nobody's privilege.
    assert_eq!(step(State::Review, Step::Return, true), Ok(State::Draft));
}

#[test]
fn r042_the_document_stands_as_its_versions_say() {
    use State::{Discarded, Draft, InForce, Replaced, Review, Terminated};
    let cases: [(&[State], Standing, bool); 9] = [
        (&[], Standing::None, true),
        (&[Draft], Standing::Draft, false),
        (&[Review], Standing::Review, false),
        (&[Discarded], Standing::None, true),
        (&[InForce], Standing::InForce, true),
        (&[InForce, Draft], Standing::Change, false),
        (&[InForce, Review], Standing::Change, false),
        (&[Replaced, InForce], Standing::InForce, true),
        (&[Replaced, Terminated], Standing::Terminated, true),
    ];
    for (versions, expected, may_begin) in cases {
        assert_eq!(standing(versions), expected, "{versions:?}");
        assert_eq!(begin(versions).is_ok(), may_begin, "{versions:?}");
    }
}

#[test]
fn states_and_their_words_are_one_to_one() {
    for state in State::ALL {
        assert_eq!(State::read(state.as_str()), Some(state));
        let json = serde_json::to_value(state).unwrap();
        assert_eq!(json, state.as_str());
    }
    assert_eq!(State::read("signed"), None);
}

#[test]
fn r041_a_change_is_told_line_by_line() {
    let told = |before: &str, after: &str| {
        let lines = compare(before, after);
        let sign = |mark: Mark| match mark {
            Mark::Same => ' ',
            Mark::Removed => '-',
            Mark::Added => '+',
        };
        let lines = lines
            .iter()
            .map(|line| format!("{}{}", sign(line.mark), line.text));
        lines.collect::<Vec<_>>()
    };
    assert!(told("甲\n乙", "甲\n乙").is_empty());
    assert_eq!(
        told("甲\n乙\n丙", "甲\n丁\n丙"),
        [" 甲", "-乙", "+丁", " 丙"]
    );
    // The last line is the same line when another follows it.
    assert_eq!(told("甲", "甲\n乙"), [" 甲", "+乙"]);
    assert_eq!(told("", "甲"), ["+甲"]);
    assert_eq!(told("甲\r\n乙", ""), ["-甲", "-乙"]);
}

#[test]
fn r042_reminders_come_before_the_end_and_at_the_review() {
    let ends = date(2026, 12, 31);
    let told = |today: Date, review: Date| {
        let found = reminders(today, review, ends, &[60, 30, 7]);
        let said = found.iter().map(|(day, what)| format!("{day} {what:?}"));
        said.collect::<Vec<_>>()
    };
    assert_eq!(
        told(date(2026, 1, 5), date(2026, 7, 5)),
        [
            "2026-07-05 Review",
            "2026-11-01 End(60)",
            "2026-12-01 End(30)",
            "2026-12-24 End(7)"
        ]
    );
    // Entered late: what is past is not told, an overdue review today.
    assert_eq!(
        told(date(2026, 12, 2), date(2026, 7, 5)),
        ["2026-12-02 Review", "2026-12-24 End(7)"]
    );
    // A review after the end is none.
    assert_eq!(
        told(date(2026, 12, 1), date(2027, 1, 5)),
        ["2026-12-01 End(30)", "2026-12-24 End(7)"]
    );
    assert_eq!(next_review(date(2026, 8, 31), 6), date(2027, 2, 28));
}

#[test]
fn r048_a_figure_is_judged_on_the_right_side_of_its_goal() {
    use Direction::{AtLeast, AtMost};
    let cases = [
        (Some(1.0), 1.0, AtLeast, Verdict::Met),
        (Some(0.9999), 99.99 / 100.0, AtLeast, Verdict::Met),
        // 60 minutes of 30 days.
        (Some(1.0 - 1.0 / 720.0), 0.9999, AtLeast, Verdict::Missed),
        (Some(0.999_999), 1.0, AtLeast, Verdict::Missed),
        (Some(0.05), 0.05, AtMost, Verdict::Met),
        (Some(0.051), 0.05, AtMost, Verdict::Missed),
        (None, 1.0, AtLeast, Verdict::NoData),
        (Some(f64::NAN), 1.0, AtLeast, Verdict::NoData),
    ];
    for (actual, goal, direction, expected) in cases {
        assert_eq!(
            verdict(actual, goal, direction),
            expected,
            "{actual:?} {goal} {direction:?}"
        );
    }
}

#[test]
fn r048_what_was_missed_is_answered_before_a_month_is_signed() {
    let cases = [
        (Verdict::Met, false, "", Signing::Ready),
        (Verdict::Missed, false, " ", Signing::LacksMeasure),
        (Verdict::Missed, true, "增加坐席", Signing::Ready),
        (Verdict::NoData, false, "", Signing::Ready),
        (Verdict::NoData, true, "", Signing::LacksFigure),
    ];
    for (verdict, manual, measure, expected) in cases {
        assert_eq!(signing(verdict, manual, measure), expected, "{verdict:?}");
    }
}
