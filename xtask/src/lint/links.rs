//! A document that points to another points to one that is there.

use super::Finding;
use super::files::File;
use std::path::{Component, Path, PathBuf};

/// Relative links of Markdown files whose target does not exist below `root`.
pub fn check(tree: &[File], root: &Path) -> Vec<Finding> {
    dead(tree, |target| root.join(target).exists())
}

fn dead(tree: &[File], exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.iter().filter(|file| file.ending() == "md") {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for (number, line) in file.text.lines().enumerate() {
            for link in links(line) {
                if !exists(&joined(folder, link)) {
                    let text = format!("`{link}` is not there");
                    findings.push(Finding::new(&file.path, number + 1, text));
                }
            }
        }
    }
    findings
}

/// The targets of `[text](target)` that lie in the repository, without their `#part`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty())
}

fn joined(folder: &Path, link: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_link_is_named_with_its_line() {
        let file = File {
            path: "docs/adr/README.md".to_owned(),
            text: "see [a](0001-a.md) and [b](../TESTING.md#steps)\n\n[c](0002-b.md) \
                   [d](https://example.org/x.md) [e](#here) [f](../../LICENSE)\n"
                .to_owned(),
        };
        let there = ["docs/adr/0001-a.md", "docs/TESTING.md", "LICENSE"];
        let found = dead(&[file], |path| {
            there.iter().any(|known| Path::new(known) == path)
        });
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["docs/adr/README.md:3: `0002-b.md` is not there"]);
    }
}
