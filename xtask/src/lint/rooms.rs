//! Which crate may use which: core ← probe series document search ← server ← anlan.

use super::Finding;
use super::files::File;
use super::tokens::{Token, scan};
use anyhow::{Context, Result};
use serde_json::Value;

/// A crate of ours: the crates of ours it may use, and the libraries it must never see.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static str],
}

const DATABASE: &[&str] = &["sea-orm", "sea-orm-migration", "sqlx"];
const HTTP: &[&str] = &["axum", "hyper", "hyper-util", "reqwest", "tower-http"];
const OUTSIDE: &[&str] = &[
    "axum",
    "hickory-resolver",
    "hyper",
    "lettre",
    "rand",
    "reqwest",
    "sea-orm",
    "sqlx",
    "tokio",
];

const ROOMS: &[Room] = &[
    Room {
        name: "anlan-core",
        may_use: &[],
        never: OUTSIDE,
    },
    Room {
        name: "anlan-wire",
        may_use: &["anlan-core"],
        never: OUTSIDE,
    },
    Room {
        name: "anlan-probe",
        may_use: &["anlan-core"],
        never: DATABASE,
    },
    Room {
        name: "anlan-series",
        may_use: &["anlan-core"],
        never: HTTP,
    },
    Room {
        name: "anlan-document",
        may_use: &["anlan-core"],
        never: DATABASE,
    },
    Room {
        name: "anlan-search",
        may_use: &["anlan-core"],
        never: DATABASE,
    },
    Room {
        name: "anlan-server",
        may_use: &[
            "anlan-core",
            "anlan-document",
            "anlan-probe",
            "anlan-search",
            "anlan-series",
            "anlan-wire",
        ],
        never: &[],
    },
    Room {
        name: "anlan-agent",
        may_use: &["anlan-core", "anlan-probe", "anlan-wire"],
        never: DATABASE,
    },
    Room {
        name: "anlan",
        may_use: &[
            "anlan-agent",
            "anlan-core",
            "anlan-document",
            "anlan-probe",
            "anlan-search",
            "anlan-series",
            "anlan-server",
            "anlan-wire",
        ],
        never: &[],
    },
    Room {
        name: "xtask",
        may_use: &[],
        never: &[],
    },
];

/// What core may not do: it decides, and is told the time and everything else it needs.
const IMPURE: &[&[&str]] = &[
    &["std", "env"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["Instant", "now"],
    &["SystemTime", "now"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["Uuid", "now_v7"],
    &["Uuid", "new_v4"],
];

/// Direct dependencies that the table does not allow. `metadata` is what `cargo metadata` prints.
pub fn crates(metadata: &Value) -> Result<Vec<Finding>> {
    let members: Vec<&str> = metadata["workspace_members"]
        .as_array()
        .context("cargo metadata without workspace_members")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .context("cargo metadata without packages")?
        .iter()
        .filter(|package| {
            package["id"]
                .as_str()
                .is_some_and(|id| members.contains(&id))
        })
        .collect();
    let ours: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    Ok(packages
        .iter()
        .flat_map(|package| of_package(package, &ours))
        .collect())
}

fn of_package(package: &Value, ours: &[&str]) -> Vec<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let file = format!("package {name}");
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        let text = "no such room: say in xtask/src/lint/rooms.rs what it may use";
        return vec![Finding::new(file, 0, text)];
    };
    let mut used: Vec<&str> = package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|dependency| dependency["name"].as_str())
        .collect();
    used.sort_unstable();
    used.dedup();
    used.into_iter()
        .filter_map(|other| {
            // A crate may name itself, to turn a feature on in its own tests.
            let wrong_room =
                other != name && ours.contains(&other) && !room.may_use.contains(&other);
            let text = if wrong_room {
                format!("may not use {other}, which is not below it")
            } else if room.never.contains(&other) {
                format!("must never see {other}")
            } else {
                return None;
            };
            Some(Finding::new(file.clone(), 0, text))
        })
        .collect()
}

