//! Deny by default: every operation of the OpenAPI document has a case that says what it needs.
//!
//! Each room has its cases in a file here: a function that makes one of each of its things
//! ([`World`]) and a function that lists its operations. A new endpoint adds its line; a new room
//! adds its file to [`cases`] and [`world`].

mod channels;
mod monitors;
mod people;
mod projects;
mod reports;
mod service_levels;
mod suppliers;
mod system;
mod tickets;

use std::collections::{BTreeMap, BTreeSet};

use anlan_core::access::{Permission, Scope};
use anlan_server::app::App;
use axum::http::Method;
use serde_json::Value;

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
    /// Being signed in, on something of one's own.
    Mine,
}

impl Needs {
    /// Sets of permissions of which each is just enough.
    fn enough(&self) -> Vec<Vec<Permission>> {
        match self {
            Self::Own(_) | Self::Mine => Vec::new(),
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
            // What the world holds belongs to the administrator: even who may do everything finds nothing.
            Self::Own(permission) => vec![but(permission), Permission::ALL.to_vec()],
            Self::Mine => vec![Vec::new(), Permission::ALL.to_vec()],
        }
    }
}

/// One operation with what it needs, and a body that gets past the reading of it.
struct Case(Method, &'static str, Needs, Value);

fn get(path: &'static str, needs: Needs) -> Case {
    Case(Method::GET, path, needs, Value::Null)
}

fn post(path: &'static str, needs: Needs, body: Value) -> Case {
    Case(Method::POST, path, needs, body)
}

fn put(path: &'static str, needs: Needs, body: Value) -> Case {
    Case(Method::PUT, path, needs, body)
}

fn delete(path: &'static str, needs: Needs) -> Case {
    Case(Method::DELETE, path, needs, Value::Null)
}

/// One of each thing: `{id}` in a path is filled with the one under the path's first word, any
/// other placeholder with the one under its name.
#[derive(Default)]
struct World(BTreeMap<&'static str, String>);

impl World {
    /// Keeps the id of something made, or a key.
    fn add(&mut self, name: &'static str, made: &Value) {
        let id = made
            .get("id")
            .unwrap_or(made)
            .as_str()
            .expect("an id or a text");
        self.0.insert(name, id.to_owned());
    }

    /// The id under this name; nothing in a world that is still empty.
    fn id(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Makes one of each thing.
async fn world(app: &TestApp) -> World {
    let mut world = World::default();
    let admin = app.admin().await;
    projects::make(app, &admin, &mut world).await;
    people::make(app, &admin, &mut world).await;
    tickets::make(&admin, &mut world).await;
    monitors::make(&admin, &mut world).await;
    reports::make(&admin, &mut world).await;
    service_levels::make(&admin, &mut world).await;
    suppliers::make(&admin, &mut world).await;
    system::make(app, &mut world).await;
    channels::make(app, &admin, &mut world).await;
    world
}

/// The table.
fn cases(world: &World) -> Vec<Case> {
    [
        system::cases(),
        people::cases(world),
        projects::cases(world),
        tickets::cases(world),
        monitors::cases(world),
        reports::cases(world),
        service_levels::cases(world),
        suppliers::cases(world),
        channels::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
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
    let cases: BTreeSet<String> = cases(&World::default())
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

async fn send(client: &Client, case: &Case, world: &World) -> Reply {
    let Case(method, template, _, body) = case;
    let (path, query) = template.split_once('?').unwrap_or((template, ""));
    let first = path.split('/').nth(1).unwrap_or_default();
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                None => part,
                Some("id") => world.id(first),
                // One word for the keys of several kinds of definitions.
                Some("key") => world.id(first.trim_end_matches('s')),
                Some(name) => world.id(name),
            }
        })
        .collect();
    let query = query.replace("{project}", world.id("projects"));
    let address = format!("{}?{query}", parts.join("/"));
    let call = client.call(method.clone(), &address);
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
