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

    /// Goes on with the application opened anew on the same database and data folder, as after a
    /// restart; the metric history alone begins afresh, as the old one still holds its folder.
    pub async fn restart(&mut self) -> Result<()> {
        let mut config = self.app.config.clone();
        config.series.set_extension("again");
        let app = App::open(config).await?;
        self.router = app.router();
        self.app = app;
        Ok(())
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
