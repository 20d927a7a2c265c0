//! Whose people and units one may see or set up, as conditions of a query.

use anlan_core::access::{Permission, Visibility};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rows::units;
use crate::features::projects;
use crate::platform::access::Caller;
use crate::platform::auth::rows::{grants, users};
use crate::platform::error::Result;

/// Never true: where an "any" of conditions begins.
fn never() -> Condition {
    Condition::any().add(Expr::val(1).eq(Expr::val(0)))
}

/// Units on which the caller holds the permission: those granted, and of each project granted the
/// customer's unit with all that stands below it.
pub fn units(caller: &Caller, permission: Permission) -> Condition {
    let Visibility::Some {
        projects, units, ..
    } = caller.access.visible(permission)
    else {
        return Condition::all();
    };
    let mut any = never();
    if !units.is_empty() {
        any = any.add(units::Column::Id.is_in(units));
    }
    if !projects.is_empty() {
        let below = below(projects::customers(projects));
        any = any.add(units::Column::Id.in_subquery(below));
    }
    any
}

/// Ids of the units of `roots` and all below them.
fn below(roots: SelectStatement) -> SelectStatement {
    let (unit, root) = (Alias::new("unit"), Alias::new("root"));
    Query::select()
        .column((unit.clone(), units::Column::Id))
        .from_as(units::Entity, unit)
        .join_as(
            JoinType::InnerJoin,
            units::Entity,
            root.clone(),
            Expr::cust("unit.path LIKE root.path || '%'"),
        )
        .and_where(Expr::col((root, units::Column::Id)).in_subquery(roots))
        .to_owned()
}

/// Rows whose `column` names a unit on which the caller holds the permission.
pub fn of_units(caller: &Caller, permission: Permission, column: impl ColumnTrait) -> Condition {
    if caller.access.can_everywhere(permission) {
        return Condition::all();
    }
    let ids = Query::select()
        .column((units::Entity, units::Column::Id))
        .from(units::Entity)
        .cond_where(units(caller, permission))
        .to_owned();
    Condition::all().add(column.in_subquery(ids))
}

/// Accounts the caller may see: of units granted, of the members of projects granted, or his own.
pub fn seen_users(caller: &Caller) -> Condition {
    let Visibility::Some {
        projects,
        units,
        own,
    } = caller.access.visible(Permission::PeopleRead)
    else {
        return Condition::all();
    };
    let mut any = never();
    if own {
        any = any.add(users::Column::Id.eq(caller.user.id));
    }
    if !units.is_empty() {
        any = any.add(users::Column::UnitId.is_in(units));
    }
    if !projects.is_empty() {
        any = any.add(users::Column::Id.in_subquery(members(projects)));
    }
    any
}

/// Accounts the caller may set up: an account belongs to no project, only to a unit or to nobody.
pub fn managed_users(caller: &Caller) -> Condition {
    match caller.access.visible(Permission::PeopleManage) {
        Visibility::All => Condition::all(),
        Visibility::Some { units, .. } if !units.is_empty() => {
            Condition::all().add(users::Column::UnitId.is_in(units))
        }
        Visibility::Some { .. } => never(),
    }
}

fn members(projects: impl IntoIterator<Item = Uuid>) -> SelectStatement {
    Query::select()
        .column(grants::Column::UserId)
        .from(grants::Entity)
        .and_where(grants::Column::Scope.eq("project"))
        .and_where(grants::Column::ScopeId.is_in(projects))
        .to_owned()
}

/// Whether the condition holds for the row with that id.
pub async fn holds<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    id: Uuid,
    condition: Condition,
) -> Result<bool> {
    let found: Option<Uuid> = E::find()
        .select_only()
        .column(column)
        .filter(column.eq(id))
        .filter(condition)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}
