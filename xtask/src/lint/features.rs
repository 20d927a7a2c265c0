//! `cargo build` and `cargo test` must agree on every library's features. Where a library for
//! tests turns one more feature on, cargo builds that library, and all of ours above it, twice.

use super::Finding;
use crate::repo::Repo;
use anyhow::Result;
use std::collections::BTreeMap;

/// Libraries whose features differ between a build and a test.
pub fn check(repo: &Repo) -> Result<Vec<Finding>> {
    let list = |edges: &str| -> Result<String> {
        let mut command = repo.cargo();
        command.args(["tree", "--workspace", "--locked", "--prefix", "none"]);
        repo.output(command.args(["--format", "{p}|{f}", "--edges", edges]))
    };
    Ok(differences(
        &list("normal,build")?,
        &list("normal,build,dev")?,
    ))
}

fn differences(build: &str, test: &str) -> Vec<Finding> {
    let test = features(test);
    features(build)
        .into_iter()
        .filter_map(|(package, built)| {
            let tested = test.get(package)?;
            let text = format!(
                "features [{}] in a build and [{}] in a test, so it and all above it is built twice",
                built.join(" | "),
                tested.join(" | ")
            );
            (built != *tested).then(|| Finding::new(format!("crate {package}"), 0, text))
        })
        .collect()
}

/// Each package with its feature lists; one that build scripts use too may stand there twice.
fn features(tree: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in tree.lines() {
        if let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|') {
            all.entry(package).or_default().push(features);
        }
    }
    for lists in all.values_mut() {
        lists.sort_unstable();
        lists.dedup();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_only_tests_turn_on_is_named() {
        let build =
            "anlan v0.1.0 (/x)|\nrustix v1.1.6|process\nserde v1.0|std\nserde v1.0|std (*)\n";
        let test = "anlan v0.1.0 (/x)|\nrustix v1.1.6|fs,process\nserde v1.0|std\ntempfile v3|\n";
        let found = differences(build, test);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].file, "crate rustix v1.1.6");
        assert!(differences(build, build).is_empty());
    }
}
