//! Errors as the outside sees them: stable codes, problem+json, texts in the caller's language.

use std::fmt;
use std::io::ErrorKind;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use serde::Serialize;
use utoipa::ToSchema;

use super::i18n::Lang;

/// The result of everything in the server that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Fields that are wrong, each with its reason (422).
    #[error("invalid fields: {0:?}")]
    Invalid(Vec<FieldError>),
    /// Anything with a stable code of the table in `locales/*.json` under `error.<code>`.
    #[error("{0:?}")]
    Coded(Coded),
    /// A record was changed by somebody else since the caller read it (409).
    #[error("stale version, current is {current}: {changed}")]
    Stale {
        /// The version that stands now.
        current: i32,
        /// What has changed since, for a person.
        changed: String,
    },
    /// The process does not allow the action (409 or 422), in both languages.
    #[error("refused ({code}): {zh}")]
    Refused {
        /// Stable code of the rule.
        code: String,
        /// Why, in Chinese.
        zh: String,
        /// Why, in English.
        en: String,
        /// Fields that are missing or wrong.
        fields: Vec<FieldError>,
    },
    /// The store failed: full, gone, broken (503). Nothing was written.
    #[error("storage: {0}")]
    Storage(String),
    /// A fault of ours (500). The text goes to the log, not to the caller.
    #[error("internal: {0}")]
    Internal(String),
}

/// An error with a stable code.
#[derive(Clone, Debug)]
pub struct Coded {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// Values for the text's placeholders.
    pub params: Vec<(&'static str, String)>,
}

/// A field that is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's key, with a path for nested ones (`rule.warning.above`).
    pub field: String,
    /// Stable code, text in `locales/*.json` under `field.<code>`.
    pub code: String,
    /// Values for the text's placeholders.
    pub params: Vec<(&'static str, String)>,
    /// The text itself where a definition supplies it (Chinese, English).
    pub text: Option<(String, String)>,
}

impl FieldError {
    /// A field that is wrong for the reason `code`.
    pub fn new(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            params: Vec::new(),
            text: None,
        }
    }

    /// Adds a value for the text.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts and numbers are written down as they come"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// Sets the text, when a definition or library gives the reason in words.
    #[must_use]
    pub fn text(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.text = Some((zh.into(), en.into()));
        self
    }
}

