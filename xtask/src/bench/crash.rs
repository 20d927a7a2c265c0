//! kill -9 under load: what was acknowledged must be there afterwards, and the audit log whole.

use super::http::Client;
use super::server::{Data, Server};
use super::tickets::{CREATED, Place, incident, project};
use super::{Context, Measure, Target};
use anyhow::{Context as _, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const ROUNDS: usize = 5;
const CLIENTS: usize = 16;

/// Kills the server in the midst of creations, several times on the same data.
pub fn run(context: &Context) -> Result<Vec<Measure>> {
    Server::build(&context.repo, context.release)?;
    let data = Data::new(&context.repo)?;
    let mut server = Server::start(&context.repo, context.release, data.path())?;
    let mut client = server.sign_in()?;
    let place = project(&mut client)?;
    let number = AtomicUsize::new(0);
    let acknowledged = Mutex::new(Vec::new());
    for round in 0..ROUNDS {
        let pause = Duration::from_millis(300 + 170 * round as u64);
        create_until_killed(&mut server, &client, &place, &number, &acknowledged, pause);
        server = Server::start(&context.repo, context.release, data.path())?;
        client = server.sign_in()?;
    }
    let acknowledged = acknowledged
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut lost = 0;
    for id in &acknowledged {
        if client.get(&format!("{CREATED}/{id}"))?.status != 200 {
            lost += 1;
        }
    }
    let audit = client.get("/api/v1/audit/verify")?.json()?;
    let broken = usize::from(audit["ok"] != true);
    let none = Some(Target::AtMost(0.0));
    Ok(vec![
        Measure::new(
            "tickets acknowledged before kill -9",
            acknowledged.len() as f64,
            "",
            None,
        ),
        Measure::new(
            format!("lost of them, {ROUNDS} kills"),
            f64::from(lost),
            "",
            none,
        ),
        Measure::new("broken audit chains afterwards", broken as f64, "", none),
    ])
}

/// Clients create as fast as they can; after `pause` the server is killed under them.
fn create_until_killed(
    server: &mut Server,
    first: &Client,
    place: &Place,
    number: &AtomicUsize,
    acknowledged: &Mutex<Vec<String>>,
    pause: Duration,
) {
    let killed = AtomicBool::new(false);
    let create = |client: &mut Client| -> Result<String> {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let body = incident(place, number);
        let created = client.json("POST", CREATED, "", &body)?.json()?;
        created["id"].as_str().map(str::to_owned).context("no id")
    };
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = first.another();
                // The first error is the killed connection: what it asked for was not promised.
                while let (false, Ok(id)) = (killed.load(Ordering::Relaxed), create(&mut client)) {
                    let mut all = acknowledged
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    all.push(id);
                }
            });
        }
        std::thread::sleep(pause);
        server.kill();
        killed.store(true, Ordering::Relaxed);
    });
}
