//! What happens to a ticket whose time has run out: what it demands, and who takes it over.

use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{Client, Project, TestApp, both};
use crate::tickets::{Desk, accepted, act, call, desk};

/// The people of [`desk`], their project under another agreement.
async fn desk_under(app: &TestApp, code: &str, agreement: &str) -> Desk {
    let all = desk(app, code).await;
    app.instead_of_all(all.project.id, agreement).await;
    all
}

/// Time passes, what comes due is told, and somebody of the desk comes in: the sessions of those
/// who were there before have ended.
async fn later(app: &TestApp, all: &Desk, seconds: i64) -> Client {
    app.pass(seconds);
    let timers = app.app.timers();
    while timers.tick().await.unwrap() > 0 {}
    let login = format!("late-{seconds}");
    let on = Scope::Project(all.project.id);
    app.user(&login)
        .await
        .role("service_desk", on)
        .client()
        .await
}

#[test]
fn r051_a_mail_left_over_night_demands_reason_and_time_and_can_still_be_cancelled() {
    both(async |app| {
        let all = desk_under(&app, "O1", "A").await;
        let mail = |title: &str| {
            let mut mail = call(&all);
            mail["fields"]["title"] = title.into();
            mail["fields"]["type"] = "consult".into();
            mail["fields"]["channel"] = "email".into();
            mail
        };
        let spam = all.desk.post("/tickets", mail("广告")).await.ok();
        let question = all.desk.post("/tickets", mail("怎样重置密码")).await.ok();
        // From Sunday to the end of Monday, the first working day.
        let late = later(&app, &all, 39 * 3600).await;
        let read = async |ticket: &Value| {
            let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
            late.get(&path).await.ok()
        };
        let consult =
            json!({ "type": "consult", "category": "website", "impact": 3, "urgency": 3 });
        let question = read(&question).await;
        let refused = act(&late, &question, "accept", consult.clone(), "").await;
        refused.wrong(&["miss_reason required", "promised_reply_at required"]);
        let mut told = consult;
        told["miss_reason"] = "夜间无人值守邮箱".into();
        told["promised_reply_at"] = app
            .clock
            .now()
            .plus_seconds(3600)
            .timestamp()
            .to_string()
            .into();
        act(&late, &question, "accept", told, "").await.ok();
        let spam = read(&spam).await;
        let cancelled = act(&late, &spam, "cancel", json!({}), "广告邮件")
            .await
            .ok();
        assert_eq!(cancelled["state"]["key"], "cancelled");
    });
}

#[test]
fn r032_unsolved_for_a_day_nothing_is_saved_without_a_timetable() {
    both(async |app| {
        let all = desk_under(&app, "O2", "D").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let mut level = accepted();
        level["level"] = "5级".into();
        let ticket = act(&all.desk, &ticket, "accept", level, "").await.ok();
        let late = later(&app, &all, 24 * 3600).await;
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let ticket = late.get(&path).await.ok();
        let dispatch = json!({ "assignee": all.engineer_id });
        let refused = act(&late, &ticket, "dispatch", dispatch, "").await;
        refused.wrong(&["timetable required"]);
        let edit = json!({ "title": "网站仍打不开" });
        let refused = act(&late, &ticket, "edit", edit, "").await;
        refused.wrong(&["timetable required"]);
        let dispatch =
            json!({ "assignee": all.engineer_id, "timetable": "周三更换设备，周四恢复" });
        act(&late, &ticket, "dispatch", dispatch, "").await.ok();
    });
}

#[test]
fn r035_unsolved_after_an_hour_the_least_busy_senior_engineer_takes_over() {
    both(async |app| {
        let all = desk_under(&app, "O3", "F").await;
        let busy = senior(&app, "busy", all.project).await;
        let free = senior(&app, "free", all.project).await;
        let other = all.desk.post("/tickets", call(&all)).await.ok();
        let without_level =
            json!({ "type": "fault", "category": "website", "impact": 2, "urgency": 2 });
        let other = act(&all.desk, &other, "accept", without_level.clone(), "")
            .await
            .ok();
        act(
            &all.desk,
            &other,
            "dispatch",
            json!({ "assignee": busy }),
            "",
        )
        .await
        .ok();
        app.pass(600);
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", without_level, "")
            .await
            .ok();
        let to = json!({ "assignee": all.engineer_id });
        let ticket = act(&all.desk, &ticket, "dispatch", to, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "acknowledge", json!({}), "")
            .await
            .ok();
        let late = later(&app, &all, 3600 + 60).await;
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let ticket = late.get(&path).await.ok();
        assert_eq!(ticket["assignee"]["id"], free.to_string(), "{ticket}");
        assert_eq!(ticket["state"]["key"], "dispatched");
        let clocks = ticket["clocks"].as_array().unwrap();
        let arrive = clocks
            .iter()
            .find(|clock| clock["target"] == "senior_arrive");
        assert_eq!(arrive.unwrap()["duration_seconds"], 7200, "{clocks:?}");
        let told = app
            .sign_in(all.engineer_id)
            .await
            .get("/notices")
            .await
            .ok();
        let told = told["items"].as_array().unwrap();
        assert!(
            told.iter()
                .any(|notice| notice["kind"] == "ticket.sla.start"),
            "who had it hears of it: {told:?}"
        );
    });
}

