//! A value with a type, so that paper shows it as people write it and a spreadsheet can still calculate with it.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// What a cell or a field holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Nothing; on paper a space to write in.
    #[default]
    Empty,
    /// Text; `\n` is a line end.
    Text(String),
    /// A count.
    Integer(i64),
    /// A measurement shown with this many decimal places.
    Decimal(f64, u8),
    /// A ratio (0.9986 is 99.86 %) shown with this many decimal places.
    Percent(f64, u8),
    /// A length of time in seconds.
    Duration(i64),
    /// A day.
    Date(Date),
    /// A local date and time, to the minute.
    DateTime(DateTime),
}

impl Value {
    /// How the value is written on paper: `2026年11月22日 14:30`, `99.86%`, `1小时20分`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Integer(n) => thousands(*n),
            Self::Decimal(x, places) => decimal(*x, *places),
            Self::Percent(x, places) => percent(*x, *places),
            Self::Duration(seconds) => duration(*seconds),
            Self::Date(d) => date(*d),
            Self::DateTime(t) => format!("{} {:02}:{:02}", date(t.date()), t.hour(), t.minute()),
        }
    }

    /// As it stands in a column of a table, where room is short: a day is `2026-11-22`.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::Date(d) => d.to_string(),
            Self::DateTime(t) => format!("{} {:02}:{:02}", t.date(), t.hour(), t.minute()),
            other => other.text(),
        }
    }

    /// As it stands in a list of a form: days brief, so that a step takes one line.
    pub(crate) fn in_list(self) -> Self {
        match self {
            Self::Date(_) | Self::DateTime(_) => Self::Text(self.brief()),
            other => other,
        }
    }

    /// Whether nothing is to be printed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// Whether the value is aligned right in a table.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Integer(_) | Self::Decimal(..) | Self::Percent(..) | Self::Duration(_)
        )
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<Date> for Value {
    fn from(d: Date) -> Self {
        Self::Date(d)
    }
}

impl From<DateTime> for Value {
    fn from(t: DateTime) -> Self {
        Self::DateTime(t)
    }
}

fn date(d: Date) -> String {
    format!("{}年{}月{}日", d.year(), d.month(), d.day())
}

fn decimal(x: f64, places: u8) -> String {
    if !x.is_finite() {
        return "—".to_owned();
    }
    let text = format!("{:.*}", usize::from(places.min(9)), x);
    // A rounded negative zero would print as "-0.0".
    if text
        .trim_start_matches('-')
        .chars()
        .all(|c| c == '0' || c == '.')
    {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// A share in percent. What is not quite all never reads as 100 %: a report must not round an outage away.
fn percent(x: f64, places: u8) -> String {
    let text = decimal(x * 100.0, places);
    if x < 1.0 && text.starts_with("100") {
        let unit = 10_f64.powi(i32::from(places.min(9)));
        return format!("{}%", decimal((x * 100.0 * unit).floor() / unit, places));
    }
    if x.is_finite() {
        format!("{text}%")
    } else {
        text
    }
}

fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// A length of time in words, two units at most: `35秒`, `12分`, `1小时20分`, `3天4小时`.
fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let s = seconds.unsigned_abs();
    let (days, hours, minutes) = (s / 86_400, s % 86_400 / 3_600, s % 3_600 / 60);
    let words = match (days, hours, minutes) {
        (0, 0, 0) => format!("{s}秒"),
        (0, 0, m) if m < 10 && !s.is_multiple_of(60) => format!("{m}分{}秒", s % 60),
        (0, 0, m) => format!("{m}分"),
        (0, h, 0) => format!("{h}小时"),
        (0, h, m) => format!("{h}小时{m}分"),
        (d, 0, _) => format!("{d}天"),
        (d, h, _) => format!("{d}天{h}小时"),
    };
    format!("{sign}{words}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn values_read_as_people_write_them() {
        assert_eq!(
            Value::DateTime(datetime(2026, 11, 22, 14, 30, 0, 0)).brief(),
            "2026-11-22 14:30"
        );
        assert_eq!(
            Value::DateTime(datetime(2026, 11, 22, 14, 30, 0, 0)).text(),
            "2026年11月22日 14:30"
        );
        assert_eq!(Value::Date(date(2026, 1, 2)).text(), "2026年1月2日");
        assert_eq!(Value::Percent(0.99861, 3).text(), "99.861%");
        assert_eq!(Value::Percent(f64::NAN, 3).text(), "—");
        assert_eq!(Value::Percent(0.999_999, 2).text(), "99.99%");
        assert_eq!(Value::Percent(1.0, 2).text(), "100.00%");
        assert_eq!(Value::Decimal(-0.001, 1).text(), "0.0");
        assert_eq!(Value::Integer(-1_234_567).text(), "-1,234,567");
        assert_eq!(Value::Integer(2026).text(), "2026");
        for (seconds, words) in [
            (0, "0秒"),
            (65, "1分5秒"),
            (720, "12分"),
            (4_800, "1小时20分"),
            (7_200, "2小时"),
            (273_600, "3天4小时"),
            (-60, "-1分"),
        ] {
            assert_eq!(Value::Duration(seconds).text(), words);
        }
    }
}
