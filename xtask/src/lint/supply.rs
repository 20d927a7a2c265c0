//! What comes from others: licences, banned libraries, one TLS provider. The lists are those of
//! `deny.toml`, so that this check and `cargo deny` can never disagree.

use super::Finding;
use super::files::File;
use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result};
use serde_json::Value;

/// Libraries of the web's tool chain under terms that bind only their own text: they run at build
/// time and no part of them reaches the browser.
const BUILD_TIME_ONLY: &[&str] = &["BlueOak-1.0.0", "CC-BY-4.0", "MPL-2.0", "Python-2.0"];

/// What `cargo metadata` prints for this workspace.
pub fn metadata(repo: &Repo) -> Result<Value> {
    let mut command = repo.cargo();
    command.args(["metadata", "--format-version", "1", "--locked"]);
    let text = repo.output(&mut command)?;
    serde_json::from_str(&text).context("cargo metadata is not JSON")
}

/// Licences and bans over all Rust and npm packages.
pub fn check(repo: &Repo, tree: &[File], metadata: &Value) -> Result<Vec<Finding>> {
    let rules = std::fs::read_to_string(repo.root.join("deny.toml"))?;
    let allowed = list(&rules, "[licenses]", "allow").context("deny.toml: no licences allowed?")?;
    let banned = list(&rules, "[bans]", "deny").context("deny.toml: nothing banned?")?;
    let mut findings = crates(metadata, &allowed, &banned);
    if let Some(lock) = tree
        .iter()
        .find(|file| file.path == "web/package-lock.json")
    {
        findings.extend(npm(lock, &allowed));
    }
    Ok(findings)
}

/// No second TLS library in any target's tree.
pub fn one_tls_provider(repo: &Repo) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in ["aws-lc-sys", "openssl-sys"] {
        let mut command = repo.cargo();
        command.args([
            "tree",
            "--workspace",
            "--target",
            "all",
            "--invert",
            name,
            "--locked",
        ]);
        let output = command.output().context("cannot start cargo tree")?;
        // A package that is in no lock file is an error to cargo and good news to us.
        let tree = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && !tree.trim().is_empty() {
            let user = tree.lines().nth(1).unwrap_or_default();
            let text = format!(
                "{name} is used: {}",
                user.trim_start_matches(['└', '├', '─', ' '])
            );
            findings.push(Finding::new("Cargo.lock", 0, text));
        }
    }
    Ok(findings)
}

/// Runs `cargo deny check` where it is installed; it knows advisories too, when it is online.
pub fn cargo_deny(repo: &Repo) -> Result<()> {
    if crate::tools::find_program("cargo-deny").is_none() {
        println!("  -      cargo deny is not installed, the checks above stand for it");
        return Ok(());
    }
    process::run(
        repo.cargo()
            .args(["deny", "check", "bans", "licenses", "sources"]),
    )
}

fn crates(metadata: &Value, allowed: &[String], banned: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let file = format!("crate {name}");
        if banned.iter().any(|ban| ban == name) {
            findings.push(Finding::new(&file, 0, "is banned by deny.toml"));
        }
        match package["license"].as_str() {
            Some(licence) if permitted(licence, allowed) => {}
            Some(licence) => {
                findings.push(Finding::new(
                    &file,
                    0,
                    format!("licence {licence} is not allowed"),
                ));
            }
            None => findings.push(Finding::new(&file, 0, "states no licence")),
        }
    }
    findings
}

fn npm(lock: &File, allowed: &[String]) -> Vec<Finding> {
    let packages: Value = match serde_json::from_str(&lock.text) {
        Ok(packages) => packages,
        Err(error) => return vec![Finding::new(&lock.path, error.line(), error.to_string())],
    };
    let build_time: Vec<String> = allowed
        .iter()
        .cloned()
        .chain(BUILD_TIME_ONLY.iter().map(|name| (*name).to_owned()))
        .collect();
    let mut findings = Vec::new();
    for (place, package) in packages["packages"].as_object().into_iter().flatten() {
        let Some(name) = place
            .rsplit("node_modules/")
            .next()
            .filter(|name| !name.is_empty())
        else {
            continue;
        };
        let dev = package["dev"] == true || package["devOptional"] == true;
        let list = if dev { &build_time } else { allowed };
        match package["license"].as_str() {
            Some(licence) if permitted(licence, list) => {}
            Some(licence) => {
                let text = format!("licence {licence} of {name} is not allowed");
                findings.push(Finding::new(&lock.path, 0, text));
            }
            None => {
                findings.push(Finding::new(
                    &lock.path,
                    0,
                    format!("{name} states no licence"),
                ));
            }
        }
    }
    findings
}

