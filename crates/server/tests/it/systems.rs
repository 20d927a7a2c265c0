//! Systems that several checks watch: one figure, held against the contract's target, and the
//! yearly budget of downtime with its warnings.

use anlan_core::access::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::report_availability::{beijing, figure, outage, section, september};
use crate::support::{Client, Project, START, TestApp, both, id};

/// A project whose systems have been watched since before September 2026.
async fn project(app: &TestApp, code: &str) -> Project {
    app.clock.set(beijing("2026-08-31T12:00"));
    app.project(code).await
}

async fn check(app: &TestApp, project: Project, name: &str, system: &str) -> Uuid {
    let monitor = json!({
        "name": name, "kind": "tcp", "project_id": project.id, "interval_seconds": 60, "timeout_seconds": 5,
        "config": { "host": "127.0.0.1", "port": 80 }, "system": system,
    });
    id(&app.admin().await.post("/monitors", monitor).await.ok()["id"])
}

/// Changes terms of the contract.
async fn terms(client: &Client, project: Project, terms: &[(&str, Value)]) {
    let path = format!("/projects/{}", project.id);
    let mut fields = client.get(&path).await.ok();
    let version = fields["version"].clone();
    for gone in [
        "id",
        "customer",
        "manager",
        "customer_lead",
        "created_at",
        "version",
    ] {
        fields.as_object_mut().unwrap().remove(gone);
    }
    for (field, value) in terms {
        fields[*field] = value.clone();
    }
    client.put(&path, &version, fields).await.ok();
}

async fn systems(client: &Client, project: Project, from: &str, to: &str) -> Vec<Value> {
    let (project, from, to) = (project.id, beijing(from), beijing(to));
    let path = format!("/monitors/systems?project={project}&from={from}&to={to}");
    client.get(&path).await.ok().as_array().unwrap().clone()
}

