//! What configurations are refused, and that the field at fault is named.

use anlan_probe::{Config, FieldError, Kind};
use serde_json::{Value, json};

fn faults(kind: Kind, value: Value) -> Vec<(String, &'static str)> {
    let result = Config::parse(kind, value).and_then(|config| config.check().map(|_| ()));
    let short = |e: FieldError| {
        let worded = anlan_probe::text::FIELD_CODES
            .iter()
            .any(|(code, _, _)| *code == e.code);
        assert!(worded, "no words for {}", e.code);
        (e.field, e.code)
    };
    result
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(short)
        .collect()
}

fn http(more: &Value) -> Vec<(String, &'static str)> {
    let mut value = json!({"url": "https://www.example.gov.cn/"});
    value
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    faults(Kind::Http, value)
}

fn fault(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn good_configurations_are_taken_and_survive_storage() {
    let full = json!({
        "url": "https://www.例子.政务/path?q=1#top", "method": "POST", "headers": {"Accept-Language": "zh-CN", "Host": "other.cn"},
        "body": "{}", "basic_auth": {"user": "u", "password": "p"}, "expect_status": ["2xx", "301", "400-404"],
        "contains": ["政府"], "not_contains": ["错误"], "redirect": {"mode": "follow", "max": 3, "land_on": "https://www.example.cn/"},
        "body_limit_bytes": 2048, "over_limit": "fail", "ip": "v6", "connect_to": "[::1]:8443", "resolver": ["10.0.0.53", "[::1]:5353"],
        "tls": {"tolerate": ["expired", "wrong_host"], "server_name": "a.cn"},
    });
    assert_eq!(faults(Kind::Http, full.clone()), []);
    let config = Config::parse(Kind::Http, full).unwrap();
    let stored = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<Config>(&stored).unwrap(), config);
    assert_eq!(
        faults(
            Kind::Tcp,
            json!({"host": "[::1]", "port": 22, "expect": "SSH"})
        ),
        []
    );
    assert_eq!(faults(Kind::Icmp, json!({"host": "gateway"})), []);
    assert_eq!(
        faults(
            Kind::Dns,
            json!({"name": "_dmarc.example.cn", "record": "TXT"})
        ),
        []
    );
    assert_eq!(
        Config::parse(Kind::Dns, json!({"name": "a.cn"}))
            .unwrap()
            .target(),
        "a.cn A"
    );
}

#[test]
fn structure_is_strict_and_faults_name_the_field() {
    assert_eq!(faults(Kind::Http, json!({})), fault("url", "required"));
    assert_eq!(
        faults(Kind::Http, json!(["http://a/"])),
        fault(".", "invalid")
    );
    assert_eq!(faults(Kind::Http, json!("x")), fault(".", "invalid"));
    assert_eq!(http(&json!({"urll": 1})), fault("urll", "unknown_field"));
    assert_eq!(
        http(&json!({"redirect": {"mode": "follow", "maxx": 1}})),
        fault("redirect.maxx", "unknown_field")
    );
    assert_eq!(
        http(&json!({"redirect": {"mode": "jump"}})),
        fault("redirect.mode", "invalid")
    );
    assert_eq!(
        http(&json!({"basic_auth": {"user": "u"}})),
        fault("basic_auth.password", "required")
    );
    assert_eq!(
        http(&json!({"contains": [1]})),
        fault("contains[0]", "invalid")
    );
    assert_eq!(
        http(&json!({"tls": {"tolerate": ["everything"]}})),
        fault("tls.tolerate[0]", "invalid")
    );
    assert_eq!(
        faults(Kind::Tcp, json!({"host": "a", "port": 70_000})),
        fault("port", "invalid")
    );
    assert_eq!(
        faults(Kind::Tcp, json!({"host": "a", "port": -1})),
        fault("port", "invalid")
    );
}

#[test]
fn addresses_that_are_not_web_addresses_are_refused() {
    let url = |url: &str| faults(Kind::Http, json!({ "url": url }));
    assert_eq!(url("ftp://example.cn/"), fault("url", "scheme_not_allowed"));
    assert_eq!(
        url("file:///etc/passwd"),
        fault("url", "scheme_not_allowed")
    );
    assert_eq!(
        url("http://user:secret@example.cn/"),
        fault("url", "credentials_in_url")
    );
    assert_eq!(url("http://"), fault("url", "invalid"));
    assert_eq!(url("www.example.cn"), fault("url", "invalid"));
    assert_eq!(url(""), fault("url", "invalid"));
    assert_eq!(url(" http://example.cn/"), fault("url", "invalid"));
    assert_eq!(url("http://example.cn/\r\nX: y"), fault("url", "invalid"));
    assert_eq!(url("http://example.cn:0/"), fault("url", "port_invalid"));
    assert_eq!(url("http://example.cn:99999/"), fault("url", "invalid"));
    assert_eq!(
        url(&format!("http://example.cn/{}", "a".repeat(2_100))),
        fault("url", "too_long")
    );
    assert_eq!(
        url(&format!("http://example.cn/{}", "政".repeat(500))),
        fault("url", "too_long")
    );
}

