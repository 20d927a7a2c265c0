//! Fresh databases, quickly: the schema is laid out once, every test gets a copy.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use anlan_core::access::Permission;
use anlan_server::app::App;
use anlan_server::features::people;
use anlan_server::platform::clock::Clock;
use anlan_server::platform::{Config, auth};
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use tempfile::TempDir;

use super::START;

/// The password of everybody in tests.
pub const PASSWORD: &str = "Correct-Horse-7";

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Those to test on.
    pub fn all() -> Vec<Self> {
        if std::env::var_os("TEST_DATABASE_URL").is_some() {
            return vec![Self::Sqlite, Self::Postgres];
        }
        let only = std::env::var("ANLAN_TEST_SQLITE_ONLY").is_ok_and(|value| value == "1");
        assert!(
            only,
            "TEST_DATABASE_URL names no PostgreSQL for the tests: run `cargo xtask test`, or set \
             ANLAN_TEST_SQLITE_ONLY=1 to leave PostgreSQL out"
        );
        vec![Self::Sqlite]
    }
}

/// A database of one test, with a data folder beside it.
pub struct Fresh {
    folder: TempDir,
    database: Option<Database>,
}

/// A database on the `PostgreSQL` server.
struct Database {
    name: String,
    url: String,
}

impl Fresh {
    /// A copy of the template.
    pub async fn new(kind: Kind) -> Self {
        let folder = folder();
        let database = match kind {
            Kind::Sqlite => {
                std::fs::write(folder.path().join("anlan.db"), sqlite_template())
                    .expect("a copy of the template");
                None
            }
            Kind::Postgres => Some(Database::copy().await),
        };
        Self { folder, database }
    }

    /// How the application is to be started on it.
    pub fn config(&self) -> Config {
        config(
            self.folder.path(),
            self.database.as_ref().map(|database| database.url.clone()),
        )
    }

    /// Removes it.
    pub async fn discard(self) {
        if let Some(database) = self.database {
            run(
                &mut server().await,
                &format!("DROP DATABASE {} WITH (FORCE)", database.name),
            )
            .await;
        }
    }
}

/// An empty data folder with the roles of the tests: besides the library, for each permission one
/// role with it alone (`may.ticket.read`) and one with all others (`but.ticket.read`).
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let roles = folder.path().join("definitions/roles");
    std::fs::create_dir_all(&roles).expect("a folder for definitions");
    let library =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions/roles/library.yaml");
    let mut yaml = std::fs::read_to_string(library).expect("the role library");
    let names = |keep: &dyn Fn(&Permission) -> bool| {
        let names: Vec<_> = Permission::ALL
            .iter()
            .filter(|p| keep(p))
            .map(|p| p.as_str())
            .collect();
        names.join(", ")
    };
    for one in Permission::ALL {
        for (word, permissions) in [("may", names(&|p| p == one)), ("but", names(&|p| p != one))] {
            yaml += &format!(
                "\n  - {{key: {word}.{one}, name: {one}, name_en: {one}, permissions: [{permissions}]}}"
            );
        }
    }
    std::fs::write(roles.join("library.yaml"), yaml).expect("the roles of the tests");
    folder
}

fn config(folder: &Path, database: Option<String>) -> Config {
    let mut config = Config::new(folder);
    config.database = database;
    config.clock = Clock::manual(START);
    config
}

/// Lays out the schema and makes the administrator, whose password is [`PASSWORD`] for good.
async fn lay_out(config: Config) {
    let app = App::open(config).await.expect("the schema is laid out");
    people::create_administrator(&app)
        .await
        .expect("an administrator");
    let admin = super::build::administrator(&app).await;
    let hash = auth::password::hash(PASSWORD).await.expect("a hash");
    app.db
        .write(move |tx| {
            Box::pin(async move { auth::store_password(tx, admin, hash, false).await })
        })
        .await
        .expect("the administrator's password");
}

/// Runs outside of the test's own runtime, once for the whole binary.
fn once<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(work)
    });
    thread.join().expect("the template")
}

fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        once(async {
            let folder = folder();
            lay_out(config(folder.path(), None)).await;
            let copy = folder.path().join("copy.db");
            let options = SqliteConnectOptions::new().filename(folder.path().join("anlan.db"));
            let mut connection = options.connect().await.expect("the template");
            let sql = format!("VACUUM INTO '{}'", copy.display());
            connection
                .execute(AssertSqlSafe(sql))
                .await
                .expect("a compact copy");
            connection.close().await.expect("the template is closed");
            std::fs::read(copy).expect("the template")
        })
    })
}

impl Database {
    async fn copy() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let template = TEMPLATE.get_or_init(|| once(postgres_template()));
        let name = format!(
            "{}_{}_{}",
            family(),
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        run(
            &mut server().await,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        Self {
            url: url(&name),
            name,
        }
    }
}

/// Makes the template for this build of the tests unless it stands from an earlier run, and clears
/// away what earlier runs left behind.
async fn postgres_template() -> String {
    let (family, template) = (family(), template_name());
    let mut connection = server().await;
    // Another run of the same binary waits here until the template stands.
    run(
        &mut connection,
        &format!("SELECT pg_advisory_lock(hashtext('{family}'))"),
    )
    .await;
    let sql = format!("SELECT datname FROM pg_database WHERE datname LIKE '{family}\\_%'");
    let rows = connection
        .fetch_all(AssertSqlSafe(sql))
        .await
        .expect("the databases");
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for old in names
        .iter()
        .filter(|name| **name != template && is_left_over(name))
    {
        run(
            &mut connection,
            &format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)"),
        )
        .await;
    }
    if !names.contains(&template) {
        let draft = format!("{template}_draft");
        run(
            &mut connection,
            &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
        )
        .await;
        run(&mut connection, &format!("CREATE DATABASE {draft}")).await;
        let folder = folder();
        lay_out(config(folder.path(), Some(url(&draft)))).await;
        // Copying or renaming a database needs it to itself.
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'"
        );
        run(&mut connection, &sql).await;
        run(
            &mut connection,
            &format!("ALTER DATABASE {draft} RENAME TO {template}"),
        )
        .await;
    }
    run(
        &mut connection,
        &format!("SELECT pg_advisory_unlock(hashtext('{family}'))"),
    )
    .await;
    template
}

/// Databases of one build folder share the beginning of their names.
fn family() -> String {
    let program = std::env::current_exe().expect("the program's path");
    let folder = program
        .parent()
        .expect("a folder")
        .to_string_lossy()
        .into_owned();
    format!("anlan_it_{}", &hex::encode(Sha256::digest(folder))[..8])
}

fn template_name() -> String {
    let program = std::env::current_exe().expect("the program's path");
    let changed = program
        .metadata()
        .and_then(|data| data.modified())
        .expect("when it was built");
    let changed = changed
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970")
        .as_millis();
    format!("{}_template_{changed}", family())
}

/// Templates of other builds, and databases of runs whose process is gone.
fn is_left_over(name: &str) -> bool {
    let rest = name.trim_start_matches(&family()).trim_start_matches('_');
    let process = rest.split('_').next().unwrap_or_default();
    process == "template" || !Path::new("/proc").join(process).exists()
}

fn url(database: &str) -> String {
    let base = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL");
    let (address, query) = base
        .split_once('?')
        .map_or((base.as_str(), None), |(a, q)| (a, Some(q)));
    let (server, _) = address.rsplit_once('/').expect("a URL with a database");
    query.map_or_else(
        || format!("{server}/{database}"),
        |query| format!("{server}/{database}?{query}"),
    )
}

async fn server() -> PgConnection {
    let url = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL");
    let options: PgConnectOptions = url.parse().expect("a PostgreSQL URL in TEST_DATABASE_URL");
    options
        .connect()
        .await
        .expect("the PostgreSQL of TEST_DATABASE_URL answers")
}

async fn run(connection: &mut PgConnection, sql: &str) {
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}
