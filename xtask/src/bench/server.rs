//! A server of our own to measure: release build, temporary data folder, free port.

use super::http::Client;
use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const PASSWORD: &str = "Measure-Twice-1";

/// A data folder that is removed when dropped.
pub struct Data(PathBuf);

impl Data {
    /// A new, empty one below `target`.
    pub fn new(repo: &Repo) -> Result<Self> {
        let folder = repo
            .scratch()?
            .join(format!("bench-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running `anlan serve`; dropping it stops it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The administrator's first password, on a new data folder.
    password: Option<String>,
    /// From the start of the process until the first page was answered.
    pub first_page: Duration,
}

impl Server {
    /// Builds the binary, as `cargo xtask run` does.
    pub fn build(repo: &Repo, release: bool) -> Result<()> {
        process::run(&mut crate::run::cargo_build(repo, release))
    }

    /// Starts on `data` and waits for the first page.
    pub fn start(repo: &Repo, release: bool, data: &Path) -> Result<Self> {
        let started = Instant::now();
        let log = std::fs::File::create(data.join("server.log"))?;
        let mut command = repo.command(repo.binary(release));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = process::start(&mut command)?;
        let output = child.stdout.take().context("no output")?;
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            password: None,
            first_page: Duration::ZERO,
        };
        server.read_greeting(output, data)?;
        let mut client = Client::new(server.address);
        // The pages may not be built in; the API's own description always is.
        client.get("/api/v1/openapi.json")?.json()?;
        server.first_page = started.elapsed();
        Ok(server)
    }

    fn read_greeting(&mut self, output: std::process::ChildStdout, data: &Path) -> Result<()> {
        let mut lines = BufReader::new(output).lines();
        let expects_password = !data.join("anlan.db").exists();
        while self.address.port() == 0 || (expects_password && self.password.is_none()) {
            let Some(line) = lines.next() else {
                let log = std::fs::read_to_string(data.join("server.log")).unwrap_or_default();
                bail!("the server ended before it listened: {}", log.trim());
            };
            let line = line?;
            if let Some(address) = address(&line) {
                self.address = address;
            }
            if let Some(password) = password(&line) {
                self.password = Some(password);
            }
        }
        // Whatever it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }

    /// Signs in as the administrator, on the first start with a new password, and gives a client
    /// that carries the session.
    pub fn sign_in(&self) -> Result<Client> {
        let mut client = Client::new(self.address);
        client.always("X-Anlan", "1");
        if let Some(first) = &self.password {
            choose_password(&client, "admin", first)?;
        }
        open(&client, "admin", PASSWORD)
    }

    /// Creates somebody who is on monitoring duty in a project, and signs in as that person.
    pub fn on_duty(&self, admin: &mut Client, project: &str) -> Result<Client> {
        let person = json!({"login": "duty", "name": "王值班"});
        let created = admin.json("POST", "/api/v1/users", "", &person)?.json()?;
        let id = created["user"]["id"].as_str().context("no id")?;
        let first = created["one_time_password"].as_str().context("no word")?;
        let grant = json!({"role": "monitor_duty", "scope": {"kind": "project", "id": project}});
        admin
            .json("POST", &format!("/api/v1/users/{id}/grants"), "", &grant)?
            .json()?;
        let mut client = Client::new(self.address);
        client.always("X-Anlan", "1");
        choose_password(&client, "duty", first)?;
        open(&client, "duty", PASSWORD)
    }

    /// Kills it as a power cut would, with what it was doing half done.
    pub fn kill(&mut self) {
        process::stop(&mut self.child, Signal::KILL);
    }

    /// CPU time used so far, in seconds.
    pub fn cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in brackets may hold blanks; user and system time are fields 14 and 15.
        let fields = stat.rsplit_once(')').context("no stat")?.1;
        let fields = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.map(|field| field.parse().unwrap_or(0)).sum();
        Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
    }

    /// Resident memory in MiB.
    pub fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| {
                rest.trim()
                    .trim_end_matches("kB")
                    .trim()
                    .parse::<f64>()
                    .ok()
            })
            .context("no VmRSS")?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        process::stop(&mut self.child, Signal::TERM);
    }
}

/// Changes a first password, as everybody must.
fn choose_password(client: &Client, login: &str, first: &str) -> Result<()> {
    let change = json!({"old": first, "new": PASSWORD});
    open(client, login, first)?
        .json("PUT", "/api/v1/session/password", "", &change)?
        .json()
        .map(drop)
}

fn open(client: &Client, login: &str, password: &str) -> Result<Client> {
    let mut client = client.another();
    let login = json!({"login": login, "password": password});
    let answer = client.json("POST", "/api/v1/session", "", &login)?;
    answer.json().context("signing in")?;
    let cookie = answer
        .header("set-cookie")
        .and_then(|cookie| cookie.split(';').next())
        .context("no session cookie")?
        .to_owned();
    client.always("Cookie", &cookie);
    Ok(client)
}

/// `Anlan 安澜  http://127.0.0.1:8080`
fn address(line: &str) -> Option<SocketAddr> {
    line.split_once("http://")?
        .1
        .split_whitespace()
        .next()?
        .trim_end_matches('/')
        .parse()
        .ok()
}

/// `First sign-in: admin / aBcd-…  (one time, must be changed)`
fn password(line: &str) -> Option<String> {
    let rest = line.split_once("admin / ")?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_is_understood() {
        assert_eq!(
            address("Anlan 安澜  http://127.0.0.1:41234"),
            Some("127.0.0.1:41234".parse().unwrap())
        );
        assert_eq!(
            password("First sign-in: admin / aB3d-eF5g-hJ7k-mN9p  (one time, must be changed)"),
            Some("aB3d-eF5g-hJ7k-mN9p".to_owned())
        );
        assert_eq!(address("listening"), None);
    }
}
