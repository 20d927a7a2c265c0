//! When a document in force is to be looked at again, and when its end is told.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// The periodic review is due.
    Review,
    /// The term ends in so many days.
    End(u16),
}

/// The day of the next review, so many months after the last; a shorter month ends it earlier.
#[must_use]
pub fn next_review(last: Date, months: u8) -> Date {
    last.saturating_add(Span::new().months(i32::from(months)))
}

/// The days on which something is reminded of, from `today` on, oldest first. A review that is
/// overdue is reminded of today.
#[must_use]
pub fn reminders(
    today: Date,
    review: Date,
    ends: Date,
    days_before: &[u16],
) -> Vec<(Date, Reminder)> {
    let mut found: Vec<(Date, Reminder)> = days_before
        .iter()
        .map(|days| {
            let day = ends.saturating_sub(Span::new().days(i32::from(*days)));
            (day, Reminder::End(*days))
        })
        .filter(|(day, _)| *day >= today)
        .collect();
    // What ends before its next review needs none.
    if review <= ends {
        found.push((review.max(today), Reminder::Review));
    }
    found.sort_by_key(|(day, _)| *day);
    found
}
