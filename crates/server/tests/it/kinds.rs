//! Levels that belong to a kind of request, and agreements side by side.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, both};
use crate::tickets::{Desk, act, call, desk};

async fn desk_under(app: &TestApp, code: &str, agreement: &str) -> Desk {
    let all = desk(app, code).await;
    app.instead_of_all(all.project.id, agreement).await;
    all
}

/// A call of this type and category, as it is registered.
async fn registered(all: &Desk, kind: &str, category: Option<&str>) -> Value {
    let mut new = call(all);
    new["fields"]["type"] = kind.into();
    new["fields"]["category"] = category.map_or(Value::Null, Value::from);
    all.desk.post("/tickets", new).await.ok()
}

fn classified(kind: &str, category: &str) -> Value {
    json!({ "type": kind, "category": category, "impact": 2, "urgency": 2 })
}

fn clock<'a>(ticket: &'a Value, target: &str) -> Option<&'a Value> {
    let clocks = ticket["clocks"].as_array().unwrap();
    clocks.iter().find(|clock| clock["target"] == target)
}

/// Seconds from the report until the solution is due.
fn solved_within(ticket: &Value) -> i64 {
    clock(ticket, "resolve").unwrap()["duration_seconds"]
        .as_i64()
        .unwrap()
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[test]
fn r034_a_question_of_data_is_solved_within_a_week_and_one_of_operation_within_three_days() {
    both(async |app| {
        let all = desk_under(&app, "E1", "E").await;
        let data = registered(&all, "consult", Some("data")).await;
        assert_eq!(
            (&data["level"], solved_within(&data)),
            (&json!("数据类"), 7 * DAY)
        );
        let usage = registered(&all, "consult", None).await;
        assert_eq!(
            (&usage["level"], solved_within(&usage)),
            (&json!("操作类"), 3 * DAY)
        );
        let fault = registered(&all, "fault", Some("website")).await;
        assert_eq!(
            (&fault["level"], solved_within(&fault)),
            (&json!("一般"), 2 * HOUR)
        );
        // What was taken for a fault turns out to be a question of data when it is accepted.
        let fields = classified("request", "data");
        let data = act(&all.desk, &fault, "accept", fields, "").await.ok();
        assert_eq!(
            (&data["level"], solved_within(&data)),
            (&json!("数据类"), 7 * DAY)
        );
        // A person may still choose another.
        let mut chosen = classified("consult", "data");
        chosen["level"] = "操作类".into();
        let usage = act(&all.desk, &usage, "accept", chosen, "").await.ok();
        assert_eq!(usage["level"], "操作类");
        let note = "用户要求";
        let level = json!({ "level": "一般" });
        let usage = act(&all.desk, &usage, "change_level", level, note)
            .await
            .ok();
        assert_eq!(solved_within(&usage), 2 * HOUR);
    });
}

#[test]
fn r036_a_data_query_is_answered_within_three_days_and_other_requests_within_one() {
    both(async |app| {
        let all = desk_under(&app, "E2", "H").await;
        let query = registered(&all, "request", Some("data")).await;
        assert_eq!(
            (&query["level"], solved_within(&query)),
            (&json!("数据调整查询"), 3 * DAY)
        );
        let account = registered(&all, "request", Some("account")).await;
        assert_eq!(
            (&account["level"], solved_within(&account)),
            (&json!("一般请求"), DAY)
        );
    });
}

#[test]
fn r033_a_fault_that_interrupts_for_an_hour_becomes_major_with_notice() {
    both(async |app| {
        let all = desk_under(&app, "E3", "E").await;
        let mut new = call(&all);
        let begun = app.clock.now().plus_seconds(-61 * 60).timestamp();
        new["fields"]["interrupted"] = true.into();
        new["fields"]["outage_started_at"] = begun.to_string().into();
        let ticket = all.desk.post("/tickets", new).await.ok();
        while app.app.timers().tick().await.unwrap() > 0 {}
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let ticket = all.desk.get(&path).await.ok();
        assert_eq!(
            (&ticket["level"], solved_within(&ticket)),
            (&json!("重大"), 8 * HOUR)
        );
        let timeline = all.desk.get(&format!("{path}/timeline")).await.ok();
        let actions: Vec<&Value> = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| &e["action"])
            .collect();
        assert!(actions.contains(&&json!("sla.reclassify")), "{timeline}");
    });
}

