//! What every definition file has in common: bilingual texts, ordered entries, and reading YAML with errors a person can act on.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

/// Largest definition file that is read, in bytes; the longest of ours is a tenth of it.
pub const MAX_BYTES: usize = 512 * 1024;

/// A text in both languages of the product. Chinese leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The text for a language tag: `en…` is English, everything else Chinese.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &str {
        if tag.starts_with("en") {
            &self.en
        } else {
            &self.zh
        }
    }

    /// Whether a language is missing.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.zh.trim().is_empty() || self.en.trim().is_empty()
    }
}

/// One thing that is wrong with a definition file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line in the file, counted from 1; 0 when it concerns the file as a whole.
    pub line: u64,
    /// Where in the definition, for example `actions.resolve.ask.cause`.
    pub path: String,
    /// What is wrong and, where possible, what would be right.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.path.as_str()) {
            (0, "") => write!(f, "{}", self.reason),
            (0, path) => write!(f, "{path}: {}", self.reason),
            (line, "") => write!(f, "line {line}: {}", self.reason),
            (line, path) => write!(f, "line {line}, {path}: {}", self.reason),
        }
    }
}

/// Everything wrong with one definition file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Reads one YAML document into `T`: unknown keys, duplicate keys, wrong types, aliases and oversize files are refused with their line.
///
/// # Errors
/// One [`Problem`] naming line and reason.
pub fn read_yaml<T: DeserializeOwned>(text: &str) -> Result<T, Problems> {
    let whole = |reason: String| {
        Problems(vec![Problem {
            line: 0,
            path: String::new(),
            reason,
        }])
    };
    if text.len() > MAX_BYTES {
        return Err(whole(format!(
            "the file has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        reject_unsupported_tags: true,
        // Definitions are read by people: what a line says must stand on that line, not behind an alias.
        budget: serde_saphyr::budget! { max_depth: 32, max_nodes: 50_000, max_aliases: 0, max_anchors: 0 },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.without_snippet();
        let line = error.location().map_or(0, |at| at.line());
        let reason = error.to_string();
        Problems(vec![Problem {
            line,
            path: String::new(),
            reason: reason.lines().next().unwrap_or_default().to_owned(),
        }])
    })
}

/// A YAML mapping that keeps the order of the file and the line of every entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<Entry<T>>);

/// One entry of [`Entries`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// The mapping key.
    pub key: String,
    /// Line in the file, from 1.
    pub line: u64,
    /// What stands behind the key.
    pub value: T,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// Whether `key` occurs.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// All entries in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry<T>> {
        self.0.iter()
    }

    /// All keys in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|e| e.key.as_str())
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, T> IntoIterator for &'a Entries<T> {
    type Item = &'a Entry<T>;
    type IntoIter = std::slice::Iter<'a, Entry<T>>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Ordered<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping (key: value)")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    let line = key.referenced.line();
                    entries.push(Entry {
                        key: key.value,
                        line,
                        value: map.next_value()?,
                    });
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Ordered(PhantomData))
    }
}

/// Outside the file entries are a list, each with its `key`, so that no reader can lose their order.
impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a, T> {
            key: &'a str,
            #[serde(flatten)]
            value: &'a T,
        }
        serializer.collect_seq(self.0.iter().map(|e| Row {
            key: &e.key,
            value: &e.value,
        }))
    }
}

/// Whether `key` may name something in a definition: lower-case ASCII, digits and `_`, beginning with a letter, at most 40 characters.
#[must_use]
pub fn is_key(key: &str) -> bool {
    key.len() <= 40
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The known name most like a misspelled one, for "did you mean".
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (distance(wrong, name), name))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein distance; only called to word an error, on keys of at most a few dozen characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (above + 1)
                .min(row[j] + 1)
                .min(diagonal + usize::from(ca != *cb));
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type matters")]
        name: Text,
        things: Entries<Text>,
    }

    #[test]
    fn entries_keep_order_and_lines() {
        let s: Sample = read_yaml(
            "name: {zh: 甲, en: A}\nthings:\n  z: {zh: 一, en: one}\n  1: {zh: 二, en: two}\n",
        )
        .unwrap();
        let seen: Vec<_> = s.things.iter().map(|e| (e.key.as_str(), e.line)).collect();
        assert_eq!(seen, [("z", 3), ("1", 4)]);
        assert_eq!(
            serde_json::to_string(&s.things).unwrap(),
            r#"[{"key":"z","zh":"一","en":"one"},{"key":"1","zh":"二","en":"two"}]"#
        );
    }

    #[test]
    fn refuses_with_line_and_reason() {
        let line_of = |yaml: &str| {
            let p = read_yaml::<Sample>(yaml).unwrap_err();
            (p.0[0].line, p.to_string())
        };
        let (line, text) = line_of(
            "name: {zh: 甲, en: A}\nthings:\n  a: {zh: 一, en: one}\n  a: {zh: 二, en: two}\n",
        );
        assert_eq!(line, 4, "{text}");
        assert!(text.contains("duplicate"), "{text}");
        let (line, text) = line_of("name: {zh: 甲, en: A}\nthing: {}\n");
        assert_eq!(line, 2, "{text}");
        assert!(text.contains("thing"), "{text}");
        let (_, text) = line_of("name: &a {zh: 甲, en: A}\nthings: {x: *a}\n");
        assert!(!text.is_empty());
        assert!(read_yaml::<Sample>(&"#".repeat(MAX_BYTES + 1)).is_err());
        assert!(read_yaml::<Sample>(&"[".repeat(10_000)).is_err());
    }

    #[test]
    fn suggests_the_nearest_name() {
        assert_eq!(
            nearest("asignee", ["assignee", "group"].into_iter()),
            Some("assignee")
        );
        assert_eq!(nearest("whatever", ["assignee", "group"].into_iter()), None);
    }
}
