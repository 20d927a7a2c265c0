//! The timeline cannot be altered: the database refuses it, and whoever gets around the
//! database is found out by the audit log.

use anlan_server::features::audit;
use anlan_server::platform::error::Result;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::support::{TestApp, both};
use crate::tickets::{accepted, act, call, desk};

/// Runs a statement as the server itself could.
async fn run(app: &TestApp, sql: &str) -> Result<()> {
    let sql = sql.to_owned();
    app.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.db.execute_unprepared(&sql).await?;
                Ok(())
            })
        })
        .await
}

/// Takes away what makes the database refuse.
async fn unlock(app: &TestApp) {
    let statements: &[&str] = match app.app.db.backend() {
        DbBackend::Sqlite => &[
            "DROP TRIGGER ticket_events_no_UPDATE",
            "DROP TRIGGER ticket_events_no_DELETE",
        ],
        _ => &["DROP TRIGGER ticket_events_append_only ON ticket_events"],
    };
    for sql in statements {
        run(app, sql).await.unwrap();
    }
}

#[test]
fn r090_the_database_itself_refuses_to_change_the_timeline() {
    both(async |app| {
        let all = desk(&app, "T1").await;
        all.desk.post("/tickets", call(&all)).await.ok();
        for sql in [
            "UPDATE ticket_events SET note = 'x'",
            "DELETE FROM ticket_events",
            "UPDATE audit_log SET ok = false",
            "DELETE FROM audit_log",
        ] {
            let refused = run(&app, sql).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
    });
}

#[test]
fn r090_an_entry_altered_behind_the_server_is_found() {
    for (what, sql) in [
        (
            "altered",
            "UPDATE ticket_events SET note = '当时已恢复' WHERE seq = 2",
        ),
        ("removed", "DELETE FROM ticket_events WHERE seq = 2"),
        (
            "moved",
            "UPDATE ticket_events SET happened_at = happened_at - 1 WHERE seq = 1",
        ),
    ] {
        both(async |app| {
            let all = desk(&app, "T2").await;
            let ticket = all.desk.post("/tickets", call(&all)).await.ok();
            act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
            app.pass(3 * 24 * 3600);
            while app.app.timers().tick().await.unwrap() > 0 {}
            let check = async || audit::check(app.app.db.read(), |_| {}).await.unwrap();
            let whole = check().await;
            assert!(whole.ok, "{whole:?}");
            unlock(&app).await;
            run(&app, sql).await.unwrap();
            let verdict = check().await;
            assert!(!verdict.ok, "{what}");
            let bad = verdict.first_bad.unwrap().reason;
            let number = ticket["number"].as_str().unwrap();
            assert!(bad.contains(number), "{bad}");
        });
    }
}
