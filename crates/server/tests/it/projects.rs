//! Projects: who sees them, and what may be written.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{Project, both, same_statements};

fn fields(code: &str, customer: uuid::Uuid) -> Value {
    json!({
        "code": code, "name": "门户网站运维", "customer_unit_id": customer, "provider_name": "安澜运维",
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": "5x8", "hotline": "0571-88880000",
    })
}

#[test]
fn a_project_is_made_changed_and_listed() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        let manager = app.user("pm").await.named("王经理").make().await;
        let made = admin.post("/projects", fields("P1", unit)).await.ok();
        let path = format!("/projects/{}", made["id"].as_str().unwrap());
        let mut change = fields("P1", unit);
        change["manager_id"] = json!(manager);
        let changed = admin.put(&path, &made["version"], change).await.ok();
        assert_eq!(
            (&changed["manager"]["name"], &changed["version"]),
            (&json!("王经理"), &json!(2))
        );
        assert_eq!(changed["customer"]["name"], "单位A");
        admin
            .put(&path, &json!(1), fields("P1", unit))
            .await
            .refused(409, "stale_version");
        admin
            .call(axum::http::Method::PUT, &path)
            .json(&fields("P1", unit))
            .await
            .refused(428, "version_required");
        assert_eq!(
            admin.get("/projects?q=p1").await.ok()["items"][0]["id"],
            made["id"]
        );
        same_statements(&app, &admin, "/projects?limit=200", async || {
            for n in 0..10 {
                admin
                    .post("/projects", fields(&format!("Q{n}"), unit))
                    .await
                    .ok();
            }
        })
        .await;
    });
}

#[test]
fn what_cannot_be_is_refused_by_field() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        admin.post("/projects", fields("P1", unit)).await.ok();
        admin
            .post("/projects", fields("P1", unit))
            .await
            .wrong(&["code taken"]);
        let with = |field: &str, value: Value| {
            let mut fields = fields("P2", unit);
            fields[field] = value;
            fields
        };
        let refused = async |field: &str, value: Value, code: &str| {
            admin
                .post("/projects", with(field, value))
                .await
                .wrong(&[&format!("{field} {code}")]);
        };
        refused("ends_on", json!("2025-12-31"), "before_start").await;
        refused("starts_on", json!("2026-02-30"), "wrong_type").await;
        refused("starts_on", json!(20260101), "wrong_type").await;
        refused("name", json!("　"), "required").await;
        refused("name", json!("长".repeat(201)), "too_long").await;
        refused("provider_name", json!("a\u{0}b"), "bad_characters").await;
        refused("customer_unit_id", json!(app.admin_id()), "no_such").await;
        refused("customer_unit_id", json!("x"), "wrong_type").await;
        refused("manager_id", json!(unit), "no_such").await;
        refused("secret", json!(1), "unknown").await;
    });
}

#[test]
fn a_project_is_seen_by_its_people_only() {
    both(async |app| {
        let (one, other) = (app.project("P1").await, app.project("P2").await);
        let codes = |list: Value| -> Vec<Value> {
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|project| project["code"].clone())
                .collect()
        };
        let path = |project: Project| format!("/projects/{}", project.id);
        let here = app.may(&[ProjectRead], Scope::Project(one.id)).await;
        assert_eq!(codes(here.get("/projects").await.ok()), ["P1"]);
        here.get(&path(one)).await.ok();
        here.get(&path(other)).await.refused(404, "not_found");
        here.get(&format!("{}/members", path(other)))
            .await
            .refused(404, "not_found");
        here.put(&path(one), &json!(1), fields("P1", one.unit))
            .await
            .refused(403, "forbidden");
        here.put(&path(other), &json!(1), fields("P2", other.unit))
            .await
            .refused(404, "not_found");

        let unit = app.may(&[ProjectRead], Scope::Unit(other.unit)).await;
        assert_eq!(codes(unit.get("/projects").await.ok()), ["P2"]);
        assert!(
            codes(
                app.may(&[ProjectRead], Scope::Own)
                    .await
                    .get("/projects")
                    .await
                    .ok()
            )
            .is_empty()
        );
        app.may(&[TicketRead], Scope::All)
            .await
            .get("/projects")
            .await
            .refused(403, "forbidden");
    });
}

#[test]
fn members_are_those_with_a_role_on_the_project() {
    both(async |app| {
        let project = app.project("P1").await;
        let here = Scope::Project(project.id);
        app.user("b")
            .await
            .named("乙")
            .role("may.ticket.act", here)
            .role("may.ticket.read", here)
            .make()
            .await;
        app.user("a")
            .await
            .named("甲")
            .role("may.ticket.act", Scope::All)
            .make()
            .await;
        let admin = app.admin().await;
        let members = admin
            .get(&format!("/projects/{}/members", project.id))
            .await
            .ok();
        assert_eq!(members.as_array().unwrap().len(), 1);
        assert_eq!(
            (
                &members[0]["name"],
                members[0]["roles"].as_array().unwrap().len()
            ),
            (&json!("乙"), 2)
        );
        same_statements(
            &app,
            &admin,
            &format!("/projects/{}/members", project.id),
            async || {
                for n in 0..10 {
                    app.user(&format!("m{n}"))
                        .await
                        .role("may.ticket.act", here)
                        .make()
                        .await;
                }
            },
        )
        .await;
    });
}

#[test]
fn a_manager_cannot_hand_his_project_to_another_customer() {
    both(async |app| {
        let (project, other) = (app.project("P1").await, app.project("P2").await);
        let path = format!("/projects/{}", project.id);
        let manager = app.may(&[ProjectRead, ProjectManage], Scope::Project(project.id));
        let manager = manager.await;
        manager
            .put(&path, &json!(1), fields("P1", other.unit))
            .await
            .refused(403, "forbidden");
        let admin = app.admin().await;
        admin
            .put(&path, &json!(1), fields("P1", other.unit))
            .await
            .ok();
    });
}
