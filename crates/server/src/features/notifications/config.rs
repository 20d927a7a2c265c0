//! How a channel is set up: its server, what goes through it, and its secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::error::{Error, Result};
use crate::platform::http::parse;
use crate::platform::i18n::Lang;

/// Passwords, keys and tokens by name.
pub type Secrets = BTreeMap<String, String>;

/// What goes through a channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Only messages of these projects; all when empty.
    pub projects: Vec<Uuid>,
    /// Sorts of message, by how they begin (`ticket.sla`); what the kind of channel usually takes when empty.
    pub kinds: Vec<String>,
    /// Only urgent messages (robots).
    pub urgent_only: bool,
    /// Takes nothing by itself: only stands in for other channels.
    pub standby: bool,
    /// Language of a robot's messages.
    pub language: Lang,
    /// Failed attempts after which the fallback channel takes over.
    pub fallback_after: i32,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            projects: Vec::new(),
            kinds: Vec::new(),
            urgent_only: true,
            standby: false,
            language: Lang::Zh,
            fallback_after: 3,
        }
    }
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Plain first, then upgraded; refused when the server cannot (port 587).
    Starttls,
    /// From the first byte (port 465).
    Tls,
    /// Not at all: within a closed network only (port 25).
    Plain,
}

/// A mail server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// What goes through it.
    #[serde(default)]
    pub rule: Rule,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Protection,
    /// Account; nobody signs in when empty. The secret `password` belongs to it.
    #[serde(default)]
    pub user: String,
    /// The sender, such as `安澜 <ops@example.gov.cn>`.
    pub from: String,
    /// Certificates (PEM) to trust besides the public ones.
    #[serde(default)]
    pub ca_pem: String,
    /// Seconds an attempt may take.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
}

/// What an HTTP channel and a robot share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Road {
    /// Proxy to go through (`http://proxy:3128`).
    pub proxy: String,
    /// Certificates (PEM) to trust besides the public ones.
    pub ca_pem: String,
    /// Seconds an attempt may take; 10 when 0.
    pub timeout_seconds: u64,
}

/// When a gateway's answer means success.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Success {
    /// These statuses; any 2xx when empty.
    pub status: Vec<u16>,
    /// And this text in the body, when not empty.
    pub contains: String,
}

/// A generic SMS gateway. URL, headers and body are templates over `phone`, `phones`, `text`,
/// `title`, `body`, `link`, `key` and `secret.<name>`, with the filters `urlencode` and `tojson`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// What goes through it.
    #[serde(default)]
    pub rule: Rule,
    /// How it is reached.
    #[serde(default)]
    pub road: Road,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// The short text a person gets.
    #[serde(default = "short_text")]
    pub text: String,
    /// Longest text, in characters; the rest is cut off.
    #[serde(default = "max_chars")]
    pub max_chars: usize,
    /// Several numbers in one request.
    #[serde(default)]
    pub joined: bool,
    /// What stands between them in `phones`.
    #[serde(default = "comma")]
    pub separator: String,
    /// Numbers in one request at most.
    #[serde(default = "hundred")]
    pub max_recipients: usize,
    /// When the answer means success.
    #[serde(default)]
    pub success: Success,
    /// Requests a minute at most; 0 for no limit.
    #[serde(default)]
    pub per_minute: usize,
}

/// A robot of a group chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Robot {
    /// What goes through it.
    pub rule: Rule,
    /// How it is reached.
    pub road: Road,
    /// The vendor's address without key; the public one when empty.
    pub url: String,
    /// Phone numbers to call by name, or `@all`.
    pub mention: Vec<String>,
}

/// Vendors of robots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// 企业微信.
    Wecom,
    /// 钉钉.
    Dingtalk,
    /// 飞书.
    Feishu,
}

/// A channel's configuration.
#[derive(Clone, Debug)]
pub enum Config {
    /// Mail.
    Smtp(Smtp),
    /// SMS or anything else behind an HTTP interface.
    Http(Box<Http>),
    /// A group chat's robot.
    Robot(Vendor, Robot),
}

fn ten() -> u64 {
    10
}

fn hundred() -> usize {
    100
}

fn max_chars() -> usize {
    300
}

fn comma() -> String {
    ",".into()
}

fn short_text() -> String {
    "{{ title }}　{{ body }}".into()
}

impl Config {
    /// Reads the configuration of a channel of that kind.
    ///
    /// # Errors
    /// Names the field that does not fit, below `config`.
    pub fn read(kind: &str, json: &str) -> Result<Self> {
        let read = match kind {
            "smtp" => parse(json.as_bytes()).map(Self::Smtp),
            "http" => parse(json.as_bytes()).map(|http| Self::Http(Box::new(http))),
            "wecom" => parse(json.as_bytes()).map(|robot| Self::Robot(Vendor::Wecom, robot)),
            "dingtalk" => parse(json.as_bytes()).map(|robot| Self::Robot(Vendor::Dingtalk, robot)),
            "feishu" => parse(json.as_bytes()).map(|robot| Self::Robot(Vendor::Feishu, robot)),
            _ => return Err(Error::field("kind", "unknown_key")),
        };
        read.map_err(|error| match error {
            Error::Invalid(mut fields) => {
                for field in &mut fields {
                    field.field = match field.field.as_str() {
                        "body" => "config".into(),
                        path => format!("config.{path}"),
                    };
                }
                Error::Invalid(fields)
            }
            other => other,
        })
    }

    /// What goes through it.
    #[must_use]
    pub const fn rule(&self) -> &Rule {
        match self {
            Self::Smtp(smtp) => &smtp.rule,
            Self::Http(http) => &http.rule,
            Self::Robot(_, robot) => &robot.rule,
        }
    }

    /// As it is stored.
    ///
    /// # Errors
    /// Never in practice.
    pub fn json(&self) -> Result<String> {
        match self {
            Self::Smtp(smtp) => serde_json::to_string(smtp),
            Self::Http(http) => serde_json::to_string(http),
            Self::Robot(_, robot) => serde_json::to_string(robot),
        }
        .map_err(Error::internal)
    }

    /// The secrets it may have; those with `true` it must have.
    #[must_use]
    pub fn secrets(&self) -> &'static [(&'static str, bool)] {
        match self {
            Self::Smtp(smtp) if smtp.user.is_empty() => &[("password", false)],
            Self::Smtp(_) => &[("password", true)],
            // A gateway's are named by its templates.
            Self::Http(_) => &[],
            Self::Robot(Vendor::Wecom, _) => &[("key", true)],
            Self::Robot(Vendor::Dingtalk, _) => &[("access_token", true), ("sign", false)],
            Self::Robot(Vendor::Feishu, _) => &[("hook", true), ("sign", false)],
        }
    }

    /// Where the secrets are sent. Who changes it must know them: nobody lures a stored password
    /// to a server of his own.
    #[must_use]
    pub fn destination(&self) -> String {
        match self {
            Self::Smtp(smtp) => format!(
                "{}:{} {:?} {} {}",
                smtp.host, smtp.port, smtp.tls, smtp.user, smtp.ca_pem
            ),
            Self::Http(http) => format!(
                "{} {:?} {} {}",
                http.url,
                http.headers,
                http.body,
                road(&http.road)
            ),
            Self::Robot(_, robot) => format!("{} {}", robot.url, road(&robot.road)),
        }
    }
}

fn road(road: &Road) -> String {
    format!("{} {}", road.proxy, road.ca_pem)
}
