//! Benchmarks that live beside the code they measure, as examples of their crate. Such an example
//! prints a figure as `name  value  …`, apart by two blanks or more; the targets are ours.

use super::{Context, Measure, Target};
use crate::process;
use crate::repo::Repo;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// A figure's target, by the beginning of its name.
type Promise = (&'static str, Target);

const SERIES: &[Promise] = &[
    ("samples/s in", Target::AtLeast(1_000_000.0)),
    ("bytes per sample at rest", Target::AtMost(0.70)),
    ("24 h of one series", Target::AtMost(2.0)),
    ("avg of 1,000 series, 24 h, 300 s", Target::AtMost(60.0)),
];

const PROBE: &[Promise] = &[
    ("checks/s", Target::AtLeast(8_000.0)),
    ("CPU-s per 10,000 checks", Target::AtMost(1.0)),
    ("schedule lag p99", Target::AtMost(1_000.0)),
];

/// Service levels: judging, for replays and reports.
pub fn levels(context: &Context) -> Result<Vec<Measure>> {
    example(&context.repo, "core", "sla_bench", &[])
}

/// Metric history.
pub fn series(context: &Context) -> Result<Vec<Measure>> {
    example(&context.repo, "series", "series_bench", SERIES)
}

/// Checks of the outside world.
pub fn probe(context: &Context) -> Result<Vec<Measure>> {
    example(&context.repo, "probe", "probe_bench", PROBE)
}

fn example(repo: &Repo, room: &str, name: &str, promises: &[Promise]) -> Result<Vec<Measure>> {
    let source = repo.root.join(format!("crates/{room}/examples/{name}.rs"));
    let folder = repo
        .root
        .join(format!("crates/{room}/examples/{name}/main.rs"));
    if !source.is_file() && !folder.is_file() {
        bail!("not built yet: {} does not exist", source.display());
    }
    let mut command = repo.cargo();
    command.args(["run", "--release", "--package"]);
    command
        .arg(format!("anlan-{room}"))
        .args(["--example", name]);
    let mut child = process::start(command.stdout(Stdio::piped()))?;
    let output = child.stdout.take().context("no output")?;
    let mut measures = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("   {line}");
        measures.extend(parse(&line, promises));
        if process::interrupted() {
            process::stop(&mut child, rustix::process::Signal::TERM);
            bail!("interrupted");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", process::shown(&command));
    }
    for (start, _) in promises {
        if !measures
            .iter()
            .any(|measure| measure.name.starts_with(start))
        {
            bail!("{name} printed no figure that begins with `{start}`");
        }
    }
    Ok(measures)
}

fn parse(line: &str, promises: &[Promise]) -> Option<Measure> {
    let (name, rest) = line.trim().split_once("  ")?;
    let value = rest.split_whitespace().next()?.replace(',', "");
    let value: f64 = value.parse().ok()?;
    let promise = promises.iter().find(|(start, _)| name.starts_with(start));
    Some(Measure::new(
        name,
        value,
        "",
        promise.map(|(_, target)| *target),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_prose_is_not() {
        let parse = |line| parse(line, SERIES);
        let measure =
            parse("bytes per sample at rest (data + index)    0.6792 [0.67 - 0.68]").unwrap();
        assert_eq!(measure.name, "bytes per sample at rest (data + index)");
        assert_eq!(measure.target, Some(Target::AtMost(0.70)));
        assert!((measure.value - 0.6792).abs() < 1e-9);
        assert_eq!(parse("merge of the day, ms   792.0").unwrap().target, None);
        assert!(parse("5760000 samples, 1000 series, 10000 per batch").is_none());
        assert!(parse("24 h of one series  slow").is_none());
    }
}
