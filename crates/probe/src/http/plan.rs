//! An HTTP check made ready: everything parsed, judged and encoded once.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::exchange::Reading;
use super::target::{LONGEST_URL, Target};
use crate::config::{BodyLimit, Faults, HttpConfig, IpFamily, Redirect, name_servers};
use crate::tls::Judge;

/// What the prober calls itself.
const AGENT: &str = concat!("Anlan/", env!("CARGO_PKG_VERSION"));
const MOST_HEADERS: usize = 32;
const LONGEST_HEADER: usize = 4_096;
const LONGEST_BODY: usize = 64 * 1024;
const MOST_KEYWORDS: usize = 20;
const LONGEST_KEYWORD: usize = 256;
const LARGEST_PAGE: u64 = 16 << 20;

/// Headers that frame the message: setting them by hand would let a monitor smuggle requests.
const FRAMING: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::ACCEPT_ENCODING,
];

/// An HTTP check, ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) target: Target,
    pub(super) method: Method,
    /// What every request carries.
    pub(super) common: HeaderMap,
    /// What only the monitored origin is shown: own headers, credentials.
    pub(super) own: HeaderMap,
    pub(super) body: Bytes,
    pub(super) status: Vec<RangeInclusive<u16>>,
    pub(super) contains: Vec<String>,
    pub(super) not_contains: Vec<String>,
    pub(super) redirect: Redirect,
    pub(super) reading: Reading,
    pub(super) family: IpFamily,
    pub(super) connect_to: Option<(IpAddr, Option<u16>)>,
    pub(super) servers: Vec<SocketAddr>,
    pub(super) judge: Judge,
}

impl Plan {
    pub(crate) fn prepare(config: &HttpConfig, faults: &mut Faults) -> Option<Self> {
        let target = address(&config.url, "url", faults);
        let method = method(&config.method, faults);
        let own = own_headers(config, faults);
        let body = config.body.clone().unwrap_or_default();
        faults.need(body.len() <= LONGEST_BODY, "body", "too_long");
        let may_have_body = method
            .as_ref()
            .is_none_or(|m| *m != Method::GET && *m != Method::HEAD);
        faults.need(
            body.is_empty() || may_have_body,
            "body",
            "not_with_this_method",
        );
        let status = statuses(&config.expect_status, faults);
        keywords(&config.contains, "contains", faults);
        keywords(&config.not_contains, "not_contains", faults);
        let looks_inside = !(config.contains.is_empty() && config.not_contains.is_empty());
        faults.need(
            !(looks_inside && method == Some(Method::HEAD)),
            "contains",
            "not_with_this_method",
        );
        faults.need(
            (1..=10).contains(&config.redirect.max),
            "redirect.max",
            "out_of_range",
        );
        if let Some(land_on) = &config.redirect.land_on {
            address(land_on, "redirect.land_on", faults);
        }
        let limit = config.body_limit_bytes;
        faults.need(
            (1..=LARGEST_PAGE).contains(&limit),
            "body_limit_bytes",
            "out_of_range",
        );
        let connect_to = config
            .connect_to
            .as_deref()
            .and_then(|text| connect_to(text, faults));
        let servers = name_servers(&config.resolver, faults);
        let judge = Judge::prepare(&config.tls, "tls", faults);
        Some(Self {
            target: target?,
            method: method?,
            common: common_headers(),
            own,
            body: body.into(),
            status,
            contains: config.contains.clone(),
            not_contains: config.not_contains.clone(),
            redirect: config.redirect.clone(),
            reading: Reading {
                limit,
                fail_over_limit: config.over_limit == BodyLimit::Fail,
                keep: looks_inside,
            },
            family: config.ip,
            connect_to,
            servers,
            judge,
        })
    }

    pub(super) fn expects(&self, status: u16) -> bool {
        self.status.iter().any(|range| range.contains(&status))
    }
}

