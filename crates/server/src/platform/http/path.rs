//! Parts of the address.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::platform::error::{Error, Result};

/// Parts of the address (`/users/{id}`). What cannot be an id is an address where nothing is: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        // A NUL names nothing, and PostgreSQL cannot even be asked for it.
        if parts.uri.path().contains("%00") {
            return Err(Error::not_found());
        }
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Error::not_found())
    }
}
