//! The web pages, compiled in from `web/dist`.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::platform::error::Error;

// Empty when the web was not built: a build of the server alone has no pages.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Pages;

/// Serves a file of the web, and its front page for every address that the web itself routes.
pub async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("api/") || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Error::not_found().into_response();
    }
    let known = Pages::get(path).map(|file| (path.to_owned(), file));
    // A missing asset is missing; any other address is a page.
    let found = known.or_else(|| {
        let asset = path.starts_with("assets/");
        if asset {
            None
        } else {
            Pages::get("index.html").map(|file| ("index.html".to_owned(), file))
        }
    });
    let Some((name, file)) = found else {
        return Error::not_found().into_response();
    };
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    if request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == tag.as_bytes())
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    // Assets carry a hash in their name and never change; pages are asked for anew.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (
            CONTENT_TYPE,
            mime_guess::from_path(&name)
                .first_or_octet_stream()
                .to_string(),
        ),
        (CACHE_CONTROL, cache.to_owned()),
        (ETAG, tag),
    ];
    (headers, Body::from(file.data)).into_response()
}
