//! A disk that is full: said clearly, read on, nothing lost, and working again once there is room.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::support::{Reply, Server, Site, program, until};

/// Room on the small disk.
const SIZE: &str = "size=48m";
/// How long the log of a full disk is watched.
const WATCHED: Duration = Duration::from_secs(8);
/// More lines than this in that time are a flood.
const FLOOD: usize = 120;
/// Within this everything works again.
const RECOVERY: Duration = Duration::from_secs(45);

/// A small disk that only the server has mounted; it goes when the server does.
struct Disk {
    folder: tempfile::TempDir,
    /// The same folder as it looks from outside.
    seen: PathBuf,
}

impl Disk {
    /// A server on a small disk.
    fn with_server() -> (Self, Server) {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o {SIZE} tmpfs \"$0\" && exec \"$@\"");
        let begin = || {
            let mut command = Command::new("unshare");
            command.args(spaces()).args(["sh", "-c", &script]);
            command.arg(folder.path());
            command
        };
        // Fails here, with the reason, where mounting is not allowed at all.
        let tried = begin().arg("true").output();
        let tried = tried.expect("`unshare` (Debian package util-linux)");
        assert!(
            tried.status.success(),
            "this test mounts a small disk, which needs root or name spaces of users: {}",
            String::from_utf8_lossy(&tried.stderr)
        );
        let mut command = begin();
        command.arg(program().get_program());
        let server = Server::run(command, folder.path(), None);
        let inside = folder.path().strip_prefix("/").unwrap();
        let root = Path::new("/proc")
            .join(server.id().to_string())
            .join("root");
        let disk = Self {
            seen: root.join(inside),
            folder,
        };
        assert!(
            disk.seen.join("anlan.db").is_file(),
            "{}",
            disk.seen.display()
        );
        (disk, server)
    }

    /// `anlan audit verify`, where the disk is mounted.
    fn verify(&self, server: &Server) {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &server.id().to_string()])
            .args(spaces());
        command.arg(program().get_program());
        command
            .args(["audit", "verify", "--data"])
            .arg(self.folder.path());
        let output = command
            .output()
            .expect("`nsenter` (Debian package util-linux)");
        assert!(output.status.success(), "{output:?}");
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = File::create(self.seen.join("filler")).unwrap();
        for size in [1024 * 1024, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.seen.join("filler")).unwrap();
    }
}

/// The name spaces to work in. Without root, one of users of its own lends the right to mount.
fn spaces() -> &'static [&'static str] {
    use std::os::unix::fs::MetadataExt;
    let root = fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0);
    if root {
        &["--mount"]
    } else {
        &["--mount", "--user", "--map-root-user"]
    }
}

/// A refusal for want of room, in both languages.
#[track_caller]
fn full(what: &str, reply: &Reply) {
    assert!([503, 507].contains(&reply.status), "{what}: {reply}");
    let code = reply.problem();
    assert!(
        ["disk_full", "storage"].contains(&&*code),
        "{what}: {reply}"
    );
}

#[test]
fn a_full_disk_is_said_reads_go_on_and_writes_come_back() {
    let (disk, server) = Disk::with_server();
    let site = Site::new(&server);
    let first = site.create("before").unwrap().ok();
    let id = first["id"].as_str().unwrap().to_owned();
    let file = site.admin.attach(&id, "a.txt", b"before").unwrap().ok();
    let file = format!("/attachments/{}", file["id"].as_str().unwrap());
    // Something to send, something to watch, something to remind of.
    site.act(&id, 1, "accept").unwrap().ok();
    site.act(&id, 2, "dispatch").unwrap().ok();
    let monitor = serde_json::json!({
        "name": "dead", "kind": "tcp", "project_id": site.project, "config": { "host": "127.0.0.1", "port": 9 },
        "interval_seconds": 5, "timeout_seconds": 2, "rule": null, "parent_id": null,
    });
    site.admin.post("/monitors", &monitor).unwrap().ok();
    // Its first promise is broken in a while, when there is no room left to say so.
    let told = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(600 - 20);
    let mut late = site.call("late");
    late["happened_at"] = told.to_string().into();
    let late = site.admin.post("/tickets", &late).unwrap().ok();
    let late = format!("/tickets/{}/timeline", late["id"].as_str().unwrap());
    disk.fill();

    let mut acknowledged = vec!["before".to_owned(), "late".to_owned()];
    let mut refused = Vec::new();
    // What room is left inside the files of the database is used up first.
    for number in 0.. {
        let title = format!("full {number}");
        let reply = site.create(&title).unwrap();
        if reply.status == 201 {
            acknowledged.push(title);
        } else {
            full("a ticket", &reply);
            refused.push((title, reply));
        }
        if refused.len() == 3 {
            break;
        }
        assert!(number < 20_000, "the disk is not full");
    }
    assert_eq!(refused[0].1.problem(), "disk_full", "{}", refused[0].1);
    assert_eq!(refused[0].1.status, 507);
    let english = [("accept-language", "en")];
    let call = site.call("full in English");
    let reply = site
        .admin
        .json("POST", "/tickets", &english, &call)
        .unwrap();
    full("in English", &reply);
    assert!(
        reply.value()["title"].as_str().unwrap().is_ascii(),
        "{reply}"
    );
    full(
        "an attachment",
        &site.admin.attach(&id, "b.bin", &vec![7; 300_000]).unwrap(),
    );
    full("health", &site.admin.get("/health").unwrap());
    assert_eq!(site.admin.get(&file).unwrap().body, b"before");
    assert_eq!(site.all("/tickets").len(), acknowledged.len());

    until("a timer is due", RECOVERY, || {
        server.log().contains("a timer failed")
    });
    let before = server.log().lines().count();
    // Nothing ends this wait: it is the time in which the loops may write what they have to.
    let (_nobody, nothing) = channel::<()>();
    nothing.recv_timeout(WATCHED).unwrap_err();
    let log = server.log();
    let lines: Vec<&str> = log.lines().skip(before).collect();
    println!("{} lines of log in {WATCHED:?} of a full disk", lines.len());
    assert!(
        lines.len() < FLOOD,
        "{} lines in {WATCHED:?}:\n{}",
        lines.len(),
        lines[..40].join("\n")
    );

    disk.free();
    until("writing works again", RECOVERY, || {
        site.create("after").is_ok_and(|reply| reply.status == 201)
    });
    acknowledged.push("after".into());
    let health = || {
        site.admin
            .get("/health")
            .is_ok_and(|reply| reply.status == 200)
    };
    until("healthy again", RECOVERY, health);
    site.admin
        .attach(&id, "b.bin", &vec![7; 300_000])
        .unwrap()
        .ok();
    until("the broken promise is told", RECOVERY, || {
        let entries = site.all(&late);
        entries.iter().any(|entry| entry["action"] == "sla.breach")
    });
    let mut titles: Vec<String> = site
        .all("/tickets")
        .iter()
        .map(|row| row["title"].as_str().unwrap_or_default().to_owned())
        .collect();
    titles.retain(|title| !title.contains("dead"));
    titles.sort();
    acknowledged.sort();
    assert_eq!(titles, acknowledged);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    disk.verify(&server);
}
