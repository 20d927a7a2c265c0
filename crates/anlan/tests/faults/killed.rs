//! `kill -9` at any instant: what was acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::support::{Dice, Server, Site, on_postgres, on_sqlite, verify};

const CLIENTS: usize = 3;
const ROUNDS: usize = 5;
/// The steps of a ticket after it was registered, each from the version before it.
const STEPS: [&str; 2] = ["accept", "dispatch"];

/// What one client knows of a ticket: what was acknowledged, and what was on its way at the end.
#[derive(Default)]
struct Known {
    title: String,
    id: Option<String>,
    /// Steps that were acknowledged.
    done: usize,
    /// Whether another step was sent and its answer never seen.
    open: bool,
    /// Attachments that were acknowledged: id and content.
    files: Vec<(String, Vec<u8>)>,
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_on_sqlite() {
    on_sqlite(rounds);
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_on_postgres() {
    on_postgres("killed", rounds);
}

fn rounds(data: &Path, database: Option<&str>) {
    let mut dice = Dice::new();
    let mut server = Server::start(data, database);
    let mut site = Site::new(&server);
    let mut all: Vec<Known> = Vec::new();
    for round in 0..ROUNDS {
        let (acknowledged, heard) = channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (site, acknowledged) = (site.clone(), acknowledged.clone());
                let luck = dice.another();
                let name = format!("{round}-{client}");
                thread::spawn(move || work(&site, &name, luck, &acknowledged))
            })
            .collect();
        drop(acknowledged);
        // After so many acknowledgements, and then at any point of what is under way.
        for _ in 0..5 + dice.below(60) {
            heard
                .recv_timeout(Duration::from_secs(30))
                .expect("an acknowledgement");
        }
        heard
            .recv_timeout(Duration::from_micros(dice.below(20_000)))
            .ok();
        server.kill();
        for client in clients {
            all.extend(client.join().unwrap());
        }
        verify(data, database);
        server = Server::start(data, database);
        site = site.at(&server);
        for known in &mut all {
            settle(&site, known);
        }
        look(&site, &all);
    }
    let open: usize = all.iter().filter(|known| known.done < STEPS.len()).count();
    println!("{} tickets, {open} not walked to the end", all.len());
    drop(server);
    verify(data, database);
}

/// Registers tickets and acts on them until the line breaks. One client in three also attaches.
fn work(site: &Site, name: &str, mut luck: Dice, acknowledged: &Sender<()>) -> Vec<Known> {
    let mut all = Vec::new();
    for number in 0.. {
        let mut known = Known {
            title: format!("ticket {name}-{number}"),
            ..Known::default()
        };
        let walked = walk(site, &mut known, &mut luck, acknowledged);
        all.push(known);
        if walked.is_none() {
            break;
        }
    }
    all
}

/// None when the line broke.
fn walk(site: &Site, known: &mut Known, luck: &mut Dice, told: &Sender<()>) -> Option<()> {
    let made = site.create(&known.title).ok()?.ok();
    known.id = Some(made["id"].as_str().unwrap().to_owned());
    told.send(()).ok();
    let id = known.id.clone()?;
    if luck.below(3) == 0 {
        let content = known
            .title
            .repeat(1 + usize::try_from(luck.below(3_000)).unwrap());
        let sent = site.admin.attach(&id, "photo.txt", content.as_bytes());
        let file = sent.ok()?.ok()["id"].as_str().unwrap().to_owned();
        known.files.push((file, content.into_bytes()));
        told.send(()).ok();
    }
    for (place, step) in STEPS.into_iter().enumerate() {
        known.open = true;
        let done = site
            .act(&id, 1 + i64::try_from(place).unwrap(), step)
            .ok()?;
        done.ok();
        known.open = false;
        known.done += 1;
        told.send(()).ok();
    }
    Some(())
}

/// Sends again whatever was under way, as a client would.
fn settle(site: &Site, known: &mut Known) {
    let again = site.create(&known.title).unwrap().ok();
    let id = again["id"].as_str().unwrap().to_owned();
    if let Some(before) = &known.id {
        assert_eq!(before, &id, "{} was registered twice", known.title);
    }
    known.id = Some(id.clone());
    if known.open {
        let version = 1 + i64::try_from(known.done).unwrap();
        let reply = site.act(&id, version, STEPS[known.done]).unwrap();
        let stands = reply.status == 409 && reply.problem() == "stale_version";
        assert!(reply.status == 200 || stands, "{}: {reply}", known.title);
        known.done += 1;
        known.open = false;
    }
}

/// Every ticket once, with a number of its own, everything done to it once, and its messages.
fn look(site: &Site, all: &[Known]) {
    let rows = site.all("/tickets");
    let numbers: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row["number"].as_str())
        .collect();
    assert_eq!(numbers.len(), rows.len(), "a number was given twice");
    let titles: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row["title"].as_str())
        .collect();
    assert_eq!(titles.len(), rows.len(), "a ticket stands twice");
    assert_eq!(rows.len(), all.len(), "tickets");
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    for row in site.all("/deliveries") {
        let about = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        if about("kind") == "ticket.dispatch" {
            *messages.entry(about("link")).or_default() += 1;
        }
    }
    for known in all {
        ticket(site, known, &messages);
    }
}

fn ticket(site: &Site, known: &Known, messages: &BTreeMap<String, usize>) {
    let id = known.id.as_deref().unwrap();
    let timeline = site.all(&format!("/tickets/{id}/timeline"));
    let times = |action: &str| {
        timeline
            .iter()
            .filter(|row| row["action"] == action)
            .count()
    };
    for (place, step) in STEPS.into_iter().enumerate() {
        let expected = usize::from(place < known.done);
        assert_eq!(times(step), expected, "{step} of {}", known.title);
    }
    let told = messages
        .get(&format!("/tickets/{id}"))
        .copied()
        .unwrap_or(0);
    let expected = usize::from(known.done == STEPS.len());
    assert_eq!(told, expected, "messages about {}", known.title);
    let shown = site.admin.get(&format!("/tickets/{id}")).unwrap().ok();
    for (file, content) in &known.files {
        let named = |row: &&Value| row["id"] == file.as_str();
        let attached = shown["attachments"]
            .as_array()
            .unwrap()
            .iter()
            .filter(named);
        assert_eq!(attached.count(), 1, "an attachment of {}", known.title);
        let kept = site.admin.get(&format!("/attachments/{file}")).unwrap();
        assert_eq!((kept.status, &kept.body), (200, content), "{}", known.title);
    }
}
