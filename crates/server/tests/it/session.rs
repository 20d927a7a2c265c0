//! Signing in: lockout, ends of a session, forged requests.

use anlan_server::features::people;
use anlan_server::platform::auth::policy::Policy;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestApp, both};

/// The rules before anybody changes them.
fn policy() -> Policy {
    Policy::default()
}

fn login(name: &str, password: &str) -> Value {
    json!({ "login": name, "password": password })
}

/// Signs in as a browser does and keeps the cookie.
async fn browser(app: &TestApp, name: &str) -> Client {
    let reply = app
        .anonymous()
        .post("/session", login(name, PASSWORD))
        .await;
    reply.ok();
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    app.anonymous()
        .with_session(cookie.split(['=', ';']).nth(1).unwrap())
}

#[test]
fn an_account_locks_after_too_many_wrong_passwords() {
    both(async |app| {
        let user = app.user("zhang").await.make().await;
        let stranger = app.anonymous();
        for _ in 1..policy().login_failures {
            stranger
                .post("/session", login("zhang", "wrong"))
                .await
                .refused(401, "bad_credentials");
        }
        let locked = stranger
            .post("/session", login("zhang", "wrong"))
            .await
            .refused(423, "locked");
        let until = app.clock.now().plus_seconds(policy().lock());
        assert!(
            locked["title"]
                .as_str()
                .unwrap()
                .contains(&until.to_string()),
            "{locked}"
        );
        stranger
            .post("/session", login("zhang", PASSWORD))
            .await
            .refused(423, "locked");

        app.pass(policy().lock() - 1);
        stranger
            .post("/session", login("ZHANG", PASSWORD))
            .await
            .refused(423, "locked");
        app.pass(1);
        stranger
            .post("/session", login("ZHANG", PASSWORD))
            .await
            .ok();

        for _ in 0..policy().login_failures {
            stranger.post("/session", login("zhang", "wrong")).await;
        }
        let admin = app.admin().await;
        assert!(admin.get(&format!("/users/{user}")).await.ok()["locked_until"].is_string());
        admin
            .post(&format!("/users/{user}/unlock"), Value::Null)
            .await
            .ok();
        stranger
            .post("/session", login("zhang", PASSWORD))
            .await
            .ok();

        let tried = admin
            .get("/audit?action=session.create&ok=false&limit=200")
            .await
            .ok();
        assert_eq!(
            tried["items"].as_array().unwrap().len(),
            usize::try_from(2 * policy().login_failures + 2).unwrap()
        );
        assert_eq!(tried["items"][0]["ip"], "192.0.2.1");
    });
}

#[test]
fn an_address_that_guesses_is_slowed_whatever_the_login() {
    both(async |app| {
        let guesser = app.anonymous().from([192, 0, 2, 66]);
        for n in 0..30 {
            guesser
                .post("/session", login(&format!("guess{n}"), "wrong"))
                .await
                .refused(401, "bad_credentials");
        }
        guesser
            .post("/session", login("admin", PASSWORD))
            .await
            .refused(429, "too_many_attempts");
        app.anonymous()
            .post("/session", login("admin", PASSWORD))
            .await
            .ok();
        app.pass(300);
        guesser
            .post("/session", login("admin", PASSWORD))
            .await
            .ok();
    });
}

#[test]
fn a_session_ends_when_idle_and_after_half_a_day() {
    both(async |app| {
        let idle = browser(&app, "admin").await;
        app.pass(policy().idle() - 1);
        idle.get("/session").await.ok();
        app.pass(policy().idle() - 1);
        idle.get("/session").await.ok();
        app.pass(policy().idle());
        idle.get("/session").await.refused(401, "session_ended");

        let busy = browser(&app, "admin").await;
        for _ in 0..policy().absolute() / 600 - 1 {
            app.pass(600);
            busy.get("/session").await.ok();
        }
        app.pass(600);
        busy.get("/session").await.refused(401, "session_ended");
    });
}

#[test]
fn signing_out_ends_the_session_at_once() {
    both(async |app| {
        let (here, there) = (browser(&app, "admin").await, browser(&app, "admin").await);
        here.delete("/session").await.ok();
        here.get("/session").await.refused(401, "unauthenticated");
        there.get("/session").await.ok();
        let change = json!({ "old": PASSWORD, "new": "Another-Horse-8" });
        let third = browser(&app, "admin").await;
        there.put("/session/password", &json!(1), change).await.ok();
        there.get("/session").await.ok();
        third.get("/session").await.refused(401, "unauthenticated");
    });
}

#[test]
fn the_first_password_and_an_old_one_must_be_changed_first() {
    both(async |app| {
        let first = app
            .user("first")
            .await
            .role("may.people.read", anlan_core::access::Scope::All)
            .new_password_due();
        let first = first.client().await;
        first
            .get("/users")
            .await
            .refused(403, "password_change_required");
        let change = json!({ "old": PASSWORD, "new": "Another-Horse-8" });
        first.put("/session/password", &json!(1), change).await.ok();
        first.get("/users").await.ok();

        app.pass(policy().password_age());
        let admin = browser(&app, "admin").await;
        assert_eq!(
            admin.get("/session").await.ok()["must_change_password"],
            true
        );
        admin
            .get("/users")
            .await
            .refused(403, "password_change_required");
    });
}

