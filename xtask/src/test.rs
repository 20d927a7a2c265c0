//! `cargo xtask test`: everything that must pass, from a bare machine to browser tests.

use crate::api;
use crate::lint;
use crate::postgres::Postgres;
use crate::process;
use crate::repo::Repo;
use crate::steps::Steps;
use crate::tools;
use crate::web::Web;
use anyhow::{Result, bail};
use std::process::Command;

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    fast: bool,
    filters: Vec<String>,
}

/// Runs the steps; what it started is stopped again whatever happens.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    process::catch_signals()?;
    let repo = Repo::find()?;
    let mut steps = Steps::default();
    if options.filters.is_empty() {
        all(&repo, &options, &mut steps);
    } else {
        filtered(&repo, &options, &mut steps);
    }
    steps.finish()
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    for argument in arguments {
        match argument.as_str() {
            "--fast" => options.fast = true,
            flag if flag.starts_with('-') => bail!("test knows --fast, not `{flag}`"),
            filter => options.filters.push(filter.to_owned()),
        }
    }
    Ok(options)
}

/// The Rust tests whose name contains a filter, on both databases where PostgreSQL is installed.
fn filtered(repo: &Repo, options: &Options, steps: &mut Steps) {
    let postgres = database(repo, options, steps);
    steps.run("cargo test", || {
        process::run(
            cargo_test(repo, postgres.as_ref())
                .arg("--")
                .args(&options.filters),
        )
    });
}

fn all(repo: &Repo, options: &Options, steps: &mut Steps) {
    if !options.fast && !steps.run("tools of the host", tools::ensure) {
        // Without them the rest would fail for the same reason, only less clearly.
        return;
    }
    let postgres = database(repo, options, steps);

    steps.run("format", || {
        process::run(repo.cargo().args(["fmt", "--all", "--check"]))
    });
    steps.run("house rules", || lint::check(repo));
    let web = web(repo, options, steps);
    steps.run("clippy", || {
        let arguments = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        process::run(repo.cargo().args(arguments))
    });
    let built = steps.run("cargo build", || {
        process::run(&mut crate::run::cargo_build(repo, false))
    });
    steps.run("cargo test, doc tests", || {
        process::run(&mut cargo_test(repo, postgres.as_ref()))
    });
    if let Some(web) = web.as_ref().filter(|_| built) {
        steps.run("types of the API", || api::check(repo, web));
    }
    steps.run("rust documentation", || {
        let mut command = repo.cargo();
        command.args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
        ]);
        // Private items are documented too, so links to them lead somewhere.
        let flags = "-D warnings -A rustdoc::private-intra-doc-links";
        process::run(command.env("RUSTDOCFLAGS", flags))
    });
    if let Some(web) = web.filter(|_| !options.fast) {
        browser(repo, &web, built, postgres.as_ref(), steps);
    }
}

/// A PostgreSQL for the tests. `TEST_DATABASE_URL` given from outside is used as it is.
fn database(repo: &Repo, options: &Options, steps: &mut Steps) -> Option<Postgres> {
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        steps.skip(
            "PostgreSQL",
            "TEST_DATABASE_URL is set, that server is used",
        );
        return None;
    }
    if (options.fast || !options.filters.is_empty()) && tools::postgres_programs().is_none() {
        steps.skip(
            "PostgreSQL",
            "not installed, the store tests run on SQLite only",
        );
        return None;
    }
    let mut started = None;
    steps.run("PostgreSQL", || {
        let server = Postgres::start(repo)?;
        println!("listening at {}", server.url);
        started = Some(server);
        Ok(())
    });
    started
}

/// Packages, types, unit tests and build of the web.
fn web(repo: &Repo, options: &Options, steps: &mut Steps) -> Option<Web> {
    let mut found = None;
    let installed = steps.run("web packages", || {
        let web = Web::new(repo)?;
        web.install()?;
        found = Some(web);
        Ok(())
    });
    let web = found.filter(|_| installed)?;
    steps.run("web types and style", || {
        process::run(&mut web.script("check"))
    });
    steps.run("web unit tests", || process::run(&mut web.script("test")));
    if !options.fast {
        steps.run("web build", || web.build());
    }
    Some(web)
}

/// The main job in a real browser, against the binary just built.
fn browser(repo: &Repo, web: &Web, built: bool, postgres: Option<&Postgres>, steps: &mut Steps) {
    const NAME: &str = "browser tests";
    match web.has_script("e2e") {
        Ok(true) if built => {
            steps.run(NAME, || {
                let mut command = web.script("e2e");
                command.env("ANLAN_BIN", repo.binary(false));
                if let Some(chromium) = tools::find_program("chromium") {
                    command.env("CHROMIUM", chromium);
                }
                process::run(with_database(&mut command, postgres))
            });
        }
        Ok(true) => steps.skip(NAME, "the server was not built"),
        Ok(false) => steps.skip(NAME, "web/package.json has no script e2e"),
        Err(error) => {
            steps.run(NAME, || Err(error));
        }
    }
}

fn cargo_test(repo: &Repo, postgres: Option<&Postgres>) -> Command {
    let mut command = repo.cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    with_database(&mut command, postgres);
    command
}

fn with_database<'a>(command: &'a mut Command, postgres: Option<&Postgres>) -> &'a mut Command {
    if let Some(server) = postgres {
        command.env("TEST_DATABASE_URL", &server.url);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filters_and_unknown_flags_are_refused() {
        let words: Vec<String> = ["--fast", "r029", "clock"].map(str::to_owned).to_vec();
        let options = parse(&words).unwrap();
        assert!(options.fast);
        assert_eq!(options.filters, ["r029", "clock"]);
        assert!(parse(&["--slow".to_owned()]).is_err());
    }
}
