//! Stages and agreements of a project.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::{Value, json};

use crate::support::both;

fn stage(name: &str, from: &str, to: &str, counted: bool) -> Value {
    json!({ "name": name, "starts_on": from, "ends_on": to, "sla_counted": counted })
}

fn period(agreement: &str, from: &str, to: Option<&str>) -> Value {
    json!({ "agreement": agreement, "effective_from": from, "effective_to": to })
}

#[test]
fn r015_stages_follow_each_other_within_the_term() {
    both(async |app| {
        let admin = app.admin().await;
        let project = app.project("P1").await;
        let path = format!("/projects/{}/stages", project.id);
        let made = admin
            .post(&path, stage("过渡", "2026-01-15", "2026-01-28", false))
            .await
            .ok();
        admin
            .post(&path, stage("启动", "2026-01-01", "2026-01-14", false))
            .await
            .ok();
        admin
            .post(&path, stage("正常服务", "2026-01-28", "2026-12-16", true))
            .await
            .wrong(&["starts_on overlaps"]);
        admin
            .post(&path, stage("正常服务", "2026-01-29", "2026-12-16", true))
            .await
            .ok();
        admin
            .post(&path, stage("总结", "2026-12-17", "2027-01-02", true))
            .await
            .wrong(&["ends_on outside_term"]);
        admin
            .post(&path, stage("", "2026-12-31", "2026-12-20", true))
            .await
            .wrong(&["name required", "ends_on before_start"]);
        let names: Vec<Value> = admin
            .get(&path)
            .await
            .ok()
            .as_array()
            .unwrap()
            .iter()
            .map(|stage| stage["name"].clone())
            .collect();
        assert_eq!(names, ["启动", "过渡", "正常服务"]);

        let one = format!("{path}/{}", made["id"].as_str().unwrap());
        let longer = stage("过渡", "2026-01-15", "2026-01-28", true);
        assert_eq!(
            admin.put(&one, &json!(1), longer.clone()).await.ok()["version"],
            2
        );
        admin
            .put(&one, &json!(1), longer)
            .await
            .refused(409, "stale_version");
        admin.delete(&one).await.ok();
        admin.delete(&one).await.refused(404, "not_found");
        let other = app.project("P2").await;
        let elsewhere = format!(
            "/projects/{}/stages/{}",
            other.id,
            made["id"].as_str().unwrap()
        );
        admin.delete(&elsewhere).await.refused(404, "not_found");
    });
}

#[test]
fn r010_an_agreement_holds_from_a_day_on_and_ends_the_one_before() {
    both(async |app| {
        let admin = app.admin().await;
        let project = app.project("P1").await;
        let path = format!("/projects/{}/agreements", project.id);
        let first = admin
            .post(&path, period("A", "2026-01-01", None))
            .await
            .ok();
        assert_eq!(first["name"], "三级故障响应");
        admin
            .post(&path, period("B", "2026-01-01", None))
            .await
            .wrong(&["effective_from overlaps"]);
        admin
            .post(&path, period("B", "2026-07-01", Some("2026-09-30")))
            .await
            .ok();
        admin
            .post(&path, period("C", "2026-09-30", None))
            .await
            .wrong(&["effective_from overlaps"]);
        admin
            .post(&path, period("C", "2026-06-01", Some("2026-10-30")))
            .await
            .wrong(&["effective_from overlaps"]);
        admin
            .post(&path, period("C", "2026-10-01", None))
            .await
            .ok();
        admin
            .post(&path, period("Z", "2026-11-01", Some("2026-10-01")))
            .await
            .wrong(&["agreement no_such", "effective_to before_start"]);
        let periods: Vec<String> = admin
            .get(&path)
            .await
            .ok()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                format!(
                    "{} {} {}",
                    row["agreement"], row["effective_from"], row["effective_to"]
                )
                .replace('"', "")
            })
            .collect();
        assert_eq!(
            periods,
            [
                "A 2026-01-01 2026-06-30",
                "B 2026-07-01 2026-09-30",
                "C 2026-10-01 null"
            ]
        );

        let audit = admin
            .get(&format!(
                "/audit?object={}&action=project.agreement.create",
                project.id
            ))
            .await
            .ok();
        let detail: Value =
            serde_json::from_str(audit["items"][1]["detail"].as_str().unwrap()).unwrap();
        assert_eq!(detail["ended_before"]["effective_from"], "2026-01-01");
    });
}

#[test]
fn a_period_under_which_tickets_were_reported_stays() {
    both(async |app| {
        let admin = app.admin().await;
        let project = app.project("P1").await;
        let path = format!("/projects/{}/agreements", project.id);
        let mistake = admin
            .post(&path, period("B", "2026-01-01", Some("2026-01-31")))
            .await
            .ok();
        let used = admin
            .post(&path, period("A", "2026-02-01", None))
            .await
            .ok();
        let ticket = json!({
            "process": "incident", "project_id": project.id,
            "fields": { "title": "打不开", "description": "首页打不开", "type": "consult", "channel": "other" },
        });
        admin.post("/tickets", ticket).await.ok();
        admin
            .delete(&format!("{path}/{}", mistake["id"].as_str().unwrap()))
            .await
            .ok();
        admin
            .delete(&format!("{path}/{}", used["id"].as_str().unwrap()))
            .await
            .refused(409, "agreement_in_use");
    });
}

#[test]
fn who_manages_a_project_does_not_by_that_choose_its_agreements() {
    both(async |app| {
        let project = app.project("P1").await;
        let path = format!("/projects/{}", project.id);
        let here = Scope::Project(project.id);
        let lead = app.may(&[ProjectRead, ProjectManage], here).await;
        lead.post(
            &format!("{path}/stages"),
            stage("启动", "2026-01-01", "2026-01-14", false),
        )
        .await
        .ok();
        lead.post(
            &format!("{path}/agreements"),
            period("A", "2026-01-01", None),
        )
        .await
        .refused(403, "forbidden");
        let chooser = app.may(&[ProjectRead, AgreementManage], here).await;
        chooser
            .post(
                &format!("{path}/agreements"),
                period("A", "2026-01-01", None),
            )
            .await
            .ok();
        let other = app.project("P2").await;
        let foreign = format!("/projects/{}/agreements", other.id);
        chooser
            .post(&foreign, period("A", "2026-01-01", None))
            .await
            .refused(404, "not_found");
        chooser.get(&foreign).await.refused(404, "not_found");
    });
}
