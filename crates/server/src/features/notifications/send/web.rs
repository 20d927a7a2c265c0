//! HTTP as channels use it: no redirects, no environment, bounded time and answers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Proxy, RequestBuilder, StatusCode, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::Failure;
use crate::features::notifications::config::Road;

/// Most of an answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

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
pub async fn exchange(request: RequestBuilder) -> Result<(StatusCode, String), Failure> {
    let mut answer = request.send().await.map_err(|error| silent(&error))?;
    let mut body = Vec::new();
    while body.len() < ANSWER {
        match answer.chunk().await.map_err(|error| silent(&error))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    body.truncate(ANSWER);
    Ok((answer.status(), String::from_utf8_lossy(&body).into_owned()))
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
