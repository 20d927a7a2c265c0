//! The statutory holidays of the product against the notices of the State Council, day by day.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::DayKind;
use super::tests::all;

/// Name, first and last day off, and the weekend days worked instead; months and days.
type Holiday = (&'static str, (i8, i8), (i8, i8), &'static [(i8, i8)]);

/// 国办发明电〔2024〕12号.
const OF_2025: [Holiday; 6] = [
    ("元旦", (1, 1), (1, 1), &[]),
    ("春节", (1, 28), (2, 4), &[(1, 26), (2, 8)]),
    ("清明节", (4, 4), (4, 6), &[]),
    ("劳动节", (5, 1), (5, 5), &[(4, 27)]),
    ("端午节", (5, 31), (6, 2), &[]),
    ("国庆节、中秋节", (10, 1), (10, 8), &[(9, 28), (10, 11)]),
];

/// The notice of 2025-11-04.
const OF_2026: [Holiday; 7] = [
    ("元旦", (1, 1), (1, 3), &[(1, 4)]),
    ("春节", (2, 15), (2, 23), &[(2, 14), (2, 28)]),
    ("清明节", (4, 4), (4, 6), &[]),
    ("劳动节", (5, 1), (5, 5), &[(5, 9)]),
    ("端午节", (6, 19), (6, 21), &[]),
    ("中秋节", (9, 25), (9, 27), &[]),
    ("国庆节", (10, 1), (10, 7), &[(9, 20), (10, 10)]),
];

#[test]
fn days_off_and_make_up_days_of_2025_are_those_of_the_notice() {
    assert_eq!(special_days(2025), expected(2025, &OF_2025));
}

#[test]
fn days_off_and_make_up_days_of_2026_are_those_of_the_notice() {
    assert_eq!(special_days(2026), expected(2026, &OF_2026));
}

/// Every day of a year that is not what its weekday makes it, with what it is instead.
fn special_days(year: i16) -> Vec<(Date, DayKind, String)> {
    let office = all().get("5x8").unwrap();
    let days = date(year, 1, 1).series(1.day());
    days.take_while(|day| day.year() == year)
        .map(|day| (day, office.day(day)))
        .filter(|(_, is)| matches!(is.kind, DayKind::Holiday | DayKind::Makeup))
        .map(|(day, is)| (day, is.kind, is.name.unwrap().zh))
        .collect()
}

fn expected(year: i16, notice: &[Holiday]) -> Vec<(Date, DayKind, String)> {
    let mut days = Vec::new();
    for (name, first, last, makeup) in notice {
        let day = |(month, day): (i8, i8)| date(year, month, day);
        let last = day(*last);
        let off = day(*first).series(1.day()).take_while(|day| *day <= last);
        days.extend(off.map(|day| (day, DayKind::Holiday, (*name).to_owned())));
        let worked = makeup.iter().map(|worked| day(*worked));
        days.extend(worked.map(|day| (day, DayKind::Makeup, (*name).to_owned())));
    }
    days.sort_by_key(|(day, _, _)| *day);
    days
}
