//! What serde says of a value that does not fit, in the product's own words.

use crate::platform::error::FieldError;
use crate::platform::i18n::Lang;

/// Reads serde's message apart: which field at or below `path`, and which of the few reasons.
pub fn mismatch(path: &str, message: &str) -> FieldError {
    let path = path.trim_end_matches('.');
    let named = message.split('`').nth(1).unwrap_or_default();
    let below = match path {
        "" => named.to_owned(),
        // serde_path_to_error already ends an unknown field's path with its name.
        _ if path == named || path.ends_with(&format!(".{named}")) => path.to_owned(),
        _ => format!("{path}.{named}"),
    };
    let here = if path.is_empty() { "body" } else { path };
    if message.starts_with("invalid type: null") && !path.is_empty() {
        FieldError::new(path, "required")
    } else if message.starts_with("missing field") {
        FieldError::new(below, "required")
    } else if message.starts_with("unknown field") {
        FieldError::new(below, "unknown")
    } else if message.starts_with("duplicate field") {
        FieldError::new(below, "twice")
    } else if message.starts_with("unknown variant") {
        FieldError::new(here, "one_of").with("options", options(message))
    } else {
        wrong_type(here, message)
    }
}

fn wrong_type(field: &str, message: &str) -> FieldError {
    let error = FieldError::new(field, "wrong_type");
    match in_words(message) {
        Some((zh, en)) => error.text(zh, en),
        None => error,
    }
}

/// What a value should have been, in Chinese and English; nothing when serde's message does not show
/// it, or is none of serde's.
pub fn in_words(message: &str) -> Option<(String, String)> {
    let (key, params) = if message.starts_with("unknown variant") {
        (
            "field.one_of".to_owned(),
            vec![("options", options(message))],
        )
    } else {
        (format!("field.wrong_type.{}", wanted(message)?), Vec::new())
    };
    Some((Lang::Zh.text(&key, &params), Lang::En.text(&key, &params)))
}

/// The words that are allowed: serde puts each between backquotes.
fn options(message: &str) -> String {
    let words: Vec<&str> = expected(message).split('`').skip(1).step_by(2).collect();
    words.join(", ")
}

/// What was expected, without where.
fn expected(message: &str) -> &str {
    let message = message.split(" at line ").next().unwrap_or(message);
    message.rsplit("expected ").next().unwrap_or(message)
}

/// The kind of value that was wanted; nothing when the message does not show it.
fn wanted(message: &str) -> Option<&'static str> {
    if message.starts_with("invalid value: integer") {
        return Some("range");
    }
    Some(match expected(message) {
        "a string" | "a borrowed string" | "string" => "text",
        "i8"
        | "i16"
        | "i32"
        | "i64"
        | "u8"
        | "u16"
        | "u32"
        | "u64"
        | "usize"
        | "invalid digit found in string"
        | "cannot parse integer from empty string" => "integer",
        "f32" | "f64" | "invalid float literal" => "number",
        "a boolean" | "provided string was not `true` or `false`" => "yes_or_no",
        "a sequence" => "list",
        "a map" => "object",
        "a formatted UUID string" => "id",
        "a date such as 2026-11-22" => "date",
        "an RFC 3339 instant such as 2026-11-22T06:30:00Z" => "instant",
        text if text.starts_with("struct ") => "object",
        text if text.starts_with("UUID parsing failed") => "id",
        text if text.starts_with("number too ") => "range",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// The code of a value that is no `T`, and what it says in Chinese and English.
    fn refused<T: DeserializeOwned>(value: Value) -> (String, String, String) {
        let error = serde_json::from_value::<T>(value)
            .err()
            .expect("it does not fit");
        let error = mismatch("a.b", &error.to_string());
        assert_eq!(error.field, "a.b");
        let (zh, en) = error.text.unwrap_or_default();
        (error.code, zh, en)
    }

    fn asks<T: DeserializeOwned>(value: Value, zh: &str) {
        let (code, said, en) = refused::<T>(value);
        assert_eq!((&*code, &*said), ("wrong_type", zh));
        assert!(en.is_ascii() && !en.starts_with("field."), "{en}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_told_what_it_should_be() {
        asks::<String>(json!(7), "应为文本");
        asks::<u8>(json!("7"), "应为整数");
        asks::<u8>(json!(1.5), "应为整数");
        asks::<u8>(json!(300), "数值超出允许范围");
        asks::<u8>(json!(-1), "数值超出允许范围");
        asks::<f64>(json!("x, expected y"), "应为数字");
        asks::<bool>(json!("yes"), "应为 true 或 false");
        asks::<Vec<u8>>(json!({}), "应为列表");
        asks::<BTreeMap<String, u8>>(json!([]), "应为对象");
        asks::<Uuid>(json!(7), "应为编号（UUID）");
        asks::<Uuid>(json!("x"), "应为编号（UUID）");
        asks::<Day>(json!("2026-02-30"), "应为日期，例如 2026-11-22");
        asks::<At>(json!("noon"), "应为时间，例如 2026-11-22T06:30:00Z");
        let (code, zh, _) = refused::<()>(json!(7));
        assert_eq!((&*code, &*zh), ("wrong_type", ""), "the plain text is left");
    }

    #[test]
    fn numbers_in_an_address_are_told_the_same() {
        let wrong = |text: &str| wanted(&text.parse::<i32>().unwrap_err().to_string());
        assert_eq!(wrong("x"), Some("integer"));
        assert_eq!(wrong(""), Some("integer"));
        assert_eq!(wrong("99999999999"), Some("range"));
        let wrong = "x".parse::<bool>().unwrap_err().to_string();
        assert_eq!(wanted(&wrong), Some("yes_or_no"));
    }

    #[test]
    fn a_word_that_is_none_of_the_choices_is_told_them() {
        let error = mismatch("level", "unknown variant `a`b`, expected `low` or `high`");
        assert_eq!(
            error,
            FieldError::new("level", "one_of").with("options", "low, high")
        );
        let error = mismatch(
            "",
            "unknown variant `x`, expected one of `a`, `b`, `c` at line 1 column 3",
        );
        assert_eq!(
            error,
            FieldError::new("body", "one_of").with("options", "a, b, c")
        );
    }
}
