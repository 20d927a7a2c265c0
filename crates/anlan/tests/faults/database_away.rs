//! A `PostgreSQL` that goes away under a running server, or is not there at all.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::support::{Client, Postgres, Reply, Server, Site, program, until, verify};

/// Nobody waits longer for an answer, even on a busy machine.
const ANSWER: Duration = Duration::from_secs(10);
/// Within this everything works again.
const RECOVERY: Duration = Duration::from_secs(30);

/// An answer that says that the store is away, in both languages, and soon.
#[track_caller]
fn away(what: &str, ask: impl FnOnce() -> std::io::Result<Reply>) -> String {
    let begin = Instant::now();
    let reply = ask().unwrap();
    let took = begin.elapsed();
    assert_eq!(reply.status, 503, "{what}: {reply}");
    assert!(took < ANSWER, "{what} took {took:?}");
    reply.problem()
}

fn healthy(client: &Client) -> bool {
    client.get("/health").is_ok_and(|reply| reply.status == 200)
}

#[test]
fn a_database_that_goes_away_is_said_and_comes_back_without_a_restart() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Some(&postgres.url(None)));
    let site = Site::new(&server);
    let before = site.create("before").unwrap().ok();
    for round in 0..2 {
        postgres.crash();
        let begin = server.log().lines().count();
        assert_eq!(away("reading", || site.admin.get("/tickets")), "storage");
        away("writing", || site.create(&format!("lost {round}")));
        away("health", || site.admin.get("/health"));
        let lines = server.log().lines().count() - begin;
        assert!(lines < 200, "{lines} lines of log:\n{}", server.log());
        postgres.resume();
        until("healthy again", RECOVERY, || healthy(&site.admin));
        site.create(&format!("after {round}")).unwrap().ok();
    }
    let mut titles: Vec<String> = site
        .all("/tickets")
        .iter()
        .map(|row| row["title"].as_str().unwrap_or_default().to_owned())
        .filter(|title| !title.starts_with("lost"))
        .collect();
    titles.sort();
    assert_eq!(titles, ["after 0", "after 1", "before"]);
    let path = format!("/tickets/{}", before["id"].as_str().unwrap());
    site.admin.get(&path).unwrap().ok();
    assert!(!server.log().contains("panicked"), "{}", server.log());
    drop(server);
    verify(folder.path(), Some(&postgres.url(None)));
}

#[test]
fn a_database_that_freezes_is_said_and_nothing_is_lost_when_it_thaws() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Some(&postgres.url(None)));
    let site = Site::new(&server);
    postgres.freeze(true);
    let waiting = site.clone();
    let waiting = thread::spawn(move || waiting.create("while frozen"));
    for _ in 0..3 {
        away("health", || site.admin.get("/health"));
    }
    away("reading", || site.admin.get("/tickets"));
    postgres.freeze(false);
    until("healthy again", RECOVERY, || healthy(&site.admin));
    let reply = waiting.join().unwrap().unwrap();
    assert!([201, 503].contains(&reply.status), "{reply}");
    site.create("while frozen").unwrap().ok();
    assert_eq!(site.all("/tickets").len(), 1);
    drop(server);
    verify(folder.path(), Some(&postgres.url(None)));
}

/// A line between server and database that can lose the answer to a commit.
struct Line {
    address: SocketAddr,
    lose: Arc<AtomicBool>,
    lost: Arc<AtomicUsize>,
}

impl Line {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            address: listener.local_addr().unwrap(),
            lose: Arc::default(),
            lost: Arc::default(),
        };
        let (lose, lost) = (Arc::clone(&line.lose), Arc::clone(&line.lost));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                join(client, server, &lose, &lost);
            }
        });
        line
    }
}

/// Carries bytes both ways. The answer to a commit is read off the database, which has carried it
/// out then, and both ends are closed.
fn join(client: TcpStream, server: TcpStream, lose: &Arc<AtomicBool>, lost: &Arc<AtomicUsize>) {
    let doomed = Arc::new(AtomicBool::new(false));
    let (from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (lose, marked) = (Arc::clone(lose), Arc::clone(&doomed));
    thread::spawn(move || {
        carry(from, |bytes| {
            let commits = bytes.windows(7).any(|part| part == b"COMMIT\0");
            if commits && lose.swap(false, Ordering::SeqCst) {
                marked.store(true, Ordering::SeqCst);
            }
            to.write_all(bytes).is_ok()
        });
        drop(to.shutdown(Shutdown::Both));
    });
    let (lost, mut back) = (Arc::clone(lost), client);
    thread::spawn(move || {
        carry(server.try_clone().unwrap(), |bytes| {
            if doomed.load(Ordering::SeqCst) {
                lost.fetch_add(1, Ordering::SeqCst);
                return false;
            }
            back.write_all(bytes).is_ok()
        });
        drop(back.shutdown(Shutdown::Both));
        drop(server.shutdown(Shutdown::Both));
    });
}

fn carry(mut from: TcpStream, mut take: impl FnMut(&[u8]) -> bool) {
    let mut part = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut part) {
        if !take(&part[..count]) {
            return;
        }
    }
}

