//! Service level documents and indicators.

use anlan_core::access::Permission::*;
use serde_json::json;

use super::Needs::All;
use super::{Case, World, get, post, put};
use crate::support::Client;

pub async fn make(admin: &Client, world: &mut World) {
    let path = format!("/projects/{}", world.id("projects"));
    let sla = format!("{path}/sla/versions");
    admin.post(&sla, json!({})).await.ok();
    world.add("number", &json!("1"));
    let plan =
        json!({ "indicators": [{ "measure": "attainment", "direction": "at_least", "goal": 1 }] });
    let none = json!(0);
    admin
        .put(&format!("{path}/kpi/plan"), &none, plan)
        .await
        .ok();
    let month = json!({ "month": "2026-09" });
    admin.post(&format!("{path}/kpi/months"), month).await.ok();
    world.add("month", &json!("2026-09"));
}

pub fn cases(_: &World) -> Vec<Case> {
    let read = || All(&[ProjectRead]);
    let manage = || All(&[ProjectRead, AgreementManage]);
    let write = || All(&[ProjectRead, ReportWrite]);
    let drafts = || super::Needs::OneOf(ProjectRead, &[AgreementManage, ReportWrite]);
    let version = "/projects/{id}/sla/versions/{number}";
    vec![
        get("/projects/{id}/sla", read()),
        post("/projects/{id}/sla/versions", manage(), json!({})),
        // What is not in force yet is seen by those who answer for the service.
        get(version, drafts()),
        get("/projects/{id}/sla/versions/{number}/verify", drafts()),
        get(
            "/projects/{id}/sla/versions/{number}/file?format=html",
            drafts(),
        ),
        put(version, manage(), json!({ "parts": [] })),
        post(
            "/projects/{id}/sla/versions/{number}/steps",
            manage(),
            json!({ "step": "submit" }),
        ),
        get("/projects/{id}/kpi", read()),
        put(
            "/projects/{id}/kpi/plan",
            manage(),
            json!({ "indicators": [] }),
        ),
        post(
            "/projects/{id}/kpi/months",
            write(),
            json!({ "month": "2026-10" }),
        ),
        put(
            "/projects/{id}/kpi/months/{month}",
            write(),
            json!({ "figures": [] }),
        ),
        post(
            "/projects/{id}/kpi/months/{month}/signature",
            manage(),
            json!({ "conclusion": "一致" }),
        ),
    ]
}
