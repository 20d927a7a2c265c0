//! Texts the server itself writes (errors, mails, documents), in Chinese and English.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    /// English.
    #[serde(rename = "en")]
    En,
}

type Table = HashMap<String, String>;

static ZH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../locales/zh-CN.json")));
static EN: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../locales/en.json")));

fn table(json: &str) -> Table {
    // The files are compiled in and a test reads both: an error here cannot reach a user.
    serde_json::from_str(json).unwrap_or_default()
}

impl Lang {
    /// From an `Accept-Language` header: English when it is asked for before Chinese.
    #[must_use]
    pub fn accept(header: &str) -> Self {
        header
            .split(',')
            .find_map(|part| match part.trim().to_ascii_lowercase() {
                tag if tag.starts_with("zh") => Some(Self::Zh),
                tag if tag.starts_with("en") => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The language stored with a person.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        if code.starts_with("en") {
            Self::En
        } else {
            Self::Zh
        }
    }

    /// How it is stored and sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The text under `key`, with `{name}` replaced by its value; the key itself when it is missing.
    #[must_use]
    pub fn text(self, key: &str, params: &[(&str, String)]) -> String {
        let table = match self {
            Self::Zh => &*ZH,
            Self::En => &*EN,
        };
        let text = table.get(key).map_or(key, String::as_str);
        params.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_texts() {
        let zh: std::collections::BTreeSet<_> = ZH.keys().collect();
        let en: std::collections::BTreeSet<_> = EN.keys().collect();
        assert!(!zh.is_empty());
        assert_eq!(zh, en);
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(
            Lang::Zh.text("field.too_long", &[("max", "10".into())]),
            "不能超过 10 个字符"
        );
        assert_eq!(Lang::accept("fr, en-GB;q=0.8, zh;q=0.5"), Lang::En);
    }
}
