//! Projects, agreements, calendars.

use anlan_core::access::Permission::*;
use serde_json::{Value, json};

use super::Needs::All;
use super::{Case, World, delete, get, post, put};
use crate::support::{Client, TestApp};

fn stage(month: u8) -> Value {
    json!({ "name": "正常服务", "starts_on": format!("2026-{month:02}-01"), "ends_on": format!("2026-{month:02}-20"), "sla_counted": true })
}

fn period(from: &str) -> Value {
    json!({ "agreement": "A", "effective_from": from })
}

fn hours(from: &str) -> Value {
    json!({ "calendar": "office-lunch", "effective_from": from })
}

/// Holidays of a year, for a test's own layer.
const HOLIDAYS: &str = r#"{"kind": "holidays", "layer": "test", "year": 2030, "name": {"zh": "测试", "en": "Test"},
    "source": "test", "holidays": [{"name": {"zh": "元旦", "en": "New Year"}, "from": "2030-01-01", "to": "2030-01-01"}]}"#;

pub async fn make(app: &TestApp, admin: &Client, world: &mut World) {
    let project = app.project("P1").await;
    world.add("projects", &json!(project.id));
    world.add("units", &json!(project.unit));
    let path = format!("/projects/{}", project.id);
    world.add(
        "stage",
        &admin.post(&format!("{path}/stages"), stage(7)).await.ok(),
    );
    world.add(
        "period",
        &admin
            .post(&format!("{path}/agreements"), period("2026-07-01"))
            .await
            .ok(),
    );
    world.add(
        "hours",
        &admin
            .post(&format!("{path}/calendars"), hours("2026-07-01"))
            .await
            .ok(),
    );
    world.add("agreement", &json!("A"));
    world.add("calendar", &json!("5x8"));
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
        get("/projects/{id}/stages", All(&[ProjectRead])),
        post(
            "/projects/{id}/stages",
            All(&[ProjectRead, ProjectManage]),
            stage(9),
        ),
        put(
            "/projects/{id}/stages/{stage}",
            All(&[ProjectRead, ProjectManage]),
            stage(8),
        ),
        delete(
            "/projects/{id}/stages/{stage}",
            All(&[ProjectRead, ProjectManage]),
        ),
        get("/projects/{id}/agreements", All(&[ProjectRead])),
        post(
            "/projects/{id}/agreements",
            All(&[ProjectRead, AgreementManage]),
            period("2026-12-01"),
        ),
        delete(
            "/projects/{id}/agreements/{period}",
            All(&[ProjectRead, AgreementManage]),
        ),
        get("/projects/{id}/calendars", All(&[ProjectRead])),
        post(
            "/projects/{id}/calendars",
            All(&[ProjectRead, ProjectManage]),
            hours("2026-12-01"),
        ),
        delete(
            "/projects/{id}/calendars/{hours}",
            All(&[ProjectRead, ProjectManage]),
        ),
        get("/agreements", All(&[AgreementRead])),
        get("/agreements/{key}", All(&[AgreementRead])),
        get("/calendars", All(&[CalendarRead])),
        get("/calendars/{key}/days?year=2026", All(&[CalendarRead])),
        post(
            "/calendars/import",
            All(&[CalendarManage]),
            serde_json::from_str(HOLIDAYS).unwrap(),
        ),
    ]
}
