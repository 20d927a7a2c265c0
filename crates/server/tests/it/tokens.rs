//! API tokens.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{Client, both};

async fn token(client: &Client, expires_on: Option<&str>, permissions: &[&str]) -> Value {
    let body = json!({ "name": "对接脚本", "expires_on": expires_on, "permissions": permissions });
    client.post("/tokens", body).await.ok()
}

#[test]
fn a_token_may_do_what_was_chosen_and_no_more_than_its_owner() {
    both(async |app| {
        let owner = app
            .may(&[TokenManage, PeopleRead, ProjectRead], Scope::All)
            .await;
        let made = token(&owner, None, &["people.read", "token.manage"]).await;
        let secret = made["token"].as_str().unwrap();
        assert!(secret.starts_with("anl_") && secret.starts_with(made["prefix"].as_str().unwrap()));
        let program = app.anonymous().with_token(secret);
        program.get("/users").await.ok();
        program.get("/projects").await.refused(403, "forbidden");
        // No cookie, so no other site can make a browser send it: no X-Anlan needed. But a token makes no token.
        let body = json!({ "name": "另一个", "permissions": ["people.read"] });
        assert_eq!(
            program
                .post("/tokens", body)
                .await
                .refused(403, "forbidden")["code"],
            "forbidden"
        );
        program
            .put(
                "/session/password",
                &json!(1),
                json!({ "old": "a", "new": "b" }),
            )
            .await
            .refused(403, "forbidden");

        let listed = owner.get("/tokens").await.ok();
        assert!(
            listed[0].get("token").is_none()
                && listed[0]["permissions"] == json!(["people.read", "token.manage"])
        );
        let path = format!("/tokens/{}", made["id"].as_str().unwrap());
        app.admin()
            .await
            .delete(&path)
            .await
            .refused(404, "not_found");
        owner.delete(&path).await.ok();
        program.get("/users").await.refused(401, "bad_token");
        assert_eq!(owner.get("/tokens").await.ok(), json!([]));
    });
}

#[test]
fn a_token_ends_with_its_last_day_in_china() {
    both(async |app| {
        let admin = app.admin().await;
        let made = token(&admin, Some("2026-11-22"), &["people.read"]).await;
        assert_eq!(made["expires_at"], "2026-11-22T16:00:00Z");
        let program = app.anonymous().with_token(made["token"].as_str().unwrap());
        // The test begins at 10:00 in Beijing.
        app.pass(14 * 3600 - 1);
        program.get("/users").await.ok();
        app.pass(3);
        program.get("/users").await.refused(401, "bad_token");
    });
}

#[test]
fn who_loses_a_role_or_the_account_loses_it_for_the_token_too() {
    both(async |app| {
        let user = app
            .user("robot")
            .await
            .role("may.token.manage", Scope::All)
            .role("may.people.read", Scope::All)
            .make()
            .await;
        let made = token(&app.sign_in(user).await, None, &["people.read"]).await;
        let program = app.anonymous().with_token(made["token"].as_str().unwrap());
        program.get("/users").await.ok();
        let admin = app.admin().await;
        let grants = admin.get(&format!("/users/{user}/grants")).await.ok();
        let grant = grants
            .as_array()
            .unwrap()
            .iter()
            .find(|grant| grant["role"] == "may.people.read")
            .unwrap();
        admin
            .delete(&format!(
                "/users/{user}/grants/{}",
                grant["id"].as_str().unwrap()
            ))
            .await
            .ok();
        program.get("/users").await.refused(403, "forbidden");
        admin
            .put(
                &format!("/users/{user}"),
                &json!(1),
                json!({ "name": "robot", "active": false }),
            )
            .await
            .ok();
        program.get("/users").await.refused(401, "bad_token");
    });
}

#[test]
fn wrong_tokens_are_refused() {
    both(async |app| {
        let owner = app.may(&[TokenManage, PeopleRead], Scope::All).await;
        let body = json!({ "name": "", "expires_on": "2026-11-21", "permissions": ["people.read", "ticket.read", "x"] });
        owner.post("/tokens", body).await.wrong(&[
            "name required",
            "permissions[1] no_such",
            "permissions[2] no_such",
            "expires_on past",
        ]);
        owner
            .post("/tokens", json!({ "name": "x", "permissions": [] }))
            .await
            .wrong(&["permissions required"]);
        for bad in ["anl_", "anl_wrong", "x"] {
            assert_eq!(
                app.anonymous().with_token(bad).get("/users").await.status,
                401
            );
        }
        for _ in 0..50 {
            token(&owner, None, &["people.read"]).await;
        }
        let body = json!({ "name": "x", "permissions": ["people.read"] });
        owner
            .post("/tokens", body)
            .await
            .refused(409, "too_many_tokens");
    });
}

#[test]
fn a_new_password_and_a_departure_end_the_tokens_too() {
    both(async |app| {
        let admin = app.admin().await;
        let make = async |login: &str| {
            let user = app.user(login).await.role("system_admin", Scope::All);
            let user = user.make().await;
            let owner = app.sign_in(user).await;
            let made = token(&owner, None, &["people.read"]).await;
            let program = app.anonymous().with_token(made["token"].as_str().unwrap());
            program.get("/users").await.ok();
            (format!("/users/{user}"), program)
        };
        let (path, program) = make("reset").await;
        admin
            .post(&format!("{path}/reset-password"), json!({}))
            .await
            .ok();
        program.get("/users").await.refused(401, "bad_token");

        let (path, program) = make("leaves").await;
        let row = admin.get(&path).await.ok();
        let gone = json!({ "name": "离职", "active": false });
        let row = admin.put(&path, &row["version"], gone).await.ok();
        let back = json!({ "name": "回来", "active": true });
        admin.put(&path, &row["version"], back).await.ok();
        program.get("/users").await.refused(401, "bad_token");
    });
}

#[test]
fn a_token_says_when_it_was_last_used() {
    both(async |app| {
        let owner = app.may(&[TokenManage, PeopleRead], Scope::All).await;
        let made = token(&owner, None, &["people.read"]).await;
        let program = app.anonymous().with_token(made["token"].as_str().unwrap());
        let used = async || owner.get("/tokens").await.ok()[0]["last_used_at"].clone();
        assert_eq!(used().await, Value::Null);
        program.get("/users").await.ok();
        let first = used().await;
        assert_eq!(first, app.clock.now().to_string());
        // Once a minute is often enough.
        app.pass(30);
        program.get("/users").await.ok();
        assert_eq!(used().await, first);
        app.pass(31);
        program.get("/users").await.ok();
        assert_eq!(used().await, app.clock.now().to_string());
    });
}
