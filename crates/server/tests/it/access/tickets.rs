//! Tickets, their forms, the desk, one's own work.

use anlan_core::access::Permission::*;
use axum::http::Method;
use serde_json::{Value, json};

use super::Needs::{All, OneOf};
use super::{Case, FILE, World, get, post, upload};
use crate::support::Client;

fn ticket(world: &World) -> Value {
    json!({
        "process": "incident", "project_id": world.id("projects"),
        "fields": { "title": "打不开", "description": "首页打不开", "type": "consult", "channel": "other" },
    })
}

pub async fn make(admin: &Client, world: &mut World) {
    world.add("tickets", &admin.post("/tickets", ticket(world)).await.ok());
    let attach = admin.call(
        Method::POST,
        &format!("/tickets/{}/attachments", world.id("tickets")),
    );
    world.add("attachments", &upload(attach, FILE).await.ok());
    world.add("processe", &json!("incident"));
    world.add("action", &json!("accept"));
    world.add("form", &json!("F-01"));
}

pub fn cases(world: &World) -> Vec<Case> {
    let accept = json!({ "fields": { "type": "consult", "category": "website", "impact": 2, "urgency": 2 } });
    vec![
        get("/processes", All(&[TicketRead])),
        get("/processes/{key}", All(&[TicketRead])),
        get("/tickets", All(&[TicketRead])),
        get("/tickets/counts", All(&[TicketRead])),
        get("/tickets/{id}", All(&[TicketRead])),
        get("/tickets/{id}/timeline", All(&[TicketRead])),
        post("/tickets", All(&[TicketRead, TicketCreate]), ticket(world)),
        post(
            "/tickets/{id}/actions/{action}",
            All(&[TicketRead, TicketAct]),
            accept,
        ),
        post(
            "/tickets/{id}/attachments",
            OneOf(TicketRead, &[TicketAct, TicketCreate, TicketConfirm]),
            FILE.into(),
        ),
        get("/attachments/{id}", All(&[TicketRead])),
        get("/desk/caller?phone=88881234", All(&[TicketCreate])),
        get("/work", All(&[TicketRead])),
        get("/tickets/{id}/forms/{form}?format=html", All(&[TicketRead])),
        get("/forms/{form}/blank?format=html", All(&[TicketRead])),
    ]
}
