//! For which tickets a fault level or class of request is proposed.
//!
//! A proposal says priorities, kinds of ticket, or both. Of the levels that fit, the one that names
//! the ticket most closely is proposed: its category says more than its type, its type more than a
//! priority alone; of equals the first, which is the most serious.

use serde::{Deserialize, Serialize};

/// A kind of ticket; every condition that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Ticket types, any of them; none given fits every type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Categories, any of them; none given fits every category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

/// What a level is proposed for; for nothing when both are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proposal {
    /// Priorities, 1 to 5; none given fits every priority.
    #[serde(default)]
    pub priorities: Vec<u8>,
    /// Kinds of ticket, any of them; none given fits every kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
}

/// What of a ticket decides about its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subject<'a> {
    /// Its type.
    pub kind: Option<&'a str>,
    /// Its category.
    pub category: Option<&'a str>,
    /// Its priority, 1 is the highest.
    pub priority: Option<u8>,
}

impl Kind {
    /// How closely it names the ticket; nothing when it does not fit.
    fn closeness(&self, subject: Subject) -> Option<u8> {
        let fits = |wanted: &[String], is: Option<&str>| {
            wanted.is_empty() || is.is_some_and(|is| wanted.iter().any(|want| want == is))
        };
        let all = fits(&self.types, subject.kind) && fits(&self.categories, subject.category);
        all.then(|| u8::from(!self.types.is_empty()) + 2 * u8::from(!self.categories.is_empty()))
    }
}

impl Proposal {
    /// How closely it names the ticket; nothing when it does not fit.
    fn closeness(&self, subject: Subject) -> Option<u8> {
        let urgent = |priority| self.priorities.contains(&priority);
        if !self.priorities.is_empty() && !subject.priority.is_some_and(urgent) {
            return None;
        }
        if self.kinds.is_empty() {
            return (!self.priorities.is_empty()).then_some(0);
        }
        let close = self.kinds.iter().filter_map(|kind| kind.closeness(subject));
        close.max()
    }
}

/// The level to propose for a ticket, of those given in their order.
#[must_use]
pub fn proposed<'a, L>(
    levels: &'a [L],
    of: impl Fn(&'a L) -> &'a Proposal,
    subject: Subject,
) -> Option<&'a L> {
    // The last of equals wins, so the first is looked at last.
    let fitting = levels.iter().rev().filter_map(|level| {
        let closeness = of(level).closeness(subject)?;
        Some((closeness, level))
    });
    let closest = fitting.max_by_key(|(closeness, _)| *closeness);
    closest.map(|(_, level)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(types: &[&str], categories: &[&str]) -> Kind {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Kind {
            types: texts(types),
            categories: texts(categories),
        }
    }

    fn levels() -> Vec<(&'static str, Proposal)> {
        let by = |priorities: &[u8], kinds: &[Kind]| Proposal {
            priorities: priorities.to_vec(),
            kinds: kinds.to_vec(),
        };
        vec![
            ("major", by(&[1, 2], &[])),
            ("general", by(&[3, 4, 5], &[])),
            (
                "operation",
                by(&[], &[kind(&["consult"], &[]), kind(&[], &["operation"])]),
            ),
            ("data", by(&[], &[kind(&[], &["data"])])),
            ("query", by(&[], &[kind(&["request"], &["data"])])),
            ("urgent account", by(&[1], &[kind(&[], &["account"])])),
            ("never", by(&[], &[])),
        ]
    }

    #[test]
    fn r034_the_level_that_names_the_ticket_most_closely_is_proposed() {
        let levels = levels();
        for (kind, category, priority, want) in [
            ("fault", None, Some(2), Some("major")),
            ("fault", Some("website"), Some(3), Some("general")),
            ("fault", Some("website"), None, None),
            ("consult", Some("website"), Some(1), Some("operation")),
            ("consult", None, None, Some("operation")),
            ("fault", Some("operation"), Some(1), Some("operation")),
            ("consult", Some("data"), Some(3), Some("data")),
            ("fault", Some("data"), Some(3), Some("data")),
            ("request", Some("data"), Some(3), Some("query")),
            ("fault", Some("account"), Some(1), Some("urgent account")),
            ("fault", Some("account"), Some(2), Some("major")),
        ] {
            let subject = Subject {
                kind: Some(kind),
                category,
                priority,
            };
            let found = proposed(&levels, |(_, proposal)| proposal, subject);
            assert_eq!(found.map(|(name, _)| *name), want, "{subject:?}");
        }
    }

    #[test]
    fn of_equals_the_first_is_proposed() {
        let any = Proposal {
            priorities: vec![3],
            kinds: Vec::new(),
        };
        let levels = [("first", any.clone()), ("second", any)];
        let subject = Subject {
            priority: Some(3),
            ..Subject::default()
        };
        let found = proposed(&levels, |(_, proposal)| proposal, subject);
        assert_eq!(found.map(|(name, _)| *name), Some("first"));
    }
}
