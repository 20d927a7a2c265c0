//! Signing in, the audit log, what is told to oneself.

use anlan_core::access::Permission::*;
use anlan_server::features::notifications::rows::notices;
use anlan_server::platform::auth::policy::Policy;
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Needs::{All, Mine, Nothing, SignedIn};
use super::{Case, World, delete, get, post, put};
use crate::support::TestApp;

/// A notice to the administrator.
pub async fn make(app: &TestApp, world: &mut World) {
    let id = Uuid::now_v7();
    let notice = notices::Model {
        id,
        user_id: app.admin_id(),
        at: app.clock.now(),
        kind: "ticket.breach".into(),
        title: "超时".into(),
        body: String::new(),
        link: String::new(),
        project_id: None,
        subject_id: None,
        urgent: false,
        read_at: None,
    };
    app.insert(notice.into_active_model()).await;
    world.add("notices", &json!(id));
}

pub fn cases() -> Vec<Case> {
    vec![
        post(
            "/session",
            Nothing,
            json!({ "login": "nobody", "password": "wrong" }),
        ),
        get("/session", SignedIn),
        put(
            "/session/password",
            SignedIn,
            json!({ "old": "wrong", "new": "wrong" }),
        ),
        delete("/session", SignedIn),
        get("/health", Nothing),
        get("/version", SignedIn),
        get("/settings", All(&[SettingsManage])),
        put(
            "/settings",
            All(&[SettingsManage]),
            serde_json::to_value(Policy::default()).unwrap(),
        ),
        get("/audit", All(&[AuditRead])),
        get("/audit/verify", All(&[AuditRead])),
        get("/events", SignedIn),
        get("/notices", SignedIn),
        get("/notices/count", SignedIn),
        post("/notices/{id}/read", Mine, Value::Null),
        post("/notices/read-all", SignedIn, Value::Null),
    ]
}
