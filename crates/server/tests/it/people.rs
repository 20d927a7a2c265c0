//! Accounts, roles and units.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::json;

use crate::support::{both, same_statements};

#[test]
fn a_new_account_signs_in_once_its_first_password_is_changed() {
    both(async |app| {
        let admin = app.admin().await;
        let made = admin
            .post(
                "/users",
                json!({ "login": "Zhang.Wei", "name": "张伟", "email": "zw@example.cn" }),
            )
            .await
            .ok();
        assert_eq!(made["user"]["login"], "zhang.wei");
        let first = made["one_time_password"].as_str().unwrap();
        let session = app
            .anonymous()
            .post(
                "/session",
                json!({ "login": "zhang.wei", "password": first }),
            )
            .await;
        assert_eq!(session.ok()["must_change_password"], true);
        let cookie = session.headers["set-cookie"].to_str().unwrap();
        let secret = cookie.split(['=', ';']).nth(1).unwrap();
        let zhang = app.anonymous().with_session(secret);
        zhang
            .get("/roles")
            .await
            .refused(403, "password_change_required");
        zhang
            .put(
                "/session/password",
                &json!(1),
                json!({ "old": first, "new": "short" }),
            )
            .await
            .wrong(&["new too_short", "new password_too_simple"]);
        zhang
            .put(
                "/session/password",
                &json!(1),
                json!({ "old": first, "new": first }),
            )
            .await
            .wrong(&["new password_used_before"]);
        zhang
            .put(
                "/session/password",
                &json!(1),
                json!({ "old": first, "new": "Another-Horse-8" }),
            )
            .await
            .ok();
        assert_eq!(
            zhang.get("/session").await.ok()["must_change_password"],
            false
        );
        zhang.get("/roles").await.refused(403, "forbidden");
    });
}

#[test]
fn an_account_is_found_changed_and_made_inactive() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        let user = app.user("li.na").await.named("李娜").make().await;
        let path = format!("/users/{user}");
        let found = admin.get("/users?q=%E6%9D%8E").await.ok();
        assert_eq!(found["items"][0]["login"], "li.na");
        assert_eq!(
            admin.get("/users?q=LI.N").await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            admin.get("/users?q=%25").await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            0,
            "% means itself"
        );

        let reply = admin
            .put(
                &path,
                &json!(1),
                json!({ "name": "李娜", "phone": "0571-88881234", "unit_id": unit }),
            )
            .await;
        assert_eq!(
            (
                reply.ok()["version"].clone(),
                reply.headers["etag"].to_str().unwrap()
            ),
            (json!(2), "\"2\"")
        );
        let stale = admin
            .put(&path, &json!(1), json!({ "name": "迟到" }))
            .await
            .refused(409, "stale_version");
        assert_eq!(stale["current_version"], 2);
        let detail = stale["detail"].as_str().unwrap();
        assert!(
            detail.contains("系统管理员") && detail.contains("phone") && detail.contains("unit_id"),
            "{detail}"
        );

        let li = app.sign_in(user).await;
        li.get("/session").await.ok();
        admin
            .put(&path, &json!(2), json!({ "name": "李娜", "active": false }))
            .await
            .ok();
        li.get("/session").await.refused(401, "unauthenticated");
        let audit = admin
            .get(&format!("/audit?object={user}&action=user.update"))
            .await
            .ok();
        let detail: serde_json::Value =
            serde_json::from_str(audit["items"][1]["detail"].as_str().unwrap()).unwrap();
        assert_eq!(
            detail,
            json!({ "version": 2, "changes": { "phone": ["", "0571-88881234"], "unit_id": [null, unit] } })
        );
    });
}

