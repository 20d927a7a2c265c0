//! A private PostgreSQL for one test run: own folder, own port, own password, gone afterwards.

use crate::process;
use crate::repo::Repo;
use crate::tools;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(60);
/// The tests of a crate run side by side, each with a database and a pool of its own.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
];

/// A running server; dropping it stops the server and removes its folder.
pub struct Postgres {
    child: Child,
    folder: PathBuf,
    /// The address for the superuser `postgres`.
    pub url: String,
}

impl Postgres {
    /// Initialises and starts a server of its own for this process.
    pub fn start(repo: &Repo) -> Result<Self> {
        let programs = tools::postgres_programs().context("PostgreSQL is not installed")?;
        let owner = Owner::find()?;
        let parent = owner.reachable_folder(repo)?;
        sweep(&parent);
        let folder = parent.join(format!("postgres-{}", std::process::id()));
        owner.create(&folder)?;
        let password = random_hex()?;
        match initialise(&programs, &owner, &folder, &password)
            .and_then(|()| launch(&programs, &owner, &folder))
        {
            Ok((child, port)) => Ok(Self {
                child,
                url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
                folder,
            }),
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // INT is PostgreSQL's fast shutdown: it ends the connections still open.
        process::stop(&mut self.child, Signal::INT);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Who the server runs as: PostgreSQL refuses root, so root hands it to Debian's `postgres`.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn find() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        let number = |option| -> Option<u32> {
            let output = Command::new("id")
                .args([option, "postgres"])
                .output()
                .ok()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        };
        match (number("-u"), number("-g")) {
            (Some(user), Some(group)) => Ok(Self(Some((user, group)))),
            _ => bail!("PostgreSQL does not run as root and there is no user `postgres`"),
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command.env("LC_ALL", "C.UTF-8");
        command
    }

    /// Below `target`, or below the temporary folder where another user cannot enter `target`
    /// (a checkout in root's home).
    fn reachable_folder(&self, repo: &Repo) -> Result<PathBuf> {
        let folder = repo.scratch()?.canonicalize()?;
        if self.0.is_none() || folder.ancestors().all(others_may_enter) {
            return Ok(folder);
        }
        let print = crate::stamp::of_text(&folder.to_string_lossy());
        let folder = std::env::temp_dir().join(format!("anlan-test-{print}"));
        fs::create_dir_all(&folder)?;
        // The name can be guessed: never work in a folder that somebody else put there.
        let data = fs::symlink_metadata(&folder)?;
        if !data.is_dir() || data.uid() != rustix::process::geteuid().as_raw() {
            bail!("{} belongs to somebody else", folder.display());
        }
        Ok(folder)
    }

    fn create(&self, folder: &Path) -> Result<()> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = self.0 {
            chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }
}

fn others_may_enter(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|data| data.permissions().mode() & 0o001 != 0)
}

fn initialise(programs: &Path, owner: &Owner, folder: &Path, password: &str) -> Result<()> {
    let secret = folder.join("password");
    fs::write(&secret, password)?;
    if let Some((user, group)) = owner.0 {
        chown(&secret, Some(user), Some(group))?;
    }
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
    let output = owner
        .command(&programs.join("initdb"))
        .current_dir(folder)
        .args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--username=postgres", "--auth=scram-sha-256", "--pwfile"])
        .arg(&secret)
        .arg("--pgdata")
        .arg(folder.join("data"))
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        bail!(
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    fs::remove_file(&secret)?;
    Ok(())
}

/// Starts the server on a free port and waits until it answers.
fn launch(programs: &Path, owner: &Owner, folder: &Path) -> Result<(Child, u16)> {
    let log = folder.join("server.log");
    let mut last = String::new();
    // Between finding a free port and binding it another run may take it: try again.
    for _ in 0..3 {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let output = fs::File::create(&log)?;
        let mut command = owner.command(&programs.join("postgres"));
        command
            .current_dir(folder)
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &port.to_string()])
            .stdout(Stdio::from(output.try_clone()?))
            .stderr(Stdio::from(output));
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let mut child = process::start(&mut command)?;
        if answers(programs, port, &mut child) {
            return Ok((child, port));
        }
        process::stop(&mut child, Signal::INT);
        last = fs::read_to_string(&log).unwrap_or_default();
        if process::interrupted() {
            bail!("interrupted");
        }
    }
    bail!("PostgreSQL did not start:\n{}", last.trim());
}

fn answers(programs: &Path, port: u16, child: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < START_LIMIT && !process::interrupted() {
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        let ready = Command::new(programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .status()
            .is_ok_and(|status| status.success());
        if ready {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Ends and removes servers whose run was killed before it could clean up.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix("postgres-"))
            .and_then(|pid| pid.parse::<u32>().ok());
        let Some(owner) = owner else { continue };
        if Path::new(&format!("/proc/{owner}")).exists() {
            continue;
        }
        let data = entry.path().join("data");
        if let Some(pid) = server_of(&data) {
            let _ = rustix::process::kill_process(pid, Signal::INT);
            let asked = Instant::now();
            while server_of(&data).is_some() && asked.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// The server process of a data folder, if it still runs: its command line must name the folder,
/// since the number alone may belong to another program by now.
fn server_of(data: &Path) -> Option<Pid> {
    let note = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: i32 = note.lines().next()?.trim().parse().ok()?;
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let names_it = line
        .split(|byte| *byte == 0)
        .any(|word| word == data.as_os_str().as_encoded_bytes());
    names_it.then(|| Pid::from_raw(pid)).flatten()
}

fn random_hex() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
