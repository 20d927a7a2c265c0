//! `cargo xtask run` and `build`: from a checkout to a running Anlan.

use crate::process;
use crate::repo::Repo;
use crate::web::Web;
use anyhow::{Context, Result, bail};
use std::os::unix::process::CommandExt;

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    demo: bool,
    release: bool,
    serve: Vec<String>,
}

/// Builds web and server where they changed, then becomes `anlan serve`.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    let repo = Repo::find()?;
    make(&repo, options.release)?;
    let mut serve = repo.command(repo.binary(options.release));
    serve.args(serve_arguments(&options));
    println!("starting {}\n", process::shown(&serve));
    // Replacing this process leaves nothing between the terminal and the server: Ctrl-C, TERM
    // and the exit code are its own.
    Err(serve.exec()).with_context(|| format!("cannot start {}", process::shown(&serve)))
}

/// Builds web and server where they changed.
pub fn build(arguments: &[String]) -> Result<()> {
    let release = match arguments {
        [] => false,
        [flag] if flag == "--release" => true,
        _ => bail!("usage: cargo xtask build [--release]"),
    };
    let repo = Repo::find()?;
    make(&repo, release)?;
    println!("built {}", repo.binary(release).display());
    Ok(())
}

fn make(repo: &Repo, release: bool) -> Result<()> {
    let web = Web::new(repo)?;
    println!("1/3 web packages");
    web.install()?;
    println!("2/3 web build");
    web.build()?;
    println!("3/3 server build");
    process::run(&mut cargo_build(repo, release))
}

/// `cargo build` of the whole workspace, as the tests build it: with `-p anlan` cargo would unify
/// features differently and compile half of the libraries a second time.
pub fn cargo_build(repo: &Repo, release: bool) -> std::process::Command {
    let mut command = repo.cargo();
    command.args(["build", "--workspace"]);
    if release {
        command.arg("--release");
    }
    command
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--demo" => options.demo = true,
            "--release" => options.release = true,
            "--" => options.serve = arguments.by_ref().cloned().collect(),
            other => bail!(
                "run knows --demo and --release, not `{other}`; arguments of anlan serve come after --"
            ),
        }
    }
    Ok(options)
}

fn serve_arguments(options: &Options) -> Vec<String> {
    let mut all = vec!["serve".to_owned()];
    let names_data = |argument: &String| argument == "--data" || argument.starts_with("--data=");
    if !options.serve.iter().any(names_data) {
        all.extend(["--data".to_owned(), "./data".to_owned()]);
    }
    if options.demo {
        all.push("--demo".to_owned());
    }
    all.extend(options.serve.iter().cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn serve(line: &str) -> String {
        serve_arguments(&parse(&words(line)).unwrap()).join(" ")
    }

    #[test]
    fn the_data_folder_is_ours_unless_named() {
        assert_eq!(serve(""), "serve --data ./data");
        assert_eq!(serve("--demo"), "serve --data ./data --demo");
        assert_eq!(
            serve("--demo -- --listen 127.0.0.1:9000"),
            "serve --data ./data --demo --listen 127.0.0.1:9000"
        );
        assert_eq!(serve("-- --data=/srv/a"), "serve --data=/srv/a");
        assert_eq!(serve("-- --data /srv/a"), "serve --data /srv/a");
    }

    #[test]
    fn an_unknown_word_is_refused_with_a_hint() {
        let error = parse(&words("--listen 1")).unwrap_err().to_string();
        assert!(
            error.contains("`--listen`") && error.contains("after --"),
            "{error}"
        );
    }
}
