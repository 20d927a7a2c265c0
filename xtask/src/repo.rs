//! Where things are: the checkout this xtask was started from, and the cargo that started it.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders of one checkout.
#[derive(Clone, Debug)]
pub struct Repo {
    /// The workspace root.
    pub root: PathBuf,
    /// Cargo's target folder; everything xtask writes is below it, so two checkouts never meet.
    pub target: PathBuf,
}

impl Repo {
    /// Finds the checkout: cargo says where xtask lives, else the current folder does.
    pub fn find() -> Result<Self> {
        let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(xtask) => Path::new(&xtask).parent().map(Path::to_path_buf),
            None => std::env::current_dir()?
                .ancestors()
                .find(|folder| folder.join("xtask/Cargo.toml").is_file())
                .map(Path::to_path_buf),
        };
        let root = root.context("not inside the repository")?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// A folder of xtask's own below `target`, created.
    pub fn scratch(&self) -> Result<PathBuf> {
        let folder = self.target.join("xtask");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }

    /// The server's binary.
    pub fn binary(&self, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        self.target.join(profile).join("anlan")
    }

    /// `program`, started in the workspace root.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, as a developer's own shell would start it.
    ///
    /// `cargo run` exports variables that describe xtask (`CARGO_PKG_NAME`, …). Build scripts such
    /// as ring's watch them: were they passed on, every change between a plain cargo command and
    /// one of ours would rebuild half the tree.
    pub fn cargo(&self) -> Command {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(program);
        for (key, _) in std::env::vars_os() {
            if key.to_str().is_some_and(describes_xtask) {
                command.env_remove(key);
            }
        }
        command
    }

    /// Runs a command quietly and returns what it printed.
    pub fn output(&self, command: &mut Command) -> Result<String> {
        let output = command
            .output()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        if !output.status.success() {
            bail!(
                "{} failed: {}",
                crate::process::shown(command),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn describes_xtask(key: &str) -> bool {
    key.starts_with("CARGO_PKG_")
        || key.starts_with("CARGO_MANIFEST_")
        || matches!(
            key,
            "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "LD_LIBRARY_PATH"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_xtask_is_kept_from_the_inner_cargo() {
        assert!(describes_xtask("CARGO_PKG_NAME"));
        assert!(describes_xtask("CARGO_MANIFEST_DIR"));
        assert!(!describes_xtask("CARGO_HOME"));
        assert!(!describes_xtask("CARGO_TARGET_DIR"));
        assert!(!describes_xtask("CARGO_NET_OFFLINE"));
        assert!(!describes_xtask("PATH"));
    }
}
