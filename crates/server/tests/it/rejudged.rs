//! Clocks after the terms have changed: stages, calendars, holidays; and clocks that stand still.

use axum::http::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use anlan_server::features::calendars;
use anlan_server::features::tickets::rows::{ticket_clocks, tickets};

use crate::support::{Client, TestApp, both, id};
use crate::tickets::{accepted, act, call, desk};

async fn tick(app: &TestApp) {
    while app.app.timers().tick().await.unwrap() > 0 {}
}

async fn reread(client: &Client, ticket: &Value) -> Value {
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    client.get(&path).await.ok()
}

async fn stored(app: &TestApp, ticket: &Value) -> tickets::Model {
    let row = tickets::Entity::find_by_id(id(&ticket["id"]));
    row.one(app.app.db.read()).await.unwrap().unwrap()
}

async fn stored_clock(app: &TestApp, ticket: &Value, target: &str) -> ticket_clocks::Model {
    let clock = ticket_clocks::Entity::find()
        .filter(ticket_clocks::Column::TicketId.eq(id(&ticket["id"])))
        .filter(ticket_clocks::Column::Target.eq(target));
    clock.one(app.app.db.read()).await.unwrap().unwrap()
}

#[test]
fn r015_a_stage_that_is_entered_later_judges_what_is_open_and_what_is_not_yet_approved() {
    both(async |app| {
        let all = desk(&app, "J1").await;
        let admin = app.admin().await;
        let open = all.desk.post("/tickets", call(&all)).await.ok();
        let mut second = call(&all);
        second["fields"]["title"] = "误报".into();
        let closed = all.desk.post("/tickets", second).await.ok();
        app.pass(1200);
        tick(&app).await;
        let closed = reread(&all.desk, &closed).await;
        let closed = act(&all.desk, &closed, "cancel", json!({}), "误报")
            .await
            .ok();
        let before = stored(&app, &open).await;
        assert!(before.breached && stored(&app, &closed).await.breached);
        let stages = format!("/projects/{}/stages", all.project.id);
        let stage = json!({ "name": "过渡", "starts_on": "2026-11-01", "ends_on": "2026-11-30", "sla_counted": false });
        admin.post(&stages, stage).await.ok();
        tick(&app).await;
        for ticket in [&open, &closed] {
            assert!(!stored(&app, ticket).await.breached);
            assert!(!stored_clock(&app, ticket, "respond").await.counted);
        }
        // Nobody who has the ticket open is told that somebody else changed it.
        assert_eq!(stored(&app, &open).await.version, before.version);
    });
}

#[test]
fn holidays_that_are_imported_later_move_what_is_due() {
    both(async |app| {
        let all = desk(&app, "J2").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        // Reported on a Sunday: two office hours end on Monday at 11:00 or so.
        let due = stored_clock(&app, &ticket, "arrive").await.due_at;
        let builtin = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../definitions/calendars/statutory-cn-2026.yaml");
        let mut year = std::fs::read_to_string(builtin).unwrap();
        year.push_str(
            "  - {name: {zh: 临时放假, en: Day off}, from: 2026-11-23, to: 2026-11-23}\n",
        );
        let admin = app.admin().await;
        let call = admin.call(Method::POST, "/calendars/import");
        call.body("application/yaml", year.into_bytes()).await.ok();
        // Other nodes take a moment to hear of it.
        app.pass(120);
        tick(&app).await;
        let moved = stored_clock(&app, &ticket, "arrive").await.due_at;
        assert_eq!(moved.seconds_since(due), 24 * 3600);
    });
}

#[test]
fn many_tickets_are_judged_again_in_batches_and_approved_months_are_left_alone() {
    both(async |app| {
        let all = desk(&app, "J3").await;
        let mut made = Vec::new();
        for n in 0..60 {
            let mut new = call(&all);
            new["fields"]["title"] = format!("故障{n}").into();
            made.push(all.desk.post("/tickets", new).await.ok());
        }
        app.pass(1200);
        tick(&app).await;
        let over = reread(&all.desk, &made[0]).await;
        let over = act(&all.desk, &over, "cancel", json!({}), "误报")
            .await
            .ok();
        // November is over, drafted and approved.
        app.pass(15 * 24 * 3600);
        let admin = app.admin().await;
        let month = json!({ "kind": "monthly", "project_id": all.project.id, "month": "2026-11" });
        let report = admin.post("/reports", month).await.ok();
        let path = format!("/reports/{}/approve", report["id"].as_str().unwrap());
        let version = report["version"].to_string();
        admin
            .post(&path, json!({}))
            .header("if-match", &version)
            .await
            .ok();
        let stages = format!("/projects/{}/stages", all.project.id);
        let stage = json!({ "name": "过渡", "starts_on": "2026-11-01", "ends_on": "2026-11-30", "sla_counted": false });
        admin.post(&stages, stage).await.ok();
        tick(&app).await;
        assert!(stored(&app, &over).await.breached, "its month is frozen");
        for ticket in &made[1..] {
            assert!(!stored(&app, ticket).await.breached);
        }
    });
}

#[test]
fn a_clock_that_stands_still_is_due_at_no_instant() {
    both(async |app| {
        let all = desk(&app, "J4").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let to = json!({ "assignee": all.engineer_id });
        let ticket = act(&all.desk, &ticket, "dispatch", to, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "acknowledge", json!({}), "")
            .await
            .ok();
        let engineer = json!({ "arrived_as": "engineer" });
        let reached = json!({ "call_result": "reached" });
        let ticket = act(&all.engineer, &ticket, "call", reached, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "arrive", engineer, "")
            .await
            .ok();
        let ticket = act(&all.engineer, &ticket, "wait_user", json!({}), "等待用户")
            .await
            .ok();
        assert_eq!(ticket["next_due"], json!(null), "{ticket}");
        let clocks = ticket["clocks"].as_array().unwrap();
        let open = |clock: &&Value| clock["state"] == "running";
        assert_eq!(clocks.iter().filter(open).count(), 0, "{ticket}");
        app.pass(60 * 24 * 3600);
        tick(&app).await;
        let desk = app.sign_in(all.engineer_id).await;
        assert_eq!(
            desk.get("/tickets?sort=due_at").await.ok()["items"],
            json!([])
        );
        assert_eq!(
            desk.get("/tickets?overdue=true").await.ok()["items"],
            json!([])
        );
        assert_eq!(desk.get("/tickets/counts").await.ok()["overdue"], 0);
        assert_eq!(desk.get("/work").await.ok()["breaching"]["rows"], json!([]));
    });
}

#[test]
fn calendar_files_that_differ_from_those_of_the_last_start_have_clocks_judged_again() {
    both(async |app| {
        let all = desk(&app, "J5").await;
        calendars::compare(&app.app).await.unwrap();
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let due = stored_clock(&app, &ticket, "arrive").await.due_at;
        let holiday =
            "holidays:\n  - {name: {zh: 临时放假, en: Day off}, from: 2026-11-23, to: 2026-11-23}";
        app.redefine(
            "calendars/statutory-cn-2026.yaml",
            &[("holidays:", holiday)],
        );
        let later = app.started_anew().await.unwrap();
        calendars::compare(&later.app).await.unwrap();
        tick(&later).await;
        let moved = stored_clock(&app, &ticket, "arrive").await.due_at;
        assert_eq!(moved.seconds_since(due), 24 * 3600);
        // Nothing is done twice.
        calendars::compare(&later.app).await.unwrap();
        assert_eq!(later.app.timers().tick().await.unwrap(), 0);
    });
}
