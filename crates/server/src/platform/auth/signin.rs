//! Signing in and out, and changing one's password.

use axum::http::StatusCode;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use uuid::Uuid;

use super::rows::{password_history, sessions, users};
use super::{digest, password, secret};
use crate::platform::Platform;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::audit::{Actor, Entry};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

/// A fresh session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The cookie's value: it exists here and in the browser only.
    pub secret: String,
    /// The account.
    pub user: users::Model,
}

/// Signs in by login and password.
///
/// # Errors
/// 401 for a wrong pair (the same for an unknown login), 423 while locked, 429 for an address that
/// guesses. Every failure is in the audit log.
pub async fn sign_in(
    platform: &Platform,
    login: &str,
    given: &str,
    ip: &str,
    user_agent: &str,
) -> Result<SignedIn> {
    let now = platform.now();
    if let Some(seconds) = platform.auth.limiter.wait(ip, now) {
        return Err(slowed(seconds));
    }
    // Longer than any login, or with what no database takes in a text: it is cut, and matches nobody.
    let login: String = login
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    let login = login.to_lowercase();
    let user = users::Entity::find()
        .filter(users::Column::Login.eq(&login))
        .one(platform.db.read())
        .await?;
    let user = user.filter(|user| user.active);
    if let Some(until) = user.as_ref().and_then(|user| locked_now(user, now)) {
        platform.auth.limiter.failed(ip, now);
        platform
            .db
            .audit(
                Entry::new(&Actor::nobody(&login, ip), "session.create")
                    .on("user", &login, &login)
                    .failed()
                    .detail("locked"),
            )
            .await?;
        return Err(locked(until));
    }
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let good = given.len() <= password::MAX_LENGTH * 4 && password::verify(given, hash).await?;
    match user {
        Some(user) if good => open_session(platform, user, ip, user_agent).await,
        user => {
            platform.auth.limiter.failed(ip, now);
            refuse(platform, user.map(|user| user.id), &login, ip).await
        }
    }
}

fn bad_credentials() -> Error {
    Error::coded(StatusCode::UNAUTHORIZED, "bad_credentials")
}

/// The answer to an address that guesses.
fn slowed(seconds: i64) -> Error {
    Error::coded(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts").with("retry_after", seconds)
}

fn locked(until: At) -> Error {
    Error::coded(StatusCode::LOCKED, "locked").with("until", until)
}

/// Counts the failure, locks after too many, and answers alike whatever was wrong.
async fn refuse(
    platform: &Platform,
    user: Option<Uuid>,
    login: &str,
    ip: &str,
) -> Result<SignedIn> {
    let entry = Entry::new(&Actor::nobody(login, ip), "session.create")
        .on("user", login, login)
        .failed();
    let policy = platform.auth.policy();
    let lock = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                let Some(id) = user else { return Ok(None) };
                let found = users::Entity::find_by_id(id).lock_exclusive();
                let Some(user) = found.one(&tx.db).await? else {
                    return Ok(None);
                };
                // Others failed while this one was being checked.
                if let Some(until) = locked_now(&user, tx.now) {
                    return Ok(Some(until));
                }
                let failed = user.failed_attempts.saturating_add(1);
                let mut row = user.into_active_model();
                let until =
                    (failed >= policy.login_failures).then(|| tx.now.plus_seconds(policy.lock()));
                row.failed_attempts = Set(if until.is_some() { 0 } else { failed });
                row.locked_until = Set(until);
                row.update(&tx.db).await?;
                Ok(until)
            })
        })
        .await?;
    Err(lock.map_or_else(bad_credentials, locked))
}

fn locked_now(user: &users::Model, now: At) -> Option<At> {
    user.locked_until.filter(|until| now < *until)
}

