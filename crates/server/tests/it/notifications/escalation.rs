//! Dispatch tracking from the ticket to the mailbox.

use anlan_core::access::Scope;
use anlan_server::features::notifications::Sender;
use anlan_server::features::projects::rows::project_agreements;
use anlan_server::platform::at::At;
use anlan_server::platform::auth::rows::users;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::sinks::MailSink;
use super::{channel, deliveries, smtp};
use crate::support::{Project, START, TestApp, both};

#[test]
fn r092_reminders_every_fifteen_minutes_then_the_technical_manager_reassigns() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(
            &app,
            "smtp",
            smtp(sink.port),
            json!({}),
            serde_json::Value::Null,
        )
        .await;
        let project = app.project("P1").await;
        agree(&app, project).await;
        let desk = member(&app, "desk", "service_desk", project).await;
        let engineer = member(&app, "engineer", "first_line", project).await;
        member(&app, "manager", "technical_manager", project).await;
        let gone = member(&app, "gone", "technical_manager", project).await;
        leaves(&app, gone).await;
        let desk = app.sign_in(desk).await;
        let ticket = json!({
            "process": "incident", "project_id": project.id,
            "fields": { "title": "门户打不开", "description": "首页打不开", "type": "consult", "channel": "other" },
        });
        let ticket = desk.post("/tickets", ticket).await.ok();
        let act = async |action: &str, version: &serde_json::Value, fields: serde_json::Value| {
            desk.call(
                axum::http::Method::POST,
                &format!(
                    "/tickets/{}/actions/{action}",
                    ticket["id"].as_str().unwrap()
                ),
            )
            .header("if-match", &format!("\"{version}\""))
            .json(&json!({ "fields": fields }))
            .await
            .ok()
        };
        let accepted = act(
            "accept",
            &ticket["version"],
            json!({ "type": "consult", "category": "website", "impact": 2, "urgency": 2 }),
        )
        .await;
        act(
            "dispatch",
            &accepted["version"],
            json!({ "assignee": engineer }),
        )
        .await;
        let (timers, sender) = (app.app.timers(), Sender::new(app.app.clone()));
        for minute in [0, 14, 15, 29, 30, 44, 45, 46] {
            app.clock.set(START.plus_seconds(minute * 60));
            while timers.tick().await.unwrap() > 0 {}
            sender.pass().await.unwrap();
        }
        let sent = deliveries(&app, "state=sent").await;
        assert_eq!(sent.len(), sink.mails().len());
        // Other clocks of the agreement tell people, too; this is about confirming the dispatch.
        let about = |title: &str, to: &str| -> Vec<i64> {
            let mut minutes: Vec<i64> = sent
                .iter()
                .filter(|mail| mail["title"].as_str().unwrap().contains(title))
                .filter(|mail| mail["address"].as_str().unwrap().starts_with(to))
                .map(|mail| {
                    let at: jiff::Timestamp = mail["sent_at"].as_str().unwrap().parse().unwrap();
                    At::from(at).seconds_since(START) / 60
                })
                .collect();
            minutes.sort_unstable();
            minutes
        };
        assert_eq!(about("请接单", "e"), [0], "{sent:?}");
        assert_eq!(about("提醒：接单确认", "e"), [15, 30], "{sent:?}");
        assert_eq!(about("请改派", "m"), [45], "{sent:?}");
        assert!(about("", "gone").is_empty(), "who has left hears nothing");
    });
}

async fn member(app: &TestApp, login: &str, role: &str, project: Project) -> Uuid {
    let user = app
        .user(login)
        .await
        .role(role, Scope::Project(project.id))
        .make()
        .await;
    let row = users::Entity::find_by_id(user)
        .one(app.app.db.read())
        .await
        .unwrap()
        .unwrap();
    let mail = format!("{login}@example.cn");
    app.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut row = row.into_active_model();
                row.email = sea_orm::Set(mail);
                users::Entity::update(row).exec(&tx.db).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    user
}

/// The account is switched off; its roles stay written down.
async fn leaves(app: &TestApp, user: Uuid) {
    app.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                users::Entity::update_many()
                    .col_expr(users::Column::Active, Expr::val(false))
                    .filter(users::Column::Id.eq(user))
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn agree(app: &TestApp, project: Project) {
    let row = project_agreements::Model {
        id: Uuid::now_v7(),
        project_id: project.id,
        agreement: "A".into(),
        effective_from: "2026-01-01"
            .parse::<anlan_core::time::Date>()
            .unwrap()
            .into(),
        effective_to: None,
        created_at: app.clock.now(),
        created_by: None,
    };
    app.insert(row.into_active_model()).await;
}
