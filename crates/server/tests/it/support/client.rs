//! HTTP as somebody, in one line per request.

use std::net::SocketAddr;
use std::pin::Pin;

use anlan_server::platform::auth::COOKIE_NAME;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, IF_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// Somebody at the other end of the line: anonymous, signed in, or with a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: HeaderMap,
    address: SocketAddr,
}

impl Client {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            headers: HeaderMap::new(),
            address: SocketAddr::from(([192, 0, 2, 1], 40_000)),
        }
    }

    /// With a session's cookie, as a browser on our own page sends it.
    pub fn with_session(mut self, secret: &str) -> Self {
        self.headers
            .insert(COOKIE, value(&format!("{COOKIE_NAME}={secret}")));
        self.headers.insert("x-anlan", value("1"));
        self
    }

    /// With an API token.
    pub fn with_token(self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// With this header on every request.
    pub fn with_header(mut self, name: &'static str, text: &str) -> Self {
        self.headers
            .insert(HeaderName::from_static(name), value(text));
        self
    }

    /// Without this header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// From this address.
    pub fn from(mut self, address: [u8; 4]) -> Self {
        self.address = SocketAddr::from((address, 40_000));
        self
    }

    /// Asks for something below `/api/v1`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, json: Value) -> Call {
        self.call(Method::POST, path).json(&json)
    }

    /// Puts JSON in place of `version`.
    pub fn put(&self, path: &str, version: &Value, json: Value) -> Call {
        self.call(Method::PUT, path)
            .header(IF_MATCH.as_str(), &format!("\"{version}\""))
            .json(&json)
    }

    /// Deletes.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any request below `/api/v1`.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request = request.extension(ConnectInfo(self.address));
        Call {
            router: self.router.clone(),
            request,
            body: Body::empty(),
        }
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header")
}

/// A request that is sent when it is awaited.
pub struct Call {
    router: Router,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call {
    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this JSON as its body.
    pub fn json(self, json: &Value) -> Self {
        self.body("application/json", json.to_string().into_bytes())
    }

    /// With these bytes as its body.
    pub fn body(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.request = self.request.header(CONTENT_TYPE, media_type);
        self.body = Body::from(bytes);
        self
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = self.request.body(self.body).expect("a request");
            let title = format!("{} {}", request.method(), request.uri());
            let response = self
                .router
                .oneshot(request)
                .await
                .expect("the router never fails");
            let (parts, body) = response.into_parts();
            // A stream of events has no end to wait for.
            let kind = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
            let endless = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
            let bytes = if endless {
                Vec::new()
            } else {
                body.collect().await.expect("the body").to_bytes().to_vec()
            };
            Reply {
                title,
                status: parts.status,
                headers: parts.headers,
                bytes,
            }
        })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    title: String,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null when there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// The body of a request that went well.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{self}");
        self.json()
    }

    /// A refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.code().as_str()),
            (status, code),
            "{self}"
        );
        self.json()
    }

    /// A refusal of exactly these fields, as `field code`.
    #[track_caller]
    pub fn wrong(&self, fields: &[&str]) {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{self}");
        let json = self.json();
        let found: Vec<String> = json["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                assert!(
                    !error["message"].as_str().unwrap_or_default().is_empty(),
                    "{self}"
                );
                format!(
                    "{} {}",
                    error["field"].as_str().unwrap_or_default(),
                    error["code"].as_str().unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(found, fields, "{self}");
    }

    /// The stable code of a problem; empty when it is none.
    pub fn code(&self) -> String {
        let json = serde_json::from_slice::<Value>(&self.bytes).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} → {} {}",
            self.title,
            self.status,
            String::from_utf8_lossy(&self.bytes)
        )
    }
}
