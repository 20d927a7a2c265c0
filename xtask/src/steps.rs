//! The steps of a long task: what ran, how long it took, what failed.

use crate::process;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

enum Outcome {
    Passed,
    Failed(String),
    /// Not run, and why.
    Skipped(String),
}

/// A run of named steps. A failed step does not hide the result of a later one.
#[derive(Default)]
pub struct Steps {
    done: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// Runs one step and remembers how it went. Returns whether it passed.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> bool {
        if process::interrupted() {
            self.skip(name, "interrupted");
            return false;
        }
        println!("\n── {name}");
        let started = Instant::now();
        let outcome = match step() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                let text = format!("{error:#}");
                println!("── {name} failed: {text}");
                Outcome::Failed(text)
            }
        };
        let passed = matches!(outcome, Outcome::Passed);
        self.done
            .push((name.to_owned(), started.elapsed(), outcome));
        passed
    }

    /// Remembers that a step was left out; it does not fail the run.
    pub fn skip(&mut self, name: &str, why: &str) {
        self.done.push((
            name.to_owned(),
            Duration::ZERO,
            Outcome::Skipped(why.to_owned()),
        ));
    }

    /// Prints the summary; an error when a step failed or the run was interrupted.
    pub fn finish(self) -> Result<()> {
        let total: Duration = self.done.iter().map(|(_, time, _)| *time).sum();
        println!("\n── summary");
        for (name, time, outcome) in &self.done {
            let seconds = format!("{:.1} s", time.as_secs_f64());
            match outcome {
                Outcome::Passed => println!("  ok       {seconds:>9}  {name}"),
                Outcome::Failed(why) => {
                    let first = why.lines().next().unwrap_or_default();
                    println!("  FAILED   {seconds:>9}  {name}: {first}");
                }
                Outcome::Skipped(why) => println!("  skipped  {:>9}  {name}: {why}", "-"),
            }
        }
        println!("  total    {:>9}", format!("{:.1} s", total.as_secs_f64()));
        let failed = self
            .done
            .iter()
            .filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_)))
            .count();
        if process::interrupted() {
            bail!("interrupted");
        }
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.done.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_run_and_later_steps_still_run() {
        let mut steps = Steps::default();
        assert!(steps.run("first", || Ok(())));
        assert!(!steps.run("second", || bail!("broken")));
        let mut ran = false;
        assert!(steps.run("third", || {
            ran = true;
            Ok(())
        }));
        assert!(ran);
        assert_eq!(
            steps.finish().unwrap_err().to_string(),
            "1 of 3 steps failed"
        );
    }

    #[test]
    fn a_skipped_step_does_not_fail_the_run() {
        let mut steps = Steps::default();
        steps.run("first", || Ok(()));
        steps.skip("second", "no browser");
        assert!(steps.finish().is_ok());
    }
}
