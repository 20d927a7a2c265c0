//! Reports.

use anlan_core::access::Permission::*;
use serde_json::{Value, json};

use super::Needs::All;
use super::{Case, World, get, post, put};
use crate::support::Client;

fn report(world: &World, month: &str) -> Value {
    json!({ "kind": "monthly", "project_id": world.id("projects"), "month": month })
}

pub async fn make(admin: &Client, world: &mut World) {
    let made = admin.post("/reports", report(world, "2026-10")).await.ok();
    world.add("reports", &made);
    world.add("figure", &json!("total"));
}

pub fn cases(world: &World) -> Vec<Case> {
    let read = || All(&[ReportRead]);
    let write = || All(&[ReportRead, ReportWrite]);
    vec![
        get("/reports", read()),
        get("/reports/{id}", read()),
        get("/reports/{id}/verify", read()),
        get("/reports/{id}/file?format=xlsx", read()),
        get("/reports/{id}/figures/{figure}/rows", read()),
        post("/reports", write(), report(world, "2026-09")),
        put("/reports/{id}", write(), json!({ "sections": [] })),
        post("/reports/{id}/recompute", write(), json!({})),
        post(
            "/reports/{id}/approve",
            All(&[ReportRead, ReportApprove]),
            json!({}),
        ),
    ]
}
