//! "Has this changed since it was last used?", answered by content and not by file times, which a
//! fresh checkout or a copied folder would get wrong.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A remembered fingerprint in a file.
#[derive(Debug)]
pub struct Stamp {
    file: PathBuf,
}

impl Stamp {
    /// The stamp called `name` in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self {
            file: folder.join(format!("{name}.stamp")),
        }
    }

    /// Whether `fingerprint` is the one remembered.
    pub fn holds(&self, fingerprint: &str) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|text| text == fingerprint)
    }

    /// Remembers `fingerprint`.
    pub fn set(&self, fingerprint: &str) -> Result<()> {
        std::fs::write(&self.file, fingerprint)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Forgets; used before work that may fail half-way.
    pub fn clear(&self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// A fingerprint of all files below `folder`, without the entries named in `skip` (at any depth).
pub fn of_folder(folder: &Path, skip: &[&str]) -> Result<String> {
    let mut files = BTreeMap::new();
    collect(folder, folder, skip, &mut files)?;
    let mut hasher = DefaultHasher::new();
    for (path, content) in files {
        path.hash(&mut hasher);
        content.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// A fingerprint of a text.
pub fn of_text(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A fingerprint of one file.
pub fn of_file(file: &Path) -> Result<String> {
    let content = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(
    top: &Path,
    folder: &Path,
    skip: &[&str],
    files: &mut BTreeMap<PathBuf, Vec<u8>>,
) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if skip.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(top, &path, skip, files)?;
        } else if kind.is_file() {
            let name = path.strip_prefix(top).unwrap_or(&path).to_path_buf();
            let content =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(name, content);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("xtask-stamp-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::create_dir_all(folder.join("dist")).unwrap();
        std::fs::write(folder.join("src/a.ts"), "a").unwrap();
        folder
    }

    #[test]
    fn a_fingerprint_follows_names_and_content_and_ignores_what_is_skipped() {
        let folder = folder("print");
        let skip = ["dist"];
        let first = of_folder(&folder, &skip).unwrap();
        std::fs::write(folder.join("dist/out.js"), "built").unwrap();
        assert_eq!(of_folder(&folder, &skip).unwrap(), first);
        std::fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        let renamed = of_folder(&folder, &skip).unwrap();
        assert_ne!(renamed, first);
        std::fs::write(folder.join("src/b.ts"), "b").unwrap();
        assert_ne!(of_folder(&folder, &skip).unwrap(), renamed);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_stamp_holds_only_what_was_set_last() {
        let folder = folder("hold");
        let stamp = Stamp::new(&folder, "npm");
        assert!(!stamp.holds("1"));
        stamp.set("1").unwrap();
        assert!(stamp.holds("1"));
        assert!(!stamp.holds("2"));
        stamp.clear();
        assert!(!stamp.holds("1"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