#[test]
fn a_commit_whose_answer_is_lost_stops_no_later_write() {
    let postgres = Postgres::start();
    let line = Line::to(postgres.port());
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.url(Some(line.address.port()));
    let server = Server::start(folder.path(), Some(&url));
    let site = Site::new(&server);
    for round in 0..3 {
        let title = format!("uncertain {round}");
        line.lose.store(true, Ordering::SeqCst);
        // Some other write may be the one whose answer is lost: a timer, a session.
        let reply = site.create(&title).unwrap();
        until("an answer was lost", ANSWER, || {
            line.lost.load(Ordering::SeqCst) > round
        });
        if reply.status == 503 {
            assert_eq!(reply.problem(), "uncertain", "{reply}");
        }
        until("writing works again", RECOVERY, || {
            site.create(&title).is_ok_and(|reply| reply.status == 201)
        });
        until("healthy again", RECOVERY, || healthy(&site.admin));
        let rows = site.all("/tickets");
        let same = rows.iter().filter(|row| row["title"] == title.as_str());
        assert_eq!(same.count(), 1, "{title}");
    }
    drop(server);
    verify(folder.path(), Some(&postgres.url(None)));
}

/// Holds a lock that every new ticket needs, until it is told to let go.
fn hold(url: &str) -> (mpsc::Sender<()>, thread::JoinHandle<()>) {
    use sqlx::{Connection, Executor};
    let (held, holding) = mpsc::channel();
    let (let_go, told) = mpsc::channel();
    let url = url.to_owned();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let lock = "BEGIN; LOCK TABLE ticket_events IN SHARE MODE";
            connection.execute(sqlx::raw_sql(lock)).await.unwrap();
            held.send(()).unwrap();
            told.recv().unwrap();
            connection.execute("ROLLBACK").await.unwrap();
        });
    });
    holding.recv().unwrap();
    (let_go, thread)
}

#[test]
fn a_writer_that_is_stuck_is_said_by_the_health_and_goes_on_afterwards() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Some(&postgres.url(None)));
    let site = Site::new(&server);
    let (let_go, holder) = hold(&postgres.url(None));
    let waiting = site.clone();
    let waiting = thread::spawn(move || waiting.create("waits").unwrap().ok());
    until("the health says so", RECOVERY, || {
        let reply = site.admin.get("/health").unwrap();
        reply.status == 503 && reply.problem() == "writer_stuck"
    });
    site.admin.get("/tickets").unwrap().ok();
    let_go.send(()).unwrap();
    holder.join().unwrap();
    waiting.join().unwrap();
    until("healthy again", RECOVERY, || healthy(&site.admin));
}

#[test]
fn a_database_that_is_not_there_is_named_with_the_reason() {
    let postgres = Postgres::start();
    let here = postgres.port();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap().port();
    drop(free);
    let cases = [
        (
            format!("postgres://a:TOP-SECRET@127.0.0.1:{nobody}/x"),
            format!("127.0.0.1:{nobody}"),
            "refused",
        ),
        (
            format!("postgres://anlan@127.0.0.1:{here}/no_such_database"),
            format!("127.0.0.1:{here}"),
            "no_such_database",
        ),
        (
            format!("postgres://nobody_known@127.0.0.1:{here}/postgres"),
            format!("127.0.0.1:{here}"),
            "nobody_known",
        ),
        (
            "postgres://a@no-such-host.invalid/x".into(),
            "no-such-host.invalid:5432".into(),
            "lookup",
        ),
        (
            "mysql://a:TOP-SECRET@127.0.0.1/x".into(),
            "PostgreSQL URL".into(),
            "postgres://",
        ),
        ("nonsense".into(), "PostgreSQL URL".into(), "URL"),
    ];
    for (url, place, reason) in cases {
        let folder = tempfile::tempdir().unwrap();
        let begin = Instant::now();
        let mut serve = program();
        serve
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path());
        let output = serve.args(["--database", &url]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{url}");
        assert!(
            said.contains(&place) && said.contains(reason),
            "{url}: {said}"
        );
        assert!(!said.contains("TOP-SECRET"), "{said}");
        assert!(begin.elapsed() < Duration::from_secs(30), "{url}");
    }
}
