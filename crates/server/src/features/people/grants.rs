//! Roles given to people, and the rules of giving: nobody gives more than he holds, nobody gives to
//! himself, and somebody who may give always remains.

use std::collections::HashMap;

use anlan_core::access::{Access, Permission, Place, Role, Scope, Visibility};
use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::users::seen;
use crate::app::App;
use crate::platform::access::{Caller, scope_of};
use crate::platform::at::At;
use crate::platform::auth::rows::{grants, users};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{Json, Path};
use crate::platform::names::{self, Table};

/// A role of the library.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleInfo {
    key: String,
    name: String,
    description: String,
    /// The scope it is usually given on.
    usual_scope: ScopeName,
    permissions: Vec<String>,
}

/// Kinds of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeName {
    /// Everything.
    All,
    /// One project.
    Project,
    /// One customer unit.
    Unit,
    /// What oneself has reported.
    Own,
}

/// Where a role is to hold.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeFields {
    kind: ScopeName,
    /// The project or unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
}

/// A role to be given.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantFields {
    role: String,
    scope: ScopeFields,
}

/// A role given.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantInfo {
    id: Uuid,
    role: String,
    role_name: String,
    scope: ScopeInfo,
    created_at: At,
}

/// Where a role holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopeInfo {
    kind: String,
    id: Option<Uuid>,
    /// Name of the project or unit.
    name: Option<String>,
}

/// The role library.
#[utoipa::path(get, path = "/roles", tag = "people", responses((status = 200, body = [RoleInfo]), (status = 403, body = Problem)))]
pub async fn roles(State(app): State<App>, caller: Caller) -> Result<Json<Vec<RoleInfo>>> {
    caller.require(Permission::PeopleRead)?;
    let info = |role: &Role| RoleInfo {
        key: role.key.clone(),
        name: caller.lang.pick(&role.name, &role.name_en).to_owned(),
        description: role.description.clone(),
        usual_scope: role.usual_scope.into(),
        permissions: role.permissions.iter().map(ToString::to_string).collect(),
    };
    Ok(Json(app.definitions.roles.roles.iter().map(info).collect()))
}

/// Roles given to one person, as far as the caller may know of their projects and units.
#[utoipa::path(get, path = "/users/{id}/grants", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = [GrantInfo]), (status = 404, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<GrantInfo>>> {
    caller.require(Permission::PeopleRead)?;
    let db = app.db.read();
    seen(db, &caller, id).await?;
    let rows = grants::Entity::find()
        .filter(grants::Column::UserId.eq(id))
        .filter(known(&caller))
        .order_by_asc(grants::Column::CreatedAt)
        .order_by_asc(grants::Column::Id)
        .all(db)
        .await?;
    Ok(Json(infos(&app, &caller, rows).await?))
}

/// Gives a role.
#[utoipa::path(post, path = "/users/{id}/grants", tag = "people", params(("id" = Uuid, Path)), request_body = GrantFields,
    responses((status = 201, body = GrantInfo), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(fields): Json<GrantFields>,
) -> Result<(StatusCode, Json<GrantInfo>)> {
    caller.require(Permission::AccessManage)?;
    seen(app.db.read(), &caller, id).await?;
    let scope = fields.scope.read()?;
    may_give(&app, &caller, &fields.role, scope)?;
    if id == caller.user.id {
        return Err(Error::conflict("not_oneself"));
    }
    let actor = caller.clone();
    let row = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let user = users::Entity::find_by_id(id)
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                there(tx, scope).await?;
                let (kind, scope_id) = columns(scope);
                let same = grants::Entity::find()
                    .filter(grants::Column::UserId.eq(id))
                    .filter(grants::Column::Role.eq(&fields.role))
                    .filter(grants::Column::Scope.eq(kind))
                    .filter(match scope_id {
                        Some(id) => grants::Column::ScopeId.eq(id),
                        None => grants::Column::ScopeId.is_null(),
                    });
                if same.count(&tx.db).await? > 0 {
                    return Err(Error::field("role", "already_given"));
                }
                tx.audit(
                    actor
                        .entry("grant.create")
                        .on("user", id, user.login)
                        .detail(&fields),
                );
                let row = grants::Model {
                    id: Uuid::now_v7(),
                    user_id: id,
                    role: fields.role,
                    scope: kind.to_owned(),
                    scope_id,
                    created_at: tx.now,
                    created_by: Some(actor.user.id),
                };
                Ok(row.into_active_model().reset_all().insert(&tx.db).await?)
            })
        })
        .await?;
    app.auth.forget();
    let info = infos(&app, &caller, vec![row])
        .await?
        .pop()
        .ok_or_else(Error::not_found)?;
    Ok((StatusCode::CREATED, Json(info)))
}

