//! Inside the server: a feature reaches another only through what its `mod.rs` exports, and the
//! platform knows no feature at all.

use super::Finding;
use super::files::File;
use super::paths;
use std::collections::{BTreeMap, BTreeSet};

const SOURCES: &str = "crates/server/src/";

/// Breaches of both rules in the server's sources.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let sources: Vec<(&File, &str)> = tree
        .iter()
        .filter(|file| file.ending() == "rs")
        .filter_map(|file| Some((file, file.path.strip_prefix(SOURCES)?)))
        .collect();
    let features = inner_modules(sources.iter().map(|(_, path)| *path));
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
        for named in paths::of_source(&file.text, &module) {
            if let Some(text) = breach(&place, &named.segments, &features) {
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

fn breach(
    place: &Place<'_>,
    named: &[String],
    features: &BTreeMap<String, BTreeSet<String>>,
) -> Option<String> {
    let (first, rest) = named.split_first()?;
    if first != "features" {
        return None;
    }
    let shown = named.join("::");
    match place {
        Place::Platform => Some(format!(
            "`{shown}`: platform never names a feature; let the feature register itself"
        )),
        Place::Feature(own) => {
            let other = rest.first()?;
            let inner = rest.get(1)?;
            let private = features.get(other)?.contains(inner);
            (other != own && private).then(|| {
                format!("`{shown}`: goes past the door of `{other}`; use what features/{other}/mod.rs exports")
            })
        }
    }
}

/// Each feature with the modules inside its folder.
fn inner_modules<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeMap<String, BTreeSet<String>> {
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in paths {
        let Some(inside) = path.strip_prefix("features/") else {
            continue;
        };
        if let Some((feature, rest)) = inside.split_once('/') {
            let module = rest.split('/').next().unwrap_or_default();
            let inner = features.entry(feature.to_owned()).or_default();
            if module != "mod.rs" {
                inner.insert(module.trim_end_matches(".rs").to_owned());
            }
        }
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Vec<File> {
        let mut all = vec![
            (
                "features/tickets/mod.rs",
                "mod rows;\npub use rows::Ticket;\n",
            ),
            ("features/tickets/rows.rs", "pub struct Ticket;\n"),
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
            .map(|f| f.line)
            .collect()
    }

    #[test]
    fn a_feature_uses_what_another_exports() {
        assert_eq!(
            found(
                "features/desk/rules.rs",
                "use crate::features::tickets::{self, Ticket};\nfn f() { tickets::act(); }\n"
            ),
            [0; 0]
        );
        assert_eq!(
            found(
                "features/desk/rules.rs",
                "use super::super::tickets::Ticket;\n"
            ),
            [0; 0]
        );
    }

    #[test]
    fn a_feature_may_not_go_past_the_door_of_another() {
        assert_eq!(
            found(
                "features/desk/rules.rs",
                "use crate::features::tickets::rows::Ticket;\n"
            ),
            [1]
        );
        assert_eq!(
            found(
                "features/desk/rules.rs",
                "use super::super::tickets::rows;\n"
            ),
            [1]
        );
        assert_eq!(
            found(
                "features/desk/rules.rs",
                "use crate::features::tickets;\n\nfn f() { tickets::rows::load() }\n"
            ),
            [3]
        );
        assert_eq!(
            found(
                "features/desk.rs",
                "fn f() { crate::features::tickets::rows::load() }\n"
            ),
            [1]
        );
    }

    #[test]
    fn a_feature_is_free_inside_its_own_folder() {
        assert_eq!(
            found(
                "features/tickets/rules.rs",
                "use crate::features::tickets::rows::Ticket;\nuse super::rows;\n"
            ),
            [0; 0]
        );
    }

    #[test]
    fn platform_names_no_feature() {
        assert_eq!(
            found(
                "platform/http.rs",
                "use crate::features::tickets::Ticket;\n"
            ),
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
        assert_eq!(
            found(
                "app.rs",
                "use crate::features::tickets::rows;\nuse crate::platform::db;\n"
            ),
            [0; 0]
        );
    }
}
