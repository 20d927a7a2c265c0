//! The databases below the program: one for each test, and what a test does to it behind its back.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor, Row};

/// Runs a test with the embedded database.
pub fn on_sqlite(test: impl FnOnce(&Path, Option<&str>)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    test(folder.path(), None);
}

/// Runs a test on a database of its own on the server of `TEST_DATABASE_URL`.
pub fn on_postgres(name: &str, test: impl FnOnce(&Path, Option<&str>)) {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        let only = std::env::var("ANLAN_TEST_SQLITE_ONLY").is_ok_and(|value| value == "1");
        assert!(
            only,
            "TEST_DATABASE_URL names no PostgreSQL: run `cargo xtask test`"
        );
        return;
    };
    let name = format!("anlan_{name}_{}", std::process::id());
    let (base, query) = server.split_once('?').unwrap_or((&server, ""));
    let (place, _) = base.rsplit_once('/').expect("a URL with a database");
    let url = format!("{place}/{name}?{query}");
    postgres(&server, &format!("CREATE DATABASE {name}"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = std::panic::AssertUnwindSafe(|| test(folder.path(), Some(&url)));
    let outcome = std::panic::catch_unwind(run);
    postgres(&server, &format!("DROP DATABASE {name} WITH (FORCE)"));
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Runs one statement on the database of a data folder.
pub fn sql(data: &Path, database: Option<&str>, statement: &str) {
    match database {
        Some(url) => postgres(url, statement),
        None => wait(async {
            let mut connection = sqlx::SqliteConnection::connect(&file(data)).await?;
            connection
                .execute(AssertSqlSafe(statement.to_owned()))
                .await?;
            connection.close().await
        }),
    }
}

/// The rows of a table, also while a program is at work on it.
pub fn count(data: &Path, database: Option<&str>, table: &str) -> i64 {
    let statement = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    wait(async {
        match database {
            Some(url) => {
                let mut connection = sqlx::PgConnection::connect(url).await?;
                connection.fetch_one(statement).await?.try_get(0)
            }
            None => {
                let mut connection = sqlx::SqliteConnection::connect(&file(data)).await?;
                connection.fetch_one(statement).await?.try_get(0)
            }
        }
    })
}

fn file(data: &Path) -> String {
    format!("sqlite://{}", data.join("anlan.db").display())
}

fn postgres(url: &str, statement: &str) {
    wait(async {
        let mut connection = sqlx::PgConnection::connect(url).await?;
        connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await?;
        connection.close().await
    });
}

fn wait<T>(work: impl Future<Output = sqlx::Result<T>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work).expect("the database does it")
}
