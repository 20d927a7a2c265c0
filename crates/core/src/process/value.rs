//! Checks one value for one field: type, length, options, time. What passes is normalised, so that equal values are equal texts.

use jiff::{SignedDuration, Timestamp, civil};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::file::{Field, Kind, OptionSource, When};
use super::model::Level;
use crate::definition::Text;

/// Most characters of a text field that sets no `max`.
pub const TEXT_MAX: u32 = 200;
/// Most characters of a long text that sets no `max`.
pub const LONG_TEXT_MAX: u32 = 20_000;
/// Clocks of phones and servers differ; this much of "future" is still now.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(2);
/// Instants and dates further away than this are typing errors.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 20);

/// One thing wrong with one entered field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Key of the field, or `note` or `happened_at`.
    pub field: String,
    /// Stable code: `required`, `unknown_field`, `not_asked`, `computed`, `type`, `too_long`, `characters`, `option`, `range`, `past`, `future`.
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
}

impl FieldError {
    /// An error on `field`.
    pub fn new(
        field: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            field: field.to_owned(),
            code,
            message: Text::new(zh, en),
        }
    }
}

/// What the check of a value depends on besides the field.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Now.
    pub now: Timestamp,
    /// Fault levels of the project's agreement.
    pub levels: &'a [Level],
}

/// Checks `value` for `field` and normalises it. `Null` and empty texts become `Null`: the field is emptied.
///
/// # Errors
/// What is wrong with it.
pub fn check(
    key: &str,
    field: &Field,
    value: &Value,
    on: Circumstances,
) -> Result<Value, FieldError> {
    let wrong_type = |zh: &str, en: &str| {
        FieldError::new(
            key,
            "type",
            format!("“{}”应为{zh}", field.name.zh),
            format!("{} must be {en}", field.name.en),
        )
    };
    let text = || value.as_str().ok_or_else(|| wrong_type("文字", "a text"));
    if value.is_null() || value.as_str().is_some_and(|s| s.trim().is_empty()) {
        return Ok(Value::Null);
    }
    match field.kind {
        Kind::Text | Kind::Ci => {
            line(key, &field.name, text()?, field.max.unwrap_or(TEXT_MAX)).map(Value::from)
        }
        Kind::LongText => long_text(
            key,
            &field.name,
            text()?,
            field.max.unwrap_or(LONG_TEXT_MAX),
        )
        .map(Value::from),
        Kind::Choice | Kind::Scale => option(key, field, value, on),
        Kind::Bool => value
            .is_boolean()
            .then(|| value.clone())
            .ok_or_else(|| wrong_type("是或否", "true or false")),
        Kind::Integer => integer(
            key,
            field,
            value
                .as_i64()
                .ok_or_else(|| wrong_type("整数", "a whole number"))?,
        ),
        Kind::Instant => {
            let at = text()?.parse::<Timestamp>().map_err(|_| {
                wrong_type(
                    "带时区的时间，例如 2026-11-22T14:30:00+08:00",
                    "a time with its offset, RFC 3339",
                )
            })?;
            instant(key, field, at, on.now)
        }
        Kind::Date => {
            let day = text()?
                .parse::<civil::Date>()
                .map_err(|_| wrong_type("日期，例如 2026-11-22", "a date like 2026-11-22"))?;
            let (from, to) = (1970, 2100);
            if (from..=to).contains(&day.year()) {
                Ok(day.to_string().into())
            } else {
                Err(wrong_type(
                    "1970 至 2100 年间的日期",
                    "a date between 1970 and 2100",
                ))
            }
        }
        Kind::Phone => {
            let number = line(key, &field.name, text()?, 40)?;
            let digits = number.chars().filter(char::is_ascii_digit).count();
            let plain = number
                .chars()
                .all(|c| c.is_ascii_digit() || "+-() 转,;/#*x".contains(c));
            if plain && digits >= 3 {
                Ok(number.into())
            } else {
                Err(wrong_type("电话号码", "a telephone number"))
            }
        }
        Kind::Email => {
            let mail = line(key, &field.name, text()?, 254)?;
            let parts = mail.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && host.contains('.')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
                    && !host.contains('@')
            });
            if parts && !mail.contains(char::is_whitespace) {
                Ok(mail.into())
            } else {
                Err(wrong_type("邮箱地址", "a mail address"))
            }
        }
        Kind::User | Kind::Group | Kind::Unit | Kind::Contact | Kind::Ticket => {
            let id =
                Uuid::parse_str(text()?).map_err(|_| wrong_type("编号（UUID）", "an id (UUID)"))?;
            Ok(id.to_string().into())
        }
    }
}