#[test]
fn requests_cannot_be_smuggled_through_headers() {
    assert_eq!(
        http(&json!({"headers": {"X": "a\r\nY: b"}})),
        fault("headers.X", "invalid")
    );
    assert_eq!(
        http(&json!({"headers": {"X\r\nY": "a"}})),
        fault("headers.X  Y", "invalid")
    );
    assert_eq!(
        http(&json!({"headers": {"": "a"}})),
        fault("headers.", "invalid")
    );
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Upgrade",
        "TE",
        "Expect",
        "Trailer",
    ] {
        assert_eq!(
            http(&json!({"headers": {name: "1"}})),
            fault(&format!("headers.{name}"), "not_allowed")
        );
    }
    let many: serde_json::Map<_, _> = (0..33).map(|n| (format!("X-{n}"), json!("v"))).collect();
    assert_eq!(
        http(&json!({ "headers": many })),
        fault("headers", "too_many")
    );
    assert_eq!(
        http(&json!({"headers": {"X": "v".repeat(5_000)}})),
        fault("headers.X", "too_long")
    );
    assert_eq!(
        http(&json!({"method": "TRACE"})),
        fault("method", "not_allowed")
    );
    assert_eq!(
        http(&json!({"method": "GET / HTTP/1.1\r\n"})),
        fault("method", "not_allowed")
    );
    assert_eq!(
        http(&json!({"body": "x"})),
        fault("body", "not_with_this_method")
    );
    assert_eq!(
        http(&json!({"basic_auth": {"user": "a:b", "password": ""}})),
        fault("basic_auth.user", "invalid")
    );
}

#[test]
fn figures_have_their_limits() {
    assert_eq!(
        http(&json!({"body_limit_bytes": 0})),
        fault("body_limit_bytes", "out_of_range")
    );
    assert_eq!(
        http(&json!({"body_limit_bytes": 17 << 20})),
        fault("body_limit_bytes", "out_of_range")
    );
    assert_eq!(
        http(&json!({"redirect": {"max": 11}})),
        fault("redirect.max", "out_of_range")
    );
    assert_eq!(
        http(&json!({"redirect": {"land_on": "/here"}})),
        fault("redirect.land_on", "invalid")
    );
    assert_eq!(
        http(&json!({"expect_status": []})),
        fault("expect_status", "required")
    );
    for text in ["", "abc", "99", "1000", "300-200", "0xx", "2x", "200-"] {
        assert_eq!(
            http(&json!({"expect_status": [text]})),
            fault("expect_status[0]", "invalid"),
            "{text}"
        );
    }
    assert_eq!(
        http(&json!({"contains": ["", "a".repeat(257)]})),
        [
            fault("contains[0]", "required"),
            fault("contains[1]", "too_long")
        ]
        .concat()
    );
    assert_eq!(
        http(&json!({"method": "HEAD", "contains": ["x"]})),
        fault("contains", "not_with_this_method")
    );
    assert_eq!(
        http(&json!({"connect_to": "www.example.cn"})),
        fault("connect_to", "not_an_address")
    );
    assert_eq!(
        http(&json!({"resolver": ["10.0.0.1", "dns.cn"]})),
        fault("resolver[1]", "not_an_address")
    );
    assert_eq!(
        http(&json!({"tls": {"ca_pem": "nonsense"}})),
        fault("tls.ca_pem", "invalid")
    );
    assert_eq!(
        http(&json!({"tls": {"server_name": "a b"}})),
        fault("tls.server_name", "invalid")
    );
    let icmp = |more: Value| {
        let mut value = json!({"host": "10.0.0.1"});
        value
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        faults(Kind::Icmp, value)
    };
    assert_eq!(
        icmp(json!({"packets": 21})),
        fault("packets", "out_of_range")
    );
    assert_eq!(icmp(json!({"gap_ms": 1})), fault("gap_ms", "out_of_range"));
    assert_eq!(
        icmp(json!({"payload_bytes": 1_401})),
        fault("payload_bytes", "out_of_range")
    );
    assert_eq!(
        icmp(json!({"max_loss_percent": 100})),
        fault("max_loss_percent", "out_of_range")
    );
    assert_eq!(icmp(json!({"host": "a b"})), fault("host", "invalid"));
    assert_eq!(
        icmp(json!({"host": format!("{}.cn", "a".repeat(64))})),
        fault("host", "invalid")
    );
    assert_eq!(
        faults(Kind::Tcp, json!({"host": "", "port": 0})),
        [fault("host", "invalid"), fault("port", "out_of_range")].concat()
    );
    assert_eq!(
        faults(Kind::Tcp, json!({"host": "a", "port": 1, "expect": ""})),
        fault("expect", "required")
    );
    assert_eq!(
        faults(Kind::Dns, json!({"name": "a..b"})),
        fault("name", "invalid")
    );
    assert_eq!(
        faults(Kind::Dns, json!({"name": "a", "expect": ["x"]})),
        fault("expect[0]", "invalid")
    );
    assert_eq!(
        faults(
            Kind::Dns,
            json!({"name": "a", "record": "MX", "expect": ["mail"]})
        ),
        fault("expect[0]", "invalid")
    );
    assert_eq!(
        faults(Kind::Dns, json!({"name": "a", "record": "PTR"})),
        fault("record", "invalid")
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let config =
        json!({"url": "ftp://x/", "method": "X", "expect_status": ["?"], "body_limit_bytes": 0});
    let fields: Vec<_> = faults(Kind::Http, config)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        fields,
        ["url", "method", "expect_status[0]", "body_limit_bytes"]
    );
}
