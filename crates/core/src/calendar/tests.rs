//! Calendars by example, with the files of the product.

use super::*;

/// Every calendar file of the product.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "statutory-cn-2025.yaml",
        include_str!("../../../../definitions/calendars/statutory-cn-2025.yaml"),
    ),
    (
        "statutory-cn-2026.yaml",
        include_str!("../../../../definitions/calendars/statutory-cn-2026.yaml"),
    ),
    (
        "7x24.yaml",
        include_str!("../../../../definitions/calendars/7x24.yaml"),
    ),
    (
        "5x8.yaml",
        include_str!("../../../../definitions/calendars/5x8.yaml"),
    ),
    (
        "office-0900-1800.yaml",
        include_str!("../../../../definitions/calendars/office-0900-1800.yaml"),
    ),
    (
        "office-lunch.yaml",
        include_str!("../../../../definitions/calendars/office-lunch.yaml"),
    ),
    (
        "office-summer-winter.yaml",
        include_str!("../../../../definitions/calendars/office-summer-winter.yaml"),
    ),
    (
        "office-lhasa.yaml",
        include_str!("../../../../definitions/calendars/office-lhasa.yaml"),
    ),
];

/// All of them, loaded once.
pub(crate) fn all() -> &'static Calendars {
    static ALL: OnceLock<Calendars> = OnceLock::new();
    ALL.get_or_init(|| Calendars::load(FILES.iter().copied()).unwrap())
}

fn calendar(key: &str) -> &'static Calendar {
    all().get(key).unwrap()
}

