//! A type of the API has a name of its own: two of one name would be described as one.

use super::Finding;
use super::files::File;
use std::collections::BTreeMap;

/// Types that derive `ToSchema` under a name that another one has already.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in tree.iter().filter(|file| file.ending() == "rs") {
        for (number, name) in described(&file.text) {
            match known.get(name) {
                Some(first) => {
                    let text = format!(
                        "`{name}` is the name of a type in {first} too: the API would describe one of them only"
                    );
                    findings.push(Finding::new(&file.path, number, text));
                }
                None => drop(known.insert(name, &file.path)),
            }
        }
    }
    findings
}

/// Line and name of every struct or enum that derives `ToSchema`.
fn described(text: &str) -> Vec<(usize, &str)> {
    let mut derived = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with("#[derive(") {
            derived = line.contains("ToSchema");
        }
        let mut words = line
            .split([' ', '<', '(', '{', ';'])
            .skip_while(|word| word.starts_with("pub"));
        if derived && matches!(words.next(), Some("struct" | "enum")) {
            derived = false;
            found.extend(words.next().map(|name| (number, name)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_type_of_the_same_name_is_found() {
        let text = "#[derive(Debug, ToSchema)]\n#[serde(default)]\npub struct Write {\n}\n#[derive(Debug)]\nstruct Row;\n";
        let tree = [("a.rs", text), ("b.rs", text)].map(|(path, text)| File {
            path: path.into(),
            text: text.into(),
        });
        assert_eq!(described(text), [(3, "Write")]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].file.as_str(), findings[0].line), ("b.rs", 3));
    }
}
