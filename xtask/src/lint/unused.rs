//! A dependency that no source names costs build time and trust for nothing.

use super::Finding;
use super::files::File;
use super::tokens::{Token, scan};
use serde_json::Value;
use std::collections::BTreeSet;

/// Named only so that a build and a test agree on its features (see `features.rs`).
const UNIFIED: &[(&str, &str)] = &[("crates/probe/Cargo.toml", "tokio-util")];

/// Direct dependencies of our crates that no source file of theirs names.
pub fn check(tree: &[File], metadata: &Value) -> Vec<Finding> {
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    packages
        .iter()
        // Only ours have no source in a registry.
        .filter(|package| package["source"].is_null())
        .flat_map(|package| of_package(tree, root, package, &packages))
        .collect()
}

fn of_package(tree: &[File], root: &str, package: &Value, packages: &[&Value]) -> Vec<Finding> {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let manifest = manifest.trim_start_matches(root).trim_start_matches('/');
    let folder = manifest.trim_end_matches("Cargo.toml");
    let words: BTreeSet<String> = tree
        .iter()
        .filter(|file| file.path.starts_with(folder) && file.ending() == "rs")
        .flat_map(|file| scan(&file.text))
        .filter_map(|(token, _)| match token {
            Token::Word(word) => Some(word),
            Token::Join | Token::Mark(_) => None,
        })
        .collect();
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter_map(|dependency| {
            let name = dependency["name"].as_str()?;
            let called = match dependency["rename"].as_str() {
                Some(rename) => rename.replace('-', "_"),
                None => library_name(name, packages),
            };
            let text = format!("{name} is not used: take it out");
            let wanted = words.contains(&called) || UNIFIED.contains(&(manifest, name));
            (!wanted).then(|| Finding::new(manifest, 0, text))
        })
        .collect()
}

/// What sources call a package: the name of its library.
fn library_name(package: &str, packages: &[&Value]) -> String {
    packages
        .iter()
        .filter(|other| other["name"] == package)
        .flat_map(|other| other["targets"].as_array().into_iter().flatten())
        .find(|target| {
            let kinds = target["kind"].as_array().into_iter().flatten();
            kinds
                .filter_map(Value::as_str)
                .any(|kind| kind.contains("lib") || kind == "proc-macro")
        })
        .and_then(|target| target["name"].as_str())
        .unwrap_or(package)
        .replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_dependency_that_no_source_names_is_found() {
        let metadata = json!({"workspace_root": "/w", "packages": [
            {"name": "a", "source": null, "manifest_path": "/w/crates/a/Cargo.toml", "targets": [],
             "dependencies": [{"name": "serde-json"}, {"name": "used-not"}, {"name": "md5", "rename": "digest"}]},
            {"name": "serde-json", "source": "registry", "dependencies": [{"name": "other"}],
             "targets": [{"name": "serde_js", "kind": ["lib"]}]},
        ]});
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let tree = [
            file(
                "crates/a/src/lib.rs",
                "use serde_js::Value;\n// used_not\nfn f() { digest::of() }\n",
            ),
            file("crates/b/src/lib.rs", "use used_not::x;\n"),
        ];
        let found = check(&tree, &metadata);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            found[0].to_string(),
            "crates/a/Cargo.toml: used-not is not used: take it out"
        );
    }
}
