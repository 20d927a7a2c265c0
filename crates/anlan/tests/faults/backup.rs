//! Backup and restore: what was acknowledged before a backup comes back from it, and nothing that was
//! changed since does.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::support::{Dice, Server, Site, tool, until, verify};

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const MONITORS: usize = 10;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A ticket that was acknowledged with its attachment.
#[derive(Clone)]
struct Kept {
    title: String,
    file: String,
    content: Vec<u8>,
}

/// Registers a ticket and attaches a file to it.
fn register(site: &Site, title: &str, content: Vec<u8>) -> Kept {
    let made = site.create(title).unwrap().ok();
    let ticket = made["id"].as_str().unwrap();
    let file = site.admin.attach(ticket, "photo.bin", &content).unwrap();
    Kept {
        title: title.to_owned(),
        file: file.ok()["id"].as_str().unwrap().to_owned(),
        content,
    }
}

/// Somebody who registers tickets until he is told to stop.
struct Busy {
    kept: Arc<Mutex<Vec<Kept>>>,
    stop: Arc<AtomicBool>,
    heard: Receiver<()>,
    work: JoinHandle<()>,
}

impl Busy {
    fn at(site: &Site, mut dice: Dice) -> Self {
        let (kept, stop) = (Arc::<Mutex<Vec<Kept>>>::default(), Arc::default());
        let (acknowledged, heard): (Sender<()>, _) = channel();
        let (site, all, over) = (site.clone(), Arc::clone(&kept), Arc::clone(&stop));
        let work = thread::spawn(move || {
            for number in 0.. {
                if AtomicBool::load(&over, Ordering::SeqCst) {
                    return;
                }
                let length = usize::try_from(dice.below(50_000)).unwrap();
                let one = register(&site, &format!("ticket {number}"), dice.noise(length));
                all.lock().unwrap().push(one);
                acknowledged.send(()).ok();
            }
        });
        Self {
            kept,
            stop,
            heard,
            work,
        }
    }

    /// Waits for so many acknowledgements.
    fn goes_on(&self, times: usize) {
        for _ in 0..times {
            self.heard
                .recv_timeout(PATIENCE)
                .expect("an acknowledgement");
        }
    }

    fn acknowledged(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }

    fn stops(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.work.join().unwrap();
    }
}

/// The samples of a monitor from then to now, one a second at most.
fn samples(site: &Site, monitor: &str, from: &str, to: &str) -> Vec<Value> {
    let path = format!("/monitors/{monitor}/series?metric=up&from={from}&to={to}&points=2000");
    let chart = site.admin.get(&path).unwrap().ok();
    chart["points"].as_array().unwrap().clone()
}

#[test]
fn a_backup_of_a_busy_server_holds_whatever_was_acknowledged_before_it() {
    let place = tempfile::tempdir().unwrap();
    let (data, file, fresh) = (
        place.path().join("data"),
        place.path().join("backup"),
        place.path().join("fresh"),
    );
    let server = Server::start(&data, None);
    let site = Site::new(&server);
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let port_number = port.local_addr().unwrap().port();
    let monitors: Vec<String> = (0..MONITORS).map(|_| site.watch(port_number)).collect();
    let from = jiff::Timestamp::now().to_string();
    let seen = |to: &str| -> Vec<Vec<Value>> {
        let of = |monitor: &String| samples(&site, monitor, &from, to);
        monitors.iter().map(of).collect()
    };
    until("every monitor has samples", PATIENCE, || {
        let now = jiff::Timestamp::now().to_string();
        seen(&now).iter().all(|points| points.len() >= 2)
    });
    let busy = Busy::at(&site, Dice::new());
    busy.goes_on(10);
    let to = jiff::Timestamp::now().to_string();
    let (before, known) = (seen(&to), busy.acknowledged());
    let said = tool(&["backup", "--data", text(&data), text(&file)]).ok();
    assert!(said.contains("read back and verified"), "{said}");
    busy.goes_on(1);
    busy.stops();
    drop(server);
    fs::remove_dir_all(&data).unwrap();

    tool(&["restore", "--data", text(&fresh), text(&file)]).ok();
    verify(&fresh, None);
    let server = Server::start(&fresh, None);
    let site = site.at(&server);
    let tickets = site.all("/tickets");
    for one in &known {
        let named = |row: &&Value| row["title"] == one.title.as_str();
        assert_eq!(tickets.iter().filter(named).count(), 1, "{}", one.title);
        let path = format!("/attachments/{}", one.file);
        let content = site.admin.get(&path).unwrap().body;
        assert!(content == one.content, "the attachment of {}", one.title);
    }
    for (monitor, before) in monitors.iter().zip(&before) {
        let now = samples(&site, monitor, &from, &to);
        let lost = before.iter().find(|point| !now.contains(point));
        assert_eq!(lost, None, "{monitor}: {now:?}");
    }
}

