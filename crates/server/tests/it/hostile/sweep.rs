//! Every operation of the API's own description, with everything that does not fit.

use anlan_core::access::Scope;
use axum::http::Method;
use serde_json::{Map, Value, json};

use super::shapes::{
    Operation, hostile_bodies, hostile_ids, hostile_values, hostile_words, operations,
};
use crate::support::{Call, Client, Reply, TestApp, both};

/// Things that exist, so that a request gets past the look-up.
struct Known {
    app: TestApp,
    ids: Vec<(&'static str, String)>,
}

impl Known {
    async fn new(app: TestApp) -> Self {
        let project = app.project("H1").await;
        app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
            .await;
        let person = app.user("target").await;
        let person = person.role("first_line", Scope::Project(project.id)).make();
        let person = person.await;
        let admin = app.admin().await;
        let contact = json!({ "unit_id": project.unit, "name": "王芳", "phones": [] });
        let contact = admin.post("/contacts", contact).await.json();
        let call = json!({
            "process": "incident", "project_id": project.id,
            "fields": {
                "title": "网站打不开", "description": "首页无法访问", "type": "fault",
                "category": "website", "channel": "phone", "unit_id": project.unit,
                "caller_name": "林秀英", "caller_phone": "0579-86210012",
                "business_reason": "群众无法办事", "impact": 2, "urgency": 2,
            },
        });
        let ticket = admin.post("/tickets", call).await.ok();
        let month = json!({ "project_id": project.id, "kind": "monthly", "month": "2026-10" });
        let report = admin.post("/reports", month).await.json();
        let text = |value: &Value| value["id"].as_str().unwrap_or("none").to_owned();
        Self {
            ids: vec![
                ("/projects/{id}", project.id.to_string()),
                ("/units/{id}", project.unit.to_string()),
                ("/users/{id}", person.to_string()),
                ("/contacts/{id}", text(&contact)),
                ("/tickets/{id}", text(&ticket)),
                ("/reports/{id}", text(&report)),
                ("/processes/{key}", "incident".into()),
                ("/agreements/{key}", "C".into()),
                ("/calendars/{key}", "5x8".into()),
            ],
            app,
        }
    }

    /// The address of an operation where something is, as far as that is known.
    fn address(&self, operation: &Operation) -> String {
        let known = self
            .ids
            .iter()
            .find(|(path, _)| operation.path.starts_with(path));
        let (_, id) = known.unwrap_or(&("", String::new())).clone();
        let nothing = "01939f2e-0000-7000-8000-000000000000";
        let mut address = operation.path.clone();
        if !id.is_empty() {
            address = replaced(&address, &id);
        }
        address = address
            .replace("{form}", "F-01")
            .replace("{action}", "accept");
        while address.contains('{') {
            address = replaced(&address, nothing);
        }
        address
    }
}

/// The address with its first `{…}` replaced.
fn replaced(address: &str, by: &str) -> String {
    match (address.find('{'), address.find('}')) {
        (Some(from), Some(to)) => format!("{}{by}{}", &address[..from], &address[to + 1..]),
        _ => address.to_owned(),
    }
}

fn call(client: &Client, operation: &Operation, address: &str) -> Call {
    let method: Method = operation.method.parse().unwrap();
    client.call(method, address).header("if-match", "\"1\"")
}

/// What was answered wrongly: all of it, so that one fault does not hide the next.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn ensure(&mut self, good: bool, what: &str, reply: &Reply, sent: &str) {
        if !good {
            let line = format!("{what}: {reply} after {sent}");
            self.0.push(line.chars().take(600).collect());
        }
    }

    /// What holds for every answer. Returns the names of the fields it finds wrong.
    fn look(&mut self, reply: &Reply, sent: &str) -> Vec<String> {
        self.ensure(reply.status.as_u16() < 500, "our failure", reply, sent);
        if reply.status.as_u16() < 400 {
            return Vec::new();
        }
        let kind = reply.headers.get("content-type");
        if kind.is_none_or(|kind| kind != "application/problem+json") {
            self.ensure(false, "no problem document", reply, sent);
            return Vec::new();
        }
        let problem = reply.json();
        let text = |text: &Value, key: &str| {
            let text = text.as_str().unwrap_or_default();
            !text.is_empty() && !text.starts_with(key)
        };
        let titled = text(&problem["title"], "error.");
        self.ensure(titled, "no title", reply, sent);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let invalid = reply.code() == "invalid";
        self.ensure(!invalid || !errors.is_empty(), "no field", reply, sent);
        for error in &errors {
            let good = text(&error["message"], "field.") && text(&error["field"], "?");
            self.ensure(good, "a field without name or text", reply, sent);
        }
        let named = |error: &Value| error["field"].as_str().unwrap_or_default().to_owned();
        errors.iter().map(named).collect()
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(
                self.0.is_empty(),
                "{} faults:\n{}",
                self.0.len(),
                self.0.join("\n")
            );
        }
    }
}

