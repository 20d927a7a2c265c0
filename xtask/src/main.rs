//! Developer tasks of this repository: `cargo xtask <task>`.
//!
//! One task per file. A task prints what it does, stops what it started, and ends with a
//! non-zero code when anything failed.

mod api;
mod bench;
mod lint;
mod new_feature;
mod postgres;
mod process;
mod repo;
mod run;
mod stamp;
mod steps;
mod test;
mod tools;
mod web;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <task>

  run [--demo] [--release] [-- <arguments of anlan serve>]
        build web and server, then serve on SQLite in ./data
  build [--release]
        the same without serving
  test [--fast] [filter…]
        everything that must pass; --fast leaves out what needs a browser or an installation,
        a filter runs only the Rust tests whose name contains it
  lint  the rules of the house that no compiler checks
  api   write the web's types anew from the server's description of its API
  bench [--list] [--tickets=100000] [name…]
        measure what we hold ourselves to, beside the targets
  new-feature <name>
        folders and files of a new feature, server and web
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match task.as_str() {
        "run" => run::run(&rest),
        "build" => run::build(&rest),
        "test" => test::run(&rest),
        "api" => api::run(&rest),
        "lint" => lint::run(&rest),
        "bench" => bench::run(&rest),
        "new-feature" => new_feature::run(&rest),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("no task `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