#[test]
fn wrong_fields_are_all_named() {
    both(async |app| {
        let admin = app.admin().await;
        admin
            .post("/users", json!({ "login": "a b", "name": "", "email": "nobody", "phone": "call me", "password": "short" }))
            .await
            .wrong(&["login bad_code", "name required", "email bad_email", "phone bad_phone", "password too_short", "password password_too_simple"]);
        admin
            .post(
                "/users",
                json!({ "login": "x", "name": "x", "admin": true }),
            )
            .await
            .wrong(&["admin unknown"]);
        admin
            .post("/users", json!({ "login": "admin", "name": "x" }))
            .await
            .wrong(&["login taken"]);
        let nowhere = uuid::Uuid::now_v7();
        admin
            .post(
                "/users",
                json!({ "login": "x", "name": "x", "unit_id": nowhere }),
            )
            .await
            .wrong(&["unit_id no_such"]);
        admin
            .get(&format!("/users/{nowhere}"))
            .await
            .refused(404, "not_found");
        admin
            .get("/users/1%20or%201=1")
            .await
            .refused(404, "not_found");
    });
}

#[test]
fn nobody_gives_more_than_he_holds() {
    both(async |app| {
        let project = app.project("P1").await;
        let here = Scope::Project(project.id);
        let manager = app
            .user("manager")
            .await
            .role("may.people.read", Scope::All)
            .role("may.access.manage", here)
            .role("may.ticket.read", here);
        let manager = manager.client().await;
        let user = app.user("engineer").await.make().await;
        let path = format!("/users/{user}/grants");
        let there = |kind: &str, id: Option<uuid::Uuid>| json!({ "kind": kind, "id": id });
        let give = |role: &str, scope| json!({ "role": role, "scope": scope });

        manager
            .post(
                &path,
                give("may.ticket.read", there("project", Some(project.id))),
            )
            .await
            .ok();
        manager
            .post(
                &path,
                give("may.ticket.read", there("project", Some(project.id))),
            )
            .await
            .wrong(&["role already_given"]);
        manager
            .post(
                &path,
                give("may.ticket.act", there("project", Some(project.id))),
            )
            .await
            .refused(403, "forbidden");
        manager
            .post(&path, give("may.ticket.read", there("all", None)))
            .await
            .refused(403, "forbidden");
        let other = app.project("P2").await;
        manager
            .post(
                &path,
                give("may.ticket.read", there("project", Some(other.id))),
            )
            .await
            .refused(403, "forbidden");

        let admin = app.admin().await;
        admin
            .post(&path, give("no.such", there("all", None)))
            .await
            .wrong(&["role no_such"]);
        admin
            .post(&path, give("may.ticket.act", there("project", None)))
            .await
            .wrong(&["scope.id required"]);
        admin
            .post(
                &path,
                give("may.ticket.act", there("all", Some(project.id))),
            )
            .await
            .wrong(&["scope.id not_here"]);
        admin
            .post(
                &path,
                give("may.ticket.act", there("unit", Some(project.id))),
            )
            .await
            .wrong(&["scope.id no_such"]);
        let own = format!("/users/{}/grants", app.admin_id());
        admin
            .post(&own, give("may.ticket.act", there("all", None)))
            .await
            .refused(409, "not_oneself");
    });
}

