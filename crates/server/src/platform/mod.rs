//! The plumbing that features share. It knows no feature.

pub mod access;
pub mod at;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod changes;
pub mod check;
pub mod clock;
pub mod day;
pub mod db;
pub mod definitions;
pub mod error;
pub mod events;
pub mod files;
pub mod http;
pub mod i18n;
pub mod later;
pub mod memo;
pub mod names;
pub mod outline;
pub mod seldom;
pub mod service_level;
pub mod settings;
pub mod text;
pub mod timers;
pub mod vault;
mod versions;

use std::path::PathBuf;
use std::sync::Arc;

use clock::Clock;
use db::Db;
use definitions::Definitions;
use error::{Error, Result};
use events::Events;
use files::Files;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of everything that is kept: database, attachments, metric history, own definitions.
    pub data: PathBuf,
    /// Folder of the metric history, `series` in the data folder; one process at a time.
    pub series: PathBuf,
    /// `PostgreSQL` URL; the embedded database when absent.
    pub database: Option<String>,
    /// Name of this node; each node keeps its own audit chain.
    pub node: String,
    /// Where people reach this server (`https://ops.example.gov.cn`), for links in messages.
    pub public_url: String,
    /// File with the key that stored secrets are sealed with, `secret.key` in the data folder.
    pub key: PathBuf,
    /// The source of "now".
    pub clock: Clock,
}

impl Config {
    /// The defaults of a single node in `data`.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        let data: PathBuf = data.into();
        Self {
            series: data.join("series"),
            key: data.join("secret.key"),
            data,
            database: None,
            node: "main".into(),
            public_url: "http://localhost:8080".into(),
            clock: Clock::System,
        }
    }
}

/// What every feature can reach.
pub struct Platform {
    /// How the server was started.
    pub config: Config,
    /// The source of "now".
    pub clock: Clock,
    /// The store.
    pub db: Db,
    /// What changed, for live pages and loops.
    pub events: Events,
    /// Attachments by content.
    pub files: Files,
    /// Seals secrets before they are stored.
    pub vault: vault::Vault,
    /// Processes, agreements, calendars, roles, forms.
    pub definitions: Arc<Definitions>,
    /// Who is signed in.
    pub auth: auth::Auth,
    /// Strangers cannot fill the audit log with refusals: of a flood one entry in a while is kept, and
    /// how many it stands for.
    pub strangers: seldom::Seldom,
}

impl Platform {
    /// Opens the store and loads the definitions.
    ///
    /// # Errors
    /// When the folder or the database cannot be opened, or a definition is wrong.
    pub async fn open(config: Config) -> Result<Self> {
        std::fs::create_dir_all(&config.data).map_err(Error::storage)?;
        let mut definitions = Definitions::load(&config.data.join("definitions"))?;
        let events = Events::default();
        let clock = config.clock.clone();
        let db = match &config.database {
            Some(url) => Db::postgres(url, clock.clone(), events.clone(), &config.node).await?,
            None => {
                Db::sqlite(
                    &config.data.join("anlan.db"),
                    clock.clone(),
                    events.clone(),
                    &config.node,
                )
                .await?
            }
        };
        versions::settle(&db, &mut definitions).await?;
        let policy = auth::policy::Policy::load(&db).await?;
        let files = Files::open(&config.data.join("files"))?;
        let vault = vault::Vault::open(&config.key)?;
        Ok(Self {
            config,
            clock,
            db,
            events,
            files,
            vault,
            definitions: Arc::new(definitions),
            auth: auth::Auth::new(policy),
            strangers: seldom::Seldom::new(),
        })
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> at::At {
        self.clock.now()
    }
}