/// An instant by the clock on a wall in Beijing.
pub(crate) fn beijing(text: &str) -> Timestamp {
    let wall: jiff::civil::DateTime = text.replace(' ', "T").parse().unwrap();
    wall.in_tz("Asia/Shanghai").unwrap().timestamp()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn hours(h: i64) -> SignedDuration {
    SignedDuration::from_hours(h)
}

#[test]
fn r016_five_working_days_over_a_holiday() {
    let office = calendar("office-0900-1800");
    // Signed on the Thursday before Labour Day 2026: 6, 7, 8, 9 (make-up Saturday) and 11 May count.
    assert_eq!(
        office.add_working_days(date("2026-04-30"), 5).unwrap(),
        date("2026-05-11")
    );
    assert_eq!(
        office.add_working_days(date("2026-05-02"), 0).unwrap(),
        date("2026-05-06")
    );
    assert_eq!(
        office.add_working_days(date("2026-05-09"), 0).unwrap(),
        date("2026-05-09")
    );
}

#[test]
fn r257_last_working_day_before_each_holiday() {
    let office = calendar("5x8");
    let eves = |from, to| {
        office
            .holiday_eves(date(from), date(to))
            .into_iter()
            .map(|e| (e.holiday.zh, e.date))
            .collect::<Vec<_>>()
    };
    let expected = [
        ("元旦", "2025-12-31"),
        ("春节", "2026-02-14"),
        ("清明节", "2026-04-03"),
        ("劳动节", "2026-04-30"),
        ("端午节", "2026-06-18"),
        ("中秋节", "2026-09-24"),
        ("国庆节", "2026-09-30"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, day)| ((*name).to_owned(), date(day)))
        .collect();
    assert_eq!(eves("2026-01-01", "2026-12-31"), expected);
    assert!(
        eves("2026-10-03", "2026-12-31").is_empty(),
        "a holiday that has begun is not ahead"
    );
    assert_eq!(
        office
            .last_working_day_before_holiday(date("2026-09-26"))
            .unwrap()
            .date,
        date("2026-09-30")
    );
    assert_eq!(
        office
            .last_working_day_before_holiday(date("2026-09-30"))
            .unwrap()
            .date,
        date("2026-09-30")
    );
    assert_eq!(
        office.last_working_day_before_holiday(date("2026-10-01")),
        None
    );
}

#[test]
fn days_say_what_they_are() {
    let day = |key: &str, text: &str| {
        let day = calendar(key).day(date(text));
        (
            day.kind,
            day.name.map(|n| n.zh),
            serde_json::to_string(&day.hours).unwrap(),
        )
    };
    assert_eq!(
        day("5x8", "2026-10-10"),
        (
            DayKind::Makeup,
            Some("国庆节".into()),
            r#"[["09:00","12:00"],["13:00","18:00"]]"#.into()
        )
    );
    assert_eq!(
        day("5x8", "2026-10-01"),
        (DayKind::Holiday, Some("国庆节".into()), "[]".into())
    );
    assert_eq!(day("5x8", "2026-10-11"), (DayKind::Rest, None, "[]".into()));
    assert_eq!(
        day("office-summer-winter", "2026-12-31"),
        (
            DayKind::Half,
            Some("年末半天".into()),
            r#"[["09:00","12:00"]]"#.into()
        )
    );
    assert_eq!(
        day("office-summer-winter", "2026-07-01").2,
        r#"[["09:00","12:00"],["15:00","18:30"]]"#
    );
    assert_eq!(
        day("office-summer-winter", "2026-10-08").2,
        r#"[["09:00","12:00"],["13:30","17:30"]]"#
    );
    assert_eq!(
        day("7x24", "2026-10-01"),
        (DayKind::Work, None, r#"[["00:00","24:00"]]"#.into())
    );
}

#[test]
fn warns_of_missing_years() {
    let missing = |text| {
        all()
            .missing_years(date(text))
            .into_iter()
            .map(|m| (m.layer, m.year))
            .collect::<Vec<_>>()
    };
    assert_eq!(missing("2026-11-30"), []);
    assert_eq!(missing("2026-12-01"), [("statutory-cn".to_owned(), 2027)]);
    assert_eq!(missing("2027-01-01"), [("statutory-cn".to_owned(), 2027)]);
    assert!(
        calendar("7x24")
            .missing_years(date("2030-12-31"))
            .is_empty()
    );
    assert_eq!(calendar("5x8").years(), [2025, 2026]);
}

#[test]
fn an_imported_year_counts_at_once() {
    // The dates are invented for this test; JSON and YAML are both read.
    let json = r#"{"kind": "holidays", "layer": "statutory-cn", "year": 2027, "holidays":
        [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03", "makeup": ["2026-12-27"]}]}"#;
    let all = all().with_file(json).unwrap();
    let office = all.get("5x8").unwrap();
    assert_eq!(office.day(date("2026-12-27")).kind, DayKind::Makeup);
    assert_eq!(office.day(date("2027-01-01")).kind, DayKind::Holiday);
    assert!(office.missing_years(date("2027-01-01")).is_empty());
}

#[test]
fn layers_lie_over_each_other_and_the_last_wins() {
    // The regional dates are invented for this test.
    let region = "kind: holidays\nlayer: region\nyear: 2026\nholidays:\n  - {name: 地方节日, from: 2026-10-09, to: 2026-10-10}\nhalf_days:\n  - {name: 半天, date: 2026-09-20, open: \"00:00-12:00\"}\n  - {name: 无效, date: 2026-10-01, open: \"00:00-12:00\"}\n";
    let hours = "kind: hours\nkey: there\nname: {zh: 当地, en: There}\ntimezone: Asia/Shanghai\nholidays: [statutory-cn, region]\nweekly: {mon-fri: [\"09:00-12:00\", \"14:00-18:00\"]}\ndays:\n  - {date: 2026-10-09, name: 值班, hours: [\"10:00-11:00\"]}\n";
    let all = all().with_file(region).unwrap().with_file(hours).unwrap();
    let there = all.get("there").unwrap();
    let day = |text: &str| {
        let day = there.day(date(text));
        (day.kind, day.hours.len())
    };
    assert_eq!(
        day("2026-10-10"),
        (DayKind::Holiday, 0),
        "a make-up day the region does not work"
    );
    assert_eq!(
        day("2026-09-20"),
        (DayKind::Half, 1),
        "half of a make-up day"
    );
    assert_eq!(
        day("2026-10-01"),
        (DayKind::Holiday, 0),
        "half of a holiday is a holiday"
    );
    assert_eq!(
        day("2026-10-09"),
        (DayKind::Half, 1),
        "the calendar's own day has the last word"
    );
    assert_eq!(there.years(), [2026]);
    assert_eq!(
        calendar("5x8").day(date("2026-10-10")).kind,
        DayKind::Makeup,
        "others are not touched"
    );
}

#[test]
fn a_bad_holiday_file_is_refused_with_line_and_field() {
    let head = "kind: holidays\nlayer: statutory-cn\nyear: 2027\nholidays:\n";
    for (body, line, field, reason) in [
        (
            "  - {name: 元旦, from: 2027-01-32}",
            5,
            "holidays[0].from",
            "not a date",
        ),
        (
            "  - {name: 元旦, from: 2027-01-03, to: 2027-01-01}",
            5,
            "holidays[0].to",
            "before",
        ),
        (
            "  - {name: 元旦, from: 2026-01-01}",
            5,
            "holidays[0].from",
            "does not belong to 2027",
        ),
        (
            "  - {name: 元旦, from: 2027-01-01, to: 2027-03-01}",
            5,
            "holidays[0].to",
            "longer than",
        ),
        (
            "  - {name: 元旦, from: 2027-01-01}\n  - {name: 又, from: 2027-01-01}",
            6,
            "holidays[1].to",
            "twice",
        ),
        (
            "  - name: 元旦\n    from: 2027-01-01\n    makeup: [2027-01-04]",
            7,
            "holidays[0].makeup",
            "Saturday",
        ),
        (
            "  - {name: 元旦, from: 2027-01-01, until: 2027-01-02}",
            5,
            "",
            "until",
        ),
        ("  []", 0, "holidays", "no day"),
        ("  - 5", 5, "", ""),
    ] {
        let problems = HolidayYear::parse(&format!("{head}{body}\n")).unwrap_err();
        let found = problems
            .0
            .iter()
            .any(|p| p.line == line && p.path == field && p.reason.contains(reason));
        assert!(found, "{body}: {problems:?}");
    }
    for garbage in [
        "",
        "kind: holidays",
        "[]",
        "{",
        "\u{0}",
        "kind: [",
        "kind: other\n",
    ] {
        assert!(all().with_file(garbage).is_err(), "{garbage}");
    }
}

#[test]
fn a_bad_calendar_is_refused_with_line_and_field() {
    let file = |zone: &str, layer: &str, week: &str, more: &str| {
        format!(
            "kind: hours\nkey: x\nname: {{zh: 甲, en: A}}\ntimezone: {zone}\nholidays: [{layer}]\nweekly:\n{week}\n{more}\n"
        )
    };
    let good = "  mon-fri: [\"09:00-18:00\"]";
    for (text, line, field, reason) in [
        (
            file("Asia/Peking", "statutory-cn", good, ""),
            4,
            "timezone",
            "IANA",
        ),
        (
            file("Asia/Shanghai", "nowhere", good, ""),
            5,
            "holidays",
            "no holiday layer",
        ),
        (
            file(
                "Asia/Shanghai",
                "statutory-cn",
                "  mon-fri: [\"09:00-12:00\", \"11:00-18:00\"]",
                "",
            ),
            7,
            "weekly.mon-fri",
            "overlap",
        ),
        (
            file("Asia/Shanghai", "statutory-cn", "  mon-fri: [\"9-18\"]", ""),
            7,
            "weekly.mon-fri",
            "not a stretch",
        ),
        (
            file(
                "Asia/Shanghai",
                "statutory-cn",
                "  mo: [\"09:00-18:00\"]",
                "",
            ),
            7,
            "weekly.mo",
            "not a weekday",
        ),
        (
            file(
                "Asia/Shanghai",
                "statutory-cn",
                "  mon-fri: [\"09:00-18:00\"]\n  fri: []",
                "",
            ),
            8,
            "weekly.fri",
            "twice",
        ),
        (
            file("Asia/Shanghai", "statutory-cn", "  mon: []", ""),
            0,
            "weekly",
            "ever works",
        ),
        (
            file(
                "Asia/Shanghai",
                "statutory-cn",
                good,
                "days:\n  - {date: 2026-01-01, name: 甲}",
            ),
            9,
            "days[0]",
            "exactly one",
        ),
        (
            file(
                "Asia/Shanghai",
                "statutory-cn",
                good,
                "seasons:\n  - {name: {zh: 夏, en: S}, from: 06-01, to: 2026-09-01, weekly: {mon: [\"09:00-10:00\"]}}",
            ),
            9,
            "seasons[0].from",
            "both",
        ),
        (
            file("Asia/Shanghai", "statutory-cn", good, "colour: red"),
            8,
            "",
            "colour",
        ),
    ] {
        let problems = all().with_file(&text).unwrap_err();
        let found = problems
            .0
            .iter()
            .any(|p| p.line == line && p.path == field && p.reason.contains(reason));
        assert!(found, "{text}: {problems:?}");
    }
    let two = Calendars::load([FILES[2], ("again.yaml", FILES[2].1)]).unwrap_err();
    assert_eq!(two[0].0, "again.yaml");
}

#[test]
fn working_time_over_make_up_days_and_holidays() {
    let office = calendar("office-0900-1800");
    // Wednesday 30 September 2026, 17:00: one hour left, then National Day, then Thursday 8 October.
    assert_eq!(
        office
            .add_working(beijing("2026-09-30 17:00"), hours(2))
            .unwrap(),
        beijing("2026-10-08 10:00")
    );
    // Friday 9 October to Monday 12 October has the make-up Saturday in between.
    assert_eq!(
        office.working_between(beijing("2026-10-09 18:00"), beijing("2026-10-12 09:00")),
        hours(9)
    );
    assert!(office.is_working(beijing("2026-10-10 09:00")));
    assert!(!office.is_working(beijing("2026-10-10 18:00")));
    assert_eq!(
        office
            .next_working_start(beijing("2026-10-01 12:00"))
            .unwrap(),
        beijing("2026-10-08 09:00")
    );
    assert_eq!(
        office.end_of_office(date("2026-10-10")).unwrap(),
        beijing("2026-10-10 18:00")
    );
    assert_eq!(
        office.end_of_day(date("2026-10-10")),
        beijing("2026-10-11 00:00")
    );
}

#[test]
fn a_full_day_of_work_ends_the_same_evening() {
    let office = calendar("office-lunch");
    assert_eq!(
        office
            .add_working(beijing("2026-11-23 09:00"), hours(7))
            .unwrap(),
        beijing("2026-11-23 18:00")
    );
    assert_eq!(
        office
            .add_working(beijing("2026-11-23 09:00"), hours(3))
            .unwrap(),
        beijing("2026-11-23 12:00")
    );
    assert_eq!(
        office
            .add_working(beijing("2026-11-23 12:30"), SignedDuration::ZERO)
            .unwrap(),
        beijing("2026-11-23 12:30")
    );
}

#[test]
fn night_shifts_belong_to_the_day_they_begin_on() {
    let text = "kind: hours\nkey: night\nname: {zh: 夜班, en: Night}\ntimezone: Asia/Shanghai\nholidays: [statutory-cn]\nweekly: {mon-fri: [\"22:00-06:00\"]}\n";
    let night = all().with_file(text).unwrap();
    let night = night.get("night").unwrap();
    // Friday's shift runs into Saturday; nobody starts on Saturday.
    assert!(
        night.is_working(beijing("2026-11-28 05:59"))
            && !night.is_working(beijing("2026-11-28 06:00"))
    );
    assert!(!night.is_working(beijing("2026-11-28 23:00")));
    // The shift of 30 September runs into National Day; over new year a shift lies in two years of the table.
    assert!(
        night.is_working(beijing("2026-10-01 03:00"))
            && !night.is_working(beijing("2026-10-01 23:00"))
    );
    assert_eq!(
        night.working_between(beijing("2025-12-31 20:00"), beijing("2026-01-01 12:00")),
        hours(8)
    );
    assert_eq!(
        night
            .add_working(beijing("2025-12-31 23:00"), hours(6))
            .unwrap(),
        beijing("2026-01-01 05:00")
    );
}

#[test]
fn years_join_without_a_seam() {
    // The table is cut at midnight UTC, which is 08:00 in Beijing.
    let office = calendar("office-0900-1800");
    let end_of_year = beijing("2026-12-31 18:00");
    let added = office.add_working(beijing("2026-12-31 09:00"), hours(9));
    assert_eq!(added.unwrap(), end_of_year);
    let text = "kind: hours\nkey: late\nname: {zh: 长夜班, en: Late}\ntimezone: Asia/Shanghai\nweekly: {mon-sun: [\"22:00-10:00\"]}\n";
    let late = all().with_file(text).unwrap();
    let late = late.get("late").unwrap();
    assert!(late.is_working(beijing("2026-01-01 09:00")));
    let night = Interval::new(beijing("2025-12-31 12:00"), beijing("2026-01-01 12:00"));
    assert_eq!(late.working_between(night.from, night.to), hours(12));
    let whole = Interval::new(beijing("2025-12-31 22:00"), beijing("2026-01-01 10:00"));
    assert_eq!(late.stretches(night, 9), [whole]);
}

#[test]
fn clocks_that_jump_keep_real_hours() {
    let text = "kind: hours\nkey: berlin\nname: {zh: 柏林, en: Berlin}\ntimezone: Europe/Berlin\nweekly: {mon-sun: [\"00:00-24:00\"]}\ndays: [{date: 2026-01-02, name: x, closed: true}]\n";
    let all = all().with_file(text).unwrap();
    let berlin = all.get("berlin").unwrap();
    let local = |text: &str| {
        text.parse::<jiff::civil::DateTime>()
            .unwrap()
            .in_tz("Europe/Berlin")
            .unwrap()
            .timestamp()
    };
    assert!(!berlin.is_continuous());
    assert_eq!(
        berlin.working_between(local("2026-03-29T00:00"), local("2026-03-30T00:00")),
        hours(23)
    );
    assert_eq!(
        berlin.working_between(local("2026-10-25T00:00"), local("2026-10-26T00:00")),
        hours(25)
    );
    assert_eq!(
        berlin.working_between(local("2026-01-01T00:00"), local("2026-01-04T00:00")),
        hours(48)
    );
}

#[test]
fn ends_instead_of_running_for_ever() {
    let text = "kind: hours\nkey: once\nname: {zh: 一次, en: Once}\ntimezone: UTC\nweekly: {mon: [\"00:00-00:01\"]}\n";
    let all = all().with_file(text).unwrap();
    let once = all.get("once").unwrap();
    assert!(matches!(
        once.add_working(beijing("2026-01-01 00:00"), hours(24 * 3660)),
        Err(CalendarError::Never { .. })
    ));
    assert!(matches!(
        once.add_working(Timestamp::MIN, hours(1)),
        Err(CalendarError::OutOfRange { .. })
    ));
    assert!(matches!(
        once.add_working(Timestamp::MAX, hours(1)),
        Err(CalendarError::OutOfRange { .. })
    ));
    assert_eq!(
        once.add_working(beijing("2026-01-01 00:00"), -hours(1)),
        Err(CalendarError::Negative)
    );
    assert!(once.add_working_days(date("2026-01-01"), u32::MAX).is_err());
    let everything = calendar("5x8").working_between(Timestamp::MIN, Timestamp::MAX);
    assert!(everything > hours(230 * 1900) && everything < hours(230 * 2100));
    assert!(
        !calendar("5x8").is_working(Timestamp::MIN) && !calendar("5x8").is_working(Timestamp::MAX)
    );
}
