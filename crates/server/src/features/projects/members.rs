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
use crate::platform::i18n::Lang;

/// Somebody with a role on the project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// The account.
    pub id: Uuid,
    /// What is typed to sign in.
    pub login: String,
    /// Name.
    pub name: String,
    /// Telephone number; empty when unknown.
    pub phone: String,
    /// Mail address; empty when unknown.
    pub email: String,
    /// Roles on the project.
    pub roles: Vec<MemberRole>,
}

/// A role of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberRole {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
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
    Ok(Json(of(&app, caller.lang, id).await?))
}

/// People in use with a role on a project, by login.
///
/// # Errors
/// When the store fails.
pub async fn of(app: &App, lang: Lang, project: Uuid) -> Result<Vec<Member>> {
    let db = app.db.read();
    let held: Vec<(Uuid, String)> = grants::Entity::find()
        .select_only()
        .columns([grants::Column::UserId, grants::Column::Role])
        .filter(grants::Column::Scope.eq("project"))
        .filter(grants::Column::ScopeId.eq(project))
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
            .map(|role| lang.pick(&role.name, &role.name_en).to_owned());
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
    Ok(people.into_iter().map(member).collect())
}
