//! Inside the server: a feature reaches another only through what its `mod.rs` exports, never
//! writes another's tables, and the platform knows no feature at all.

use super::Finding;
use super::files::File;
use super::paths;
use super::tokens::{Placed, Token, scan};
use std::collections::{BTreeMap, BTreeSet};

const SOURCES: &str = "crates/server/src/";
/// What an entity is written through.
const WRITES: &[&str] = &[
    "insert",
    "insert_many",
    "update",
    "update_many",
    "delete",
    "delete_many",
    "delete_by_id",
];

/// The one feature that fills the tables of others: a demonstration needs a past, which no function
/// that works in the present could give it.
const FILLS_ALL: &str = "demo";

/// Breaches in the server's sources, each named once in a file.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let sources: Vec<(&File, &str)> = tree
        .iter()
        .filter(|file| file.ending() == "rs")
        .filter_map(|file| Some((file, file.path.strip_prefix(SOURCES)?)))
        .collect();
    let features = features(&sources);
    let mut findings = Vec::new();
    for (file, path) in sources {
        let module = paths::module_of(path);
        let place = match module.first().map(String::as_str) {
            Some("platform") => Place::Platform,
            Some("features") => match module.get(1) {
                Some(feature) => Place::Feature(feature),
                None => continue,
            },
            _ => continue,
        };
        let mut said = BTreeSet::new();
        for named in paths::of_source(&file.text, &module) {
            let breach = breach(&place, &named.segments, &features);
            if let Some(text) = breach.filter(|text| said.insert(text.clone())) {
                findings.push(Finding::new(&file.path, named.line, text));
            }
        }
    }
    findings
}

enum Place<'a> {
    Platform,
    Feature(&'a str),
}

/// The modules in a feature's folder, and which of them its `mod.rs` exports.
#[derive(Default)]
struct Feature {
    modules: BTreeSet<String>,
    exported: BTreeSet<String>,
}

fn breach(
    place: &Place<'_>,
    named: &[String],
    features: &BTreeMap<String, Feature>,
) -> Option<String> {
    let (first, rest) = named.split_first()?;
    if first != "features" {
        return None;
    }
    let own = match place {
        Place::Platform => {
            let shown = named.get(..2).unwrap_or(named).join("::");
            return Some(format!(
                "`{shown}`: platform names no feature; app.rs joins them"
            ));
        }
        Place::Feature(own) => *own,
    };
    let (other, inner) = (rest.first()?, rest.get(1)?);
    if other == own {
        return None;
    }
    let feature = features.get(other)?;
    let shown = format!("{other}::{inner}");
    if inner == "api" && feature.modules.contains(inner) {
        return Some(format!(
            "`{shown}`: the api of a feature is for HTTP; call a function that {other}/mod.rs exports"
        ));
    }
    if feature.modules.contains(inner) && !feature.exported.contains(inner) {
        return Some(format!(
            "`{shown}`: goes past the door; use what features/{other}/mod.rs exports"
        ));
    }
    if own == FILLS_ALL {
        return None;
    }
    let write = rest.windows(2).find_map(|pair| {
        let through_entity = pair[0] == "Entity" && WRITES.contains(&pair[1].as_str());
        (pair[1] == "ActiveModel" || through_entity).then(|| pair.join("::"))
    });
    write.map(|write| {
        format!("`{shown}…{write}`: only {other} writes its tables; call a function of it")
    })
}

fn features(sources: &[(&File, &str)]) -> BTreeMap<String, Feature> {
    let mut features: BTreeMap<String, Feature> = BTreeMap::new();
    for (file, path) in sources {
        let Some((name, rest)) = path
            .strip_prefix("features/")
            .and_then(|inside| inside.split_once('/'))
        else {
            continue;
        };
        let feature = features.entry(name.to_owned()).or_default();
        if rest == "mod.rs" {
            feature.exported = exported_modules(&scan(&file.text));
        } else if let Some(module) = rest.split('/').next() {
            let module = module.trim_end_matches(".rs");
            feature.modules.insert(module.to_owned());
        }
    }
    features
}

