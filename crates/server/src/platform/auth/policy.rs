//! How long a session and a password last, and how much guessing is borne: set by an administrator.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::settings;

/// The setting it is kept under.
pub const KEY: &str = "sign_in";

/// The rules of signing in (GB/T 22239-2019 8.1.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Minutes without a request after which a session ends: 5 to 480.
    pub session_idle_minutes: i64,
    /// Hours after which a session ends whatever happens: 1 to 24.
    pub session_hours: i64,
    /// Wrong passwords in a row after which an account is locked: 3 to 10.
    pub login_failures: i32,
    /// Minutes it stays locked: 5 to 1,440.
    pub lock_minutes: i64,
    /// Days a password is good for: 30 to 365.
    pub password_days: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            session_idle_minutes: 30,
            session_hours: 12,
            login_failures: 5,
            lock_minutes: 15,
            password_days: 90,
        }
    }
}

impl Policy {
    /// Reads what is set.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db) -> Result<Self> {
        settings::get(db.read(), KEY).await
    }

    /// Refuses values outside their bounds.
    ///
    /// # Errors
    /// Every wrong field.
    pub fn check(&self) -> Result<()> {
        let bounds = [
            ("session_idle_minutes", self.session_idle_minutes, 5, 480),
            ("session_hours", self.session_hours, 1, 24),
            ("login_failures", i64::from(self.login_failures), 3, 10),
            ("lock_minutes", self.lock_minutes, 5, 1_440),
            ("password_days", self.password_days, 30, 365),
        ];
        let wrong: Vec<FieldError> = bounds
            .iter()
            .filter(|(_, value, min, max)| !(min..=max).contains(&value))
            .map(|(field, _, min, max)| {
                FieldError::new(*field, "out_of_range")
                    .with("min", min)
                    .with("max", max)
            })
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(wrong))
        }
    }

    /// Seconds without a request after which a session ends.
    #[must_use]
    pub const fn idle(&self) -> i64 {
        self.session_idle_minutes * 60
    }

    /// Seconds after which a session ends whatever happens.
    #[must_use]
    pub const fn absolute(&self) -> i64 {
        self.session_hours * 3_600
    }

    /// Seconds an account stays locked.
    #[must_use]
    pub const fn lock(&self) -> i64 {
        self.lock_minutes * 60
    }

    /// Seconds a password is good for.
    #[must_use]
    pub const fn password_age(&self) -> i64 {
        self.password_days * 24 * 3_600
    }
}
