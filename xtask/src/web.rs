//! The web part: is Node there, are the packages installed, is the build current.

use crate::process;
use crate::repo::Repo;
use crate::stamp::{self, Stamp};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The oldest Node.js the web tool chain (Vite) accepts.
const NODE: (u32, u32) = (20, 19);
/// Entries of `web/` that a build does not read.
const NOT_SOURCES: &[&str] = &[
    "node_modules",
    "dist",
    "coverage",
    "e2e",
    "test-results",
    "playwright-report",
];

/// The `web/` folder of a checkout.
pub struct Web {
    folder: PathBuf,
    packages: Stamp,
    build: Stamp,
}

impl Web {
    /// Checks Node and npm, and says exactly what is missing.
    pub fn new(repo: &Repo) -> Result<Self> {
        let folder = repo.root.join("web");
        if !folder.join("package.json").is_file() {
            bail!("{} is missing", folder.join("package.json").display());
        }
        check_node()?;
        let scratch = repo.scratch()?;
        Ok(Self {
            packages: Stamp::new(&scratch, "npm-packages"),
            build: Stamp::new(&scratch, "web-build"),
            folder,
        })
    }

    /// `npm ci`, when the lock file changed since the last time or the packages are gone.
    pub fn install(&self) -> Result<()> {
        let wanted = stamp::of_file(&self.folder.join("package-lock.json"))?;
        if self.packages.holds(&wanted) && self.folder.join("node_modules").is_dir() {
            println!("npm packages are current");
            return Ok(());
        }
        self.packages.clear();
        process::run(self.npm().args(["ci", "--no-audit", "--no-fund"]))?;
        self.packages.set(&wanted)
    }

    /// `npm run build`, when a source changed since the last time or `dist` is gone.
    pub fn build(&self) -> Result<()> {
        let wanted = stamp::of_folder(&self.folder, NOT_SOURCES)?;
        if self.build.holds(&wanted) && self.folder.join("dist/index.html").is_file() {
            println!("web/dist is current");
            return Ok(());
        }
        self.build.clear();
        process::run(self.npm().args(["run", "build"]))?;
        self.build.set(&wanted)
    }

    /// `npm run <script>`.
    pub fn script(&self, script: &str) -> Command {
        let mut command = self.npm();
        command.args(["run", script]);
        command
    }

    /// A program that the packages bring.
    pub fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin").join(program));
        command.current_dir(&self.folder);
        command
    }

    /// Whether `package.json` has a script of this name.
    pub fn has_script(&self, script: &str) -> Result<bool> {
        let file = self.folder.join("package.json");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let package: serde_json::Value =
            serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
        Ok(package["scripts"][script].is_string())
    }

    fn npm(&self) -> Command {
        let mut command = Command::new("npm");
        command.current_dir(&self.folder);
        command
    }
}

fn check_node() -> Result<()> {
    let node = version_of("node");
    let npm = version_of("npm");
    let (major, minor) = NODE;
    match node {
        None => bail!("Node.js {major}.{minor} or newer is needed and `node` was not found"),
        Some(found) if found < NODE => {
            bail!(
                "Node.js {major}.{minor} or newer is needed, `node` is {}.{}",
                found.0,
                found.1
            )
        }
        Some(_) => {}
    }
    if npm.is_none() {
        bail!("npm is needed and was not found; it comes with Node.js (Debian package npm)");
    }
    Ok(())
}

fn version_of(program: &str) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_node_and_npm_print_them() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse_version("11.19.1\n"), Some((11, 19)));
        assert_eq!(parse_version(""), None);
        assert!(parse_version("v18.20.4").unwrap() < NODE);
        assert!(parse_version("v24.0.1").unwrap() >= NODE);
    }
}
