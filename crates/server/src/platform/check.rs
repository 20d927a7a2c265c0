//! Checks of what a caller sends. Every wrong field is named, not only the first.

use std::ops::RangeInclusive;

use super::error::{Error, FieldError, Result};

/// Collects wrong fields while the good ones are tidied.
#[derive(Debug, Default)]
pub struct Check(Vec<FieldError>);

impl Check {
    /// One line of text, trimmed, with as many characters as `length` says. A minimum above 0 makes it required.
    pub fn line(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) -> String {
        self.text(field, text, length, |c| c.is_control())
    }

    /// Text of several lines, trimmed.
    pub fn lines(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) -> String {
        self.text(field, text, length, |c| {
            c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        })
    }

    fn text(
        &mut self,
        field: &str,
        text: &str,
        length: RangeInclusive<usize>,
        bad: impl Fn(char) -> bool,
    ) -> String {
        let text = text.trim();
        let count = text.chars().count();
        if count == 0 && *length.start() > 0 {
            self.push(FieldError::new(field, "required"));
        } else if count < *length.start() {
            self.push(FieldError::new(field, "too_short").with("min", length.start()));
        } else if count > *length.end() {
            self.push(FieldError::new(field, "too_long").with("max", length.end()));
        } else if text.chars().any(|c| bad(c) || turns(c)) {
            self.push(FieldError::new(field, "bad_characters"));
        }
        text.to_owned()
    }

    /// A short key that people type and read aloud: letters of any script, digits, `.`, `-`, `_`.
    pub fn code(&mut self, field: &str, text: &str, longest: usize) -> String {
        let code = self.line(field, text, 1..=longest);
        if code
            .chars()
            .any(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_'))
        {
            self.push(FieldError::new(field, "bad_code"));
        }
        code
    }

    /// A mail address, or nothing. What it must be able to do is receive mail; this only refuses what cannot.
    pub fn email(&mut self, field: &str, text: &str) -> String {
        let email = self.line(field, text, 0..=254);
        let good = email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains(|c: char| c != '.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !email.contains([' ', '<', '>', ',', ';', '"'])
                && !domain.contains('@')
        });
        if !email.is_empty() && !good {
            self.push(FieldError::new(field, "bad_email"));
        }
        email
    }

    /// A telephone number as people write it, or nothing.
    pub fn phone(&mut self, field: &str, text: &str) -> String {
        let phone = self.line(field, text, 0..=40);
        let allowed = |c: char| {
            c.is_ascii_digit()
                || matches!(c, '+' | '-' | ' ' | '(' | ')' | '（' | '）' | '#' | '转')
        };
        if !phone.is_empty()
            && (!phone.chars().all(allowed) || !phone.contains(|c: char| c.is_ascii_digit()))
        {
            self.push(FieldError::new(field, "bad_phone"));
        }
        phone
    }

    /// Notes the field as wrong unless `good`.
    pub fn ensure(&mut self, good: bool, field: &str, code: &str) {
        if !good {
            self.push(FieldError::new(field, code));
        }
    }

    /// Notes a wrong field.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Ends the check.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

/// Characters that turn the direction of what follows: with them a name can pretend to be another.
const fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(check: impl FnOnce(&mut Check)) -> Vec<String> {
        let mut collected = Check::default();
        check(&mut collected);
        collected.0.into_iter().map(|error| error.code).collect()
    }

    #[test]
    fn text_is_trimmed_and_measured_in_characters() {
        let mut check = Check::default();
        assert_eq!(check.line("name", "  市税务局 ", 1..=4), "市税务局");
        assert!(check.finish().is_ok());
        assert_eq!(codes(|c| drop(c.line("name", " ", 1..=4))), ["required"]);
        assert_eq!(
            codes(|c| drop(c.line("name", "一二三四五", 1..=4))),
            ["too_long"]
        );
        assert_eq!(
            codes(|c| drop(c.line("name", "a\0b", 1..=4))),
            ["bad_characters"]
        );
        assert_eq!(
            codes(|c| drop(c.line("name", "a\nb", 1..=4))),
            ["bad_characters"]
        );
        assert!(codes(|c| drop(c.lines("note", "a\nb", 1..=4))).is_empty());
        assert_eq!(
            codes(|c| drop(c.line("name", "a\u{202E}b", 1..=4))),
            ["bad_characters"]
        );
    }

    #[test]
    fn addresses_and_numbers_that_cannot_work_are_refused() {
        for good in ["", "a@b", "zhang.wei@example.gov.cn", "张@例子.中国"] {
            assert!(codes(|c| drop(c.email("email", good))).is_empty(), "{good}");
        }
        for bad in ["a", "@b", "a@", "a@.b", "a b@c", "a@b@c", "<a@b>"] {
            assert_eq!(
                codes(|c| drop(c.email("email", bad))),
                ["bad_email"],
                "{bad}"
            );
        }
        for good in [
            "",
            "110",
            "+86 571-8888 1234",
            "0571-88881234转801",
            "（0571）88881234",
        ] {
            assert!(codes(|c| drop(c.phone("phone", good))).is_empty(), "{good}");
        }
        for bad in ["call me", "-", "138<script>"] {
            assert_eq!(
                codes(|c| drop(c.phone("phone", bad))),
                ["bad_phone"],
                "{bad}"
            );
        }
        assert_eq!(codes(|c| drop(c.code("code", "a b", 20))), ["bad_code"]);
        assert!(codes(|c| drop(c.code("code", "税务-2026_1", 20))).is_empty());
    }
}
