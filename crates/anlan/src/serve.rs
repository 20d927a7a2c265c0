//! `anlan serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anlan_server::app::App;
use anlan_server::features::{demo, people};
use anlan_server::platform::{Config, http};
use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

/// Which store.
#[derive(clap::Args)]
pub struct Store {
    /// Folder of everything that is kept.
    #[arg(long, default_value = "data", env = "ANLAN_DATA")]
    data: PathBuf,
    /// `postgres://…` instead of the embedded database.
    #[arg(long, env = "ANLAN_DATABASE")]
    database: Option<String>,
    /// Name of this node, when several share one PostgreSQL.
    #[arg(long, default_value = "main", env = "ANLAN_NODE")]
    node: String,
    /// File with the key of stored secrets, `secret.key` in the data folder unless given; the same
    /// on every node of one database.
    #[arg(long, env = "ANLAN_KEY")]
    key: Option<PathBuf>,
}

impl Store {
    /// The server's configuration for this store.
    pub fn config(&self) -> Config {
        let mut config = Config::new(&self.data);
        config.database.clone_from(&self.database);
        config.node.clone_from(&self.node);
        if let Some(key) = &self.key {
            config.key.clone_from(key);
        }
        config
    }

    /// For a command that may run beside the server: its own audit chain and no part in the metric
    /// history, which belongs to one process at a time.
    pub fn beside(&self, name: &str) -> Config {
        let mut config = self.config();
        config.node = format!("{}-{name}", self.node);
        config.series = std::env::temp_dir().join(format!("anlan-{name}-{}", std::process::id()));
        config
    }
}

/// How to serve.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    store: Store,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", env = "ANLAN_LISTEN")]
    listen: SocketAddr,
    /// Where people reach this server; used in messages and for the cookie (https: Secure).
    #[arg(long, env = "ANLAN_PUBLIC_URL")]
    public_url: Option<String>,
    /// Fill an empty data folder with a believable project, and run a web server to watch.
    #[arg(long)]
    demo: bool,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut config = args.store.config();
    config.public_url = args
        .public_url
        .unwrap_or_else(|| format!("http://{}", args.listen));
    let app = App::open(config).await?;
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    println!("Anlan 安澜  http://{address}");
    if let Some(password) = people::create_administrator(&app).await? {
        println!("First sign-in: admin / {password}  (one time, must be changed)");
    }
    if args.demo {
        show(&demo::prepare(&app).await?);
    }
    app.start()?;
    http::serve(listener, app.router(), ended()).await;
    Ok(ExitCode::SUCCESS)
}

/// Says where the demonstration's site is, and the first time who can sign in.
fn show(demo: &demo::Demo) {
    println!(
        "Demo site to watch: http://{0}  (make it fail: http://{0}/-/)",
        demo.site
    );
    let Some((people, password)) = &demo.people else {
        return;
    };
    println!("Demo accounts, password {password}");
    for person in people {
        println!("  {:<10} {}　{}", person.login, person.name, person.role);
    }
}

async fn ended() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
