//! HTTP as channels use it: no redirects, no environment, bounded time and answers.

use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Client, Proxy, RequestBuilder, StatusCode, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::{Failure, cut};
use crate::features::notifications::config::Road;

/// Most of an answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;
/// How long to leave alone, in seconds, who says that he is asked too often and not for how long.
const REST: i64 = 60;
/// The longest rest that is granted, in seconds: what is believed of the other side has its limits.
const LONGEST_REST: i64 = 3600;

/// What the other side answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The beginning of the body.
    pub body: String,
    /// Seconds it is to be left alone, when it says that it is asked too often (429).
    pub rest: Option<i64>,
}

impl Answer {
    /// Status and beginning of the body.
    pub fn shown(&self, bytes: usize) -> String {
        format!("{} {}", self.status.as_u16(), cut(&self.body, bytes))
    }
}

/// A client for one channel.
pub fn client(road: &Road) -> Result<Client, Failure> {
    let never = |error: &dyn std::fmt::Display| Failure::Never(error.to_string());
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in CertificateDer::pem_slice_iter(road.ca_pem.as_bytes()) {
        let certificate = certificate.map_err(|error| never(&error))?;
        roots.add(certificate).map_err(|error| never(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| never(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let timeout = if road.timeout_seconds == 0 {
        10
    } else {
        road.timeout_seconds.min(20)
    };
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(timeout))
        .connect_timeout(Duration::from_secs(timeout.min(5)))
        .user_agent("Anlan");
    if !road.proxy.is_empty() {
        builder = builder.proxy(Proxy::all(&road.proxy).map_err(|error| never(&error))?);
    }
    builder.build().map_err(|error| never(&error))
}

/// Sends a request and reads the beginning of the answer.
pub async fn exchange(request: RequestBuilder) -> Result<Answer, Failure> {
    let mut answer = request.send().await.map_err(|error| silent(&error))?;
    let mut body = Vec::new();
    while body.len() < ANSWER {
        match answer.chunk().await.map_err(|error| silent(&error))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    body.truncate(ANSWER);
    let status = answer.status();
    Ok(Answer {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
        rest: (status == StatusCode::TOO_MANY_REQUESTS).then(|| rest(answer.headers())),
    })
}

/// How long an answer asks to be left alone (RFC 9110 10.2.3): seconds, or an instant. That is taken
/// from the other side's own clock, which need not agree with ours.
fn rest(headers: &HeaderMap) -> i64 {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let instant = |text: &str| Some(rfc2822::parse(text).ok()?.timestamp().as_second());
    let until = |after: &str| Some(instant(after)? - instant(text(DATE)?)?);
    let seconds = |after: &str| after.trim().parse().ok().or_else(|| until(after));
    let asked = text(RETRY_AFTER).and_then(seconds);
    asked.unwrap_or(REST).clamp(1, LONGEST_REST)
}

/// No answer. The text leaves the address out: keys stand in it.
fn silent(error: &reqwest::Error) -> Failure {
    let mut text = if error.is_timeout() {
        "timeout".to_owned()
    } else if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        "no answer".to_owned()
    };
    let mut source = std::error::Error::source(error);
    let mut last = None;
    while let Some(inner) = source {
        last = Some(inner.to_string());
        source = inner.source();
    }
    if let Some(last) = last {
        text = format!("{text}: {last}");
    }
    Failure::Unreachable(text)
}
