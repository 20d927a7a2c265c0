//! Signing in: sessions with idle and absolute end, lockout, API tokens.

pub mod limiter;
pub mod password;
pub mod policy;
pub mod rows;
mod signin;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anlan_core::access::Access;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use super::Platform;
use super::access::access_of;
use super::at::At;
use super::error::{Error, Result};
use limiter::Limiter;
use policy::Policy;
use rows::{grants, sessions, tokens, users};

pub use signin::{SignedIn, change_password, sign_in, sign_out, store_password};

/// Name of the session cookie.
pub const COOKIE_NAME: &str = "anlan_session";
/// What API tokens begin with.
pub const TOKEN_PREFIX: &str = "anl_";
/// Seconds a looked-up caller is remembered: how long a revoked one may linger on another node.
const REMEMBER: i64 = 2;
/// Callers remembered at most.
const REMEMBERED: usize = 10_000;
/// How precisely "last seen" and "last used" are kept: one write a minute and session or token at most.
const SEEN_EVERY: i64 = 60;

type Known = (users::Model, Access);

/// Who is signed in, remembered for a moment so that a burst of requests asks the database once.
#[derive(Default)]
pub struct Auth {
    known: Mutex<HashMap<String, (At, Arc<Known>)>>,
    policy: RwLock<Policy>,
    /// Slows addresses that guess.
    pub limiter: Limiter,
}

impl Auth {
    /// With these rules of signing in.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy: RwLock::new(policy),
            ..Self::default()
        }
    }

    /// The rules of signing in.
    #[must_use]
    pub fn policy(&self) -> Policy {
        *self.policy.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over changed rules.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    /// Whether the password must be changed before anything else: the first one, or one grown old.
    #[must_use]
    pub fn must_change(&self, user: &users::Model, now: At) -> bool {
        user.must_change_password
            || now.seconds_since(user.password_changed_at) >= self.policy().password_age()
    }

    /// Forgets everybody looked up so far: call after any change of people, grants, sessions, tokens.
    pub fn forget(&self) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn recall(&self, key: &str, now: At) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = known.get(key)?;
        ((0..REMEMBER).contains(&now.seconds_since(*at))).then(|| Known::clone(value))
    }

    fn remember(&self, key: String, now: At, value: &Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, (now, Arc::new(value.clone())));
    }

    /// The caller behind a session cookie's hash.
    ///
    /// # Errors
    /// 401 when there is no such session or it has ended.
    pub async fn by_session(&self, platform: &Platform, hash: &str) -> Result<Known> {
        let now = platform.now();
        if let Some(known) = self.recall(hash, now) {
            return Ok(known);
        }
        let db = platform.db.read();
        let session = sessions::Entity::find_by_id(hash)
            .one(db)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        if now >= session.expires_at
            || now.seconds_since(session.last_seen_at) >= self.policy().idle()
        {
            return Err(Error::coded(StatusCode::UNAUTHORIZED, "session_ended"));
        }
        let known = self.known_user(platform, session.user_id).await?;
        if now.seconds_since(session.last_seen_at) >= SEEN_EVERY {
            touch(platform, hash.to_owned()).await?;
        }
        self.remember(hash.to_owned(), now, &known);
        Ok(known)
    }

    /// The caller behind an API token: its owner, with no more than the token's permissions.
    ///
    /// # Errors
    /// 401 when the token is unknown, expired or revoked.
    pub async fn by_token(&self, platform: &Platform, token: &str) -> Result<Known> {
        let now = platform.now();
        let hash = digest(token);
        if let Some(known) = self.recall(&hash, now) {
            return Ok(known);
        }
        let row = tokens::Entity::find()
            .filter(tokens::Column::TokenHash.eq(&hash))
            .one(platform.db.read())
            .await?;
        let row = row
            .filter(|row| row.revoked_at.is_none() && row.expires_at.is_none_or(|end| now < end))
            .ok_or_else(|| Error::coded(StatusCode::UNAUTHORIZED, "bad_token"))?;
        let (user, access) = self.known_user(platform, row.user_id).await?;
        let permissions: BTreeSet<_> = row
            .permissions
            .split_whitespace()
            .filter_map(|name| name.parse().ok())
            .collect();
        if row
            .last_used_at
            .is_none_or(|at| now.seconds_since(at) >= SEEN_EVERY)
        {
            used(platform, row.id).await?;
        }
        let known = (user, access.limited_to(&permissions));
        self.remember(hash, now, &known);
        Ok(known)
    }

    async fn known_user(&self, platform: &Platform, id: uuid::Uuid) -> Result<Known> {
        let db = platform.db.read();
        let user = users::Entity::find_by_id(id)
            .one(db)
            .await?
            .filter(|user| user.active)
            .ok_or_else(Error::unauthenticated)?;
        let grants = grants::Entity::find()
            .filter(grants::Column::UserId.eq(id))
            .all(db)
            .await?;
        let access = access_of(platform, &grants);
        Ok((user, access))
    }
}

async fn touch(platform: &Platform, hash: String) -> Result<()> {
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                sessions::Entity::update_many()
                    .col_expr(
                        sessions::Column::LastSeenAt,
                        sea_orm::sea_query::Expr::value(tx.now.0),
                    )
                    .filter(sessions::Column::TokenHash.eq(hash))
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
}

async fn used(platform: &Platform, token: uuid::Uuid) -> Result<()> {
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                tokens::Entity::update_many()
                    .col_expr(
                        tokens::Column::LastUsedAt,
                        sea_orm::sea_query::Expr::value(tx.now.0),
                    )
                    .filter(tokens::Column::Id.eq(token))
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// A new secret for a cookie or token: 256 random bits.
#[must_use]
pub fn secret() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a secret: its SHA-256. The secret has full entropy, so no salt is needed.
#[must_use]
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// The session cookie of a request.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

/// The API token of a request.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ")?.trim();
    token.starts_with(TOKEN_PREFIX).then_some(token)
}

/// What may be asked for before the password is changed.
#[must_use]
pub fn allowed_before_change(path: &str) -> bool {
    path.ends_with("/session") || path.ends_with("/session/password")
}
