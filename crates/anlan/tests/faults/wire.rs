//! Clients that break the protocol or take their time.

use std::fs;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::support::{self, Client, Reply, Server};

/// What a request may take at most, and some time for a busy machine.
const LIMIT: Duration = Duration::from_secs(45);

/// A server of its own for a test.
struct Site {
    _folder: tempfile::TempDir,
    server: Server,
    admin: Client,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), None);
        let admin = server.administrator();
        Self {
            _folder: folder,
            server,
            admin,
        }
    }

    /// After whatever was sent, the server serves others and nothing has panicked.
    #[track_caller]
    fn is_well(&self, after: &str) {
        let reply = self.admin.get("/tickets").unwrap();
        assert_eq!(reply.status, 200, "after {after}: {reply}");
        let log = self.server.log();
        assert!(!log.contains("panicked"), "after {after}: {log}");
    }
}

/// The head of a request that is the last on its line.
fn head(method: &str, path: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: anlan\r\nconnection: close\r\n{more}\r\n")
}

#[test]
fn slow_clients_are_hung_up_on_and_hold_up_nobody() {
    let site = Site::new();
    let begin = Instant::now();
    let client = Client::new(site.server.address);
    // A head that never ends.
    let mut silent = client.connect().unwrap();
    silent
        .write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: a\r\n")
        .unwrap();
    // A head that goes on for ever, a byte at a time.
    let mut drop_by_drop = client.connect().unwrap();
    let dripping = std::thread::spawn(move || {
        drop_by_drop.write_all(b"GET / HTTP/1.1\r\nx: ").unwrap();
        let pause = Some(Duration::from_millis(500));
        drop_by_drop.set_read_timeout(pause).unwrap();
        while begin.elapsed() < LIMIT {
            let closed = drop_by_drop.write_all(b"a").is_err();
            // Waits for the server's end of the line, half a second at most.
            if closed || matches!(drop_by_drop.read(&mut [0]), Ok(0)) {
                return true;
            }
        }
        false
    });
    // A body that never comes, and an upload that stops.
    let json = "content-type: application/json\r\ncontent-length: 100\r\n";
    let mut body = client.connect().unwrap();
    body.write_all(head("POST", "/api/v1/session", json).as_bytes())
        .unwrap();
    body.write_all(b"{\"login\":").unwrap();
    for _ in 0..5 {
        site.is_well("slow clients");
    }
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "others had to wait"
    );
    let mut answer = Vec::new();
    body.read_to_end(&mut answer).unwrap();
    let reply = Reply::parse(&answer).unwrap();
    assert_eq!((reply.status, &*reply.problem()), (408, "body_timeout"));
    let mut rest = Vec::new();
    drop(silent.read_to_end(&mut rest));
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    assert!(dripping.join().unwrap(), "a head may be sent for ever");
}

#[test]
fn what_is_no_http_is_refused_and_harms_nobody() {
    let site = Site::new();
    let client = Client::new(site.server.address);
    let health = "GET /api/v1/health HTTP/1.1\r\nhost: anlan\r\n\r\n";
    let get = |more: &str| head("GET", "/api/v1/health", more).into_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (
            "noise",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        ),
        ("NULs", vec![0; 4096]),
        ("no version", b"GET /\r\n\r\n".to_vec()),
        (
            "a NUL in the address",
            head("GET", "/api/v1/\0", "").into_bytes(),
        ),
        ("a NUL in a header", get("x: a\0b\r\n")),
        ("a header without a colon", get("nonsense\r\n")),
        (
            "a huge header",
            get(&format!("x: {}\r\n", "a".repeat(2_000_000))),
        ),
        ("a thousand headers", get(&"x: a\r\n".repeat(1_000))),
        ("a negative length", get("content-length: -1\r\n")),
        (
            "a length beyond all",
            get("content-length: 99999999999999999999999\r\n"),
        ),
        (
            "two lengths",
            get("content-length: 1\r\ncontent-length: 2\r\n"),
        ),
        (
            "a chunk that is none",
            [get("transfer-encoding: chunked\r\n"), b"zz\r\n".to_vec()].concat(),
        ),
        (
            "garbage behind a request",
            [health.as_bytes(), b"\xff\xfe garbage \0\r\n\r\n"].concat(),
        ),
        (
            "an address of 100 kB",
            head("GET", &format!("/api/v1/{}", "a".repeat(100_000)), "").into_bytes(),
        ),
    ];
    for (name, request) in cases {
        if let Ok(answer) = client.raw(&request) {
            let text = String::from_utf8_lossy(&answer).into_owned();
            assert!(!text.contains("HTTP/1.1 5"), "{name}: {text}");
        }
        site.is_well(name);
    }
}