/// Checks a text of one line.
///
/// # Errors
/// When it is too long or holds control characters or a line break.
pub fn line(key: &str, name: &Text, text: &str, max: u32) -> Result<String, FieldError> {
    characters(key, name, text, &[])?;
    length(key, name, text.trim(), max)
}

/// Checks a text of several lines; `\r\n` becomes `\n`.
///
/// # Errors
/// When it is too long or holds control characters.
pub fn long_text(key: &str, name: &Text, text: &str, max: u32) -> Result<String, FieldError> {
    let text = text.replace("\r\n", "\n");
    characters(key, name, &text, &['\n', '\t'])?;
    length(key, name, text.trim(), max)
}

fn length(key: &str, name: &Text, text: &str, max: u32) -> Result<String, FieldError> {
    let count = text.chars().count();
    if count <= max as usize {
        return Ok(text.to_owned());
    }
    let zh = format!("“{}”有 {count} 个字，最多 {max} 个", name.zh);
    Err(FieldError::new(
        key,
        "too_long",
        zh,
        format!(
            "{} has {count} characters; at most {max} are allowed",
            name.en
        ),
    ))
}

/// Control characters break logs and documents; direction overrides make a text read as something else than it is.
fn characters(key: &str, name: &Text, text: &str, allowed: &[char]) -> Result<(), FieldError> {
    let bad = |c: char| {
        (c.is_control() && !allowed.contains(&c))
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}')
    };
    match text.chars().find(|c| bad(*c)) {
        None => Ok(()),
        Some(c) => {
            let code = format!("U+{:04X}", u32::from(c));
            let zh = format!("“{}”含有不允许的控制字符 {code}", name.zh);
            Err(FieldError::new(
                key,
                "characters",
                zh,
                format!("{} contains the control character {code}", name.en),
            ))
        }
    }
}

fn option(key: &str, field: &Field, value: &Value, on: Circumstances) -> Result<Value, FieldError> {
    let chosen = match (field.kind, value) {
        (Kind::Scale, Value::Number(n)) => n.as_i64().map(|n| n.to_string()),
        (Kind::Choice, Value::String(s)) => Some(s.clone()),
        _ => None,
    };
    let known = |chosen: &String| match field.options_from {
        Some(OptionSource::AgreementLevels) => on.levels.iter().any(|l| l.key == *chosen),
        None => field.options.has(chosen),
    };
    if chosen.as_ref().is_some_and(known) {
        return Ok(value.clone());
    }
    let names: Vec<&str> = match field.options_from {
        Some(OptionSource::AgreementLevels) => on.levels.iter().map(|l| l.key.as_str()).collect(),
        None => field.options.keys().collect(),
    };
    let (zh, en) = if names.is_empty() {
        (
            format!("“{}”目前没有可选项：请先为项目选定服务协议", field.name.zh),
            format!(
                "{} has no options yet: choose the project's agreement first",
                field.name.en
            ),
        )
    } else {
        let names = names.join("、");
        (
            format!("“{}”只能是：{names}", field.name.zh),
            format!("{} must be one of: {names}", field.name.en),
        )
    };
    Err(FieldError::new(key, "option", zh, en))
}

fn integer(key: &str, field: &Field, n: i64) -> Result<Value, FieldError> {
    let (low, high) = field.range.unwrap_or((0, i64::from(i32::MAX)));
    if (low..=high).contains(&n) {
        return Ok(n.into());
    }
    let zh = format!("“{}”应在 {low} 至 {high} 之间", field.name.zh);
    Err(FieldError::new(
        key,
        "range",
        zh,
        format!("{} must lie between {low} and {high}", field.name.en),
    ))
}

fn instant(key: &str, field: &Field, at: Timestamp, now: Timestamp) -> Result<Value, FieldError> {
    let ahead = at.duration_since(now);
    if ahead.abs() > FARTHEST {
        let zh = format!("“{}”的年份不对：{at}", field.name.zh);
        return Err(FieldError::new(
            key,
            "range",
            zh,
            format!("{} is out of range: {at}", field.name.en),
        ));
    }
    match field.when {
        Some(When::Past) if ahead > CLOCK_TOLERANCE => {
            let zh = format!("“{}”不能晚于现在", field.name.zh);
            Err(FieldError::new(
                key,
                "future",
                zh,
                format!("{} must not be later than now", field.name.en),
            ))
        }
        Some(When::Future) if ahead < -CLOCK_TOLERANCE => {
            let zh = format!("“{}”必须晚于现在", field.name.zh);
            Err(FieldError::new(
                key,
                "past",
                zh,
                format!("{} must be later than now", field.name.en),
            ))
        }
        _ => Ok(at.to_string().into()),
    }
}
