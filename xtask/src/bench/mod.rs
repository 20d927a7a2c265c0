//! `cargo xtask bench`: measures what we hold ourselves to, as figures beside their targets.
//!
//! A benchmark is an entry of [`ALL`]: a name, what it needs, and a function that returns
//! measurements. Nothing here is a test: a slow machine makes a poor figure, not a red build.

mod clocks;
mod crash;
mod examples;
mod http;
mod load;
mod many;
mod nginx;
mod server;
mod storm;
mod tickets;
mod watch;

use crate::process;
use crate::repo::Repo;
use anyhow::{Context as _, Result, bail};

/// One figure with what it is held to.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What was measured, in a few words.
    pub name: String,
    pub value: f64,
    pub unit: String,
    /// The figure promised, if there is one, and which side of it is good.
    pub target: Option<Target>,
}

impl Measure {
    fn new(
        name: impl Into<String>,
        value: f64,
        unit: impl Into<String>,
        target: Option<Target>,
    ) -> Self {
        Self {
            name: name.into(),
            value,
            unit: unit.into(),
            target,
        }
    }
}

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn value(self) -> f64 {
        match self {
            Self::AtLeast(value) | Self::AtMost(value) => value,
        }
    }

    /// How many times better than promised; below 1 the promise is broken.
    fn ratio(self, measured: f64) -> f64 {
        match self {
            Self::AtLeast(value) => measured / value,
            Self::AtMost(value) if measured > 0.0 => value / measured,
            // Nothing of what may not happen: kept, and there is no better.
            Self::AtMost(_) => 1.0,
        }
    }
}

/// A group of measurements made in one run.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Context) -> Result<Vec<Measure>>,
}

/// What every benchmark is told.
struct Context {
    repo: Repo,
    /// False only while a benchmark itself is being written: figures of a debug build say nothing.
    release: bool,
    /// How many tickets the lists are measured on.
    tickets: usize,
}

const ALL: &[Bench] = &[
    Bench {
        name: "series",
        about: "metric history: bytes a sample, samples a second, query times",
        run: examples::series,
    },
    Bench {
        name: "levels",
        about: "service levels: tickets judged a second, working time added",
        run: examples::levels,
    },
    Bench {
        name: "probe",
        about: "HTTP checks: a second and per CPU-second",
        run: examples::probe,
    },
    Bench {
        name: "tickets",
        about: "tickets through the API: durable creation, lists, memory, start",
        run: tickets::run,
    },
    Bench {
        name: "watch",
        about: "monitors of a whole server: checks a second, CPU of a check, punctuality",
        run: watch::run,
    },
    Bench {
        name: "storm",
        about: "one parent down with 500 children: tickets and messages",
        run: storm::run,
    },
    Bench {
        name: "crash",
        about: "kill -9 under load: nothing acknowledged may be lost",
        run: crash::run,
    },
];

/// The command.
pub fn run(arguments: &[String]) -> Result<()> {
    let Some((context, names)) = parse(arguments)? else {
        for bench in ALL {
            println!("{:<10} {}", bench.name, bench.about);
        }
        return Ok(());
    };
    if cfg!(debug_assertions) && context.release {
        // A client that is slow itself would measure itself.
        let mut again = context.repo.cargo();
        again.args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "xtask",
            "--",
            "bench",
        ]);
        return process::run(again.args(arguments));
    }
    process::catch_signals()?;
    let mut table = Vec::new();
    let mut failed = Vec::new();
    let chosen = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    for bench in ALL.iter().filter(chosen) {
        if process::interrupted() {
            bail!("interrupted");
        }
        println!("── {}: {}", bench.name, bench.about);
        match (bench.run)(&context) {
            Ok(measures) => table.extend(measures),
            Err(error) => {
                println!("   {error:#}");
                failed.push(bench.name);
            }
        }
    }
    print_table(&table);
    if !failed.is_empty() {
        bail!("not measured: {}", failed.join(", "));
    }
    Ok(())
}

/// What to measure and how; `None` when only the list is asked for.
fn parse(arguments: &[String]) -> Result<Option<(Context, Vec<String>)>> {
    let mut context = Context {
        repo: Repo::find()?,
        release: true,
        tickets: 100_000,
    };
    let mut names = Vec::new();
    for argument in arguments {
        if argument == "--list" {
            return Ok(None);
        } else if argument == "--debug" {
            context.release = false;
        } else if let Some(number) = argument.strip_prefix("--tickets=") {
            context.tickets = number.parse().context("--tickets is a number")?;
        } else if ALL.iter().any(|bench| bench.name == argument) {
            names.push(argument.clone());
        } else {
            bail!("no benchmark `{argument}`; `cargo xtask bench --list` names them");
        }
    }
    Ok(Some((context, names)))
}

fn print_table(table: &[Measure]) {
    println!(
        "\n{:<52} {:>14} {:>14} {:>8}",
        "measured", "value", "target", "ratio"
    );
    for measure in table {
        println!("{}", row(measure));
    }
}

fn row(measure: &Measure) -> String {
    let value = format!("{} {}", figure(measure.value), measure.unit);
    let value = value.trim_end();
    let (target, ratio) = match measure.target {
        None => (String::new(), String::new()),
        Some(target) => {
            let side = match target {
                Target::AtLeast(_) => "≥",
                Target::AtMost(_) => "≤",
            };
            let ratio = target.ratio(measure.value);
            let mark = if ratio < 1.0 { "  MISSED" } else { "" };
            (
                format!("{side} {}", figure(target.value())),
                format!("{ratio:.2}{mark}"),
            )
        }
    };
    format!("{:<52} {value:>14} {target:>14} {ratio:>8}", measure.name)
        .trim_end()
        .to_owned()
}

/// Three significant digits, thousands apart.
fn figure(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        let digits = format!("{value:.0}");
        let mut shown = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) && digit != '-' {
                shown.push(',');
            }
            shown.push(digit);
        }
        shown
    } else if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_is_better_than_promised_on_either_side() {
        assert_eq!(Target::AtLeast(2_000.0).ratio(4_000.0), 2.0);
        assert_eq!(Target::AtMost(50.0).ratio(25.0), 2.0);
        assert!(Target::AtMost(50.0).ratio(100.0) < 1.0);
        assert_eq!(Target::AtMost(0.0).ratio(0.0), 1.0);
        assert_eq!(Target::AtMost(0.0).ratio(3.0), 0.0);
    }

    #[test]
    fn a_row_shows_value_target_and_a_missed_promise() {
        let target = Some(Target::AtLeast(2_000.0));
        let measure = |value| Measure::new("tickets created", value, "/s", target);
        assert!(row(&measure(1_234_567.0)).contains("1,234,567 /s"));
        assert!(row(&measure(1_000.0)).ends_with("0.50  MISSED"));
        assert!(row(&measure(2_000.0)).ends_with("1.00"));
    }

    #[test]
    fn benchmarks_are_chosen_by_name() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (context, names) = parse(&words("tickets --tickets=1000")).unwrap().unwrap();
        assert_eq!((context.tickets, context.release), (1_000, true));
        assert_eq!(names, ["tickets"]);
        assert!(parse(&words("--list")).unwrap().is_none());
        assert!(parse(&words("speed")).is_err());
        assert!(parse(&words("--tickets=many")).is_err());
    }

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!(figure(0.5412), "0.541");
        assert_eq!(figure(19.74), "19.7");
        assert_eq!(figure(412.3), "412");
        assert_eq!(figure(8_012.0), "8,012");
    }
}
