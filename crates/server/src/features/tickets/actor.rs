//! Who acts on a ticket: a person, a program, the system itself, a monitor, or an import.

use std::collections::BTreeSet;
use std::sync::Arc;

use anlan_core::access::{Access, Permission, Place};
use anlan_core::process::{self, ActorKind};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rows::tickets;
use crate::features::people::rows::{group_members, groups};
use crate::platform::access::Caller;
use crate::platform::audit;
use crate::platform::auth::rows::users;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

/// Who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    kind: ActorKind,
    /// As audit log and timeline write it.
    pub record: audit::Actor,
    /// Nothing for the system and imports, which see everything.
    access: Option<Access>,
}

/// An actor as seen from one ticket.
pub struct Standing {
    kind: ActorKind,
    user: Option<Uuid>,
    permissions: BTreeSet<Permission>,
    roles: BTreeSet<String>,
    group_member: bool,
    group_leader: bool,
    reporter: bool,
}

impl Actor {
    /// The caller of a request.
    #[must_use]
    pub fn caller(caller: &Caller) -> Self {
        let kind = if caller.session.is_some() {
            ActorKind::User
        } else {
            ActorKind::Token
        };
        Self {
            kind,
            record: caller.actor.clone(),
            access: Some(caller.access.clone()),
        }
    }

    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            record: audit::Actor::system(),
            access: None,
        }
    }

    /// A monitor of ours, by its name.
    #[must_use]
    pub fn monitor(name: &str) -> Self {
        let record = audit::Actor {
            kind: "monitor",
            name: name.to_owned(),
            ..audit::Actor::system()
        };
        Self {
            kind: ActorKind::System,
            record,
            access: None,
        }
    }

    /// An import of history; `name` is who did it there.
    #[must_use]
    pub fn import(name: &str) -> Self {
        let record = audit::Actor {
            kind: "import",
            name: name.to_owned(),
            ..audit::Actor::system()
        };
        Self {
            kind: ActorKind::Import,
            record,
            access: None,
        }
    }

    /// The account that did it there, when it is known here.
    #[must_use]
    pub fn known_as(mut self, account: Option<Uuid>) -> Self {
        self.record.id = account;
        self
    }

    /// Somebody with an account, without a request.
    #[must_use]
    pub fn account(user: &users::Model, access: Access) -> Self {
        let record = audit::Actor {
            kind: "user",
            id: Some(user.id),
            name: user.name.clone(),
            ip: String::new(),
        };
        Self {
            kind: ActorKind::User,
            record,
            access: Some(access),
        }
    }

    /// Whether it enters history that happened elsewhere.
    #[must_use]
    pub fn imports(&self) -> bool {
        self.kind == ActorKind::Import
    }

    /// The account, when it is one.
    #[must_use]
    pub const fn user(&self) -> Option<Uuid> {
        self.record.id
    }

    /// Refuses what the actor may not see or not do there.
    ///
    /// # Errors
    /// 404 or 403.
    pub fn require(&self, permission: Permission, place: Place) -> Result<()> {
        match &self.access {
            None => Ok(()),
            Some(access) if access.can(permission, place) => Ok(()),
            Some(access) if access.can(Permission::TicketRead, place) => {
                Err(Error::forbidden().with("permission", permission))
            }
            Some(_) => Err(Error::not_found()),
        }
    }

    /// Whether it may register tickets for its own customer only, not for everybody of the project.
    #[must_use]
    pub fn registers_own_only(&self, project: Uuid) -> bool {
        let whole = Place::project(project);
        self.access
            .as_ref()
            .is_some_and(|access| !access.can(Permission::TicketCreate, whole))
    }

    /// The actor before a ticket exists: what counts is the project and unit it will belong to.
    #[must_use]
    pub fn at(&self, place: Place) -> Standing {
        let (permissions, roles) = match &self.access {
            None => (Permission::ALL.iter().copied().collect(), BTreeSet::new()),
            Some(access) => (
                Permission::ALL
                    .iter()
                    .copied()
                    .filter(|p| access.can(*p, place))
                    .collect(),
                access.roles(place),
            ),
        };
        Standing {
            kind: self.kind,
            user: self.record.id,
            permissions,
            roles,
            group_member: false,
            group_leader: false,
            reporter: place.own,
        }
    }

    /// The actor as seen from a ticket.
    ///
    /// # Errors
    /// 404 when he may not see it, or the store fails.
    pub async fn on(&self, db: &impl ConnectionTrait, ticket: &tickets::Model) -> Result<Standing> {
        let place = self.place(ticket);
        self.require(Permission::TicketRead, place)?;
        let mut standing = self.at(place);
        if let (Some(group), Some(user), Some(_)) = (ticket.group_id, self.user(), &self.access) {
            let member = group_members::Entity::find()
                .filter(group_members::Column::GroupId.eq(group))
                .filter(group_members::Column::UserId.eq(user))
                .one(db)
                .await?;
            standing.group_member = member.is_some();
            standing.group_leader = groups::Entity::find_by_id(group)
                .one(db)
                .await?
                .is_some_and(|group| group.leader_id == Some(user));
        }
        Ok(standing)
    }

    /// Where a ticket stands for this actor.
    #[must_use]
    pub fn place(&self, ticket: &tickets::Model) -> Place {
        let own = self.user().is_some() && ticket.created_by == self.user();
        Place {
            project: Some(ticket.project_id),
            unit: ticket.unit_id,
            own,
        }
    }
}

