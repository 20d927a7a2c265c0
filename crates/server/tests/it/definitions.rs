//! A ticket keeps the version of process and agreement that it began with.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, both};

async fn created(client: &Client, project: uuid::Uuid, unit: uuid::Uuid) -> Value {
    let fields = json!({
        "title": "网站打不开", "description": "首页无法访问", "type": "fault", "category": "website",
        "channel": "phone", "unit_id": unit, "caller_name": "林秀英", "caller_phone": "0579-86210012",
        "business_reason": "群众无法办事", "impact": 2, "urgency": 2, "level": "三级",
    });
    let body = json!({ "process": "incident", "project_id": project, "fields": fields });
    client.post("/tickets", body).await.ok()
}

/// The promised time of arrival, as the ticket's clock tells it.
async fn arrival(client: &Client, ticket: &Value) -> Value {
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    let ticket = client.get(&path).await.ok();
    let clocks = ticket["clocks"].as_array().unwrap();
    let clock = clocks.iter().find(|clock| clock["target"] == "arrive");
    clock.unwrap_or_else(|| panic!("{ticket}"))["due_at"].clone()
}

#[test]
fn a_changed_process_needs_a_new_version_and_old_tickets_keep_theirs() {
    both(async |app| {
        let project = app.project("D1").await;
        app.under_agreement(project.id, "A", jiff::civil::date(2026, 1, 1))
            .await;
        let before = created(&app.admin().await, project.id, project.unit).await;
        let path = "processes/incident.yaml";
        app.redefine(path, &[("max: 120", "max: 100")]);
        refused(&app, path).await;

        app.redefine(
            path,
            &[("max: 120", "max: 100"), ("version: 3", "version: 4")],
        );
        let admin = app.started_anew().await.unwrap().admin().await;
        let after = created(&admin, project.id, project.unit).await;
        let read = async |ticket: &Value| {
            let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
            admin.get(&path).await.ok()["definition_version"].clone()
        };
        assert_eq!(read(&before).await, 3);
        assert_eq!(read(&after).await, 4);
    });
}

#[test]
fn a_changed_agreement_leaves_the_promises_of_old_tickets_alone() {
    both(async |app| {
        let project = app.project("D2").await;
        app.under_agreement(project.id, "A", jiff::civil::date(2026, 1, 1))
            .await;
        let admin = app.admin().await;
        let before = created(&admin, project.id, project.unit).await;
        let promised = arrival(&admin, &before).await;
        let path = "agreements/A.yaml";
        let longer = (
            "arrive: {within: 2h, calendar: office, negotiable: true}",
            "arrive: {within: 3h, calendar: office, negotiable: true}",
        );
        app.redefine(path, &[longer]);
        refused(&app, path).await;

        app.redefine(path, &[longer, ("version: 2", "version: 3")]);
        let admin = app.started_anew().await.unwrap().admin().await;
        let after = created(&admin, project.id, project.unit).await;
        assert_ne!(arrival(&admin, &after).await, promised);
        // Something happens to the old one, so that it is judged again: by what was promised then.
        let path = format!(
            "/tickets/{}/actions/comment",
            before["id"].as_str().unwrap()
        );
        let version = format!("\"{}\"", before["version"]);
        let note = json!({ "fields": {}, "note": "已联系用户" });
        admin
            .post(&path, note)
            .header("if-match", &version)
            .await
            .ok();
        assert_eq!(arrival(&admin, &before).await, promised);
    });
}

/// The start is refused, with the file and the reason.
async fn refused(app: &TestApp, path: &str) {
    let error = app.started_anew().await.err().unwrap().to_string();
    assert!(error.contains(path) && error.contains("version"), "{error}");
}

#[test]
fn an_action_that_waits_for_votes_nobody_can_give_is_refused() {
    both(async |app| {
        let approval = "backdate_days: 30\n\napprovals:\n  plan:\n    name: { zh: 方案审批, en: Plan }\n    steps:\n      \
            review: { name: { zh: 审查, en: Review }, roles: [release_admin] }\n";
        let accept = "name: { zh: 受理, en: Accept }";
        let waits = format!("{accept}\n    approval: plan");
        let version = ("version: 3\n", "version: 4\n");
        let described = ("backdate_days: 30\n", approval);
        app.redefine(
            "processes/incident.yaml",
            &[version, described, (accept, &waits)],
        );
        let error = app.started_anew().await.err().expect("it is refused");
        let error = error.to_string();
        assert!(
            error.contains("definitions/processes/incident.yaml")
                && error.contains("actions.accept.approval"),
            "{error}"
        );
        // Described and not waited for, it does no harm.
        app.redefine("processes/incident.yaml", &[version, described]);
        app.started_anew().await.unwrap();
    });
}

#[test]
fn a_comment_changes_nothing_that_would_need_a_new_version() {
    both(async |app| {
        for path in ["processes/incident.yaml", "agreements/A.yaml"] {
            app.redefine(path, &[("\nversion: ", "\n# 说明\n\nversion: ")]);
        }
        app.started_anew().await.unwrap();
    });
}
