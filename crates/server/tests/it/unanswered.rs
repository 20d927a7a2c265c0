//! The end of the day: questions without a reply.

use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, both};
use crate::tickets::{Desk, act, call, desk};

const HOUR: i64 = 3_600;

/// A question by telephone.
async fn question(all: &Desk, title: &str) -> Value {
    let mut new = call(all);
    new["fields"]["title"] = title.into();
    new["fields"]["type"] = "consult".into();
    all.desk.post("/tickets", new).await.ok()
}

async fn tick(app: &TestApp) {
    while app.app.timers().tick().await.unwrap() > 0 {}
}

/// What somebody was told at the end of days, the newest first.
async fn told(app: &TestApp, who: uuid::Uuid) -> Vec<Value> {
    let notices = app.sign_in(who).await.get("/notices").await.ok();
    let notices = notices["items"].as_array().unwrap().clone();
    let of_the_day = |notice: &Value| notice["kind"] == "ticket.unanswered";
    notices.into_iter().filter(of_the_day).collect()
}

async fn titles(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.ok();
    let rows = page["items"].as_array().unwrap();
    let mut titles: Vec<String> = rows
        .iter()
        .map(|row| row["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort_unstable();
    titles
}

#[test]
fn r051_the_end_of_the_day_lists_the_questions_without_a_reply_once() {
    both(async |app| {
        let all = desk(&app, "U1").await;
        let on = Scope::Project(all.project.id);
        let manager = app
            .user("manager")
            .await
            .role("project_manager", on)
            .make()
            .await;
        let clerk = app
            .user("clerk")
            .await
            .role("service_desk", on)
            .make()
            .await;
        let other = desk(&app, "U2").await;
        // It is Sunday: the first working day ends on Monday at 24:00.
        let open = question(&all, "怎样导出报表").await;
        let taken = question(&all, "怎样改密码").await;
        let answered = question(&all, "怎样登录").await;
        let away = question(&other, "别的项目").await;
        let fault = all.desk.post("/tickets", call(&all)).await.ok();
        let consult =
            json!({ "type": "consult", "category": "account", "impact": 3, "urgency": 3 });
        let taken = act(&all.desk, &taken, "accept", consult.clone(), "")
            .await
            .ok();
        let to = json!({ "assignee": all.engineer_id });
        let taken = act(&all.desk, &taken, "dispatch", to, "").await.ok();
        let answered = act(&all.desk, &answered, "accept", consult, "").await.ok();
        let reached = json!({ "call_result": "reached" });
        act(&all.desk, &answered, "call", reached, "").await.ok();

        app.pass(38 * HOUR - 60);
        tick(&app).await;
        assert_eq!(
            told(&app, manager).await.len(),
            0,
            "a minute before the end"
        );
        app.pass(60);
        tick(&app).await;
        tick(&app).await;
        for who in [manager, clerk] {
            let told = told(&app, who).await;
            assert_eq!(told.len(), 1, "{told:?}");
            let body = told[0]["body"].as_str().unwrap();
            let lines: Vec<&str> = body.lines().collect();
            assert_eq!(
                lines,
                [
                    format!(
                        "{} 怎样导出报表（未派人）",
                        open["number"].as_str().unwrap()
                    ),
                    format!(
                        "{} 怎样改密码（engineer-U1）",
                        taken["number"].as_str().unwrap()
                    ),
                ]
            );
            assert!(
                told[0]["title"].as_str().unwrap().contains("2 件"),
                "{told:?}"
            );
            assert_eq!(
                told[0]["link"],
                format!(
                    "/incidents?project={}&unanswered=2026-11-23",
                    all.project.id
                )
            );
        }
        let at_desk = app.sign_in(clerk).await;
        let listed = titles(&at_desk, "/tickets?unanswered=2026-11-23").await;
        assert_eq!(
            listed,
            ["怎样导出报表", "怎样改密码"],
            "the list behind the link"
        );
        assert_eq!(
            titles(&at_desk, "/tickets?unanswered=2026-11-22").await,
            [""; 0]
        );
        let admin = app.admin().await;
        let counts = admin
            .get("/tickets/counts?unanswered=2026-11-23")
            .await
            .ok();
        assert_eq!(counts["total"], 3, "{counts} with {away}, without {fault}");
        let wrong = admin.get("/tickets?unanswered=today").await;
        assert!(wrong.status.is_client_error(), "{wrong}");
    });
}

#[test]
fn r051_the_list_survives_a_stop_of_the_server_and_is_not_sent_twice() {
    both(async |app| {
        let all = desk(&app, "U3").await;
        let on = Scope::Project(all.project.id);
        let manager = app
            .user("manager")
            .await
            .role("project_manager", on)
            .make()
            .await;
        question(&all, "第一个").await;
        question(&all, "第二个").await;
        app.pass(45 * HOUR);
        let anew = app.started_anew().await.unwrap();
        tick(&anew).await;
        tick(&app).await;
        let told = told(&app, manager).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0]["title"]
                .as_str()
                .unwrap()
                .starts_with("2026-11-23 "),
            "{told:?}"
        );
    });
}

#[test]
fn r051_with_the_close_of_the_office_as_the_end_of_the_day_the_list_comes_then() {
    both(async |app| {
        // A preset that changes counts up the agreements that take it in.
        let closing = [("until: day_end", "until: office_end")];
        app.redefine("agreements/same-day.yaml", &closing);
        for key in ["A", "B", "C", "D", "F", "G"] {
            app.redefine(
                &format!("agreements/{key}.yaml"),
                &[("version: 2", "version: 3")],
            );
        }
        for key in ["E", "H"] {
            app.redefine(
                &format!("agreements/{key}.yaml"),
                &[("version: 3", "version: 4")],
            );
        }
        let app = app.started_anew().await.unwrap();
        let all = desk(&app, "U4").await;
        let on = Scope::Project(all.project.id);
        let manager = app
            .user("manager")
            .await
            .role("project_manager", on)
            .make()
            .await;
        question(&all, "怎样导出报表").await;
        // Monday, 18:00.
        app.pass(32 * HOUR - 1);
        tick(&app).await;
        assert_eq!(told(&app, manager).await.len(), 0);
        app.pass(1);
        tick(&app).await;
        assert_eq!(told(&app, manager).await.len(), 1);
    });
}

#[test]
fn r051_a_question_that_turns_out_to_be_a_fault_owes_no_reply() {
    both(async |app| {
        let all = desk(&app, "U5").await;
        let on = Scope::Project(all.project.id);
        let manager = app
            .user("manager")
            .await
            .role("project_manager", on)
            .make()
            .await;
        let ticket = question(&all, "打不开").await;
        let fault = json!({ "type": "fault", "category": "website", "impact": 2, "urgency": 2 });
        act(&all.desk, &ticket, "accept", fault, "").await.ok();
        app.pass(40 * HOUR);
        tick(&app).await;
        assert!(told(&app, manager).await.is_empty());
    });
}
