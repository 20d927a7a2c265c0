//! What a text says that the one before did not, line by line.

use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It stands in both.
    Same,
    /// Only in the earlier text.
    Removed,
    /// Only in the later text.
    Added,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What became of it.
    pub mark: Mark,
    /// Its text, without the line end.
    pub text: String,
}

/// Compares two texts; nothing when they say the same.
#[must_use]
pub fn compare(before: &str, after: &str) -> Vec<Line> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    if before == after {
        return Vec::new();
    }
    let diff = TextDiff::from_slices(&before, &after);
    let line = |change: similar::Change<&str>| Line {
        mark: match change.tag() {
            ChangeTag::Equal => Mark::Same,
            ChangeTag::Delete => Mark::Removed,
            ChangeTag::Insert => Mark::Added,
        },
        text: change.value().to_owned(),
    };
    diff.iter_all_changes().map(line).collect()
}
