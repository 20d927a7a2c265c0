//! People, units, contacts, groups, tokens.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use serde_json::json;

use super::Needs::{All, Own};
use super::{Case, World, delete, get, post, put};
use crate::support::{Client, TestApp};

pub async fn make(app: &TestApp, admin: &Client, world: &mut World) {
    let (project, unit) = (
        world.id("projects").parse().unwrap(),
        world.id("units").to_owned(),
    );
    let user = app
        .user("world")
        .await
        .role("may.people.read", Scope::Project(project))
        .make()
        .await;
    world.add("users", &json!(user));
    world.add(
        "grant",
        &admin.get(&format!("/users/{user}/grants")).await.ok()[0],
    );
    world.add(
        "contacts",
        &admin
            .post("/contacts", json!({ "unit_id": unit, "name": "李老师" }))
            .await
            .ok(),
    );
    world.add(
        "groups",
        &admin
            .post(
                "/groups",
                json!({ "project_id": project, "name": "一线", "line": 1 }),
            )
            .await
            .ok(),
    );
    world.add(
        "tokens",
        &admin
            .post(
                "/tokens",
                json!({ "name": "脚本", "permissions": ["ticket.read"] }),
            )
            .await
            .ok(),
    );
}

pub fn cases(world: &World) -> Vec<Case> {
    let contact = json!({ "unit_id": world.id("units"), "name": "赵老师" });
    let group = |name: &str| json!({ "project_id": world.id("projects"), "name": name, "line": 2 });
    let grant = json!({ "role": "may.ticket.read", "scope": { "kind": "all" } });
    vec![
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
            json!(null),
        ),
        post(
            "/users/{id}/reset-password",
            All(&[PeopleRead, PeopleManage]),
            json!(null),
        ),
        get("/users/{id}/grants", All(&[PeopleRead])),
        post(
            "/users/{id}/grants",
            All(&[PeopleRead, AccessManage]),
            grant,
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
        delete("/tokens/{id}", Own(TokenManage)),
    ]
}
