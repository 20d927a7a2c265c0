//! Windows as the month's availability sees them: for what cause, and whether said before or after.

use anlan_server::platform::at::At;
use serde_json::{Value, json};

use super::Site;
use crate::support::{TestApp, both};
use crate::testkit::nginx::Nginx;

/// A portal that was down for twelve checks in the last minutes.
struct Failed {
    site: Site,
    portal: String,
    /// The last instant before the first check that failed.
    well_until: At,
    _nginx: Nginx,
}

impl Failed {
    async fn new(app: &TestApp, code: &str) -> Self {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(app, code).await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(app, 3).await;
        let well_until = app.clock.now();
        nginx.stop();
        site.rounds(app, 12).await;
        nginx.resume();
        site.rounds(app, 3).await;
        Self {
            site,
            portal,
            well_until,
            _nginx: nginx,
        }
    }

    fn window(&self, from: At, to: At, cause: &str) -> Value {
        json!({
            "name": "防汛停电", "project_id": self.site.project.id, "monitor_ids": [self.portal],
            "starts_at": from, "ends_at": to, "reason": "机房进水", "cause": cause,
            "excluded_from_availability": true,
        })
    }

    /// Availability since the first check.
    async fn figures(&self, app: &TestApp) -> Value {
        let (from, to) = (crate::support::START, app.clock.now());
        let path = format!("/monitors/{}/availability?from={from}&to={to}", self.portal);
        self.site.manager.get(&path).await.ok()
    }

    /// The section of the month's report about what is in operation.
    async fn reported(&self, app: &TestApp) -> Value {
        let admin = app.admin().await;
        let month =
            json!({ "kind": "monthly", "project_id": self.site.project.id, "month": "2026-11" });
        let listed = admin.get("/reports").await.ok()["items"][0].clone();
        let report = if listed.is_null() {
            admin.post("/reports", month).await.ok()
        } else {
            let path = format!("/reports/{}/recompute", listed["id"].as_str().unwrap());
            let version = format!("\"{}\"", listed["version"]);
            let again = admin.post(&path, json!({})).header("if-match", &version);
            again.await.ok()
        };
        let sections = report["sections"].as_array().unwrap();
        let section = sections.iter().find(|one| one["key"] == "operation");
        section.unwrap().clone()
    }
}

/// The rows of the windows that were left out.
fn left_out(section: &Value) -> Vec<Vec<String>> {
    let tables = section["tables"].as_array().unwrap();
    let Some(table) = tables.iter().find(|table| table["key"] == "left_out") else {
        return Vec::new();
    };
    let words = |row: &Value| {
        let cells = row.as_array().unwrap().iter();
        cells
            .map(|cell| cell.as_str().unwrap().to_owned())
            .collect()
    };
    table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(words)
        .collect()
}

#[test]
fn r047_force_majeure_does_not_count_and_shows_that_it_was_entered_afterwards() {
    both(async |app| {
        let failed = Failed::new(&app, "W1").await;
        assert_eq!(failed.figures(&app).await["down_seconds"], 60);
        let section = failed.reported(&app).await;
        let text = section["text"].as_str().unwrap();
        assert!(
            !text.contains("不可抗力") && !text.contains("维护"),
            "{text}"
        );
        assert!(left_out(&section).is_empty());

        let now = app.clock.now();
        let window = failed.window(failed.well_until, now, "force_majeure");
        let made = failed.site.manager.post("/maintenance", window).await.ok();
        assert_eq!(made["cause"], "force_majeure");
        assert_eq!(made["entered_late"], json!({ "at": now, "by": "pm" }));
        let figures = failed.figures(&app).await;
        let seconds = now.seconds_since(failed.well_until);
        assert_eq!(figures["down_seconds"], 0, "{figures}");
        let excluded = figures["excluded"].as_array().unwrap();
        let told = json!({ "reason": "force_majeure", "seconds": seconds });
        assert!(excluded.contains(&told), "{figures}");

        let section = failed.reported(&app).await;
        let text = section["text"].as_str().unwrap();
        assert!(
            text.contains("不可抗力") && !text.contains("维护"),
            "{text}"
        );
        let rows = left_out(&section);
        assert_eq!(rows.len(), 1, "{section}");
        assert_eq!(rows[0][..3], ["防汛停电", "不可抗力", "门户"]);
        assert!(
            rows[0][5].starts_with("补录：pm，2026-11-22 10:"),
            "{rows:?}"
        );
    });
}

#[test]
fn r047_a_window_is_marked_once_it_reaches_into_the_past() {
    both(async |app| {
        let failed = Failed::new(&app, "W2").await;
        let now = app.clock.now();
        let mut window = failed.window(now.plus_seconds(60), now.plus_seconds(120), "other");
        let manager = &failed.site.manager;
        let made = manager.post("/maintenance", window.clone()).await.ok();
        assert_eq!(
            (&made["entered_late"], &made["cause"]),
            (&Value::Null, &json!("other"))
        );
        let path = format!("/maintenance/{}", made["id"].as_str().unwrap());
        app.pass(90);
        window["ends_at"] = json!(now.plus_seconds(300));
        let longer = manager
            .put(&path, &made["version"], window.clone())
            .await
            .ok();
        assert_eq!(longer["entered_late"], Value::Null, "what is still to come");
        let rows = left_out(&failed.reported(&app).await);
        assert_eq!((&*rows[0][1], &*rows[0][5]), ("约定不计", "事先登记"));

        window["starts_at"] = json!(failed.well_until);
        let earlier = manager.put(&path, &longer["version"], window).await.ok();
        assert_eq!(earlier["entered_late"]["by"], "pm");
        let rows = left_out(&failed.reported(&app).await);
        assert!(rows[0][5].starts_with("补录"), "{rows:?}");
        let audit = app
            .admin()
            .await
            .get("/audit?action=maintenance.update")
            .await
            .ok();
        let newest = audit["items"][0]["detail"].as_str().unwrap();
        assert!(newest.contains(r#""late":true"#), "{newest}");
    });
}

#[test]
fn a_window_has_a_cause_of_the_list_and_is_planned_work_unless_told() {
    both(async |app| {
        let site = Site::new(&app, "W3").await;
        let now = app.clock.now();
        let mut window = json!({
            "name": "升级", "project_id": site.project.id, "starts_at": now, "ends_at": now.plus_seconds(60),
            "reason": "升级", "excluded_from_availability": true,
        });
        let made = site.manager.post("/maintenance", window.clone()).await.ok();
        assert_eq!(made["cause"], "maintenance");
        window["cause"] = json!("weather");
        let refused = site.manager.post("/maintenance", window).await;
        refused.wrong(&["cause one_of"]);
    });
}
