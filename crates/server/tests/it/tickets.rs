//! Incidents from the call to the end, by everybody's own rights, and what is refused.

use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::{Client, Project, Reply, TestApp, both, same_statements};

/// A project under agreement C with its people.
pub struct Desk {
    pub project: Project,
    pub desk: Client,
    pub engineer: Client,
    pub engineer_id: uuid::Uuid,
    pub lead: Client,
}

pub async fn desk(app: &TestApp, code: &str) -> Desk {
    let project = app.project(code).await;
    app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
        .await;
    let on = Scope::Project(project.id);
    let name = |role: &str| format!("{role}-{code}");
    let engineer = app.user(&name("engineer")).await.role("first_line", on);
    let engineer_id = engineer.make().await;
    let desk = app.user(&name("desk")).await.role("service_desk", on);
    let lead = app.user(&name("lead")).await.role("project_lead", on);
    Desk {
        project,
        desk: desk.client().await,
        engineer: app.sign_in(engineer_id).await,
        engineer_id,
        lead: lead.client().await,
    }
}

pub fn call(desk: &Desk) -> Value {
    json!({
        "process": "incident", "project_id": desk.project.id,
        "fields": {
            "title": "网站打不开", "description": "首页无法访问", "type": "fault", "category": "website",
            "channel": "phone", "unit_id": desk.project.unit, "caller_name": "林秀英",
            "caller_phone": "0579-86210012", "business_reason": "群众无法办事", "impact": 2, "urgency": 2,
        },
    })
}

pub async fn act(
    client: &Client,
    ticket: &Value,
    action: &str,
    fields: Value,
    note: &str,
) -> Reply {
    let path = format!(
        "/tickets/{}/actions/{action}",
        ticket["id"].as_str().unwrap()
    );
    let mut body = json!({ "fields": fields });
    if !note.is_empty() {
        body["note"] = note.into();
    }
    let version = format!("\"{}\"", ticket["version"]);
    client.post(&path, body).header("if-match", &version).await
}

pub fn accepted() -> Value {
    json!({ "type": "fault", "category": "website", "impact": 2, "urgency": 2, "level": "一般" })
}

fn clock<'a>(ticket: &'a Value, target: &str) -> &'a Value {
    let clocks = ticket["clocks"].as_array().unwrap();
    let found = clocks.iter().find(|clock| clock["target"] == target);
    found.unwrap_or_else(|| panic!("no clock {target}: {ticket}"))
}

