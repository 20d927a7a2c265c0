//! Tickets through the API of a real server: durable creation under load, lists on many tickets,
//! memory, and the time to the first page after a restart.

use super::clocks;
use super::http::Client;
use super::load::{self, Load};
use super::many;
use super::nginx::Nginx;
use super::server::{Data, Server};
use super::watch;
use super::{Context, Measure, Target};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Clients that create at the same time.
const CLIENTS: usize = 64;
/// Clients that read lists at the same time: the desk of a large customer.
const READERS: usize = 4;
/// Tickets registered through the API at most; more are copies of them.
const REGISTERED: usize = 100_000;
/// Requests of each list.
const READS: usize = 400;
/// Monitors of the promise about memory, and seconds between two checks of each.
const MONITORS: usize = 1_000;
const INTERVAL: u64 = 10;
/// The collection of tickets.
pub const CREATED: &str = "/api/v1/tickets";

/// Runs on a new SQLite database with `context.tickets` tickets.
pub fn run(context: &Context) -> Result<Vec<Measure>> {
    Server::build(&context.repo, context.release)?;
    let data = Data::new(&context.repo)?;
    let mut server = Server::start(&context.repo, context.release, data.path())?;
    let mut client = server.sign_in()?;
    let idle = server.resident()?;
    let place = project(&mut client)?;

    let count = context.tickets.min(REGISTERED);
    println!("   creating {count} tickets with {CLIENTS} clients");
    let before = server.cpu()?;
    let created = load::run(CLIENTS, count, &client, |client, number| {
        let body = incident(&place, number);
        client.json("POST", CREATED, "", &body)?.json().map(drop)
    })?;
    let mut measures = creation(&created);
    let each = (server.cpu()? - before) * 1_000_000.0 / count as f64;
    measures.push(Measure::new("CPU of the server a ticket", each, "µs", None));
    let copies = context.tickets / count - 1;
    if copies > 0 {
        println!("   copying them {copies} times");
        drop(server);
        many::copy(data.path(), copies)?;
        server = Server::start(&context.repo, context.release, data.path())?;
        client = server.sign_in()?;
    } else {
        // Its own connection has been idle for too long.
        client = client.another();
    }

    for (name, path) in lists(&place.project, &mut client)? {
        let load = load::run(READERS, READS, &client, |client, _| {
            client.get(&path)?.json().map(drop)
        })
        .with_context(|| name.clone())?;
        let name = format!("{name}, {} tickets, p95", context.tickets);
        measures.push(Measure::new(
            name,
            load.milliseconds(0.95),
            "ms",
            Some(Target::AtMost(50.0)),
        ));
    }
    println!("   creating {MONITORS} monitors, and waiting for promises to come due");
    let nginx = Nginx::start(data.path())?;
    let before = server.resident()?;
    watch::create(&client.another(), MONITORS, |number| {
        watch::monitor(&place.project, &nginx.url, number, INTERVAL)
    })?;
    measures.extend(clocks::measure(&client.another(), &place)?);
    let memory = |what: String, value, target| Measure::new(what, value, "MiB", target);
    let loaded = format!("memory, {} tickets", context.tickets);
    let promised = Some(Target::AtMost(150.0));
    measures.extend([
        memory("memory at the start".to_owned(), idle, None),
        memory(loaded.clone(), before, None),
        memory(
            format!("{loaded} and {MONITORS} monitors"),
            server.resident()?,
            promised,
        ),
    ]);
    drop(server);

    let again = Server::start(&context.repo, context.release, data.path())?;
    let start = again.first_page.as_secs_f64();
    let target = Some(Target::AtMost(1.0));
    measures.push(Measure::new(
        "start on this database, first answer",
        start,
        "s",
        target,
    ));
    Ok(measures)
}

