//! The text files of the tree, read once for all rules.

use anyhow::{Context, Result};
use std::path::Path;

/// A text file; the path is relative to the workspace root, with `/`.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// Whether the file is a test by its place or name.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs"
            || name.contains(".spec.")
            || name.contains(".test.")
            || self
                .path
                .split('/')
                .any(|part| matches!(part, "tests" | "test" | "e2e"))
    }

    /// The ending of the file name, without the dot.
    pub fn ending(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, ending)| ending)
    }
}

const SKIP: &[&str] = &[".git", "target", "data", "node_modules", "dist"];
const TEXT: &[&str] = &[
    "rs", "toml", "ts", "vue", "js", "mjs", "css", "html", "json", "yaml", "yml", "md", "sh",
    "sql", "typ",
];

/// Reads every text file below `root`, sorted by path.
pub fn read(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let kind = entry.file_type()?;
        // A folder called `data` deep in the sources is ours, the one at the root is the server's.
        let skipped = SKIP.contains(&name.as_str()) && (name != "data" || folder == root);
        if kind.is_dir() && !skipped {
            walk(root, &path, files)?;
        } else if kind.is_file() && TEXT.contains(&name.rsplit('.').next().unwrap_or_default()) {
            let bytes =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push(File {
                path: relative.to_string_lossy().replace('\\', "/"),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    Ok(())
}
