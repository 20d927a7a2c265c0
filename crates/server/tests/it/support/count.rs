//! Lists must not ask the database once per row.

use super::{Client, TestApp};

/// Asserts that `GET path` needs no more statements after `more` has added rows.
pub async fn same_statements(app: &TestApp, client: &Client, path: &str, more: impl AsyncFnOnce()) {
    // The first request also looks the caller up.
    client.get(path).await.ok();
    let few = statements(app, client, path).await;
    more().await;
    client.get(path).await.ok();
    let many = statements(app, client, path).await;
    assert!(many.1 > few.1, "GET {path} shows no more rows than before");
    assert_eq!(
        few.0, many.0,
        "GET {path} needs more statements for {} rows than for {}",
        many.1, few.1
    );
}

async fn statements(app: &TestApp, client: &Client, path: &str) -> (u64, usize) {
    let before = app.app.db.statements();
    let answer = client.get(path).await.ok();
    let rows = answer
        .get("items")
        .unwrap_or(&answer)
        .as_array()
        .expect("a list")
        .len();
    (app.app.db.statements() - before, rows)
}
