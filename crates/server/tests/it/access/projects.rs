//! Projects.

use anlan_core::access::Permission::*;
use serde_json::{Value, json};

use super::Needs::All;
use super::{Case, World, get, post, put};
use crate::support::{Client, TestApp};

pub async fn make(app: &TestApp, _: &Client, world: &mut World) {
    let project = app.project("P1").await;
    world.add("projects", &json!(project.id));
    world.add("units", &json!(project.unit));
}

pub fn cases(world: &World) -> Vec<Case> {
    let project: Value = json!({
        "code": "P9", "name": "项目", "customer_unit_id": world.id("units"), "provider_name": "安澜",
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": "5x8",
    });
    vec![
        get("/projects", All(&[ProjectRead])),
        get("/projects/{id}", All(&[ProjectRead])),
        post("/projects", All(&[ProjectManage]), project.clone()),
        put(
            "/projects/{id}",
            All(&[ProjectRead, ProjectManage]),
            project,
        ),
        get("/projects/{id}/members", All(&[ProjectRead])),
    ]
}
