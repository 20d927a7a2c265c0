//! A storm: what 500 monitors behind one parent tell when it goes down.

use super::http::Client;
use super::nginx::Nginx;
use super::server::{Data, Server};
use super::tickets::{CREATED, project};
use super::watch::{create, monitor};
use super::{Context, Measure, Target};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::time::Duration;

/// Monitors behind the parent.
const CHILDREN: usize = 500;
/// Seconds between two checks.
const INTERVAL: u64 = 5;
/// Long enough for every monitor to have been seen well, and later to be believed down (three bad
/// checks), twice over.
const WHILE: Duration = Duration::from_secs(6 * INTERVAL);

/// Runs on a new SQLite database; nginx is really stopped.
pub fn run(context: &Context) -> Result<Vec<Measure>> {
    Server::build(&context.repo, context.release)?;
    let data = Data::new(&context.repo)?;
    let server = Server::start(&context.repo, context.release, data.path())?;
    let mut client = server.sign_in()?;
    let place = project(&mut client)?;
    let duty = server.on_duty(&mut client, &place.project)?;
    let nginx = Nginx::start(data.path())?;
    let one = |number| monitor(&place.project, &nginx.url, number, INTERVAL);
    let parent = client
        .json("POST", "/api/v1/monitors", "", &one(0))?
        .json()
        .context("the parent")?;
    create(&client, CHILDREN, |number| {
        let mut child = one(number + 1);
        child["parent_id"] = parent["id"].clone();
        child
    })?;
    std::thread::sleep(WHILE);
    println!("   stopping nginx under {} monitors", CHILDREN + 1);
    drop(nginx);
    std::thread::sleep(WHILE);
    // The server has closed the connections that idled meanwhile.
    let tickets = items(&mut client.another(), CREATED)?;
    let messages = items(&mut duty.another(), "/api/v1/notices")?;
    let alarms = messages.iter().filter(|notice| {
        let kind = notice["kind"].as_str().unwrap_or_default();
        kind.starts_with("alert.")
    });
    let name = |what: &str| format!("{what} of a storm, 1 parent and {CHILDREN} children");
    let one = |name: String, count: usize| {
        Measure::new(name, count as f64, "", Some(Target::AtMost(1.0)))
    };
    Ok(vec![
        one(name("tickets"), tickets.len()),
        one(name("alarm messages to one person"), alarms.count()),
    ])
}

/// The first page of a list.
fn items(client: &mut Client, path: &str) -> Result<Vec<serde_json::Value>> {
    let page = client.get(&format!("{path}?limit=200"))?.json()?;
    page["items"]
        .as_array()
        .cloned()
        .with_context(|| format!("{path}: {}", json!(page)))
}
