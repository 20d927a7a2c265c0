//! The demonstration: filled once, and true to the rules of daily work.

use anlan_server::features::demo;
use serde_json::Value;

use crate::support::both;

#[test]
fn the_demonstration_is_filled_once_and_has_figures() {
    both(async |app| {
        let first = demo::prepare(&app.app).await.expect("the demonstration");
        let (people, _) = first.people.expect("accounts");
        assert!(people.len() > 10);
        let admin = app.admin().await;
        let counts = admin.get("/tickets/counts").await.ok();
        assert_eq!(counts["total"], 124, "{counts}");
        let open = admin.get("/tickets/counts?open=true").await.ok();
        let working = open["total"].as_i64().unwrap();
        assert!((6..=14).contains(&working), "{open}");
        assert!(open["by_state"].as_object().unwrap().len() >= 4, "{open}");

        let monitors = admin.get("/monitors").await.ok();
        let items = monitors["items"].as_array().unwrap();
        assert!(items.len() >= 3, "{monitors}");
        let id = items[0]["id"].as_str().unwrap();
        let now = app.clock.now();
        let from = now.plus_seconds(-30 * 24 * 3600);
        let availability = format!("/monitors/{id}/availability?from={from}&to={now}");
        let availability = admin.get(&availability).await.ok();
        assert_eq!(availability["down_seconds"], 26 * 60, "{availability}");
        let series = format!("/monitors/{id}/series?metric=response_ms&from={from}&to={now}");
        let series = admin.get(&series).await.ok();
        assert!(series["points"].as_array().unwrap().len() > 200);

        let alerts = admin.get("/alerts").await.ok();
        let linked = |alert: &Value| alert["ticket"].is_object() || alert["ticket_id"].is_string();
        assert!(
            alerts["items"].as_array().unwrap().iter().all(linked),
            "{alerts}"
        );

        let projects = admin.get("/projects").await.ok();
        let project = format!("/projects/{}", projects["items"][0]["id"].as_str().unwrap());
        let sla = admin.get(&format!("{project}/sla")).await.ok();
        assert_eq!(sla["standing"], "in_force", "{sla}");
        let kpi = admin.get(&format!("{project}/kpi")).await.ok();
        let month = &kpi["months"][0];
        assert_eq!(
            (&month["month"], &month["state"]),
            (&"2026-10".into(), &"signed".into())
        );
        let first_line = &month["figures"][3];
        assert!(first_line["whole"].as_i64().unwrap() > 10, "{month}");

        let again = demo::prepare(&app.app).await.expect("a second start");
        assert!(again.people.is_none());
        let counts = admin.get("/tickets/counts").await.ok();
        assert_eq!(counts["total"], 124);
    });
}

#[test]
fn the_demonstration_leaves_other_projects_alone() {
    both(async |app| {
        app.project("P1").await;
        assert!(demo::prepare(&app.app).await.is_err());
        let counts = app.admin().await.get("/tickets/counts").await.ok();
        assert_eq!(counts["total"], 0);
    });
}