#[test]
fn r037_what_is_not_repaired_in_twelve_hours_gets_its_spare_part_within_a_day() {
    both(async |app| {
        let all = desk_under(&app, "E4", "G").await;
        let ticket = registered(&all, "fault", Some("server")).await;
        assert!(clock(&ticket, "spare_part").is_none());
        app.pass(12 * HOUR);
        while app.app.timers().tick().await.unwrap() > 0 {}
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let ticket = app.admin().await.get(&path).await.ok();
        let part = clock(&ticket, "spare_part").unwrap_or_else(|| panic!("{ticket}"));
        assert_eq!(part["duration_seconds"], DAY);
        assert_eq!(part["state"], "running");
    });
}

async fn period(
    admin: &Client,
    all: &Desk,
    agreement: &str,
    from: &str,
    types: &[&str],
) -> crate::support::Reply {
    let path = format!("/projects/{}/agreements", all.project.id);
    let fields = json!({ "agreement": agreement, "effective_from": from, "types": types });
    admin.post(&path, fields).await
}

/// A contract with five levels of faults (D) and times of its own for requests (H).
async fn faults_and_requests(app: &TestApp, code: &str) -> Desk {
    let all = desk_under(app, code, "D").await;
    let admin = app.admin().await;
    period(&admin, &all, "H", "2026-01-01", &["request"])
        .await
        .ok();
    all
}

#[test]
fn r010_two_agreements_of_a_day_each_have_their_types_of_ticket() {
    both(async |app| {
        let all = faults_and_requests(&app, "S1").await;
        let fault = registered(&all, "fault", Some("website")).await;
        assert_eq!(
            (&fault["agreement"], solved_within(&fault)),
            (&json!("D"), 4 * HOUR)
        );
        assert!(clock(&fault, "arrangement_feedback").is_some());
        let request = registered(&all, "request", Some("data")).await;
        assert_eq!(
            (&request["agreement"], solved_within(&request)),
            (&json!("H"), 3 * DAY)
        );
        assert!(clock(&request, "arrangement_feedback").is_none());
        let consult = registered(&all, "consult", Some("website")).await;
        assert_eq!(consult["agreement"], "D", "all others");
        // The form is told which levels go with which types.
        let path = format!("/processes/incident?project={}", all.project.id);
        let form = all.desk.get(&path).await.ok();
        let told: Vec<String> = form["agreements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["key"],
                    one["types"],
                    one["levels"].as_array().unwrap().len()
                )
                .replace('"', "")
            })
            .collect();
        assert_eq!(told, ["D [] 5", "H [request] 2"]);
    });
}

#[test]
fn r010_another_type_moves_a_ticket_to_its_agreement_and_keeps_the_history() {
    both(async |app| {
        let all = faults_and_requests(&app, "S2").await;
        let fault = registered(&all, "fault", Some("website")).await;
        let fault = act(
            &all.desk,
            &fault,
            "accept",
            classified("fault", "website"),
            "",
        )
        .await
        .ok();
        assert_eq!(fault["level"], "3级");
        app.pass(600);
        let request = act(
            &all.desk,
            &fault,
            "reclassify",
            classified("request", "data"),
            "",
        )
        .await
        .ok();
        assert_eq!(
            (&request["agreement"], &request["level"]),
            (&json!("H"), &json!("数据调整查询"))
        );
        let resolve = clock(&request, "resolve").unwrap();
        assert_eq!(
            resolve["started_at"], request["reported_at"],
            "from the report on"
        );
        assert_eq!(solved_within(&request), 3 * DAY);
        assert!(clock(&request, "timetable").is_none(), "H promises none");
        let path = format!("/tickets/{}/timeline", request["id"].as_str().unwrap());
        let timeline = all.desk.get(&path).await.ok();
        let changes = timeline["items"][0]["changes"].as_array().unwrap();
        let told = |field: &str| {
            let change = changes.iter().find(|change| change["field"] == field);
            change.map(|change| [change["from"].clone(), change["to"].clone()])
        };
        assert_eq!(told("agreement"), Some([json!("D"), json!("H")]));
        assert_eq!(told("level"), Some([json!("3级"), json!("数据调整查询")]));
        assert_eq!(told("type"), Some([json!("fault"), json!("request")]));
        // And back: a level of H would mean nothing to D.
        let mut wrong = classified("fault", "website");
        wrong["level"] = "一般请求".into();
        let refused = act(&all.desk, &request, "reclassify", wrong, "").await;
        assert_eq!(refused.status, 422, "{refused}");
        let fault = act(
            &all.desk,
            &request,
            "reclassify",
            classified("fault", "website"),
            "",
        )
        .await
        .ok();
        assert_eq!(
            (&fault["agreement"], &fault["level"]),
            (&json!("D"), &json!("3级"))
        );
        assert_eq!(clock(&fault, "respond").unwrap()["state"], "met");
    });
}

