//! A `PostgreSQL` of the test's own, which may go away and come back.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A cluster; dropping it stops it and removes its folder.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// A new cluster, running.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let postgres = Self {
            folder,
            programs: programs(),
            port,
        };
        if let Some((user, group)) = owner() {
            chown(postgres.folder.path(), Some(user), Some(group)).expect("its owner");
        }
        let options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"];
        let data = postgres.data();
        postgres.run("initdb", |initdb| {
            initdb
                .args(options)
                .args(["--username=anlan", "--auth=trust"]);
            initdb.arg("--pgdata").arg(&data);
        });
        drop(listener);
        postgres.resume();
        postgres
    }

    /// The URL of its only database, at another port when something stands between.
    pub fn url(&self, port: Option<u16>) -> String {
        let port = port.unwrap_or(self.port);
        format!("postgres://anlan@127.0.0.1:{port}/postgres?sslmode=disable")
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Gone at once, as after a crash.
    pub fn crash(&self) {
        self.control(&["stop", "--mode=immediate", "--wait"]);
    }

    /// Back again.
    pub fn resume(&self) {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
            self.port
        );
        let log = self.folder.path().join("log");
        let log = log.to_string_lossy();
        self.control(&[
            "start",
            "--wait",
            "--silent",
            "--log",
            &log,
            "--options",
            &settings,
        ]);
    }

    /// Every process of it stops where it stands, as on a machine that is frozen, or goes on.
    pub fn freeze(&self, frozen: bool) {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).expect("its process");
        let leader = file.lines().next().expect("a process id").to_owned();
        let parent = |process: &str| -> Option<String> {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            let after = stat.rsplit(") ").next()?;
            after.split(' ').nth(1).map(str::to_owned)
        };
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let names = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut own: Vec<String> = names
            .filter(|name| parent(name).is_some_and(|parent| parent == leader))
            .collect();
        own.push(leader);
        let signal = if frozen { "STOP" } else { "CONT" };
        let kill = format!("kill -{signal} {}", own.join(" "));
        let status = Command::new("sh").args(["-c", &kill]).status();
        assert!(status.is_ok_and(|status| status.success()), "{kill}");
    }

    fn control(&self, words: &[&str]) {
        let data = self.data();
        self.run("pg_ctl", |control| {
            control.args(words).arg("--pgdata").arg(&data);
        });
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, with: impl FnOnce(&mut Command)) {
        let mut command = Command::new(self.programs.join(program));
        if let Some((user, group)) = owner() {
            command.uid(user).gid(group);
        }
        command.current_dir(self.folder.path());
        with(&mut command);
        // Not piped: the server that pg_ctl leaves behind would keep a pipe open.
        let out = self.folder.path().join("out");
        let file = fs::File::create(&out).expect("a file");
        let errors = file.try_clone().expect("the same file");
        let status = command.stdout(file).stderr(errors).status();
        let status = status.unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = fs::read_to_string(out).unwrap_or_default();
        assert!(status.success(), "{program}: {said}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        if let Some((user, group)) = owner() {
            command.uid(user).gid(group);
        }
        let data = self.data();
        let stop = ["stop", "--mode=immediate", "--wait", "--silent"];
        drop(
            command
                .current_dir("/")
                .args(stop)
                .arg("--pgdata")
                .arg(data)
                .output(),
        );
    }
}

/// The folder of the server's programs, the newest that Debian has installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.flatten().map(|entry| entry.path().join("bin"));
    let newest = folders
        .filter(|folder| folder.join("initdb").is_file())
        .max();
    newest.expect(
        "the programs of PostgreSQL (Debian package postgresql); `cargo xtask test` installs them",
    )
}

/// `PostgreSQL` refuses root, so root hands it to Debian's `postgres`.
fn owner() -> Option<(u32, u32)> {
    let number = |option: &str, name: &str| -> Option<u32> {
        let Output { stdout, .. } = Command::new("id").args([option, name]).output().ok()?;
        String::from_utf8_lossy(&stdout).trim().parse().ok()
    };
    let root = Path::new("/proc/self").metadata().is_ok_and(|data| {
        use std::os::unix::fs::MetadataExt;
        data.uid() == 0
    });
    if !root {
        return None;
    }
    Some((number("-u", "postgres")?, number("-g", "postgres")?))
}