#[test]
fn an_incident_walks_from_the_call_to_the_end() {
    both(async |app| {
        let all = desk(&app, "W1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        assert_eq!(ticket["state"]["key"], "new", "{ticket}");
        assert_eq!(clock(&ticket, "respond")["duration_seconds"], 600);
        app.pass(120);
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        assert_eq!(clock(&ticket, "respond")["state"], "met", "{ticket}");
        assert_eq!(clock(&ticket, "resolve")["calendar"], "7×24 小时");
        assert_eq!(ticket["level"], "一般");
        assert_eq!(ticket["level_name"], "一般故障");
        let to = json!({ "assignee": all.engineer_id });
        let ticket = act(&all.desk, &ticket, "dispatch", to, "").await.ok();
        app.pass(300);
        let ticket = act(&all.engineer, &ticket, "acknowledge", json!({}), "")
            .await
            .ok();
        assert_eq!(ticket["assignee"]["id"], all.engineer_id.to_string());
        let reached = json!({ "call_result": "reached" });
        let ticket = act(&all.engineer, &ticket, "call", reached, "").await.ok();
        let engineer = json!({ "arrived_as": "engineer" });
        app.pass(600);
        let ticket = act(&all.engineer, &ticket, "arrive", engineer, "")
            .await
            .ok();
        assert_eq!(clock(&ticket, "arrive")["state"], "met", "{ticket}");
        let ticket = act(
            &all.engineer,
            &ticket,
            "wait_user",
            json!({}),
            "等待用户提供账号",
        )
        .await
        .ok();
        assert_eq!(clock(&ticket, "resolve")["state"], "paused", "{ticket}");
        app.pass(600);
        let ticket = act(&all.engineer, &ticket, "resume", json!({}), "")
            .await
            .ok();
        assert_eq!(
            clock(&ticket, "resolve")["elapsed_seconds"],
            120 + 300 + 600
        );
        let ticket = act(&all.engineer, &ticket, "start_handling", json!({}), "")
            .await
            .ok();
        let solved = json!({ "cause_category": "software", "cause": "进程退出", "solution": "重启服务", "resolved_line": 1 });
        let ticket = act(&all.engineer, &ticket, "resolve", solved, "")
            .await
            .ok();
        assert_eq!(clock(&ticket, "resolve")["state"], "met", "{ticket}");
        let ticket = act(
            &all.lead,
            &ticket,
            "confirm",
            json!({ "satisfaction": "good" }),
            "",
        )
        .await
        .ok();
        let done =
            json!({ "close_archive": true, "close_ci_update": false, "close_knowledge": false });
        // The report of on-site work is missing.
        act(&all.desk, &ticket, "close", done, "")
            .await
            .refused(409, "rule_not_kept");
        let path = format!("/tickets/{}/timeline", ticket["id"].as_str().unwrap());
        let timeline = all.lead.get(&path).await.ok();
        assert_eq!(
            timeline["items"].as_array().unwrap().len(),
            11,
            "{timeline}"
        );
    });
}

#[test]
fn what_does_not_fit_is_refused() {
    both(async |app| {
        let all = desk(&app, "R1").await;
        let other = desk(&app, "R2").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let path = format!("/tickets/{}/actions/accept", ticket["id"].as_str().unwrap());
        all.desk
            .post(&path, json!({ "fields": {} }))
            .await
            .refused(428, "version_required");
        let mut stale = ticket.clone();
        stale["version"] = 99.into();
        act(&all.desk, &stale, "accept", accepted(), "")
            .await
            .refused(409, "stale_version");
        assert_eq!(
            act(&other.desk, &ticket, "accept", accepted(), "")
                .await
                .status,
            404
        );
        assert!(
            act(&all.lead, &ticket, "accept", accepted(), "")
                .await
                .status
                .is_client_error()
        );
        let wrong_state = act(&all.desk, &ticket, "confirm", json!({}), "").await;
        assert!(wrong_state.status.is_client_error(), "{wrong_state}");
        let unknown = act(&all.desk, &ticket, "accept", json!({ "colour": "red" }), "").await;
        assert_eq!(unknown.status, 422, "{unknown}");
        let mut incomplete = call(&all);
        incomplete["fields"]["title"] = Value::Null;
        assert_eq!(all.desk.post("/tickets", incomplete).await.status, 422);
        let auditor = app.user("auditor").await.role("auditor", Scope::All);
        let auditor = auditor.client().await;
        auditor
            .post("/tickets", call(&all))
            .await
            .refused(403, "forbidden");
        assert!(
            act(&auditor, &ticket, "accept", accepted(), "")
                .await
                .status
                .is_client_error()
        );
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        assert_eq!(auditor.get(&path).await.ok()["version"], ticket["version"]);
    });
}

#[test]
fn r085_serious_faults_need_a_backup_first() {
    both(async |app| {
        let all = desk(&app, "B1").await;
        let mut new = call(&all);
        new["fields"]["level"] = "重大".into();
        let ticket = all.desk.post("/tickets", new).await.ok();
        let mut fields = accepted();
        fields["level"] = "重大".into();
        let ticket = act(&all.desk, &ticket, "accept", fields, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "take", json!({}), "")
            .await
            .ok();
        let bare = act(&all.engineer, &ticket, "start_handling", json!({}), "").await;
        assert_eq!(bare.status, 422, "{bare}");
        let backup = json!({ "backup_done": true, "backup_evidence": "/backup/1" });
        let ticket = act(&all.engineer, &ticket, "start_handling", backup, "")
            .await
            .ok();
        assert_eq!(ticket["state"]["key"], "handling");
    });
}

#[test]
fn r084_an_agreed_time_replaces_the_promise_and_both_stay_visible() {
    both(async |app| {
        let all = desk(&app, "A1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let before = clock(&ticket, "resolve")["due_at"].clone();
        let at = app.clock.now().plus_seconds(3 * 24 * 3600).to_string();
        let agreed = json!({ "agreed_target": "resolve", "agreed_at": at, "agreed_by": "林秀英", "agreed_reason": "周三停机" });
        let ticket = act(&all.desk, &ticket, "agree_time", agreed, "").await.ok();
        let clock = clock(&ticket, "resolve");
        assert_eq!(clock["due_at"], at, "{clock}");
        assert_eq!(clock["promised_due_at"], before, "{clock}");
        assert_eq!(clock["negotiated"]["reason"], "周三停机");
    });
}

#[test]
fn r061_what_is_entered_late_is_marked() {
    both(async |app| {
        let all = desk(&app, "L1").await;
        let mut new = call(&all);
        let at = app.clock.now().plus_seconds(-7200);
        new["happened_at"] = at.to_string().into();
        let ticket = all.desk.post("/tickets", new.clone()).await.ok();
        assert_eq!(ticket["backdated"], true);
        assert_eq!(ticket["reported_at"], at.to_string());
        new["happened_at"] = app.clock.now().plus_seconds(3600).to_string().into();
        assert_eq!(all.desk.post("/tickets", new.clone()).await.status, 422);
        new["happened_at"] = app
            .clock
            .now()
            .plus_seconds(-40 * 86_400)
            .to_string()
            .into();
        assert_eq!(all.desk.post("/tickets", new).await.status, 422);
    });
}

#[test]
fn wake_ups_are_told_once_each_and_nobody_is_told_twice() {
    both(async |app| {
        let all = desk(&app, "K1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let path = format!("/tickets/{}/timeline", ticket["id"].as_str().unwrap());
        let breaches = async || {
            let timeline = all.desk.get(&path).await.ok();
            let items = timeline["items"].as_array().unwrap();
            items
                .iter()
                .filter(|item| item["action"] == "sla.breach")
                .count()
        };
        let timers = app.app.timers();
        app.pass(599);
        timers.tick().await.expect("a tick");
        assert_eq!(breaches().await, 0);
        app.pass(1);
        timers.tick().await.expect("a tick");
        assert_eq!(breaches().await, 1);
        timers.tick().await.expect("a tick");
        assert_eq!(breaches().await, 1);
    });
}

#[test]
fn what_the_system_says_in_the_timeline_is_read_in_either_language() {
    both(async |app| {
        let all = desk(&app, "K2").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        app.pass(600);
        app.app.timers().tick().await.expect("a tick");
        let path = format!("/tickets/{}/timeline", ticket["id"].as_str().unwrap());
        let breach = async |client: &Client| {
            let timeline = client.get(&path).await.ok();
            let items = timeline["items"].as_array().unwrap().clone();
            let mut items = items.into_iter();
            let breach = items.find(|item| item["action"] == "sla.breach").unwrap();
            [breach["action_name"].clone(), breach["note"].clone()]
        };
        assert_eq!(
            breach(&all.desk).await,
            ["超时", "超时：响应未在时限内完成"]
        );
        let english = all.desk.clone().with_header("accept-language", "en");
        assert_eq!(
            breach(&english).await,
            ["Overdue", "Overdue: Response was not done in time"]
        );
    });
}

#[test]
fn r088_what_is_still_to_do_after_closing_is_reminded_of() {
    both(async |app| {
        let all = desk(&app, "T1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let to = json!({ "assignee": all.engineer_id });
        let ticket = act(&all.desk, &ticket, "dispatch", to, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "acknowledge", json!({}), "")
            .await
            .ok();
        let reached = json!({ "call_result": "reached" });
        let ticket = act(&all.engineer, &ticket, "call", reached, "").await.ok();
        let ticket = act(&all.engineer, &ticket, "start_handling", json!({}), "")
            .await
            .ok();
        let solved = json!({ "cause_category": "software", "cause": "进程退出", "solution": "重启服务", "resolved_line": 1 });
        let ticket = act(&all.engineer, &ticket, "resolve", solved, "")
            .await
            .ok();
        let ticket = act(&all.lead, &ticket, "confirm", json!({}), "").await.ok();
        let done =
            json!({ "close_archive": true, "close_ci_update": true, "close_knowledge": false });
        act(&all.desk, &ticket, "close", done, "").await.ok();

        let told = async || {
            // The session of yesterday has ended.
            let engineer = app.sign_in(all.engineer_id).await;
            let notices = engineer.get("/notices").await.ok();
            let items = notices["items"].as_array().unwrap();
            let about = |item: &&Value| {
                item["title"]
                    .as_str()
                    .unwrap()
                    .contains("核对并更新配置信息")
            };
            items.iter().filter(about).count()
        };
        assert_eq!(told().await, 1, "given as a task");
        app.pass(24 * 3600);
        app.app.timers().tick().await.expect("a tick");
        assert_eq!(told().await, 2, "reminded when it is due");
    });
}

#[test]
fn creating_twice_with_one_key_makes_one_ticket_and_lists_stay_cheap() {
    both(async |app| {
        let all = desk(&app, "I1").await;
        let once = async || {
            all.desk
                .post("/tickets", call(&all))
                .header("idempotency-key", "one")
                .await
                .ok()
        };
        assert_eq!(once().await["id"], once().await["id"]);
        assert_eq!(all.desk.get("/tickets/counts").await.ok()["total"], 1);
        same_statements(&app, &all.desk, "/tickets", async || {
            for _ in 0..5 {
                all.desk.post("/tickets", call(&all)).await.ok();
            }
        })
        .await;
    });
}

#[test]
fn an_assignee_must_work_on_the_project() {
    both(async |app| {
        let (all, other) = (desk(&app, "A1").await, desk(&app, "A2").await);
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let on = Scope::Project(all.project.id);
        let auditor = app.user("watcher").await.role("auditor", on).make().await;
        for stranger in [other.engineer_id, auditor, uuid::Uuid::now_v7()] {
            let to = json!({ "assignee": stranger });
            act(&all.desk, &ticket, "dispatch", to, "")
                .await
                .wrong(&["assignee no_such_person"]);
        }
        let to = json!({ "assignee": all.engineer_id });
        act(&all.desk, &ticket, "dispatch", to, "").await.ok();
    });
}

#[test]
fn a_customer_registers_for_its_own_projects_only() {
    both(async |app| {
        let (own, other) = (desk(&app, "C1").await, desk(&app, "C2").await);
        let contact = app.user("contact").await.of_unit(own.project.unit);
        let contact = contact.role("customer_contact", Scope::Own).client().await;
        let at = |desk: &Desk| {
            let mut call = call(desk);
            call["fields"]["unit_id"] = json!(own.project.unit);
            call
        };
        contact.post("/tickets", at(&own)).await.ok();
        contact
            .post("/tickets", at(&other))
            .await
            .wrong(&["project_id no_such"]);
    });
}