#[test]
fn r010_what_is_overdue_under_the_new_agreement_shows_at_once_and_its_ladder_goes_on() {
    both(async |app| {
        let all = faults_and_requests(&app, "S3").await;
        let request = registered(&all, "request", Some("account")).await;
        let fields = classified("request", "account");
        let request = act(&all.desk, &request, "accept", fields, "").await.ok();
        let tick = async || while app.app.timers().tick().await.unwrap() > 0 {};
        app.pass(5 * HOUR);
        tick().await;
        let admin = app.admin().await;
        let path = format!("/tickets/{}", request["id"].as_str().unwrap());
        let request = admin.get(&path).await.ok();
        assert_eq!(clock(&request, "resolve").unwrap()["state"], "running");
        let fields = classified("fault", "website");
        let fault = act(&admin, &request, "reclassify", fields, "").await.ok();
        assert_eq!(fault["breached"], true);
        assert_eq!(
            clock(&fault, "resolve").unwrap()["state"],
            "breached",
            "4 hours"
        );
        app.pass(HOUR);
        tick().await;
        let timeline = app
            .admin()
            .await
            .get(&format!("{path}/timeline"))
            .await
            .ok();
        let escalated = |entry: &&Value| {
            entry["action"].as_str().unwrap().starts_with("sla.")
                && entry["note"].as_str().unwrap().contains("解决")
        };
        let entries = timeline["items"].as_array().unwrap();
        assert!(entries.iter().any(|entry| escalated(&entry)), "{timeline}");
    });
}

#[test]
fn r010_agreements_of_a_day_share_no_type() {
    both(async |app| {
        let all = faults_and_requests(&app, "S4").await;
        let admin = app.admin().await;
        let put = async |agreement: &str, from: &str, types: &[&str]| {
            period(&admin, &all, agreement, from, types).await
        };
        put("F", "2026-06-01", &["request", "complaint"])
            .await
            .wrong(&["types overlaps"]);
        put("F", "2026-06-01", &["nonsense"])
            .await
            .wrong(&["types no_such"]);
        put("F", "2026-01-01", &["request"])
            .await
            .wrong(&["effective_from overlaps"]);
        put("F", "2026-06-01", &["complaint", "consult"]).await.ok();
        // The successor for the same types, in whatever order, ends the one before.
        put("G", "2026-12-01", &["consult", "complaint", "consult"])
            .await
            .ok();
        put("C", "2026-12-01", &[]).await.ok();
        let path = format!("/projects/{}/agreements", all.project.id);
        let mut listed: Vec<String> = admin
            .get(&path)
            .await
            .ok()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                format!(
                    "{} {} {} {}",
                    row["agreement"], row["types"], row["effective_from"], row["effective_to"]
                )
                .replace('"', "")
            })
            .collect();
        listed.sort_unstable();
        assert_eq!(
            listed,
            [
                "C [] 2026-12-01 null",
                "D [] 2026-01-01 2026-11-30",
                "F [complaint,consult] 2026-06-01 2026-11-30",
                "G [complaint,consult] 2026-12-01 null",
                "H [request] 2026-01-01 null",
            ]
        );
    });
}

#[test]
fn a_monthly_report_counts_the_tickets_of_every_agreement() {
    both(async |app| {
        let all = faults_and_requests(&app, "S5").await;
        registered(&all, "fault", Some("website")).await;
        registered(&all, "request", Some("data")).await;
        app.pass(15 * DAY);
        let admin = app.admin().await;
        let month = json!({ "kind": "monthly", "project_id": all.project.id, "month": "2026-11" });
        let report = admin.post("/reports", month).await.ok();
        let text = report.to_string();
        assert!(
            text.contains("服务协议 D") && text.contains("服务协议 H"),
            "{text}"
        );
        assert!(
            text.contains("3级故障") && text.contains("数据调整、数据查询"),
            "levels by their names"
        );
    });
}
