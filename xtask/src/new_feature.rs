//! `cargo xtask new-feature <name>`: the same folder on both sides, and the list of what is next.

use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use std::path::Path;

const CHECKLIST: &str = "docs/ADDING-A-FEATURE.md";

/// The command.
pub fn run(arguments: &[String]) -> Result<()> {
    let [name] = arguments else {
        bail!("usage: cargo xtask new-feature <name>");
    };
    check_name(name)?;
    let repo = Repo::find()?;
    let server = repo.root.join("crates/server/src/features").join(name);
    let web = repo.root.join("web/src/features").join(name);
    for folder in [&server, &web] {
        if folder.exists() {
            bail!("{} exists already", folder.display());
        }
    }
    for (file, template) in SERVER {
        write(&server.join(file), &fill(template, name))?;
    }
    for (file, template) in WEB {
        write(&web.join(file), &fill(template, name))?;
    }
    let modules = repo.root.join("crates/server/src/features/mod.rs");
    let text = std::fs::read_to_string(&modules)
        .with_context(|| format!("cannot read {}", modules.display()))?;
    write(&modules, &with_module(&text, name))?;
    println!("\nNext ({CHECKLIST}):\n");
    let guide = std::fs::read_to_string(repo.root.join(CHECKLIST))
        .with_context(|| format!("cannot read {CHECKLIST}"))?;
    for line in checklist(&guide) {
        println!("{line}");
    }
    Ok(())
}

/// A feature's name is a Rust module and a folder of the web: one plural lower-case word or a few.
fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_well || !name.chars().all(plain) || name.ends_with('_') || name.len() > 40 {
        bail!("`{name}`: a feature is named like `stock_items`: a-z, 0-9 and _, a letter first");
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}

/// The module list with one more, in its place of the alphabet.
fn with_module(text: &str, name: &str) -> String {
    let line = format!("pub mod {name};");
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|other| other.starts_with("pub mod ") && *other > line.as_str())
        .unwrap_or(lines.len());
    lines.insert(at, &line);
    lines.join("\n") + "\n"
}

fn fill(template: &str, name: &str) -> String {
    let camel: String = name
        .split('_')
        .filter_map(|word| {
            let (first, rest) = word.split_at_checked(1)?;
            Some(first.to_uppercase() + rest)
        })
        .collect();
    template.replace("{Name}", &camel).replace("{name}", name)
}

/// The numbered lines of the guide.
fn checklist(guide: &str) -> Vec<&str> {
    let numbered = |line: &&str| {
        line.split_once(". ")
            .is_some_and(|(number, _)| number.parse::<u8>().is_ok())
    };
    guide.lines().filter(numbered).collect()
}

const SERVER: &[(&str, &str)] = &[
    (
        "mod.rs",
        "//! {Name}: say in one sentence what this room is for and which R-rows it answers.\n\nmod api;\nmod query;\nmod rows;\nmod rules;\n#[cfg(test)]\nmod tests;\n",
    ),
    (
        "api.rs",
        "//! What the outside sees of {name}: request and response types, handlers, routes.\n",
    ),
    (
        "rules.rs",
        "//! The use-cases of {name}: load, let core decide, write in one transaction.\n",
    ),
    ("rows.rs", "//! The tables of {name}.\n"),
    (
        "query.rs",
        "//! Lists and filters of {name}, with the caller's scope in every query.\n",
    ),
    (
        "tests.rs",
        "//! The rules of {name}, on SQLite and PostgreSQL.\n",
    ),
];

const WEB: &[(&str, &str)] = &[
    (
        "List.vue",
        "<script setup lang=\"ts\">\nimport { useI18n } from 'vue-i18n';\n\nconst { t } = useI18n();\n</script>\n\n<template>\n  <h1>{{ t('{name}.title') }}</h1>\n</template>\n",
    ),
    (
        "routes.ts",
        "import type { RouteRecordRaw } from 'vue-router';\n\nexport const routes: RouteRecordRaw[] = [\n  { path: '/{name}', name: '{name}', component: () => import('./List.vue') },\n];\n",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_modules_and_folders() {
        for good in ["stock", "stock_items", "sla2"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "Stock", "2nd", "../etc", "a-b", "a_", "_a", "库存"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn templates_carry_the_name_in_both_spellings() {
        assert_eq!(
            fill("{Name} of {name}", "stock_items"),
            "StockItems of stock_items"
        );
    }

    #[test]
    fn a_module_takes_its_place_in_the_alphabet() {
        let text = "//! The rooms.\n\npub mod audit;\npub mod web;\n";
        let with = |name| with_module(text, name);
        assert_eq!(
            with("stock"),
            "//! The rooms.\n\npub mod audit;\npub mod stock;\npub mod web;\n"
        );
        assert!(with("zones").ends_with("pub mod web;\npub mod zones;\n"));
        assert!(with("access").contains("\n\npub mod access;\npub mod audit;"));
    }

    #[test]
    fn the_checklist_is_the_numbered_lines_of_the_guide() {
        let guide = "# Adding\n\n1. Definition: a\n   more\n2. Migration: b\n\nText. With dots.\n";
        assert_eq!(checklist(guide), ["1. Definition: a", "2. Migration: b"]);
    }
}
