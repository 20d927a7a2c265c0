//! Settings: the rules of signing in.

use anlan_server::platform::auth::policy::Policy;
use serde_json::{Value, json};

use crate::support::{PASSWORD, both};

#[test]
fn rules_of_signing_in_hold_as_soon_as_they_are_set() {
    both(async |app| {
        let admin = app.admin().await;
        let before = admin.get("/settings").await.ok();
        assert_eq!(
            (&before["session_idle_minutes"], &before["version"]),
            (&json!(30), &json!(0))
        );
        let stricter = Policy {
            session_idle_minutes: 5,
            login_failures: 3,
            ..Policy::default()
        };
        let stricter = serde_json::to_value(stricter).unwrap();
        let after = admin
            .put("/settings", &json!(0), stricter.clone())
            .await
            .ok();
        assert_eq!(
            (&after["session_idle_minutes"], &after["version"]),
            (&json!(5), &json!(1))
        );
        admin
            .put("/settings", &json!(0), stricter)
            .await
            .refused(409, "stale_version");

        app.user("zhang").await.make().await;
        let wrong = || {
            app.anonymous()
                .post("/session", json!({ "login": "zhang", "password": "wrong" }))
        };
        wrong().await.refused(401, "bad_credentials");
        wrong().await.refused(401, "bad_credentials");
        wrong().await.refused(423, "locked");
        app.pass(300);
        admin.get("/session").await.refused(401, "session_ended");

        let again = app.admin().await;
        let audit = again.get("/audit?action=settings.update").await.ok();
        let detail: Value =
            serde_json::from_str(audit["items"][0]["detail"].as_str().unwrap()).unwrap();
        assert_eq!(detail["changes"]["login_failures"], json!([5, 3]));
        // Another node reads the same.
        assert_eq!(Policy::load(&app.app.db).await.unwrap().login_failures, 3);
    });
}

#[test]
fn settings_outside_their_bounds_are_refused() {
    both(async |app| {
        let admin = app.admin().await;
        let wild = json!({
            "session_idle_minutes": 0, "session_hours": 1000, "login_failures": -1, "lock_minutes": i64::MAX, "password_days": 0,
        });
        admin.put("/settings", &json!(0), wild).await.wrong(&[
            "session_idle_minutes out_of_range",
            "session_hours out_of_range",
            "login_failures out_of_range",
            "lock_minutes out_of_range",
            "password_days out_of_range",
        ]);
        let mut odd = serde_json::to_value(Policy::default()).unwrap();
        odd["colour"] = json!("red");
        admin
            .put("/settings", &json!(0), odd)
            .await
            .wrong(&["colour unknown"]);
        app.anonymous()
            .post(
                "/session",
                json!({ "login": "admin", "password": PASSWORD }),
            )
            .await
            .ok();
    });
}

#[test]
fn health_is_for_everybody_and_the_version_for_those_signed_in() {
    both(async |app| {
        assert_eq!(
            app.anonymous().get("/health").await.ok(),
            json!({ "status": "ok" })
        );
        app.anonymous()
            .get("/version")
            .await
            .refused(401, "unauthenticated");
        assert!(app.admin().await.get("/version").await.ok()["version"].is_string());
    });
}
