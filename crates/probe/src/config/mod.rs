//! What a monitor checks, as people write it, and its strict reading.
//!
//! [`Config`] is the stored and transmitted form. [`Config::check`] turns it into a
//! [`Check`], which is ready to run, or names every field that is wrong. A `Check` that exists is valid:
//! nothing is parsed again while checking.

mod dns;
mod http;
mod icmp;
mod tcp;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::dns::{DnsConfig, MatchMode, RecordKind};
pub use self::http::{BasicAuth, BodyLimit, HttpConfig, Redirect, RedirectMode};
pub use self::icmp::IcmpConfig;
pub use self::tcp::TcpConfig;
use crate::reason::CertProblem;
use crate::{Check, dns as dns_check, http as http_check, icmp as icmp_check, tcp as tcp_check};

/// Kinds of monitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A web address.
    Http,
    /// A TCP port.
    Tcp,
    /// A host, by echo request.
    Icmp,
    /// A name server's answer.
    Dns,
}

/// The configuration of a monitor.
#[expect(
    clippy::large_enum_variant,
    reason = "held once per monitor; boxing would only move it"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Config {
    /// See [`HttpConfig`].
    Http(HttpConfig),
    /// See [`TcpConfig`].
    Tcp(TcpConfig),
    /// See [`IcmpConfig`].
    Icmp(IcmpConfig),
    /// See [`DnsConfig`].
    Dns(DnsConfig),
}

/// A field that cannot be accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {code}{}", detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default())]
pub struct FieldError {
    /// Path of the field inside the configuration, for instance `redirect.max`.
    pub field: String,
    /// Stable code of the reason: `required`, `too_long`, `out_of_range`, `not_allowed`, `invalid`, …
    pub code: &'static str,
    /// Particulars for people.
    pub detail: Option<String>,
}

impl Config {
    /// Reads the configuration of one kind from JSON. Unknown fields and wrong types are refused.
    pub fn parse(kind: Kind, value: serde_json::Value) -> Result<Self, Vec<FieldError>> {
        match kind {
            Kind::Http => read(value).map(Self::Http),
            Kind::Tcp => read(value).map(Self::Tcp),
            Kind::Icmp => read(value).map(Self::Icmp),
            Kind::Dns => read(value).map(Self::Dns),
        }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Tcp(_) => Kind::Tcp,
            Self::Icmp(_) => Kind::Icmp,
            Self::Dns(_) => Kind::Dns,
        }
    }

    /// What a list shows as the target: an address, `host:port`, a host, or `name type`.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Http(c) => c.url.clone(),
            Self::Tcp(c) => format!("{}:{}", c.host, c.port),
            Self::Icmp(c) => c.host.clone(),
            Self::Dns(c) => format!("{} {}", c.name, c.record.name()),
        }
    }

    /// Makes it ready to run, or says what is wrong with which fields.
    pub fn check(&self) -> Result<Check, Vec<FieldError>> {
        let mut faults = Faults::default();
        let check = match self {
            Self::Http(c) => {
                http_check::Plan::prepare(c, &mut faults).map(|p| Check::Http(Box::new(p)))
            }
            Self::Tcp(c) => {
                tcp_check::Plan::prepare(c, &mut faults).map(|p| Check::Tcp(Box::new(p)))
            }
            Self::Icmp(c) => {
                icmp_check::Plan::prepare(c, &mut faults).map(|p| Check::Icmp(Box::new(p)))
            }
            Self::Dns(c) => {
                dns_check::Plan::prepare(c, &mut faults).map(|p| Check::Dns(Box::new(p)))
            }
        };
        match check {
            Some(check) if faults.0.is_empty() => Ok(check),
            _ => Err(faults.0),
        }
    }
}

fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Vec<FieldError>> {
    if !value.is_object() {
        // serde would take an array for the fields in their order.
        return Err(vec![FieldError {
            field: ".".into(),
            code: "invalid",
            detail: Some("expected a map".into()),
        }]);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.into_inner().to_string();
        let missing = detail
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next());
        let (field, code) = match missing {
            Some(name) if path == "." => (name.to_owned(), "required"),
            Some(name) => (format!("{path}.{name}"), "required"),
            None if detail.starts_with("unknown field") => (path, "unknown_field"),
            None => (path, "invalid"),
        };
        vec![FieldError {
            field,
            code,
            detail: Some(detail),
        }]
    })
}

/// Collects what is wrong.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub fn add(&mut self, field: impl Into<String>, code: &'static str) {
        self.0.push(FieldError {
            field: field.into(),
            code,
            detail: None,
        });
    }

    pub fn explain(
        &mut self,
        field: impl Into<String>,
        code: &'static str,
        detail: impl fmt::Display,
    ) {
        self.0.push(FieldError {
            field: field.into(),
            code,
            detail: Some(detail.to_string()),
        });
    }

    pub fn need(&mut self, ok: bool, field: &str, code: &'static str) {
        if !ok {
            self.add(field, code);
        }
    }

    /// The value, or a note of what is wrong with it.
    pub fn take<T, E: fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|e| self.explain(field, "invalid", e)).ok()
    }
}

/// Which address family to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IpFamily {
    /// IPv4, and IPv6 if there is no IPv4 address.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl IpFamily {
    /// Whether an address may be used.
    #[must_use]
    pub fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

/// How certificates are judged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Problems that are noted but do not make the check fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerate: Vec<CertProblem>,
    /// A certificate authority of the customer's own, as PEM, trusted beside the well-known ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// Name to ask for (SNI) and to expect in the certificate; left out: the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
}

/// A text that must not appear in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A host name or address as people write it, made canonical: international names in ASCII, IPv6 without
/// brackets.
pub(crate) fn host(text: &str) -> Result<url::Host<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("empty".into());
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(match ip {
            IpAddr::V4(v4) => url::Host::Ipv4(v4),
            IpAddr::V6(v6) => url::Host::Ipv6(v6),
        });
    }
    let host = url::Host::parse(text).map_err(|e| e.to_string())?;
    if let url::Host::Domain(name) = &host
        && (name.len() > 253 || name.split('.').any(|label| label.len() > 63))
    {
        return Err("longer than a host name can be".into());
    }
    Ok(host)
}

/// A name server: an address with or without a port.
pub(crate) fn name_server(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let with_default_port = || {
        text.parse::<IpAddr>()
            .ok()
            .map(|ip| SocketAddr::new(ip, 53))
    };
    text.parse::<SocketAddr>()
        .ok()
        .or_else(with_default_port)
        .filter(|a| a.port() != 0)
}

/// The prescribed name servers of a check, at most four.
pub(crate) fn name_servers(list: &[String], faults: &mut Faults) -> Vec<SocketAddr> {
    faults.need(list.len() <= 4, "resolver", "too_many");
    let mut servers = Vec::with_capacity(list.len());
    for (i, text) in list.iter().enumerate() {
        match name_server(text) {
            Some(server) => servers.push(server),
            None => faults.add(format!("resolver[{i}]"), "not_an_address"),
        }
    }
    servers
}