/// IO, clocks and async in core's sources, tests apart.
pub fn core_is_pure(tree: &[File]) -> Vec<Finding> {
    tree.iter()
        .filter(|file| file.path.starts_with("crates/core/src/") && file.ending() == "rs")
        .filter(|file| !file.is_test())
        .flat_map(impurities)
        .collect()
}

fn impurities(file: &File) -> Vec<Finding> {
    let tokens = scan(before_tests(&file.text));
    let mut findings = Vec::new();
    for (at, (token, line)) in tokens.iter().enumerate() {
        if *token == Token::Word("async".to_owned()) {
            findings.push(Finding::new(&file.path, *line, "core is not async"));
        }
        for path in IMPURE {
            if matches_path(&tokens[at..], path) {
                let text = format!("`{}`: core is told, it does not look", path.join("::"));
                findings.push(Finding::new(&file.path, *line, text));
            }
        }
    }
    findings
}

/// The source without the unit tests at its end.
fn before_tests(source: &str) -> &str {
    source
        .find("\n#[cfg(test)]\nmod tests {")
        .map_or(source, |at| &source[..at])
}

fn matches_path(tokens: &[super::tokens::Placed], path: &[&str]) -> bool {
    let mut rest = tokens.iter().map(|(token, _)| token);
    path.iter().enumerate().all(|(index, segment)| {
        (index == 0 || rest.next() == Some(&Token::Join))
            && matches!(rest.next(), Some(Token::Word(word)) if word == segment)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata(name: &str, uses: &[&str]) -> Value {
        let other = |name: &str| json!({"id": name, "name": name, "dependencies": []});
        let dependencies: Vec<Value> = uses.iter().map(|name| json!({"name": name})).collect();
        let mut packages: Vec<Value> = ["anlan-core", "anlan-server", "xtask"]
            .into_iter()
            .map(other)
            .collect();
        packages.retain(|package| package["name"] != name);
        packages.push(json!({"id": name, "name": name, "dependencies": dependencies}));
        let members: Vec<Value> = packages.iter().map(|p| p["id"].clone()).collect();
        json!({"workspace_members": members, "packages": packages})
    }

    fn found(name: &str, uses: &[&str]) -> Vec<String> {
        crates(&metadata(name, uses))
            .unwrap()
            .into_iter()
            .map(|f| f.to_string())
            .collect()
    }

    #[test]
    fn a_crate_uses_only_rooms_below_it() {
        assert_eq!(found("anlan-probe", &["anlan-core", "tokio"]), [""; 0]);
        assert_eq!(
            found("anlan-probe", &["anlan-server"]),
            ["package anlan-probe: may not use anlan-server, which is not below it"]
        );
        assert_eq!(found("anlan-core", &["anlan-server", "serde"]).len(), 1);
        assert_eq!(found("anlan-server", &["xtask"]).len(), 1);
        assert_eq!(found("anlan-server", &["anlan-server"]), [""; 0]);
    }

    #[test]
    fn a_room_never_sees_some_libraries() {
        assert_eq!(
            found("anlan-core", &["tokio"]),
            ["package anlan-core: must never see tokio"]
        );
        assert_eq!(found("anlan-document", &["sea-orm"]).len(), 1);
        assert_eq!(found("anlan-series", &["axum"]).len(), 1);
    }

    #[test]
    fn an_unknown_room_is_asked_for_its_place() {
        assert!(found("anlan-new", &[])[0].contains("rooms.rs"));
    }

    #[test]
    fn core_may_not_look_at_the_world() {
        let found = |text: &str| -> Vec<usize> {
            let file = File {
                path: "crates/core/src/sla.rs".to_owned(),
                text: text.to_owned(),
            };
            core_is_pure(&[file]).into_iter().map(|f| f.line).collect()
        };
        assert_eq!(found("use std::fs;\n"), [1]);
        assert_eq!(
            found("fn f() {\n    let now = jiff::Timestamp::now();\n}\n"),
            [2]
        );
        assert_eq!(found("async fn f() {}\n"), [1]);
        assert_eq!(
            found("// Timestamp::now() is not called here\nuse std::fmt;\n"),
            [0; 0]
        );
        assert_eq!(
            found("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"),
            [0; 0]
        );
    }
}
