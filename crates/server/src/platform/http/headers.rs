//! Versions in `If-Match` and `ETag`, and the caller's address.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::json::Json;
use crate::platform::error::{Error, Result};

/// The version the caller read, which an update must name.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i32);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let missing = || Error::coded(StatusCode::PRECONDITION_REQUIRED, "version_required");
        let value = parts.headers.get(IF_MATCH).ok_or_else(missing)?;
        let text = value
            .to_str()
            .unwrap_or_default()
            .trim()
            .trim_start_matches("W/")
            .trim_matches('"');
        text.parse()
            .map(Self)
            .map_err(|_| Error::field("If-Match", "wrong_type"))
    }
}

impl IfMatch {
    /// Refuses a record that has moved on since the caller read it.
    ///
    /// # Errors
    /// [`Error::Stale`] with the version that stands.
    pub fn check(self, current: i32, changed: impl FnOnce() -> String) -> Result<()> {
        if self.0 == current {
            Ok(())
        } else {
            Err(Error::Stale {
                current,
                changed: changed(),
            })
        }
    }
}

/// One record with its version as `ETag`.
pub struct Versioned<T>(pub i32, pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

/// The caller's address: from the connection, or from the last `X-Forwarded-For` entry (the only
/// one our own proxy vouches for) when the connection comes from this machine.
#[derive(Clone, Debug)]
pub struct ClientIp(pub String);

impl ClientIp {
    /// Reads it off a request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
            return Self(String::new());
        };
        let forwarded = parts
            .headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok());
        let last =
            forwarded.and_then(|list| list.split(',').next_back()?.trim().parse::<IpAddr>().ok());
        let trusted = last.filter(|_| peer.ip().is_loopback());
        Self(trusted.unwrap_or_else(|| peer.ip()).to_string())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