async fn senior(app: &TestApp, login: &str, project: Project) -> uuid::Uuid {
    let on = Scope::Project(project.id);
    app.user(login)
        .await
        .role("senior_engineer", on)
        .make()
        .await
}

#[test]
fn r085_without_levels_a_high_priority_fault_needs_its_backup() {
    both(async |app| {
        let all = desk_under(&app, "O4", "F").await;
        let walk = async |impact: u8, urgency: u8| {
            let ticket = all.desk.post("/tickets", call(&all)).await.ok();
            let accept = json!({ "type": "fault", "category": "website", "impact": impact, "urgency": urgency });
            let ticket = act(&all.desk, &ticket, "accept", accept, "").await.ok();
            let to = json!({ "assignee": all.engineer_id });
            let ticket = act(&all.desk, &ticket, "dispatch", to, "").await.ok();
            let ticket = act(&all.engineer, &ticket, "acknowledge", json!({}), "")
                .await
                .ok();
            act(&all.engineer, &ticket, "start_handling", json!({}), "").await
        };
        let refused = walk(1, 2).await;
        refused.wrong(&["backup_done required", "backup_evidence required"]);
        walk(3, 3).await.ok();
    });
}

#[test]
fn r092_a_job_given_to_a_group_reminds_its_members_until_one_takes_it() {
    both(async |app| {
        let all = desk_under(&app, "O5", "A").await;
        let on = Scope::Project(all.project.id);
        let mut members = Vec::new();
        for login in ["anna", "bert"] {
            members.push(app.user(login).await.role("second_line", on).make().await);
        }
        let stranger = app.user("carl").await.role("second_line", on).make().await;
        let group = json!({ "project_id": all.project.id, "name": "二线", "line": 2, "member_ids": members, "leader_id": null });
        let group = app.admin().await.post("/groups", group).await.ok();
        let told = async |who: uuid::Uuid| -> Vec<String> {
            let notices = app.sign_in(who).await.get("/notices").await.ok();
            let items = notices["items"].as_array().unwrap();
            let title = |notice: &Value| notice["title"].as_str().unwrap().to_owned();
            items.iter().map(title).collect()
        };
        let reminders = async |who: uuid::Uuid| {
            let told = told(who).await;
            told.iter()
                .filter(|title| title.contains("提醒：接单确认"))
                .count()
        };
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let mut accept = accepted();
        accept["level"] = "三级".into();
        let ticket = act(&all.desk, &ticket, "accept", accept, "").await.ok();
        // The customer was reached, so that only the dispatch is left to remind of.
        let reached = json!({ "call_result": "reached" });
        let ticket = act(&all.desk, &ticket, "call", reached, "").await.ok();
        // Who has been called has confirmed: the job is given later.
        app.pass(60);
        let to = json!({ "group": group["id"] });
        let ticket = act(&all.desk, &ticket, "second_line", to, "请二线接手").await;
        let ticket = ticket.ok();
        assert_eq!(ticket["assignee"], Value::Null);
        later(&app, &all, 15 * 60 - 1).await;
        assert_eq!(reminders(members[0]).await, 0);
        later(&app, &all, 1).await;
        for member in &members {
            assert_eq!(reminders(*member).await, 1, "{:?}", told(*member).await);
        }
        assert_eq!(reminders(stranger).await, 0);
        let taker = app.sign_in(members[1]).await;
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let now = taker.get(&path).await.ok();
        let taken = act(&taker, &now, "acknowledge", json!({}), "").await.ok();
        assert_eq!(taken["assignee"]["id"], members[1].to_string());
        later(&app, &all, 16 * 60).await;
        for member in &members {
            assert_eq!(
                reminders(*member).await,
                1,
                "the one at 30 minutes is not sent"
            );
        }
    });
}
