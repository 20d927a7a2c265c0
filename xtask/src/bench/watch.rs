//! Monitors of a real server that look at a real nginx: checks a second, what a check costs with
//! history and alert rules included, and how punctual the schedule is.

use super::http::Client;
use super::load;
use super::nginx::Nginx;
use super::server::{Data, Server};
use super::tickets::project;
use super::{Context, Measure, Target};
use crate::process;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Clients that create monitors at the same time.
const CLIENTS: usize = 16;
/// Seconds between two checks of a monitor.
const INTERVAL: u64 = 5;
/// Monitors of the promise about punctuality.
const MANY: usize = 10_000;
/// Left to settle before measuring: every monitor has had its first checks.
const SETTLE: Duration = Duration::from_secs(3 * INTERVAL);
/// How long is measured.
const SPAN: Duration = Duration::from_secs(30);
/// Between two looks at the lag.
const LOOK: Duration = Duration::from_millis(100);

/// Runs on a new SQLite database.
pub fn run(context: &Context) -> Result<Vec<Measure>> {
    Server::build(&context.repo, context.release)?;
    let data = Data::new(&context.repo)?;
    let server = Server::start(&context.repo, context.release, data.path())?;
    let mut client = server.sign_in()?;
    let place = project(&mut client)?;
    let nginx = Nginx::start(data.path())?;
    println!("   creating {MANY} monitors");
    create(&client, MANY, |number| {
        monitor(&place.project, &nginx.url, number, INTERVAL)
    })?;
    // The server has closed the connection that idled meanwhile.
    let watched = Watched::measure(&server, &mut client.another())?;
    let mut measures = watched.measures(MANY);
    measures.push(Measure::new(
        format!("memory, {MANY} monitors"),
        server.resident()?,
        "MiB",
        None,
    ));
    Ok(measures)
}

/// Creates monitors, with several clients at a time.
pub fn create(client: &Client, count: usize, body: impl Fn(usize) -> Value + Sync) -> Result<()> {
    load::run(CLIENTS, count, client, |client, number| {
        client
            .json("POST", "/api/v1/monitors", "", &body(number))?
            .json()
            .map(drop)
    })
    .map(drop)
}

/// A monitor of `url`, looked at every `interval` seconds.
pub fn monitor(project: &str, url: &str, number: usize, interval: u64) -> Value {
    json!({
        "name": format!("站点 {number}"), "kind": "http", "project_id": project,
        "config": { "url": format!("{url}?n={number}") },
        "interval_seconds": interval, "timeout_seconds": 4, "parent_id": null,
        "rule": {
            "conditions": [
                { "level": "critical", "when": { "kind": "down" }, "bad": 3 },
                { "level": "warning", "when": { "kind": "above", "metric": "response_ms", "value": 3000.0 }, "bad": 3 },
            ],
            "recover_after": 2, "retry_seconds": interval, "no_data_after": 5,
        },
    })
}

/// What was seen of the engine at work.
struct Watched {
    per_second: f64,
    /// CPU-seconds of the server for 10,000 checks.
    cpu: f64,
    lag_p99: f64,
    skipped: f64,
}

impl Watched {
    fn measure(server: &Server, client: &mut Client) -> Result<Self> {
        std::thread::sleep(SETTLE);
        let (before, cpu, begun) = (figures(client)?, server.cpu()?, Instant::now());
        let mut lags = Vec::new();
        while begun.elapsed() < SPAN {
            if process::interrupted() {
                anyhow::bail!("interrupted");
            }
            std::thread::sleep(LOOK);
            lags.push(figures(client)?.lag_ms);
        }
        let (after, seconds) = (figures(client)?, begun.elapsed().as_secs_f64());
        lags.sort_by(f64::total_cmp);
        let checks = after.checks - before.checks;
        Ok(Self {
            per_second: checks / seconds,
            cpu: (server.cpu()? - cpu) * 10_000.0 / checks,
            lag_p99: lags[(lags.len() - 1) * 99 / 100],
            skipped: after.skipped - before.skipped,
        })
    }

    fn measures(&self, monitors: usize) -> Vec<Measure> {
        let name = |what: &str| format!("{what}, {monitors} monitors every {INTERVAL} s");
        // One in a hundred may fall to the other side of the measured span.
        let due = Target::AtLeast(monitors as f64 / INTERVAL as f64 * 0.99);
        vec![
            Measure::new(name("checks"), self.per_second, "/s", Some(due)),
            Measure::new(
                "CPU of 10,000 checks, history and rules included",
                self.cpu,
                "s",
                Some(Target::AtMost(1.0)),
            ),
            Measure::new(
                name("schedule lag p99"),
                self.lag_p99,
                "ms",
                Some(Target::AtMost(1_000.0)),
            ),
            Measure::new(
                "slots left out",
                self.skipped,
                "",
                Some(Target::AtMost(0.0)),
            ),
        ]
    }
}

struct Figures {
    checks: f64,
    skipped: f64,
    lag_ms: f64,
}

fn figures(client: &mut Client) -> Result<Figures> {
    let engine = client.get("/api/v1/monitors/engine")?.json()?;
    let figure = |key: &str| engine[key].as_f64().context("a figure of the engine");
    Ok(Figures {
        checks: figure("checks")?,
        skipped: figure("skipped")?,
        lag_ms: figure("lag_ms")?,
    })
}
