//! A real nginx to look at.

use crate::process;
use anyhow::{Context as _, Result};
use rustix::process::Signal;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;

/// A real nginx with one page of 1 KB; dropping it stops it.
pub struct Nginx {
    child: Child,
    /// Its page.
    pub url: String,
}

impl Nginx {
    /// Starts it, with what it writes below `folder`.
    pub fn start(folder: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let home = folder.join("nginx");
        std::fs::create_dir_all(&home)?;
        let page = "x".repeat(1_024);
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};"))
            .concat();
        let settings = format!(
            "daemon off; worker_processes 1; pid nginx.pid; error_log error.log; \
             events {{ worker_connections 8192; }} \
             http {{ access_log off; {temporary} \
             server {{ listen 127.0.0.1:{port} backlog=8192; location / {{ return 200 \"{page}\"; }} }} }}"
        );
        std::fs::write(home.join("nginx.conf"), settings)?;
        let program = crate::tools::find_program("nginx")
            .context("nginx is not installed; `cargo xtask test` installs it")?;
        let mut command = std::process::Command::new(program);
        command
            .arg("-p")
            .arg(&home)
            .args(["-c", "nginx.conf", "-e", "error.log"]);
        let child = process::start(&mut command)?;
        let url = format!("http://127.0.0.1:{port}/");
        Ok(Self { child, url })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        process::stop(&mut self.child, Signal::TERM);
    }
}
