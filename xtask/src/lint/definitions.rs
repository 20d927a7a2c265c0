//! Every definition is YAML that loads at all; what it means is checked by the server's tests.

use super::Finding;
use super::files::File;

/// Definition files that are not YAML, with the parser's line and reason.
pub fn check(tree: &[File]) -> Vec<Finding> {
    tree.iter()
        .filter(|file| file.path.starts_with("definitions/"))
        .filter(|file| matches!(file.ending(), "yaml" | "yml"))
        .filter_map(|file| {
            let error = serde_saphyr::from_str::<serde_json::Value>(&file.text).err()?;
            let reason = error.to_string();
            let first = reason.lines().next().unwrap_or_default();
            Some(Finding::new(&file.path, 0, first))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_definition_is_named_with_its_reason() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let tree = [
            file(
                "definitions/processes/incident.yaml",
                "key: incident\nstates: [a, b]\n",
            ),
            file("definitions/agreements/a.yaml", "key: a\n  name: [broken\n"),
            file("other/a.yaml", "a: [\n"),
        ];
        let found = check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].file, "definitions/agreements/a.yaml");
        assert!(!found[0].text.is_empty());
    }
}