/// Whether an SPDX expression can be satisfied with the allowed licences. `A/B`, an old way to
/// write a choice, is one too.
fn permitted(expression: &str, allowed: &[String]) -> bool {
    let text = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut result = all_of(words, allowed);
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        result |= all_of(words, allowed);
    }
    result
}

fn all_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut result = one(words, allowed);
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        result &= one(words, allowed);
    }
    result
}

fn one(words: &mut &[&str], allowed: &[String]) -> bool {
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if *first == "(" {
        let result = any_of(words, allowed);
        let closed = words.first() == Some(&")");
        *words = words.get(1..).unwrap_or_default();
        return result && closed;
    }
    let mut licence = (*first).to_owned();
    if let ["WITH", exception, rest @ ..] = *words {
        licence = format!("{licence} WITH {exception}");
        *words = rest;
    }
    allowed.contains(&licence)
}

/// The strings of a list in `deny.toml`: `key = [ "a", { crate = "b", … } ]` after `section`.
fn list(toml: &str, section: &str, key: &str) -> Option<Vec<String>> {
    let start = format!("{key} = [");
    let mut lines = toml
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .skip_while(|line| *line != start)
        .skip(1)
        .take_while(|line| *line != "]")
        .filter(|line| !line.starts_with('#'))
        .peekable();
    lines.peek()?;
    Some(
        lines
            .filter_map(|line| line.split('"').nth(1))
            .map(str::to_owned)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn allowed() -> Vec<String> {
        ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn an_expression_is_permitted_when_a_choice_of_it_is() {
        let yes = |text| assert!(permitted(text, &allowed()), "{text}");
        let no = |text| assert!(!permitted(text, &allowed()), "{text}");
        yes("MIT");
        yes("MIT/Apache-2.0");
        yes("GPL-3.0 OR MIT");
        yes("(MIT OR GPL-3.0) AND ISC");
        yes("Apache-2.0 WITH LLVM-exception OR GPL-2.0");
        no("AGPL-3.0-only");
        no("MIT AND GPL-3.0");
        no("GPL-3.0 OR MIT AND BSD-4-Clause");
        no("Apache-2.0 WITH Unknown-exception");
        no("(MIT");
        no("MIT ISC");
        no("");
    }

    #[test]
    fn the_lists_are_read_from_deny_toml() {
        let toml = "[licenses]\nallow = [\n  \"MIT\",\n  # \"GPL\",\n  \"ISC\",\n]\n[bans]\nallow = [\n]\ndeny = [\n  { crate = \"evalexpr\", reason = \"AGPL\" },\n]\n";
        assert_eq!(list(toml, "[licenses]", "allow").unwrap(), ["MIT", "ISC"]);
        assert_eq!(list(toml, "[bans]", "deny").unwrap(), ["evalexpr"]);
        assert!(list(toml, "[licenses]", "deny").is_none());
    }

    #[test]
    fn agpl_and_banned_crates_are_refused() {
        let metadata = json!({"packages": [
            {"name": "evalexpr", "license": "AGPL-3.0-only"},
            {"name": "serde", "license": "MIT OR Apache-2.0"},
            {"name": "secret", "license": null},
        ]});
        let found = crates(&metadata, &allowed(), &["evalexpr".to_owned()]);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "crate evalexpr: is banned by deny.toml",
                "crate evalexpr: licence AGPL-3.0-only is not allowed",
                "crate secret: states no licence",
            ]
        );
    }

    #[test]
    fn npm_packages_are_judged_by_whether_they_ship() {
        let lock = |dev: bool| File {
            path: "web/package-lock.json".to_owned(),
            text: json!({"packages": {
                "": {"name": "web"},
                "node_modules/vue": {"license": "MIT"},
                "node_modules/x/node_modules/css": {"license": "MPL-2.0", "dev": dev},
            }})
            .to_string(),
        };
        assert!(npm(&lock(true), &allowed()).is_empty());
        let found = npm(&lock(false), &allowed());
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("MPL-2.0 of css"));
    }
}
