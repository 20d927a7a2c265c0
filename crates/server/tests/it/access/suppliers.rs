//! Suppliers, their contracts, and the tasks under tickets.

use anlan_core::access::Permission::*;
use serde_json::{Value, json};

use super::Needs::{All, OneOf};
use super::{Case, World, get, post, put};
use crate::support::Client;

fn contract(number: &str) -> Value {
    json!({
        "number": number, "calendar": "7x24", "resolve_seconds": 3600,
        "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    })
}

fn task(world: &World) -> Value {
    json!({ "title": "核对日志", "group_id": world.id("groups"), "due_at": "2026-12-01T00:00:00Z" })
}

pub async fn make(admin: &Client, world: &mut World) {
    let supplier = json!({ "name": "恒远服务器" });
    let made = admin.post("/suppliers", supplier).await.ok();
    world.add("suppliers", &made);
    let path = format!("/suppliers/{}/contracts", world.id("suppliers"));
    let made = admin.post(&path, contract("UC-1")).await.ok();
    world.add("contract", &made["contracts"][0]);
    let path = format!("/tickets/{}/tasks", world.id("tickets"));
    let made = admin.post(&path, task(world)).await.ok();
    world.add("tasks", &made[0]);
}

pub fn cases(world: &World) -> Vec<Case> {
    vec![
        get(
            "/suppliers",
            OneOf(ProjectRead, &[TicketAct, ProjectManage, AuditRead]),
        ),
        get(
            "/suppliers/{id}",
            OneOf(ProjectRead, &[TicketAct, ProjectManage, AuditRead]),
        ),
        post(
            "/suppliers",
            All(&[ProjectManage]),
            json!({ "name": "云溪电信" }),
        ),
        put(
            "/suppliers/{id}",
            All(&[ProjectManage]),
            json!({ "name": "恒远服务器" }),
        ),
        post(
            "/suppliers/{id}/contracts",
            All(&[ProjectManage]),
            contract("UC-2"),
        ),
        put(
            "/suppliers/{id}/contracts/{contract}",
            All(&[ProjectManage]),
            contract("UC-1"),
        ),
        // Everybody finds what he may see in it: the customer nothing (see `tasks`).
        get("/tickets/{id}/tasks", All(&[TicketRead])),
        get("/tickets/{id}/suppliers", All(&[TicketRead, TicketAct])),
        post(
            "/tickets/{id}/tasks",
            All(&[TicketRead, TicketAct]),
            task(world),
        ),
        post(
            "/tasks/{id}/close",
            All(&[TicketRead, TicketAct]),
            json!({ "state": "done" }),
        ),
    ]
}
