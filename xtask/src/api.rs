//! The types that the web speaks with the server in, generated from the server's own description.

use crate::process;
use crate::repo::Repo;
use crate::run::cargo_build;
use crate::web::Web;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};

const TYPES: &str = "web/src/api/schema.d.ts";

/// `cargo xtask api`: writes the types anew.
pub fn run(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask api");
    let repo = Repo::find()?;
    let web = Web::new(&repo)?;
    web.install()?;
    process::run(&mut cargo_build(&repo, false))?;
    let made = generate(&repo, &web)?;
    let types = repo.root.join(TYPES);
    std::fs::copy(&made, &types).with_context(|| format!("cannot write {TYPES}"))?;
    println!("wrote {TYPES}");
    Ok(())
}

/// Whether the types are those of the server that was built last.
pub fn check(repo: &Repo, web: &Web) -> Result<()> {
    let made = read(&generate(repo, web)?)?;
    let kept = read(&repo.root.join(TYPES))?;
    if let Some(line) = first_difference(&made, &kept) {
        bail!("{TYPES}:{line} is not what the server says: run `cargo xtask api`");
    }
    println!("{TYPES} is what the server says");
    Ok(())
}

fn generate(repo: &Repo, web: &Web) -> Result<PathBuf> {
    let folder = repo.scratch()?;
    let description = folder.join("openapi.json");
    let text = repo.output(repo.command(repo.binary(false)).arg("openapi"))?;
    std::fs::write(&description, text)?;
    let types = folder.join("schema.d.ts");
    let mut command = web.tool("openapi-typescript");
    process::run(command.arg(&description).arg("--output").arg(&types))?;
    Ok(types)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one
        .lines()
        .zip(other.lines())
        .take_while(|(one, other)| one == other)
        .count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
