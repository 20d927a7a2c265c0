//! The report's section on availability, against the example of R-047 calculated by hand: an hour of a
//! month with 30 days.

use anlan_core::alert::{Circumstances, Event, Rule, Sample, State, step};
use anlan_core::schedule::Interval;
use anlan_server::features::monitors::rows::alert_events;
use anlan_server::platform::at::At;
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Project, START, TestApp, both, id};

const MINUTE: i64 = 60;

/// Clock time in Beijing.
pub fn beijing(text: &str) -> At {
    let wall: jiff::civil::DateTime = text.parse().unwrap();
    At::from(wall.in_tz("Asia/Shanghai").unwrap().timestamp())
}

/// A portal that has been watched since before September 2026.
async fn watched(app: &TestApp, code: &str) -> (Project, Uuid) {
    app.clock.set(beijing("2026-08-31T12:00"));
    let project = app.project(code).await;
    let monitor = json!({
        "name": "门户", "kind": "tcp", "project_id": project.id, "interval_seconds": MINUTE, "timeout_seconds": 5,
        "config": { "host": "127.0.0.1", "port": 80 }, "rule": null, "parent_id": null,
    });
    let monitor = app.admin().await.post("/monitors", monitor).await.ok();
    (project, id(&monitor["id"]))
}

/// Lets the alert engine see an outage, a look a minute, and keeps what it says.
pub async fn outage(app: &TestApp, monitor: Uuid, began: At, minutes: i64) {
    let ended = began.plus_seconds(minutes * MINUTE);
    let interval = Interval::from_seconds(60).unwrap();
    let (rule, mut state) = (Rule::usual(), State::default());
    for look in -10..minutes + 10 {
        let at = began.plus_seconds(look * MINUTE);
        let sample = if at >= began && at < ended {
            Sample::down(at.timestamp(), "connect_refused")
        } else {
            Sample::up(at.timestamp(), Vec::new())
        };
        let around = Circumstances::clear(at.timestamp(), interval);
        let stepped = step(state, &sample, &around, &rule);
        state = stepped.state;
        for event in stepped.events {
            keep(app, monitor, &event).await;
        }
    }
}

async fn keep(app: &TestApp, monitor: Uuid, event: &Event) {
    let detail = serde_json::to_value(event).unwrap();
    let row = alert_events::Model {
        id: Uuid::now_v7(),
        monitor_id: monitor,
        at: event.at.into(),
        happened_at: event.at.into(),
        kind: detail["event"].as_str().unwrap().to_owned(),
        detail: detail.to_string(),
    };
    app.insert(row.into_active_model()).await;
}

pub async fn september(app: &TestApp, project: Project) -> Value {
    app.clock.set(START);
    let month = json!({ "kind": "monthly", "project_id": project.id, "month": "2026-09" });
    app.admin().await.post("/reports", month).await.ok()
}

/// A section by its key.
pub fn section<'a>(report: &'a Value, key: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    let found = sections.iter().find(|section| section["key"] == key);
    found.unwrap_or_else(|| panic!("no section {key}: {report}"))
}

/// A figure of the first page by its key.
pub fn figure<'a>(report: &'a Value, key: &str) -> &'a Value {
    let figures = section(report, "overview")["figures"].as_array().unwrap();
    let found = figures.iter().find(|figure| figure["key"] == key);
    found.unwrap_or_else(|| panic!("no figure {key}: {figures:?}"))
}

#[test]
fn r047_an_hour_without_service_makes_september_99_861_percent_and_red() {
    both(async |app| {
        let (project, monitor) = watched(&app, "V1").await;
        outage(&app, monitor, beijing("2026-09-10T10:00"), 60).await;
        let report = september(&app, project).await;
        // 60 of 43,200 minutes.
        let operation = section(&report, "operation");
        let row = &operation["tables"][0]["rows"][0];
        assert_eq!(
            row,
            &json!(["门户", "30天", 1, "1小时", "—", "99.861%", "未达标"])
        );
        let text = operation["text"].as_str().unwrap();
        assert!(
            text.contains("门户可用率99.861%，低于99.99%的标准"),
            "{text}"
        );
        let outages = &operation["tables"][1]["rows"];
        assert_eq!(
            outages,
            &json!([[
                "门户",
                "2026-09-10 10:00",
                "2026-09-10 11:00",
                "1小时",
                "1小时"
            ]])
        );
        let lowest = figure(&report, "availability");
        assert_eq!(
            (&lowest["value"], &lowest["ok"]),
            (&json!("99.861%"), &json!(false))
        );
        let indicators = section(&report, "indicators")["tables"][0]["rows"].to_string();
        assert!(
            indicators.contains("门户可用率") && indicators.contains("未达标"),
            "{indicators}"
        );
    });
}

#[test]
fn r047_the_same_hour_within_planned_work_is_not_counted() {
    both(async |app| {
        let (project, monitor) = watched(&app, "V2").await;
        let window = json!({
            "name": "升级", "project_id": project.id, "monitor_ids": [monitor],
            "starts_at": beijing("2026-09-10T09:30"), "ends_at": beijing("2026-09-10T11:30"),
            "reason": "季度升级", "excluded_from_availability": true,
        });
        app.admin().await.post("/maintenance", window).await.ok();
        outage(&app, monitor, beijing("2026-09-10T10:00"), 60).await;
        let report = september(&app, project).await;
        // Two of 720 hours are left out, and with them the outage.
        let operation = section(&report, "operation");
        let row = &operation["tables"][0]["rows"][0];
        assert_eq!(
            row,
            &json!([
                "门户",
                "29天22小时",
                0,
                "0秒",
                "计划内维护2小时",
                "100.000%",
                "达标"
            ])
        );
        let text = operation["text"].as_str().unwrap();
        assert!(text.contains("可用率均达到99.99%"), "{text}");
        assert_eq!(figure(&report, "availability")["ok"], true);
        // It is told, and not among the interruptions.
        let tables = operation["tables"].as_array().unwrap();
        let keys: Vec<_> = tables.iter().map(|table| &table["key"]).collect();
        assert_eq!(keys, ["availability", "left_out", "not_counted"]);
        let hour = [
            "门户",
            "2026-09-10 10:00",
            "2026-09-10 11:00",
            "1小时",
            "0秒",
        ];
        assert_eq!(tables[2]["rows"], json!([hour]));
    });
}