#[test]
fn a_form_on_another_site_cannot_act() {
    both(async |app| {
        let forged = browser(&app, "admin").await.without_header("x-anlan");
        forged.get("/users").await.ok();
        forged
            .post("/units", json!({ "code": "A", "name": "A" }))
            .await
            .refused(403, "csrf");
        let plain = browser(&app, "admin").await;
        let form = plain
            .call(axum::http::Method::POST, "/units")
            .body("text/plain", br#"{"code":"A","name":"A"}"#.to_vec());
        form.await.refused(415, "not_json");
        app.anonymous()
            .with_session("forged")
            .get("/session")
            .await
            .refused(401, "unauthenticated");
    });
}

#[test]
fn errors_speak_the_language_that_is_asked_for() {
    both(async |app| {
        let english = app
            .anonymous()
            .with_header("accept-language", "en-GB, zh;q=0.5");
        let problem = english
            .get("/session")
            .await
            .refused(401, "unauthenticated");
        assert_eq!(problem["title"], "Please sign in");
        let problem = app
            .anonymous()
            .get("/session")
            .await
            .refused(401, "unauthenticated");
        assert_eq!(problem["title"], "请先登录");
    });
}

#[test]
fn what_a_stranger_types_cannot_fill_or_break_the_log() {
    both(async |app| {
        let nul = json!({ "login": "a\u{0}", "password": "x" });
        app.anonymous()
            .post("/session", nul)
            .await
            .wrong(&["login bad_characters"]);
        let attempt = json!({ "login": "长".repeat(5_000), "password": "x" });
        app.anonymous()
            .post("/session", attempt)
            .await
            .refused(401, "bad_credentials");
        let found = app.admin().await.get("/audit?action=session.create").await;
        let entries = found.ok();
        let label = entries["items"][0]["object_label"].as_str();
        let longest = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry.to_string().len())
            .max();
        assert!(longest.unwrap() < 3_000, "{longest:?} {label:?}");
    });
}

#[test]
fn who_tries_a_locked_account_is_slowed_as_well() {
    both(async |app| {
        app.user("zhang").await.make().await;
        let guesser = app.anonymous();
        for _ in 0..30 {
            guesser.post("/session", login("zhang", "wrong")).await;
        }
        let slowed = guesser.post("/session", login("zhang", "wrong")).await;
        slowed.refused(429, "too_many_attempts");
        assert!(slowed.headers.contains_key("retry-after"), "{slowed}");
    });
}

#[test]
fn guesses_at_the_same_instant_lock_the_account_all_the_same() {
    both(async |app| {
        app.user("zhang").await.make().await;
        let guesses = (0..policy().login_failures).map(|n| {
            let address = [192, 0, 2, u8::try_from(n).unwrap()];
            let guesser = app.anonymous().from(address);
            async move { guesser.post("/session", login("zhang", "wrong")).await }
        });
        futures::future::join_all(guesses).await;
        let known = app.anonymous().from([198, 51, 100, 1]);
        known
            .post("/session", login("zhang", PASSWORD))
            .await
            .refused(423, "locked");
    });
}

#[test]
fn a_right_password_that_was_being_checked_while_the_account_was_locked_opens_nothing() {
    both(async |app| {
        let user = app.user("zhang").await.make().await;
        let known = app.anonymous();
        let before = app.app.db.statements();
        let right = known
            .post("/session", login("zhang", PASSWORD))
            .into_future();
        let until = app.clock.now().plus_seconds(600);
        let lock = async {
            // The account has been looked up and found open; the password is being hashed.
            while app.app.db.statements() == before {
                tokio::task::yield_now().await;
            }
            let write = app.app.db.write(move |tx| {
                Box::pin(async move {
                    use anlan_server::platform::auth::rows::users;
                    use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
                    let locked = users::ActiveModel {
                        locked_until: Set(Some(until)),
                        ..Default::default()
                    };
                    users::Entity::update_many()
                        .set(locked)
                        .filter(users::Column::Id.eq(user))
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            });
            write.await.unwrap();
        };
        let (right, ()) = futures::future::join(right, lock).await;
        right.refused(423, "locked");
    });
}

#[test]
fn the_machine_itself_gives_a_lost_administrator_a_new_first_password() {
    both(async |app| {
        let before = browser(&app, "admin").await;
        let first = people::recover(&app.app, " Admin ").await.unwrap();
        before.get("/session").await.refused(401, "unauthenticated");
        let stranger = app.anonymous();
        stranger
            .post("/session", login("admin", PASSWORD))
            .await
            .refused(401, "bad_credentials");
        let session = stranger.post("/session", login("admin", &first)).await.ok();
        assert_eq!(session["must_change_password"], true, "{session}");
        assert!(people::recover(&app.app, "nobody").await.is_err());
    });
}
