//! JSON bodies and query strings, refused with the field and the reason when they do not fit.

use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::Bytes;
use super::mismatch::mismatch;
use crate::platform::error::{Error, FieldError, Result};

/// A JSON body in, a JSON body out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                let media = value.split(';').next().unwrap_or_default().trim();
                media.eq_ignore_ascii_case("application/json")
            });
        if !json {
            return Err(Error::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"));
        }
        let Bytes(bytes) = Bytes::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>> {
        if request.headers().contains_key(CONTENT_TYPE) {
            <Self as FromRequest<S>>::from_request(request, state)
                .await
                .map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Parses JSON, naming the field that does not fit.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Error::coded(StatusCode::BAD_REQUEST, "not_utf8"));
    }
    // Serde would also take the fields of an object as a list, in an order that nobody promised.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(invalid("", "expected a map"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            invalid(&path, &inner.to_string())
        } else {
            malformed(&inner)
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    refuse_nul(bytes)?;
    Ok(value)
}

/// A NUL belongs in no text, and PostgreSQL could not store it. It can only come escaped, so most
/// bodies are not looked at twice.
fn refuse_nul(bytes: &[u8]) -> Result<()> {
    const NUL: &[u8] = b"\\u0000";
    if !bytes.windows(NUL.len()).any(|part| part == NUL) {
        return Ok(());
    }
    let value = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    match nul("", &value) {
        Some(path) => Err(Error::field(path, "bad_characters")),
        None => Ok(()),
    }
}

/// Where a NUL stands.
fn nul(path: &str, value: &Value) -> Option<String> {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(place, item)| nul(&format!("{path}[{place}]"), item)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let below = below(&name.replace('\0', ""));
            if name.contains('\0') {
                return Some(below);
            }
            nul(&below, value)
        }),
        _ => None,
    }
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::coded(StatusCode::BAD_REQUEST, "malformed_json")
        .with("line", error.line())
        .with("column", error.column())
}

/// Reads a part of a body that was taken as it came; what does not fit is named below `field`.
///
/// # Errors
/// The field that does not fit, with its reason.
pub fn read<T: DeserializeOwned>(field: &str, value: Value) -> Result<T, FieldError> {
    if !value.is_object() {
        return Err(mismatch(field, "expected a map"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = format!("{field}.{}", error.path());
        mismatch(&path, &error.into_inner().to_string())
    })
}

fn invalid(path: &str, message: &str) -> Error {
    Error::Invalid(vec![mismatch(path, message)])
}

/// Query parameters, refused by name.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        if let Some((name, _)) = pairs.clone().find(|(_, value)| value.contains('\0')) {
            return Err(Error::field(name, "bad_characters"));
        }
        let deserializer = serde_urlencoded::Deserializer::new(pairs);
        serde_path_to_error::deserialize(deserializer)
            .map(Self)
            .map_err(|error| {
                let path = error.path().to_string();
                invalid(&path, &error.into_inner().to_string())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Sample {
        name: String,
        nested: Option<Nested>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Nested {
        size: u32,
    }

    fn refused(json: &str) -> (String, String) {
        match parse::<Sample>(json.as_bytes()) {
            Err(Error::Invalid(fields)) => (fields[0].field.clone(), fields[0].code.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_body_names_the_field() {
        assert_eq!(refused("{}"), ("name".into(), "required".into()));
        assert_eq!(
            refused(r#"{"name":"a","colour":1}"#),
            ("colour".into(), "unknown".into())
        );
        assert_eq!(
            refused(r#"{"name":7}"#),
            ("name".into(), "wrong_type".into())
        );
        assert_eq!(
            refused(r#"{"name":"a","nested":{"size":"big"}}"#),
            ("nested.size".into(), "wrong_type".into())
        );
        assert_eq!(
            refused(r#"{"name":null}"#),
            ("name".into(), "required".into())
        );
        assert_eq!(refused(r#"["a"]"#), ("body".into(), "wrong_type".into()));
        assert_eq!(
            refused(r#"{"name":"a","nested":{}}"#),
            ("nested.size".into(), "required".into())
        );
    }

    #[test]
    fn a_nul_is_named_wherever_it_stands() {
        let refused = |json: &str| match parse::<Value>(json.as_bytes()) {
            Err(Error::Invalid(fields)) => fields[0].field.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(r#"{"a":{"b":["x","\u0000"]}}"#), "a.b[1]");
        assert_eq!(refused(r#"{"a":{"b\u0000":1}}"#), "a.b");
        assert!(parse::<Value>(br#""\\u0000""#).is_ok(), "only its name");
    }

    #[test]
    fn what_is_no_json_says_where() {
        match parse::<Sample>(b"{\"name\": }") {
            Err(Error::Coded(coded)) => assert_eq!(
                (coded.code, coded.params[0].1.as_str()),
                ("malformed_json", "1")
            ),
            other => panic!("{other:?}"),
        }
        assert!(
            matches!(parse::<Sample>(b"{\"name\":\"\xff\"}"), Err(Error::Coded(coded)) if coded.code == "not_utf8")
        );
    }
}
