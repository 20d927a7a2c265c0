//! What the tests of faults stand on.

mod client;
mod database;
mod dice;
mod mail;
mod postgres;
mod server;
mod tool;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use client::{Client, Reply};
pub use database::{count, on_postgres, on_sqlite, sql};
pub use dice::Dice;
pub use mail::MailSink;
pub use postgres::Postgres;
pub use server::{Server, program, verify};
pub use tool::tool;

/// Asks again until the answer is good, within a limit; returns how long that took.
#[track_caller]
pub fn until(what: &str, limit: Duration, mut good: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !good() {
        assert!(begin.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    begin.elapsed()
}

/// A project with an engineer who is told by mail, on a server that is new.
#[derive(Clone)]
pub struct Site {
    pub admin: Client,
    pub project: String,
    unit: String,
    pub engineer: String,
}

impl Site {
    /// With a mail server that never answers, so that what is to be sent stays in the outbox.
    pub fn new(server: &Server) -> Self {
        Self::with_mail(server, 9)
    }

    /// Builds it through the API, with the mail server at this port.
    pub fn with_mail(server: &Server, port: u16) -> Self {
        let admin = server.administrator();
        let made = |path: &str, fields: Value| -> String {
            let made = admin.post(path, &fields).expect("an answer").ok();
            made["id"].as_str().unwrap_or_default().to_owned()
        };
        let unit = made(
            "/units",
            json!({ "code": "U", "name": "市民中心", "parent_id": null }),
        );
        let project = made(
            "/projects",
            json!({
                "code": "P", "name": "门户运维", "customer_unit_id": unit, "provider_name": "安澜运维",
                "starts_on": "2020-01-01", "ends_on": "2099-12-31", "calendar": "7x24",
            }),
        );
        let agreement = json!({ "agreement": "C", "effective_from": "2020-01-01" });
        made(&format!("/projects/{project}/agreements"), agreement);
        let engineer = made_user(&admin);
        let grant = json!({ "role": "first_line", "scope": { "kind": "project", "id": project } });
        made(&format!("/users/{engineer}/grants"), grant);
        let mail =
            json!({ "host": "127.0.0.1", "port": port, "from": "ops@example.cn", "tls": "plain" });
        let channel = json!({ "name": "mail", "kind": "smtp", "config": mail, "fallback_id": null, "enabled": true });
        made("/channels", channel);
        Self {
            admin,
            project,
            unit,
            engineer,
        }
    }

    /// The same site after the server was started again.
    pub fn at(&self, server: &Server) -> Self {
        Self {
            admin: self.admin.at(server.address),
            ..self.clone()
        }
    }

    /// What registers a ticket.
    pub fn call(&self, title: &str) -> Value {
        json!({
            "process": "incident", "project_id": self.project,
            "fields": {
                "title": title, "description": "首页无法访问", "type": "fault",
                "category": "website", "channel": "phone", "unit_id": self.unit,
                "caller_name": "林秀英", "caller_phone": "0579-86210012",
                "business_reason": "群众无法办事", "impact": 2, "urgency": 2,
            },
        })
    }

    /// Registers a ticket, once however often it is sent.
    pub fn create(&self, title: &str) -> std::io::Result<Reply> {
        let key = [("idempotency-key", title)];
        self.admin.json("POST", "/tickets", &key, &self.call(title))
    }

    /// The engineer manages the project as well, and so hears of alarms and broken promises.
    pub fn promote(&self) {
        let scope = json!({ "kind": "project", "id": self.project });
        let grant = json!({ "role": "project_manager", "scope": scope });
        let path = format!("/users/{}/grants", self.engineer);
        self.admin.post(&path, &grant).expect("an answer").ok();
    }

    /// Watches a port of this machine every five seconds: critical after two failures, a second apart.
    pub fn watch(&self, port: u16) -> String {
        let monitor = json!({
            "name": format!("port {port}"), "kind": "tcp", "project_id": self.project,
            "config": { "host": "127.0.0.1", "port": port },
            "interval_seconds": 5, "timeout_seconds": 2, "parent_id": null,
            "rule": {
                "conditions": [{ "level": "critical", "when": { "kind": "down" }, "bad": 2 }],
                "retry_seconds": 1,
            },
        });
        let made = self.admin.post("/monitors", &monitor).expect("an answer");
        made.ok()["id"].as_str().expect("an id").to_owned()
    }

    /// Does an action on a ticket that stands at this version.
    pub fn act(&self, ticket: &str, version: i64, action: &str) -> std::io::Result<Reply> {
        let fields = match action {
            "accept" => {
                json!({ "type": "fault", "category": "website", "impact": 2, "urgency": 2, "level": "一般" })
            }
            _ => json!({ "assignee": self.engineer }),
        };
        let path = format!("/tickets/{ticket}/actions/{action}");
        let version = format!("\"{version}\"");
        let headers = [("if-match", &*version)];
        self.admin
            .json("POST", &path, &headers, &json!({ "fields": fields }))
    }

    /// All rows of a list, page by page.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut after = String::new();
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let page = format!("{path}{mark}limit=200{after}");
            let page = self.admin.get(&page).expect("an answer").ok();
            rows.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return rows,
            }
        }
    }
}

fn made_user(admin: &Client) -> String {
    let user = json!({
        "login": "engineer", "name": "张伟", "email": "zhang@example.cn",
    });
    let made = admin.post("/users", &user).expect("an answer").ok();
    let id = made["id"].as_str().or_else(|| made["user"]["id"].as_str());
    id.expect("an id").to_owned()
}
