//! Every failed attempt is in the audit log: who, what, from where, and for want of what.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, both};

async fn refused(app: &TestApp) -> Vec<Value> {
    let admin: Client = app.admin().await;
    let log = admin
        .get("/audit?action=request.refused&ok=false")
        .await
        .ok();
    log["items"].as_array().unwrap().clone()
}

fn detail(entry: &Value) -> Value {
    serde_json::from_str(entry["detail"].as_str().unwrap()).unwrap()
}

#[test]
fn what_one_may_not_do_is_written_down_with_the_right_that_is_missing() {
    both(async |app| {
        let clerk = app.user("clerk").await.client().await;
        clerk.get("/users").await.refused(403, "forbidden");
        let log = refused(&app).await;
        assert_eq!(log.len(), 1, "{log:?}");
        assert_eq!(log[0]["actor"]["name"], "clerk");
        let detail = detail(&log[0]);
        assert_eq!(
            [&detail["method"], &detail["path"], &detail["permission"]],
            ["GET", "/api/v1/users", "people.read"]
        );
    });
}

#[test]
fn to_change_what_one_may_not_see_is_written_down_and_to_look_for_it_is_not() {
    both(async |app| {
        let clerk = app.user("clerk").await.client().await;
        let path = format!("/tickets/{}", uuid::Uuid::nil());
        clerk.get(&path).await.refused(404, "not_found");
        assert!(refused(&app).await.is_empty());
        let act = clerk
            .post(&format!("{path}/actions/cancel"), json!({ "note": "试试" }))
            .header("if-match", "\"1\"");
        act.await.refused(404, "not_found");
        let log = refused(&app).await;
        assert_eq!(log.len(), 1, "{log:?}");
        assert_eq!(detail(&log[0])["code"], "not_found");
    });
}

#[test]
fn a_bad_token_is_written_down_once_in_a_flood_and_who_shows_nothing_is_not() {
    both(async |app| {
        app.anonymous()
            .get("/tickets")
            .await
            .refused(401, "unauthenticated");
        assert!(refused(&app).await.is_empty());
        for _ in 0..5 {
            let guess = app.anonymous().call(axum::http::Method::GET, "/tickets");
            let guess = guess.header("authorization", "Bearer anlan_guess");
            assert_eq!(guess.await.status, 401);
        }
        let log = refused(&app).await;
        assert_eq!(log.len(), 1, "{log:?}");
        assert_eq!(detail(&log[0])["more"], 0);
    });
}
