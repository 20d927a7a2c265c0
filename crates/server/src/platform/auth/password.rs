//! Passwords: argon2id hashes and the rules a new one must keep (GB/T 22239-2019 8.1.4.1).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::error::{Error, FieldError, Result};

/// Fewest characters of a new password.
pub const MIN_LENGTH: usize = 10;
/// Most characters: hashing must not be a way to burn the processor.
pub const MAX_LENGTH: usize = 128;
/// How many earlier passwords may not come back.
pub const HISTORY: u64 = 5;

/// How many may wait for their turn: a second or two of work.
const WAITING: usize = 64;

/// Where passwords are hashed.
static ROOM: LazyLock<Room> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Room::new(cores, WAITING)
});

/// As many work at a time as there are cores, since each takes a core and 19 MB; some wait; who comes
/// when too many wait is sent away, so that guessing can starve nothing else.
struct Room {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    most: usize,
}

impl Room {
    fn new(turns: usize, most: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            waiting: AtomicUsize::new(0),
            most,
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let turns = || Arc::clone(&self.turns);
        if let Ok(turn) = turns().try_acquire_owned() {
            return Ok(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _place = Place(&self.waiting);
        if before >= self.most {
            return Err(
                Error::coded(StatusCode::TOO_MANY_REQUESTS, "too_busy").with("retry_after", 2)
            );
        }
        turns().acquire_owned().await.map_err(Error::internal)
    }
}

/// A place in the queue, given back when its holder leaves it, whichever way.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hashes a password (about 30 ms of one core on purpose); runs off the async threads.
///
/// # Errors
/// 429 when too many wait already, or when the machine's random source fails.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(Error::internal)
    })
    .await?
}

/// Whether `password` is the one `hash` was made from. `None` costs as much time as a real
/// comparison, so that nobody can tell which logins exist.
///
/// # Errors
/// 429 when too many wait already, or when the stored hash is damaged.
pub async fn verify(password: &str, hash: Option<&str>) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
    blocking(move || match hash {
        Some(hash) => {
            let parsed = PasswordHash::new(&hash).map_err(Error::internal)?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok())
        }
        None => {
            drop(Argon2::default().hash_password(password.as_bytes()));
            Ok(false)
        }
    })
    .await?
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = ROOM.turn().await?;
    // The turn goes with the work: whoever hangs up does not make room for another before it is done.
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    })
    .await
    .map_err(Error::internal)
}

/// Checks a new password against the rules.
///
/// # Errors
/// Each broken rule as an error of `field`.
pub fn check(field: &str, password: &str, login: &str) -> Result<()> {
    let length = password.chars().count();
    let classes = [
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    let mut errors = Vec::new();
    if length < MIN_LENGTH {
        errors.push(FieldError::new(field, "too_short").with("min", MIN_LENGTH));
    }
    if length > MAX_LENGTH {
        errors.push(FieldError::new(field, "too_long").with("max", MAX_LENGTH));
    }
    if classes.into_iter().filter(|has| *has).count() < 3 {
        errors.push(FieldError::new(field, "password_too_simple"));
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        errors.push(FieldError::new(field, "password_contains_login"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// A password a person can read over the phone: 4 groups of 4, no look-alike characters.
#[must_use]
pub fn one_time() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    loop {
        let groups: Vec<String> = (0..4)
            .map(|_| {
                (0..4)
                    .map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]))
                    .collect()
            })
            .collect();
        let password = groups.join("-");
        if check("password", &password, "").is_ok() {
            return password;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_what_is_broken() {
        let codes = |password: &str| match check("password", password, "zhangwei") {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.code).collect(),
            _ => Vec::new(),
        };
        assert!(codes("Correct-Horse-7").is_empty());
        assert_eq!(codes("Ab1-"), ["too_short"]);
        assert_eq!(codes("alllowercaseletters"), ["password_too_simple"]);
        assert_eq!(codes("ZhangWei-2026"), ["password_contains_login"]);
    }

    #[tokio::test]
    async fn a_hash_knows_its_password() {
        let stored = hash("Correct-Horse-7").await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("Correct-Horse-7", Some(&stored)).await.unwrap());
        assert!(!verify("Correct-Horse-8", Some(&stored)).await.unwrap());
        assert!(!verify("anything", None).await.unwrap());
    }

    #[tokio::test]
    async fn so_many_work_so_many_wait_and_the_rest_are_sent_away() {
        let room = Arc::new(Room::new(1, 1));
        let works = room.turn().await.unwrap();
        let waits = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.turn().await.map(drop) }
        });
        while room.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let Err(Error::Coded(away)) = room.turn().await else {
            panic!("the third is sent away");
        };
        assert_eq!(
            (away.status, away.code),
            (StatusCode::TOO_MANY_REQUESTS, "too_busy")
        );
        drop(works);
        waits.await.unwrap().unwrap();
        // Who gives up waiting leaves his place.
        let works = room.turn().await.unwrap();
        let gave_up = tokio::time::timeout(std::time::Duration::from_millis(1), room.turn()).await;
        assert!(gave_up.is_err());
        assert_eq!(room.waiting.load(Ordering::Relaxed), 0);
        drop(works);
    }

    #[test]
    fn one_time_passwords_keep_the_rules_and_differ() {
        assert_ne!(one_time(), one_time());
    }
}
