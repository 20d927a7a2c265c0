//! Ticket numbers: how a process's number rule is written, filled in and read back. Numbers are never used twice.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most digits of a running number.
const MAX_DIGITS: usize = 12;

/// A number rule such as `INC-{year}-{seq:6}` or `联系单-{year}-{seq:3}`.
///
/// The running number starts again whenever the part before it changes, so the server keeps one counter per [`NumberRule::series`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRule {
    before: Vec<Part>,
    digits: usize,
    after: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
    Month,
}

/// Why a number rule was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumberError {
    /// There must be exactly one running number, and nothing but text behind it.
    #[error(
        "a number rule needs exactly one {{seq:n}}, with {{year}} and {{month}} only before it"
    )]
    Sequence,
    /// Something in braces is not known.
    #[error(
        "unknown placeholder {{{0}}}; known are {{year}}, {{month}} and {{seq:n}} with n from 1 to {MAX_DIGITS}"
    )]
    Placeholder(String),
    /// A number must be short and printable, and hold no spaces.
    #[error("a number rule may have at most 60 characters, without spaces and control characters")]
    Text,
}

/// A number taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// Which counter it came from.
    pub series: String,
    /// Its place in the series.
    pub seq: u64,
}

impl NumberRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`NumberError`] says what is wrong with it.
    pub fn parse(rule: &str) -> Result<Self, NumberError> {
        if rule.chars().count() > 60 || rule.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NumberError::Text);
        }
        let (mut before, mut text, mut digits) = (Vec::new(), String::new(), None);
        let mut rest = rule;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}').map(|at| open + at) else {
                return Err(NumberError::Placeholder(rest[open + 1..].to_owned()));
            };
            text.push_str(&rest[..open]);
            let name = &rest[open + 1..close];
            rest = &rest[close + 1..];
            if digits.is_some() {
                return Err(NumberError::Sequence);
            }
            if !text.is_empty() {
                before.push(Part::Text(std::mem::take(&mut text)));
            }
            match name.strip_prefix("seq:").map(str::parse::<usize>) {
                Some(Ok(n)) if (1..=MAX_DIGITS).contains(&n) => digits = Some(n),
                None if name == "year" => before.push(Part::Year),
                None if name == "month" => before.push(Part::Month),
                _ => return Err(NumberError::Placeholder(name.to_owned())),
            }
        }
        Ok(Self {
            before,
            digits: digits.ok_or(NumberError::Sequence)?,
            after: rest.to_owned(),
        })
    }

    /// The part before the running number, at a date in the project's time zone. Each series has its own counter.
    #[must_use]
    pub fn series(&self, date: jiff::civil::Date) -> String {
        let mut out = String::new();
        for part in &self.before {
            // Writing to a String cannot fail.
            let _ = match part {
                Part::Text(t) => write!(out, "{t}"),
                Part::Year => write!(out, "{:04}", date.year()),
                Part::Month => write!(out, "{:02}", date.month()),
            };
        }
        out
    }

    /// The number: more digits than the rule asks for are kept, never cut.
    #[must_use]
    pub fn format(&self, series: &str, seq: u64) -> String {
        format!("{series}{seq:0width$}{}", self.after, width = self.digits)
    }

    /// Takes a number of this rule apart; `None` when it is not one.
    #[must_use]
    pub fn read(&self, number: &str) -> Option<Number> {
        let body = number.strip_suffix(self.after.as_str())?;
        let mut rest = body;
        for part in &self.before {
            let width = match part {
                Part::Text(t) => rest.starts_with(t.as_str()).then_some(t.len()),
                Part::Year => Some(4).filter(|w| all_digits(rest, *w)),
                Part::Month => Some(2).filter(|w| all_digits(rest, *w)),
            }?;
            rest = &rest[width..];
        }
        let series = body[..body.len() - rest.len()].to_owned();
        let enough = rest.len() >= self.digits && rest.bytes().all(|b| b.is_ascii_digit());
        let padded = rest.len() > self.digits && rest.starts_with('0');
        (enough && !padded)
            .then(|| rest.parse().ok())
            .flatten()
            .map(|seq| Number { series, seq })
    }
}

fn all_digits(text: &str, width: usize) -> bool {
    text.len() >= width && text.as_bytes()[..width].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn numbers_look_like_the_field_writes_them() {
        let rule = NumberRule::parse("INC-{year}-{seq:6}").unwrap();
        let series = rule.series(date(2026, 11, 22));
        assert_eq!(rule.format(&series, 123), "INC-2026-000123");
        assert_eq!(
            rule.read("INC-2026-000123"),
            Some(Number {
                series: "INC-2026-".into(),
                seq: 123
            })
        );
        assert_eq!(rule.format(&series, 12_345_678), "INC-2026-12345678");
        let rule = NumberRule::parse("巡检〔{year}〕{seq:3}号").unwrap();
        assert_eq!(
            rule.format(&rule.series(date(2026, 1, 2)), 12),
            "巡检〔2026〕012号"
        );
        assert_eq!(rule.read("巡检〔2026〕012号").map(|n| n.seq), Some(12));
        for wrong in [
            "INC-2026-0000123",
            "INC-2026-123",
            "INC-2026-abcdef",
            "inc-2026-000123",
            "",
            "INC-",
        ] {
            assert_eq!(
                NumberRule::parse("INC-{year}-{seq:6}").unwrap().read(wrong),
                None,
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_wrong_rule_says_what_is_wrong() {
        assert_eq!(NumberRule::parse("INC"), Err(NumberError::Sequence));
        assert_eq!(
            NumberRule::parse("{seq:3}{seq:3}"),
            Err(NumberError::Sequence)
        );
        assert_eq!(
            NumberRule::parse("{seq:3}-{year}"),
            Err(NumberError::Sequence)
        );
        assert_eq!(
            NumberRule::parse("{seq}"),
            Err(NumberError::Placeholder("seq".into()))
        );
        assert_eq!(
            NumberRule::parse("{seq:99}"),
            Err(NumberError::Placeholder("seq:99".into()))
        );
        assert_eq!(
            NumberRule::parse("{jahr}-{seq:3}"),
            Err(NumberError::Placeholder("jahr".into()))
        );
        assert_eq!(NumberRule::parse("a {seq:3}"), Err(NumberError::Text));
        assert!(NumberRule::parse("x{seq:3").is_err());
        assert!(NumberRule::parse("}{seq:3}").is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(seq in 0u64..1_000_000_000, year in 1970i16..2100, month in 1i8..=12, digits in 1usize..9) {
            let rule = NumberRule::parse(&format!("事件{{year}}{{month}}-{{seq:{digits}}}号")).unwrap();
            let series = rule.series(date(year, month, 1));
            prop_assert_eq!(rule.read(&rule.format(&series, seq)), Some(Number { series, seq }));
        }
        #[test]
        fn no_text_crashes_rule_or_reader(rule in "\\PC{0,70}", number in "\\PC{0,40}") {
            let _ = NumberRule::parse(&rule).map(|r| r.read(&number));
            let _ = NumberRule::parse("INC-{year}-{seq:6}").unwrap().read(&number);
        }
    }
}
