//! The operations of the API as its own description tells them, and what to send to them.

use anlan_server::app::App;
use serde_json::{Map, Value, json};

/// One operation of the API.
pub struct Operation {
    pub method: String,
    /// Below `/api/v1`, with `{id}`.
    pub path: String,
    pub parameters: Vec<String>,
    /// A JSON body that has the right shape.
    pub body: Option<Map<String, Value>>,
}

/// Every operation of the description.
pub fn operations() -> Vec<Operation> {
    let api = serde_json::to_value(App::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let parameters = described["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let schema = &described["requestBody"]["content"]["application/json"]["schema"];
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.trim_start_matches("/api/v1").to_owned(),
                parameters: query
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect(),
                body: known_kind(path, shaped(&api, schema, 0).as_object().cloned()),
            });
        }
    }
    all
}

/// Says of what kind a channel or monitor is: its other fields are only looked at then.
fn known_kind(path: &str, mut body: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
    let kind = body.as_mut().and_then(|body| body.get_mut("kind"));
    if let Some(kind) = kind {
        for (room, known) in [("/channels", "wecom"), ("/monitors", "http")] {
            if path.contains(room) {
                *kind = known.into();
            }
        }
    }
    body
}

/// A value that a schema allows.
fn shaped(api: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 6 {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return shaped(api, &api["components"]["schemas"][name], depth + 1);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    for word in ["oneOf", "anyOf"] {
        let choices = schema[word].as_array().into_iter().flatten();
        if let Some(choice) = choices.clone().find(|choice| choice["type"] != "null") {
            return shaped(api, choice, depth + 1);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| shaped(api, part, depth + 1));
        let fields = parts.filter_map(|part| part.as_object().cloned()).flatten();
        return Value::Object(fields.collect());
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").unwrap().clone(),
        kind => kind.clone(),
    };
    match (kind.as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            fields
                .map(|(name, schema)| (name.clone(), shaped(api, schema, depth + 1)))
                .collect::<Map<_, _>>()
                .into()
        }
        (Some("array"), _) => json!([shaped(api, &schema["items"], depth + 1)]),
        (Some("integer" | "number"), _) => json!(30),
        (Some("boolean"), _) => json!(true),
        (_, Some("uuid")) => json!("01939f2e-0000-7000-8000-000000000000"),
        (_, Some("date")) => json!("2026-11-01"),
        (_, Some("date-time")) => json!("2026-11-20T00:00:00Z"),
        (Some("string"), _) => json!("abc"),
        _ => Value::Null,
    }
}

/// Values that fit nowhere, fit badly or fit too well.
pub fn hostile_values() -> Vec<Value> {
    let text = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        text("9223372036854775807"),
        text("-9223372036854775808"),
        text("18446744073709551615"),
        text("1.7976931348623157e308"),
        json!(""),
        json!("x"),
        json!("a\0b"),
        json!("\u{202E}\u{FEFF}'\"<script>;--%_\\"),
        json!("-9999-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59.999999999Z"),
        json!("9999-12-31"),
        json!("一".repeat(70_000)),
        json!([]),
        json!([null, { "a": [1] }]),
        json!({}),
        json!({ "a\0b": { "\u{0}": "x" } }),
    ]
}

/// Bodies that no operation can take, as bytes.
pub fn hostile_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let json = "application/json";
    vec![
        (json, Vec::new()),
        (json, b"null".to_vec()),
        (json, b"[]".to_vec()),
        (json, b"7".to_vec()),
        (json, b"{}".to_vec()),
        (json, b"{\"no_such_field\":1}".to_vec()),
        (json, b"{\"".to_vec()),
        (json, b"{}{}".to_vec()),
        (json, b"{\"name\":\"\xff\xfe\"}".to_vec()),
        (json, b"{\"name\":\"\\ud800\"}".to_vec()),
        (json, b"{\"name\":1e99999}".to_vec()),
        (json, b"\xef\xbb\xbf{}".to_vec()),
        (json, b"{\"a\\u0000b\":\"\\u0000\"}".to_vec()),
        (json, "[".repeat(100_000).into_bytes()),
        (json, "{\"a\":".repeat(50_000).into_bytes()),
        ("text/plain", b"{}".to_vec()),
        ("application/x-www-form-urlencoded", b"name=a".to_vec()),
        ("multipart/form-data", b"--x".to_vec()),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\0\xff\"\r\n\r\n"
                .to_vec(),
        ),
        ("application/yaml", b"&a [*a, *b, !!binary \xff\0]".to_vec()),
        ("application/yaml", "[".repeat(100_000).into_bytes()),
    ]
}

/// Parts of an address that name nothing.
pub fn hostile_ids() -> Vec<String> {
    vec![
        "%00".into(),
        "a%00b".into(),
        "..%2F..%2Fetc%2Fpasswd".into(),
        "%FF%FE".into(),
        "%E4%B8".into(),
        "'%20OR%201=1--".into(),
        "-1".into(),
        "a".repeat(10_000),
        "%F0%9F%92%A9".into(),
    ]
}

/// Values of query parameters, encoded.
pub fn hostile_words() -> Vec<String> {
    vec![
        String::new(),
        "%00".into(),
        "a%00b".into(),
        "%FF".into(),
        "-1".into(),
        "0".into(),
        "9223372036854775807".into(),
        "99999999999999999999999".into(),
        "1e400".into(),
        "NaN".into(),
        "%25%5F%5C'%22".into(),
        "2026-02-30".into(),
        "-9999-01-01T00:00:00Z".into(),
        "9999-12-31T23:59:59Z".into(),
        "MDE5MzlmMmUwMDAwNzAwMDgwMDAwMDAwMDAwMDAwMDB8AA".into(),
        "MDE5MzlmMmUwMDAwNzAwMDgwMDAwMDAwMDAwMDAwMDB8OTIyMzM3MjAzNjg1NDc3NTgwNw".into(),
        "%E4%B8%80".repeat(2_000),
    ]
}
