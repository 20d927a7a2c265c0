//! Refused attempts go into the audit log, whoever made them and whatever they were about.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::ClientIp;
use crate::platform::Platform;
use crate::platform::audit::{Actor, Entry};
use crate::platform::error::Error;

/// What counts as an attempt that failed: a right that is missing, a page of somebody else's that
/// asks in a user's name, a session or token that is not good, guessing. A wrong password is written
/// down where it is judged, a form that is filled in wrongly is no attempt.
const REFUSALS: [&str; 5] = [
    "forbidden",
    "csrf",
    "unauthenticated",
    "bad_token",
    "too_many_attempts",
];

/// Who asked, once that is known: left by the extractor of the caller for the middleware around it.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<OnceLock<Actor>>);

impl Asker {
    /// Leaves word of who it is.
    pub fn is(&self, actor: &Actor) {
        // The first word stands; a request has one caller.
        let _ = self.0.set(actor.clone());
    }
}

/// The middleware.
pub async fn attempts<S>(State(state): State<S>, request: Request, next: Next) -> Response
where
    S: Deref<Target = Platform> + Clone + Send + Sync,
{
    let (mut parts, body) = request.into_parts();
    let asker = Asker::default();
    parts.extensions.insert(asker.clone());
    let ClientIp(ip) = ClientIp::of(&parts);
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let claims = parts.headers.contains_key(AUTHORIZATION) || parts.headers.contains_key(COOKIE);
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(Error::Coded(coded)) = response.extensions().get::<Error>() else {
        return response;
    };
    // Whoever shows nothing at all is merely not signed in. What one may not see is said not to be
    // there: to change it is an attempt all the same.
    let merely_out = coded.code == "unauthenticated" && !claims;
    let unseen = coded.code == "not_found" && !method.is_safe() && asker.0.get().is_some();
    if merely_out || !(unseen || REFUSALS.contains(&coded.code)) {
        return response;
    }
    let mut detail = json!({ "code": coded.code, "method": method.as_str(), "path": path });
    for (name, value) in &coded.params {
        detail[*name] = value.as_str().into();
    }
    let actor = match asker.0.get() {
        Some(known) => known.clone(),
        None => match state.strangers.may() {
            Some(more) => {
                detail["more"] = more.into();
                Actor::nobody("", &ip)
            }
            None => return response,
        },
    };
    let entry = Entry::new(&actor, "request.refused")
        .failed()
        .detail(detail);
    if let Err(error) = state.db.audit(entry).await {
        tracing::error!(%error, "a refused attempt could not be written down");
    }
    response
}