/// The names in `pub mod name` and `pub(…) mod name`.
fn exported_modules(tokens: &[Placed]) -> BTreeSet<String> {
    let word = |at: usize| match tokens.get(at) {
        Some((Token::Word(word), _)) => Some(word.as_str()),
        _ => None,
    };
    let mark = |at: usize| match tokens.get(at) {
        Some((Token::Mark(mark), _)) => Some(*mark),
        _ => None,
    };
    (0..tokens.len())
        .filter(|at| word(*at) == Some("pub"))
        .map(|at| {
            if mark(at + 1) == Some('(') {
                at + 4
            } else {
                at + 1
            }
        })
        .filter(|at| word(*at) == Some("mod"))
        .filter_map(|at| word(at + 1).map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Vec<File> {
        let mut all = vec![
            (
                "features/tickets/mod.rs",
                "mod rules;\npub mod api;\npub mod rows;\npub(crate) mod dto;\npub use rules::act;\n",
            ),
            ("features/tickets/api.rs", ""),
            ("features/tickets/dto.rs", ""),
            ("features/tickets/rows.rs", ""),
            ("features/tickets/rules.rs", ""),
        ];
        all.extend(files);
        all.into_iter()
            .map(|(path, text)| File {
                path: format!("{SOURCES}{path}"),
                text: text.to_owned(),
            })
            .collect()
    }

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&tree(&[(path, text)]))
            .into_iter()
            .map(|finding| finding.line)
            .collect()
    }

    const DESK: &str = "features/desk/rules.rs";

    #[test]
    fn a_feature_uses_what_another_exports() {
        let text = "use crate::features::tickets::{self, dto::Row, rows::tickets};\n\
                    fn f() { tickets::Entity::find(); }\n";
        assert_eq!(found(DESK, text), [0; 0]);
        assert_eq!(
            found(DESK, "fn f() { crate::features::tickets::act() }"),
            [0; 0]
        );
        assert_eq!(found(DESK, "use super::super::tickets::act;\n"), [0; 0]);
    }

    #[test]
    fn a_feature_may_not_go_past_the_door_of_another() {
        assert_eq!(
            found(DESK, "use crate::features::tickets::rules::act;\n"),
            [1]
        );
        assert_eq!(found(DESK, "use super::super::tickets::rules;\n"), [1]);
        let text = "use crate::features::tickets;\n\nfn f() { tickets::rules::act() }\n";
        assert_eq!(found(DESK, text), [3]);
        let text = "fn f() { crate::features::tickets::rules::act() }\n";
        assert_eq!(found("features/desk.rs", text), [1]);
    }

    #[test]
    fn the_api_of_a_feature_is_for_http_only() {
        assert_eq!(
            found(DESK, "use crate::features::tickets::api::create;\n"),
            [1]
        );
    }

    #[test]
    fn only_its_owner_writes_a_table() {
        let text = "use crate::features::tickets::rows::tickets;\n\
                    fn f() { tickets::Entity::update_many(); }\n\
                    fn g() { tickets::ActiveModel {} }\n";
        assert_eq!(found(DESK, text), [2, 3]);
        let text = "use crate::features::tickets::rows::tickets::{ActiveModel, Entity as T};\n\
                    fn f() { T::delete_by_id(1); }\n";
        assert_eq!(found(DESK, text), [1, 2]);
        assert_eq!(found("features/tickets/rules.rs", text), [0; 0]);
        assert_eq!(found("features/demo/cast.rs", text), [0; 0]);
    }

    #[test]
    fn a_breach_is_said_once_in_a_file() {
        let text = "use crate::features::tickets::rules;\nfn f() { rules::a(); rules::b(); }\n";
        assert_eq!(found(DESK, text), [1]);
    }

    #[test]
    fn a_feature_is_free_inside_its_own_folder() {
        let text = "use crate::features::tickets::rules::act;\nuse super::rows;\n";
        assert_eq!(found("features/tickets/api.rs", text), [0; 0]);
    }

    #[test]
    fn platform_names_no_feature() {
        assert_eq!(
            found("platform/http.rs", "use crate::features::tickets::act;\n"),
            [1]
        );
        assert_eq!(
            found(
                "platform/http/router.rs",
                "use super::super::super::features;\n"
            ),
            [1]
        );
        assert_eq!(
            found("platform/http.rs", "use crate::platform::db;\n"),
            [0; 0]
        );
    }

    #[test]
    fn the_root_of_the_server_joins_everything() {
        let text = "use crate::features::tickets::rules;\nuse crate::platform::db;\n";
        assert_eq!(found("app.rs", text), [0; 0]);
    }
}