/// A backup of a small installation, and the content of its only attachment.
fn small(place: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let (data, file) = (place.join("data"), place.join("backup"));
    let server = Server::start(&data, None);
    let site = Site::new(&server);
    let content = Dice::new().noise(5_000);
    register(&site, "ticket", content.clone());
    drop(server);
    tool(&["backup", "--data", text(&data), text(&file)]).ok();
    (file, content)
}

#[test]
fn a_changed_byte_keeps_a_backup_from_being_restored_and_the_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let (file, content) = small(place.path());
    let whole = fs::read(&file).unwrap();
    let attachment = whole
        .windows(content.len())
        .position(|part| part == content)
        .expect("noise is stored as it is");
    let fresh = place.path().join("fresh");
    // The database comes first.
    for (place, named) in [(2_000, "anlan.db"), (attachment + 77, "files/")] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&file, changed).unwrap();
        let said = tool(&["restore", "--data", text(&fresh), text(&file)]).refused();
        assert!(said.contains(text(&file)) && said.contains(named), "{said}");
        assert!(!fresh.exists(), "nothing is left behind");
    }
    fs::write(&file, &whole[..whole.len() - 100]).unwrap();
    let said = tool(&["restore", "--data", text(&fresh), text(&file)]).refused();
    assert!(said.contains("not a whole backup"), "{said}");
    fs::write(&file, whole).unwrap();
    tool(&["restore", "--data", text(&fresh), text(&file)]).ok();
}

#[test]
fn neither_an_installation_nor_a_backup_is_written_over() {
    let place = tempfile::tempdir().unwrap();
    let (file, _) = small(place.path());
    let data = place.path().join("data");
    let before = fs::read(data.join("anlan.db")).unwrap();
    let said = tool(&["restore", "--data", text(&data), text(&file)]).refused();
    assert!(said.contains("is not empty"), "{said}");
    assert!(fs::read(data.join("anlan.db")).unwrap() == before);
    let said = tool(&["backup", "--data", text(&data), text(&file)]).refused();
    assert!(said.contains("exists already"), "{said}");
}

#[test]
fn rows_on_postgres_are_not_taken_for_those_of_an_old_database_file() {
    let place = tempfile::tempdir().unwrap();
    let (file, _) = small(place.path());
    let (data, fresh, other) = (
        place.path().join("data"),
        place.path().join("fresh"),
        place.path().join("other"),
    );
    let database = "postgres://a:TOP-SECRET@127.0.0.1/anlan";
    let backup = [
        "backup",
        "--data",
        text(&data),
        "--database",
        database,
        text(&other),
    ];
    let restore = [
        "restore",
        "--data",
        text(&fresh),
        "--database",
        database,
        text(&file),
    ];
    for words in [backup, restore] {
        let said = tool(&words).refused();
        for told in ["pg_dump", "files", "series", "definitions"] {
            assert!(said.contains(told), "{said}");
        }
        assert!(!said.contains("TOP-SECRET"), "{said}");
    }
    assert!(!other.exists() && !fresh.exists());
}