impl Error {
    /// One wrong field.
    pub fn field(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code)])
    }

    /// An error of the code table.
    #[must_use]
    pub const fn coded(status: StatusCode, code: &'static str) -> Self {
        Self::Coded(Coded {
            status,
            code,
            params: Vec::new(),
        })
    }

    /// Adds a value for the text of a coded error.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts and numbers are written down as they come"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Self::Coded(coded) = &mut self {
            coded.params.push((name, value.to_string()));
        }
        self
    }

    /// The thing does not exist, or the caller may not know that it does.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::coded(StatusCode::NOT_FOUND, "not_found")
    }

    /// The caller may not do this.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::coded(StatusCode::FORBIDDEN, "forbidden")
    }

    /// Nobody is signed in.
    #[must_use]
    pub const fn unauthenticated() -> Self {
        Self::coded(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// Something that contradicts what stands.
    #[must_use]
    pub const fn conflict(code: &'static str) -> Self {
        Self::coded(StatusCode::CONFLICT, code)
    }

    /// A fault of the store.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts and numbers are written down as they come"
    )]
    pub fn storage(reason: impl ToString) -> Self {
        Self::Storage(reason.to_string())
    }

    /// A file that could not be written or read.
    #[must_use]
    pub fn io(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::disk_full(),
            _ => Self::storage(error),
        }
    }

    /// No room is left (507). Nothing was written.
    #[must_use]
    pub const fn disk_full() -> Self {
        Self::coded(StatusCode::INSUFFICIENT_STORAGE, "disk_full")
    }

    /// A fault of ours.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts and numbers are written down as they come"
    )]
    pub fn internal(reason: impl ToString) -> Self {
        Self::Internal(reason.to_string())
    }

    /// Turns a unique violation on a constraint whose name (or column) contains `part` into an
    /// error of `field`. `PostgreSQL` names the constraint, `SQLite` the columns: name unique
    /// indexes after their columns and one word finds both.
    #[must_use]
    pub fn on_unique(error: DbErr, part: &str, field: &str) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) if text.contains(part) => {
                Self::field(field, "taken")
            }
            _ => error.into(),
        }
    }

    /// HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Coded(coded) => coded.status,
            Self::Stale { .. } => StatusCode::CONFLICT,
            Self::Refused { fields, .. } => {
                if fields.is_empty() {
                    StatusCode::CONFLICT
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
            }
            Self::Storage(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the store failed: gone, full or silent. What comes next would fail alike.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        !matches!(self, Self::Internal(_)) && self.status().is_server_error()
    }

    /// The answer's body in `lang`.
    #[must_use]
    pub fn problem(&self, lang: Lang) -> Problem {
        let code = match self {
            Self::Invalid(_) => "invalid",
            Self::Coded(coded) => coded.code,
            Self::Stale { .. } => "stale_version",
            Self::Refused { code, .. } => code,
            Self::Storage(_) => "storage",
            Self::Internal(_) => "internal",
        };
        let title = |params: &[(&str, String)]| lang.text(&format!("error.{code}"), params);
        let (title, detail, errors, current_version) = match self {
            Self::Invalid(fields) => (title(&[]), String::new(), fields.as_slice(), None),
            Self::Coded(coded) => (title(&coded.params), String::new(), &[][..], None),
            Self::Stale { current, changed } => {
                (title(&[]), changed.clone(), &[][..], Some(*current))
            }
            Self::Refused { zh, en, fields, .. } => (
                lang.pick(zh, en).to_owned(),
                String::new(),
                fields.as_slice(),
                None,
            ),
            Self::Storage(_) | Self::Internal(_) => (title(&[]), String::new(), &[][..], None),
        };
        Problem {
            r#type: "about:blank",
            status: self.status().as_u16(),
            code: code.to_owned(),
            detail,
            errors: errors.iter().map(|error| error.problem(lang)).collect(),
            current_version,
            title,
        }
    }
}

impl FieldError {
    fn problem(&self, lang: Lang) -> FieldProblem {
        let message = match &self.text {
            Some((zh, en)) => lang.pick(zh, en).to_owned(),
            None => lang.text(&format!("field.{}", self.code), &self.params),
        };
        FieldProblem {
            field: self.field.clone(),
            code: self.code.clone(),
            message,
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::RecordNotFound(_) => Self::not_found(),
            full if is_full(&full) => Self::disk_full(),
            other => Self::Storage(other.to_string()),
        }
    }
}

/// Whether the database has no room left: `SQLITE_FULL`, or `disk_full` of `PostgreSQL`.
fn is_full(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let code = cause.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("13" | "53100"))
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`; `code` tells the kind.
    pub r#type: &'static str,
    /// What went wrong, for a person.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code for programs.
    pub code: String,
    /// More of what went wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// With `stale_version`: the version that stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i32>,
}

impl fmt::Display for Problem {
    /// In one line: what is wrong, and with which fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        self.errors
            .iter()
            .try_for_each(|error| write!(f, "; {}: {}", error.field, error.message))
    }
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field's key.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// Why, for a person.
    pub message: String,
}

impl IntoResponse for Error {
    /// The bare status; `http::problems` fills in the body, which depends on the caller's language.
    fn into_response(self) -> Response {
        match &self {
            Self::Storage(reason) | Self::Internal(reason) => {
                tracing::error!(%reason, "request failed");
            }
            other if other.status().is_server_error() => {
                tracing::error!(error = %other, "request failed");
            }
            other => tracing::debug!(error = %other, "request refused"),
        }
        let mut response = self.status().into_response();
        if let Self::Coded(coded) = &self
            && let Some((_, seconds)) = coded.params.iter().find(|(name, _)| *name == "retry_after")
            && let Ok(seconds) = HeaderValue::from_str(seconds)
        {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}
