//! Definitions: what an O&M manager may change. Defaults are compiled in; a file of the same path
//! in the data folder's `definitions/` takes the place of the default.

use std::collections::BTreeMap;
use std::path::Path;

use anlan_core::access::RoleLibrary;
use rust_embed::RustEmbed;

use super::error::{Error, Result};

#[derive(RustEmbed)]
#[folder = "../../definitions"]
#[include = "*.yaml"]
struct Defaults;

/// Everything that is defined.
#[derive(Debug)]
pub struct Definitions {
    /// The role library.
    pub roles: RoleLibrary,
}

impl Definitions {
    /// Loads the defaults and what `own` (a folder) adds or replaces.
    ///
    /// # Errors
    /// When a definition is wrong; the message names file, line and reason.
    pub fn load(own: &Path) -> Result<Self> {
        let files = Files::read(own)?;
        let roles = files.one("roles/library.yaml", |yaml| {
            RoleLibrary::parse(yaml).map_err(|error| error.to_string())
        })?;
        Ok(Self { roles })
    }
}

/// The sources by path, such as `processes/incident.yaml`.
struct Files(BTreeMap<String, String>);

impl Files {
    fn read(own: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in Defaults::iter() {
            if let Some(file) = Defaults::get(&path) {
                files.insert(path.to_string(), text(&path, file.data.to_vec())?);
            }
        }
        if own.is_dir() {
            collect(own, own, &mut files)?;
        }
        Ok(Self(files))
    }

    fn one<T>(&self, path: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T> {
        let yaml = self
            .0
            .get(path)
            .ok_or_else(|| Error::internal(format!("definitions/{path} is missing")))?;
        parse(yaml).map_err(|reason| bad(path, &reason))
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::storage)? {
        let path = entry.map_err(Error::storage)?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            let bytes = std::fs::read(&path).map_err(Error::storage)?;
            files.insert(name.clone(), text(&name, bytes)?);
        }
    }
    Ok(())
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| bad(path, "not UTF-8"))
}

fn bad(path: &str, reason: &str) -> Error {
    Error::internal(format!("definitions/{path}: {reason}"))
}
