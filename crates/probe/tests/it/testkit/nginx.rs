//! A real nginx with a configuration of its own.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certs::Pair;
use super::free_port;

/// How long nginx may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// An nginx in the foreground, stopped when dropped. It can be stopped and started again on the same
/// port, as in an outage.
pub struct Nginx {
    home: TempDir,
    child: Option<Child>,
    /// Port of plain HTTP.
    pub port: u16,
    /// Port of HTTPS, when a certificate was given.
    pub tls_port: Option<u16>,
}

impl Nginx {
    /// Starts one that serves the files put into [`Self::root`]. `locations` are further directives for
    /// its server block.
    #[must_use]
    pub fn start(locations: &str) -> Self {
        Self::start_with(locations, None)
    }

    /// The same with HTTPS beside it.
    #[must_use]
    pub fn start_tls(locations: &str, pair: &Pair) -> Self {
        Self::start_with(locations, Some(pair))
    }

    fn start_with(locations: &str, pair: Option<&Pair>) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (port, tls_port) = (free_port(), pair.map(|_| free_port()));
        fs::create_dir(home.path().join("root")).expect("a directory for pages");
        let mut tls = String::new();
        if let (Some(pair), Some(port)) = (pair, tls_port) {
            fs::write(home.path().join("cert.pem"), &pair.certificate).expect("a certificate file");
            fs::write(home.path().join("key.pem"), &pair.key).expect("a key file");
            tls = format!(
                "listen 127.0.0.1:{port} ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;"
            );
        }
        fs::write(
            home.path().join("nginx.conf"),
            configuration(port, &tls, locations),
        )
        .expect("a configuration");
        let mut nginx = Self {
            home,
            child: None,
            port,
            tls_port,
        };
        nginx.resume();
        nginx
    }

    /// Where its pages lie.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.home.path().join("root")
    }

    /// Puts a page there.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.root().join(name), content).expect("a page can be written");
    }

    /// The address of a path over HTTP.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Starts it again after [`Self::stop`].
    pub fn resume(&mut self) {
        assert!(self.child.is_none(), "nginx runs already");
        let mut child = Command::new(program())
            .arg("-p")
            .arg(self.home.path())
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx can be started");
        // It writes its pid once every port is its own. A connection alone would prove little: it
        // might be answered by somebody else who took the port first.
        let begun = Instant::now();
        while !fs::read_to_string(self.home.path().join("nginx.pid"))
            .is_ok_and(|pid| pid.ends_with('\n'))
        {
            if let Ok(Some(status)) = child.try_wait() {
                let mut words = String::new();
                let _ = child
                    .stderr
                    .take()
                    .map(|mut e| e.read_to_string(&mut words));
                panic!("nginx ended with {status}: {words}");
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "nginx does not listen after {PATIENCE:?}"
            );
            sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
    }

    /// Stops it: the outage. Connections are refused when this returns.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // SIGTERM by its pid file's owner: nginx ends its workers itself.
        let _ = Command::new("kill")
            .arg("-TERM")
            .arg(child.id().to_string())
            .status();
        let begun = Instant::now();
        while matches!(child.try_wait(), Ok(None)) {
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
            }
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.stop();
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.push("/usr/sbin".into());
    let found = places
        .iter()
        .map(|dir| dir.join("nginx"))
        .find(|p| Path::is_file(p));
    found.unwrap_or_else(|| panic!("nginx is missing; install it: apt-get install nginx-light"))
}

fn configuration(port: u16, tls: &str, locations: &str) -> String {
    format!(
        "daemon off; master_process on; worker_processes 1; pid nginx.pid; error_log error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  default_type text/html;
  server {{
    listen 127.0.0.1:{port}; listen 127.0.0.2:{port}; {tls}
    root root;
    {locations}
  }}
}}
"
    )
}
