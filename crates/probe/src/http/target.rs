//! A web address, taken apart once.

use std::sync::Arc;

use http::Uri;
use http::header::HeaderValue;
use rustls::pki_types::ServerName;
use url::Url;

use crate::net::Host;

/// Longest address.
pub(super) const LONGEST_URL: usize = 2_048;

/// Everything needed to ask for an address.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// As shown: international names in ASCII, no fragment.
    pub url: Arc<str>,
    pub https: bool,
    pub host: Host,
    pub port: u16,
    /// The Host header.
    pub authority: HeaderValue,
    /// Path and query, as sent.
    pub path: Uri,
    /// For https.
    pub server_name: Option<ServerName<'static>>,
    pub parsed: Url,
}

impl Target {
    /// Takes an address apart; the error is a stable code.
    pub fn new(mut url: Url) -> Result<Self, &'static str> {
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("scheme_not_allowed"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("credentials_in_url");
        }
        url.set_fragment(None);
        if url.as_str().len() > LONGEST_URL {
            return Err("too_long");
        }
        let host: Host = url.host().ok_or("host_missing")?.to_owned().into();
        let port = url
            .port_or_known_default()
            .filter(|p| *p != 0)
            .ok_or("port_invalid")?;
        let name = url.host_str().ok_or("host_missing")?;
        let authority = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let authority = HeaderValue::from_str(&authority).map_err(|_| "host_invalid")?;
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let path = path.parse().map_err(|_| "path_invalid")?;
        let server_name = if https {
            Some(server_name(&host)?)
        } else {
            None
        };
        Ok(Self {
            url: url.as_str().into(),
            https,
            host,
            port,
            authority,
            path,
            server_name,
            parsed: url,
        })
    }

    /// Where a redirect from here leads. Locations may be relative, and may carry raw bytes of any
    /// character set.
    pub fn join(&self, location: &HeaderValue) -> Result<Self, &'static str> {
        let mut text = String::with_capacity(location.len());
        for byte in location.as_bytes() {
            if byte.is_ascii() {
                text.push(char::from(*byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        Self::new(self.parsed.join(text.trim()).map_err(|_| "invalid")?)
    }

    /// Same scheme, host and port: may be shown the same secrets.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.https == other.https && self.host == other.host && self.port == other.port
    }

    /// The host as text, for cookies.
    pub fn host_name(&self) -> &str {
        self.parsed.host_str().unwrap_or_default()
    }
}

fn server_name(host: &Host) -> Result<ServerName<'static>, &'static str> {
    match host {
        Host::Address(ip) => Ok(ServerName::IpAddress((*ip).into())),
        Host::Name(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            ServerName::try_from(name.to_owned()).map_err(|_| "host_invalid")
        }
    }
}
