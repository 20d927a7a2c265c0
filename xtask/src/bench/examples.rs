//! Benchmarks that live beside the code they measure, as examples of their crate.
//!
//! Such an example prints one line per figure, tab-separated:
//! `name  value  unit  target`, the target as `>=8000`, `<=0.70` or `-`; all other lines are for
//! the reader.

use super::{Context, Measure, Target};
use crate::process;
use crate::repo::Repo;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Metric history.
pub fn series(context: &Context) -> Result<Vec<Measure>> {
    example(&context.repo, "series", "series_bench")
}

/// Checks of the outside world.
pub fn probe(context: &Context) -> Result<Vec<Measure>> {
    example(&context.repo, "probe", "probe_bench")
}

fn example(repo: &Repo, room: &str, name: &str) -> Result<Vec<Measure>> {
    let source = repo.root.join(format!("crates/{room}/examples/{name}.rs"));
    let folder = repo
        .root
        .join(format!("crates/{room}/examples/{name}/main.rs"));
    if !source.is_file() && !folder.is_file() {
        bail!("not built yet: {} does not exist", source.display());
    }
    let mut command = repo.cargo();
    command.args(["run", "--release", "--quiet", "--package"]);
    command
        .arg(format!("anlan-{room}"))
        .args(["--example", name]);
    let mut child = process::start(command.stdout(Stdio::piped()))?;
    let output = child.stdout.take().context("no output")?;
    let mut measures = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        match parse(&line) {
            Some(measure) => measures.push(measure),
            None => println!("   {line}"),
        }
        if process::interrupted() {
            process::stop(&mut child, rustix::process::Signal::TERM);
            bail!("interrupted");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", process::shown(&command));
    }
    if measures.is_empty() {
        bail!("{name} printed no figures");
    }
    Ok(measures)
}

fn parse(line: &str) -> Option<Measure> {
    let mut parts = line.split('\t').map(str::trim);
    let name = parts.next()?.to_owned();
    let value = parts.next()?.parse().ok()?;
    let unit = parts.next()?.to_owned();
    let target = parts.next()?;
    let number = |text: &str| text.trim().parse().ok();
    let target = if let Some(rest) = target.strip_prefix(">=") {
        Some(Target::AtLeast(number(rest)?))
    } else if let Some(rest) = target.strip_prefix("<=") {
        Some(Target::AtMost(number(rest)?))
    } else if target == "-" {
        None
    } else {
        return None;
    };
    Some(Measure::new(name, value, unit, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_prose_is_not() {
        let measure = parse("bytes per sample\t0.54\tB\t<=0.70").unwrap();
        assert_eq!(measure.name, "bytes per sample");
        assert_eq!(measure.target, Some(Target::AtMost(0.70)));
        assert_eq!(
            parse("checks\t8100\t/s\t>=8000").unwrap().target,
            Some(Target::AtLeast(8000.0))
        );
        assert_eq!(parse("warm-up\t1.5\ts\t-").unwrap().target, None);
        assert!(parse("writing 1000 series").is_none());
        assert!(parse("a\tb\tc\td").is_none());
    }
}
