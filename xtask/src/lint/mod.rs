//! `cargo xtask lint`: the rules of the house that no compiler checks.

mod definitions;
mod features;
mod files;
mod length;
mod links;
mod literal;
mod locales;
mod paths;
mod rooms;
mod schemas;
mod slices;
mod supply;
mod tokens;
mod unused;
mod words;

use crate::repo::Repo;
use anyhow::{Result, bail};
use std::fmt;

/// One breach of a rule, shown as `file:line: what and how to mend it`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    file: String,
    line: usize,
    text: String,
}

impl Finding {
    fn new(file: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(out, "{}:{}: {}", self.file, self.line, self.text)
        } else {
            write!(out, "{}: {}", self.file, self.text)
        }
    }
}

/// The command.
pub fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("lint takes no arguments, not `{word}`");
    }
    check(&Repo::find()?)
}

/// Every rule over the whole tree; prints the findings.
pub fn check(repo: &Repo) -> Result<()> {
    let tree = files::read(&repo.root)?;
    let metadata = supply::metadata(repo)?;
    let rules: [(&str, Vec<Finding>); 13] = [
        (
            "crates use only the rooms below them",
            rooms::crates(&metadata)?,
        ),
        ("core is pure", rooms::core_is_pure(&tree)),
        (
            "features meet at their mod.rs and write their own tables only",
            slices::check(&tree),
        ),
        ("file length", length::check(&tree)),
        ("no unfinished work", words::check(&tree)),
        ("both languages have the same keys", locales::check(&tree)),
        ("definitions are YAML", definitions::check(&tree)),
        (
            "licences and banned libraries",
            supply::check(repo, &tree, &metadata)?,
        ),
        ("one TLS provider", supply::one_tls_provider(repo)?),
        (
            "build and tests share every library",
            features::check(repo)?,
        ),
        (
            "every type of the API has a name of its own",
            schemas::check(&tree),
        ),
        ("links between documents", links::check(&tree, &repo.root)),
        ("every dependency is used", unused::check(&tree, &metadata)),
    ];
    let mut count = 0;
    for (rule, findings) in rules {
        println!(
            "  {} {rule}",
            if findings.is_empty() {
                "ok    "
            } else {
                "BROKEN"
            }
        );
        for finding in &findings {
            println!("         {finding}");
        }
        count += findings.len();
    }
    supply::cargo_deny(repo)?;
    if count > 0 {
        bail!("{count} findings");
    }
    Ok(())
}