async fn open_session(
    platform: &Platform,
    user: users::Model,
    ip: &str,
    user_agent: &str,
) -> Result<SignedIn> {
    let secret = secret();
    let absolute = platform.auth.policy().absolute();
    let (hash, ip, agent) = (
        digest(&secret),
        ip.to_owned(),
        user_agent.chars().take(200).collect::<String>(),
    );
    let user = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                // While the password was being checked the account may have been locked or made
                // inactive, or been given another password.
                let found = users::Entity::find_by_id(user.id).lock_exclusive();
                let same =
                    |now: &users::Model| now.active && now.password_hash == user.password_hash;
                let user = found
                    .one(&tx.db)
                    .await?
                    .filter(same)
                    .ok_or_else(bad_credentials)?;
                if let Some(until) = locked_now(&user, tx.now) {
                    return Err(locked(until));
                }
                let actor = Actor {
                    kind: "user",
                    id: Some(user.id),
                    name: user.name.clone(),
                    ip: ip.clone(),
                };
                tx.audit(Entry::new(&actor, "session.create").on("user", user.id, &user.login));
                let session = sessions::ActiveModel {
                    token_hash: Set(hash),
                    user_id: Set(user.id),
                    created_at: Set(tx.now),
                    last_seen_at: Set(tx.now),
                    expires_at: Set(tx.now.plus_seconds(absolute)),
                    ip: Set(ip),
                    user_agent: Set(agent),
                };
                session.insert(&tx.db).await?;
                sessions::Entity::delete_many()
                    .filter(sessions::Column::ExpiresAt.lt(tx.now))
                    .exec(&tx.db)
                    .await?;
                let mut row = user.into_active_model();
                row.failed_attempts = Set(0);
                row.locked_until = Set(None);
                row.last_login_at = Set(Some(tx.now));
                Ok(row.update(&tx.db).await?)
            })
        })
        .await?;
    Ok(SignedIn { secret, user })
}

/// Ends the caller's session.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(platform: &Platform, caller: &Caller) -> Result<()> {
    let Some(hash) = caller.session.clone() else {
        return Ok(());
    };
    let entry = caller
        .entry("session.delete")
        .on("user", caller.user.id, &caller.user.login);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                sessions::Entity::delete_by_id(hash).exec(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    platform.auth.forget();
    Ok(())
}

/// Changes the caller's own password; all other sessions of the account end.
///
/// # Errors
/// When the old one is wrong or the new one breaks a rule.
pub async fn change_password(
    platform: &Platform,
    caller: &Caller,
    old: &str,
    new: &str,
) -> Result<()> {
    let (ip, now) = (&caller.actor.ip, platform.now());
    if let Some(seconds) = platform.auth.limiter.wait(ip, now) {
        return Err(slowed(seconds));
    }
    if !password::verify(old, caller.user.password_hash.as_deref()).await? {
        platform.auth.limiter.failed(ip, now);
        platform
            .db
            .audit(
                caller
                    .entry("password.change")
                    .on("user", caller.user.id, &caller.user.login)
                    .failed(),
            )
            .await?;
        return Err(Error::field("old", "wrong_password"));
    }
    password::check("new", new, &caller.user.login)?;
    let earlier = password_history::Entity::find()
        .filter(password_history::Column::UserId.eq(caller.user.id))
        .order_by_desc(password_history::Column::CreatedAt)
        .limit(password::HISTORY)
        .all(platform.db.read())
        .await?;
    let hashes = earlier
        .iter()
        .map(|row| row.password_hash.as_str())
        .chain(caller.user.password_hash.as_deref());
    for hash in hashes {
        if password::verify(new, Some(hash)).await? {
            return Err(Error::field("new", "password_used_before"));
        }
    }
    let hash = password::hash(new).await?;
    let (id, keep, entry) = (
        caller.user.id,
        caller.session.clone(),
        caller
            .entry("password.change")
            .on("user", caller.user.id, &caller.user.login),
    );
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.audit(entry);
                store_password(tx, id, hash, false).await?;
                let mut others =
                    sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(id));
                if let Some(keep) = keep {
                    others = others.filter(sessions::Column::TokenHash.ne(keep));
                }
                others.exec(&tx.db).await?;
                Ok(())
            })
        })
        .await?;
    platform.auth.forget();
    Ok(())
}

/// Stores a new password hash and keeps it in the history.
///
/// # Errors
/// When the store fails.
pub async fn store_password(tx: &Tx, user: Uuid, hash: String, must_change: bool) -> Result<()> {
    let kept = password_history::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        password_hash: Set(hash.clone()),
        created_at: Set(tx.now),
    };
    kept.insert(&tx.db).await?;
    let change = users::ActiveModel {
        password_hash: Set(Some(hash)),
        password_changed_at: Set(tx.now),
        must_change_password: Set(must_change),
        failed_attempts: Set(0),
        locked_until: Set(None),
        ..Default::default()
    };
    users::Entity::update_many()
        .set(change)
        .filter(users::Column::Id.eq(user))
        .exec(&tx.db)
        .await?;
    Ok(())
}