#[test]
fn no_operation_falls_over_an_address() {
    both(async |app| {
        let mut faults = Faults::default();
        let client = app.admin().await;
        for operation in operations() {
            // Signing out would end the test.
            if !operation.path.contains('{') {
                continue;
            }
            for id in hostile_ids() {
                let mut address = operation.path.clone();
                while address.contains('{') {
                    address = replaced(&address, &id);
                }
                let mut call = call(&client, &operation, &address);
                if let Some(body) = &operation.body {
                    call = call.json(&Value::Object(body.clone()));
                }
                let reply = call.await;
                faults.look(&reply, "");
                faults.ensure(reply.status.is_client_error(), "taken", &reply, "");
            }
        }
    });
}

#[test]
fn no_operation_falls_over_a_query() {
    both(async |app| {
        let mut faults = Faults::default();
        let known = Known::new(app).await;
        let client = known.app.admin().await;
        for operation in operations() {
            let address = known.address(&operation);
            for name in &operation.parameters {
                for word in hostile_words() {
                    let address = format!("{address}?{name}={word}");
                    let reply = call(&client, &operation, &address).await;
                    faults.look(&reply, "");
                    let nul = word.contains("%00");
                    let refused = !nul || reply.status.is_client_error();
                    faults.ensure(refused, "a NUL was taken", &reply, "");
                }
            }
        }
    });
}

#[test]
fn no_operation_falls_over_a_body() {
    both(async |app| {
        let mut faults = Faults::default();
        let known = Known::new(app).await;
        for operation in operations().iter().filter(|one| one.method != "GET") {
            let client = known.app.admin().await;
            let address = known.address(operation);
            for (kind, bytes) in hostile_bodies() {
                let sent = String::from_utf8_lossy(&bytes).into_owned();
                let reply = call(&client, operation, &address).body(kind, bytes).await;
                faults.look(&reply, &format!("{kind}: {sent}"));
            }
        }
    });
}

#[test]
fn no_operation_falls_over_a_field() {
    both(async |app| {
        let mut faults = Faults::default();
        let known = Known::new(app).await;
        for operation in operations() {
            let Some(body) = &operation.body else {
                continue;
            };
            let client = known.app.admin().await;
            let address = known.address(&operation);
            for name in body.keys() {
                for value in hostile_values() {
                    fields(
                        &mut faults,
                        &client,
                        &operation,
                        &address,
                        body,
                        name,
                        value,
                    )
                    .await;
                }
            }
            let mut unknown = body.clone();
            unknown.insert("no_such_field".into(), json!(1));
            fields(
                &mut faults,
                &client,
                &operation,
                &address,
                &unknown,
                "no_such_field",
                json!(1),
            )
            .await;
        }
    });
}

async fn fields(
    faults: &mut Faults,
    client: &Client,
    operation: &Operation,
    address: &str,
    body: &Map<String, Value>,
    name: &str,
    value: Value,
) {
    let mut body = body.clone();
    let misfit = misfit(body.get(name), &value) || name == "no_such_field";
    body.insert(name.to_owned(), value);
    let body = Value::Object(body);
    let reply = call(client, operation, address).json(&body).await;
    let sent = body.to_string();
    let wrong = faults.look(&reply, &sent);
    if misfit && reply.code() == "invalid" {
        let is_named = |field: &String| {
            field == name
                || field.starts_with(&format!("{name}."))
                || field.starts_with(&format!("{name}["))
        };
        let told = wrong.iter().any(is_named);
        faults.ensure(told, &format!("{name} not named"), &reply, &sent);
    }
}

/// Whether a value can in no way stand in place of another.
fn misfit(right: Option<&Value>, value: &Value) -> bool {
    let kind = |value: &Value| std::mem::discriminant(value);
    right.is_some_and(|right| !right.is_null() && !value.is_null() && kind(right) != kind(value))
}
