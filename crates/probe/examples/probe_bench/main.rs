//! How fast and how cheap checks are: `probe_bench [checks] [concurrency] [url …]`.
//!
//! Without addresses it starts an nginx of its own that serves a page of 1 KB on loopback. Every check
//! is a fresh connection. CPU time is this process's only; the wall clock includes nginx, which shares
//! the cores.

#[path = "../../tests/it/testkit/mod.rs"]
mod testkit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anlan_core::alert::{Circumstances, Rule, State, step};
use anlan_core::schedule::{Interval, Next, Schedule};
use anlan_probe::{Check, Config, HttpConfig, Options, Prober};
use jiff::Timestamp;
use testkit::certs::{Authority, Validity};
use testkit::nginx::Nginx;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const TIMEOUT: Duration = Duration::from_secs(10);
const PAGE: usize = 1_024;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let checks = arguments.next().map_or(Ok(80_000), |n| n.parse())?;
    let concurrency = arguments.next().map_or(Ok(64), |n| n.parse())?;
    let urls: Vec<String> = arguments.collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if !urls.is_empty() {
            let targets = urls
                .iter()
                .map(|url| prepare(HttpConfig::get(url)))
                .collect::<Result<Vec<_>, _>>()?;
            return report("", measure(targets, checks, concurrency).await?);
        }
        let authority = Authority::new();
        let nginx = Nginx::start_tls("", &authority.issue(&["127.0.0.1"], Validity::Long));
        nginx.put("index.html", "x".repeat(PAGE));
        let plain = prepare(HttpConfig::get(nginx.url("/")))?;
        report(
            "",
            measure(vec![Arc::clone(&plain)], checks, concurrency).await?,
        )?;

        let mut searched = HttpConfig::get(nginx.url("/"));
        searched.not_contains = vec!["博彩".into(), "error".into()];
        report(
            ", two keywords",
            measure(vec![prepare(searched)?], checks / 2, concurrency).await?,
        )?;

        let port = nginx.tls_port.ok_or("nginx has no TLS port")?;
        let mut secure = HttpConfig::get(format!("https://127.0.0.1:{port}/"));
        secure.tls.ca_pem = Some(authority.pem.clone());
        report(
            ", TLS",
            measure(vec![prepare(secure)?], checks / 8, concurrency).await?,
        )?;

        lag(plain, 10_000, 10, Duration::from_secs(20)).await
    })?;
    slots(1_000_000, 5_000_000);
    Ok(())
}

fn prepare(config: HttpConfig) -> Result<Arc<Check>, Failure> {
    let check = Config::Http(config).check();
    check.map(Arc::new).map_err(|faults| {
        faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
            .into()
    })
}

#[derive(Clone, Copy)]
struct Figures {
    checks: usize,
    wall: Duration,
    cpu: f64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
fn report(what: &str, figures: Figures) -> Result<(), Failure> {
    let n = figures.checks as f64;
    println!("checks/s{what}   {:.0}", n / figures.wall.as_secs_f64());
    println!(
        "CPU-s per 10,000 checks{what}   {:.2}",
        figures.cpu * 10_000.0 / n
    );
    Ok(())
}

/// Runs `checks` checks over the targets in turn, `concurrency` at a time.
async fn measure(
    targets: Vec<Arc<Check>>,
    checks: usize,
    concurrency: usize,
) -> Result<Figures, Failure> {
    let prober = Prober::new(&Options::default())?;
    let next = Arc::new(AtomicUsize::new(0));
    let targets = Arc::new(targets);
    let (begun, cpu) = (Instant::now(), cpu_seconds()?);
    let mut workers = JoinSet::new();
    for _ in 0..concurrency {
        let (prober, next, targets) = (prober.clone(), Arc::clone(&next), Arc::clone(&targets));
        workers.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= checks {
                    return Ok(());
                }
                let outcome = prober.run(&targets[n % targets.len()], TIMEOUT).await;
                if !outcome.is_up() {
                    return Err(format!("check {n}: {outcome:?}"));
                }
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(Figures {
        checks,
        wall: begun.elapsed(),
        cpu: cpu_seconds()? - cpu,
    })
}

/// Schedules `monitors` at an interval, runs and judges them, and says how late they started.
async fn lag(
    check: Arc<Check>,
    monitors: u128,
    interval: u32,
    during: Duration,
) -> Result<(), Failure> {
    let prober = Prober::new(&Options::default())?;
    let interval = Interval::from_seconds(interval)?;
    let rule = Arc::new(Rule::usual());
    let permits = Arc::new(Semaphore::new(256));
    let mut schedule = Schedule::new();
    for n in 0..monitors {
        schedule.set(Uuid::from_u128(n << 64 | n), interval, Timestamp::now());
    }
    let (begun, cpu) = (Instant::now(), cpu_seconds()?);
    let mut lags = Vec::new();
    let mut running = JoinSet::new();
    while begun.elapsed() < during {
        while let Some(due) = schedule.pop_due(Timestamp::now()) {
            lags.push(due.lag);
            let permit = Arc::clone(&permits).acquire_owned().await?;
            let (prober, check, rule) = (prober.clone(), Arc::clone(&check), Arc::clone(&rule));
            running.spawn(async move {
                let outcome = prober.run(&check, TIMEOUT).await;
                drop(permit);
                let around = Circumstances::clear(Timestamp::now(), interval);
                let judged = step(State::default(), &outcome.sample(due.slot), &around, &rule);
                (due.id, judged.next)
            });
        }
        while let Some(done) = running.try_join_next() {
            let (id, next) = done?;
            schedule.finish(id, Timestamp::now(), next);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let cpu = cpu_seconds()? - cpu;
    lags.sort_unstable();
    let p99 = lags.get(lags.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        "schedule lag p99, ms, {monitors} monitors every {} s   {:.1}",
        interval.seconds(),
        millis(p99)
    );
    println!("schedule lag, slots skipped   {}", schedule.skipped());
    report(
        ", scheduled and judged",
        Figures {
            checks: lags.len(),
            wall: during,
            cpu,
        },
    )?;
    while running.join_next().await.is_some() {}
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a lag is far below 2^52 microseconds"
)]
fn millis(micros: i64) -> f64 {
    micros as f64 / 1_000.0
}

/// How many slots a second the schedule alone can hand out.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
fn slots(monitors: u128, wanted: usize) {
    let Ok(interval) = Interval::from_seconds(60) else {
        return;
    };
    let mut schedule = Schedule::new();
    let mut now = Timestamp::UNIX_EPOCH;
    for n in 0..monitors {
        schedule.set(Uuid::from_u128(n << 64 | n), interval, now);
    }
    let begun = Instant::now();
    let mut done = 0;
    while done < wanted {
        while let Some(due) = schedule.pop_due(now) {
            schedule.finish(due.id, now, Next::Regular);
            done += 1;
        }
        let Ok(later) = now.checked_add(jiff::SignedDuration::from_millis(10)) else {
            return;
        };
        now = later;
    }
    println!(
        "schedule alone, slots/s, {monitors} monitors   {:.0}",
        done as f64 / begun.elapsed().as_secs_f64()
    );
}

/// User and system time of this process. The kernel counts in hundredths of a second.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .ok_or("no process name")?
        .1
        .split_whitespace()
        .collect();
    let ticks = |n: usize| {
        fields
            .get(n)
            .and_then(|f| f.parse::<f64>().ok())
            .ok_or("no such field")
    };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}
