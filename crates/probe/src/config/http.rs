use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{IpFamily, Secret, TlsConfig};

/// A check of a web address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// `http://` or `https://`, without user name.
    pub url: String,
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
    #[serde(default = "get")]
    pub method: String,
    /// Request headers. Not those that frame the message.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Request body, at most 64 KiB; not with GET and HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// User and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic_auth: Option<BasicAuth>,
    /// Statuses that are as they should be: `200`, `200-299`, `2xx`.
    #[serde(default = "usual_status")]
    pub expect_status: Vec<String>,
    /// Texts that must all be in the page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Texts of which none may be in the page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_contains: Vec<String>,
    /// What to do with redirects.
    #[serde(default)]
    pub redirect: Redirect,
    /// How much of the body is read, in bytes (1 to 16 MiB).
    #[serde(default = "one_mebibyte")]
    pub body_limit_bytes: u64,
    /// What a longer body means.
    #[serde(default)]
    pub over_limit: BodyLimit,
    /// Address family.
    #[serde(default)]
    pub ip: IpFamily,
    /// Connect here (`address` or `address:port`) instead of where the name leads: to check one of
    /// several servers behind a name. Applies to the first address only, not to redirects elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_to: Option<String>,
    /// Name servers to ask instead of the system's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolver: Vec<String>,
    /// Certificates.
    #[serde(default)]
    pub tls: TlsConfig,
}

impl HttpConfig {
    /// A plain GET with everything else as usual.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: get(),
            headers: BTreeMap::new(),
            body: None,
            basic_auth: None,
            expect_status: usual_status(),
            contains: Vec::new(),
            not_contains: Vec::new(),
            redirect: Redirect::default(),
            body_limit_bytes: one_mebibyte(),
            over_limit: BodyLimit::default(),
            ip: IpFamily::default(),
            connect_to: None,
            resolver: Vec::new(),
            tls: TlsConfig::default(),
        }
    }
}

/// Basic authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// User name, without a colon.
    pub user: String,
    /// Password.
    pub password: Secret,
}

/// What to do with redirects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redirect {
    /// Follow, forbid or judge.
    pub mode: RedirectMode,
    /// How many are followed (1 to 10).
    pub max: u8,
    /// The final address must begin with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub land_on: Option<String>,
}

impl Default for Redirect {
    fn default() -> Self {
        Self {
            mode: RedirectMode::Follow,
            max: 5,
            land_on: None,
        }
    }
}

/// What a redirect means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectMode {
    /// It is followed.
    Follow,
    /// It is a failure.
    Forbid,
    /// It is the answer: its status is judged like any other.
    Judge,
}

/// What a body beyond the limit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyLimit {
    /// The rest is not read; what was read is judged.
    #[default]
    Truncate,
    /// The check fails.
    Fail,
}

fn get() -> String {
    "GET".into()
}

fn usual_status() -> Vec<String> {
    vec!["200-399".into()]
}

fn one_mebibyte() -> u64 {
    1 << 20
}