#[test]
fn r047_two_checks_of_a_system_make_one_figure_without_counting_twice() {
    both(async |app| {
        let project = project(&app, "S1").await;
        let page = check(&app, project, "首页", "门户").await;
        let port = check(&app, project, "端口", "门户").await;
        let other = check(&app, project, "邮件", "").await;
        let host = json!({
            "name": "主机", "kind": "icmp", "project_id": project.id, "interval_seconds": 60,
            "timeout_seconds": 5, "config": { "host": "127.0.0.1" }, "system": "门户",
        });
        let host = app.admin().await.post("/monitors", host).await.ok();
        assert_eq!(host["counts_for_availability"], false);
        outage(&app, page, beijing("2026-09-10T10:00"), 60).await;
        outage(&app, port, beijing("2026-09-10T10:30"), 60).await;
        outage(&app, id(&host["id"]), beijing("2026-09-20T10:00"), 600).await;
        outage(&app, other, beijing("2026-09-11T10:00"), 10).await;
        let report = september(&app, project).await;
        // 90 and 10 of 43,200 minutes.
        let operation = section(&report, "operation");
        let rows = &operation["tables"][0]["rows"];
        let portal = json!(["门户", "30天", 1, "1小时30分", "—", "99.792%", "未达标"]);
        let mail = json!(["邮件", "30天", 1, "10分", "—", "99.977%", "未达标"]);
        assert_eq!(rows, &json!([portal, mail]));
        let checks = &operation["tables"][1];
        assert_eq!(checks["key"], "checks");
        let row = |n: usize| &checks["rows"][n];
        assert_eq!(
            row(0),
            &json!(["门户", "首页", "计入", 1, "1小时", "99.861%"])
        );
        assert_eq!(row(2)[2], "不计入");

        let admin = app.admin().await;
        let shown = systems(&admin, project, "2026-09-01T00:00", "2026-10-01T00:00").await;
        assert_eq!(shown[0]["down_seconds"], 5_400);
        assert_eq!(shown[0]["outages"].as_array().unwrap().len(), 1);
        let names: Vec<_> = shown[0]["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["首页", "端口", "主机"]);
        assert_eq!(
            (&shown[0]["kept"], &shown[0]["budget"]),
            (&json!(false), &Value::Null)
        );
    });
}

#[test]
fn r047_the_target_of_the_contract_is_what_report_and_pages_hold_it_against() {
    both(async |app| {
        let project = project(&app, "S2").await;
        let portal = check(&app, project, "门户", "").await;
        outage(&app, portal, beijing("2026-09-10T10:00"), 60).await;
        let kept = async |target: Value| {
            let admin = app.admin().await;
            terms(&admin, project, &[("availability_target", target)]).await;
            let shown = systems(&admin, project, "2026-09-01T00:00", "2026-10-01T00:00").await;
            (shown[0]["promised"].clone(), shown[0]["kept"].clone())
        };
        app.clock.set(START);
        assert_eq!(kept(Value::Null).await, (json!(999_900), json!(false)));
        assert_eq!(kept(json!(998_000)).await, (json!(998_000), json!(true)));
        let report = september(&app, project).await;
        let lowest = figure(&report, "availability");
        assert_eq!(
            (&lowest["ok"], &lowest["note"]),
            (&json!(true), &json!("标准 99.80%"))
        );
        let indicators = section(&report, "indicators")["tables"][0]["rows"].to_string();
        assert!(indicators.contains("≥99.80%"), "{indicators}");
    });
}

#[test]
fn r046_terms_that_promise_nothing_sensible_are_refused_by_field() {
    both(async |app| {
        let unit = app.unit("A").await;
        let admin = app.admin().await;
        let refused = async |field: &str, value: i64, reason: &str| {
            let mut fields = json!({
                "code": "P1", "name": "运维", "customer_unit_id": unit, "provider_name": "安澜运维",
                "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": "5x8",
            });
            fields[field] = value.into();
            admin.post("/projects", fields).await.wrong(&[reason]);
        };
        refused(
            "availability_target",
            9_999,
            "availability_target out_of_range",
        )
        .await;
        refused("outage_budget_hours", 0, "outage_budget_hours out_of_range").await;
        refused("outage_single_minutes", 60, "outage_budget_hours required").await;
    });
}

/// What the project manager was told about budgets, oldest first.
async fn warned(app: &TestApp, manager: Uuid) -> Vec<String> {
    let timers = app.app.timers();
    while timers.tick().await.unwrap() > 0 {}
    let notices = app
        .sign_in(manager)
        .await
        .get("/notices?limit=200")
        .await
        .ok();
    let notices = notices["items"].as_array().unwrap().iter().rev();
    let own = notices.filter(|notice| notice["kind"] == "outage.budget");
    own.map(|notice| notice["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn r046_the_21st_hour_exceeds_the_budget_and_the_manager_is_told_once_each_time() {
    both(async |app| {
        let project = project(&app, "S3").await;
        let manager = app
            .user("pm")
            .await
            .role("project_manager", Scope::Project(project.id));
        let manager = manager.make().await;
        let portal = check(&app, project, "门户", "").await;
        let hours = async |days: std::ops::RangeInclusive<i64>| {
            for day in days {
                let at = beijing("2026-09-01T10:00").plus_seconds((day - 1) * 86_400);
                outage(&app, portal, at, 60).await;
            }
        };
        let again = async |single: i64| {
            let admin = app.admin().await;
            let budget = [
                ("outage_budget_hours", json!(20)),
                ("outage_single_minutes", json!(single)),
            ];
            terms(&admin, project, &budget).await;
        };
        app.clock.set(beijing("2026-10-01T12:00"));
        hours(1..=15).await;
        again(61).await;
        assert!(warned(&app, manager).await.is_empty());
        hours(16..=16).await;
        again(62).await;
        let first = "门户：年度停机额度已用80%";
        assert_eq!(warned(&app, manager).await, [first]);
        again(63).await;
        assert_eq!(warned(&app, manager).await, [first], "told twice");
        hours(17..=20).await;
        again(60).await;
        let both = [first, "门户：年度停机额度已用完"];
        assert_eq!(warned(&app, manager).await, both);

        let used = async || {
            let admin = app.admin().await;
            let shown = systems(&admin, project, "2026-09-01T00:00", "2026-10-01T00:00").await;
            shown[0]["budget"].clone()
        };
        let twenty = used().await;
        assert_eq!(
            (
                &twenty["used_seconds"],
                &twenty["exceeded_at"],
                &twenty["too_long"]
            ),
            (&json!(72_000), &Value::Null, &json!([]))
        );
        hours(21..=21).await;
        outage(&app, portal, beijing("2026-09-25T10:00"), 61).await;
        let more = used().await;
        let end = beijing("2026-09-21T10:00");
        assert_eq!(more["exceeded_at"], json!(end));
        assert_eq!(more["too_long"].as_array().unwrap().len(), 1);
        again(59).await;
        assert_eq!(warned(&app, manager).await, both);

        let report = september(&app, project).await;
        let operation = section(&report, "operation");
        let budget = operation["tables"].as_array().unwrap().last().unwrap();
        assert_eq!(budget["title"], "年度停机额度");
        let row = json!(["门户", "20小时", "22小时1分", "110.1%", "0秒", 22, "未达标"]);
        assert_eq!(budget["rows"], json!([row]));
        let text = operation["text"].as_str().unwrap();
        assert!(
            text.contains("每个系统20小时，自2026年1月1日起累计，单次不超过59分"),
            "{text}"
        );
        assert!(
            text.contains("已超过20小时的年度额度，22次中断单次超过59分"),
            "{text}"
        );
    });
}
