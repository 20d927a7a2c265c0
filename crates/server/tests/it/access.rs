//! Deny by default: every operation of the OpenAPI document has a case here that says what it needs.

use std::collections::{BTreeMap, BTreeSet};

use anlan_core::access::Permission::{self, *};
use anlan_core::access::Scope;
use anlan_server::app::App;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Call, Client, Reply, TestApp, both};

/// What an operation needs.
enum Needs {
    /// Nobody needs to be signed in.
    Nothing,
    /// Anybody signed in may.
    SignedIn,
    /// All of these permissions, on what the operation is about.
    All(&'static [Permission]),
    /// The first permission and any one of the others.
    OneOf(Permission, &'static [Permission]),
    /// This permission, on something of one's own.
    Own(Permission),
}

impl Needs {
    /// Sets of permissions of which each is just enough.
    fn enough(&self) -> Vec<Vec<Permission>> {
        match self {
            Self::Own(_) => Vec::new(),
            Self::Nothing | Self::SignedIn => vec![Vec::new()],
            Self::All(permissions) => vec![permissions.to_vec()],
            Self::OneOf(first, others) => others.iter().map(|other| vec![*first, *other]).collect(),
        }
    }

    /// Sets of which each is just not enough: everything but one, or the first without any other.
    fn too_little(&self) -> Vec<Vec<Permission>> {
        let but = |one: &Permission| {
            Permission::ALL
                .iter()
                .copied()
                .filter(|p| p != one)
                .collect()
        };
        match self {
            Self::Nothing | Self::SignedIn => Vec::new(),
            Self::All(permissions) => permissions.iter().map(but).chain([Vec::new()]).collect(),
            Self::OneOf(first, _) => vec![but(first), vec![*first], Vec::new()],
            Self::Own(permission) => vec![but(permission), Permission::ALL.to_vec()],
        }
    }
}

/// One operation with what it needs, and a body that gets past the reading of it.
struct Case(Method, &'static str, Needs, Value);

/// The table. A new endpoint adds its line; a path's ids come from [`world`].
fn cases(world: &BTreeMap<&str, String>) -> Vec<Case> {
    use Needs::{All, Nothing, OneOf, Own, SignedIn};
    let get = |path, needs| Case(Method::GET, path, needs, Value::Null);
    let post = |path, needs, body| Case(Method::POST, path, needs, body);
    let put = |path, needs, body| Case(Method::PUT, path, needs, body);
    let delete = |path, needs| Case(Method::DELETE, path, needs, Value::Null);
    let project = json!({
        "code": "P9", "name": "项目", "customer_unit_id": world["units"], "provider_name": "安澜",
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": "5x8",
    });
    let contact = json!({ "unit_id": world["units"], "name": "赵老师" });
    let group = |name: &str| json!({ "project_id": world["projects"], "name": name, "line": 2 });
    let ticket = json!({
        "process": "incident", "project_id": world["projects"],
        "fields": { "title": "打不开", "description": "首页打不开", "type": "consult", "channel": "other" },
    });
    vec![
        post(
            "/session",
            Nothing,
            json!({ "login": "nobody", "password": "wrong" }),
        ),
        get("/session", SignedIn),
        put(
            "/session/password",
            SignedIn,
            json!({ "old": "wrong", "new": "wrong" }),
        ),
        delete("/session", SignedIn),
        get("/audit", All(&[AuditRead])),
        get("/audit/verify", All(&[AuditRead])),
        get("/roles", All(&[PeopleRead])),
        get("/users", All(&[PeopleRead])),
        get("/users/{id}", All(&[PeopleRead])),
        post(
            "/users",
            All(&[PeopleManage]),
            json!({ "login": "new", "name": "新人" }),
        ),
        put(
            "/users/{id}",
            All(&[PeopleRead, PeopleManage]),
            json!({ "name": "改名" }),
        ),
        post(
            "/users/{id}/unlock",
            All(&[PeopleRead, PeopleManage]),
            Value::Null,
        ),
        post(
            "/users/{id}/reset-password",
            All(&[PeopleRead, PeopleManage]),
            Value::Null,
        ),
        get("/users/{id}/grants", All(&[PeopleRead])),
        post(
            "/users/{id}/grants",
            All(&[PeopleRead, AccessManage]),
            json!({ "role": "may.ticket.read", "scope": { "kind": "all" } }),
        ),
        delete(
            "/users/{id}/grants/{grant}",
            All(&[PeopleRead, AccessManage]),
        ),
        get("/units", All(&[PeopleRead])),
        get("/units/{id}", All(&[PeopleRead])),
        post(
            "/units",
            All(&[PeopleManage]),
            json!({ "code": "U9", "name": "单位" }),
        ),
        put(
            "/units/{id}",
            All(&[PeopleRead, PeopleManage]),
            json!({ "code": "U1", "name": "单位" }),
        ),
        get("/contacts", All(&[PeopleRead])),
        get("/contacts/{id}", All(&[PeopleRead])),
        post("/contacts", All(&[PeopleManage]), contact.clone()),
        put("/contacts/{id}", All(&[PeopleRead, PeopleManage]), contact),
        get("/groups", All(&[ProjectRead])),
        get("/groups/{id}", All(&[ProjectRead])),
        post("/groups", All(&[ProjectRead, ProjectManage]), group("二线")),
        put(
            "/groups/{id}",
            All(&[ProjectRead, ProjectManage]),
            group("一线"),
        ),
        get("/tokens", All(&[TokenManage])),
        post(
            "/tokens",
            All(&[TokenManage]),
            json!({ "name": "脚本", "permissions": ["token.manage"] }),
        ),
        // Whoever may manage tokens finds only his own: this one is not his, and told so.
        delete("/tokens/{id}", Own(TokenManage)),
        get("/projects", All(&[ProjectRead])),
        get("/projects/{id}", All(&[ProjectRead])),
        post("/projects", All(&[ProjectManage]), project.clone()),
        put(
            "/projects/{id}",
            All(&[ProjectRead, ProjectManage]),
            project,
        ),
        get("/projects/{id}/members", All(&[ProjectRead])),
        get("/processes", All(&[TicketRead])),
        get("/processes/{key}", All(&[TicketRead])),
        get("/tickets", All(&[TicketRead])),
        get("/tickets/counts", All(&[TicketRead])),
        get("/tickets/{id}", All(&[TicketRead])),
        get("/tickets/{id}/timeline", All(&[TicketRead])),
        post("/tickets", All(&[TicketRead, TicketCreate]), ticket),
        post(
            "/tickets/{id}/actions/{action}",
            All(&[TicketRead, TicketAct]),
            json!({ "fields": { "type": "consult", "category": "website", "impact": 2, "urgency": 2 } }),
        ),
        post(
            "/tickets/{id}/attachments",
            OneOf(TicketRead, &[TicketAct, TicketCreate, TicketConfirm]),
            FILE.into(),
        ),
        get("/attachments/{id}", All(&[TicketRead])),
        get("/desk/caller?phone=88881234", All(&[TicketCreate])),
        get("/work", All(&[TicketRead])),
    ]
}

/// One of each thing: `{id}` in a path is filled with the one under the path's first word, any
/// other placeholder with the one under its name.
async fn world(app: &TestApp) -> BTreeMap<&'static str, String> {
    let project = app.project("P1").await;
    let user = app
        .user("world")
        .await
        .role("may.people.read", Scope::Project(project.id))
        .make()
        .await;
    let grants = app
        .admin()
        .await
        .get(&format!("/users/{user}/grants"))
        .await
        .ok();
    let admin = app.admin().await;
    let ticket = json!({
        "process": "incident", "project_id": project.id,
        "fields": { "title": "打不开", "description": "首页打不开", "type": "consult", "channel": "other" },
    });
    let ticket = admin.post("/tickets", ticket).await.ok()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = upload(
        admin.call(Method::POST, &format!("/tickets/{ticket}/attachments")),
        "日志",
    )
    .await
    .ok();
    let contact = admin
        .post(
            "/contacts",
            json!({ "unit_id": project.unit, "name": "李老师" }),
        )
        .await
        .ok();
    let group = admin
        .post(
            "/groups",
            json!({ "project_id": project.id, "name": "一线", "line": 1 }),
        )
        .await
        .ok();
    let token = admin
        .post(
            "/tokens",
            json!({ "name": "脚本", "permissions": ["ticket.read"] }),
        )
        .await
        .ok();
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    BTreeMap::from([
        ("contacts", id(&contact)),
        ("groups", id(&group)),
        ("tokens", id(&token)),
        ("tickets", ticket),
        ("attachments", file["id"].as_str().unwrap().to_owned()),
        ("key", "incident".to_owned()),
        ("action", "accept".to_owned()),
        ("projects", project.id.to_string()),
        ("units", project.unit.to_string()),
        ("users", user.to_string()),
        ("grant", grants[0]["id"].as_str().unwrap().to_owned()),
    ])
}

#[test]
fn every_operation_has_a_case() {
    let document = serde_json::to_value(App::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |verb| name(verb, path))
        })
        .collect();
    let nobody = ["units", "projects"].map(|key| (key, String::new()));
    let cases: BTreeSet<String> = cases(&BTreeMap::from(nobody))
        .iter()
        .map(|case| name(case.0.as_str(), case.1))
        .collect();
    let missing: Vec<_> = described.difference(&cases).collect();
    assert!(
        missing.is_empty(),
        "without an authorisation case: {missing:?}"
    );
    let gone: Vec<_> = cases.difference(&described).collect();
    assert!(gone.is_empty(), "cases without an operation: {gone:?}");
}

