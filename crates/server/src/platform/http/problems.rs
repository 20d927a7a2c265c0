//! Fills in the body of every error answer, in the caller's language.

use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::error::Error;
use crate::platform::i18n::Lang;

/// The language the caller asks for.
pub fn language(headers: &axum::http::HeaderMap) -> Lang {
    headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(Lang::accept)
        .unwrap_or_default()
}

/// The middleware.
pub async fn problems(request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<Error>() {
        Some(error) => error,
        None => match framework_error(&response) {
            Some(error) => error,
            None => return response,
        },
    };
    let problem = error.problem(lang);
    let mut answer = (response.status(), axum::Json(problem)).into_response();
    answer.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

/// Errors that the framework answered with a bare text become problems too.
fn framework_error(response: &Response) -> Option<Error> {
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    if !plain {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Error::not_found()),
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::coded(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
        )),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Some(Error::coded(StatusCode::PAYLOAD_TOO_LARGE, "too_large"))
        }
        StatusCode::BAD_REQUEST => Some(Error::coded(StatusCode::BAD_REQUEST, "bad_request")),
        StatusCode::INTERNAL_SERVER_ERROR => Some(Error::internal("panic in a handler")),
        _ => None,
    }
}
