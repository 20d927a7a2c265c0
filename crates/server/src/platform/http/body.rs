//! Bodies, which must arrive whole and in time.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use tokio::time::timeout;

use crate::platform::error::{Error, Result};

/// How long a body may take, or an upload between two of its parts.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body as it is.
#[derive(Debug)]
pub struct Bytes(pub axum::body::Bytes);

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        in_time(axum::body::Bytes::from_request(request, state))
            .await?
            .map(Self)
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    Error::coded(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
                }
                _ => Error::coded(StatusCode::BAD_REQUEST, "broken_body"),
            })
    }
}

/// Waits for what a client sends, but not for ever: a few of them that send a byte now and then
/// could hold everything.
///
/// # Errors
/// 408 when it does not come.
pub async fn in_time<T>(coming: impl Future<Output = T>) -> Result<T> {
    let late = |_| Error::coded(StatusCode::REQUEST_TIMEOUT, "body_timeout");
    timeout(PATIENCE, coming).await.map_err(late)
}
