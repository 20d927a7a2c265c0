//! Watching: from a real web server that dies to one incident, and back.

mod availability;
mod budget;
mod flapping;
mod kinds;
mod levels;
mod no_data;
mod outage;
mod own_line;
mod recovery;
mod removed;
mod setup;
mod storm;
mod windows;

use anlan_core::access::Scope;
use anlan_server::features::monitors::Watch;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Project, TestApp};

/// Seconds between two checks.
const INTERVAL: i64 = 5;

/// A project under agreement C that is watched, with the people who hear of it.
struct Site {
    project: Project,
    manager: Client,
    duty: Uuid,
    manager_id: Uuid,
    watch: Watch,
}

impl Site {
    async fn new(app: &TestApp, code: &str) -> Self {
        let project = app.project(code).await;
        app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
            .await;
        let on = Scope::Project(project.id);
        let duty = app.user("duty").await.role("monitor_duty", on);
        let duty = duty
            .reached_at("duty@example.cn", "13800000001")
            .make()
            .await;
        let manager = app.user("pm").await.role("project_manager", on);
        let manager_id = manager.make().await;
        Self {
            project,
            manager: app.sign_in(manager_id).await,
            manager_id,
            duty,
            watch: Watch::default(),
        }
    }

    /// A monitor of a web address: critical after two failures, well again after two answers.
    fn http(&self, name: &str, url: &str) -> Value {
        json!({
            "name": name, "kind": "http", "project_id": self.project.id, "config": { "url": url },
            "interval_seconds": INTERVAL, "timeout_seconds": 1, "parent_id": null,
            "rule": {
                "conditions": [{ "level": "critical", "when": { "kind": "down" }, "bad": 2 }],
                "recover_after": 2, "retry_seconds": INTERVAL, "no_data_after": 3,
            },
        })
    }

    async fn add(&self, monitor: Value) -> String {
        let made = self.manager.post("/monitors", monitor).await.ok();
        made["id"].as_str().unwrap().to_owned()
    }

    /// Lets so many intervals pass, each with its checks.
    async fn rounds(&mut self, app: &TestApp, rounds: usize) {
        for _ in 0..rounds {
            app.pass(INTERVAL);
            self.watch.pass(&app.app).await.unwrap();
        }
    }

    /// A monitor as its page shows it.
    async fn shown(&self, monitor: &str) -> Value {
        self.manager.get(&format!("/monitors/{monitor}")).await.ok()
    }

    async fn state(&self, monitor: &str) -> String {
        let shown = self.shown(monitor).await;
        shown["state"].as_str().unwrap().to_owned()
    }

    /// What happened to a monitor, oldest first.
    async fn events(&self, monitor: &str) -> Vec<String> {
        let events = items(&self.manager, &format!("/monitors/{monitor}/events")).await;
        let kinds = events.iter().rev().map(|event| event["kind"].as_str());
        kinds.map(|kind| kind.unwrap().to_owned()).collect()
    }

    async fn alerts(&self) -> Vec<Value> {
        items(&self.manager, "/alerts").await
    }

    async fn tickets(&self) -> Vec<Value> {
        items(&self.manager, "/tickets").await
    }

    /// What the one on duty was told, oldest first.
    async fn notices(&self, app: &TestApp) -> Vec<Value> {
        let duty = app.sign_in(self.duty).await;
        let mut notices = items(&duty, "/notices").await;
        notices.reverse();
        notices
    }

    /// Titles of what the one on duty was told, oldest first.
    async fn told(&self, app: &TestApp) -> Vec<String> {
        let notices = self.notices(app).await;
        notices.iter().map(title).collect()
    }

    /// What the one on duty was told by monitoring itself: title, and whether it wakes.
    async fn alarms(&self, app: &TestApp) -> Vec<(String, bool)> {
        let notices = self.notices(app).await;
        let of_alerts = |notice: &&Value| notice["kind"].as_str().unwrap().starts_with("alert.");
        let alarms = notices.iter().filter(of_alerts);
        alarms
            .map(|notice| (title(notice), notice["urgent"] == true))
            .collect()
    }
}

fn title(notice: &Value) -> String {
    notice["title"].as_str().unwrap().to_owned()
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.ok()["items"]
        .as_array()
        .unwrap()
        .clone()
}

/// The actions of a ticket's timeline, oldest first.
async fn actions(client: &Client, ticket: &Value) -> Vec<String> {
    let path = format!("/tickets/{}/timeline", ticket["id"].as_str().unwrap());
    let mut entries: Vec<(i64, String)> = items(client, &path)
        .await
        .iter()
        .map(|entry| {
            (
                entry["seq"].as_i64().unwrap_or_default(),
                entry["action"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    entries.sort();
    entries.into_iter().map(|(_, action)| action).collect()
}