/// Takes a role away.
#[utoipa::path(delete, path = "/users/{id}/grants/{grant}", tag = "people", params(("id" = Uuid, Path), ("grant" = Uuid, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((id, grant)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    caller.require(Permission::AccessManage)?;
    let user = seen(app.db.read(), &caller, id).await?;
    let admins = administrator_roles(&app);
    let platform = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = grants::Entity::find_by_id(grant)
                    .filter(grants::Column::UserId.eq(id))
                    .filter(known(&caller))
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                let scope = scope_of(&row).unwrap_or(Scope::All);
                may_give(&platform, &caller, &row.role, scope)?;
                let detail = serde_json::json!({ "role": row.role, "scope": { "kind": row.scope, "id": row.scope_id } });
                tx.audit(caller.entry("grant.delete").on("user", id, user.login).detail(detail));
                grants::Entity::delete_by_id(grant).exec(&tx.db).await?;
                keep_an_administrator(tx, &admins).await
            })
        })
        .await?;
    app.auth.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Grants the caller may know of: on projects and units he may not see he learns nothing.
fn known(caller: &Caller) -> Condition {
    let seen = |permission, kind: &str| match caller.access.visible(permission) {
        Visibility::All => Condition::all().add(grants::Column::Scope.eq(kind)),
        Visibility::Some {
            projects, units, ..
        } => {
            let ids = if kind == "project" { projects } else { units };
            Condition::all()
                .add(grants::Column::Scope.eq(kind))
                .add(grants::Column::ScopeId.is_in(ids))
        }
    };
    Condition::any()
        .add(grants::Column::ScopeId.is_null())
        .add(seen(Permission::PeopleRead, "project"))
        .add(seen(Permission::PeopleRead, "unit"))
}

/// Refuses a role the caller may not give there.
fn may_give(app: &App, caller: &Caller, role: &str, scope: Scope) -> Result<()> {
    let access = &caller.access;
    if !holds(access, Permission::AccessManage, scope) {
        return Err(caller.refused(Permission::AccessManage));
    }
    let role = app.definitions.roles.get(role);
    if access.can_everywhere(Permission::AccessManage) {
        // A role that is no longer in the library can still be taken away.
        return role
            .map(drop)
            .ok_or_else(|| Error::field("role", "no_such"));
    }
    let role = role.ok_or_else(|| Error::field("role", "no_such"))?;
    match role
        .permissions
        .iter()
        .find(|permission| !holds(access, **permission, scope))
    {
        Some(missing) => Err(caller.refused(*missing)),
        None => Ok(()),
    }
}

/// Whether somebody holds the permission on all of a scope. "Own" is no place of its own: for it the
/// permission must be held on one's own things or everywhere.
fn holds(access: &Access, permission: Permission, scope: Scope) -> bool {
    match scope {
        Scope::All => access.can_everywhere(permission),
        Scope::Project(id) => access.can(permission, Place::project(id)),
        Scope::Unit(id) => access.can(
            permission,
            Place {
                unit: Some(id),
                ..Place::default()
            },
        ),
        Scope::Own => access.can(
            permission,
            Place {
                own: true,
                ..Place::default()
            },
        ),
    }
}

/// Refuses when the account `user` may do anything the caller may not.
pub async fn within_own(app: &App, tx: &Tx, caller: &Caller, user: Uuid) -> Result<()> {
    let rows = grants::Entity::find()
        .filter(grants::Column::UserId.eq(user))
        .all(&tx.db)
        .await?;
    let more = rows.iter().find_map(|row| {
        let scope = scope_of(row)?;
        let role = app.definitions.roles.get(&row.role)?;
        role.permissions
            .iter()
            .find(|permission| !holds(&caller.access, **permission, scope))
    });
    match more {
        Some(permission) => Err(caller.refused(*permission)),
        None => Ok(()),
    }
}