fn name(verb: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1");
    let path = path.split('?').next().unwrap_or(path);
    format!("{} {path}", verb.to_uppercase())
}

#[test]
fn every_operation_refuses_who_lacks_what_it_needs() {
    both(async |app| {
        let world = world(&app).await;
        let anonymous = app.anonymous();
        let stranger = app.user("stranger").await.client().await;
        for case in cases(&world) {
            let Case(method, _, needs, _) = &case;
            let reply = send(&anonymous, &case, &world).await;
            if matches!(needs, Needs::Nothing) {
                assert_ne!(reply.code(), "unauthenticated", "{reply}");
                continue;
            }
            reply.refused(401, "unauthenticated");
            if *method != Method::GET {
                let foreign = stranger.clone().without_header("x-anlan");
                send(&foreign, &case, &world).await.refused(403, "csrf");
            }
            for permissions in needs.too_little() {
                let reply = send(&app.may(&permissions, Scope::All).await, &case, &world).await;
                assert!(is_refusal(&reply), "with {permissions:?} only: {reply}");
            }
            for permissions in needs.enough() {
                let reply = send(&app.may(&permissions, Scope::All).await, &case, &world).await;
                assert!(
                    !is_refusal(&reply) && !reply.status.is_server_error(),
                    "with {permissions:?}: {reply}"
                );
            }
        }
    });
}

