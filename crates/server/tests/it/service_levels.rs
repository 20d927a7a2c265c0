//! Service level management: the document from draft to its end, the indicators from plan to signature.

mod documents;
mod indicators;

use serde_json::{Value, json};

use crate::support::{Client, Project, Reply};

/// The address of a version.
fn version(project: Project, number: i64) -> String {
    format!("/projects/{}/sla/versions/{number}", project.id)
}

/// Takes a step with a version as it was read.
async fn step(by: &Client, project: Project, read: &Value, body: Value) -> Reply {
    let path = format!(
        "{}/steps",
        version(project, read["number"].as_i64().unwrap())
    );
    let tag = format!("\"{}\"", read["version"]);
    by.post(&path, body).header("if-match", &tag).await
}

/// Both signatures with the day the version holds from.
fn signed(on: &str) -> Value {
    json!({
        "step": "take_effect", "on": on,
        "signatures": {
            "customer": { "name": "徐海涛", "position": "信息中心主任", "on": on },
            "provider": { "name": "张华", "position": "项目经理", "on": on },
        },
    })
}

/// A version brought into force: drafted by one, passed by another.
async fn in_force(by: &Client, other: &Client, project: Project, reason: &str, on: &str) -> Value {
    let path = format!("/projects/{}/sla/versions", project.id);
    let draft = by.post(&path, json!({ "reason": reason })).await.ok();
    let sent = step(by, project, &draft, json!({ "step": "submit" }))
        .await
        .ok();
    step(other, project, &sent, signed(on)).await.ok()
}