/// Roles whose holder may give roles.
pub fn administrator_roles(app: &App) -> Vec<String> {
    let roles = app.definitions.roles.roles.iter();
    roles
        .filter(|role| role.permissions.contains(&Permission::AccessManage))
        .map(|role| role.key.clone())
        .collect()
}

/// Refuses a change after which nobody could give roles any more.
pub async fn keep_an_administrator(tx: &Tx, roles: &[String]) -> Result<()> {
    let grants = || {
        grants::Entity::find()
            .filter(grants::Column::Scope.eq("all"))
            .filter(grants::Column::Role.is_in(roles.iter().map(String::as_str)))
    };
    // Two nodes must not each take away the one that the other leaves: the same rows, locked first.
    grants()
        .order_by_asc(grants::Column::Id)
        .lock_exclusive()
        .all(&tx.db)
        .await?;
    let active = Query::select()
        .column(users::Column::Id)
        .from(users::Entity)
        .and_where(users::Column::Active.eq(true))
        .to_owned();
    let left = grants()
        .filter(grants::Column::UserId.in_subquery(active))
        .count(&tx.db)
        .await?;
    if left > 0 {
        Ok(())
    } else {
        Err(Error::conflict("last_administrator"))
    }
}

/// Refuses a project or unit that does not exist.
async fn there(tx: &Tx, scope: Scope) -> Result<()> {
    let found = match scope {
        Scope::All | Scope::Own => true,
        Scope::Project(id) => !names::projects(&tx.db, [id]).await?.is_empty(),
        Scope::Unit(id) => !names::of(&tx.db, Table::Units, [id]).await?.is_empty(),
    };
    if found {
        Ok(())
    } else {
        Err(Error::field("scope.id", "no_such"))
    }
}

const fn columns(scope: Scope) -> (&'static str, Option<Uuid>) {
    match scope {
        Scope::All => ("all", None),
        Scope::Project(id) => ("project", Some(id)),
        Scope::Unit(id) => ("unit", Some(id)),
        Scope::Own => ("own", None),
    }
}

impl ScopeFields {
    fn read(&self) -> Result<Scope> {
        match (self.kind, self.id) {
            (ScopeName::All, None) => Ok(Scope::All),
            (ScopeName::Own, None) => Ok(Scope::Own),
            (ScopeName::Project, Some(id)) => Ok(Scope::Project(id)),
            (ScopeName::Unit, Some(id)) => Ok(Scope::Unit(id)),
            (_, None) => Err(Error::field("scope.id", "required")),
            (_, Some(_)) => Err(Error::field("scope.id", "not_here")),
        }
    }
}

impl From<anlan_core::access::ScopeKind> for ScopeName {
    fn from(kind: anlan_core::access::ScopeKind) -> Self {
        use anlan_core::access::ScopeKind;
        match kind {
            ScopeKind::All => Self::All,
            ScopeKind::Project => Self::Project,
            ScopeKind::Unit => Self::Unit,
            ScopeKind::Own => Self::Own,
        }
    }
}

async fn infos(app: &App, caller: &Caller, rows: Vec<grants::Model>) -> Result<Vec<GrantInfo>> {
    let names = scope_names(app.db.read(), &rows).await?;
    let info = |row: grants::Model| {
        let role = app.definitions.roles.get(&row.role);
        GrantInfo {
            id: row.id,
            role_name: role.map_or_else(
                || row.role.clone(),
                |role| caller.lang.pick(&role.name, &role.name_en).to_owned(),
            ),
            role: row.role,
            scope: ScopeInfo {
                kind: row.scope,
                id: row.scope_id,
                name: row.scope_id.and_then(|id| names.get(&id).cloned()),
            },
            created_at: row.created_at,
        }
    };
    Ok(rows.into_iter().map(info).collect())
}

async fn scope_names(
    db: &impl ConnectionTrait,
    rows: &[grants::Model],
) -> Result<HashMap<Uuid, String>> {
    let ids = |kind: &str| -> Vec<Uuid> {
        rows.iter()
            .filter(|row| row.scope == kind)
            .filter_map(|row| row.scope_id)
            .collect()
    };
    let projects = names::projects(db, ids("project")).await?;
    let units = names::of(db, Table::Units, ids("unit")).await?;
    let projects = projects.into_iter().map(|(id, project)| (id, project.name));
    Ok(projects
        .chain(units.into_iter().map(|(id, unit)| (id, unit.name)))
        .collect())
}
