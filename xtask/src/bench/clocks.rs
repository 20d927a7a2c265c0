//! Promises that come due while all the others run: how late they are acted upon.

use super::http::Client;
use super::load;
use super::tickets::{CREATED, Place, incident};
use super::{Measure, Target};
use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;

/// Tickets whose promise comes due while we look.
const TICKETS: usize = 400;
/// Clients that register them.
const CLIENTS: usize = 16;
/// The first promise comes due so long after its ticket is registered, …
const SOONEST: SignedDuration = SignedDuration::from_secs(5);
/// … the last so much later.
const SPREAD: SignedDuration = SignedDuration::from_secs(20);
/// The response that agreement A promises to a slight fault, around the clock.
const PROMISED: SignedDuration = SignedDuration::from_mins(30);
/// A number of [`incident`] with the least impact and urgency.
const SLIGHT: usize = 8;

/// Registers tickets that were reported almost half an hour ago, waits until their promises have
/// come due, and reads from their timelines when that was noticed.
pub fn measure(client: &Client, place: &Place) -> Result<Vec<Measure>> {
    let ids = Mutex::new(Vec::with_capacity(TICKETS));
    load::run(CLIENTS, TICKETS, client, |client, number| {
        let step = i32::try_from(number).context("too many")?;
        let due = SOONEST + SPREAD * step / i32::try_from(TICKETS)?;
        let mut body = incident(place, SLIGHT);
        body["fields"]["type"] = "fault".into();
        body["happened_at"] = Value::from((Timestamp::now() - PROMISED + due).to_string());
        let ticket = client.json("POST", CREATED, "", &body)?.json()?;
        let id = ticket["id"].as_str().context("a ticket without id")?;
        ids.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(id.to_owned());
        Ok(())
    })?;
    let wait = SOONEST + SPREAD + SignedDuration::from_secs(5);
    std::thread::sleep(Duration::try_from(wait)?);
    // The server has closed the idle connection.
    let mut client = client.another();
    let mut late = Vec::with_capacity(TICKETS);
    for id in ids.into_inner().unwrap_or_default() {
        let timeline = client.get(&format!("{CREATED}/{id}/timeline"))?.json()?;
        late.extend(breaches(&timeline)?);
    }
    if late.len() < TICKETS {
        bail!("{} of {TICKETS} promises were noticed", late.len());
    }
    late.sort_unstable();
    let worst_but = late.len() * 99 / 100;
    let p99 = late[worst_but.min(late.len() - 1)].as_secs_f64() * 1_000.0;
    Ok(vec![Measure::new(
        "a promise comes due: acted upon after, p99",
        p99,
        "ms",
        Some(Target::AtMost(1_000.0)),
    )])
}

/// How long after it came due each broken promise was written down.
fn breaches(timeline: &Value) -> Result<Vec<SignedDuration>> {
    let instant = |entry: &Value, key: &str| -> Result<Timestamp> {
        let text = entry[key].as_str().context("an entry without time")?;
        Ok(text.parse()?)
    };
    let entries = timeline["items"].as_array().context("no timeline")?;
    entries
        .iter()
        .filter(|entry| entry["action"] == "sla.breach")
        .map(|entry| Ok(instant(entry, "at")?.duration_since(instant(entry, "happened_at")?)))
        .collect()
}