fn creation(load: &Load) -> Vec<Measure> {
    let name = |what: &str| format!("tickets created, {CLIENTS} clients{what}");
    let rate = load.per_second();
    vec![
        Measure::new(name(""), rate, "/s", Some(Target::AtLeast(2_000.0))),
        Measure::new(
            name(", times the best peer"),
            rate / 19.7,
            "×",
            Some(Target::AtLeast(100.0)),
        ),
        Measure::new(name(", p50"), load.milliseconds(0.50), "ms", None),
        Measure::new(
            name(", p99"),
            load.milliseconds(0.99),
            "ms",
            Some(Target::AtMost(50.0)),
        ),
    ]
}

/// Where the tickets belong.
pub struct Place {
    /// Id of the project.
    pub project: String,
    unit: String,
}

/// A customer and a contract with agreement A.
pub fn project(client: &mut Client) -> Result<Place> {
    let unit = create(
        client,
        "/api/v1/units",
        &json!({"code": "BENCH", "name": "市政务服务中心"}),
    )?;
    let project = create(
        client,
        "/api/v1/projects",
        &json!({
            "code": "BENCH", "name": "政务网站运维", "customer_unit_id": unit,
            "provider_name": "安澜运维", "starts_on": "2026-01-01", "ends_on": "2027-12-31",
            "calendar": "5x8",
        }),
    )?;
    let agreement = json!({"agreement": "A", "effective_from": "2026-01-01"});
    let path = format!("/api/v1/projects/{project}/agreements");
    client
        .json("POST", &path, "", &agreement)?
        .json()
        .context("the agreement")?;
    Ok(Place { project, unit })
}

fn create(client: &mut Client, path: &str, body: &Value) -> Result<String> {
    let created = client
        .json("POST", path, "", body)?
        .json()
        .with_context(|| path.to_owned())?;
    let id = created["id"]
        .as_str()
        .with_context(|| format!("{path}: no id in {created}"))?;
    Ok(id.to_owned())
}

/// The intake of the `number`th ticket: every combination of what lists filter by appears.
pub fn incident(place: &Place, number: usize) -> Value {
    const TYPES: [&str; 3] = ["fault", "request", "consult"];
    const CHANNELS: [&str; 4] = ["phone", "email", "platform", "wechat"];
    const SYSTEMS: [&str; 5] = ["门户网站", "邮件系统", "办公系统", "数据库", "交换机"];
    let system = SYSTEMS[number % SYSTEMS.len()];
    let fields = json!({
        "title": format!("{system}无法访问 {number}"),
        "description": format!("用户反映{system}打开缓慢或报错，编号 {number}，请尽快处理。"),
        "type": TYPES[number % TYPES.len()],
        "channel": CHANNELS[number / 3 % CHANNELS.len()],
        "impact": number % 3 + 1,
        "urgency": number / 3 % 3 + 1,
        "unit_id": place.unit,
        "caller_name": format!("李{}", number % 500),
        "caller_phone": format!("0571-8{:07}", number % 10_000_000),
        "business_reason": "窗口业务受到影响",
        "system": system,
    });
    json!({"process": "incident", "project_id": place.project, "fields": fields})
}

/// The lists a desk opens, and a page far down the first of them.
fn lists(project: &str, client: &mut Client) -> Result<Vec<(String, String)>> {
    let mut lists: Vec<(String, String)> = [
        ("list, first page", "?limit=50".to_owned()),
        ("list, one priority", "?priority=1&limit=50".to_owned()),
        (
            "list, open in a project, by due time",
            format!("?project={project}&open=true&sort=due_at"),
        ),
        ("list, overdue", "?overdue=true".to_owned()),
        ("counts", "/counts?open=true".to_owned()),
    ]
    .into_iter()
    .map(|(name, query)| (name.to_owned(), format!("{CREATED}{query}")))
    .collect();
    let mut path = format!("{CREATED}?limit=200");
    for _ in 0..20 {
        let page = client.get(&path)?.json()?;
        match page["next"].as_str() {
            Some(next) => path = format!("{CREATED}?limit=200&after={next}"),
            None => break,
        }
    }
    lists.push(("list, page 21 of 200 rows".to_owned(), path));
    Ok(lists)
}
