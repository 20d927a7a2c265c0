//! The bell and the live stream.

use std::time::Duration;

use anlan_core::access::Scope;
use anlan_server::platform::auth::rows::sessions;
use anlan_server::platform::auth::{self, COOKIE_NAME};
use anlan_server::platform::events::{Change, Topic};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use sea_orm::IntoActiveModel;
use tower::ServiceExt;
use uuid::Uuid;

use super::say;
use crate::support::{TestApp, both};

#[test]
fn notices_are_counted_and_read_by_their_own_reader_only() {
    both(async |app| {
        let (li, wang) = (
            app.user("li").await.make().await,
            app.user("wang").await.make().await,
        );
        say(&app, &[li], "一", "ticket.remind", false).await;
        say(&app, &[li, wang], "二", "ticket.remind", false).await;
        let (mine, other) = (app.sign_in(li).await, app.sign_in(wang).await);
        assert_eq!(mine.get("/notices/count").await.ok()["unread"], 2);
        let list = mine.get("/notices?limit=1").await.ok();
        assert_eq!(list["items"][0]["title"], "二");
        let after = list["next"].as_str().unwrap();
        let second = mine
            .get(&format!("/notices?limit=1&after={after}"))
            .await
            .ok();
        assert_eq!(second["items"][0]["title"], "一");
        let path = format!("/notices/{}/read", list["items"][0]["id"].as_str().unwrap());
        other
            .post(&path, serde_json::Value::Null)
            .await
            .refused(404, "not_found");
        mine.post(&path, serde_json::Value::Null).await.ok();
        let unread = mine.get("/notices?unread=true").await.ok();
        assert_eq!(unread["items"].as_array().unwrap().len(), 1);
        mine.post("/notices/read-all", serde_json::Value::Null)
            .await
            .ok();
        assert_eq!(mine.get("/notices/count").await.ok()["unread"], 0);
        assert_eq!(other.get("/notices/count").await.ok()["unread"], 1);
    });
}

#[test]
fn a_listener_hears_only_what_he_may_see() {
    both(async |app| {
        let (here, there) = (app.project("P1").await, app.project("P2").await);
        let li = app
            .user("li")
            .await
            .role("may.ticket.read", Scope::Project(here.id))
            .make()
            .await;
        let mut stream = listen(&app, li).await;
        let seen = Uuid::now_v7();
        let events = &app.app.events;
        events.send(Change::in_project(Topic::Ticket, Uuid::now_v7(), there.id));
        events.send(Change::in_project(Topic::Monitor, Uuid::now_v7(), here.id));
        events.send(Change::for_person(
            Topic::Notice,
            Uuid::now_v7(),
            app.admin_id(),
        ));
        events.send(Change::new(Topic::Delivery, Uuid::now_v7()));
        events.send(Change::in_project(Topic::Ticket, seen, here.id));
        let frame = next(&mut stream).await;
        assert_eq!(
            frame,
            format!("event: change\ndata: {{\"topic\":\"ticket\",\"id\":\"{seen}\"}}\n\n")
        );
        // Who falls behind is told so instead of being left with an old page.
        for _ in 0..3000 {
            events.send(Change::for_person(Topic::Notice, li, li));
        }
        assert!(next(&mut stream).await.starts_with("event: resync\n"));
    });
}

async fn listen(app: &TestApp, user: Uuid) -> Body {
    let (secret, now) = (auth::secret(), app.clock.now());
    let session = sessions::Model {
        token_hash: auth::digest(&secret),
        user_id: user,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(3600),
        ip: String::new(),
        user_agent: String::new(),
    };
    app.insert(session.into_active_model()).await;
    let request = Request::get("/api/v1/events")
        .header("cookie", format!("{COOKIE_NAME}={secret}"))
        .body(Body::empty())
        .unwrap();
    let response = app.app.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await, ": listening\n\n");
    body
}

async fn next(body: &mut Body) -> String {
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame())
        .await
        .unwrap();
    String::from_utf8(frame.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap()
}