impl Standing {
    /// As the process engine takes it.
    #[must_use]
    pub const fn actor(&self) -> process::Actor<'_> {
        process::Actor {
            kind: self.kind,
            user: self.user,
            permissions: &self.permissions,
            roles: &self.roles,
            group_member: self.group_member,
            group_leader: self.group_leader,
            reporter: self.reporter,
        }
    }
}

/// The people who hold one of these roles on a project and have not left.
///
/// # Errors
/// When the store fails.
pub async fn holders(tx: &Tx, project: Uuid, roles: &[&str]) -> Result<Arc<BTreeSet<Uuid>>> {
    tx.once(
        format!("{project} {roles:?}"),
        holders_now(&tx.db, project, roles),
    )
    .await
}

async fn holders_now(
    db: &impl ConnectionTrait,
    project: Uuid,
    roles: &[&str],
) -> Result<BTreeSet<Uuid>> {
    use crate::platform::auth::rows::grants;
    let scope = Condition::any()
        .add(grants::Column::Scope.eq("all"))
        .add(grants::Column::ScopeId.eq(project));
    let found = grants::of_active()
        .filter(grants::Column::Role.is_in(roles.iter().copied()))
        .filter(scope)
        .all(db)
        .await?;
    Ok(found.into_iter().map(|grant| grant.user_id).collect())
}

/// The people a process or ladder names, as accounts: `assignee`, `group_member`, `group_leader`,
/// `reporter`, `role:<key>` or a bare role key. Who has left is none of them. One query per kind of word.
///
/// # Errors
/// When the store fails.
pub async fn people(tx: &Tx, ticket: &tickets::Model, words: &[&str]) -> Result<BTreeSet<Uuid>> {
    let mut named = BTreeSet::new();
    let mut roles = Vec::new();
    for word in words {
        match *word {
            "assignee" if ticket.assignee_id.is_some() => named.extend(ticket.assignee_id),
            "reporter" => named.extend(ticket.created_by),
            // A job given to a group is every member's until one takes it.
            "assignee" | "group_leader" | "group_member" => {
                let Some(group) = ticket.group_id else {
                    continue;
                };
                let leader = groups::Entity::find_by_id(group)
                    .one(&tx.db)
                    .await?
                    .and_then(|group| group.leader_id);
                named.extend(leader);
                if *word != "group_leader" || leader.is_none() {
                    let members = group_members::Entity::find()
                        .filter(group_members::Column::GroupId.eq(group))
                        .all(&tx.db)
                        .await?;
                    named.extend(members.into_iter().map(|member| member.user_id));
                }
            }
            role => roles.push(role.strip_prefix("role:").unwrap_or(role)),
        }
    }
    let mut people = active(&tx.db, named).await?;
    if !roles.is_empty() {
        people.extend(holders(tx, ticket.project_id, &roles).await?.iter());
    }
    Ok(people)
}

/// Those whose account is active.
async fn active(db: &impl ConnectionTrait, people: BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>> {
    if people.is_empty() {
        return Ok(people);
    }
    let found = users::Entity::find()
        .filter(users::Column::Id.is_in(people))
        .filter(users::Column::Active.eq(true))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|user| user.id).collect())
}