#[test]
fn an_administrator_always_remains() {
    both(async |app| {
        let admin = app.admin().await;
        let grants = admin
            .get(&format!("/users/{}/grants", app.admin_id()))
            .await
            .ok();
        let grant = format!(
            "/users/{}/grants/{}",
            app.admin_id(),
            grants[0]["id"].as_str().unwrap()
        );
        admin
            .delete(&grant)
            .await
            .refused(409, "last_administrator");
        admin
            .put(
                &format!("/users/{}", app.admin_id()),
                &json!(1),
                json!({ "name": "我", "active": false }),
            )
            .await
            .refused(409, "not_oneself");

        let second = app
            .user("second")
            .await
            .role("system_admin", Scope::All)
            .client()
            .await;
        let away = json!({ "name": "甲", "active": false });
        second
            .put(&format!("/users/{}", app.admin_id()), &json!(1), away)
            .await
            .ok();
        let last = second.get("/session").await.ok()["user"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let grants = second.get(&format!("/users/{last}/grants")).await.ok();
        second
            .delete(&format!(
                "/users/{last}/grants/{}",
                grants[0]["id"].as_str().unwrap()
            ))
            .await
            .refused(409, "last_administrator");
    });
}

#[test]
fn nobody_takes_over_an_account_that_may_do_more() {
    both(async |app| {
        let clerk = app.may(&[PeopleRead, PeopleManage], Scope::All).await;
        clerk
            .post(
                &format!("/users/{}/reset-password", app.admin_id()),
                json!(null),
            )
            .await
            .refused(403, "forbidden");
        let user = app
            .user("plain")
            .await
            .role("may.people.read", Scope::All)
            .make()
            .await;
        let plain = app.sign_in(user).await;
        let given = clerk
            .post(&format!("/users/{user}/reset-password"), json!(null))
            .await
            .ok();
        plain.get("/session").await.refused(401, "unauthenticated");
        let login = json!({ "login": "plain", "password": given["one_time_password"] });
        assert_eq!(
            app.anonymous().post("/session", login).await.ok()["must_change_password"],
            true
        );
    });
}

#[test]
fn who_may_see_whom_follows_the_scope() {
    both(async |app| {
        let (one, other) = (app.project("P1").await, app.project("P2").await);
        let below = app.unit_below("U-P1-1", Some(one.unit)).await;
        app.user("anna")
            .await
            .role("may.ticket.act", Scope::Project(one.id))
            .make()
            .await;
        let bert = app.user("bert").await.of_unit(other.unit).make().await;
        let logins = |list: serde_json::Value| -> Vec<String> {
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["login"].as_str().unwrap().to_owned())
                .collect()
        };
        let reader = app.may(&[PeopleRead], Scope::Project(one.id)).await;
        let seen = logins(reader.get("/users").await.ok());
        assert!(
            seen.len() == 2 && seen[0] == "anna" && seen[1].starts_with("may-"),
            "{seen:?}"
        );
        reader
            .get(&format!("/users/{bert}"))
            .await
            .refused(404, "not_found");
        let units = reader.get("/units").await.ok();
        let codes: Vec<_> = units["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|unit| unit["code"].clone())
            .collect();
        assert_eq!(codes, ["U-P1", "U-P1-1"]);
        reader
            .get(&format!("/units/{}", other.unit))
            .await
            .refused(404, "not_found");
        reader
            .put(
                &format!("/units/{below}"),
                &json!(1),
                json!({ "code": "X", "name": "X" }),
            )
            .await
            .refused(403, "forbidden");

        let reader = app
            .may(&[PeopleRead, PeopleManage], Scope::Unit(other.unit))
            .await;
        assert_eq!(logins(reader.get("/users").await.ok()), ["bert"]);
        reader
            .put(
                &format!("/users/{bert}"),
                &json!(1),
                json!({ "name": "伯特", "unit_id": other.unit }),
            )
            .await
            .ok();
        reader
            .put(
                &format!("/users/{bert}"),
                &json!(2),
                json!({ "name": "伯特" }),
            )
            .await
            .wrong(&["unit_id no_such"]);
        assert_eq!(
            logins(
                app.may(&[PeopleRead], Scope::Own)
                    .await
                    .get("/users")
                    .await
                    .ok()
            )
            .len(),
            1
        );
    });
}

#[test]
fn units_form_a_tree() {
    both(async |app| {
        let admin = app.admin().await;
        let province = app.unit("33").await;
        let city = app.unit_below("3301", Some(province)).await;
        let county = app.unit_below("330102", Some(city)).await;
        let fields =
            |code: &str, parent| json!({ "code": code, "name": code, "parent_id": parent });
        admin
            .put(
                &format!("/units/{province}"),
                &json!(1),
                fields("33", Some(county)),
            )
            .await
            .wrong(&["parent_id below_itself"]);
        admin
            .put(
                &format!("/units/{province}"),
                &json!(1),
                fields("33", Some(province)),
            )
            .await
            .wrong(&["parent_id below_itself"]);
        admin
            .post("/units", fields("33", None))
            .await
            .wrong(&["code taken"]);

        let elsewhere = app.unit("99").await;
        admin
            .put(
                &format!("/units/{city}"),
                &json!(1),
                fields("3301", Some(elsewhere)),
            )
            .await
            .ok();
        let moved = admin.get(&format!("/units/{county}")).await.ok();
        assert_eq!(
            (&moved["depth"], &moved["parent"]["name"]),
            (&json!(2), &json!("3301"))
        );
        let mut deepest = county;
        for level in 0..5 {
            deepest = app.unit_below(&format!("L{level}"), Some(deepest)).await;
        }
        admin
            .post("/units", fields("L9", Some(deepest)))
            .await
            .wrong(&["parent_id too_deep"]);
        let deep = app.unit_below("D", Some(elsewhere)).await;
        admin
            .put(
                &format!("/units/{city}"),
                &json!(2),
                fields("3301", Some(deep)),
            )
            .await
            .wrong(&["parent_id too_deep"]);
    });
}

#[test]
fn lists_are_paged_and_need_as_many_statements_for_many_rows_as_for_few() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        for n in 0..3 {
            app.user(&format!("u{n}"))
                .await
                .of_unit(unit)
                .role("may.ticket.read", Scope::Own)
                .make()
                .await;
        }
        same_statements(&app, &admin, "/users?limit=200", async || {
            for n in 10..30 {
                app.user(&format!("u{n}"))
                    .await
                    .of_unit(unit)
                    .role("may.ticket.read", Scope::Own)
                    .make()
                    .await;
            }
        })
        .await;
        app.unit_below("A-", Some(unit)).await;
        same_statements(&app, &admin, "/units?limit=200", async || {
            for n in 0..20 {
                app.unit_below(&format!("A{n}"), Some(unit)).await;
            }
        })
        .await;
        let (mut seen, mut path) = (Vec::new(), "/users?limit=7".to_owned());
        loop {
            let page = admin.get(&path).await.ok();
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| user["login"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["next"].as_str() else {
                break;
            };
            path = format!("/users?limit=7&after={next}");
        }
        assert_eq!(seen.len(), 24);
        assert!(seen.is_sorted());
        admin
            .get("/users?limit=0")
            .await
            .wrong(&["limit out_of_range"]);
        admin
            .get("/users?after=x")
            .await
            .wrong(&["after bad_cursor"]);
        admin
            .get("/users?colour=red")
            .await
            .wrong(&["colour unknown"]);
    });
}

#[test]
fn a_repeated_create_answers_as_the_first_time() {
    both(async |app| {
        let admin = app.admin().await;
        let body = json!({ "code": "A1", "name": "市税务局" });
        let first = admin
            .post("/units", body.clone())
            .header("idempotency-key", "k1")
            .await
            .ok();
        let again = admin
            .post("/units", body)
            .header("idempotency-key", "k1")
            .await
            .ok();
        assert_eq!(first, again);
        let other = json!({ "code": "A2", "name": "市税务局" });
        admin
            .post("/units", other)
            .header("idempotency-key", "k1")
            .await
            .refused(422, "idempotency_mismatch");
        let user = json!({ "login": "once", "name": "一次" });
        let first = admin
            .post("/users", user.clone())
            .header("idempotency-key", "k2")
            .await
            .ok();
        let again = admin
            .post("/users", user)
            .header("idempotency-key", "k2")
            .await
            .ok();
        assert!(first["one_time_password"].is_string() && again["one_time_password"].is_null());
        assert_eq!(first["user"], again["user"]);
    });
}
