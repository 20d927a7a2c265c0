//! The caller of a request: who, with which access, from where, in which language.

use std::collections::BTreeSet;
use std::ops::Deref;

use anlan_core::access::{Access, Grant, Permission, Place, Scope, Visibility};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoColumnRef, SimpleExpr};
use uuid::Uuid;

use super::Platform;
use super::audit::{Actor, Entry};
use super::auth::{self, rows::grants, rows::users};
use super::error::{Error, Result};
use super::http::{Asker, ClientIp};
use super::i18n::Lang;

/// Somebody signed in, by session or token. As an extractor it refuses everybody else.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub user: users::Model,
    /// What it may do.
    pub access: Access,
    /// As the audit log writes it.
    pub actor: Actor,
    /// Language of answers.
    pub lang: Lang,
    /// The hash of the session's cookie; none for a token.
    pub session: Option<String>,
}

impl Caller {
    /// Refuses unless the caller holds the permission somewhere.
    ///
    /// # Errors
    /// 403.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.access.can_somewhere(permission) {
            Ok(())
        } else {
            Err(self.refused(permission))
        }
    }

    /// Refuses unless the caller holds the permission everywhere (what belongs to no project).
    ///
    /// # Errors
    /// 403.
    pub fn require_everywhere(&self, permission: Permission) -> Result<()> {
        if self.access.can_everywhere(permission) {
            Ok(())
        } else {
            Err(self.refused(permission))
        }
    }

    /// Refuses unless the caller holds the permission there. Who may not even see the thing is
    /// told that it does not exist.
    ///
    /// # Errors
    /// 404 without `see`, 403 without `permission`.
    pub fn require_at(&self, see: Permission, permission: Permission, place: Place) -> Result<()> {
        if !self.access.can(see, place) {
            Err(Error::not_found())
        } else if self.access.can(permission, place) {
            Ok(())
        } else {
            Err(self.refused(permission))
        }
    }

    /// The refusal for want of a permission.
    #[must_use]
    pub fn refused(&self, permission: Permission) -> Error {
        Error::forbidden().with("permission", permission)
    }

    /// An entry for the audit log by this caller.
    #[must_use]
    pub fn entry(&self, action: impl Into<String>) -> Entry {
        Entry::new(&self.actor, action)
    }
}

/// The scope of a grant; nothing when its columns do not fit together.
#[must_use]
pub fn scope_of(row: &grants::Model) -> Option<Scope> {
    match (row.scope.as_str(), row.scope_id) {
        ("all", _) => Some(Scope::All),
        ("project", Some(id)) => Some(Scope::Project(id)),
        ("unit", Some(id)) => Some(Scope::Unit(id)),
        ("own", _) => Some(Scope::Own),
        _ => None,
    }
}

/// Turns grants into access.
#[must_use]
pub fn access_of(platform: &Platform, grants: &[grants::Model]) -> Access {
    let grants = grants
        .iter()
        .filter_map(|row| {
            Some(Grant {
                role: row.role.clone(),
                scope: scope_of(row)?,
            })
        })
        .collect();
    Access::new(&platform.definitions.roles, grants)
}

/// The condition that keeps a query to what may be seen. `own` is the condition for one's own rows;
/// a table without units or owners passes none.
pub fn visible(
    visibility: &Visibility,
    project: impl IntoColumnRef,
    unit: Option<sea_orm::sea_query::ColumnRef>,
    own: Option<SimpleExpr>,
) -> Condition {
    match visibility {
        Visibility::All => Condition::all(),
        Visibility::Some {
            projects,
            units,
            own: may_own,
        } => {
            let ids = |set: &BTreeSet<Uuid>| set.iter().copied().collect::<Vec<_>>();
            // An empty "any" would be true: begin with what is never true.
            let mut any = Condition::any().add(Expr::val(1).eq(Expr::val(0)));
            if !projects.is_empty() {
                any = any.add(Expr::col(project).is_in(ids(projects)));
            }
            if let (Some(unit), false) = (unit, units.is_empty()) {
                any = any.add(Expr::col(unit).is_in(ids(units)));
            }
            if let (Some(own), true) = (own, *may_own) {
                any = any.add(own);
            }
            any
        }
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Deref<Target = Platform> + Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let platform: &Platform = state;
        let ClientIp(ip) = ClientIp::of(parts);
        let asker = parts.extensions.get::<Asker>().cloned().unwrap_or_default();
        let lang = super::http::language(&parts.headers);
        if let Some(token) = auth::bearer(&parts.headers) {
            let (user, access) = platform.auth.by_token(platform, token).await?;
            let actor = Actor {
                kind: "token",
                id: Some(user.id),
                name: user.name.clone(),
                ip,
            };
            asker.is(&actor);
            return Ok(Self {
                user,
                access,
                actor,
                lang,
                session: None,
            });
        }
        let cookie = auth::cookie(&parts.headers).ok_or_else(Error::unauthenticated)?;
        // A form on another site cannot set a header: this is the proof that our own page asks.
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        if !reads && !parts.headers.contains_key("x-anlan") {
            return Err(Error::coded(StatusCode::FORBIDDEN, "csrf"));
        }
        let hash = auth::digest(cookie);
        let (user, access) = platform.auth.by_session(platform, &hash).await?;
        let actor = Actor {
            kind: "user",
            id: Some(user.id),
            name: user.name.clone(),
            ip,
        };
        asker.is(&actor);
        if platform.auth.must_change(&user, platform.now())
            && !auth::allowed_before_change(parts.uri.path())
        {
            return Err(Error::coded(
                StatusCode::FORBIDDEN,
                "password_change_required",
            ));
        }
        Ok(Self {
            user,
            access,
            actor,
            lang,
            session: Some(hash),
        })
    }
}
