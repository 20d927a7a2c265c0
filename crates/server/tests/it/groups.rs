//! Support groups.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::json;

use crate::support::{both, same_statements};

#[test]
fn r082_a_group_has_a_line_people_and_a_leader() {
    both(async |app| {
        let admin = app.admin().await;
        let project = app.project("P1").await;
        let (anna, bert) = (
            app.user("anna").await.make().await,
            app.user("bert").await.make().await,
        );
        let fields = |members: &[uuid::Uuid], leader: Option<uuid::Uuid>| json!({ "project_id": project.id, "name": "工程技术部", "line": 2, "member_ids": members, "leader_id": leader });
        let made = admin
            .post("/groups", fields(&[anna, bert], Some(bert)))
            .await
            .ok();
        assert_eq!(
            (&made["leader"]["name"], &made["members"][0]["name"]),
            (&json!("bert"), &json!("anna"))
        );
        let path = format!("/groups/{}", made["id"].as_str().unwrap());
        admin
            .post("/groups", fields(&[], None))
            .await
            .wrong(&["name taken"]);
        admin
            .put(&path, &made["version"], fields(&[anna], Some(bert)))
            .await
            .wrong(&["leader_id not_a_member"]);
        admin
            .put(&path, &made["version"], fields(&[project.id], None))
            .await
            .wrong(&["member_ids no_such"]);
        let changed = admin
            .put(&path, &made["version"], fields(&[anna], Some(anna)))
            .await
            .ok();
        assert_eq!(
            (
                &changed["version"],
                changed["members"].as_array().unwrap().len()
            ),
            (&json!(2), 1)
        );
        let other = app.project("P2").await;
        let mut moved = fields(&[anna], None);
        moved["project_id"] = json!(other.id);
        admin
            .put(&path, &json!(2), moved)
            .await
            .wrong(&["project_id fixed"]);
        let mut fourth = fields(&[], None);
        fourth["line"] = json!(4);
        admin
            .post("/groups", fourth)
            .await
            .wrong(&["line out_of_range"]);
        same_statements(&app, &admin, &format!("/groups?project={}", project.id), async || {
            for n in 0..10 {
                let body = json!({ "project_id": project.id, "name": format!("组{n}"), "line": 1 + n % 3, "member_ids": [anna, bert] });
                admin.post("/groups", body).await.ok();
            }
        })
        .await;
        let lines = admin.get("/groups?limit=200").await.ok();
        let lines: Vec<i64> = lines["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["line"].as_i64().unwrap())
            .collect();
        assert!(lines.is_sorted() && lines.len() == 11);
        assert_eq!(
            admin.get("/groups?line=3").await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
    });
}

#[test]
fn groups_belong_to_their_project() {
    both(async |app| {
        let (one, other) = (app.project("P1").await, app.project("P2").await);
        let admin = app.admin().await;
        let group = |project: uuid::Uuid, name: &str| json!({ "project_id": project, "name": name, "line": 1 });
        let there = admin.post("/groups", group(other.id, "彼")).await.ok();
        let path = format!("/groups/{}", there["id"].as_str().unwrap());
        let lead = app
            .may(&[ProjectRead, ProjectManage], Scope::Project(one.id))
            .await;
        lead.post("/groups", group(one.id, "此")).await.ok();
        lead.post("/groups", group(other.id, "彼"))
            .await
            .wrong(&["project_id no_such"]);
        lead.get(&path).await.refused(404, "not_found");
        lead.put(&path, &json!(1), group(other.id, "彼"))
            .await
            .refused(404, "not_found");
        assert_eq!(
            lead.get("/groups").await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        // A customer's own scope reaches the groups of the projects that serve it.
        let customer = app.may(&[ProjectRead], Scope::Unit(other.unit)).await;
        assert_eq!(customer.get("/groups").await.ok()["items"][0]["name"], "彼");
        customer
            .put(&path, &json!(1), group(other.id, "彼"))
            .await
            .refused(403, "forbidden");
    });
}
