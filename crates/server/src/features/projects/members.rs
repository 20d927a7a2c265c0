//! Who works in a project: everybody with a role on it.

use std::collections::BTreeMap;

use anlan_core::access::Permission;
use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::place;
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::auth::rows::{grants, users};
use crate::platform::error::{Problem, Result};
use crate::platform::http::{Json, Path};

/// Somebody with a role on the project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    id: Uuid,
    login: String,
    name: String,
    phone: String,
    email: String,
    roles: Vec<MemberRole>,
}

/// A role of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberRole {
    key: String,
    name: String,
}

/// People in use with a role on this project, by login.
#[utoipa::path(get, path = "/projects/{id}/members", tag = "projects", params(("id" = Uuid, Path)), responses((status = 200, body = [Member]), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Member>>> {
    caller.require(Permission::ProjectRead)?;
    let db = app.db.read();
    caller.require_at(
        Permission::ProjectRead,
        Permission::ProjectRead,
        place(db, id).await?,
    )?;
    let held: Vec<(Uuid, String)> = grants::Entity::find()
        .select_only()
        .columns([grants::Column::UserId, grants::Column::Role])
        .filter(grants::Column::Scope.eq("project"))
        .filter(grants::Column::ScopeId.eq(id))
        .order_by_asc(grants::Column::Role)
        .into_tuple()
        .all(db)
        .await?;
    let mut roles: BTreeMap<Uuid, Vec<MemberRole>> = BTreeMap::new();
    for (user, key) in held {
        let name = app
            .definitions
            .roles
            .get(&key)
            .map(|role| caller.lang.pick(&role.name, &role.name_en).to_owned());
        let name = name.unwrap_or_else(|| key.clone());
        roles
            .entry(user)
            .or_default()
            .push(MemberRole { key, name });
    }
    let people = users::Entity::find()
        .filter(users::Column::Id.is_in(roles.keys().copied()))
        .filter(users::Column::Active.eq(true))
        .order_by_asc(users::Column::Login)
        .all(db)
        .await?;
    let member = |user: users::Model| Member {
        roles: roles.remove(&user.id).unwrap_or_default(),
        id: user.id,
        login: user.login,
        name: user.name,
        phone: user.phone,
        email: user.email,
    };
    Ok(Json(people.into_iter().map(member).collect()))
}
