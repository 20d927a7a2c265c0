//! Programs of the host that the tests use: one table, installed by apt where that is possible.

use crate::process;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to see that a tool is there.
#[derive(Clone, Copy)]
enum Look {
    /// A program in `PATH` or in the folders of administration programs.
    Program(&'static str),
    /// A file at a fixed place.
    File(&'static str),
    /// The server programs of PostgreSQL, which Debian keeps out of `PATH`.
    Postgres,
}

/// A tool of the host.
struct Tool {
    look: Look,
    /// The Debian package that brings it.
    package: &'static str,
    why: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        look: Look::Postgres,
        package: "postgresql",
        why: "every store test runs on PostgreSQL too",
    },
    Tool {
        look: Look::Program("nginx"),
        package: "nginx-light",
        why: "the web server that the watching tests stop and start",
    },
    Tool {
        look: Look::Program("chromium"),
        package: "chromium",
        why: "the browser tests",
    },
    Tool {
        look: Look::File("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
        package: "fonts-noto-cjk",
        why: "Chinese text in screenshots and in documents opened by LibreOffice",
    },
    Tool {
        look: Look::File("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"),
        package: "fonts-liberation",
        why: "figures and Latin letters as wide as those of Times New Roman and Arial, as on every desktop with LibreOffice",
    },
    Tool {
        look: Look::File("/usr/lib/libreoffice/program/libswlo.so"),
        package: "libreoffice-writer-nogui",
        why: "opens the docx files we write",
    },
    Tool {
        look: Look::File("/usr/lib/libreoffice/program/libsclo.so"),
        package: "libreoffice-calc-nogui",
        why: "opens the xlsx files we write",
    },
    Tool {
        look: Look::Program("pdftotext"),
        package: "poppler-utils",
        why: "reads the pdf files we write",
    },
];

/// Installs by policy what is missing, without starting any service: the tests start their own.
const INSTALL: &str = r#"set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
"#;

/// Makes sure that every tool is there, or says exactly which packages are missing and why.
pub fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        println!("all {} tools are there", TOOLS.len());
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    let Some(mut command) = installer() else {
        bail!("{}", wanted(&missing, "not root, and `sudo -n` is refused"));
    };
    println!("installing {}", packages.join(" "));
    process::run(command.arg("-c").arg(INSTALL).arg("sh").args(&packages))?;
    let still = self::missing();
    if still.is_empty() {
        return Ok(());
    }
    bail!("{}", wanted(&still, "installed, and still not found"));
}

/// The folder with `postgres` and `initdb`: the newest of Debian's, else the one in `PATH`.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = versions
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| has_postgres(folder))
        .max();
    match newest {
        Some((_, folder)) => Some(folder),
        None => find_program("initdb")
            .and_then(|program| program.canonicalize().ok())
            .and_then(|program| program.parent().map(Path::to_path_buf))
            .filter(|folder| has_postgres(folder)),
    }
}

/// Where `name` is, in `PATH` or among the administration programs.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn has_postgres(folder: &Path) -> bool {
    folder.join("postgres").is_file() && folder.join("initdb").is_file()
}

fn missing() -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| !is_there(tool.look)).collect()
}

fn is_there(look: Look) -> bool {
    match look {
        Look::Program(name) => find_program(name).is_some(),
        Look::File(path) => Path::new(path).is_file(),
        Look::Postgres => postgres_programs().is_some(),
    }
}

/// A shell that may install packages, if there is one.
fn installer() -> Option<Command> {
    find_program("apt-get")?;
    if rustix::process::geteuid().is_root() {
        return Some(Command::new("sh"));
    }
    let allowed = Command::new("sudo")
        .args(["-n", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    allowed.then(|| {
        let mut command = Command::new("sudo");
        command.args(["-n", "sh"]);
        command
    })
}

fn wanted(missing: &[&Tool], because: &str) -> String {
    let mut text = format!("missing for the tests ({because}):\n");
    for tool in missing {
        text.push_str(&format!("  {:<26} {}\n", tool.package, tool.why));
    }
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    text.push_str(&format!(
        "install with: apt-get install {}",
        packages.join(" ")
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_package_reason_and_command() {
        let text = wanted(&[&TOOLS[0], &TOOLS[1]], "not root");
        assert!(
            text.contains("postgresql") && text.contains("every store test"),
            "{text}"
        );
        assert!(
            text.ends_with("apt-get install postgresql nginx-light"),
            "{text}"
        );
    }

    #[test]
    fn programs_are_found_where_administrators_keep_them() {
        assert!(find_program("sh").is_some());
        assert!(find_program("no-such-program").is_none());
    }
}
