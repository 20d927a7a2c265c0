//! zh-CN and en say the same things: the locale files of the web have equal keys.

use super::Finding;
use super::files::File;
use serde_json::Value;
use std::collections::BTreeSet;

const FIRST: &str = "zh-CN";
const SECOND: &str = "en";

/// Keys that only one language has, and texts that are empty. Locale files are JSON, either
/// `<name>.json` or `<name>/<part>.json`, anywhere below `locales`.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.iter().filter(|file| file.path.contains("/locales/")) {
        if let Some(second) = counterpart(&file.path, FIRST, SECOND) {
            compare(tree, file, &second, &mut findings);
        }
        let first = counterpart(&file.path, SECOND, FIRST);
        if let Some(first) = first.filter(|path| !tree.iter().any(|other| other.path == *path)) {
            findings.push(Finding::new(&file.path, 0, format!("{first} is missing")));
        }
    }
    findings
}

/// The path of the same texts in the other language.
fn counterpart(path: &str, from: &str, to: &str) -> Option<String> {
    if !path.ends_with(".json") {
        return None;
    }
    let file = format!("/{from}.json");
    let folder = format!("/{from}/");
    if path.ends_with(&file) {
        Some(path.replace(&file, &format!("/{to}.json")))
    } else if path.contains(&folder) {
        Some(path.replace(&folder, &format!("/{to}/")))
    } else {
        None
    }
}

fn compare(tree: &[File], first: &File, second_path: &str, findings: &mut Vec<Finding>) {
    let Some(second) = tree.iter().find(|file| file.path == second_path) else {
        findings.push(Finding::new(
            &first.path,
            0,
            format!("{second_path} is missing"),
        ));
        return;
    };
    let mut keys_of = |file: &File| match serde_json::from_str(&file.text) {
        Ok(texts) => {
            let mut keys = BTreeSet::new();
            let mut empty = BTreeSet::new();
            collect(&texts, String::new(), &mut keys, &mut empty);
            for key in empty {
                findings.push(Finding::new(&file.path, 0, format!("`{key}` has no text")));
            }
            keys
        }
        Err(error) => {
            findings.push(Finding::new(&file.path, error.line(), error.to_string()));
            BTreeSet::new()
        }
    };
    let first_keys = keys_of(first);
    let second_keys = keys_of(second);
    if first_keys.is_empty() || second_keys.is_empty() {
        return;
    }
    for key in first_keys.difference(&second_keys) {
        findings.push(Finding::new(&second.path, 0, format!("`{key}` is missing")));
    }
    for key in second_keys.difference(&first_keys) {
        findings.push(Finding::new(&first.path, 0, format!("`{key}` is missing")));
    }
}

fn collect(value: &Value, path: String, keys: &mut BTreeSet<String>, empty: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(inner, path, keys, empty);
            }
        }
        Value::String(text) if text.trim().is_empty() => {
            empty.insert(path.clone());
            keys.insert(path);
        }
        _ => {
            keys.insert(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let tree: Vec<File> = files
            .iter()
            .map(|(path, text)| File {
                path: format!("web/src/locales/{path}"),
                text: (*text).to_owned(),
            })
            .collect();
        check(&tree)
            .into_iter()
            .map(|f| f.to_string().replace("web/src/locales/", ""))
            .collect()
    }

    #[test]
    fn a_key_in_one_language_only_is_named() {
        let zh = r#"{"desk":{"title":"服务台","new":"新建"}}"#;
        let en = r#"{"desk":{"title":"Desk","old":"Old"}}"#;
        assert_eq!(
            found(&[("zh-CN.json", zh), ("en.json", en)]),
            [
                "en.json: `desk.new` is missing",
                "zh-CN.json: `desk.old` is missing",
            ]
        );
        assert_eq!(
            found(&[("zh-CN/desk.json", zh), ("en/desk.json", zh)]),
            [""; 0]
        );
    }

    #[test]
    fn a_missing_file_and_an_empty_text_are_named() {
        assert_eq!(
            found(&[("zh-CN/a.json", r#"{"a":"甲"}"#)])[0],
            "zh-CN/a.json: web/src/locales/en/a.json is missing".replace("web/src/locales/", "")
        );
        assert_eq!(found(&[("en/a.json", "{}")]).len(), 1);
        let both = [("zh-CN.json", r#"{"a":" "}"#), ("en.json", r#"{"a":"A"}"#)];
        assert_eq!(found(&both), ["zh-CN.json: `a` has no text"]);
    }
}
