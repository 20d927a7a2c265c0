//! A monitor that was removed: gone from what is watched, and not from what is reported.

use anlan_server::features::monitors::availability_of;
use serde_json::{Value, json};

use super::{Site, items};
use crate::support::both;
use crate::testkit::nginx::Nginx;

#[test]
fn r047_a_removed_monitor_counts_for_the_time_it_was_watched() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "R1").await;
        let begun = app.clock.now();
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 10).await;
        nginx.stop();
        site.rounds(&app, 4).await;
        let removed = app.clock.now();
        let path = format!("/monitors/{portal}");
        site.manager.delete(&path).await.ok();
        app.pass(600);

        assert!(items(&site.manager, "/monitors").await.is_empty());
        for gone in ["", "/events", "/failures"] {
            let page = site.manager.get(&format!("{path}{gone}")).await;
            page.refused(404, "not_found");
        }
        assert_eq!(site.watch.pass(&app.app).await.unwrap(), 0, "watched still");
        let alerts = site.alerts().await;
        assert_eq!(alerts[0]["monitor"], "门户", "{alerts:?}");
        assert_ne!(alerts[0]["recovered_at"], Value::Null);

        let of = async |from, to| {
            let found = availability_of(&app.app, site.project.id, from, to).await;
            found.unwrap()
        };
        let month = of(begun.plus_seconds(-86_400), app.clock.now()).await;
        let [portal] = &month[..] else {
            panic!("{month:?}")
        };
        assert_eq!(
            portal.availability.counted_seconds,
            removed.seconds_since(begun)
        );
        let [outage] = &portal.availability.outages[..] else {
            panic!("{portal:?}")
        };
        assert_eq!(outage.ended_at, Some(removed));
        let down = removed.seconds_since(outage.began_at);
        assert!(down > 0);
        assert_eq!(portal.availability.down_seconds, down);
        let later = of(removed.plus_seconds(1), app.clock.now()).await;
        assert!(later.is_empty(), "{later:?}");

        let month = json!({ "kind": "monthly", "project_id": site.project.id, "month": "2026-11" });
        let report = app.admin().await.post("/reports", month).await.ok();
        let sections = report["sections"].as_array().unwrap();
        let operation = sections.iter().find(|one| one["key"] == "operation");
        let row = &operation.unwrap()["tables"][0]["rows"][0];
        assert_eq!((&row[0], &row[2]), (&json!("门户"), &json!(1)), "{row}");
    });
}

#[test]
fn a_removed_monitor_is_no_parent_any_more() {
    both(async |app| {
        let site = Site::new(&app, "R2").await;
        let switch = site.add(site.http("交换机", "http://127.0.0.1:9/")).await;
        site.manager
            .delete(&format!("/monitors/{switch}"))
            .await
            .ok();
        let mut below = site.http("门户", "http://127.0.0.1:9/");
        below["parent_id"] = json!(switch);
        let refused = site.manager.post("/monitors", below).await;
        refused.wrong(&["parent_id no_such_parent"]);
        let again = site.manager.delete(&format!("/monitors/{switch}")).await;
        again.refused(404, "not_found");
    });
}
