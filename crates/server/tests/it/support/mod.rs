//! What every integration test stands on.

mod build;
mod client;
mod count;
mod store;

use std::panic::AssertUnwindSafe;

use anlan_server::app::App;
use anlan_server::platform::Config;
use anlan_server::platform::at::At;
use anlan_server::platform::clock::Clock;
use anlan_server::platform::error::Result;
use axum::Router;
use futures::FutureExt;

pub use build::{Project, id};
pub use client::{Call, Client, Reply};
pub use count::same_statements;
pub use store::PASSWORD;
use store::{Fresh, Kind};

/// The instant at which every test begins: Sunday 2026-11-22, 10:00 in Beijing.
pub const START: At = At(1_795_312_800_000_000);

/// The application on a fresh database.
pub struct TestApp {
    /// The application itself, for what is not reached through HTTP.
    pub app: App,
    /// The only source of "now".
    pub clock: Clock,
    router: Router,
    admin: uuid::Uuid,
}

impl TestApp {
    async fn open(config: Config) -> Self {
        let clock = config.clock.clone();
        let app = App::open(config).await.expect("the application opens");
        let router = app.router();
        let admin = build::administrator(&app).await;
        Self {
            app,
            clock,
            router,
            admin,
        }
    }

    /// A second node on the same database, with caches and a metric history of its own.
    pub async fn second_node(&self) -> App {
        let mut config = self.app.config.clone();
        config.node = "second".into();
        config.series = config.data.join("series-second");
        App::open(config).await.expect("a second node opens")
    }

    /// The server as it starts anew on the same data, with the definitions as they are now.
    pub async fn started_anew(&self) -> Result<Self> {
        let mut config = self.app.config.clone();
        config.node = format!("anew-{}", uuid::Uuid::now_v7().simple());
        config.series = config.data.join(&config.node);
        let app = App::open(config).await?;
        Ok(Self {
            router: app.router(),
            app,
            clock: self.clock.clone(),
            admin: self.admin,
        })
    }

    /// Puts a definition into the data folder: the built-in file of this path with some words replaced.
    pub fn redefine(&self, path: &str, replaced: &[(&str, &str)]) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions");
        let mut text = std::fs::read_to_string(root.join(path)).expect("a definition");
        for (word, other) in replaced {
            assert!(text.contains(word), "{path} has no {word}");
            text = text.replacen(word, other, 1);
        }
        let own = self.app.config.data.join("definitions").join(path);
        std::fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
        std::fs::write(own, text).expect("a definition of its own");
    }

    /// Moves the clock on.
    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    /// A client that is not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// The administrator, signed in; his password is [`store::PASSWORD`].
    pub async fn admin(&self) -> Client {
        self.sign_in(self.admin).await
    }

    /// The administrator's account.
    pub const fn admin_id(&self) -> uuid::Uuid {
        self.admin
    }
}

/// Runs the test on both databases, each fresh. `ANLAN_TEST_SQLITE_ONLY=1` leaves `PostgreSQL` out.
pub fn both<F>(test: F)
where
    F: AsyncFn(TestApp),
{
    for kind in Kind::all() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let fresh = Fresh::new(kind).await;
            let app = TestApp::open(fresh.config()).await;
            let outcome = AssertUnwindSafe(test(app)).catch_unwind().await;
            fresh.discard().await;
            if let Err(panic) = outcome {
                eprintln!("failed on {kind:?}");
                std::panic::resume_unwind(panic);
            }
        });
    }
}
