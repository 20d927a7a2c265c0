//! Contacts of customer units.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{both, same_statements};

#[test]
fn a_contact_is_added_found_by_any_notation_and_changed() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        let fields = json!({
            "unit_id": unit, "name": "陈科长", "phone": "0571-88881234转801", "mobile": "+86 138 0013 8000",
            "department": "信息科", "title": "科长", "vip": true,
        });
        let made = admin.post("/contacts", fields.clone()).await.ok();
        assert_eq!(
            (&made["vip"], &made["unit"]["name"]),
            (&json!(true), &json!("单位A"))
        );
        admin
            .post(
                "/contacts",
                json!({ "unit_id": unit, "name": "别人", "phone": "0571-99990000" }),
            )
            .await
            .ok();
        let found = async |q: &str| -> Vec<Value> {
            let list = admin.get(&format!("/contacts?q={q}")).await.ok();
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|contact| contact["name"].clone())
                .collect()
        };
        for q in [
            "%E9%99%88",
            "13800138000",
            "138-0013-8000",
            "88881234",
            "0571-8888",
            "%E4%BF%A1%E6%81%AF%E7%A7%91",
        ] {
            assert_eq!(found(q).await, ["陈科长"], "{q}");
        }
        assert!(found("88889999").await.is_empty());
        let path = format!("/contacts/{}", made["id"].as_str().unwrap());
        let mut change = fields;
        change["mobile"] = json!("13900139000");
        assert_eq!(
            admin
                .put(&path, &made["version"], change.clone())
                .await
                .ok()["version"],
            2
        );
        assert!(found("13800138000").await.is_empty());
        assert_eq!(found("13900139000").await, ["陈科长"]);
        admin
            .put(&path, &json!(1), change)
            .await
            .refused(409, "stale_version");
        same_statements(&app, &admin, "/contacts?limit=200", async || {
            for n in 0..10 {
                admin
                    .post(
                        "/contacts",
                        json!({ "unit_id": unit, "name": format!("联系人{n}") }),
                    )
                    .await
                    .ok();
            }
        })
        .await;
    });
}

#[test]
fn contacts_of_other_customers_stay_hidden() {
    both(async |app| {
        let admin = app.admin().await;
        let (one, other) = (app.project("P1").await, app.project("P2").await);
        let below = app.unit_below("U-P1-1", Some(one.unit)).await;
        let contact = async |unit: uuid::Uuid, name: &str| {
            let made = admin
                .post("/contacts", json!({ "unit_id": unit, "name": name }))
                .await
                .ok();
            format!("/contacts/{}", made["id"].as_str().unwrap())
        };
        let (here, there) = (contact(below, "甲").await, contact(other.unit, "乙").await);
        let desk = app
            .may(&[PeopleRead, PeopleManage], Scope::Project(one.id))
            .await;
        let list = desk.get("/contacts").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        desk.get(&here).await.ok();
        desk.get(&there).await.refused(404, "not_found");
        let move_to = |unit: uuid::Uuid| json!({ "unit_id": unit, "name": "甲" });
        desk.put(&there, &json!(1), move_to(other.unit))
            .await
            .refused(404, "not_found");
        desk.put(&here, &json!(1), move_to(other.unit))
            .await
            .wrong(&["unit_id no_such"]);
        desk.post("/contacts", move_to(other.unit))
            .await
            .wrong(&["unit_id no_such"]);
        desk.put(&here, &json!(1), move_to(one.unit)).await.ok();
        let reader = app.may(&[PeopleRead], Scope::Project(one.id)).await;
        reader
            .put(&here, &json!(2), move_to(one.unit))
            .await
            .refused(403, "forbidden");
        desk.post(
            "/contacts",
            json!({ "unit_id": one.unit, "name": "a\nb", "phone": "x", "email": "y" }),
        )
        .await
        .wrong(&["name bad_characters", "phone bad_phone", "email bad_email"]);
    });
}

#[test]
fn people_of_one_name_are_paged_without_losing_any() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        for _ in 0..5 {
            admin
                .post("/contacts", json!({ "unit_id": unit, "name": "张伟" }))
                .await
                .ok();
        }
        let (mut seen, mut path) = (
            std::collections::BTreeSet::new(),
            "/contacts?limit=2".to_owned(),
        );
        loop {
            let page = admin.get(&path).await.ok();
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|contact| contact["id"].to_string()),
            );
            let Some(next) = page["next"].as_str() else {
                break;
            };
            path = format!("/contacts?limit=2&after={next}");
        }
        assert_eq!(seen.len(), 5);
    });
}