#[test]
fn garbage_behind_a_good_request_does_not_spoil_its_answer() {
    let site = Site::new();
    let client = Client::new(site.server.address);
    let request = b"GET /api/v1/health HTTP/1.1\r\nhost: anlan\r\n\r\n\x01\x02 garbage\r\n\r\n";
    let answer = client.raw(request).unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(text.contains("HTTP/1.1 400"), "{text}");
    site.is_well("garbage");
}

#[test]
fn bodies_that_are_too_large_or_lie_about_their_length_are_refused() {
    let site = Site::new();
    let client = Client::new(site.server.address);
    let json = "content-type: application/json\r\n";
    let large = "a".repeat(2 * 1024 * 1024);
    let told = format!("{json}content-length: {}\r\n", large.len());
    let chunked = format!("{json}transfer-encoding: chunked\r\n");
    let chunks = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let path = "/api/v1/session";
    let session = |more: &str| head("POST", path, more);
    for (name, request) in [
        ("with its length", session(&told) + &large),
        ("in chunks", session(&chunked) + &chunks),
    ] {
        let reply = client.exchange(request.as_bytes()).unwrap();
        assert_eq!(
            (reply.status, &*reply.problem()),
            (413, "too_large"),
            "{name}"
        );
    }
    // Shorter than it says, and then the line is closed.
    let short = session(&format!("{json}content-length: 5000\r\n")) + "{\"login\":\"a\"";
    let mut stream = client.connect().unwrap();
    stream.write_all(short.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 5"));
    // Longer than it says: the rest is no request.
    let long = session(&format!("{json}content-length: 2\r\n")) + "{}GET / HTTP/1.1\r\n\r\n";
    let reply = client.exchange(long.as_bytes()).unwrap();
    assert_eq!(
        (reply.status, &*reply.problem()),
        (422, "invalid"),
        "{reply}"
    );
    site.is_well("large bodies");
}

#[test]
fn a_file_that_is_too_large_is_refused_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), None);
    let site = support::Site::new(&server);
    let made = site.create("ticket").unwrap().ok();
    let ticket = made["id"].as_str().unwrap();
    let most = 50 * 1024 * 1024;
    let file = vec![b'a'; most + 1];
    let reply = site.admin.attach(ticket, "a.bin", &file).unwrap();
    assert_eq!((reply.status, &*reply.problem()), (413, "too_large"));
    let kept = || -> usize {
        let folders = fs::read_dir(folder.path().join("files")).unwrap();
        let files = folders.map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().count());
        files.sum()
    };
    assert_eq!(kept(), 0, "drafts included");
    let path = format!("/tickets/{ticket}");
    let attachments = || site.admin.get(&path).unwrap().ok()["attachments"].clone();
    assert_eq!(attachments(), serde_json::json!([]));
    site.admin
        .attach(ticket, "a.bin", &file[..most])
        .unwrap()
        .ok();
    assert_eq!(
        (kept(), attachments()[0]["size"].as_u64()),
        (1, Some(most as u64))
    );
}

#[test]
fn neither_a_live_page_nor_a_slow_client_keeps_the_server_from_ending() {
    let mut site = Site::new();
    let mut page = site.admin.open("/events").unwrap();
    let mut begin = [0; 15];
    page.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200 OK");
    let half = "content-type: application/json\r\ncontent-length: 100\r\n";
    let mut slow = site.admin.connect().unwrap();
    let half = head("POST", "/api/v1/session", half) + "{";
    slow.write_all(half.as_bytes()).unwrap();
    site.is_well("half a request");
    let asked = Instant::now();
    assert!(site.server.terminate(LIMIT), "{}", site.server.log());
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "{:?}",
        asked.elapsed()
    );
}
