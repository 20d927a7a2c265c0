//! zh-CN and en say the same things: files of texts have equal keys in both languages.
//!
//! They lie below a `locales` folder as `<language>.json`, or as `<language>/<part>.ts` (or
//! `.json`) with nothing but texts; an `index.ts` only joins the parts.

use super::Finding;
use super::files::File;
use super::literal;
use serde_json::Value;
use std::collections::BTreeSet;

const FIRST: &str = "zh-CN";
const SECOND: &str = "en";

/// Keys that only one language has, and texts that are empty.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let texts = tree.iter().filter(|file| {
        file.path.contains("/locales/")
            && matches!(file.ending(), "json" | "ts")
            && !file.path.ends_with("/index.ts")
    });
    for file in texts {
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
    [".", "/"].into_iter().find_map(|end| {
        let own = format!("/locales/{from}{end}");
        path.contains(&own)
            .then(|| path.replace(&own, &format!("/locales/{to}{end}")))
    })
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
    let (Some(first_keys), Some(second_keys)) = (keys(first, findings), keys(second, findings))
    else {
        return;
    };
    for key in first_keys.difference(&second_keys) {
        findings.push(Finding::new(&second.path, 0, format!("`{key}` is missing")));
    }
    for key in second_keys.difference(&first_keys) {
        findings.push(Finding::new(&first.path, 0, format!("`{key}` is missing")));
    }
}

/// The keys of a file of texts; `None`, and a finding, when it cannot be read.
fn keys(file: &File, findings: &mut Vec<Finding>) -> Option<BTreeSet<String>> {
    let texts = if file.ending() == "json" {
        serde_json::from_str(&file.text).map_err(|error| error.to_string())
    } else {
        literal::parse(&file.text)
    };
    match texts {
        Ok(texts) => {
            let mut keys = BTreeSet::new();
            collect(&texts, "", &mut keys, &mut |key| {
                findings.push(Finding::new(&file.path, 0, format!("`{key}` has no text")));
            });
            Some(keys)
        }
        Err(error) => {
            findings.push(Finding::new(&file.path, 0, error));
            None
        }
    }
}

fn collect(value: &Value, path: &str, keys: &mut BTreeSet<String>, empty: &mut impl FnMut(&str)) {
    if let Value::Object(entries) = value {
        for (key, inner) in entries {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            collect(inner, &path, keys, empty);
        }
        return;
    }
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        empty(path);
    }
    keys.insert(path.to_owned());
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
            .map(|finding| finding.to_string().replace("web/src/locales/", ""))
            .collect()
    }

    #[test]
    fn a_key_in_one_language_only_is_named() {
        let zh = r#"{"desk":{"title":"服务台","new":"新建"}}"#;
        let en = r#"{"desk":{"title":"Desk","old":"Old"}}"#;
        let both = [
            "en.json: `desk.new` is missing",
            "zh-CN.json: `desk.old` is missing",
        ];
        assert_eq!(found(&[("zh-CN.json", zh), ("en.json", en)]), both);
    }

    #[test]
    fn parts_in_typescript_are_compared_too() {
        let zh = "export default { desk: { title: '服务台' }, more: '更多' }\n";
        let en = "export default { desk: { title: 'Desk' } }\n";
        let index = ("zh-CN/index.ts", "const a = { ...b }\nexport default a\n");
        assert_eq!(
            found(&[index, ("zh-CN/desk.ts", zh), ("en/desk.ts", en)]),
            ["en/desk.ts: `more` is missing"]
        );
        assert_eq!(found(&[("zh-CN/desk.ts", zh), ("en/desk.ts", zh)]), [""; 0]);
        assert_eq!(
            found(&[("zh-CN/a.ts", "export default { a: f() }"), ("en/a.ts", en)]).len(),
            1
        );
    }

    #[test]
    fn a_missing_file_and_an_empty_text_are_named() {
        assert_eq!(
            found(&[("zh-CN/a.json", r#"{"a":"甲"}"#)]),
            ["zh-CN/a.json: en/a.json is missing"]
        );
        assert_eq!(
            found(&[("en/a.ts", "export default {}")]),
            ["en/a.ts: zh-CN/a.ts is missing"]
        );
        let both = [("zh-CN.json", r#"{"a":" "}"#), ("en.json", r#"{"a":"A"}"#)];
        assert_eq!(found(&both), ["zh-CN.json: `a` has no text"]);
    }
}
