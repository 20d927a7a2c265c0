//! Monitors, alerts, maintenance windows.

use anlan_core::access::Permission::*;
use serde_json::{Value, json};

use super::Needs::All;
use super::{Case, World, delete, get, post, put};
use crate::support::Client;

fn monitor(world: &World) -> Value {
    json!({
        "project_id": world.id("projects"), "name": "门户网站", "kind": "tcp", "enabled": false,
        "config": { "host": "127.0.0.1", "port": 9 }, "interval_seconds": 60, "timeout_seconds": 5,
    })
}

fn window(world: &World) -> Value {
    json!({
        "project_id": world.id("projects"), "name": "升级", "reason": "计划内升级",
        "starts_at": "2026-11-22T12:00:00Z", "ends_at": "2026-11-22T14:00:00Z", "excluded_from_availability": true,
    })
}

pub async fn make(admin: &Client, world: &mut World) {
    world.add(
        "monitors",
        &admin.post("/monitors", monitor(world)).await.ok(),
    );
    world.add(
        "maintenance",
        &admin.post("/maintenance", window(world)).await.ok(),
    );
}

pub fn cases(world: &World) -> Vec<Case> {
    let attempt = json!({
        "project_id": world.id("projects"), "kind": "tcp",
        "config": { "host": "127.0.0.1", "port": 9 }, "timeout_seconds": 1,
    });
    let (read, manage) = (
        || All(&[MonitorRead]),
        || All(&[MonitorRead, MonitorManage]),
    );
    vec![
        get("/monitors", read()),
        get("/monitors/engine", read()),
        get("/monitors/{id}", read()),
        get(
            "/monitors/{id}/series?metric=response_ms&from=2026-11-22T00:00:00Z&to=2026-11-22T01:00:00Z",
            read(),
        ),
        get("/monitors/{id}/events", read()),
        get("/monitors/{id}/failures", read()),
        get(
            "/monitors/{id}/availability?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z",
            read(),
        ),
        get(
            "/monitors/systems?project={project}&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z",
            read(),
        ),
        post("/monitors", manage(), monitor(world)),
        post("/monitors/try", manage(), attempt),
        put("/monitors/{id}", manage(), monitor(world)),
        get("/alerts", read()),
        get("/alerts/summary", read()),
        get("/maintenance", read()),
        post("/maintenance", manage(), window(world)),
        put("/maintenance/{id}", manage(), window(world)),
        delete("/maintenance/{id}", manage()),
        delete("/monitors/{id}", manage()),
    ]
}
