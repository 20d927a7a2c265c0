//! The real program as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::Client;

/// How long the program may take to come up on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
}

/// The program itself.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_anlan"))
}

impl Server {
    /// Starts one on a data folder, and on a `PostgreSQL` when there is a URL.
    pub fn start(data: &Path, database: Option<&str>) -> Self {
        Self::run(program(), data, database)
    }

    /// Starts one with a command that runs the program with what follows.
    pub fn run(mut command: Command, data: &Path, database: Option<&str>) -> Self {
        command.arg("serve").arg("--data").arg(data);
        command.args(["--listen", "127.0.0.1:0"]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let out = child.stdout.take().expect("its output");
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let log = Arc::new(Mutex::new(String::new()));
        let (mut errors, kept) = (child.stderr.take().expect("its log"), Arc::clone(&log));
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = errors.read(&mut part) {
                let text = String::from_utf8_lossy(&part[..count]);
                kept.lock().expect("the log").push_str(&text);
            }
        });
        let mut server = Self {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            lines,
            log,
        };
        let line = server.line("Anlan");
        let address = line
            .rsplit("http://")
            .next()
            .and_then(|text| text.parse().ok());
        server.address = address.unwrap_or_else(|| panic!("no address in {line}"));
        server
    }

    /// Waits for a line that begins so.
    fn line(&self, begin: &str) -> String {
        let until = Instant::now() + START;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.starts_with(begin) => return line,
                Ok(_) => {}
                Err(_) => panic!("the program does not say `{begin}…`:\n{}", self.log()),
            }
        }
    }

    /// The administrator of a new data folder, signed in, the first password changed.
    pub fn administrator(&self) -> Client {
        let line = self.line("First sign-in: admin / ");
        let rest = line.trim_start_matches("First sign-in: admin / ");
        let first = rest.split("  (").next().unwrap_or_default();
        let mut client = Client::new(self.address);
        client.sign_in("admin", first);
        let change = serde_json::json!({ "old": first, "new": "Correct-Horse-7" });
        let changed = client.json("PUT", "/session/password", &[], &change);
        changed.expect("an answer").ok();
        client.sign_in("admin", "Correct-Horse-7");
        client
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("its end");
    }
}

impl Server {
    /// Asks it to end, as an administrator does; whether it ended well within the limit.
    pub fn terminate(&mut self, limit: Duration) -> bool {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status();
        assert!(sent.is_ok_and(|status| status.success()));
        let begin = Instant::now();
        while begin.elapsed() < limit {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                Err(error) => panic!("{error}"),
            }
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("the end of the server's log, newest first:");
            tail.iter().for_each(|line| eprintln!("  {line}"));
        }
    }
}

/// `anlan audit verify`.
pub fn verify(data: &Path, database: Option<&str>) {
    let mut command = program();
    command.args(["audit", "verify", "--data"]).arg(data);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(status.success(), "{}{}", text(&stdout), text(&stderr));
}
