//! Channels and the outbox.

use anlan_core::access::Permission::*;
use anlan_server::features::notifications::rows::deliveries;
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Needs::All;
use super::{Case, World, delete, get, post, put};
use crate::support::{Client, TestApp, id};

fn channel(name: &str) -> Value {
    json!({
        "name": name, "kind": "smtp", "fallback_id": null, "enabled": true,
        "config": { "host": "127.0.0.1", "port": 1, "tls": "plain", "from": "ops@example.cn" },
    })
}

/// A channel with a dead letter.
pub async fn make(app: &TestApp, admin: &Client, world: &mut World) {
    let made = admin.post("/channels", channel("邮件")).await.ok();
    let letter = deliveries::Model {
        id: Uuid::now_v7(),
        channel_id: id(&made["id"]),
        message_id: Uuid::now_v7(),
        user_id: Some(app.admin_id()),
        address: "admin@example.cn".into(),
        kind: "ticket.task".into(),
        title: "打不开".into(),
        body: String::new(),
        link: "/work".into(),
        project_id: None,
        subject_id: None,
        urgent: false,
        state: "dead".into(),
        attempts: 1,
        due_at: app.clock.now(),
        attempted_at: None,
        sent_at: None,
        last_error: String::new(),
        receipt: String::new(),
        origin_id: None,
        created_at: app.clock.now(),
    };
    world.add("channels", &made);
    world.add("deliveries", &json!(letter.id));
    app.insert(letter.into_active_model()).await;
}

pub fn cases() -> Vec<Case> {
    vec![
        get("/channels", All(&[ChannelRead])),
        post("/channels", All(&[ChannelManage]), channel("备用")),
        put("/channels/{id}", All(&[ChannelManage]), channel("邮件")),
        post(
            "/channels/{id}/test",
            All(&[ChannelManage]),
            json!({ "recipient": "somebody@example.cn" }),
        ),
        get("/deliveries", All(&[ChannelRead])),
        post("/deliveries/{id}/retry", All(&[ChannelManage]), Value::Null),
        delete("/channels/{id}", All(&[ChannelManage])),
    ]
}