fn is_refusal(reply: &Reply) -> bool {
    // A process refuses an actor in its own words; a thing named in the body is refused by its field.
    matches!(reply.status.as_u16(), 401 | 403 | 404)
        || reply.code() == "not_allowed"
        || (reply.code() == "invalid" && reply.json()["errors"][0]["code"] == "no_such")
}

async fn send(client: &Client, case: &Case, world: &BTreeMap<&str, String>) -> Reply {
    let Case(method, template, _, body) = case;
    let first = template.split('/').nth(1).unwrap_or_default();
    let path: Vec<&str> = template
        .split('/')
        .map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                None => part,
                Some("id") => &world[first],
                Some(name) => &world[name],
            }
        })
        .collect();
    let call = client.call(method.clone(), &path.join("/"));
    let call = call.header("if-match", "\"1\"");
    match body {
        Value::Null => call.await,
        Value::String(file) => upload(call, file).await,
        json => call.json(json).await,
    }
}

/// A body that is a text is sent as an uploaded file.
const FILE: &str = "2026-11-22 10:00 connection refused";

fn upload(call: Call, content: &str) -> Call {
    let head =
        "--part\r\ncontent-disposition: form-data; name=\"file\"; filename=\"日志.txt\"\r\n\r\n";
    let body = format!("{head}{content}\r\n--part--\r\n");
    call.body("multipart/form-data; boundary=part", body.into_bytes())
}
