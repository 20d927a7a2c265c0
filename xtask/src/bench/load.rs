//! Many clients at once, and how long each of their requests took.

use super::http::Client;
use crate::process;
use anyhow::Result;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a load run measured.
pub struct Load {
    /// Of every request, ascending.
    times: Vec<Duration>,
    elapsed: Duration,
}

impl Load {
    /// Requests answered in a second.
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The time in milliseconds that `share` (0.99 for p99) of the requests kept.
    pub fn milliseconds(&self, share: f64) -> f64 {
        let last = self.times.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.times
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// Has `clients` connections send `count` requests in all, as fast as each is answered. The
/// request numbers handed to `request` are 0..count, each once. The first failure ends the run.
pub fn run(
    clients: usize,
    count: usize,
    first: &Client,
    request: impl Fn(&mut Client, usize) -> Result<()> + Sync,
) -> Result<Load> {
    let next = AtomicUsize::new(0);
    let times = Mutex::new(Vec::with_capacity(count));
    let started = Instant::now();
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut client = first.another();
                    let mut own = Vec::new();
                    let outcome = loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            break Ok(());
                        }
                        if process::interrupted() {
                            break Err(anyhow::anyhow!("interrupted"));
                        }
                        let asked = Instant::now();
                        if let Err(error) = request(&mut client, number) {
                            // No use in hammering on: let the others end too.
                            next.store(count, Ordering::Relaxed);
                            break Err(error);
                        }
                        own.push(asked.elapsed());
                    };
                    let mut all = times
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    all.append(&mut own);
                    outcome
                })
            })
            .collect();
        for worker in workers {
            worker
                .join()
                .map_err(|_| anyhow::anyhow!("a client panicked"))??;
        }
        Ok(())
    })?;
    let elapsed = started.elapsed();
    let mut times = times
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    times.sort_unstable();
    Ok(Load { times, elapsed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn nowhere() -> Client {
        Client::new("127.0.0.1:9".parse().unwrap())
    }

    #[test]
    fn every_number_is_handed_out_once() {
        let seen = Mutex::new(BTreeSet::new());
        let load = run(8, 1_000, &nowhere(), |_, number| {
            assert!(seen.lock().unwrap().insert(number));
            Ok(())
        })
        .unwrap();
        assert_eq!(load.times.len(), 1_000);
        assert_eq!(
            seen.into_inner().unwrap(),
            (0..1_000).collect::<BTreeSet<_>>()
        );
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        let count = AtomicUsize::new(0);
        let outcome = run(2, 1_000_000, &nowhere(), |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
            anyhow::bail!("refused")
        });
        assert_eq!(outcome.err().unwrap().to_string(), "refused");
        assert!(count.load(Ordering::Relaxed) < 10);
    }

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times = (1..=101).map(Duration::from_millis).collect();
        let load = Load {
            times,
            elapsed: Duration::from_secs(2),
        };
        assert!((load.milliseconds(0.5) - 51.0).abs() < 1e-9);
        assert!((load.milliseconds(0.99) - 100.0).abs() < 1e-9);
        assert!((load.per_second() - 50.5).abs() < 1e-9);
    }
}
