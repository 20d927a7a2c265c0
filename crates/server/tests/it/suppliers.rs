//! The register of suppliers and their support contracts.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{TestApp, both, same_statements};
use crate::tasks::supplier;

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let found = app
        .admin()
        .await
        .get(&format!("/suppliers{query}"))
        .await
        .ok();
    let items = found["items"].as_array().unwrap().iter();
    items
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

fn contract(number: &str, project: Value, ends: &str) -> Value {
    json!({
        "number": number, "project_id": project, "supports": ["服务器"], "calendar": "7x24",
        "respond_seconds": 1800, "starts_on": "2026-01-01", "ends_on": ends,
    })
}

#[test]
fn r044_a_contract_that_ends_in_thirty_days_is_listed_and_its_manager_reminded() {
    both(async |app| {
        let project = app.project("P1").await;
        let on = Scope::Project(project.id);
        let manager = app
            .user("pm")
            .await
            .role("project_manager", on)
            .make()
            .await;
        // Today is 22 November: the one ends on 20 December, the other on the 31st.
        let soon = supplier(&app, project.id, "恒远服务器", &["服务器"]).await;
        let later = supplier(&app, project.id, "云溪电信", &["专线"]).await;
        let path = |made: &Value, contract: &str| {
            format!(
                "/suppliers/{}/contracts{contract}",
                made["id"].as_str().unwrap()
            )
        };
        let admin = app.admin().await;
        let one = format!("/{}", later["contracts"][0]["id"].as_str().unwrap());
        let changed = contract("UC-1", json!(project.id), "2026-12-31");
        admin
            .put(&path(&later, &one), &json!(1), changed)
            .await
            .ok();
        assert_eq!(names(&app, "?expiring=true").await, ["恒远服务器"]);
        assert_eq!(names(&app, "").await.len(), 2);
        let shown = &soon["contracts"][0];
        assert_eq!(
            (&shown["ends_soon"], &shown["days_left"]),
            (&json!(true), &json!(28))
        );

        let reminded = async || {
            let notices = app.sign_in(manager).await.get("/notices").await.ok();
            let items = notices["items"].as_array().unwrap().iter();
            items
                .map(|notice| notice["title"].as_str().unwrap().to_owned())
                .filter(|title| title.starts_with("支持合同还有"))
                .collect::<Vec<_>>()
        };
        let days = async |days: i64| {
            app.pass(days * 86_400);
            while app.app.timers().tick().await.unwrap() > 0 {}
            reminded().await
        };
        // 1 December: thirty days before the second ends; the reminders of 60 and 30 days of the first are over.
        assert_eq!(days(9).await, ["支持合同还有 30 天到期：云溪电信"]);
        assert_eq!(days(12).await[0], "支持合同还有 7 天到期：恒远服务器");
        // What is renewed needs no reminder.
        let renewed = contract("UC-2", json!(project.id), "2027-12-31");
        app.admin()
            .await
            .post(&path(&later, ""), renewed)
            .await
            .ok();
        assert_eq!(days(11).await.len(), 2);
        assert_eq!(names(&app, "?expiring=true").await, ["云溪电信"]);
        let path = format!("/suppliers/{}", later["id"].as_str().unwrap());
        let later = app.admin().await.get(&path).await.ok();
        assert_eq!(later["contracts"][1]["ends_soon"], false, "{later}");
    });
}

#[test]
fn r044_suppliers_and_contracts_are_checked_and_kept_with_their_changes() {
    both(async |app| {
        let project = app.project("P1").await;
        let admin = app.admin().await;
        let bad = json!({ "name": "", "phone": "打电话", "email": "x" });
        admin.post("/suppliers", bad).await.wrong(&[
            "name required",
            "phone bad_phone",
            "email bad_email",
        ]);
        let made = admin
            .post("/suppliers", json!({ "name": "恒远服务器" }))
            .await
            .ok();
        let twice = json!({ "name": "恒远服务器" });
        admin.post("/suppliers", twice).await.wrong(&["name taken"]);
        let path = format!("/suppliers/{}", made["id"].as_str().unwrap());
        let contracts = format!("{path}/contracts");
        let mut wrong = contract("", json!(uuid::Uuid::now_v7()), "2025-12-31");
        wrong["calendar"] = "nowhere".into();
        wrong["respond_seconds"] = json!(5);
        wrong["supports"] = json!([""]);
        admin.post(&contracts, wrong).await.wrong(&[
            "number required",
            "supports required",
            "calendar no_such",
            "respond_seconds out_of_range",
            "ends_on before_start",
        ]);
        let nowhere = contract("UC-1", json!(uuid::Uuid::now_v7()), "2026-12-31");
        admin
            .post(&contracts, nowhere)
            .await
            .wrong(&["project_id no_such"]);
        let good = contract("UC-1", json!(project.id), "2026-12-31");
        let made = admin.post(&contracts, good.clone()).await.ok();
        assert_eq!(made["contracts"][0]["project"]["code"], "P1");
        admin.post(&contracts, good).await.wrong(&["number taken"]);
        let renamed = json!({ "name": "恒远", "active": false });
        let changed = admin.put(&path, &json!(1), renamed.clone()).await.ok();
        assert_eq!(
            (&changed["name"], &changed["version"]),
            (&json!("恒远"), &json!(2))
        );
        admin
            .put(&path, &json!(1), renamed)
            .await
            .refused(409, "stale_version");
        same_statements(&app, &admin, "/suppliers", async || {
            for n in 0..4 {
                supplier(&app, project.id, &format!("供应商{n}"), &[]).await;
            }
        })
        .await;
        let first = admin.get("/suppliers?limit=2").await.ok();
        let rest = format!(
            "/suppliers?limit=2&after={}",
            first["next"].as_str().unwrap()
        );
        let rest = admin.get(&rest).await.ok();
        assert_eq!(rest["items"].as_array().unwrap().len(), 2);
        assert_ne!(first["items"][1]["id"], rest["items"][0]["id"]);
    });
}

#[test]
fn contracts_belong_to_their_project() {
    both(async |app| {
        let (one, other) = (app.project("P1").await, app.project("P2").await);
        let there = supplier(&app, other.id, "恒远服务器", &[]).await;
        let path = format!("/suppliers/{}", there["id"].as_str().unwrap());
        let lead = app
            .may(&[ProjectRead, ProjectManage], Scope::Project(one.id))
            .await;
        let seen = lead.get(&path).await.ok();
        assert_eq!(seen["contracts"], json!([]), "another project's contract");
        let add = async |project: Value| {
            let fields = contract("UC-9", project, "2026-12-31");
            lead.post(&format!("{path}/contracts"), fields).await
        };
        add(json!(other.id)).await.wrong(&["project_id no_such"]);
        add(Value::Null).await.refused(403, "forbidden");
        add(json!(one.id)).await.ok();
        let engineer = app
            .may(&[ProjectRead, TicketAct], Scope::Project(one.id))
            .await;
        assert_eq!(
            engineer.get(&path).await.ok()["contracts"][0]["number"],
            "UC-9"
        );
        let all = app.admin().await.get(&path).await.ok();
        assert_eq!(all["contracts"].as_array().unwrap().len(), 2);
    });
}
