//! Dispatch tracking from the ticket to the mailbox.

use anlan_core::access::Scope;
use anlan_server::features::notifications::Sender;
use anlan_server::features::projects::rows::project_agreements;
use anlan_server::platform::at::At;
use anlan_server::platform::auth::rows::users;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::sinks::MailSink;
use super::{channel, deliveries, smtp};
use crate::support::{Project, START, TestApp, both};
use crate::tickets::{Desk, accepted, act, call};

#[test]
fn r092_reminders_every_fifteen_minutes_then_the_technical_manager_reassigns() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
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
        let act = async |action: &str, version: &Value, fields: Value| {
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
        pass(&app, [0, 14, 15, 29, 30, 44, 45, 46]).await;
        let sent = deliveries(&app, "state=sent").await;
        assert_eq!(sent.len(), sink.mails().len());
        // Other clocks of the agreement tell people, too; this is about confirming the dispatch.
        let about = |title: &str, to: &str| minutes(&sent, title, to);
        assert_eq!(about("请接单", "e"), [0], "{sent:?}");
        assert_eq!(about("提醒：接单确认", "e"), [15, 30], "{sent:?}");
        assert_eq!(about("请改派", "m"), [45], "{sent:?}");
        assert!(about("", "gone").is_empty(), "who has left hears nothing");
    });
}

#[test]
fn r091_a_solution_that_is_late_is_told_level_by_level_and_the_log_says_when() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let project = app.project("P1").await;
        app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
            .await;
        let desk = member(&app, "desk", "service_desk", project).await;
        let engineer = member(&app, "engineer", "first_line", project).await;
        let leader = member(&app, "leader", "first_line", project).await;
        member(&app, "boss", "project_manager", project).await;
        member(&app, "manager", "technical_manager", project).await;
        let group = json!({
            "project_id": project.id, "name": "工程技术部", "line": 1,
            "member_ids": [engineer, leader], "leader_id": leader,
        });
        let group = app.admin().await.post("/groups", group).await.ok();
        let people = Desk {
            project,
            desk: app.sign_in(desk).await,
            engineer: app.sign_in(engineer).await,
            engineer_id: engineer,
            lead: app.anonymous(),
        };
        let ticket = people.desk.post("/tickets", call(&people)).await.ok();
        let mut major = accepted();
        major["level"] = json!("重大");
        let ticket = act(&people.desk, &ticket, "accept", major, "").await.ok();
        let to = json!({ "assignee": engineer, "group": group["id"] });
        let ticket = act(&people.desk, &ticket, "dispatch", to, "").await.ok();
        act(&people.engineer, &ticket, "acknowledge", json!({}), "")
            .await
            .ok();

        let around = |minute: i64| [minute - 1, minute];
        pass(
            &app,
            [192, 240, 270, 300, 360, 420, 480, 540]
                .into_iter()
                .flat_map(around),
        )
        .await;
        let sent = deliveries(&app, "state=sent&limit=200").await;
        assert_eq!(sent.len(), sink.mails().len());
        // Four hours are promised.
        let about = |to: &str| minutes(&sent, "解决", to);
        assert_eq!(
            about("e"),
            [192, 240],
            "the engineer: at 80 % and when it is late"
        );
        assert_eq!(about("l"), [240], "the leader of the group");
        assert_eq!(about("b"), [270, 300, 360, 420], "the project manager");
        assert_eq!(
            about("m"),
            [300, 360, 420, 480],
            "the technical manager, who reassigns"
        );
        let path = format!(
            "/tickets/{}/timeline?limit=200",
            ticket["id"].as_str().unwrap()
        );
        let timeline = app.admin().await.get(&path).await.ok();
        let mut log: Vec<(i64, &str)> = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| {
                entry["note"]
                    .as_str()
                    .is_some_and(|note| note.contains("解决"))
            })
            .map(|entry| {
                (
                    minute(&entry["happened_at"]),
                    entry["action"].as_str().unwrap(),
                )
            })
            .collect();
        log.sort_unstable();
        assert_eq!(
            log,
            [
                (192, "sla.warn"),
                (240, "sla.breach"),
                (270, "sla.escalate"),
                (300, "sla.escalate"),
                (360, "sla.repeat"),
                (420, "sla.repeat"),
                (480, "sla.reassign"),
            ]
        );
    });
}

#[test]
fn r081_the_project_manager_hears_of_critical_and_major_incidents_at_once() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let people = crate::tickets::desk(&app, "P1").await;
        member(&app, "boss", "project_manager", people.project).await;
        let mut critical = call(&people);
        critical["fields"]["impact"] = json!(1);
        critical["fields"]["urgency"] = json!(1);
        people.desk.post("/tickets", critical).await.ok();
        people.desk.post("/tickets", call(&people)).await.ok();
        pass(&app, [0, 1, 2]).await;
        let to_boss = || {
            let mails = sink.mails().into_iter();
            mails.filter(|mail| mail.to == "boss@example.cn").count()
        };
        assert_eq!(to_boss(), 1, "of the ordinary one he hears nothing");
        let sent = deliveries(&app, "state=sent").await;
        assert_eq!(minutes(&sent, "新登记紧急事件", "b"), [0]);

        let ordinary = people.desk.get("/tickets?sort=-created_at").await.ok();
        let ordinary = &ordinary["items"][0];
        act(
            &people.desk,
            ordinary,
            "mark_major",
            json!({}),
            "全市无法办理",
        )
        .await
        .ok();
        pass(&app, [2, 3]).await;
        let sent = deliveries(&app, "state=sent").await;
        assert_eq!(minutes(&sent, "重大事件，请立即关注", "b"), [2]);
        assert_eq!(minutes(&sent, "提交重大事件报告", "b"), [2]);
        assert_eq!(to_boss(), 3);
    });
}

/// Lets the clock stand at each of these minutes, timers ring and mail go out.
async fn pass(app: &TestApp, minutes: impl IntoIterator<Item = i64>) {
    let (timers, sender) = (app.app.timers(), Sender::new(app.app.clone()));
    for minute in minutes {
        app.clock.set(START.plus_seconds(minute * 60));
        while timers.tick().await.unwrap() > 0 {}
        sender.pass().await.unwrap();
    }
}

/// Minutes since the beginning.
fn minute(at: &Value) -> i64 {
    let at: jiff::Timestamp = at.as_str().unwrap().parse().unwrap();
    At::from(at).seconds_since(START) / 60
}

/// When mails with these words in the title went to whose address begins so.
fn minutes(sent: &[Value], title: &str, to: &str) -> Vec<i64> {
    let mut minutes: Vec<i64> = sent
        .iter()
        .filter(|mail| mail["title"].as_str().unwrap().contains(title))
        .filter(|mail| mail["address"].as_str().unwrap().starts_with(to))
        .map(|mail| minute(&mail["sent_at"]))
        .collect();
    minutes.sort_unstable();
    minutes
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
        types: String::new(),
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