fn address(text: &str, field: &str, faults: &mut Faults) -> Option<Target> {
    if text.len() > LONGEST_URL {
        faults.add(field, "too_long");
        return None;
    }
    // The parser would silently drop tabs and line breaks.
    if text.trim() != text || text.chars().any(char::is_control) {
        faults.add(field, "invalid");
        return None;
    }
    let Ok(url) = Url::parse(text) else {
        faults.add(field, "invalid");
        return None;
    };
    Target::new(url)
        .map_err(|code| faults.add(field, code))
        .ok()
}

fn method(text: &str, faults: &mut Faults) -> Option<Method> {
    let method = match text {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        "OPTIONS" => Method::OPTIONS,
        _ => {
            faults.add("method", "not_allowed");
            return None;
        }
    };
    Some(method)
}

fn common_headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers
}

fn own_headers(config: &HttpConfig, faults: &mut Faults) -> HeaderMap {
    let mut headers = HeaderMap::new();
    faults.need(config.headers.len() <= MOST_HEADERS, "headers", "too_many");
    for (name, value) in &config.headers {
        let field = format!("headers.{}", crate::reason::short(name));
        let Some(name) = faults.take(&field, HeaderName::try_from(name.as_str())) else {
            continue;
        };
        if FRAMING.contains(&name) {
            faults.add(field, "not_allowed");
            continue;
        }
        if value.len() > LONGEST_HEADER {
            faults.add(field, "too_long");
            continue;
        }
        if let Some(value) = faults.take(&field, HeaderValue::try_from(value.as_str())) {
            headers.insert(name, value);
        }
    }
    if let Some(auth) = &config.basic_auth {
        let fits = !auth.user.contains(':') && auth.user.len() + auth.password.0.len() <= 512;
        faults.need(fits, "basic_auth.user", "invalid");
        let pair = STANDARD.encode(format!("{}:{}", auth.user, auth.password.0));
        if let Some(mut value) =
            faults.take("basic_auth", HeaderValue::try_from(format!("Basic {pair}")))
        {
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
    }
    headers
}

/// `200`, `200-299` or `2xx`.
fn statuses(list: &[String], faults: &mut Faults) -> Vec<RangeInclusive<u16>> {
    faults.need(!list.is_empty(), "expect_status", "required");
    faults.need(list.len() <= 20, "expect_status", "too_many");
    let mut ranges = Vec::with_capacity(list.len());
    for (i, text) in list.iter().enumerate() {
        match status_range(text.trim()) {
            Some(range) => ranges.push(range),
            None => faults.add(format!("expect_status[{i}]"), "invalid"),
        }
    }
    ranges
}

fn status_range(text: &str) -> Option<RangeInclusive<u16>> {
    let status = |text: &str| text.parse::<u16>().ok().filter(|n| (100..=999).contains(n));
    if let Some(class) = text.strip_suffix("xx") {
        let class = class.parse::<u16>().ok().filter(|n| (1..=9).contains(n))?;
        return Some(class * 100..=class * 100 + 99);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (status(from.trim())?, status(to.trim())?);
    (from <= to).then_some(from..=to)
}

fn keywords(list: &[String], field: &str, faults: &mut Faults) {
    faults.need(list.len() <= MOST_KEYWORDS, field, "too_many");
    for (i, keyword) in list.iter().enumerate() {
        let path = format!("{field}[{i}]");
        faults.need(!keyword.is_empty(), &path, "required");
        faults.need(
            keyword.chars().count() <= LONGEST_KEYWORD,
            &path,
            "too_long",
        );
    }
}

fn connect_to(text: &str, faults: &mut Faults) -> Option<(IpAddr, Option<u16>)> {
    let with_port = || {
        text.parse::<SocketAddr>()
            .ok()
            .map(|a| (a.ip(), Some(a.port())))
    };
    let found = text
        .parse::<IpAddr>()
        .ok()
        .map(|ip| (ip, None))
        .or_else(with_port);
    faults.need(found.is_some(), "connect_to", "not_an_address");
    found
}
